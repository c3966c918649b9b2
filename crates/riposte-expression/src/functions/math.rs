//! Arithmetic: 64-bit integers that do not overflow silently, doubles, decimals.
//!
//! The result is a decimal if one side is, else a double if one side is, else an integer.

use super::{Family, Function, Invocation, Purity, example};
use crate::compare::compare_numbers;
use crate::error::Failure;
use crate::limits::Bound;
use crate::number::decimal;
use riposte_value::{Decimal, Value};
use std::cmp::Ordering;

const FAMILY: Family = Family::Math;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(FAMILY, "add", "summand_1, summand_2", add)
        .takes(2, 2)
        .says("The sum of two numbers.", &[example("add(1, 1.5)", "2.5")]),
    Function::value(FAMILY, "div", "dividend, divisor", div).takes(2, 2).says(
        "The quotient of two numbers, without its fraction if both are integers.",
        &[example("div(11, 5)", "2"), example("div(11, 5.0)", "2.2")],
    ),
    Function::value(FAMILY, "max", "number1, [number2], … or an array of numbers", max)
        .takes_at_least(1)
        .says("The greatest number.", &[example("max(1, 2, 3)", "3")]),
    Function::value(FAMILY, "min", "number1, [number2], … or an array of numbers", min)
        .takes_at_least(1)
        .says("The least number.", &[example("min(createArray(1, 2, 3))", "1")]),
    Function::value(FAMILY, "mod", "dividend, divisor", modulo).takes(2, 2).says(
        "What remains when one number is divided by another; it has the sign of the first.",
        &[example("mod(3, -2)", "1")],
    ),
    Function::value(FAMILY, "mul", "multiplicand1, multiplicand2", mul)
        .takes(2, 2)
        .says("The product of two numbers.", &[example("mul(1.5, 2)", "3.0")]),
    Function::value(FAMILY, "rand", "minValue, maxValue", rand).takes(2, 2).depends_on(Purity::Random).says(
        "A random integer from the first up to, and without, the second.",
        &[example("rand(4, 5)", "4")],
    ),
    Function::value(FAMILY, "range", "startIndex, count", range)
        .takes(2, 2)
        .says("So many integers from one on.", &[example("range(1, 4)", "[1, 2, 3, 4]")]),
    Function::value(FAMILY, "sub", "minuend, subtrahend", sub)
        .takes(2, 2)
        .says("The difference of two numbers.", &[example("sub(10.3, 0.3)", "10.0")]),
];

/// Two numbers of one type.
enum Pair {
    Ints(i64, i64),
    Floats(f64, f64),
    Decimals(Decimal, Decimal),
}

fn pair(call: &Invocation<'_, '_>) -> Result<Pair, Failure> {
    let number = |index: usize| {
        let value = call.argument(index);
        match value {
            Value::Int(_) | Value::Float(_) | Value::Decimal(_) => Ok(value),
            _ => Err(call.wrong(index, "to be an integer, a float or a decimal number")),
        }
    };
    let (a, b) = (number(0)?, number(1)?);
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Ok(Pair::Ints(*a, *b)),
        (Value::Decimal(_), _) | (_, Value::Decimal(_)) => {
            Ok(Pair::Decimals(to_decimal(call, a)?, to_decimal(call, b)?))
        }
        _ => Ok(Pair::Floats(a.as_f64().unwrap_or(f64::NAN), b.as_f64().unwrap_or(f64::NAN))),
    }
}

fn to_decimal(call: &Invocation<'_, '_>, value: &Value) -> Result<Decimal, Failure> {
    match value {
        Value::Int(i) => Ok(Decimal::from(*i)),
        Value::Decimal(d) => Ok(*d),
        other => other.as_f64().and_then(decimal::from_float).ok_or_else(|| {
            call.fails("was invoked with a number that is too large or too small for a decimal.")
        }),
    }
}

