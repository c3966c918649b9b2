//! Making JSON objects in order.

use riposte_value::{Object, Text, Value};

/// An object with these properties in this order.
pub(crate) fn object<const N: usize>(properties: [(&'static str, Value); N]) -> Value {
    let mut object = Object::with_capacity(N);
    for (name, value) in properties {
        object.insert(Text::new_static(name), value);
    }
    Value::from(object)
}
