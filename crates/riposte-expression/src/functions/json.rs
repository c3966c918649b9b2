//! Functions over objects, and JSON from text.

use super::{Body, Family, Function, Invocation, example};
use crate::content::Envelope;
use crate::error::Failure;
use crate::shown::shown;
use riposte_value::{Object, Value, json};

const FAMILY: Family = Family::Manipulation;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "addProperty", "object, property, value", add_property).takes(3, 3).says(
        "An object with one more property; one that is there, whatever its case, is an error.",
        &[example(r#"addProperty(json('{"a":1}'), 'b', 2)"#, r#"{"a": 1, "b": 2}"#)],
    ),
    Function::new(FAMILY, "coalesce", "object_1, [object_2], …", Body::Coalesce).takes_at_least(1).says(
        "The first value that is not null; those after it are not evaluated.",
        &[example("coalesce(null, 'hello', 'world')", r#""hello""#)],
    ),
    Function::value(Family::Conversion, "json", "value", json).takes(1, 1).says(
        "The value that JSON text or XML content stands for.",
        &[example(r#"json('{"fullName": "Sophia Owen"}')"#, r#"{"fullName": "Sophia Owen"}"#)],
    ),
    Function::value(FAMILY, "removeProperty", "object, property", remove_property).takes(2, 2).says(
        "An object without a property, whatever its case.",
        &[example(r#"removeProperty(json('{"a":1,"b":2}'), 'B')"#, r#"{"a": 1}"#)],
    ),
    Function::value(FAMILY, "setProperty", "object, property, value", set_property).takes(3, 3).says(
        "An object with a property set, whatever its case; it comes last.",
        &[example(r#"setProperty(json('{"a":1}'), 'a', 9)"#, r#"{"a": 9}"#)],
    ),
];

fn changed(call: &Invocation<'_, '_>, change: impl FnOnce(&mut Object)) -> Result<Value, Failure> {
    let mut object = call.object(0)?.clone();
    change(&mut object);
    call.made(Value::from(object))
}

fn add_property(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let object = call.object(0)?;
    let name = call.string(1)?;
    if object.get_ignore_case(name).is_some() {
        return Err(call
            .fails(format_args!(
                "expects the property to not exist in the object. Unable to add property '{name}' to '{}' as it already exists.",
                shown(call.argument(0))
            ))
            .help("use `setProperty` to change a property"));
    }
    changed(call, |object| {
        object.insert(name, call.argument(2).clone());
    })
}

fn set_property(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    call.object(0)?;
    let name = call.string(1)?;
    changed(call, |object| {
        let name = object.remove_ignore_case(name).map_or_else(|| name.into(), |(name, _)| name);
        object.insert(name, call.argument(2).clone());
    })
}

fn remove_property(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    call.object(0)?;
    let name = call.string(1)?;
    changed(call, |object| {
        object.remove_ignore_case(name);
    })
}

fn json(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(0);
    if let Some(envelope) = Envelope::of(value) {
        if envelope.is_xml() {
            return super::xml::to_json(call, &envelope);
        }
        return read(call, &envelope.text());
    }
    match value {
        Value::String(text) => read(call, text),
        _ => Err(call.wrong(0, "to be a string or an XML")),
    }
}

fn read(call: &Invocation<'_, '_>, text: &str) -> Result<Value, Failure> {
    let comment = text.trim_start().starts_with("/*") || text.trim_start().starts_with("//");
    if comment {
        // Json.NET's reader takes a comment before the value for the value itself, and then finds more text.
        return Err(call.fails("expects its parameter to be JSON: a comment stands before it."));
    }
    json::parse_lenient(text).map_err(|error| {
        let name = call.function.name;
        Failure::new(format!(
            "The template language function '{name}' parameter is not valid. The provided value '{}' cannot be parsed: '{error}'. Please see https://aka.ms/logicexpressions#json for usage details.",
            text.chars().take(1_024).collect::<String>()
        ))
    })
}
