//! Logical functions. `if`, `and`, `or` evaluate no more than they need; the evaluator does that.

use super::{Body, Family, Function, Invocation, example};
use crate::compare::{compare, equal};
use crate::error::Failure;
use riposte_value::{Kind, Value};
use std::cmp::Ordering;

const FAMILY: Family = Family::Logical;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(FAMILY, "and", "expression1, [expression2], …", Body::And).takes_at_least(1).says(
        "Whether all are true; stops at the first that is false.",
        &[example("and(equals(1, 1), equals(1, 2))", "false")],
    ),
    Function::value(FAMILY, "equals", "object1, object2, …", |call| Ok(all_equal(call))).takes_at_least(2).says(
        "Whether all are equal: kinds are told apart, numbers compared as numbers, texts with their case.",
        &[example("equals(1, 1.0)", "true"), example("equals('A', 'a')", "false")],
    ),
    Function::value(FAMILY, "greater", "value, compareTo", greater).takes(2, 2).says(
        "Whether a number or a text is greater than another; texts whatever their case.",
        &[example("greater(10, 5)", "true")],
    ),
    Function::value(FAMILY, "greaterOrEquals", "value, compareTo", greater_or_equals)
        .takes(2, 2)
        .says("Whether a number or a text is at least another.", &[example("greaterOrEquals(5, 5)", "true")]),
    Function::new(FAMILY, "if", "expression, valueIfTrue, valueIfFalse", Body::If).takes(3, 3).says(
        "One of two values; the other is not evaluated.",
        &[example("if(equals(1, 1), 'yes', 'no')", r#""yes""#)],
    ),
    Function::value(FAMILY, "isFloat", "value, [locale]", is_float)
        .takes(1, 2)
        .says("Whether a text is a number as `float` reads it.", &[example("isFloat('10,000.00')", "true")]),
    Function::value(FAMILY, "isInt", "value", is_int).takes(1, 1).says(
        "Whether a text is an integer.",
        &[example("isInt('10')", "true"), example("isInt('1.5')", "false")],
    ),
    Function::value(FAMILY, "less", "value, compareTo", less).takes(2, 2).says(
        "Whether a number or a text is less than another; texts whatever their case.",
        &[example("less('banana', 'apple')", "false")],
    ),
    Function::value(FAMILY, "lessOrEquals", "value, compareTo", less_or_equals)
        .takes(2, 2)
        .says("Whether a number or a text is at most another.", &[example("lessOrEquals(10, 10)", "true")]),
    Function::value(FAMILY, "not", "expression", not)
        .takes(1, 1)
        .says("The opposite of a boolean.", &[example("not(false)", "true")]),
    Function::new(FAMILY, "or", "expression1, [expression2], …", Body::Or)
        .takes_at_least(1)
        .says("Whether any is true; stops at the first that is.", &[example("or(false, true)", "true")]),
];

fn all_equal(call: &Invocation<'_, '_>) -> Value {
    let first = call.argument(0);
    Value::Bool(call.values().skip(1).all(|other| equal(first, other)))
}

fn ordered(call: &Invocation<'_, '_>, holds: fn(Ordering) -> bool) -> Result<Value, Failure> {
    let (a, b) = (call.argument(0), call.argument(1));
    if let (Value::Int(a), Value::Int(b)) = (a, b) {
        return Ok(Value::Bool(holds(a.cmp(b))));
    }
    let comparable = |value: &&Value| matches!(value.kind(), Kind::Integer | Kind::Float | Kind::String);
    // The sentences were measured on the service; the first says nothing of texts, which can be compared.
    let kinds: Vec<_> =
        [a, b].iter().filter(|value| !comparable(value)).map(|value| value.kind().as_str()).collect();
    if !kinds.is_empty() {
        return Err(call
            .fails(format_args!(
                "expects all of its parameters to be either integer or decimal numbers. Found invalid parameter types: '{}'.",
                kinds.join("', '")
            ))
            .help("numbers can be compared with numbers, and texts with texts"));
    }
    if (a.kind() == Kind::String) != (b.kind() == Kind::String) {
        return Err(call
            .fails(format_args!(
                "expects two parameter of matching types. The function was invoked with values of type '{}' and '{}' that do not match.",
                a.kind(),
                b.kind()
            ))
            .help("convert the text with `int(…)` or `float(…)`, or the number with `string(…)`"));
    }
    // What is not a number has no order: nothing holds.
    Ok(Value::Bool(compare(a, b).is_some_and(holds)))
}

fn greater(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    ordered(call, Ordering::is_gt)
}

fn greater_or_equals(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    ordered(call, Ordering::is_ge)
}

fn less(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    ordered(call, Ordering::is_lt)
}

fn less_or_equals(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    ordered(call, Ordering::is_le)
}

fn not(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    match call.argument(0) {
        Value::Bool(b) => Ok(Value::Bool(!b)),
        _ => Err(call.wrong(0, "to be a boolean")),
    }
}

fn is_int(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.string(0)?.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    Ok(Value::Bool(whole && text.parse::<i64>().is_ok()))
}

fn is_float(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let text = call.string(0)?;
    let locale = call.optional_string(1)?;
    Ok(Value::Bool(super::conversion::read_float(call, text, locale)?.is_some()))
}
