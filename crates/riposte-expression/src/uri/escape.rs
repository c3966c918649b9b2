//! Percent encoding.

use std::fmt::Write as _;

/// Percent-encodes what may not stand in a path or query, and decodes what needs no encoding.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escapes = if c == '%' { run_of_escapes(rest) } else { 0 };
        if escapes > 0 {
            let (run, after) = rest.split_at_checked(escapes).unwrap_or((rest, ""));
            normal_escapes(run, &mut out);
            rest = after;
            continue;
        }
        match c {
            '%' | ' ' | '"' | '<' | '>' | '^' | '`' | '{' | '}' | '|' | '\\' => push_escaped(c, &mut out),
            c if c.is_ascii_control() || !c.is_ascii() => push_escaped(c, &mut out),
            c => out.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// How many bytes of a text are `%XX` one after the other.
fn run_of_escapes(text: &str) -> usize {
    let escapes = text.as_bytes().chunks(3);
    let is_escape = |chunk: &&[u8]| matches!(chunk, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    escapes.take_while(is_escape).count() * 3
}

/// Writes `%XX` in a row: ASCII is decoded if it needs no encoding and stays as it is if not; of the rest, a row that
/// holds a character of UTF-8 is written in upper case, one that does not stays.
fn normal_escapes(run: &str, out: &mut String) {
    let bytes = unescape_bytes(run);
    let mut at = 0;
    for row in bytes.chunk_by(|a, b| a.is_ascii() == b.is_ascii()) {
        let written = run.get(at * 3..(at + row.len()) * 3).unwrap_or_default();
        at += row.len();
        if row.first().is_some_and(u8::is_ascii) {
            for (nth, byte) in row.iter().enumerate() {
                if is_unreserved(*byte) {
                    out.push(char::from(*byte));
                } else {
                    out.push_str(written.get(nth * 3..nth * 3 + 3).unwrap_or_default());
                }
            }
        } else if row.utf8_chunks().any(|chunk| !chunk.valid().is_empty()) {
            out.push_str(&written.to_ascii_uppercase());
        } else {
            out.push_str(written);
        }
    }
}

fn push_escaped(c: char, out: &mut String) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Appends text with everything encoded but letters, digits, `-`, `_`, `.` and `~`.
pub(crate) fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// The bytes of percent-encoded text; what is no encoding stays.
pub(crate) fn unescape_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit =
                    |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
                out.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                rest = tail;
            }
            [] => return out,
        }
    }
}

/// Percent-encoded text as text. Bytes that are no UTF-8 stay encoded, as .NET leaves them.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = unescape_bytes(text);
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
