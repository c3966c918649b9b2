//! Values in addresses and headers: how a scalar is written, and how names and values are encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_value::{Text, Value, json, number};
use url::form_urlencoded;

/// Everything but the unreserved characters of RFC 3986, as `Uri.EscapeDataString` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What may not stand in an address as it is. Leaves `%` alone: the text is an address already.
const ADDRESS: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Encodes one segment of a path, or a name or value of a query.
pub(crate) fn encode_component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// Encodes what may not stand in an address, and nothing that may.
pub(crate) fn encode_address(text: &str) -> String {
    utf8_percent_encode(text, ADDRESS).to_string()
}

/// Decodes percent-encoding once; bytes that are not UTF-8 become U+FFFD.
pub(crate) fn decode_component(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The names and values of a query's text, decoded.
pub(crate) fn read_query(query: &str) -> Vec<(Text, Text)> {
    form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (Text::new(name), Text::new(value)))
        .collect()
}

/// A query's text from names and values.
pub(crate) fn write_query(pairs: &[(Text, Text)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&encode_component(name));
        out.push('=');
        out.push_str(&encode_component(value));
    }
    out
}

/// A value as text in an address, a header or a form: booleans in lower case, lists joined with commas, objects as
/// JSON, `null` as nothing.
pub(crate) fn scalar_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Int(int) => int.to_string(),
        Value::Float(float) => number::float_text(*float),
        Value::Decimal(decimal) => decimal.to_string(),
        Value::String(text) => text.to_string(),
        // One level: a list in a list is no list of texts, and is written as JSON.
        Value::Array(items) => items.iter().map(item_text).collect::<Vec<_>>().join(","),
        Value::Object(_) => json::to_string(value),
    }
}

/// A member of a list as text.
pub(crate) fn item_text(item: &Value) -> String {
    match item {
        Value::Array(_) => json::to_string(item),
        _ => scalar_text(item),
    }
}
