//! Conditions and comparisons.

use super::{Body, Call, Function, nth};
use crate::expression::Expression;
use crate::fault::Evaluated;
use riposte_value::Value;
use std::cmp::Ordering;

pub const FUNCTIONS: &[Function] = &[
    lazy("and", 2, None, "whether all conditions hold; stops at the first that does not", and),
    plain("bool", 1, Some(1), "true or false from a text or number", boolean),
    lazy("coalesce", 1, None, "the first value that is not null", coalesce),
    plain("equals", 2, Some(2), "whether two values are equal; texts with regard to case", equals),
    plain("false", 0, Some(0), "false", never),
    plain("greater", 2, Some(2), "whether a number or text is greater than another", greater),
    plain(
        "greaterOrEquals",
        2,
        Some(2),
        "whether a number or text is not less than another",
        greater_or_equals,
    ),
    lazy("if", 3, Some(3), "one of two values; the other one is not evaluated", if_else),
    plain("less", 2, Some(2), "whether a number or text is less than another", less),
    plain("lessOrEquals", 2, Some(2), "whether a number or text is not greater than another", less_or_equals),
    plain("not", 1, Some(1), "the opposite of a condition", not),
    lazy("or", 2, None, "whether some condition holds; stops at the first that does", or),
    plain("true", 0, Some(0), "true", always),
    plain("xor", 2, Some(2), "whether exactly one of two conditions holds", xor),
];

type Run = fn(&Call<'_>, &[Value]) -> Evaluated<Value>;
type RunLazy = fn(&Call<'_>, &[Expression]) -> Evaluated<Value>;

const fn plain(name: &'static str, min: usize, max: Option<usize>, doc: &'static str, run: Run) -> Function {
    Function { name, min, max, doc, body: Body::Plain(run) }
}

const fn lazy(
    name: &'static str,
    min: usize,
    max: Option<usize>,
    doc: &'static str,
    run: RunLazy,
) -> Function {
    Function { name, min, max, doc, body: Body::Lazy(run) }
}

fn condition(call: &Call<'_>, arguments: &[Expression], index: usize) -> Evaluated<bool> {
    let value = call.evaluate(arguments, index)?;
    value.as_bool().ok_or_else(|| call.wrong(index, "true or false", &value))
}

fn and(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    for index in 0..arguments.len() {
        if !condition(call, arguments, index)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn or(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    for index in 0..arguments.len() {
        if condition(call, arguments, index)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn if_else(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    let branch = if condition(call, arguments, 0)? { 1 } else { 2 };
    call.evaluate(arguments, branch)
}

fn coalesce(call: &Call<'_>, arguments: &[Expression]) -> Evaluated<Value> {
    for index in 0..arguments.len() {
        let value = call.evaluate(arguments, index)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn always(_: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(true))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn never(_: &Call<'_>, _: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(false))
}

fn not(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(!call.bool(arguments, 0)?))
}

fn xor(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(call.bool(arguments, 0)? ^ call.bool(arguments, 1)?))
}

fn boolean(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    let value = nth(arguments, 0);
    let flag = match value {
        Value::Bool(flag) => Some(*flag),
        Value::Int(number) => Some(*number != 0),
        Value::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    };
    flag.map(Value::Bool).ok_or_else(|| call.refuse(format!("cannot make true or false of `{value}`")))
}

#[expect(clippy::unnecessary_wraps, reason = "a row's function may fail")]
fn equals(_: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(nth(arguments, 0) == nth(arguments, 1)))
}

fn compare(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Ordering> {
    match (nth(arguments, 0), nth(arguments, 1)) {
        (Value::Int(a), Value::Int(b)) => Ok(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Ok(a.cmp(b)),
        (a @ (Value::Float(_) | Value::Int(_)), b @ (Value::Float(_) | Value::Int(_))) => {
            let order = a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b));
            order.ok_or_else(|| call.refuse("cannot compare what is not a number"))
        }
        (a, b) => Err(call.refuse(format!(
            "compares two numbers or two texts, not `{}` and `{}`",
            a.kind(),
            b.kind()
        ))),
    }
}

fn greater(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(compare(call, arguments)?.is_gt()))
}

fn greater_or_equals(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(compare(call, arguments)?.is_ge()))
}

fn less(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(compare(call, arguments)?.is_lt()))
}

fn less_or_equals(call: &Call<'_>, arguments: &[Value]) -> Evaluated<Value> {
    Ok(Value::Bool(compare(call, arguments)?.is_le()))
}
