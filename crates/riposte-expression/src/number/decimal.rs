//! Arithmetic of decimals with the scales that .NET gives its results, and decimals from doubles.

use riposte_value::Decimal;

/// The scale is the greater of the two, as far as the digits fit.
pub(crate) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    Some(with_scale(a.checked_add(b)?, a.scale().max(b.scale())))
}

/// As [`add`].
pub(crate) fn sub(a: Decimal, b: Decimal) -> Option<Decimal> {
    Some(with_scale(a.checked_sub(b)?, a.scale().max(b.scale())))
}

/// The scale is the sum of the two as far as the digits fit; of zero too, but only where the digits of both factors fit
/// in 32 bits.
pub(crate) fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    let product = a.checked_mul(b)?;
    let short = |d: Decimal| u32::try_from(d.mantissa().unsigned_abs()).is_ok();
    if (a.is_zero() || b.is_zero()) && short(a) && short(b) {
        return Some(with_scale(product, a.scale() + b.scale()));
    }
    Some(unsigned_zero(product))
}

/// A quotient without a remainder has the difference of the scales; any other has no zeros at its end.
pub(crate) fn div(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?.normalize();
    match a.scale().checked_sub(b.scale()) {
        Some(scale) if a.mantissa().checked_rem(b.mantissa())? == 0 => Some(with_scale(quotient, scale)),
        _ => Some(unsigned_zero(quotient)),
    }
}

/// The greater scale of the two; a number smaller than the divisor stays as it is.
pub(crate) fn rem(a: Decimal, b: Decimal) -> Option<Decimal> {
    if a.abs() < b.abs() {
        return Some(a);
    }
    Some(with_scale(a.checked_rem(b)?, a.scale().max(b.scale())))
}

/// With at least this scale, if the digits fit.
fn with_scale(mut d: Decimal, scale: u32) -> Decimal {
    if d.scale() < scale {
        d.rescale(scale.min(Decimal::MAX_SCALE));
    }
    unsigned_zero(d)
}

/// A decimal's zero has no sign.
fn unsigned_zero(mut d: Decimal) -> Decimal {
    if d.is_zero() {
        d.set_sign_positive(true);
    }
    d
}

/// Digits of a double that a decimal takes over.
const FLOAT_DIGITS: u32 = 15;

/// The decimal of a double, as .NET converts it: scaled to an integer of 15 digits, in doubles, and rounded half to
/// even.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a double below 10^15 or so has an integer part that fits"
)]
pub(crate) fn from_float(f: f64) -> Option<Decimal> {
    // The number is between a half and one times two to this power.
    let exponent = i32::try_from(f.to_bits() >> 52 & 0x7ff).ok()? - 1022;
    if exponent < -94 {
        return Some(Decimal::ZERO);
    }
    if !f.is_finite() || exponent > 96 {
        return None;
    }
    let scale_max = i32::try_from(Decimal::MAX_SCALE).ok()?;
    let digits = i32::try_from(FLOAT_DIGITS).ok()?;
    // The logarithm of 2, times 2^16.
    let mut power = (digits - 1 - ((exponent * 19_728) >> 16)).min(scale_max);
    let mut scaled = f.abs();
    if power >= 0 {
        scaled *= power_of_ten(power)?;
    } else if power == -1 && scaled < 1e15 {
        power = 0;
    } else {
        scaled /= power_of_ten(-power)?;
    }
    if scaled < 1e14 && power < scale_max {
        scaled *= 10.0;
        power += 1;
    }
    let mut mantissa = scaled.round_ties_even() as i128;
    if power < 0 {
        mantissa *= 10_i128.checked_pow(power.unsigned_abs())?;
    }
    let signed = if f < 0.0 { -mantissa } else { mantissa };
    let d = Decimal::try_from_i128_with_scale(signed, u32::try_from(power.max(0)).ok()?).ok()?;
    Some(unsigned_zero(d.normalize()))
}

/// The double nearest to a power of ten.
fn power_of_ten(power: i32) -> Option<f64> {
    format!("1e{power}").parse().ok()
}
