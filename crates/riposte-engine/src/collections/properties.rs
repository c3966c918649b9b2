//! Reading an item's properties by a list of names and types.

use riposte_diagnostic::{Diagnostic, join_path};
use riposte_incident::fields::wrong_type;
use riposte_incident::{parse_time, time_text};
use riposte_value::{Object, Text, Value};

/// A property that a writer may give.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) is_required: bool,
}

/// What a property holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Text,
    Texts,
    /// A point in time.
    Time,
    Flag,
    /// A whole number from 0.
    Count,
    Object,
    /// An object with something in it.
    FilledObject,
    Objects,
}

impl Type {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a list of texts",
            Self::Time => "a time",
            Self::Flag => "true or false",
            Self::Count => "a whole number from 0",
            Self::Object => "an object",
            Self::FilledObject => "an object that is not empty",
            Self::Objects => "a list of objects",
        }
    }

    /// The value as it is kept; none if it is of another type.
    fn take(self, value: &Value) -> Option<Value> {
        let fits = match (self, value) {
            (Self::Text, Value::String(_))
            | (Self::Flag, Value::Bool(_))
            | (Self::Object, Value::Object(_)) => true,
            (Self::FilledObject, Value::Object(object)) => !object.is_empty(),
            (Self::Count, Value::Int(number)) => *number >= 0,
            (Self::Texts, Value::Array(items)) => items.iter().all(|item| matches!(item, Value::String(_))),
            (Self::Objects, Value::Array(items)) => items.iter().all(|item| matches!(item, Value::Object(_))),
            (Self::Time, Value::String(text)) => return parse_time(text).map(time_text).map(Value::from),
            _ => false,
        };
        fits.then(|| value.clone())
    }
}

/// The properties that are known, by the names of the list; the others too if the list `is_open`. `null` is as good as
/// absent.
pub(super) fn read(given: &Object, list: &[Property], is_open: bool, told: &mut Vec<Diagnostic>) -> Object {
    let mut read = Object::new();
    for property in list {
        let path = join_path("$.properties", property.name);
        match given.get_ignore_case(property.name).filter(|value| !value.is_null()) {
            None if property.is_required => {
                let message = format!("`{}` is missing", property.name);
                told.push(Diagnostic::error("BadRequest", message).at(path));
            }
            None => {}
            Some(value) => match property.kind.take(value) {
                Some(Value::String(text)) if property.is_required && text.trim().is_empty() => {
                    let message = format!("`{}` is empty", property.name);
                    told.push(Diagnostic::error("BadRequest", message).at(path));
                }
                Some(value) => {
                    read.insert(Text::new_static(property.name), value);
                }
                None => told.push(wrong_type(&path, property.kind.wanted(), value)),
            },
        }
    }
    if is_open {
        let is_listed = |name: &str| list.iter().any(|property| property.name.eq_ignore_ascii_case(name));
        for (name, value) in given.iter().filter(|(name, _)| !is_listed(name)) {
            read.insert(name.clone(), value.clone());
        }
    }
    read
}
