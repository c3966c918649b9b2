//! JSON text: a strict reader, a lenient one that accepts what Json.NET accepts, and a compact writer.

mod read;
mod write;

pub use read::{Error, Options, read};
pub use write::{to_string, to_string_pretty, write};

use crate::Value;

/// How deep arrays and objects may nest, unless told otherwise.
pub const DEPTH_MAX: usize = 128;

/// Reads strict JSON (RFC 8259). A repeated name keeps its last value, in the last place.
pub fn parse(text: &str) -> Result<Value, Error> {
    read(text, Options::default())
}

/// Reads what Json.NET reads: single quotes, comments, trailing commas and names without quotes beside strict JSON;
/// a byte order mark is passed over.
///
/// ```
/// use riposte_value::{json, value};
/// let read = json::parse_lenient("{'a': 1, /* why */ b: [2,],}").unwrap();
/// assert_eq!(read, value!({ "a": 1, "b": [2] }));
/// ```
pub fn parse_lenient(text: &str) -> Result<Value, Error> {
    read(text, Options { lenient: true, ..Options::default() })
}

/// Reads bytes as UTF-8 JSON, strict.
pub fn parse_bytes(bytes: &[u8]) -> Result<Value, Error> {
    parse(as_text(bytes)?)
}

/// Reads bytes as UTF-8 JSON, lenient.
pub fn parse_bytes_lenient(bytes: &[u8]) -> Result<Value, Error> {
    parse_lenient(as_text(bytes)?)
}

fn as_text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        Error::at(&String::from_utf8_lossy(before), before.len(), "the text is not UTF-8")
    })
}
