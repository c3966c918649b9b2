//! The text of numbers, as .NET writes them.
//!
//! Source: facts measured on the service: shortest digits that read back the same, exponent form below 1E-04 and
//! from 1E+17 on, with at least two digits in the exponent.

use crate::Decimal;
use rust_decimal::prelude::ToPrimitive;
use std::fmt::Write as _;

/// The invariant text of a double: `5`, `0.1`, `1E+21`, `1E-06`, `NaN`, `Infinity`.
///
/// ```
/// use riposte_value::number::float_text;
/// assert_eq!(float_text(5.0), "5");
/// assert_eq!(float_text(1e21), "1E+21");
/// assert_eq!(float_text(0.000_001), "1E-06");
/// assert_eq!(float_text(-0.0), "-0");
/// ```
pub fn float_text(f: f64) -> String {
    if f.is_nan() {
        return "NaN".into();
    }
    if f.is_infinite() {
        return if f > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let magnitude = f.abs();
    if magnitude != 0.0 && !(1e-4..1e17).contains(&magnitude) {
        let text = format!("{f:E}");
        let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        let mut out = String::from(mantissa);
        // Writing to a String cannot fail.
        let _ = write!(out, "E{sign}{digits:0>2}");
        return out;
    }
    format!("{f}")
}

/// The JSON text of a double: as [`float_text`], and a whole number keeps `.0`.
pub fn float_json(f: f64) -> String {
    let mut text = float_text(f);
    if !f.is_finite() {
        return format!("\"{text}\"");
    }
    if !text.contains(['.', 'E']) {
        text.push_str(".0");
    }
    text
}

/// The JSON text of a decimal: its digits and scale, at least `.0`; an integer that exceeds 64 bits stays one.
pub fn decimal_json(d: Decimal) -> String {
    let text = d.to_string();
    if text.contains('.') || decimal_to_u64(d).is_some() || d.to_i64().is_none() { text } else { text + ".0" }
}

/// The decimal as a double, the nearest one.
pub fn decimal_to_f64(d: Decimal) -> Option<f64> {
    d.to_string().parse().ok()
}

/// The decimal as an unsigned integer above the range of `i64`, if it is one: an integer that JSON text held.
pub(crate) fn decimal_to_u64(d: Decimal) -> Option<u64> {
    (d.scale() == 0).then(|| d.to_u64()).flatten().filter(|whole| i64::try_from(*whole).is_err())
}
