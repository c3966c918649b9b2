//! Data URIs: `data:[type][;parameter=value…][;base64],data`.

use super::{Family, Function, Invocation, example};
use crate::content::{self, Envelope, charset, decode_text};
use crate::error::Failure;
use crate::{text, uri};
use riposte_value::{Value, json};

const FAMILY: Family = Family::Conversion;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "dataUri", "value", data_uri).takes(1, 1).says(
        "A value as a data URI.",
        &[example("dataUri('hello')", r#""data:text/plain;charset=utf-8;base64,aGVsbG8=""#)],
    ),
    Function::value(FAMILY, "dataUriToBinary", "value", to_binary).takes(1, 1).says(
        "The content of a data URI.",
        &[example("dataUriToBinary('data:text/plain;base64,aGk=')?['$content-type']", r#""text/plain""#)],
    ),
    Function::value(FAMILY, "dataUriToString", "value", to_text).takes(1, 1).says(
        "The text of a data URI.",
        &[example("dataUriToString('data:text/plain;charset=utf-8;base64,aGVsbG8=')", r#""hello""#)],
    ),
    Function::value(FAMILY, "decodeDataUri", "value", decode).takes(1, 1).says(
        "The content of a data URI: text as text, JSON as its value, all else as binary content.",
        &[example("decodeDataUri('data:text/plain;base64,aGk=')", r#""hi""#)],
    ),
];

fn data_uri(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(0);
    if value.is_null() {
        return Err(call.wrong(0, "to have a value"));
    }
    let (content_type, bytes) = match (Envelope::of(value), value) {
        (Some(envelope), _) => (envelope.content_type, envelope.bytes),
        (None, Value::String(text)) => ("text/plain;charset=utf-8".to_owned(), text.as_bytes().to_vec()),
        (None, Value::Array(_) | Value::Object(_)) => {
            ("application/json;charset=utf-8".to_owned(), json::to_string(value).into_bytes())
        }
        (None, other) => ("text/plain;charset=utf-8".to_owned(), text::of(other).into_owned().into_bytes()),
    };
    let head = format!("data:{content_type};base64,");
    call.check_length((bytes.len().saturating_mul(4) / 3).saturating_add(head.len()))?;
    Ok(Value::from(head + &content::encode_base64(&bytes)))
}

/// A data URI taken apart: its media type as it is named, and its bytes.
fn parse(text: &str) -> Option<(String, Vec<u8>)> {
    let scheme = text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:"))?;
    let (head, data) = text.get(scheme.len()..)?.split_once(',')?;
    let mut parameters: Vec<&str> = head.split(';').map(str::trim).collect();
    let base64 = parameters.last().is_some_and(|last| last.eq_ignore_ascii_case("base64"));
    if base64 {
        parameters.pop();
    }
    let kind = parameters.first().copied().unwrap_or_default();
    let kind = if kind.is_empty() { "text/plain" } else { kind };
    let mut content_type = kind.to_owned();
    for parameter in parameters.iter().skip(1) {
        if parameter.is_empty() {
            return None;
        }
        content_type.push(';');
        content_type.push_str(parameter);
    }
    let bytes =
        if base64 { content::decode_base64(data)? } else { uri::unescape_bytes(&data.replace('+', " ")) };
    Some((content_type, bytes))
}

fn parsed(call: &Invocation<'_, '_>) -> Result<(String, Vec<u8>), Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    parse(text).ok_or_else(|| {
        call.fails(format_args!(
            "expects its parameter to be formatted as a valid data URI. The provided value '{text}' was not formatted correctly."
        ))
    })
}

fn to_binary(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (content_type, bytes) = parsed(call)?;
    if !is_media_type(&content_type) {
        return Err(call.fails(format_args!(
            "expects its parameter to be formatted as a valid data URI. The media type '{content_type}' was not formatted correctly."
        )));
    }
    Ok(content::envelope(&content_type, &bytes))
}

/// `type/subtype` and parameters `name=value`.
fn is_media_type(text: &str) -> bool {
    let mut parts = text.split(';');
    parts.next().is_some_and(|kind| kind.contains('/')) && parts.all(|parameter| parameter.contains('='))
}

fn to_text(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (content_type, bytes) = parsed(call)?;
    Ok(Value::from(decode_text(&bytes, charset(&content_type).as_deref())))
}

/// Measured on the service: text is text, JSON is read, what else has no character set is said to be ASCII.
fn decode(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (content_type, bytes) = parsed(call)?;
    let kind = content_type.split(';').next().unwrap_or_default().to_ascii_lowercase();
    let set = charset(&content_type);
    if kind.starts_with("text/") {
        return Ok(Value::from(decode_text(&bytes, set.as_deref())));
    }
    if kind == "application/json"
        && let Ok(value) = json::parse_lenient(&decode_text(&bytes, set.as_deref()))
    {
        return Ok(value);
    }
    let content_type = if set.is_none() { format!("{content_type};charset=us-ascii") } else { content_type };
    Ok(content::envelope(&content_type, &bytes))
}
