//! Functions of objects: `createObject`, `items`, `tryGet`, …

use super::{Body, Call, Function, text_of};
use crate::fault::Evaluated;
use riposte_value::{Object, Text, Value};

pub const FUNCTIONS: &[Function] = &[
    row("createObject", 0, None, "an object of names and values in turn", create_object),
    row("items", 1, Some(1), "the properties of an object as `{key, value}`, ordered by key", items),
    row("null", 0, Some(0), "null", null),
    row("objectKeys", 1, Some(1), "the names of an object's properties, ordered", object_keys),
    row("shallowMerge", 1, Some(1), "the objects of an array as one, later ones first", shallow_merge),
    row("tryGet", 2, None, "a property or item, and null where there is none", try_get),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

fn create_object(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let mut object = Object::new();
    let mut pairs = arguments.chunks_exact(2);
    for (index, pair) in pairs.by_ref().enumerate() {
        if let [_, value] = pair {
            object.insert(call.str(arguments, index * 2)?, value.clone());
        }
    }
    if pairs.remainder().is_empty() {
        Ok(Value::from(object))
    } else {
        Err(call.refuse("takes names and values in turn"))
    }
}

fn sorted(object: &Object) -> Vec<(&Text, &Value)> {
    let mut properties: Vec<_> = object.iter().collect();
    properties.sort_by_key(|(name, _)| name.to_lowercase());
    properties
}

fn items(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let pair =
        |(key, value): (&Text, &Value)| Value::object([("key", Value::from(key)), ("value", value.clone())]);
    Ok(Value::array(sorted(call.object(arguments, 0)?).into_iter().map(pair)))
}

fn object_keys(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::array(sorted(call.object(arguments, 0)?).into_iter().map(|(key, _)| Value::from(key))))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn null(_: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    Ok(Value::Null)
}

fn shallow_merge(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let mut merged = Object::new();
    for item in call.array(arguments, 0)? {
        let object = item.as_object().ok_or_else(|| call.wrong(0, "an array of objects", item))?;
        merged.extend(object.clone());
    }
    Ok(Value::from(merged))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn try_get(_: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let Some((target, steps)) = arguments.split_first() else { return Ok(Value::Null) };
    let found = steps.iter().try_fold(target, |value, step| match (value, step) {
        (Value::Array(items), Value::Int(at)) => usize::try_from(*at).ok().and_then(|at| items.get(at)),
        (Value::Object(object), step) => object.get_ignore_case(&text_of(step)),
        _ => None,
    });
    Ok(found.cloned().unwrap_or_default())
}
