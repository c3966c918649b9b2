//! Values in a few words.

use riposte_diagnostic::is_direction;
use riposte_value::{Value, json};

/// The value as JSON of about `max` characters at most, with `…` for what is left out.
pub fn of(value: &Value, max: usize) -> String {
    let mut out = String::new();
    write(value, max, &mut out);
    if out.chars().count() > max + 1 {
        out = out.chars().take(max).collect();
        out.push('…');
    }
    on_a_line(&out)
}

/// Text from elsewhere as a part of a line: what turns the direction of the text around, or moves the cursor, is not for
/// terminals.
pub fn on_a_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || is_direction(c) { '\u{fffd}' } else { c }).collect()
}

fn write(value: &Value, max: usize, out: &mut String) {
    match value {
        Value::String(text) if text.len() > max => {
            let kept: String = text.chars().take(max).collect();
            let quoted = json::to_string(&Value::from(kept));
            out.push_str(quoted.strip_suffix('"').unwrap_or(&quoted));
            out.push_str("…\"");
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if separated(i, max, out) {
                    break;
                }
                write(item, max, out);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (i, (name, item)) in object.iter().enumerate() {
                if separated(i, max, out) {
                    break;
                }
                write(&Value::String(name.clone()), max, out);
                out.push_str(": ");
                write(item, max, out);
            }
            out.push('}');
        }
        scalar => json::write(scalar, out),
    }
}

/// Puts a comma between items; true if there is no room for another.
fn separated(index: usize, max: usize, out: &mut String) -> bool {
    if index > 0 {
        out.push_str(", ");
    }
    let full = out.len() >= max;
    if full {
        out.push('…');
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn long_values_are_shortened() {
        for (value, expected) in [
            (value!(null), "null"),
            (value!(1.0), "1.0"),
            (value!("a'b"), "\"a'b\""),
            (value!({ "a": [1, 2], "b": {} }), r#"{"a": [1, 2], "b": {}}"#),
            (value!("abcdefghijklmnopqrstuvwxyzabcdefghij"), r#""abcdefghijklmnopqrstuvwxy…"#),
            (value!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]), "[1, 2, 3, 4, 5, 6, 7, 8, 9…"),
        ] {
            let brief = of(&value, 26);
            assert!(brief.chars().count() <= 27, "{brief}");
            assert_eq!(
                brief.chars().take(20).collect::<String>(),
                expected.chars().take(20).collect::<String>()
            );
        }
        assert_eq!(of(&value!("\u{202e}\u{9b}"), 10), "\"\u{fffd}\u{fffd}\"");
    }

    #[test]
    fn the_time_it_takes_does_not_grow_with_the_value() {
        let large = Value::array((0..1_000_000).map(|_| value!("x")));
        let nested = Value::array((0..1_000).map(|_| large.clone()));
        assert_eq!(
            of(&nested, 20),
            r#"["x", "x", "x", "x",…"#.replace("[\"x", "[[\"x").chars().take(20).collect::<String>() + "…"
        );
    }
}
