//! `application/x-www-form-urlencoded`.

use riposte_value::Value;
use url::form_urlencoded;

/// `$formdata`: `[{key, value}]` in order.
pub(super) fn read(text: &str) -> Value {
    Value::array(
        form_urlencoded::parse(text.as_bytes())
            .map(|(key, value)| Value::object([("key", Value::text(key)), ("value", Value::text(value))])),
    )
}

/// The text of a form with these fields.
pub(super) fn write<'a>(fields: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut serializer = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        serializer.append_pair(name, &value);
    }
    serializer.finish()
}
