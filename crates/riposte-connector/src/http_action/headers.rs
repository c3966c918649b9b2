//! Request headers: which of a playbook's go out.

use crate::error::CallError;
use crate::message::set_header;
use crate::query::scalar_text;
use riposte_value::{Text, Value};

/// Headers that are dropped without a word (documented), by full name in lower case.
const DROPPED: &[&str] =
    &["allow", "cookie", "expires", "host", "last-modified", "origin", "set-cookie", "transfer-encoding"];

/// Headers about one connection, which belongs to the egress gate. Not documented as dropped; a playbook that sets them
/// could only break the framing of its own request.
const HOP_BY_HOP: &[&str] = &["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];

/// Of the headers `content-*`, those that stay.
const CONTENT_KEPT: &[&str] = &["content-disposition", "content-encoding", "content-type"];

fn is_dropped(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    DROPPED.contains(&lower.as_str())
        || HOP_BY_HOP.contains(&lower.as_str())
        || lower.starts_with("accept-")
        || (lower.starts_with("content-") && !CONTENT_KEPT.contains(&lower.as_str()))
}

/// Reads a `headers` object: scalars as text, lists joined with commas, `null` sends nothing.
pub(crate) fn read_headers(headers: Option<&Value>) -> Result<Vec<(Text, Text)>, CallError> {
    let object = match headers {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(object)) => object,
        Some(other) => {
            return Err(CallError::bad_request(format!("`headers` must be an object, not {}", other.kind())));
        }
    };
    let mut read = Vec::with_capacity(object.len());
    for (name, value) in object.iter().filter(|(name, value)| !value.is_null() && !is_dropped(name)) {
        let value = scalar_text(value);
        check_header(name, value.trim())?;
        set_header(&mut read, name, Text::new(value.trim()));
    }
    Ok(read)
}

/// Refuses what HTTP does not allow in a header. The message never holds the value.
pub(crate) fn check_header(name: &str, value: &str) -> Result<(), CallError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(token) {
        return Err(CallError::bad_request(format!("`{name}` is not a name of a header")));
    }
    if value.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f) {
        return Err(CallError::bad_request(format!(
            "the value of header `{name}` holds a control character"
        )));
    }
    Ok(())
}
