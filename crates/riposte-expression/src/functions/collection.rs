//! Functions over arrays, objects and texts.

use super::distinct::Distinct;
use super::{Family, Function, Invocation, Purity, example};
use crate::compare::{compare, equal};
use crate::error::Failure;
use crate::{scratch, text, utf16};
use riposte_value::{Object, Text, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

const FAMILY: Family = Family::Collection;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "chunk", "collection, length", chunk).takes(2, 2).says(
        "The pieces of one length that an array or a text is made of; the last may be shorter.",
        &[example("chunk(createArray(1, 2, 3), 2)", "[[1, 2], [3]]")],
    ),
    Function::value(FAMILY, "contains", "collection, value", contains).takes(2, 2).says(
        "Whether a text has a text in it, an array an item, or an object a property (whatever its case).",
        &[example("contains('hello world', 'world')", "true")],
    ),
    Function::value(FAMILY, "empty", "collection", empty)
        .takes(1, 1)
        .says("Whether an array, an object or a text is empty. Null is.", &[example("empty('')", "true")]),
    Function::value(FAMILY, "first", "collection", first).takes(1, 1).says(
        "The first item of an array, null if there is none; the first character of a text.",
        &[example("first(createArray(0, 1, 2))", "0")],
    ),
    Function::value(FAMILY, "intersection", "collection1, collection2, …", intersection).takes_at_least(2).says(
        "The items that all arrays have, each once; the properties that all objects have with equal values.",
        &[example("intersection(createArray(1, 2, 3), createArray(101, 2, 1, 10))", "[1, 2]")],
    ),
    Function::new(FAMILY, "item", "", super::Body::Lent(item)).depends_on(Purity::Run).says(
        "The item of the innermost loop, or of the Select, Query or Table that is being evaluated.",
        &[],
    ),
    Function::value(FAMILY, "join", "collection, delimiter", join).takes(2, 2).says(
        "The texts of the items of an array with a delimiter between them.",
        &[example("join(createArray('a', 'b', 'c'), '.')", r#""a.b.c""#)],
    ),
    Function::value(FAMILY, "last", "collection", last).takes(1, 1).says(
        "The last item of an array, null if there is none; the last character of a text.",
        &[example("last('abcd')", r#""d""#)],
    ),
    Function::value(FAMILY, "length", "collection", length)
        .takes(1, 1)
        .says("How many items an array has, or characters a text.", &[example("length('abcd')", "4")]),
    Function::value(FAMILY, "reverse", "collection", reverse)
        .takes(1, 1)
        .says("The items of an array in reverse order.", &[example("reverse(createArray(1, 2))", "[2, 1]")]),
    Function::value(FAMILY, "skip", "collection, count", skip).takes(2, 2).says(
        "What follows the first items of an array, or characters of a text.",
        &[example("skip(createArray(0, 1, 2, 3), 1)", "[1, 2, 3]")],
    ),
    Function::value(FAMILY, "sort", "collection, [sortBy]", sort).takes(1, 2).says(
        "The items of an array in ascending order, objects by one of their properties.",
        &[example("sort(createArray(2, 1, 0, 3))", "[0, 1, 2, 3]")],
    ),
    Function::value(FAMILY, "take", "collection, count", take)
        .takes(2, 2)
        .says("The first items of an array, or characters of a text.", &[example("take('abcde', 3)", r#""abc""#)]),
    Function::value(FAMILY, "union", "collection1, collection2, …", union).takes_at_least(2).says(
        "The items of all arrays, each once; the properties of all objects, the last value of each.",
        &[example("union(createArray(1, 2, 3), createArray(1, 2, 10, 101))", "[1, 2, 3, 10, 101]")],
    ),
];

const ARRAY_OR_STRING: &str = "to be an array or a string";

fn chunk(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let size = call.integer(1)?;
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(
            call.fails("expects chunk size to be a positive integer. The provided value is less than 1.")
        );
    };
    match call.argument(0) {
        Value::Array(items) => {
            Ok(Value::array(items.chunks(size).map(|chunk| Value::array(chunk.iter().cloned()))))
        }
        Value::String(text) => chunk_text(call, text, size),
        _ => Err(call.wrong(0, "'collection' to be an array or a string")),
    }
}

/// The pieces of a text, in one pass over it.
fn chunk_text(call: &Invocation<'_, '_>, text: &str, size: usize) -> Result<Value, Failure> {
    call.check_items(utf16::length(text).div_ceil(size))?;
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut taken = 0;
    for c in text.chars() {
        let width = c.len_utf16();
        if taken + width > size && width > 1 && taken + 1 == size {
            // The cut goes through a surrogate pair.
            piece.push('\u{fffd}');
            pieces.push(Value::from(std::mem::take(&mut piece)));
            piece.push('\u{fffd}');
            taken = 1;
        } else {
            piece.push(c);
            taken += width;
        }
        if taken >= size {
            pieces.push(Value::from(std::mem::take(&mut piece)));
            taken = 0;
        }
    }
    if !piece.is_empty() {
        pieces.push(Value::from(piece));
    }
    Ok(Value::from(pieces))
}

fn contains(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(1);
    match call.argument(0) {
        Value::Array(items) => Ok(Value::Bool(items.iter().any(|item| equal(item, value)))),
        Value::Object(object) => {
            let name = value.as_str().ok_or_else(|| call.wrong(1, "to be of type string"))?;
            Ok(Value::Bool(object.get_ignore_case(name).is_some()))
        }
        Value::String(text) => {
            let part = value.as_str().ok_or_else(|| call.wrong(1, "to be of type string"))?;
            Ok(Value::Bool(text.contains(part)))
        }
        other => Err(call.fails(format_args!(
            "expects its first argument 'collection' to be a dictionary (object), an array or a string. The provided value is of type '{}'.",
            other.kind()
        ))
        .advised(other.is_null().then_some("give it a value with `coalesce(…, '')`"))),
    }
}

fn empty(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::Null => Ok(Value::Bool(true)),
        Value::String(text) => Ok(Value::Bool(text.is_empty())),
        Value::Array(items) => Ok(Value::Bool(items.is_empty())),
        Value::Object(object) => Ok(Value::Bool(object.is_empty())),
        _ => Err(call.wrong(0, "to be an object, an array or a string")),
    }
}

/// One end of an array or a text.
fn end(
    call: &Invocation<'_, '_>,
    of_array: fn(&[Value]) -> Option<&Value>,
    of_text: fn(&str) -> Option<char>,
) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::Array(items) => Ok(of_array(items).cloned().unwrap_or_default()),
        Value::String(text) => Ok(Value::from(of_text(text).map(String::from).unwrap_or_default())),
        _ => Err(call.wrong(0, "be an array or a string")),
    }
}

fn first(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    end(call, <[Value]>::first, |text| text.chars().next())
}

fn last(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    end(call, <[Value]>::last, |text| text.chars().next_back())
}

fn item<'a>(call: &Invocation<'_, 'a>) -> Result<Cow<'a, Value>, Failure> {
    let context = call.environment.context;
    context
        .item_ref()
        .map(Cow::Borrowed)
        .or_else(|| context.item().map(Cow::Owned))
        .ok_or_else(|| Failure::new("The template function 'item' is not expected at this location."))
}

fn join(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let items = call.array(0, "to be an array")?;
    let delimiter = text::of(call.argument(1));
    scratch::text(|out| {
        items.iter().enumerate().try_for_each(|(i, item)| {
            if i > 0 {
                out.push_str(&delimiter);
            }
            text::write(item, out);
            call.check_length(out.len())
        })
    })
}

fn length(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::String(text) => Ok(Value::from(utf16::length(text))),
        Value::Array(items) => Ok(Value::from(items.len())),
        _ => Err(call.wrong(0, ARRAY_OR_STRING)),
    }
}

fn reverse(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let items = call.argument(0).as_array();
    let items = items.ok_or_else(|| call.wrong_at("first parameter", 0, "to be of type array"))?;
    Ok(Value::array(items.iter().rev().cloned()))
}

/// The `count` of `skip` and `take`.
fn count(call: &Invocation<'_, '_>) -> Result<usize, Failure> {
    let count = call.integer(1)?;
    usize::try_from(count).map_err(|_| {
        call.fails(format_args!(
            "parameters are out of range: 'count' must be a positive integer. The provided value is '{count}'."
        ))
    })
}

const COLLECTION: &str = "'collection' to be an array or a string";

fn skip(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let collection = call.argument(0);
    match collection {
        Value::Array(items) => Ok(Value::array(items.iter().skip(count(call)?).cloned())),
        Value::String(text) => {
            let length = utf16::length(text);
            Ok(Value::text(utf16::slice(text, count(call)?.min(length), length)))
        }
        _ => Err(call.wrong(0, COLLECTION)),
    }
}

fn take(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::Array(items) => Ok(Value::array(items.iter().take(count(call)?).cloned())),
        Value::String(text) => Ok(Value::text(utf16::slice(text, 0, count(call)?.min(utf16::length(text))))),
        _ => Err(call.wrong(0, COLLECTION)),
    }
}

