//! Functions that read text by rules of their own, with any text.

use super::generate::{at_least, fixed_context, limits};
use proptest::prelude::*;
use riposte_expression::Template;

/// A call of a function that reads text by rules of its own, with any text.
fn reading_call() -> impl Strategy<Value = String> {
    let shapes = vec![
        "formatDateTime('2018-03-15T13:27:36.5Z', 'A', 'B')",
        "formatDateTime('A')",
        "parseDateTime('A', 'B')",
        "parseDateTime('A', 'B', 'A')",
        "parseDateTime('2018-03-15', 'en-US', 'A')",
        "addDays('A', 1)",
        "dateDifference('A', '2018-03-15')",
        "convertFromUtc('2018-03-15T13:27:36Z', 'A')",
        "formatTimeSpan('A', 'A')",
        "formatTimeSpan('-1.02:03:04.5', 'A')",
        "formatNumber(-1234567.891, 'A', 'B')",
        "formatNumber(12, 'A')",
        "formatNumber(decimal('-0.005'), 'A')",
        "formatNumber(1e300, 'A')",
        "float('A', 'B')",
        "int('A')",
        "decimal('A')",
        "json('A')",
        "xml('A')",
        "json(xml('A'))",
        "xml(json('A'))",
        "xpath(xml('<a x=\"1\"><b>2</b>t<c/></a>'), 'A')",
        "uriPathAndQuery('A')",
        "uriHost('https://A')",
        "uriQuery('https://h/A')",
        "decodeUriComponent('A')",
        "encodeXmlName('A')",
        "decodeXmlName('A')",
        "dataUriToBinary('A')",
        "dataUriToString('data:A')",
        "base64ToString('A')",
        "chunk('A', 3)",
        "slice('A', -3, 2)",
        "substring('A', 1, 2)",
        "nthIndexOf('A', 'a', -2)",
    ];
    let piece = prop_oneof![
        "[yMdHhmsfFtKzgoGrRuUDTY%:/'. -]{0,12}",
        "[0#.,%‰;eE+'\"A-C-]{0,14}",
        "[0-9TZ:. /,+-]{0,28}",
        "(January|Mar|5|2018|Monday|AM|13:07|,| |/|Z){0,6}",
        "[/*@.a-c()\\[\\]|=<>+ -]{0,16}",
        "(<a>|</a>|<b x='1'/>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|&lt;|t|<\\?xml version=\"1.0\"\\?>|\\{|\\}|\"@x\":|1|,){0,8}",
        "\\PC{0,12}",
    ];
    let locale = prop::sample::select(vec!["en-US", "de-DE", "ja-JP", "fr-FR", "da-DK", "tr-TR", "xx"]);
    (prop::sample::select(shapes), piece, locale).prop_map(|(shape, piece, locale)| {
        shape.replace('B', locale).replace('A', &piece.replace('\'', "''"))
    })
}

proptest! {
    #![proptest_config(at_least(20_000))]

    #[test]
    fn functions_that_read_text_never_panic(call in reading_call()) {
        if let Ok(template) = Template::compile_expression(&call) {
            let _ = template.evaluate_within(&fixed_context(), limits());
        }
    }
}
