//! Functions of whole numbers.

use super::{Body, Call, Function, nth};
use crate::fault::Evaluated;
use riposte_value::Value;

pub const FUNCTIONS: &[Function] = &[
    row("add", 2, Some(2), "the sum of two numbers", add),
    row("copyIndex", 0, Some(2), "how many turns of a `copy` loop came before this one", copy_index),
    row("div", 2, Some(2), "the whole part of a division", div),
    row("float", 1, Some(1), "a number that may have a fraction", float),
    row("int", 1, Some(1), "a whole number from a text or number", int),
    row("max", 1, None, "the greatest number", max),
    row("min", 1, None, "the least number", min),
    row("mod", 2, Some(2), "the rest of a division", modulo),
    row("mul", 2, Some(2), "the product of two numbers", mul),
    row("sub", 2, Some(2), "the difference of two numbers", sub),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;

const fn row(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

fn arithmetic(call: &Call<'_>, arguments: &[Value], run: fn(i64, i64) -> Option<i64>) -> Evaluated<Value> {
    let (a, b) = (call.int(arguments, 0)?, call.int(arguments, 1)?);
    run(a, b)
        .map(Value::Int)
        .ok_or_else(|| call.refuse(format!("of `{a}` and `{b}` is no whole number of 64 bits")))
}

fn add(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    arithmetic(call, arguments, i64::checked_add)
}

fn sub(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    arithmetic(call, arguments, i64::checked_sub)
}

fn mul(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    arithmetic(call, arguments, i64::checked_mul)
}

fn div(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    arithmetic(call, arguments, i64::checked_div)
}

fn modulo(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    arithmetic(call, arguments, i64::checked_rem)
}

#[expect(clippy::cast_possible_truncation, reason = "a number without fraction in this range fits")]
fn int(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let value = nth(arguments, 0);
    let number = match value {
        Value::Int(number) => Some(*number),
        Value::Float(float) if float.fract() == 0.0 && float.abs() < 9e15 => Some(*float as i64),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.map(Value::Int).ok_or_else(|| call.refuse(format!("cannot make a whole number of `{value}`")))
}

fn float(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let value = nth(arguments, 0);
    let number = match value {
        Value::String(text) => text.trim().parse().ok().filter(|f: &f64| f.is_finite()),
        other => other.as_f64(),
    };
    number.map(Value::Float).ok_or_else(|| call.refuse(format!("cannot make a number of `{value}`")))
}

fn numbers(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Vec<i64>> {
    let items = match arguments {
        [Value::Array(items)] => items.as_slice(),
        several => several,
    };
    (0..items.len()).map(|index| call.int(items, index)).collect()
}

fn max(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let greatest = numbers(call, arguments)?.into_iter().max();
    greatest.map(Value::Int).ok_or_else(|| call.refuse("is given no number"))
}

fn min(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let least = numbers(call, arguments)?.into_iter().min();
    least.map(Value::Int).ok_or_else(|| call.refuse("is given no number"))
}

/// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')`, `copyIndex('loop', offset)`
fn copy_index(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let (name, offset) = match arguments {
        [] => (None, 0),
        [Value::String(name)] => (Some(name), 0),
        [Value::String(name), _] => (Some(name), call.int(arguments, 1)?),
        _ => (None, call.int(arguments, 0)?),
    };
    let mut loops = call.scope.iterations.iter().rev();
    let found = match name {
        None => loops.next(),
        Some(name) => loops.find(|turn| turn.name.eq_ignore_ascii_case(name)),
    };
    let turn = found.ok_or_else(|| match name {
        Some(name) => call.refuse(format!("is asked for the loop `{name}`, which is not around it")),
        None => call.refuse("stands outside of a `copy` loop"),
    })?;
    arithmetic(call, &[Value::Int(turn.index), Value::Int(offset)], i64::checked_add)
}
