//! A value as a request body.

use super::media_type::MediaType;
use super::{charset, form, multipart};
use crate::error::CallError;
use crate::query::scalar_text;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use riposte_value::{Object, Text, Value, json};

/// A body's bytes and the content type to send with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The bytes; empty for no body.
    pub bytes: Vec<u8>,
    /// The `Content-Type` header; `None` where the body has none (there is no body).
    pub content_type: Option<Text>,
}

pub(super) type EncodedPart = Encoded;

/// What a string is sent as.
const PLAIN_TEXT: &str = "text/plain; charset=utf-8";
/// What every other value is sent as.
const JSON: &str = "application/json; charset=utf-8";

/// Encodes a body: a string as text, an envelope as the bytes in it, `null` as nothing, everything else as JSON.
/// `content_type` is what the request's headers say; it wins over the body's own, save that a multipart type without a
/// boundary gets one.
///
/// # Errors
/// `BadRequest` for an envelope whose `$content` is not base64 or whose parts cannot be written.
pub fn encode_body(body: &Value, content_type: Option<&str>) -> Result<Encoded, CallError> {
    encode_nested(body, content_type, 0)
}

pub(super) fn encode_nested(
    body: &Value,
    content_type: Option<&str>,
    nesting: usize,
) -> Result<EncodedPart, CallError> {
    let given = content_type.map(str::trim).filter(|text| !text.is_empty());
    match body {
        Value::Null => Ok(Encoded { bytes: Vec::new(), content_type: given.map(Text::new) }),
        Value::Object(object) if object.contains_key("$content-type") => {
            encode_envelope(object, given, nesting)
        }
        Value::String(text) => Ok(encode_text(text, given, PLAIN_TEXT)),
        _ => Ok(encode_text(&json::to_string(body), given, JSON)),
    }
}

fn encode_text(text: &str, given: Option<&str>, otherwise: &str) -> Encoded {
    let content_type = given.unwrap_or(otherwise);
    Encoded {
        bytes: charset::encode(text, MediaType::read(content_type).charset()),
        content_type: Some(Text::new(content_type)),
    }
}

fn encode_envelope(envelope: &Object, given: Option<&str>, nesting: usize) -> Result<Encoded, CallError> {
    let own = envelope.get("$content-type").and_then(Value::as_str).unwrap_or("application/octet-stream");
    // A header `multipart/form-data` without a boundary says less than the envelope that knows its own.
    let said = given.filter(|given| {
        !MediaType::read(given).is_multipart() || MediaType::read(given).boundary().is_some()
    });
    let content_type = said.unwrap_or(own);
    if let Some(content) = envelope.get("$content") {
        let bytes = content.as_str().and_then(|text| STANDARD.decode(text.trim()).ok()).ok_or_else(|| {
            CallError::bad_request("`$content` of the body is not base64")
                .help("use `base64()` or `binary()`")
        })?;
        return Ok(Encoded { bytes, content_type: Some(Text::new(content_type)) });
    }
    if let Some(parts) = envelope.get("$multipart") {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        return multipart::write(parts, essence, nesting);
    }
    if let Some(fields) = envelope.get("$formdata").and_then(Value::as_array) {
        let pairs = fields.iter().filter_map(|field| {
            Some((field.str_at(&["key"])?, scalar_text(field.get("value").unwrap_or(&Value::Null))))
        });
        return Ok(encode_text(&form::write(pairs), Some(content_type), content_type));
    }
    // `{"$content-type": …}` and nothing in it: an empty body of that type.
    Ok(Encoded { bytes: Vec::new(), content_type: Some(Text::new(content_type)) })
}

/// An object's properties as a form, for operations whose definition wants one.
pub(crate) fn encode_form(fields: &Object) -> Encoded {
    let pairs = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.as_str(), scalar_text(value)));
    Encoded {
        bytes: form::write(pairs).into_bytes(),
        content_type: Some(Text::new_static("application/x-www-form-urlencoded")),
    }
}
