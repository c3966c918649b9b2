//! Text functions.
//!
//! Positions and lengths count UTF-16 units, as .NET does. `startsWith`, `endsWith` and the `indexOf` family pass over
//! differences of case; `replace`, `split` and `contains` do not (measured on the service).

use super::{Family, Function, Invocation, Purity, example};
use crate::error::Failure;
use crate::{casing, culture, number_format, scratch, text, utf16};
use riposte_value::{Text, Value};

const FAMILY: Family = Family::String;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "concat", "text1, [text2], …", concat).takes_at_least(1).says(
        "Joins texts. What is no text is joined as its text: nothing for null, `True`, compact JSON.",
        &[example("concat('a', 1, true, null)", r#""a1True""#)],
    ),
    Function::value(FAMILY, "endsWith", "text, searchText", ends_with).takes(2, 2).says(
        "Whether a text ends with another, whatever the case.",
        &[example("endsWith('hello world', 'WORLD')", "true")],
    ),
    Function::value(FAMILY, "formatNumber", "number, format, [locale]", format_number).takes(2, 3).says(
        "Writes a number in a .NET format, standard (`C2`) or custom (`#,##0.00`).",
        &[example("formatNumber(1234567890, '0,0.00', 'en-us')", r#""1,234,567,890.00""#)],
    ),
    Function::value(FAMILY, "guid", "[format]", guid).takes(0, 1).depends_on(Purity::Random).says(
        "A random identifier in the format `D` (the default), `N`, `B`, `P` or `X`.",
        &[example("length(guid('N'))", "32")],
    ),
    Function::value(FAMILY, "indexOf", "text, searchText", index_of).takes(2, 2).says(
        "Where a text stands in another for the first time, whatever the case; -1 if it does not.",
        &[example("indexOf('hello world', 'WORLD')", "6")],
    ),
    Function::value(FAMILY, "lastIndexOf", "text, searchText", last_index_of).takes(2, 2).says(
        "Where a text stands in another for the last time, whatever the case; -1 if it does not.",
        &[example("lastIndexOf('banana', 'AN')", "3")],
    ),
    Function::value(FAMILY, "nthIndexOf", "text, searchText, occurrence", nth_index_of).takes(3, 3).says(
        "Where a text stands in another for the n-th time, counted from the end if n is negative; -1 if it does not.",
        &[example("nthIndexOf('123456789123465789', '1', 2)", "9")],
    ),
    Function::value(FAMILY, "replace", "text, oldText, newText", replace).takes(3, 3).says(
        "Replaces every occurrence of a text, case and all.",
        &[example("replace('the old string', 'old', 'new')", r#""the new string""#)],
    ),
    Function::value(FAMILY, "slice", "text, startIndex, [endIndex]", slice).takes(2, 3).says(
        "The text from one position up to another; negative positions count from the end.",
        &[example("slice('Hello World', 2, 5)", r#""llo""#), example("slice('Hello World', -5)", r#""World""#)],
    ),
    Function::value(FAMILY, "split", "text, delimiter", split).takes(2, 2).says(
        "The parts of a text between delimiters, empty ones kept.",
        &[example("split('a_b__c', '_')", r#"["a", "b", "", "c"]"#)],
    ),
    Function::value(FAMILY, "startsWith", "text, searchText", starts_with).takes(2, 2).says(
        "Whether a text begins with another, whatever the case.",
        &[example("startsWith('hello world', 'Hello')", "true")],
    ),
    Function::value(FAMILY, "substring", "text, startIndex, [length]", substring).takes(2, 3).says(
        "So many characters from a position on, all that follow if no length is given.",
        &[example("substring('hello world', 6, 5)", r#""world""#)],
    ),
    Function::value(FAMILY, "toLower", "text", to_lower)
        .takes(1, 1)
        .says("The text in lower case.", &[example("toLower('Hello World')", r#""hello world""#)]),
    Function::value(FAMILY, "toUpper", "text", to_upper)
        .takes(1, 1)
        .says("The text in upper case.", &[example("toUpper('Hello World')", r#""HELLO WORLD""#)]),
    Function::value(FAMILY, "trim", "text", trim).takes(1, 1).says(
        "The text without white space at its ends.",
        &[example("trim(' Hello World  ')", r#""Hello World""#)],
    ),
];

fn concat(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    if let [Value::String(text)] = call.arguments {
        return Ok(Value::String(text.clone()));
    }
    scratch::text(|out| {
        call.values().try_for_each(|value| {
            text::write(value, out);
            call.check_length(out.len())
        })
    })
}

/// Two texts without their case, for a search of one in the other.
fn folded(call: &Invocation<'_, '_>) -> Result<(String, String), Failure> {
    Ok((casing::upper_text(call.string(0)?), casing::upper_text(call.string(1)?)))
}

fn starts_with(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, prefix) = (casing::folded_text(call.string(0)?), casing::folded_text(call.string(1)?));
    Ok(Value::Bool(text.starts_with(&prefix)))
}

fn ends_with(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, suffix) = (casing::folded_text(call.string(0)?), casing::folded_text(call.string(1)?));
    Ok(Value::Bool(text.ends_with(&suffix)))
}

/// A position in bytes as one in UTF-16 units, -1 for none.
fn position(text: &str, found: Option<usize>) -> Value {
    found.map_or(Value::Int(-1), |at| Value::from(utf16::length(text.get(..at).unwrap_or_default())))
}

fn index_of(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, needle) = folded(call)?;
    Ok(position(&text, text.find(&needle)))
}

/// An empty text stands before the last character, and at 0 in an empty text (documented).
fn last_index_of(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, needle) = folded(call)?;
    if needle.is_empty() {
        return Ok(Value::from(utf16::length(&text).saturating_sub(1)));
    }
    Ok(position(&text, text.rfind(&needle)))
}

fn nth_index_of(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, needle) = folded(call)?;
    let occurrence = call.integer(2)?;
    if occurrence == 0 {
        return Err(call.fails("expects its third parameter 'occurrence' to be an integer other than zero."));
    }
    if needle.is_empty() {
        return Ok(Value::Int(-1));
    }
    let steps = usize::try_from(occurrence.unsigned_abs()).unwrap_or(usize::MAX) - 1;
    let found = if occurrence > 0 {
        text.match_indices(&needle).nth(steps)
    } else {
        text.rmatch_indices(&needle).nth(steps)
    };
    Ok(position(&text, found.map(|(at, _)| at)))
}

fn replace(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    // Observed on the service: its first parameter has a name in the message.
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "'string' to be a string"))?;
    let (old, new) = (call.string(1)?, call.string(2)?);
    if old.is_empty() {
        return Err(call.fails("expects its second parameter to be a string that is not empty."));
    }
    let count = text.matches(old).count();
    if count == 0 {
        return Ok(Value::from(text));
    }
    call.check_length((text.len() - count * old.len()).saturating_add(count.saturating_mul(new.len())))?;
    Ok(Value::from(text.replace(old, new)))
}

/// A position from the start, or from the end if it is negative, brought into the text.
fn from_either_end(index: i64, length: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}

fn slice(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.string(0)?;
    let length = utf16::length(text);
    let start = from_either_end(call.integer(1)?, length);
    let end = match call.optional(2) {
        Some(_) => from_either_end(call.integer(2)?, length),
        None => length,
    };
    Ok(Value::text(utf16::slice(text, start, end.max(start))))
}

fn split(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (text, delimiter) = (call.string(0)?, call.string(1)?);
    if delimiter.is_empty() {
        return Ok(Value::array([Value::from(text)]));
    }
    call.check_items(text.matches(delimiter).count() + 1)?;
    Ok(Value::array(text.split(delimiter).map(Value::from)))
}

fn substring(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.string(0)?;
    let length = utf16::length(text);
    let (start, count) = (call.integer(1)?, call.optional(2).map(|_| call.integer(2)).transpose()?);
    let start = usize::try_from(start).ok();
    let Some(count) = count else {
        // Measured on the service: without a length, a start at the very end is out of range.
        let start = start.filter(|start| *start < length).ok_or_else(|| {
            call.fails("parameter is out of range: 'start index' must be non-negative integer and should be less than the length of the string.")
        })?;
        return Ok(Value::text(utf16::slice(text, start, length)));
    };
    let range = start.zip(usize::try_from(count).ok()).and_then(|(start, count)| {
        let end = start.checked_add(count).filter(|end| *end <= length)?;
        Some((start, end))
    });
    let (start, end) = range.ok_or_else(|| {
        call.fails("parameters are out of range: 'start index' and 'length' must be non-negative integers and their sum must be no larger than the length of the string.")
    })?;
    Ok(Value::text(utf16::slice(text, start, end)))
}

fn lower_or_upper(
    call: &Invocation<'_, '_>,
    of_ascii: fn(&mut str),
    of_any: fn(&str) -> String,
) -> Result<Value, Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    scratch::text(|out| {
        if text.is_ascii() {
            out.push_str(text);
            of_ascii(out);
        } else {
            out.push_str(&of_any(text));
        }
        Ok(())
    })
}

fn to_lower(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    lower_or_upper(call, str::make_ascii_lowercase, casing::lower_text)
}

fn to_upper(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    lower_or_upper(call, str::make_ascii_uppercase, casing::upper_text)
}

fn trim(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let Value::String(text) = call.argument(0) else {
        return Err(call.not_a_text());
    };
    Ok(Value::String(Text::new(text.trim())))
}

fn format_number(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let number = call.argument(0);
    if number.as_f64().is_none() {
        return Err(call.wrong(0, "to be an integer, a float or a decimal number"));
    }
    let format = call.string(1)?;
    let locale = call.optional_string(2)?.unwrap_or("en-us");
    let culture = culture::culture(locale).ok_or_else(|| super::bad_locale(call, locale))?;
    let text = number_format::format(number, format, culture).ok_or_else(|| {
        call.fails(format_args!("was invoked with a format that is not valid: '{format}'."))
    })?;
    call.text(text)
}

fn guid(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let random = || call.environment.context.random();
    let bits = (u128::from(random()) << 64) | u128::from(random());
    // Version 4, variant 1.
    let bits = bits & !(0xf << 76) | (4 << 76);
    let bits = bits & !(0b11 << 62) | (0b10 << 62);
    let n = format!("{bits:032x}");
    let part = |from: usize, to: usize| n.get(from..to).unwrap_or_default();
    let d = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-");
    let text = match call.optional_string(0)?.unwrap_or("D") {
        "D" | "d" | "" => d,
        "N" | "n" => n,
        "B" | "b" => format!("{{{d}}}"),
        "P" | "p" => format!("({d})"),
        "X" | "x" => {
            let bytes: Vec<String> =
                (16..32).step_by(2).map(|at| format!("0x{}", part(at, at + 2))).collect();
            let bytes = bytes.join(",");
            format!("{{0x{},0x{},0x{},{{{bytes}}}}}", part(0, 8), part(8, 12), part(12, 16))
        }
        other => {
            return Err(call.fails(format_args!(
                "expects its parameter to be one of the formats 'D', 'N', 'B', 'P' and 'X'. The provided value is '{other}'."
            )));
        }
    };
    Ok(Value::from(text))
}