fn sort(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let items = call.array(0, "to be of type array")?;
    // Observed on the service: a key that is null fails, it does not stand for none.
    let by = (call.arguments.len() > 1).then(|| call.string(1)).transpose()?;
    let key = |item: &Value| match by {
        Some(name) => item.get_ignore_case(name).cloned().unwrap_or_default(),
        None => item.clone(),
    };
    let mut keyed: Vec<(Value, &Value)> = items.iter().map(|item| (key(item), item)).collect();
    let unordered = keyed.iter().any(|(key, _)| matches!(key, Value::Array(_) | Value::Object(_)));
    if unordered {
        return Err(call.fails(
            "expects the values to sort by to be numbers, strings or booleans. To sort objects, name one of their properties in the second parameter.",
        ));
    }
    keyed.sort_by(|(a, _), (b, _)| order(a, b));
    Ok(Value::array(keyed.into_iter().map(|(_, item)| item.clone())))
}

/// A total order over scalars: kinds apart, within a kind by value.
fn order(a: &Value, b: &Value) -> Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => 2,
        _ => 3,
    };
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        _ => rank(a).cmp(&rank(b)).then_with(|| compare(a, b).unwrap_or(Ordering::Equal)),
    }
}

/// What the arguments all are.
enum Collections {
    Arrays,
    Objects,
}

