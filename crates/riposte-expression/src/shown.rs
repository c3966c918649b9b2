//! A value in a few words, for hints beside an error.

use riposte_value::{Value, number};

/// How many characters are shown of a value.
const CHARACTERS_MAX: usize = 60;

/// A value as JSON, cut off where it becomes long. Takes no longer for a large value than for a small one.
pub(crate) fn shown(value: &Value) -> String {
    let mut out = String::new();
    let whole = write(value, &mut out);
    if whole && out.chars().count() <= CHARACTERS_MAX {
        return out;
    }
    let mut short: String = out.chars().take(CHARACTERS_MAX).collect();
    short.push('…');
    short
}

/// Names one after the other, the first of them where there are many.
pub(crate) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    const NAMES_MAX: usize = 100;
    let mut names = names.into_iter();
    let mut out = names.by_ref().take(NAMES_MAX).collect::<Vec<_>>().join(", ");
    if names.next().is_some() {
        out.push_str(", …");
    }
    out
}

/// Writes a value until there is enough of it; says whether that was all.
fn write(value: &Value, out: &mut String) -> bool {
    if out.len() > 4 * CHARACTERS_MAX {
        return false;
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::Float(f) => out.push_str(&number::float_text(*f)),
        Value::Decimal(d) => out.push_str(&d.to_string()),
        Value::String(text) => return quote(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                if !write(item, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (i, (name, item)) in object.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                if !quote(name, out) {
                    return false;
                }
                out.push(':');
                if !write(item, out) {
                    return false;
                }
            }
            out.push('}');
        }
    }
    true
}

/// A text between quotation marks; what cannot be seen is escaped.
fn quote(text: &str, out: &mut String) -> bool {
    out.push('"');
    let mut characters = text.chars();
    for c in characters.by_ref().take(CHARACTERS_MAX + 1) {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out.push('"');
    characters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn short_values_whole_and_long_ones_cut() {
        assert_eq!(shown(&value!({ "a": [1, "x\n", null] })), r#"{"a":[1,"x\n",null]}"#);
        let long = Value::from("ä".repeat(10_000));
        assert_eq!(shown(&long), format!("\"{}…", "ä".repeat(59)));
        let many = Value::array((0..100_000).map(Value::Int));
        assert_eq!(shown(&many).chars().count(), 61);
        assert_eq!(shown(&Value::Float(1.5)), "1.5");
    }
}
