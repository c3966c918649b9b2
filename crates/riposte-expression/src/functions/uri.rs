//! Parts of URIs, as .NET's `System.Uri` takes them apart, and percent encoding.

use super::{Family, Function, Invocation, example};
use crate::content::{self, Envelope};
use crate::error::Failure;
use crate::text;
use crate::uri::Uri;
use riposte_value::Value;

const FAMILY: Family = Family::Uri;
const CODING: Family = Family::Conversion;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(CODING, "decodeUriComponent", "value", decode).takes(1, 1).says(
        "Text with its percent encoding undone.",
        &[example("decodeUriComponent('https%3A%2F%2Fcontoso.com')", r#""https://contoso.com""#)],
    ),
    Function::value(CODING, "encodeUriComponent", "value, …", encode).takes_at_least(1).says(
        "Text with percent encoding for what may not stand in a URI as it is.",
        &[example("encodeUriComponent('https://contoso.com')", r#""https%3A%2F%2Fcontoso.com""#)],
    ),
    Function::value(CODING, "uriComponent", "value, …", encode)
        .takes_at_least(1)
        .says("As `encodeUriComponent`.", &[example("uriComponent('a b')", r#""a%20b""#)]),
    Function::value(CODING, "uriComponentToBinary", "value", to_binary).takes(1, 1).says(
        "Binary content from percent encoding.",
        &[example("uriComponentToBinary('a%20b')?['$content']", r#""YSBi""#)],
    ),
    Function::value(CODING, "uriComponentToString", "value", to_text).takes(1, 1).says(
        "Text with its percent encoding undone; a plus is a blank.",
        &[example("uriComponentToString('a%20b+c')", r#""a b c""#)],
    ),
    Function::value(FAMILY, "uriHost", "uri", |call| part(call, |uri| Value::from(uri.host)))
        .takes(1, 1)
        .says("The host.", &[example("uriHost('https://www.localhost.com:8080')", r#""www.localhost.com""#)]),
    Function::value(FAMILY, "uriPath", "uri", |call| part(call, |uri| Value::from(uri.path)))
        .takes(1, 1)
        .says(
            "The path.",
            &[example(
                "uriPath('https://www.contoso.com/catalog/shownew.htm?date=today')",
                r#""/catalog/shownew.htm""#,
            )],
        ),
    Function::value(FAMILY, "uriPathAndQuery", "uri", |call| {
        part(call, |uri| Value::from(format!("{}{}", uri.path, uri.query)))
    })
    .takes(1, 1)
    .says("The path and the query.", &[example("uriPathAndQuery('https://www.contoso.com')", r#""/""#)]),
    Function::value(FAMILY, "uriPort", "uri", |call| part(call, |uri| Value::Int(uri.port)))
        .takes(1, 1)
        .says(
            "The port, the scheme's own if none is given.",
            &[example("uriPort('https://www.localhost:8080')", "8080")],
        ),
    Function::value(FAMILY, "uriQuery", "uri", |call| part(call, |uri| Value::from(uri.query)))
        .takes(1, 1)
        .says(
            "The query, with its question mark.",
            &[example("uriQuery('https://www.contoso.com/?date=today')", r#""?date=today""#)],
        ),
    Function::value(FAMILY, "uriScheme", "uri", |call| part(call, |uri| Value::from(uri.scheme)))
        .takes(1, 1)
        .says("The scheme.", &[example("uriScheme('https://www.contoso.com')", r#""https""#)]),
];

fn part(call: &Invocation<'_, '_>, take: fn(Uri) -> Value) -> Result<Value, Failure> {
    let text = call.string(0)?;
    Uri::parse(text).map(take).ok_or_else(|| {
        call.fails(format_args!(
            "expects its parameter to be a valid absolute URI. The provided value is '{text}'."
        ))
    })
}

fn encode(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let mut out = String::new();
    for index in 0..call.arguments.len() {
        let value = call.argument(index);
        let alone = call.arguments.len() == 1;
        // Several values are joined as their texts (measured on the service); one alone must have a text.
        let refused = match value {
            Value::Null => alone,
            Value::Array(_) | Value::Object(_) => alone && Envelope::of(value).is_none(),
            _ => false,
        };
        if refused {
            return Err(call.fails(format_args!(
                "expects its parameter to be a string. The provided value is of type '{}'.",
                value.kind()
            )));
        }
        let text = text::of(value);
        call.check_length(out.len().saturating_add(text.len()))?;
        crate::uri::escape(&text, &mut out);
    }
    call.text(out)
}

fn decode(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    Ok(Value::from(crate::uri::unescape(text)))
}

fn to_text(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    Ok(Value::from(crate::uri::unescape(&text.replace('+', " "))))
}

fn to_binary(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.argument(0).as_str().ok_or_else(|| call.wrong(0, "to be a string"))?;
    Ok(content::envelope(content::OCTET_STREAM, &crate::uri::unescape_bytes(text)))
}
