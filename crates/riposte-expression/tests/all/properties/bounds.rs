//! However small the bounds are, what comes out is within them, and it does not take long.

use super::generate::{at_least, expression, open};
use crate::shared::parse;
use proptest::prelude::*;
use riposte_expression::{Limits, MapContext, Template};
use riposte_value::{Object, Value};
use std::time::{Duration, Instant};

/// Bounds that nearly everything reaches; `range` is bounded as what other functions make is.
fn small() -> Limits {
    Limits { text_bytes_max: 200, items_max: 10, depth_max: 6, ..Limits::default() }
}
/// Far more than any evaluation within bounds takes, on any machine.
const LONG: Duration = Duration::from_secs(30);

/// A context with more parameters. What is constant is computed while compiling, within bounds of its own; so literals are
/// handed in.
fn context(parameters: &Object) -> MapContext {
    let mut context = parse(
        r#"{
            "parameters": { "a": "aaaaaaaaaaaaaaaaaaaa", "x": [[[1]], "bbbbbbbbbb"] },
            "variables": { "x": [1, 2, 3, 4, 5], "a": { "a": { "a": 1 } }, "_": "é😀" },
            "actions": { "A": { "name": "A", "outputs": { "body": "<a><b/><b/></a>" } } },
            "item": [[[[1]]]], "utcNow": "2026-01-15T10:30:00Z"
        }"#,
    );
    let given = context.as_object_mut().unwrap().get_mut("parameters").unwrap().as_object_mut().unwrap();
    for (name, value) in parameters.iter() {
        given.insert(name.clone(), value.clone());
    }
    MapContext::new(context)
}

/// Whether the value is within the bounds; what was given may be longer, and handed on as it is.
fn within(value: &Value, limits: &Limits, given: usize) -> bool {
    let nodes = &mut (limits.text_bytes_max + given);
    measure(value, limits.depth_max, nodes)
}

fn measure(value: &Value, levels: usize, left: &mut usize) -> bool {
    let cost = match value {
        Value::String(text) => text.len(),
        _ => 1,
    };
    let Some(rest) = left.checked_sub(cost) else { return false };
    *left = rest;
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| measure(item, levels - 1, left)),
        Value::Object(object) => levels > 0 && object.values().all(|item| measure(item, levels - 1, left)),
        _ => true,
    }
}

proptest! {
    #![proptest_config(at_least(2_000))]

    #[test]
    fn results_are_within_the_bounds(expression in expression()) {
        let mut parameters = Object::new();
        let printed = open(&expression, &mut parameters).to_string();
        let given = Value::from(parameters.clone()).weight();
        let template = Template::compile_expression(&printed).unwrap();
        let start = Instant::now();
        let outcome = template.evaluate_within(&context(&parameters), small());
        prop_assert!(start.elapsed() < LONG, "{}", printed);
        if let Ok(value) = outcome {
            prop_assert!(within(&value, &small(), given), "{} gives {}", printed, value);
        }
    }

    #[test]
    fn nesting_and_repeating_stay_within_the_bounds(
        seed in prop::sample::select(vec![
            "parameters('a')", "parameters('x')", "variables('x')", "variables('a')", "body('A')", "variables('_')",
        ]),
        wraps in prop::collection::vec(prop::sample::select(WRAPS), 1..30),
    ) {
        let printed = wraps.iter().fold(seed.to_owned(), |inner, wrap| {
            // Doubling the text of the expression itself would bound it first.
            if inner.len() > 4_000 { inner } else { wrap.replace('X', &inner) }
        });
        let Ok(template) = Template::compile_expression(&printed) else { return Ok(()) };
        let start = Instant::now();
        let outcome = template.evaluate_within(&context(&Object::new()), small());
        prop_assert!(start.elapsed() < LONG, "{}", printed);
        if let Ok(value) = outcome {
            prop_assert!(within(&value, &small(), 0), "{} gives {}", printed, value);
        }
    }
}

/// Calls that make more of what they are given.
const WRAPS: &[&str] = &[
    "concat(X, X)",
    "createArray(X, X)",
    "array(X)",
    "union(X, X)",
    "string(X)",
    "base64(X)",
    "uriComponent(X)",
    "replace(X, 'b', 'bbbb')",
    "replace(X, '', 'b')",
    "join(X, 'bbbbbbbb')",
    "split(X, 'b')",
    "chunk(X, 1)",
    "addProperty(json('{}'), 'bbbb', X)",
    "setProperty(json('{}'), 'b', createArray(X))",
    "json(concat('[', string(X), ',', string(X), ']'))",
    "xml(json(concat('{\"a\":{\"b\":', string(X), '}}')))",
    "xml(X)",
    "json(xml(X))",
    "xpath(xml(X), '//*')",
    "reverse(X)",
    "encodeXmlValue(X)",
    "encodeXmlName(X)",
    "dataUri(X)",
    "binary(X)",
    "decodeBase64(X)",
    "formatNumber(1, X)",
    "formatDateTime('2020-01-01', X)",
    "formatNumber(length(X), 'N99')",
    "range(0, length(X))",
    "coalesce(null, X)",
    "if(true, X, X)",
    "toUpper(X)",
];

