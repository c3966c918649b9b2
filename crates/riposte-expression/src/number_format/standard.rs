//! Standard formats: a letter and a precision.

use super::digits::{Digits, grouped, scientific};
use crate::culture::Culture;
use riposte_value::{Value, number};

/// Digits after the point where a format does not say how many.
const PLACES: usize = 3;

pub(super) fn format(
    value: &Value,
    letter: char,
    precision: Option<usize>,
    culture: &Culture,
) -> Option<String> {
    if let Value::Float(f) = value
        && !f.is_finite()
    {
        return Some(number::float_text(*f));
    }
    let numbers = &culture.numbers;
    let fixed = |places: usize, scale: u32| Digits::rounded_even(value, places, scale);
    let joined = |whole: &str, fraction: &str| match fraction {
        "" => whole.to_owned(),
        _ => format!("{whole}{}{fraction}", numbers.decimal),
    };
    let sign = |negative: bool| if negative { "-" } else { "" };
    match letter.to_ascii_uppercase() {
        'C' => {
            let digits = fixed(precision.unwrap_or(numbers.currency_digits), 0)?;
            let amount = joined(&grouped(&digits.whole, numbers.group), &digits.fraction);
            let text = numbers.currency.replace('$', numbers.symbol).replace('n', &amount);
            Some(format!("{}{text}", sign(digits.negative)))
        }
        'D' => {
            let Value::Int(i) = value else { return None };
            let width = precision.unwrap_or(0);
            Some(format!("{}{:0>width$}", sign(*i < 0), i.unsigned_abs()))
        }
        'E' => exponent(value, letter, precision.unwrap_or(6), numbers.decimal),
        'F' => {
            let digits = fixed(precision.unwrap_or(PLACES), 0)?;
            let whole = if digits.whole.is_empty() { "0" } else { &digits.whole };
            Some(format!("{}{}", sign(digits.negative), joined(whole, &digits.fraction)))
        }
        'G' => general(value, letter, precision.filter(|p| *p > 0), numbers.decimal),
        'N' => {
            let digits = fixed(precision.unwrap_or(PLACES), 0)?;
            let whole = grouped(&digits.whole, numbers.group);
            Some(format!("{}{}", sign(digits.negative), joined(&whole, &digits.fraction)))
        }
        'P' => {
            let digits = fixed(precision.unwrap_or(PLACES), 2)?;
            let amount = joined(&grouped(&digits.whole, numbers.group), &digits.fraction);
            Some(format!("{}{}", sign(digits.negative), numbers.percent.replace('n', &amount)))
        }
        'R' => match value {
            Value::Float(f) => Some(number::float_text(*f).replace('.', numbers.decimal)),
            _ => None,
        },
        'X' => {
            let Value::Int(i) = value else { return None };
            let width = precision.unwrap_or(0);
            Some(if letter == 'X' { format!("{i:0width$X}") } else { format!("{i:0width$x}") })
        }
        _ => None,
    }
}

/// `1.234500E+004`
fn exponent(value: &Value, letter: char, places: usize, point: &str) -> Option<String> {
    let (negative, digits, power) = scientific(value, places + 1)?;
    let (first, rest) = digits.split_at_checked(1)?;
    let sign = if negative { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { point };
    let power_sign = if power < 0 { '-' } else { '+' };
    Some(format!("{sign}{first}{point}{rest}{letter}{power_sign}{:03}", power.unsigned_abs()))
}

/// The shorter of the plain form and the form with an exponent.
fn general(value: &Value, letter: char, precision: Option<usize>, point: &str) -> Option<String> {
    let Some(precision) = precision else {
        let text = match value {
            Value::Int(i) => i.to_string(),
            Value::Float(f) => number::float_text(*f),
            Value::Decimal(d) => d.to_string(),
            _ => return None,
        };
        return Some(text.replace('.', point));
    };
    let (negative, digits, power) = scientific(value, precision)?;
    let significant = digits.trim_end_matches('0');
    let significant = if significant.is_empty() { "0" } else { significant };
    let sign = if negative { "-" } else { "" };
    let limit = i32::try_from(precision).unwrap_or(i32::MAX);
    if power < -4 || power >= limit {
        let (first, rest) = significant.split_at_checked(1)?;
        let point = if rest.is_empty() { "" } else { point };
        let (mark, power_sign) = (if letter == 'g' { 'e' } else { 'E' }, if power < 0 { '-' } else { '+' });
        return Some(format!("{sign}{first}{point}{rest}{mark}{power_sign}{:02}", power.unsigned_abs()));
    }
    let places = usize::try_from(power.unsigned_abs()).ok()?;
    if power < 0 {
        return Some(format!("{sign}0{point}{}{significant}", "0".repeat(places - 1)));
    }
    let whole = places + 1;
    if significant.len() <= whole {
        return Some(format!("{sign}{significant}{}", "0".repeat(whole - significant.len())));
    }
    let (whole, fraction) = significant.split_at_checked(whole)?;
    Some(format!("{sign}{whole}{point}{fraction}"))
}
