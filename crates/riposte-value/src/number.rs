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
        let text = scientific(f).replace('e', "E");
        let (mantissa, exponent) = text.split_once('E').unwrap_or((&text, "0"));
        let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
        let mut out = String::from(mantissa);
        // Writing to a String cannot fail.
        let _ = write!(out, "E{sign}{digits:0>2}");
        return out;
    }
    let text = format!("{f}");
    // Fewer characters than two digits short of the most leave nothing to decide.
    if text.len() < DIGITS_MAX - 1 { text } else { plain(&text, &scientific(f)) }
}

/// The most digits that a double needs.
const DIGITS_MAX: usize = 17;

/// The shortest digits that read back the same, as .NET finds them, in the form `-1.25e-7`.
///
/// Rust's differ in two ways. They may lie in the very middle between two doubles, which reads back by the rule for
/// halves only: .NET writes more digits then. And of two that are equally near, .NET takes the even one.
pub fn scientific(f: f64) -> String {
    let shortest = format!("{f:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if is_middle(&shortest, f) {
        return (digits + 1..=DIGITS_MAX)
            .map(|count| format!("{f:.*e}", count - 1))
            .find(|text| text.parse() == Ok(f) && !is_middle(text, f))
            .unwrap_or(shortest);
    }
    if digits < DIGITS_MAX - 1 {
        return shortest;
    }
    // Rust rounds the exact value half to even.
    let exact = format!("{f:.*e}", digits - 1);
    if exact.parse() == Ok(f) { exact } else { shortest }
}

/// Whether a decimal lies in the very middle between this double and one beside it.
fn is_middle(text: &str, f: f64) -> bool {
    const FRACTION: u64 = (1 << 52) - 1;
    let bits = f.to_bits();
    let biased = i64::try_from(bits >> 52 & 0x7ff).unwrap_or_default();
    let mantissa = (bits & FRACTION) | if biased == 0 { 0 } else { FRACTION + 1 };
    // An odd one is not what a middle reads back as.
    if mantissa % 2 == 1 || f == 0.0 {
        return false;
    }
    let Some((number, power)) = text.trim_start_matches('-').split_once('e') else { return false };
    let places = number.split_once('.').map_or(0, |(_, places)| places.len());
    let digits = number.bytes().filter(u8::is_ascii_digit);
    let number = digits.fold(0_u128, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    let power = power.parse::<i64>().unwrap_or_default() - i64::try_from(places).unwrap_or_default();
    // The double is `mantissa × 2^exponent`, the middles `(2 × mantissa ± 1) × 2^(exponent - 1)`: an odd number, which
    // the decimal must have too when its factors of two are taken away.
    let exponent = biased.max(1) - 1075;
    let twos = number.trailing_zeros();
    let odd = number >> twos;
    if i64::from(twos) + power != exponent - 1 {
        // Below a power of two the doubles lie twice as close.
        return false;
    }
    let middles = [u128::from(mantissa) * 2 + 1, u128::from(mantissa) * 2 - 1];
    let fives = |power: i64| u32::try_from(power).ok().and_then(|power| 5_u128.checked_pow(power));
    if power >= 0 {
        return fives(power)
            .and_then(|fives| odd.checked_mul(fives))
            .is_some_and(|odd| middles.contains(&odd));
    }
    fives(-power)
        .is_some_and(|fives| middles.iter().any(|middle| middle.checked_mul(fives).is_some_and(|m| m == odd)))
}

/// The digits of `scientific` in the place of those of plain text, which are as many or fewer.
fn plain(text: &str, scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let Ok(exponent) = exponent.parse::<i32>() else { return text.to_owned() };
    let mut out = String::with_capacity(text.len() + 1);
    if mantissa.starts_with('-') {
        out.push('-');
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(0);
    match digits.split_at_checked(whole) {
        _ if exponent < 0 => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', usize::try_from(-exponent - 1).unwrap_or(0)));
            out.push_str(&digits);
        }
        Some((whole, fraction)) if !fraction.is_empty() => {
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
        _ => {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', whole.saturating_sub(digits.len())));
        }
    }
    out
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