/// Inputs that make naive implementations slow or large, with the bounds that are the default.
#[test]
fn hostile_inputs_end_soon() {
    let long = "a".repeat(1_000_000);
    let deep =
        |open: &str, close: &str, times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
    let elements = format!("<r>{}</r>", "<a><b/></a>".repeat(5_000));
    let nested = deep("<a>", "</a>", 120);
    let many = "//*".repeat(12);
    let predicates = (0..8).fold("1".to_owned(), |inner, _| format!("count(//*[{inner}])"));
    let context = Value::object([(
        "parameters",
        Value::object([
            ("long", Value::from(long)),
            ("json", Value::from(deep("[", "]", 100_000))),
            ("objects", Value::from(deep("{\"a\":", "}", 100_000))),
            ("deepXml", Value::from(deep("<a>", "</a>", 100_000))),
            ("elements", Value::from(elements)),
            ("nested", Value::from(nested)),
            ("many", Value::from(many)),
            ("predicates", Value::from(predicates)),
            ("entities", Value::text(BOMB)),
        ]),
    )]);
    let context = MapContext::new(context);
    for expression in HOSTILE {
        let template = Template::compile_expression(expression).unwrap();
        let start = Instant::now();
        let outcome = template.evaluate(&context);
        let elapsed = start.elapsed();
        println!("{elapsed:?} {expression}: {}", if outcome.is_ok() { "a value" } else { "an error" });
        assert!(elapsed < LONG, "{expression} took {elapsed:?}");
    }
}

const BOMB: &str = r#"<!DOCTYPE a [<!ENTITY x "xxxxxxxxxx"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;&y;&y;&y;">]><a>&z;&z;&z;</a>"#;

const HOSTILE: &[&str] = &[
    "json(parameters('json'))",
    "json(parameters('objects'))",
    "xml(parameters('deepXml'))",
    "xml(parameters('entities'))",
    "xpath(xml(parameters('elements')), '//a//b/ancestor::*//following::*[1]')",
    "xpath(xml(parameters('elements')), '//*[count(//*) > 1]')",
    "xpath(xml(parameters('elements')), 'count(//*[count(preceding::*) = count(following::*)])')",
    "xpath(xml(parameters('nested')), parameters('many'))",
    "xpath(xml(parameters('nested')), parameters('predicates'))",
    "xpath(xml('<a/>'), parameters('long'))",
    "xpath(xml('<a/>'), concat(replace(substring(parameters('long'), 0, 10000), 'a', '('), '1'))",
    "xpath(xml('<a/>'), concat(replace(substring(parameters('long'), 0, 10000), 'a', '-'), '1'))",
    "xpath(xml('<a/>'), concat(replace(substring(parameters('long'), 0, 10000), 'a', 'a['), '1'))",
    "xpath(xml('<a/>'), concat('1', replace(substring(parameters('long'), 0, 100000), 'a', '+1')))",
    "replace(parameters('long'), 'a', parameters('long'))",
    "replace(replace(replace(parameters('long'), 'a', 'aaaa'), 'a', 'aaaa'), 'a', 'aaaaaaaaaa')",
    "join(split(parameters('long'), 'a'), parameters('long'))",
    "length(split(parameters('long'), 'a'))",
    "length(chunk(parameters('long'), 1))",
    "indexOf(parameters('long'), concat(substring(parameters('long'), 0, 500000), 'b'))",
    "lastIndexOf(parameters('long'), concat('b', substring(parameters('long'), 0, 500000)))",
    "nthIndexOf(parameters('long'), 'a', 900000)",
    "nthIndexOf(parameters('long'), 'a', -900000)",
    "contains(parameters('long'), concat(substring(parameters('long'), 0, 500000), 'b'))",
    "length(union(range(0, 100000), range(50000, 100000)))",
    "length(intersection(range(0, 100000), range(50000, 100000), range(1, 100000)))",
    "length(sort(reverse(range(0, 100000))))",
    "union(json(concat('[', join(range(0, 100000), ','), ']')), json('[1.0]'))",
    "range(0, 100001)",
    "range(9223372036854775807, 2)",
    "formatNumber(1, 'N999999999')",
    "formatNumber(1e300, 'F99')",
    "formatNumber(1.5, parameters('long'))",
    "formatDateTime('2020-01-01', parameters('long'))",
    "formatTimeSpan('1.02:03:04', parameters('long'))",
    "parseDateTime('2020-01-01', 'en-US', parameters('long'))",
    "parseDateTime(parameters('long'))",
    "int(parameters('long'))",
    "float(concat('1', replace(parameters('long'), 'a', '0')))",
    "decimal(concat('0.', replace(parameters('long'), 'a', '0'), '1'))",
    "json(concat('1', replace(parameters('long'), 'a', '0')))",
    "uriComponent(uriComponent(uriComponent(replace(parameters('long'), 'a', '%'))))",
    "uriPath(concat('http://h/', replace(parameters('long'), 'a', '../')))",
    "uriHost(concat('http://', parameters('long')))",
    "base64ToString(parameters('long'))",
    "dataUriToString(concat('data:', parameters('long'), ',x'))",
    "encodeXmlName(replace(parameters('long'), 'a', '_x'))",
    "decodeXmlName(replace(parameters('long'), 'a', '_x0041_'))",
    "addDays('2020-01-01', 9223372036854775807)",
    "addToTime('2020-01-01', 9223372036854775807, 'Week')",
    "convertTimeZone('2020-01-01', 'UTC', parameters('long'))",
    "rand(-9223372036854775808, 9223372036854775807)",
];
