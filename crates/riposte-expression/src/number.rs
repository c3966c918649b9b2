//! Numbers: reading them as .NET does, and what counts as whole.

pub(crate) mod decimal;

use crate::culture::{INVARIANT, Numbers};
use riposte_value::{Decimal, Value};
use rust_decimal::prelude::ToPrimitive;
use std::fmt::Write as _;

/// 2^63 as a double: the first that is no 64-bit integer.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// The integer that a number is, if it is whole and in range.
pub(crate) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Int(i) => Some(*i),
        Value::Float(f) => float_to_int(*f),
        Value::Decimal(d) if d.fract().is_zero() => d.to_i64(),
        _ => None,
    }
}

/// The integer that a double is, if it is whole and in range.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn float_to_int(f: f64) -> Option<i64> {
    (f.fract() == 0.0 && (-TWO_63..TWO_63).contains(&f)).then_some(f as i64)
}

/// The largest exponent that is told from others: beyond it all numbers are zero or infinite.
const EXPONENT_MAX: u32 = 9_999;

/// Reads the text of a number as .NET does with the styles of a number: blanks around it, a sign before or after it,
/// group separators anywhere before the point, an exponent if `exponent`. Gives it in the form `-12.5e3`.
///
/// The rules are those of .NET's `TryParseNumber`.
fn normalise(text: &str, numbers: &Numbers, exponent: bool) -> Option<String> {
    let (mut negative, mut signed) = (false, false);
    // .NET lets a text end in NULs.
    let mut rest = text.trim_end_matches('\0');
    loop {
        if let Some((minus, after)) = sign(rest, numbers).filter(|_| !signed) {
            (negative, signed, rest) = (minus, true, after);
        } else if let Some(after) = rest.strip_prefix(BLANK).filter(|_| !signed) {
            rest = after;
        } else {
            break;
        }
    }
    let mut out = String::with_capacity(rest.len() + 1);
    let mut point = false;
    loop {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (taken, after) = rest.split_at_checked(digits)?;
        out.push_str(taken);
        if let Some(after) = separator(after, numbers.number.decimal).filter(|_| !point) {
            out.push('.');
            point = true;
            rest = after;
        } else if let Some(after) =
            separator(after, numbers.number.group).filter(|_| !point && !out.is_empty())
        {
            rest = after;
        } else {
            rest = after;
            break;
        }
    }
    if !out.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some((power, after)) = exponent.then(|| power(rest, numbers)).flatten() {
        // Writing to a String cannot fail.
        let _ = write!(out, "e{power}");
        rest = after;
    }
    while !rest.is_empty() {
        if let Some((minus, after)) = sign(rest, numbers).filter(|_| !signed) {
            (negative, signed, rest) = (minus, true, after);
        } else {
            rest = rest.strip_prefix(BLANK)?;
        }
    }
    if negative {
        out.insert(0, '-');
    }
    Some(out)
}

/// What .NET takes for a blank in a number.
const BLANK: [char; 6] = ['\t', '\n', '\u{b}', '\u{c}', '\r', ' '];

/// A sign: whether it is the minus, and what follows it. A hyphen is understood where a culture writes another dash.
fn sign<'a>(text: &'a str, numbers: &Numbers) -> Option<(bool, &'a str)> {
    const DASHES: [&str; 7] =
        ["\u{2012}", "\u{207b}", "\u{208b}", "\u{2212}", "\u{2796}", "\u{fe63}", "\u{ff0d}"];
    let hyphen = DASHES.contains(&numbers.minus).then(|| text.strip_prefix('-'));
    let minus = || text.strip_prefix(numbers.minus).or(hyphen.flatten()).map(|after| (true, after));
    text.strip_prefix(numbers.plus).map(|after| (false, after)).or_else(minus)
}

/// A separator; a blank may stand for the no-break space, which is on no keyboard.
fn separator<'a>(text: &'a str, separator: &str) -> Option<&'a str> {
    if separator.is_empty() {
        return None;
    }
    let plain = || {
        let no_break = |c: char| matches!(c, '\u{a0}' | '\u{202f}');
        separator.chars().all(no_break).then(|| text.strip_prefix(' ')).flatten()
    };
    text.strip_prefix(separator).or_else(plain)
}

/// The exponent and what follows it.
fn power<'a>(text: &'a str, numbers: &Numbers) -> Option<(i64, &'a str)> {
    let after = text.strip_prefix(['e', 'E'])?;
    let (negative, after) = sign(after, numbers).unwrap_or((false, after));
    let count = after.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = after.split_at_checked(count).filter(|(digits, _)| !digits.is_empty())?;
    let power = digits.parse().unwrap_or(EXPONENT_MAX).min(EXPONENT_MAX);
    Some((if negative { -i64::from(power) } else { i64::from(power) }, after))
}

/// Reads a double as `double.Parse` does with the styles float and number: blanks, signs, groups, exponent.
pub(crate) fn parse_float(text: &str, numbers: &Numbers) -> Option<f64> {
    normalise(text, numbers, true)?.parse().ok()
}

/// Reads a decimal: as [`parse_float`], without an exponent. Digits that do not fit are rounded off, half to even.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = normalise(text, &INVARIANT.numbers, false)?;
    let (negative, text) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0').collect();
    // As many places after the point as there are, as a decimal has, and as leave the digits in its 96 bits.
    let places = fraction.len().min(usize::try_from(Decimal::MAX_SCALE).unwrap_or(0));
    (0..=places).rev().find_map(|places| {
        let (kept, rest) = digits.split_at_checked(whole.len() + places)?;
        let mantissa = round_half_even(mantissa(kept)?, rest);
        let signed = if negative { -mantissa } else { mantissa };
        Decimal::try_from_i128_with_scale(signed, u32::try_from(places).ok()?).ok()
    })
}

/// The digits as a number, if they fit.
fn mantissa(digits: &[u8]) -> Option<i128> {
    digits.iter().try_fold(0_i128, |sum, digit| sum.checked_mul(10)?.checked_add(i128::from(*digit)))
}

fn round_half_even(mantissa: i128, rest: &[u8]) -> i128 {
    let up = match rest.split_first() {
        Some((5, rest)) => mantissa % 2 == 1 || rest.iter().any(|digit| *digit != 0),
        Some((first, _)) => *first > 5,
        None => false,
    };
    mantissa + i128::from(up)
}
