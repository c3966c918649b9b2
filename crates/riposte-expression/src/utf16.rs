//! Text by UTF-16 units, as .NET counts and cuts it. ASCII text, the common case, is cut by bytes.

use std::borrow::Cow;

/// How many UTF-16 units a text has.
pub(crate) fn length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// The units from `start` (kept) to `end` (left out), both within the text. Half of a surrogate pair becomes U+FFFD.
pub(crate) fn slice(text: &str, start: usize, end: usize) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.get(start..end).unwrap_or_default());
    }
    let mut at = 0;
    let mut out = String::new();
    if start >= end {
        return Cow::Owned(out);
    }
    for c in text.chars() {
        let width = c.len_utf16();
        if at >= start && at + width <= end {
            out.push(c);
        } else if at < end && at + width > start {
            out.push('\u{fffd}');
        }
        at += width;
    }
    Cow::Owned(out)
}
