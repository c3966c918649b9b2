//! What is written can be read again.

use super::generate::{any_value, at_least, decimal, text};
use crate::shared::same;
use proptest::prelude::*;
use riposte_expression::time::{DateTime, Kind};
use riposte_expression::{MapContext, Template, Ticks};
use riposte_value::{Text, Value, json};

/// The value of an expression in which `parameters('a')` and `parameters('b')` have these values.
fn with(expression: &str, a: Value, b: Value) -> Value {
    let context = Value::object([("parameters", Value::object([("a", a), ("b", b)]))]);
    let template = Template::compile_expression(expression).unwrap();
    template
        .evaluate(&MapContext::new(context))
        .unwrap_or_else(|error| panic!("{expression}: {}", error.message))
}

fn of(expression: &str, a: impl Into<Value>) -> Value {
    with(expression, a.into(), Value::Null)
}

/// Any time between the years 1 and 9999.
fn ticks() -> impl Strategy<Value = i64> {
    0..=Ticks::MAX.0
}

fn time(ticks: i64) -> DateTime {
    DateTime::new(ticks, Kind::Utc).unwrap()
}

/// A text of characters that XML can hold.
fn xml_text() -> impl Strategy<Value = String> {
    "[ -~äé中😀]{0,12}"
}

proptest! {
    #![proptest_config(at_least(2_000))]

    #[test]
    fn integers(number in any::<i64>(), small in -(1_i64 << 53)..=1 << 53) {
        // The service reads text through a double (wdl.md), so beyond 2^53 `int` gives the nearest one.
        prop_assert_eq!(of("int(string(parameters('a')))", small), Value::Int(small));
        prop_assert_eq!(of("json(string(parameters('a')))", number), Value::Int(number));
    }

    #[test]
    fn floats(number in any::<f64>().prop_filter("finite", |f| f.is_finite())) {
        let back = of("float(string(parameters('a')))", number);
        prop_assert!(same(&Value::Float(number), &back, false), "{number:?} became {back:?}");
        let text = json::to_string(&Value::Float(number));
        prop_assert!(same(&Value::Float(number), &json::parse(&text).unwrap(), false), "{text}");
    }

    #[test]
    fn decimals(number in decimal()) {
        let back = of("decimal(string(parameters('a')))", Value::Decimal(number));
        prop_assert_eq!(back, Value::Decimal(number));
    }

    #[test]
    fn json_values(value in any_value()) {
        // Reading takes the zeros at the end of a decimal away, and nothing else.
        let text = json::to_string(&json::parse(&json::to_string(&value)).unwrap());
        let read = json::parse(&text).unwrap();
        prop_assert_eq!(&json::to_string(&read), &text);
        // Binary content is what it holds when it becomes text.
        if matches!(read, Value::Array(_) | Value::Object(_)) && !text.contains("$content") {
            let back = of("string(json(string(parameters('a'))))", read.clone());
            prop_assert_eq!(back, of("string(parameters('a'))", read));
        }
    }

    #[test]
    fn times(ticks in ticks()) {
        let text = time(ticks).round_trip();
        let text = text.as_str();
        prop_assert_eq!(of("ticks(parameters('a'))", text), Value::Int(ticks));
        prop_assert_eq!(of("formatDateTime(parameters('a'), 'o')", text), Value::text(text));
        prop_assert_eq!(of("parseDateTime(parameters('a'))", text), Value::text(text));
        let spelt = of("formatDateTime(parameters('a'), 'yyyy-MM-dd HH:mm:ss.fffffffK')", text);
        prop_assert_eq!(of("ticks(parameters('a'))", spelt), Value::Int(ticks));
    }

    #[test]
    fn timestamps_survive_writing_and_reading(ticks in ticks(), format in 0..3_usize) {
        let text = match format {
            0 => time(ticks).round_trip(),
            1 => Ticks(ticks).to_string(),
            _ => time(ticks).round_trip().replace('T', " "),
        };
        prop_assert_eq!(DateTime::parse(&text), Ok(time(ticks)));
    }

    #[test]
    fn times_in_a_format_of_their_own(
        ticks in ticks(),
        (format, unit) in prop::sample::select(vec![
            ("yyyyMMddHHmmss", 10_000_000),
            ("dd/MM/yyyy HH:mm:ss.fff", 10_000),
            ("yyyy-MM-ddTHH:mm:ss.fffffff", 1),
            ("MMMM d, yyyy h:mm:ss tt", 10_000_000),
            ("dddd, dd MMM yyyy HH:mm", 600_000_000),
            ("s", 10_000_000),
            ("R", 10_000_000),
            ("u", 10_000_000),
        ]),
    ) {
        let whole = ticks / unit * unit;
        let back = with(
            "ticks(parseDateTime(formatDateTime(parameters('a'), parameters('b')), 'en-US', parameters('b')))",
            Value::from(time(ticks).round_trip()),
            Value::text(format),
        );
        prop_assert_eq!(back, Value::Int(whole), "{}", format);
    }

    #[test]
    fn times_there_and_back(
        ticks in 1_000_000_000_000_000_000..2_000_000_000_000_000_000_i64,
        count in 0_i64..1_000,
        unit in prop::sample::select(vec!["Second", "Minute", "Hour", "Day", "Week"]),
    ) {
        let text = time(ticks).round_trip();
        let expression =
            format!("subtractFromTime(addToTime(parameters('a'), parameters('b'), '{unit}'), parameters('b'), '{unit}')");
        prop_assert_eq!(with(&expression, Value::text(&text), Value::Int(count)), Value::text(&text));
    }

    #[test]
    fn encoded_texts(text in text()) {
        for expression in [
            "base64ToString(base64(parameters('a')))",
            "uriComponentToString(uriComponent(parameters('a')))",
            "dataUriToString(dataUri(parameters('a')))",
            "string(binary(parameters('a')))",
            "string(base64ToBinary(base64(parameters('a'))))",
            "string(uriComponentToBinary(uriComponent(parameters('a'))))",
            "json(string(createArray(parameters('a'))))[0]",
            "string(parameters('a'))",
            "concat('', parameters('a'))",
        ] {
            prop_assert_eq!(of(expression, Value::String(text.clone())), Value::String(text.clone()), "{}", expression);
        }
    }

    #[test]
    fn texts_in_xml(text in xml_text()) {
        for expression in [
            "decodeXmlValue(encodeXmlValue(parameters('a')))",
            "decodeXmlName(encodeXmlName(parameters('a')))",
        ] {
            prop_assert_eq!(of(expression, text.as_str()), Value::text(&text), "{}", expression);
        }
        // White space alone between tags is dropped, so there is something else too.
        let read = "xpath(xml(concat('<r>x', encodeXmlValue(parameters('a')), '</r>')), 'string(/r)')";
        prop_assert_eq!(of(read, text.as_str()), Value::from(format!("x{text}")));
    }

    #[test]
    fn texts_taken_apart(text in "[a-c ,]{0,20}", delimiter in "[a-c,]{1,2}") {
        let (text, delimiter) = (Value::from(text), Value::from(delimiter));
        let joined = with(
            "join(split(parameters('a'), parameters('b')), parameters('b'))",
            text.clone(),
            delimiter,
        );
        prop_assert_eq!(&joined, &text);
        let length = with("length(parameters('a'))", text.clone(), Value::Null).as_i64().unwrap();
        // Nothing begins at the very end.
        for at in 0..length {
            let parts = "concat(substring(parameters('a'), 0, parameters('b')), substring(parameters('a'), parameters('b')))";
            prop_assert_eq!(&with(parts, text.clone(), Value::Int(at)), &text);
        }
    }

    #[test]
    fn literals(text in text()) {
        let literal = format!("'{}'", text.replace('\'', "''"));
        prop_assert_eq!(of(&literal, Value::Null), Value::String(text.clone()));
        let path = format!("json(string(parameters('a')))?[{literal}]");
        let object = Value::object([(text.as_str(), Value::Int(1))]);
        prop_assert_eq!(of(&path, object), Value::Int(1));
    }

    #[test]
    fn texts_without_an_at_sign_are_themselves(text in "[^@]{0,20}") {
        let evaluate = |text: &str| {
            Template::compile(&Value::text(text)).unwrap().evaluate(&MapContext::default()).unwrap()
        };
        prop_assert_eq!(evaluate(&text), Value::text(&text));
        prop_assert_eq!(evaluate(&format!("@@{text}")), Value::from(Text::from(format!("@{text}"))));
    }
}
