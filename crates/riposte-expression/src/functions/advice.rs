//! What to do about an argument of the wrong kind.

use riposte_value::Value;

/// A kind that a parameter may want, the word for it in messages, and what makes it of other kinds.
struct Wanted {
    word: &'static str,
    /// Empty where there is nothing to advise.
    advise: fn(&Value) -> &'static str,
}

/// The kinds, the most particular first: what takes an array or a string is helped by advice about arrays.
const WANTED: &[Wanted] = &[
    Wanted { word: "boolean", advise: boolean },
    Wanted { word: "a string or an XML", advise: json_text },
    Wanted { word: "XML", advise: xml },
    Wanted { word: "array", advise: array },
    Wanted { word: "object", advise: object },
    Wanted { word: "float", advise: float },
    Wanted { word: "integer", advise: integer },
    Wanted { word: "string", advise: string },
];

/// How to make of a value what was wanted; `wanted` is the part of the message that says so.
pub(super) fn about(value: &Value, wanted: &str) -> Option<&'static str> {
    let kind = WANTED.iter().find(|kind| wanted.contains(kind.word))?;
    Some((kind.advise)(value)).filter(|advice| !advice.is_empty())
}

fn boolean(value: &Value) -> &'static str {
    match value {
        Value::String(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
            "convert it with `bool(…)`"
        }
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => {
            "convert it with `bool(…)`, or compare it with `equals(…, …)`"
        }
        Value::Null => "give it a value with `coalesce(…, false)`",
        _ => "compare it with `equals(…, …)` or ask `empty(…)`",
    }
}

fn xml(value: &Value) -> &'static str {
    if matches!(value, Value::String(_) | Value::Object(_)) { "convert it with `xml(…)`" } else { "" }
}

fn json_text(value: &Value) -> &'static str {
    match value {
        Value::Null => string(value),
        _ => "it is a value already and needs no `json(…)`",
    }
}

fn array(value: &Value) -> &'static str {
    match value {
        Value::Null => "give it a value with `coalesce(…, json('[]'))`",
        Value::String(text) if text.trim_start().starts_with('[') => "parse it with `json(…)`",
        Value::String(_) => "take it apart with `split(…, ',')`, or make it an array with `array(…)`",
        Value::Object(_) => "select the property that holds the array, such as `?['value']`",
        _ => "make it an array with `createArray(…)`",
    }
}

fn object(value: &Value) -> &'static str {
    match value {
        Value::Null => "give it a value with `coalesce(…, json('{}'))`",
        Value::String(text) if text.trim_start().starts_with('{') => "parse it with `json(…)`",
        Value::Array(_) => "select one item, such as `first(…)` or `[0]`",
        _ => "",
    }
}

fn integer(value: &Value) -> &'static str {
    match value {
        Value::Null => "give it a value with `coalesce(…, 0)`",
        Value::Bool(_) => "convert it with `int(…)`",
        Value::String(text) if text.trim().parse::<i64>().is_ok() => "convert it with `int(…)`",
        Value::String(text) if text.trim().parse::<f64>().is_ok() => "convert it with `float(…)`",
        Value::Array(_) => "did you mean its `length(…)`?",
        _ => "",
    }
}

fn float(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "convert it with `float(…)`, or `int(…)` if it is whole",
        other => integer(other),
    }
}

fn string(value: &Value) -> &'static str {
    match value {
        Value::Null => "give it a value with `coalesce(…, '')`",
        Value::Array(_) => "make it a text with `join(…, ',')` or `string(…)`",
        _ => "convert it with `string(…)`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn advice_names_the_function_that_helps() {
        for (value, wanted, word) in [
            (value!("5"), "to be an integer", "int("),
            (value!("1.5"), "to be an integer", "float("),
            (value!("x"), "to be an integer, a float or a decimal number", "float("),
            (value!(5), "to be of type string", "string("),
            (value!(null), "to be of type string", "coalesce(…, '')"),
            (value!([1]), "to be a string", "join("),
            (value!("true"), "to be a boolean", "bool("),
            (value!([]), "to be a boolean", "empty("),
            (value!("[1]"), "to be an array", "json("),
            (value!("a,b"), "to be an array or a string", "split("),
            (value!({ "value": [] }), "be an array or a string", "?['value']"),
            (value!("{}"), "to be of type object", "json("),
            (value!("<a/>"), "to be an XML object", "xml("),
            (value!({}), "to be a string or an XML", "already"),
        ] {
            let advice = about(&value, wanted).unwrap_or_default();
            assert!(advice.contains(word), "{value} {wanted}: {advice}");
        }
        assert_eq!(about(&value!("x"), "to be a time zone"), None);
    }
}
