//! Writing numbers in .NET's formats, for `formatNumber`.
//!
//! Standard formats take the exact digits of a number and round half to even; custom ones take at most 15 significant
//! digits and round half away from zero (measured on the service).

mod custom;
mod digits;
mod standard;

use crate::culture::Culture;
use riposte_value::Value;

/// The most digits a precision may ask for.
const PRECISION_MAX: usize = 99;
/// The longest format, in bytes: no sensible one comes near, and the work grows with it.
const FORMAT_BYTES_MAX: usize = 1_000;

/// Writes a number; `None` if the format means nothing, or is not for such a number.
pub(crate) fn format(number: &Value, format: &str, culture: &Culture) -> Option<String> {
    if format.len() > FORMAT_BYTES_MAX {
        return None;
    }
    if format.is_empty() {
        return standard::format(number, 'G', None, culture);
    }
    let mut characters = format.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic);
    let precision = characters.as_str();
    let all_digits = precision.len() <= 3 && precision.bytes().all(|b| b.is_ascii_digit());
    match letter {
        Some(letter) if all_digits => {
            let precision = if precision.is_empty() { None } else { Some(precision.parse::<usize>().ok()?) };
            standard::format(number, letter, precision.filter(|p| *p <= PRECISION_MAX).or(None), culture)
                .filter(|_| precision.is_none_or(|p| p <= PRECISION_MAX))
        }
        _ => Some(custom::format(number, format, culture)),
    }
}
