//! Bodies: bytes with a content type on one side, values on the other.
//!
//! JSON is a value, text a string; everything else is an *envelope* `{"$content-type","$content"}` with the bytes in
//! base64, beside which forms have `$formdata` and multipart bodies `$multipart` (documented, and measured on the
//! service).

mod charset;
mod encode;
mod form;
mod media_type;
mod multipart;

pub(crate) use encode::encode_form;
pub use encode::{Encoded, encode_body};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use media_type::MediaType;
use riposte_value::{Object, Value, json};

/// How deep multipart bodies may lie in one another, in both directions. Mail nests two or three.
const NESTING_MAX: usize = 8;

/// What bytes mean without a content type.
const OCTET_STREAM: &str = "application/octet-stream";

/// Reads bytes by their content type.
pub(crate) fn read_content(content_type: Option<&str>, bytes: &[u8]) -> Value {
    read_nested(content_type, bytes, 0)
}

fn read_nested(content_type: Option<&str>, bytes: &[u8], nesting: usize) -> Value {
    let content_type = content_type.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(OCTET_STREAM);
    let media_type = MediaType::read(content_type);
    if media_type.is_json() {
        let text = charset::decode(bytes, media_type.charset());
        // A vendor's error page that calls itself JSON is still worth showing.
        return json::parse(&text).unwrap_or_else(|_| Value::from(text));
    }
    if media_type.is_text() {
        return Value::from(charset::decode(bytes, media_type.charset()));
    }
    let mut envelope = Object::with_capacity(3);
    envelope.insert("$content-type", content_type);
    envelope.insert("$content", STANDARD.encode(bytes));
    if media_type.is_form() {
        envelope.insert("$formdata", form::read(&charset::decode(bytes, media_type.charset())));
    } else if let (Some(boundary), true) = (media_type.boundary(), nesting < NESTING_MAX) {
        envelope.insert("$multipart", multipart::read(bytes, boundary, nesting));
    }
    Value::from(envelope)
}
