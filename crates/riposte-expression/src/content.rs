//! Content envelopes: `{"$content-type": …, "$content": base64}`, the form in which the service carries what is no
//! JSON.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use riposte_value::Value;

/// The media type of binary content that has no other.
pub(crate) const OCTET_STREAM: &str = "application/octet-stream";
/// The media type of XML that the language makes.
pub(crate) const XML: &str = "application/xml;charset=utf-8";

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// An envelope, its content decoded.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub content_type: String,
    pub bytes: Vec<u8>,
}

impl Envelope {
    /// The envelope that a value is, if it is one.
    pub fn of(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let content_type = object.get("$content-type")?.as_str()?;
        let bytes = decode_base64(object.get("$content")?.as_str()?)?;
        Some(Self { content_type: content_type.to_owned(), bytes })
    }

    /// The text of the content, read with the character set that its type names.
    pub fn text(&self) -> String {
        decode_text(&self.bytes, charset(&self.content_type).as_deref())
    }

    /// Whether the content is XML by its type.
    pub fn is_xml(&self) -> bool {
        let kind = self.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(kind.as_str(), "application/xml" | "text/xml") || kind.ends_with("+xml")
    }
}

/// Makes an envelope.
pub(crate) fn envelope(content_type: &str, bytes: &[u8]) -> Value {
    Value::object([
        ("$content-type", Value::from(content_type)),
        ("$content", Value::from(encode_base64(bytes))),
    ])
}

pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Decodes base64 as .NET does: white space is passed over, padding is required.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
        let dense: String = text.chars().filter(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')).collect();
        return ENGINE.decode(dense).ok();
    }
    ENGINE.decode(text).ok()
}

/// The `charset` of a media type, in lower case.
pub(crate) fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    })
}

/// Reads text in a character set; one that is not known is read as UTF-8, and what is malformed becomes U+FFFD.
pub(crate) fn decode_text(bytes: &[u8], charset: Option<&str>) -> String {
    match charset {
        Some("us-ascii" | "ascii") => {
            bytes.iter().map(|b| if b.is_ascii() { char::from(*b) } else { '\u{fffd}' }).collect()
        }
        Some("iso-8859-1" | "latin1") => bytes.iter().map(|b| char::from(*b)).collect(),
        Some("utf-16" | "utf-16le" | "unicode") => decode_utf16(bytes, u16::from_le_bytes),
        Some("utf-16be") => decode_utf16(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0xfffd,
    });
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}
