//! Text in the character set that a content type names.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Decodes bytes: a byte order mark decides first, then the character set, then UTF-8. What does not decode becomes
/// U+FFFD.
pub(super) fn decode(bytes: &[u8], charset: Option<&str>) -> String {
    let encoding = charset.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8);
    encoding.decode(bytes).0.into_owned()
}

/// Encodes text; an unknown character set is UTF-8.
pub(super) fn encode(text: &str, charset: Option<&str>) -> Vec<u8> {
    match charset.and_then(|label| Encoding::for_label(label.as_bytes())) {
        Some(encoding) if encoding == UTF_16LE => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some(encoding) if encoding == UTF_16BE => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Some(encoding) if encoding != UTF_8 => encoding.encode(text).0.into_owned(),
        _ => text.as_bytes().to_vec(),
    }
}
