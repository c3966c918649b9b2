//! Standard formats: a letter and a precision.

use super::digits::{Digits, Kind};
use crate::culture::{Groups, Layout, Numbers};
use riposte_value::Value;
use std::fmt::Write as _;

/// Digits that the general format of a double writes without an exponent.
const GENERAL_FLOAT: usize = 17;
/// Digits after the point of the scientific format.
const SCIENTIFIC_PLACES: usize = 6;

pub(super) fn format(
    value: &Value,
    letter: char,
    precision: Option<usize>,
    numbers: &Numbers,
) -> Option<String> {
    let mut out = String::new();
    match (letter.to_ascii_uppercase(), value) {
        ('C', _) => laid_out(value, precision, &numbers.currency, numbers, 0, &mut out)?,
        ('N', _) => laid_out(value, precision, &numbers.number, numbers, 0, &mut out)?,
        ('P', _) => laid_out(value, precision, &numbers.percent, numbers, 2, &mut out)?,
        ('F', _) => {
            let layout = Layout {
                groups: Groups { first: 0, rest: 0 },
                positive: "#",
                negative: "-#",
                ..numbers.number
            };
            laid_out(value, precision, &layout, numbers, 0, &mut out)?;
        }
        ('E', _) => scientific(value, letter, precision.unwrap_or(SCIENTIFIC_PLACES), numbers, &mut out)?,
        ('G', _) => general(value, letter, precision, numbers, &mut out)?,
        ('R', Value::Float(_)) => {
            let letter = if letter == 'r' { 'g' } else { 'G' };
            general(value, letter, None, numbers, &mut out)?;
        }
        ('D', Value::Int(i)) => {
            let width = precision.unwrap_or(0);
            out = format!("{}{:0>width$}", if *i < 0 { numbers.minus } else { "" }, i.unsigned_abs());
        }
        ('X', Value::Int(i)) => {
            let width = precision.unwrap_or(0);
            out = if letter == 'X' { format!("{i:0width$X}") } else { format!("{i:0width$x}") };
        }
        _ => return None,
    }
    Some(out)
}

fn length(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// Fixed places, in the pattern of a layout; `shift` moves the point to the right.
fn laid_out(
    value: &Value,
    precision: Option<usize>,
    layout: &Layout,
    numbers: &Numbers,
    shift: usize,
    out: &mut String,
) -> Option<()> {
    let places = precision.unwrap_or(layout.places);
    let mut digits = Digits::places(value, places + shift)?;
    if shift > 0 && !digits.is_zero() {
        digits.scale = digits.scale.saturating_add(length(shift));
    }
    digits.keep_exactly(digits.scale.saturating_add(length(places)));
    let pattern = if digits.negative { layout.negative } else { layout.positive };
    for c in pattern.chars() {
        match c {
            '#' => fixed(&digits, places, layout, out),
            '-' => out.push_str(numbers.minus),
            '$' => out.push_str(numbers.currency_symbol),
            '%' => out.push_str(numbers.percent_symbol),
            other => out.push(other),
        }
    }
    Some(())
}

fn fixed(digits: &Digits, places: usize, layout: &Layout, out: &mut String) {
    let mut rest = digits.iter();
    if digits.scale > 0 {
        for left in (0..digits.scale).rev() {
            out.push(rest.next().unwrap_or('0'));
            if ends_group(usize::try_from(left).unwrap_or(0), layout.groups) {
                out.push_str(layout.group);
            }
        }
    } else {
        out.push('0');
    }
    if places == 0 {
        return;
    }
    out.push_str(layout.decimal);
    let zeros = usize::try_from(digits.scale.saturating_neg()).unwrap_or(0).min(places);
    out.extend(std::iter::repeat_n('0', zeros));
    out.extend(rest.chain(std::iter::repeat('0')).take(places - zeros));
}

/// Whether a separator stands before the last so many digits in front of the point.
pub(super) fn ends_group(left: usize, groups: Groups) -> bool {
    let Groups { first, rest } = groups;
    match left {
        0 => false,
        _ if first == 0 || left < first => false,
        _ if left == first => true,
        _ => rest > 0 && (left - first).is_multiple_of(rest),
    }
}

/// `1.234500E+004`
fn scientific(value: &Value, letter: char, places: usize, numbers: &Numbers, out: &mut String) -> Option<()> {
    let mut digits = Digits::significant(value, places + 1)?;
    digits.keep_exactly(length(places + 1));
    if digits.negative {
        out.push_str(numbers.minus);
    }
    let mut rest = digits.iter().chain(std::iter::repeat('0'));
    out.extend(rest.next());
    if places > 0 {
        out.push_str(numbers.number.decimal);
        out.extend(rest.take(places));
    }
    let power = if digits.is_zero() { 0 } else { digits.scale - 1 };
    exponent(power, letter, 3, true, numbers, out);
    Some(())
}

pub(super) fn exponent(
    power: i32,
    letter: char,
    width: usize,
    plus: bool,
    numbers: &Numbers,
    out: &mut String,
) {
    out.push(letter);
    if power < 0 {
        out.push_str(numbers.minus);
    } else if plus {
        out.push_str(numbers.plus);
    }
    // Writing to a String cannot fail.
    let _ = write!(out, "{:0width$}", power.unsigned_abs());
}

/// The shorter of the plain form and the form with an exponent.
fn general(
    value: &Value,
    letter: char,
    precision: Option<usize>,
    numbers: &Numbers,
    out: &mut String,
) -> Option<()> {
    let asked = precision.filter(|precision| *precision > 0);
    let mut digits = match asked {
        Some(precision) => Digits::significant(value, precision)?,
        None => Digits::all(value)?,
    };
    // A decimal keeps the zeros at its end, and zero of it has no sign.
    let whole_decimal = digits.kind == Kind::Decimal && precision.is_none();
    let limit = match (asked, digits.kind) {
        (Some(precision), _) => precision,
        (None, Kind::Float) => digits.len().max(GENERAL_FLOAT),
        (None, _) => digits.len(),
    };
    if !whole_decimal {
        digits.keep_exactly(length(limit));
    }
    if digits.negative && !(whole_decimal && digits.is_zero()) {
        out.push_str(numbers.minus);
    }
    let with_exponent = !whole_decimal && (digits.scale > length(limit) || digits.scale < -3);
    let before_point = if with_exponent { 1 } else { digits.scale };
    let mut rest = digits.iter().peekable();
    if before_point > 0 {
        out.extend((0..before_point).map(|_| rest.next().unwrap_or('0')));
    } else {
        out.push('0');
    }
    if rest.peek().is_some() || before_point < 0 {
        out.push_str(numbers.number.decimal);
        let zeros = usize::try_from(before_point.saturating_neg()).unwrap_or(0);
        out.extend(std::iter::repeat_n('0', zeros));
        out.extend(rest);
    }
    if with_exponent {
        let letter = if letter == 'g' { 'e' } else { 'E' };
        exponent(digits.scale - 1, letter, 2, true, numbers, out);
    }
    Some(())
}
