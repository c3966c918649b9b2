//! Values that only a deployed resource has: keys, addresses, identities.
//!
//! `reference()` and the `list*` functions ask for them, and a template may go on from there (`.keys[0].value`,
//! `split(…)[1]`). What is known is given; for the rest a marked object is passed along, and where it is finally used
//! it turns into a text that says what is missing, with a warning. So a template that stores such a value in a place
//! that nothing here reads can still be imported.

use crate::expression::Evaluator;
use riposte_value::{Object, Text, Value};

/// The property that marks an object; cannot come from JSON that a person wrote by accident.
const MARK: &str = "\u{1}unresolved";

/// An object of which only these properties are known; `origin` says what it is (`reference/workflows/enrich`).
pub fn mark(origin: &str, known: Object) -> Value {
    let mut object = known;
    object.insert(MARK, origin);
    Value::from(object)
}

fn origin(value: &Value) -> Option<&str> {
    value.as_object()?.get(MARK)?.as_str()
}

/// `value.name` for a marked value; `None` for any other.
pub fn access(value: &Value, name: &str) -> Option<Value> {
    let origin = origin(value)?;
    let path = format!("{origin}/{name}");
    Some(match value.get_ignore_case(name) {
        Some(Value::Object(object)) => mark(&path, (**object).clone()),
        Some(known) => known.clone(),
        None => mark(&path, Object::new()),
    })
}

/// The value without its mark; with a warning and a stand-in text if nothing of it is known.
pub fn settle(evaluator: &Evaluator<'_>, value: Value) -> Value {
    let Some(origin) = origin(&value).map(str::to_owned) else { return value };
    if let Some(object) = value.as_object().filter(|object| object.len() > 1) {
        let mut object = object.clone();
        object.remove(MARK);
        return Value::from(object);
    }
    evaluator.warn_here(
        "UnresolvedReference",
        format!("`{origin}` is only known once the resource is deployed; a stand-in text is used"),
        "set the value by hand after the import, or write it into the template",
    );
    Value::String(Text::from(format!("unresolved:{origin}")))
}
