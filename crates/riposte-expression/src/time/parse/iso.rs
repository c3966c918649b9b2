//! The forms that programs write: `yyyy-MM-dd[(T| )HH:mm[:ss[.f]][Z|±HH:mm]]`, without a look at any table.
//!
//! What is not quite so is left to the reader of loose forms, which takes them too, only slower.

use super::super::{DateTime, PER_HOUR, PER_MINUTE, PER_SECOND, day_number};
use super::stamp::{Suffix, clock, stamp};

/// The number that two digits are.
#[inline]
fn two(digits: [u8; 2]) -> Option<i64> {
    let [tens, ones] = digits.map(|byte| byte.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens * 10 + ones))
}

pub(super) fn read(text: &str) -> Option<DateTime> {
    let (date, rest) = text.as_bytes().split_first_chunk::<10>()?;
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *date else {
        return None;
    };
    let day = day_number(two([y1, y2])? * 100 + two([y3, y4])?, two([m1, m2])?, two([d1, d2])?)?;
    let Some((time, rest)) = rest.split_first_chunk::<6>() else {
        return rest.is_empty().then(|| stamp(day, 0, Suffix::None))?;
    };
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2] = *time else {
        return None;
    };
    let (hour, minute) = (two([h1, h2])?, two([m1, m2])?);
    let (second, fraction, rest) = match rest {
        [b':', s1, s2, rest @ ..] => {
            let (fraction, rest) = fraction(rest)?;
            (two([*s1, *s2])?, fraction, rest)
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
    let mut ticks = 0;
    let mut place = PER_SECOND / 10;
    let mut rest = digits;
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        ticks += i64::from(digit - b'0') * place;
        // After the seventh digit there is no place, and .NET rounds.
        if place == 0 {
            return None;
        }
        place /= 10;
        rest = after;
    }
    (rest.len() < digits.len()).then_some((ticks, rest))
}

fn suffix(text: &[u8]) -> Option<Suffix> {
    match *text {
        [] => Some(Suffix::None),
        [b'Z' | b'z'] => Some(Suffix::Utc),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two([h1, h2])?, two([m1, m2])?);
            let offset = hours * PER_HOUR + minutes * PER_MINUTE;
            (minutes < 60).then_some(Suffix::Offset(if sign == b'-' { -offset } else { offset }))
        }
        _ => None,
    }
}
