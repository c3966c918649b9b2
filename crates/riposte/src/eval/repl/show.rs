//! How results look on a terminal.

use crate::output::{Style, paint};
use riposte_diagnostic::is_direction;
use riposte_value::{Value, json};
use std::borrow::Cow;

/// More lines than this are not shown.
const LINES_MAX: usize = 400;
/// Longer text is not shown whole.
const TEXT_CHARACTERS_MAX: usize = 20_000;

/// A value, pretty; what JSON alone does not tell is said beside it.
pub fn value(value: &Value, colour: bool) -> String {
    let (text, remark) = match value {
        Value::String(text) if text.contains('\n') || text.chars().count() > TEXT_CHARACTERS_MAX => {
            let lines = text.lines().count();
            let remark = format!("text, {lines} lines, {} characters", text.chars().count());
            let shown: String = text.chars().take(TEXT_CHARACTERS_MAX).collect();
            (harmless(&shown).into_owned(), Some(remark))
        }
        // As it would be written in an expression.
        Value::String(text) => {
            let literal = format!("'{}'", text.replace('\'', "''"));
            let literal = paint(colour, Style::Green, &harmless(&literal));
            (literal, (text.is_empty()).then(|| "empty text".to_owned()))
        }
        Value::Decimal(_) => (json::to_string(value), Some("decimal".to_owned())),
        Value::Object(object) => {
            let content = object.get("$content-type").and_then(Value::as_str);
            let content = content.filter(|_| object.contains_key("$content"));
            (pretty(value), content.map(|kind| format!("binary content, {}", harmless(kind))))
        }
        Value::Array(items) if items.len() > 20 => (pretty(value), Some(format!("{} items", items.len()))),
        _ => (pretty(value), None),
    };
    let mut shown = shortened(text, colour);
    if let Some(remark) = remark {
        let gap = if shown.contains('\n') { "\n" } else { "  " };
        shown.push_str(gap);
        shown.push_str(&paint(colour, Style::Dim, &format!("({remark})")));
    }
    shown
}

fn pretty(value: &Value) -> String {
    harmless(&json::to_string_pretty(value)).into_owned()
}

fn shortened(text: String, colour: bool) -> String {
    let count = text.lines().count();
    if count <= LINES_MAX {
        return text;
    }
    let kept: Vec<&str> = text.lines().take(LINES_MAX).collect();
    let note = format!("… {} more lines; riposte eval EXPR > FILE keeps them all", count - LINES_MAX);
    format!("{}\n{}", kept.join("\n"), paint(colour, Style::Dim, &note))
}

/// Text from elsewhere without what would move the cursor or turn the direction around; line breaks and tabs stay.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let harms = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || is_direction(c);
    if !text.contains(harms) {
        return Cow::Borrowed(text);
    }
    let picture = |c: char| match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or(' '),
        '\u{7f}' => '\u{2421}',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.replace("\r\n", "\n").chars().map(|c| if harms(c) { picture(c) } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn values_are_shown_so_that_kinds_can_be_told() {
        let decimal = json::parse("100000000000000000000").unwrap();
        for (value, expected) in [
            (value!(3), "3"),
            (value!(3.0), "3.0"),
            (value!("3"), "'3'"),
            (value!("it's"), "'it''s'"),
            (value!(""), "''  (empty text)"),
            (value!(null), "null"),
            (decimal, "100000000000000000000  (decimal)"),
            (value!("a\nb"), "a\nb\n(text, 2 lines, 3 characters)"),
            (value!("\u{1b}[2J\u{9b}"), "'␛[2J\u{fffd}'"),
            (value!([1]), "[\n  1\n]"),
            (
                value!({ "$content-type": "text/plain", "$content": "YQ==" }),
                "{\n  \"$content-type\": \"text/plain\",\n  \"$content\": \"YQ==\"\n}\n(binary content, text/plain)",
            ),
        ] {
            assert_eq!(super::value(&value, false), expected);
        }
        assert_eq!(super::value(&value!("x"), true), "\u{1b}[32m'x'\u{1b}[0m");
    }

    #[test]
    fn endless_results_are_cut() {
        let many = Value::array((0..100_000).map(Value::from));
        let shown = super::value(&many, false);
        assert_eq!(shown.lines().count(), LINES_MAX + 2);
        assert!(
            shown.ends_with("… 99602 more lines; riposte eval EXPR > FILE keeps them all\n(100000 items)")
        );
    }
}
