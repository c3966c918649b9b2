//! Upper and lower case as .NET's invariant culture has it: one character for one character.
//!
//! Characters whose other case is more than one character keep theirs, and so does the dotless i.

/// The upper case of a character.
pub(crate) fn upper(c: char) -> char {
    match c {
        'a'..='z' => c.to_ascii_uppercase(),
        '\u{131}' => c,
        // Greek with iota: the simple mapping, where the full one is two characters
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(u32::from(c) + 8).unwrap_or(c)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => char::from_u32(u32::from(c) + 9).unwrap_or(c),
        _ if c.is_ascii() => c,
        _ => single(c, c.to_uppercase()),
    }
}

/// The lower case of a character.
pub(crate) fn lower(c: char) -> char {
    match c {
        'A'..='Z' => c.to_ascii_lowercase(),
        '\u{130}' => c,
        _ if c.is_ascii() => c,
        _ => single(c, c.to_lowercase()),
    }
}

fn single(c: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    if mapped.len() == 1 { mapped.next().unwrap_or(c) } else { c }
}

/// The character that those share which differ in case only, as .NET compares whole texts: the dotless i equals `I`
/// there, though it has no upper case of its own and is not found by a search for `I` (.NET with ICU).
pub(crate) fn folded(c: char) -> char {
    if c == '\u{131}' { 'I' } else { upper(c) }
}

/// A text of [`folded`] characters.
pub(crate) fn folded_text(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.chars().map(folded).collect() }
}

/// A text in upper case.
pub(crate) fn upper_text(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_uppercase() } else { text.chars().map(upper).collect() }
}

/// A text in lower case.
pub(crate) fn lower_text(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().map(lower).collect() }
}