fn collections(call: &Invocation<'_, '_>) -> Result<Collections, Failure> {
    if arrays(call).count() == call.arguments.len() {
        return Ok(Collections::Arrays);
    }
    if objects(call).count() == call.arguments.len() {
        return Ok(Collections::Objects);
    }
    let mut kinds: Vec<_> = call.values().map(|value| value.kind().as_str()).collect();
    let mut seen = BTreeSet::new();
    kinds.retain(|kind| seen.insert(*kind));
    if let [only] = kinds.as_slice() {
        return Err(
            call.fails(format_args!("expects parameters to be arrays or objects, but found '{only}'."))
        );
    }
    // Measured on the service, without the article that its other sentences begin with.
    let name = call.function.name;
    Err(Failure::new(format!(
        "Template language function '{name}' expects parameters of same type, but found '{}' distinct types.",
        kinds.join(",")
    ))
    .help("hand over arrays only, or objects only; what may be null gets a value with `coalesce(…, json('[]'))`"))
}

fn arrays<'v>(call: &Invocation<'v, '_>) -> impl Iterator<Item = &'v [Value]> {
    call.arguments.iter().filter_map(|value| value.as_array())
}

fn objects<'v>(call: &Invocation<'v, '_>) -> impl Iterator<Item = &'v Object> {
    call.arguments.iter().filter_map(|value| value.as_object())
}

fn union(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match collections(call)? {
        Collections::Arrays => {
            let mut array = scratch::items(arrays(call).map(<[Value]>::len).sum());
            Distinct::filling(Arc::make_mut(&mut array)).with(arrays(call).flatten()).check(call)?;
            call.made(Value::Array(array))
        }
        Collections::Objects => {
            let mut merged = Object::new();
            for (name, value) in objects(call).flatten() {
                merged.insert(name.clone(), value.clone());
            }
            call.made(Value::from(merged))
        }
    }
}

fn intersection(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match collections(call)? {
        Collections::Arrays => {
            let mut arrays = arrays(call);
            let mut kept = Vec::new();
            Distinct::filling(&mut kept).with(arrays.next().unwrap_or_default()).check(call)?;
            for other in arrays {
                let mut others = Vec::new();
                let other = Distinct::filling(&mut others).with(other);
                kept.retain(|item| other.has(item));
                other.check(call)?;
            }
            Ok(Value::from(kept))
        }
        Collections::Objects => {
            let mut objects = objects(call);
            let mut kept: Vec<(&Text, &Value)> =
                objects.next().map_or_else(Vec::new, |first| first.iter().collect());
            for other in objects {
                kept.retain(|(name, value)| other.get(name).is_some_and(|o| equal(o, value)));
            }
            Ok(Value::from(
                kept.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect::<Object>(),
            ))
        }
    }
}
