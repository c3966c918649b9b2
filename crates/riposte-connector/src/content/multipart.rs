//! Multipart bodies: `$multipart` is `[{headers, body}]`.

use super::encode::{EncodedPart, encode_nested};
use super::{NESTING_MAX, read_nested};
use crate::error::CallError;
use crate::query::scalar_text;
use crate::response::join_headers;
use riposte_value::{Object, Text, Value};

/// Reads the parts. Text parts are strings, parts without a content type are `application/octet-stream` envelopes.
pub(super) fn read(bytes: &[u8], boundary: &str, nesting: usize) -> Value {
    Value::array(raw_parts(bytes, boundary).into_iter().map(|part| {
        let (headers, body) = split_head(part);
        let mut headers = join_headers(&headers);
        if headers.get_ignore_case("Content-Length").is_none() {
            headers.insert("Content-Length", body.len().to_string());
        }
        let content_type = headers.get_ignore_case("Content-Type").and_then(Value::as_str).map(Text::new);
        let body = read_nested(content_type.as_deref(), body, nesting + 1);
        Value::object([("headers", Value::from(headers)), ("body", body)])
    }))
}

/// The bytes of each part, head and body.
fn raw_parts<'a>(bytes: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut parts = Vec::new();
    let Some(mut at) = find_delimiter(bytes, &delimiter, 0) else { return parts };
    loop {
        let after = at + delimiter.len();
        if bytes.get(after..).is_some_and(|rest| rest.starts_with(b"--")) {
            return parts;
        }
        let start = find(bytes, b"\n", after).map_or(bytes.len(), |newline| newline + 1);
        // A body cut short ends with what there is.
        let next = find_delimiter(bytes, &delimiter, start);
        let end = next.unwrap_or(bytes.len());
        let part = bytes.get(start..end).unwrap_or_default();
        parts.push(if next.is_some() { strip_line_end(part) } else { part });
        match next {
            Some(found) => at = found,
            None => return parts,
        }
    }
}

/// Where a delimiter begins a line, at or after `from`.
fn find_delimiter(bytes: &[u8], delimiter: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let found = find(bytes, delimiter, from)?;
        if found == 0 || bytes.get(found - 1) == Some(&b'\n') {
            return Some(found);
        }
        from = found + 1;
    }
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
}

fn strip_line_end(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).unwrap_or(bytes)
}

/// Splits a part into its headers and its body at the first empty line.
fn split_head(part: &[u8]) -> (Vec<(Text, Text)>, &[u8]) {
    let mut headers = Vec::new();
    let mut rest = part;
    while let Some(newline) = find(rest, b"\n", 0) {
        let line = strip_line_end(rest.get(..=newline).unwrap_or_default());
        rest = rest.get(newline + 1..).unwrap_or_default();
        if line.is_empty() {
            break;
        }
        let line = String::from_utf8_lossy(line);
        if let Some((name, value)) = line.split_once(':') {
            headers.push((Text::new(name.trim()), Text::new(value.trim())));
        }
    }
    (headers, rest)
}

/// Writes the parts with a boundary that occurs in none of them.
pub(super) fn write(parts: &Value, subtype: &str, nesting: usize) -> Result<EncodedPart, CallError> {
    if nesting >= NESTING_MAX {
        return Err(CallError::bad_request(format!(
            "multipart bodies lie more than {NESTING_MAX} deep in one another"
        )));
    }
    let Some(parts) = parts.as_array() else {
        return Err(CallError::bad_request("`$multipart` must be a list of `{headers, body}`"));
    };
    let written: Vec<Vec<u8>> =
        parts.iter().map(|part| write_part(part, nesting)).collect::<Result<_, _>>()?;
    let boundary = free_boundary(&written);
    let mut bytes = Vec::new();
    for part in &written {
        bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok(EncodedPart { bytes, content_type: Some(Text::from(format!("{subtype}; boundary=\"{boundary}\""))) })
}

fn write_part(part: &Value, nesting: usize) -> Result<Vec<u8>, CallError> {
    let empty = Object::new();
    let headers = part.get_ignore_case("headers").and_then(Value::as_object).unwrap_or(&empty);
    let given = headers.get_ignore_case("Content-Type").and_then(Value::as_str);
    let body = part.get_ignore_case("body").unwrap_or(&Value::Null);
    let encoded = encode_nested(body, given, nesting + 1)?;
    let mut bytes = Vec::new();
    for (name, value) in headers {
        let value = scalar_text(value);
        // The length is ours to know; the type may have been completed with a boundary.
        if name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("Content-Type") {
            continue;
        }
        if name.contains([':', '\r', '\n']) || value.contains(['\r', '\n']) {
            return Err(CallError::bad_request(format!(
                "header `{name}` of a part of `$multipart` holds a line break"
            )));
        }
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    if let Some(content_type) = encoded.content_type {
        if content_type.contains(['\r', '\n']) {
            return Err(CallError::bad_request(
                "the content type of a part of `$multipart` holds a line break",
            ));
        }
        bytes.extend_from_slice(format!("Content-Type: {content_type}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&encoded.bytes);
    Ok(bytes)
}

/// The first of `riposte-part-boundary-0`, `-1`, … that no part contains: the same parts always make the same body, so
/// that a repeated request is equal to the first.
fn free_boundary(parts: &[Vec<u8>]) -> String {
    let mut number = 0_u32;
    loop {
        let boundary = format!("riposte-part-boundary-{number}");
        if parts.iter().all(|part| find(part, boundary.as_bytes(), 0).is_none()) {
            return boundary;
        }
        number += 1;
    }
}