fn arithmetic(
    call: &Invocation<'_, '_>,
    ints: fn(i64, i64) -> Option<i64>,
    floats: fn(f64, f64) -> f64,
    decimals: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<Value, Failure> {
    let result = match pair(call)? {
        Pair::Ints(a, b) => ints(a, b).map(Value::Int),
        Pair::Floats(a, b) => Some(Value::Float(floats(a, b))),
        Pair::Decimals(a, b) => decimals(a, b).map(Value::Decimal),
    };
    result.ok_or_else(|| {
        call.fails("was invoked with numbers whose result exceeds the range of its type.")
            .help("integers have 64 bits; make one of the numbers a `float(…)`, which is less exact, or a `decimal(…)`")
    })
}

fn add(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    arithmetic(call, i64::checked_add, |a, b| a + b, decimal::add)
}

fn sub(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    arithmetic(call, i64::checked_sub, |a, b| a - b, decimal::sub)
}

fn mul(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    arithmetic(call, i64::checked_mul, |a, b| a * b, decimal::mul)
}

/// Measured on the service: a zero divisor fails for doubles too.
fn check_divisor(call: &Invocation<'_, '_>) -> Result<(), Failure> {
    let zero = match call.argument(1) {
        Value::Int(i) => *i == 0,
        Value::Float(f) => *f == 0.0,
        Value::Decimal(d) => d.is_zero(),
        _ => false,
    };
    if zero {
        pair(call)?;
        let name = call.function.name;
        return Err(Failure::new(format!(
            "Attempt to divide an integral or decimal value by zero in function '{name}'."
        ))
        .help("ask first, such as `if(equals(<divisor>, 0), 0, div(<dividend>, <divisor>))`"));
    }
    Ok(())
}

fn div(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    check_divisor(call)?;
    arithmetic(call, i64::checked_div, |a, b| a / b, decimal::div)
}

fn modulo(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    check_divisor(call)?;
    arithmetic(call, i64::checked_rem, |a, b| a % b, decimal::rem)
}

fn extreme(call: &Invocation<'_, '_>, wanted: Ordering) -> Result<Value, Failure> {
    let items: Vec<&Value> = match call.arguments {
        [only] => match only {
            Value::Array(items) => items.iter().collect(),
            value => vec![value],
        },
        _ => call.values().collect(),
    };
    let number = |value: &Value| matches!(value, Value::Int(_) | Value::Float(_) | Value::Decimal(_));
    let mut others: Vec<&str> =
        items.iter().filter(|item| !number(item)).map(|item| item.kind().as_str()).collect();
    others.dedup();
    if !others.is_empty() {
        return Err(call.fails(format_args!(
            "expects all of its parameters to be either integer or decimal numbers. Found invalid parameter types: '{}'.",
            others.join("', '")
        ))
        .help("hand over numbers, or one array of numbers; convert texts with `int(…)` or `float(…)`"));
    }
    let best = items.iter().copied().reduce(|best, item| {
        let better = compare_numbers(item, best) == Some(wanted);
        // What is not a number is neither, and stays, as in .NET.
        let not_a_number = |value: &Value| matches!(value, Value::Float(f) if f.is_nan());
        if !not_a_number(best) && (better || not_a_number(item)) { item } else { best }
    });
    let best =
        best.ok_or_else(|| call.fails("expects an array that is not empty.").help("ask `empty(…)` first"))?;
    // The result is of the widest type among the numbers, as that of a sum is.
    if items.iter().any(|item| matches!(item, Value::Decimal(_))) {
        return to_decimal(call, best).map(Value::Decimal);
    }
    if items.iter().any(|item| matches!(item, Value::Float(_))) {
        return Ok(Value::Float(best.as_f64().unwrap_or(f64::NAN)));
    }
    Ok(best.clone())
}

fn max(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    extreme(call, Ordering::Greater)
}

fn min(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    extreme(call, Ordering::Less)
}

fn rand(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (min, max) = (call.integer(0)?, call.integer(1)?);
    if min > max {
        return Err(call.fails(format_args!(
            "parameters are out of range: 'minValue' '{min}' must not be greater than 'maxValue' '{max}'."
        )));
    }
    // .NET's generator gives the one number there is when both bounds are the same.
    let width = max.abs_diff(min);
    // The high half of a product spreads the bits evenly over the width.
    let spread = (u128::from(call.environment.context.random()) * u128::from(width)) >> 64;
    Ok(Value::Int(min.wrapping_add_unsigned(u64::try_from(spread).unwrap_or(0))))
}

/// The greatest sum of start and count (documented).
const RANGE_END_MAX: i64 = 2_147_483_647;

fn range(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let (start, count) = (call.integer(0)?, call.integer(1)?);
    let out_of_range = || {
        let max = call.environment.limits.range_items_max;
        let failure = call.fails(format_args!(
            "parameters are out of range: 'count' must be a positive integer no larger than '{max}', and the sum of 'startIndex' and 'count' must be no larger than '{RANGE_END_MAX}'."
        ));
        let beyond = usize::try_from(count).is_ok_and(|count| count > max);
        failure.advised(beyond.then(|| Bound::Range.advice()))
    };
    let items = usize::try_from(count).ok().filter(|n| *n <= call.environment.limits.range_items_max);
    let end = start.checked_add(count).filter(|end| *end <= RANGE_END_MAX);
    // Documented as positive; none at all is an empty array, as where the language comes from.
    let (Some(_), Some(end)) = (items, end) else {
        return Err(out_of_range());
    };
    Ok(Value::array((start..end).map(Value::Int)))
}
