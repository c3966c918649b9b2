//! Names of XML elements and attributes, and the `_xHHHH_` form of what may not stand in one.

use super::name_characters::{OTHERS, STARTS};
use std::fmt::Write as _;

/// Whether a character may begin a name (a colon apart).
pub(crate) fn is_start(c: char) -> bool {
    if c.is_ascii() { c == '_' || c.is_ascii_alphabetic() } else { within(c, STARTS) }
}

/// Whether a character may stand in a name (a colon apart).
pub(crate) fn is_part(c: char) -> bool {
    is_start(c) || within(c, OTHERS)
}

fn within(c: char, ranges: &[(u16, u16)]) -> bool {
    u16::try_from(u32::from(c)).is_ok_and(|unit| {
        let at = ranges.partition_point(|(_, last)| *last < unit);
        ranges.get(at).is_some_and(|(first, _)| *first <= unit)
    })
}

/// A text as a name: what may not stand there becomes `_xHHHH_`, and so does an underscore that would be read as the
/// beginning of that.
pub(crate) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let allowed = if at == 0 { is_start(c) } else { is_part(c) };
        let looks_escaped = c == '_' && text.get(at..).is_some_and(|rest| escaped(rest).is_some());
        if allowed && !looks_escaped {
            out.push(c);
            continue;
        }
        // Writing to a String cannot fail.
        let _ = match u16::try_from(u32::from(c)) {
            Ok(unit) => write!(out, "_x{unit:04X}_"),
            Err(_) => write!(out, "_x{:08X}_", u32::from(c)),
        };
    }
    out
}

/// The character that `_xHHHH_` at the beginning of a text stands for, and what follows.
fn escaped(text: &str) -> Option<(char, &str)> {
    let digits = text.strip_prefix("_x")?;
    [4, 8].into_iter().find_map(|count| {
        let (code, rest) = digits.split_at_checked(count)?;
        let rest = rest.strip_prefix('_')?;
        let all_digits = code.bytes().all(|b| b.is_ascii_hexdigit());
        let c = all_digits.then(|| u32::from_str_radix(code, 16).ok()).flatten().and_then(char::from_u32)?;
        Some((c, rest))
    })
}

/// A name with its `_xHHHH_` undone.
pub(crate) fn decode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find("_x") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        if let Some((c, after)) = escaped(from) {
            out.push(c);
            rest = after;
        } else {
            out.push('_');
            rest = from.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}
