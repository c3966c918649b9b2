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
        // Read by Json.NET itself: nothing between commas, octal and hexadecimal numbers, other white space.
        ("[1,,2,,]", value!([1, null, 2, null])),
        ("[010, 0x1F, 0xFFFFFFFFFFFFFFFF, -017, 0, 0.5, 0e0]", value!([8, 31, -1, -17, 0, 0.5, 0.0])),
        ("\u{b}[1\u{2028},\u{85}2]\u{c}", value!([1, 2])),
        ("{\"a\"\u{a0}:1}", value!({"a": 1})),
        ("-Infinity", Value::Float(f64::NEG_INFINITY)),
    ] {
        assert_eq!(json::parse_lenient(text).unwrap(), expected, "{text}");
    }
}

#[test]
fn lenient_reader_refuses_what_json_net_refuses() {
    for text in [
        "+1",
        "08",
        "00.5",
        "0x",
        "0xg",
        "0x10000000000000000",
        "-0x1F",
        "{a-b:1}",
        "{'a'/*c*/:1}",
        "-Inf",
        "{,}",
    ] {
        assert!(json::parse_lenient(text).is_err(), "{text}");
    }
}

/// U+0085, U+2028 and U+2029 end lines in JavaScript; checked against Json.NET over all characters.
#[test]
fn line_ends_are_escaped_and_nothing_else_beyond_ascii() {
    let text = "\u{1}\u{1f}\u{7f}\u{80}\u{84}\u{85}\u{86}\u{2027}\u{2028}\u{2029}\u{202a}é😀";
    let written = "\"\\u0001\\u001f\u{7f}\u{80}\u{84}\\u0085\u{86}\u{2027}\\u2028\\u2029\u{202a}é😀\"";
    assert_eq!(json::to_string(&Value::from(text)), written);
    assert_eq!(json::parse(written).unwrap(), Value::from(text));
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
