//! Functions that turn texts into other forms: base64, data URIs, URIs, JSON.

use super::{Body, Call, Function};
use crate::fault::Evaluated;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use riposte_value::{Value, json};

pub const FUNCTIONS: &[Function] = &[
    row("base64", 1, "a text as base64 of its UTF-8", base64),
    row("base64ToJson", 1, "the JSON that a base64 text holds", base64_to_json),
    row("base64ToString", 1, "the text that a base64 text holds", base64_to_string),
    row("dataUri", 1, "a text as data URI", data_uri),
    row("dataUriToString", 1, "the text that a data URI holds", data_uri_to_string),
    row("json", 1, "the value that JSON text holds", json_value),
    row("uri", 2, "a relative address put onto a base address", uri),
    row("uriComponent", 1, "a text with everything but unreserved characters percent-encoded", uri_component),
    row("uriComponentToString", 1, "a percent-encoded text decoded", uri_component_to_string),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, count: usize, doc: &'static str, run: Run) -> Function {
    Function { name, min: count, max: Some(count), doc, body: Body::Plain(run) }
}

/// What RFC 3986 leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn base64(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(STANDARD.encode(call.str(arguments, 0)?)))
}

fn decoded(call: &Call<'_>, text: &str) -> Evaluated<String> {
    let bytes = STANDARD_NO_PAD
        .decode(text.trim().trim_end_matches('='))
        .map_err(|_| call.refuse("is given text that is not base64"))?;
    String::from_utf8(bytes).map_err(|_| call.refuse("is given base64 that does not hold UTF-8 text"))
}

fn base64_to_string(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(decoded(call, call.str(arguments, 0)?)?))
}

fn base64_to_json(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    parsed(call, &decoded(call, call.str(arguments, 0)?)?)
}

fn parsed(call: &Call<'_>, text: &str) -> Evaluated<Value> {
    json::parse_lenient(text)
        .map_err(|error| call.refuse(format!("is given text that is not JSON: {}", error.message)))
}

fn json_value(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    parsed(call, call.str(arguments, 0)?)
}

fn data_uri(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(format!(
        "data:text/plain;charset=utf8;base64,{}",
        STANDARD.encode(call.str(arguments, 0)?)
    )))
}

fn data_uri_to_string(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let text = call.str(arguments, 0)?;
    let (head, data) = text
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(','))
        .ok_or_else(|| call.refuse("is given text that is not a data URI"))?;
    if head.ends_with(";base64") {
        return Ok(Value::from(decoded(call, data)?));
    }
    Ok(Value::from(percent_decode_str(data).decode_utf8_lossy().into_owned()))
}

fn uri_component(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(utf8_percent_encode(call.str(arguments, 0)?, COMPONENT).to_string()))
}

fn uri_component_to_string(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(percent_decode_str(call.str(arguments, 0)?).decode_utf8_lossy().into_owned()))
}

/// Puts a relative address onto a base, by the rules of RFC 3986 §5.2 as far as they concern absolute bases: what
/// follows the last `/` of the base's path is dropped, `.` and `..` are taken out.
fn uri(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (base, relative) = (call.str(arguments, 0)?, call.str(arguments, 1)?);
    let (scheme, rest) = base
        .split_once("://")
        .ok_or_else(|| call.refuse("is given a base that is not an absolute address"))?;
    if relative.contains("://") {
        return Ok(Value::text(relative));
    }
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let path = path.split(['?', '#']).next().unwrap_or("/");
    let (target, query) = relative.find(['?', '#']).map_or((relative, ""), |at| relative.split_at(at));
    let joined = match target.strip_prefix('/') {
        Some(_) => target.to_owned(),
        None => format!("{}/{target}", path.rsplit_once('/').map_or("", |(before, _)| before)),
    };
    let mut segments: Vec<&str> = Vec::new();
    for segment in joined.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    Ok(Value::from(format!("{scheme}://{host}/{}{query}", segments.join("/"))))
}
