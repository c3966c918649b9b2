//! What to do about an argument of the wrong kind.

use crate::number::{self, Separators};
use crate::shown::shown;
use riposte_value::Value;

/// A kind that a parameter may want, the word for it in messages, and what makes it of other kinds.
struct Wanted {
    word: &'static str,
    advise: fn(&Value) -> Option<&'static str>,
}

/// The kinds, the most particular first: what takes an array or a string is helped by advice about arrays.
const WANTED: &[Wanted] = &[
    Wanted { word: "boolean", advise: boolean },
    Wanted { word: "XML", advise: xml },
    Wanted { word: "array", advise: array },
    Wanted { word: "object", advise: object },
    Wanted { word: "integer", advise: integer },
    Wanted { word: "float", advise: float },
    Wanted { word: "string", advise: string },
];

/// The value that was given, and how to make of it what was wanted; `wanted` is the part of the message that says so.
pub(super) fn about(value: &Value, wanted: &str) -> String {
    let advice = WANTED.iter().find(|kind| wanted.contains(kind.word)).and_then(|kind| (kind.advise)(value));
    match advice {
        Some(advice) => format!("the value is `{}`; {advice}", shown(value)),
        None => format!("the value is `{}`", shown(value)),
    }
}

fn boolean(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::String(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
            "convert it with `bool(…)`"
        }
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => {
            "convert it with `bool(…)`, or compare it with `equals(…, …)`"
        }
        Value::Null => "give it a value with `coalesce(…, false)`",
        _ => "compare it with `equals(…, …)` or ask `empty(…)`",
    })
}

fn xml(value: &Value) -> Option<&'static str> {
    matches!(value, Value::String(_) | Value::Object(_)).then_some("convert it with `xml(…)`")
}

fn array(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("give it a value with `coalesce(…, json('[]'))`"),
        Value::String(text) if text.trim_start().starts_with('[') => Some("parse it with `json(…)`"),
        Value::String(_) => Some("take it apart with `split(…, ',')`, or make it an array with `array(…)`"),
        Value::Object(_) => Some("select the property that holds the array, such as `?['value']`"),
        _ => Some("make it an array with `createArray(…)`"),
    }
}

fn object(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("give it a value with `coalesce(…, json('{}'))`"),
        Value::String(text) if text.trim_start().starts_with('{') => Some("parse it with `json(…)`"),
        Value::Array(_) => Some("select one item, such as `first(…)` or `[0]`"),
        _ => None,
    }
}

fn integer(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("give it a value with `coalesce(…, 0)`"),
        Value::Bool(_) => Some("convert it with `int(…)`"),
        Value::String(text) => match number::parse_float(text, Separators::INVARIANT) {
            Some(f) if number::float_to_int(f).is_some() => Some("convert it with `int(…)`"),
            Some(_) => Some("convert it with `float(…)`"),
            None => None,
        },
        Value::Array(_) => Some("did you mean its `length(…)`?"),
        _ => None,
    }
}

fn float(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(_) => Some("convert it with `float(…)`"),
        other => integer(other),
    }
}

fn string(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("give it a value with `coalesce(…, '')`"),
        Value::Array(_) => Some("make it a text with `join(…, ',')` or `string(…)`"),
        _ => Some("convert it with `string(…)`"),
    }
}
