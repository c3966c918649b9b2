//! `copy` loops: of properties and variables (`"copy": [{name, count, input}]`) and their counts.

use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use crate::limits::COPY_COUNT_MAX;
use riposte_diagnostic::{join_index, join_path};
use riposte_value::{Text, Value};

/// The loops, if this property is `copy` and holds loops. A property that is only called so is not taken for one.
pub fn property_loops<'v>(name: &str, value: &'v Value) -> Option<&'v [Value]> {
    if !name.eq_ignore_ascii_case("copy") {
        return None;
    }
    let loops = value.as_array().filter(|loops| !loops.is_empty())?;
    let is_loop =
        |one: &Value| ["name", "count", "input"].iter().all(|part| one.get_ignore_case(part).is_some());
    loops.iter().all(is_loop).then_some(loops)
}

/// The name of a loop.
pub fn name(one: &Value) -> Option<&str> {
    one.get_ignore_case("name").and_then(Value::as_str)
}

/// The arrays that loops make, by name. Faults are told.
pub fn property_arrays(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    loops: &[Value],
    path: &str,
) -> Evaluated<Vec<(Text, Value)>> {
    let mut arrays = Vec::with_capacity(loops.len());
    for (index, one) in loops.iter().enumerate() {
        let path = join_index(path, index);
        let array = run(evaluator, scope, one, &path);
        arrays.push(evaluator.reported(array, &path)?);
    }
    Ok(arrays)
}

fn run(evaluator: &Evaluator<'_>, scope: &Scope, one: &Value, path: &str) -> Evaluated<(Text, Value)> {
    let name = name(one).ok_or_else(|| Fault::template("a `copy` loop has no name"))?;
    let input = one.get_ignore_case("input").ok_or_else(|| Fault::template("a `copy` loop has no input"))?;
    let turns = count(evaluator, scope, one.get_ignore_case("count"), path)?;
    Ok((Text::new(name), items(evaluator, scope, (name, turns), input, path)?))
}

/// What `input` gives in each turn of a loop (its name and how many turns it has).
pub fn items(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    (name, turns): (&str, i64),
    input: &Value,
    path: &str,
) -> Evaluated<Value> {
    let path = join_path(path, "input");
    let mut items = Vec::new();
    for index in 0..turns {
        let item = evaluator.deeper(|| evaluator.value(&scope.turn(name, index), input, &path))?;
        evaluator.charge(&item)?;
        items.push(item);
    }
    Ok(Value::from(items))
}

/// How often a loop turns.
pub fn count(evaluator: &Evaluator<'_>, scope: &Scope, count: Option<&Value>, path: &str) -> Evaluated<i64> {
    let count = count.ok_or_else(|| Fault::template("a `copy` loop has no count"))?;
    let count = evaluator.value(scope, count, &join_path(path, "count"))?;
    let number = match &count {
        Value::Int(number) => Some(*number),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if (0..=COPY_COUNT_MAX).contains(&number) => Ok(number),
        Some(number) => {
            Err(Fault::limit(format!("a `copy` loop turns 0 to {COPY_COUNT_MAX} times, not {number}")))
        }
        None => {
            Err(Fault::template(format!("the count of a `copy` loop is `{count}`, which is no whole number")))
        }
    }
}
