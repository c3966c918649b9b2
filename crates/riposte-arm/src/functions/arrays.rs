//! Functions of arrays, most of which take texts too: `first`, `last`, `take`, `skip`, `union`, `range`, …

use super::{Body, Call, Function, nth, size, text_of};
use crate::fault::{Evaluated, Fault};
use crate::limits::{RANGE_COUNT_MAX, UNION_COMPARED_MAX};
use riposte_value::{Object, Text, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub const FUNCTIONS: &[Function] = &[
    row("array", 1, Some(1), "a value as array: itself, or the one item of one", array),
    row(
        "contains",
        2,
        Some(2),
        "whether an array holds an item, an object a property, or a text a text",
        contains,
    ),
    row("createArray", 0, None, "an array of the arguments", create_array),
    row("empty", 1, Some(1), "whether a text, array or object is empty or null", empty),
    row("first", 1, Some(1), "the first item or character", first),
    row("flatten", 1, Some(1), "an array of arrays as one array", flatten),
    row(
        "indexFromEnd",
        2,
        Some(2),
        "the item at an index counted from the end, starting with 1",
        index_from_end,
    ),
    row("intersection", 2, None, "what all arrays or objects have in common", intersection),
    row("last", 1, Some(1), "the last item or character", last),
    row("length", 1, Some(1), "how many items, properties or characters there are", length),
    row("range", 2, Some(2), "a run of whole numbers", range),
    row("skip", 2, Some(2), "what follows a number of items or characters", skip),
    row("take", 2, Some(2), "a number of items or characters from the start", take),
    row("tryIndexFromEnd", 2, Some(2), "as `indexFromEnd`, and null where there is none", try_index_from_end),
    row("union", 2, None, "everything that the arrays or objects have, once", union),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn array(_: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(match nth(arguments, 0) {
        value @ Value::Array(_) => value.clone(),
        value => Value::array([value.clone()]),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn create_array(_: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(arguments.to_vec()))
}

fn contains(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let wanted = nth(arguments, 1);
    Ok(Value::Bool(match nth(arguments, 0) {
        Value::Array(items) => items.contains(wanted),
        Value::Object(object) => object.get_ignore_case(call.str(arguments, 1)?).is_some(),
        Value::String(text) => text.contains(text_of(wanted).as_str()),
        other => return Err(call.wrong(0, "an array, an object or a text", other)),
    }))
}

fn empty(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(match nth(arguments, 0) {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::String(text) => text.is_empty(),
        other => return Err(call.wrong(0, "an array, an object or a text", other)),
    }))
}

fn length(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::from(match nth(arguments, 0) {
        Value::Array(items) => items.len(),
        Value::Object(object) => object.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(call.wrong(0, "an array, an object or a text", other)),
    }))
}

fn character(c: Option<char>) -> Value {
    c.map_or_else(|| Value::text(""), |c| Value::from(c.to_string()))
}

fn first(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    match nth(arguments, 0) {
        Value::Array(items) => Ok(items.first().cloned().unwrap_or_default()),
        Value::String(text) => Ok(character(text.chars().next())),
        other => Err(call.wrong(0, "an array or a text", other)),
    }
}

fn last(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    match nth(arguments, 0) {
        Value::Array(items) => Ok(items.last().cloned().unwrap_or_default()),
        Value::String(text) => Ok(character(text.chars().next_back())),
        other => Err(call.wrong(0, "an array or a text", other)),
    }
}

fn skip(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let count = size(call.int(arguments, 1)?);
    match nth(arguments, 0) {
        Value::Array(items) => Ok(Value::array(items.iter().skip(count).cloned())),
        Value::String(text) => Ok(Value::from(text.chars().skip(count).collect::<String>())),
        other => Err(call.wrong(0, "an array or a text", other)),
    }
}

fn take(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let count = size(call.int(arguments, 1)?);
    match nth(arguments, 0) {
        Value::Array(items) => Ok(Value::array(items.iter().take(count).cloned())),
        Value::String(text) => Ok(Value::from(text.chars().take(count).collect::<String>())),
        other => Err(call.wrong(0, "an array or a text", other)),
    }
}

fn flatten(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let items = call.array(arguments, 0)?.iter().flat_map(|item| match item {
        Value::Array(inner) => inner.to_vec(),
        other => vec![other.clone()],
    });
    Ok(Value::array(items))
}

fn from_end(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Option<Value>> {
    let (items, back) = (call.array(arguments, 0)?, call.int(arguments, 1)?);
    let found =
        usize::try_from(back).ok().filter(|back| *back > 0).and_then(|back| items.iter().rev().nth(back - 1));
    Ok(found.cloned())
}

fn index_from_end(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    from_end(call, arguments)?.ok_or_else(|| call.refuse("is asked for an item outside the array"))
}

fn try_index_from_end(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(from_end(call, arguments)?.unwrap_or_default())
}

fn range(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (start, count) = (call.int(arguments, 0)?, call.int(arguments, 1)?);
    if !(0..=RANGE_COUNT_MAX).contains(&count) {
        return Err(Fault::limit(format!("`range` makes 0 to {RANGE_COUNT_MAX} numbers, not {count}")));
    }
    let end = start.checked_add(count).ok_or_else(|| call.refuse("leaves the range of 64-bit numbers"))?;
    Ok(Value::array((start..end).map(Value::Int)))
}

fn union(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    if arguments.iter().all(|value| matches!(value, Value::Object(_))) {
        let mut merged = Object::new();
        for index in 0..arguments.len() {
            merge(&mut merged, call.object(arguments, index)?);
        }
        return Ok(Value::from(merged));
    }
    let mut items: Vec<Value> = Vec::new();
    let mut scalars: BTreeSet<String> = BTreeSet::new();
    let mut compared: Vec<Value> = Vec::new();
    for index in 0..arguments.len() {
        for item in call.array(arguments, index)? {
            let new = match item {
                Value::Array(_) | Value::Object(_) if compared.len() >= UNION_COMPARED_MAX => {
                    return Err(Fault::limit(format!(
                        "`union` compares {UNION_COMPARED_MAX} arrays and objects at most"
                    )));
                }
                Value::Array(_) | Value::Object(_) => {
                    let new = !compared.contains(item);
                    compared.extend(new.then(|| item.clone()));
                    new
                }
                scalar => scalars.insert(json::to_string(scalar)),
            };
            items.extend(new.then(|| item.clone()));
        }
    }
    Ok(Value::from(items))
}

/// Properties of `from` into `into`: objects in both are merged, everything else is replaced.
fn merge(into: &mut Object, from: &Object) {
    let mut spelt: BTreeMap<String, Text> =
        into.keys().map(|name| (name.to_lowercase(), name.clone())).collect();
    for (name, value) in from {
        let name = spelt.entry(name.to_lowercase()).or_insert_with(|| name.clone());
        let merged = match (into.get(name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let mut both = (**old).clone();
                merge(&mut both, new);
                Value::from(both)
            }
            _ => value.clone(),
        };
        into.insert(name.clone(), merged);
    }
}

fn intersection(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (head, tail) = arguments.split_first().ok_or_else(|| call.refuse("is given nothing"))?;
    if let Value::Object(object) = head {
        let mut common = (**object).clone();
        for index in 1..=tail.len() {
            let other = call.object(arguments, index)?;
            check_pairs(common.len(), other.len())?;
            common = common
                .into_iter()
                .filter(|(name, value)| other.get_ignore_case(name) == Some(value))
                .collect();
        }
        return Ok(Value::from(common));
    }
    let mut common = call.array(arguments, 0)?.to_vec();
    for index in 1..=tail.len() {
        let other = call.array(arguments, index)?;
        check_pairs(common.len(), other.len())?;
        common.retain(|item| other.contains(item));
    }
    Ok(Value::from(common))
}

/// Refuses to compare each of so many with each of as many others.
fn check_pairs(ones: usize, others: usize) -> Evaluated<()> {
    if ones.saturating_mul(others) <= size(RANGE_COUNT_MAX * 100) {
        return Ok(());
    }
    Err(Fault::limit("`intersection` is given too many items"))
}
