//! Making JSON objects in order.

use crate::time::time_text;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};

/// An object with these properties in this order.
pub(crate) fn object<const N: usize>(properties: [(&'static str, Value); N]) -> Value {
    let mut object = Object::with_capacity(N);
    for (name, value) in properties {
        object.insert(Text::new_static(name), value);
    }
    Value::from(object)
}

/// Adds a property if there is a value for it.
pub(crate) fn put_some(object: &mut Object, name: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(Text::new_static(name), value.into());
    }
}

/// An array of texts.
pub(crate) fn texts<'t>(items: impl IntoIterator<Item = &'t Text>) -> Value {
    Value::array(items.into_iter().map(Value::from))
}

/// A point in time, or null.
pub(crate) fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| Value::from(time_text(time)))
}
