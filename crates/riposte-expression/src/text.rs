//! The text of values, as interpolation, `concat`, `join` and `string` make it.
//!
//! Null is empty, booleans are `True` and `False`, numbers are .NET's, arrays and objects are compact JSON, and a
//! content envelope is the text it holds (measured on the service).

use crate::content;
use riposte_value::{Value, json, number};
use std::borrow::Cow;

/// The text of a value.
pub(crate) fn of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Bool(true) => Cow::Borrowed("True"),
        Value::Bool(false) => Cow::Borrowed("False"),
        Value::Int(i) => Cow::Owned(i.to_string()),
        Value::Float(f) => Cow::Owned(number::float_text(*f)),
        Value::Decimal(d) => Cow::Owned(d.to_string()),
        Value::String(text) => Cow::Borrowed(text.as_str()),
        Value::Array(_) => Cow::Owned(json::to_string(value)),
        Value::Object(_) => match content::Envelope::of(value) {
            Some(envelope) => Cow::Owned(envelope.text()),
            None => Cow::Owned(json::to_string(value)),
        },
    }
}

/// Appends the text of a value.
#[inline]
pub(crate) fn write(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        Value::Int(i) => out.push_str(itoa::Buffer::new().format(*i)),
        other => write_other(other, out),
    }
}

fn write_other(value: &Value, out: &mut String) {
    match value {
        Value::Array(_) => json::write(value, out),
        other => out.push_str(&of(other)),
    }
}
