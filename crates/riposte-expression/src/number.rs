//! Numbers: reading them as .NET does, and what counts as whole.

use riposte_value::{Decimal, Value};
use rust_decimal::prelude::ToPrimitive;

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

/// How a culture writes numbers, as far as reading them goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Separators {
    pub decimal: &'static str,
    pub group: &'static str,
}

impl Separators {
    pub const INVARIANT: Self = Self { decimal: ".", group: "," };
}

/// The parts of the text of a number: sign, digits with one point, exponent.
fn normalise(text: &str, separators: Separators, exponent: bool) -> Option<String> {
    let text = text.trim_matches(|c: char| matches!(c, '\t'..='\r' | ' '));
    let (negative, body) = strip_sign(text)?;
    let mut out = String::with_capacity(body.len() + 1);
    if negative {
        out.push('-');
    }
    let (mut digits, mut point) = (0, false);
    let mut rest = body;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            out.push(c);
            digits += 1;
            rest = rest.get(1..)?;
        } else if let Some(after) = rest.strip_prefix(separators.decimal).filter(|_| !point) {
            out.push('.');
            point = true;
            rest = after;
        } else if let Some(after) = strip_group(rest, separators.group).filter(|_| !point && digits > 0) {
            rest = after;
        } else {
            break;
        }
    }
    if digits == 0 {
        return None;
    }
    if rest.is_empty() {
        return Some(out);
    }
    let power = rest.strip_prefix(['e', 'E']).filter(|_| exponent)?;
    let plain = power.strip_prefix(['+', '-']).unwrap_or(power);
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    out.push('e');
    out.push_str(power);
    Some(out)
}

/// A group separator; a no-break space may be written as a plain one.
fn strip_group<'a>(text: &'a str, group: &str) -> Option<&'a str> {
    text.strip_prefix(group).or_else(|| {
        let blank = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}');
        (!group.is_empty() && group.chars().all(blank)).then(|| text.strip_prefix(blank)).flatten()
    })
}

/// A sign before the digits, or after them and blanks.
fn strip_sign(text: &str) -> Option<(bool, &str)> {
    let sign = |c: char| matches!(c, '+' | '-');
    let blank = |c: char| matches!(c, '\t'..='\r' | ' ');
    if let Some(rest) = text.strip_prefix(sign) {
        return Some((text.starts_with('-'), rest));
    }
    if let Some(rest) = text.strip_suffix(sign) {
        let exponent = rest.ends_with(['e', 'E']);
        return (!exponent).then(|| (text.ends_with('-'), rest.trim_end_matches(blank)));
    }
    Some((false, text))
}

/// Reads a double as `double.Parse` does with the styles float and number: blanks, signs, groups, exponent.
pub(crate) fn parse_float(text: &str, separators: Separators) -> Option<f64> {
    normalise(text, separators, true)?.parse().ok()
}

/// Reads a decimal: as [`parse_float`], without an exponent.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = normalise(text, Separators::INVARIANT, false)?;
    let text = text.strip_suffix('.').unwrap_or(&text);
    Decimal::from_str_exact(text).or_else(|_| text.parse()).ok()
}
