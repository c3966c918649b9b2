//! The forms that programs write: `yyyy-MM-dd[(T| )HH:mm[:ss[.f]][Z|±HH:mm]]`, without a look at any table.
//!
//! What is not quite so is left to the reader of loose forms, which takes them too, only slower.

use super::super::{DateTime, PER_HOUR, PER_MINUTE, day_number};
use super::stamp::{Suffix, clock, stamp};

/// Digits as a number.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |sum: i64, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + i64::from(digit))
    })
}

pub(super) fn read(text: &str) -> Option<DateTime> {
    let (date, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
        return None;
    };
    let day = day_number(number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?)?;
    let Some((time, rest)) = rest.split_first_chunk::<6>() else {
        return rest.is_empty().then(|| stamp(day, 0, Suffix::None))?;
    };
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2] = *time else {
        return None;
    };
    let (hour, minute) = (number(&[h1, h2])?, number(&[m1, m2])?);
    let (second, fraction, rest) = match rest {
        [b':', s1, s2, rest @ ..] => {
            let (fraction, rest) = fraction(rest)?;
            (number(&[*s1, *s2])?, fraction, rest)
        }
        _ => (0, 0, rest),
    };
    stamp(day, clock(hour, minute, second, fraction)?, suffix(rest)?)
}

/// Up to seven digits after a point, in ticks, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'.', digits @ ..] = text else {
        return Some((0, text));
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = digits.split_at_checked(length)?;
    let scale = 7_usize.checked_sub(length).filter(|_| length > 0)?;
    Some((number(digits)? * 10_i64.pow(u32::try_from(scale).ok()?), rest))
}

fn suffix(text: &[u8]) -> Option<Suffix> {
    match *text {
        [] => Some(Suffix::None),
        [b'Z' | b'z'] => Some(Suffix::Utc),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[h1, h2])?, number(&[m1, m2])?);
            let offset = hours * PER_HOUR + minutes * PER_MINUTE;
            (minutes < 60).then_some(Suffix::Offset(if sign == b'-' { -offset } else { offset }))
        }
        _ => None,
    }
}
