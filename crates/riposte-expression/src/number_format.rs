//! Writing numbers in .NET's formats, for `formatNumber`: as .NET Core 3.1 does, whose side the measured results of the
//! service take.
//!
//! Doubles are written exactly in standard formats, half to even, and with at most 15 significant digits in custom ones,
//! half away from zero; integers and decimals are rounded half away from zero in both.

mod custom;
mod digits;
mod standard;

use crate::culture::{Culture, Numbers};
use digits::Digits;
use riposte_value::Value;

/// The most digits a precision may ask for; a letter with more is a custom format.
const PRECISION_MAX: usize = 99;
/// The longest format, in bytes: no sensible one comes near, and the work grows with it.
const FORMAT_BYTES_MAX: usize = 1_000;

/// Writes a number; `None` if the format means nothing, or is not for such a number.
pub(crate) fn format(number: &Value, format: &str, culture: &Culture) -> Option<String> {
    if format.len() > FORMAT_BYTES_MAX {
        return None;
    }
    let numbers = &culture.numbers;
    let standard_format = standard_format(format);
    if let Value::Float(f) = number
        && !f.is_finite()
    {
        // The format need not even mean something.
        return Some(not_finite(*f, numbers).to_owned());
    }
    match standard_format {
        Some((letter, precision)) => standard::format(number, letter, precision, numbers),
        None => Some(custom::format(Digits::for_custom_format(number)?, format, numbers)),
    }
}

/// The letter and the precision of a standard format; `None` if the format is a custom one.
fn standard_format(format: &str) -> Option<(char, Option<usize>)> {
    // .NET reads a format up to the first NUL.
    let format = format.split('\0').next().unwrap_or_default();
    let mut characters = format.chars();
    let Some(letter) = characters.next() else { return Some(('G', None)) };
    let precision = characters.as_str();
    if !letter.is_ascii_alphabetic() || !precision.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if precision.is_empty() {
        return Some((letter, None));
    }
    let precision = match precision.trim_start_matches('0') {
        "" => 0,
        digits => digits.parse().ok()?,
    };
    (precision <= PRECISION_MAX).then_some((letter, Some(precision)))
}

fn not_finite(f: f64, numbers: &Numbers) -> &'static str {
    if f.is_nan() {
        numbers.not_a_number
    } else if f > 0.0 {
        numbers.infinity
    } else {
        numbers.negative_infinity
    }
}
