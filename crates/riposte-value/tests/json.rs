//! JSON text in and out: tables of cases, and properties over generated values.

use proptest::prelude::*;
use riposte_value::{Object, Value, json, value};

#[test]
fn strict_reader_refuses() {
    for (text, line, column) in [
        ("", 1, 1),
        ("{", 1, 2),
        ("[1,]", 1, 4),
        ("{'a':1}", 1, 2),
        ("01", 1, 1),
        ("1.", 1, 1),
        ("+1", 1, 1),
        ("[1]\n x", 2, 2),
        ("\"a\nb\"", 1, 3),
        ("nul", 1, 1),
        (r#""\x""#, 1, 3),
        (r#""\u12g4""#, 1, 4),
    ] {
        let error = json::parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (line, column), "{text}: {error}");
    }
}

#[test]
fn lenient_reader_accepts_what_json_net_accepts() {
    for (text, expected) in [
        ("\u{feff}{'a':'it\\'s'}", value!({"a": "it's"})),
        ("{a:1,}// end", value!({"a": 1})),
        ("/* x */[1,/*y*/2,]", value!([1, 2])),
        ("'a\nb'", value!("a\nb")),
    ] {
        assert_eq!(json::parse_lenient(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn repeated_names_keep_the_last_value_in_the_last_place() {
    let read = json::parse(r#"{"a":1,"b":2,"a":3,"A":4}"#).unwrap();
    assert_eq!(json::to_string(&read), r#"{"b":2,"a":3,"A":4}"#);
}

#[test]
fn numbers_keep_their_kind() {
    for text in ["1", "-9223372036854775808", "1.5", "5.0", "18446744073709551615", "123456789012345678901"] {
        assert_eq!(json::to_string(&json::parse(text).unwrap()), text);
    }
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(100_000);
    assert!(json::parse(&deep).unwrap_err().too_deep);
    assert!(json::parse(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
}

#[test]
fn surrogate_pairs_are_joined_and_lone_ones_replaced() {
    assert_eq!(json::parse(r#""\ud83d\ude00 \ud83d""#).unwrap(), Value::from("😀 \u{fffd}"));
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Value::Float),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..6)
                .prop_map(|p| Value::from(p.into_iter().map(|(k, v)| (k.into(), v)).collect::<Object>())),
        ]
    })
}

proptest! {
    #[test]
    fn text_reads_back_the_same(value in values()) {
        prop_assert_eq!(json::parse(&json::to_string(&value)).unwrap(), value.clone());
        prop_assert_eq!(json::parse(&json::to_string_pretty(&value)).unwrap(), value);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".*") {
        let _ = json::parse(&text);
        let _ = json::parse_lenient(&text);
    }

    #[test]
    fn serde_and_the_own_reader_agree(value in values()) {
        let text = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json::parse(&text).unwrap());
    }
}
