//! Reading timestamps in whatever form: ISO 8601 first, then the loose forms that .NET's `DateTime.Parse` takes.
//!
//! What would need today's date to be complete (a time alone, a day without a year) is not read: an expression must
//! give the same value whenever it is evaluated.

use super::{DateTime, Kind, PER_HOUR, PER_MINUTE, PER_SECOND, day_number};
use crate::culture::{Culture, DateOrder};

/// Reads a timestamp in ISO 8601 or in the forms of a culture.
pub(crate) fn parse(text: &str, culture: &Culture) -> Option<DateTime> {
    let text = text.trim();
    // No form is longer; a bound keeps hostile text from being taken apart.
    if text.len() > 128 {
        return None;
    }
    iso(text).or_else(|| loose(text, culture))
}

/// `yyyy-MM-dd[(T| )HH:mm[:ss[.f…]]][Z|±HH:mm]`
fn iso(text: &str) -> Option<DateTime> {
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let at = |index: usize| text.as_bytes().get(index).copied();
    if at(4) != Some(b'-') || at(7) != Some(b'-') {
        return None;
    }
    let day = day_number(digits(0, 4)?, digits(5, 7)?, digits(8, 10)?)?;
    let Some(separator) = at(10) else {
        return stamp(day, 0, Suffix::None);
    };
    if separator == b'Z' && text.len() == 11 {
        return stamp(day, 0, Suffix::Utc);
    }
    if !matches!(separator, b'T' | b't' | b' ') || at(13) != Some(b':') {
        return None;
    }
    let mut ticks = clock(digits(11, 13)?, digits(14, 16)?, 0, 0)?;
    let mut rest = text.get(16..)?;
    if at(16) == Some(b':') {
        ticks += clock(0, 0, digits(17, 19)?, 0)?;
        rest = text.get(19..)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            ticks += fraction_ticks(fraction.get(..length)?)?;
            rest = fraction.get(length..)?;
        }
    }
    stamp(day, ticks, suffix(rest.trim_start())?)
}

/// What may stand after a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Suffix {
    None,
    Utc,
    /// Ticks east of UTC.
    Offset(i64),
}

/// `Z`, `GMT`, `UTC`, `±HH[:]mm`, `±H` or nothing.
pub(super) fn suffix(text: &str) -> Option<Suffix> {
    if text.is_empty() {
        return Some(Suffix::None);
    }
    if ["z", "gmt", "utc"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Some(Suffix::Utc);
    }
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['+', '-'])?;
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |part: &str| {
        let well_formed = !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
        well_formed.then(|| part.parse::<i64>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    // .NET takes offsets up to 14 hours.
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    let ticks = hours * PER_HOUR + minutes * PER_MINUTE;
    Some(Suffix::Offset(if negative { -ticks } else { ticks }))
}

/// Ticks since midnight.
pub(super) fn clock(hour: i64, minute: i64, second: i64, fraction: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60)
        .then_some(hour * PER_HOUR + minute * PER_MINUTE + second * PER_SECOND + fraction)
}

/// Ticks of the digits after the point; more than seven are rounded.
pub(super) fn fraction_ticks(digits: &str) -> Option<i64> {
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let kept = digits.get(..7).unwrap_or(digits);
    let scale = 10_i64.pow(u32::try_from(7 - kept.len()).ok()?);
    let up = digits.as_bytes().get(7).is_some_and(|b| *b >= b'5');
    Some(kept.parse::<i64>().ok()? * scale + i64::from(up))
}

/// A timestamp of a day, ticks since midnight and a zone.
pub(super) fn stamp(day: i64, ticks: i64, suffix: Suffix) -> Option<DateTime> {
    let ticks = day * super::PER_DAY + ticks;
    match suffix {
        Suffix::None => DateTime::new(ticks, Kind::Unspecified),
        Suffix::Utc => DateTime::new(ticks, Kind::Utc),
        Suffix::Offset(offset) => DateTime::new(ticks - offset, Kind::Offset),
    }
}

/// The year that two digits mean: 1930 to 2029.
pub(super) fn full_year(year: i64, digits: usize) -> i64 {
    match year {
        0..=29 if digits <= 2 => year + 2000,
        30..=99 if digits <= 2 => year + 1900,
        _ => year,
    }
}

/// What has been found in a loose form so far.
#[derive(Default)]
struct Found {
    /// Numbers of the date in their order, with how many digits each has.
    numbers: Vec<(i64, usize)>,
    month: Option<(i64, usize)>,
    weekday: Option<i64>,
    time: Option<i64>,
    afternoon: Option<bool>,
    suffix: Option<Suffix>,
}

fn loose(text: &str, culture: &Culture) -> Option<DateTime> {
    let mut found = Found::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() {
            rest = number_or_time(rest, &mut found)?;
        } else if matches!(c, '+' | '-') && found.time.is_some() && found.suffix.is_none() {
            found.suffix = Some(suffix(rest)?);
            rest = "";
        } else if c.is_alphabetic() {
            rest = word(rest, culture, &mut found)?;
        } else if matches!(c, ',' | '/' | '-' | '.') || c.is_whitespace() {
            rest = rest.get(c.len_utf8()..)?;
        } else {
            return None;
        }
    }
    let day = found.day(culture.dates.order)?;
    let stamp = stamp(day, found.clock()?, found.suffix.unwrap_or(Suffix::None))?;
    match found.weekday {
        Some(weekday) if (day + 1) % 7 != weekday => None,
        _ => Some(stamp),
    }
}

/// A number of the date, or a time `H:mm[:ss[.f]]`.
fn number_or_time<'a>(text: &'a str, found: &mut Found) -> Option<&'a str> {
    let take = |text: &'a str| {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = text.get(..length)?.parse::<i64>().ok().filter(|_| length <= 4)?;
        Some((number, length, text.get(length..)?))
    };
    let (first, length, rest) = take(text)?;
    let Some(after) = rest.strip_prefix(':') else {
        let marked = rest
            .trim_start()
            .get(..2)
            .is_some_and(|mark| mark.eq_ignore_ascii_case("am") || mark.eq_ignore_ascii_case("pm"));
        if marked && found.time.is_none() {
            found.time = Some(clock(first, 0, 0, 0)?);
        } else {
            found.numbers.push((first, length));
        }
        return (found.numbers.len() <= 3).then_some(rest);
    };
    let (minute, _, mut rest) = take(after)?;
    let mut ticks = clock(first, minute, 0, 0)?;
    if let Some(after) = rest.strip_prefix(':') {
        let second;
        (second, _, rest) = take(after)?;
        ticks += clock(0, 0, second, 0)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            ticks += fraction_ticks(fraction.get(..length)?)?;
            rest = fraction.get(length..)?;
        }
    }
    if found.time.replace(ticks).is_some() || length > 2 {
        return None;
    }
    Some(rest)
}

/// The name of a month or a weekday, AM or PM, a zone, or a word that means nothing.
fn word<'a>(text: &'a str, culture: &Culture, found: &mut Found) -> Option<&'a str> {
    let length = text.find(|c: char| !(c.is_alphabetic() || c == '.')).unwrap_or(text.len());
    let (whole, rest) = text.split_at_checked(length)?;
    let word = whole.trim_end_matches('.');
    let dates = &culture.dates;
    if matches!(whole, "年" | "月" | "日" | "de") {
        return Some(rest);
    }
    if let Some(month) = index_of(word, &dates.months, &dates.months_short) {
        return found.month.replace((month + 1, found.numbers.len())).is_none().then_some(rest);
    }
    if let Some(day) = index_of(word, &dates.days, &dates.days_short) {
        return found.weekday.replace(day).is_none().then_some(rest);
    }
    let is = |name: &str| !name.is_empty() && word.eq_ignore_ascii_case(name);
    if is("am") || is(dates.am) {
        return found.afternoon.replace(false).is_none().then_some(rest);
    }
    if is("pm") || is(dates.pm) {
        return found.afternoon.replace(true).is_none().then_some(rest);
    }
    match whole {
        _ if is("z") || is("gmt") || is("utc") => {
            (found.time.is_some() && found.suffix.replace(Suffix::Utc).is_none()).then_some(rest)
        }
        _ if is("t") => (found.numbers.len() == 3
            && rest.starts_with(|c: char| c.is_ascii_digit())
            && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit))
        .then_some(rest),
        _ => None,
    }
}

pub(super) fn index_of(word: &str, full: &[&str], short: &[&str]) -> Option<i64> {
    let matches = |name: &&str| {
        let name = name.trim_end_matches('.');
        !name.is_empty() && crate::casing::lower_text(name) == crate::casing::lower_text(word)
    };
    let index = full.iter().position(matches).or_else(|| short.iter().position(matches))?;
    i64::try_from(index).ok()
}

impl Found {
    fn clock(&self) -> Option<i64> {
        let ticks = self.time.unwrap_or(0);
        let Some(afternoon) = self.afternoon else {
            return Some(ticks);
        };
        self.time?;
        twelve_hours(ticks, afternoon)
    }

    fn day(&self, order: DateOrder) -> Option<i64> {
        let year = |(number, digits): (i64, usize)| full_year(number, digits);
        if let Some((month, before)) = self.month {
            return match *self.numbers.as_slice() {
                // `Mar 2018`
                [only] if only.1 > 2 => day_number(year(only), month, 1),
                // `2018 March 5`
                [first, second] if first.1 > 2 && before > 0 => day_number(year(first), month, second.0),
                // `5 Mar 2018`, `March 5, 2018`
                [first, second] if first.1 <= 2 => day_number(year(second), month, first.0),
                _ => None,
            };
        }
        match *self.numbers.as_slice() {
            [y, m, d] if y.1 > 2 => day_number(year(y), m.0, d.0),
            [m, d, y] if order == DateOrder::MonthDayYear => day_number(year(y), m.0, d.0),
            [d, m, y] if order == DateOrder::DayMonthYear => day_number(year(y), m.0, d.0),
            [y, m, d] if d.1 <= 2 => day_number(year(y), m.0, d.0),
            _ => None,
        }
    }
}

/// Ticks since midnight of a clock with twelve hours.
pub(super) fn twelve_hours(ticks: i64, afternoon: bool) -> Option<i64> {
    let hour = ticks / PER_HOUR;
    match (hour, afternoon) {
        (12, false) => Some(ticks - 12 * PER_HOUR),
        (0..=11, true) => Some(ticks + 12 * PER_HOUR),
        // `13:07 PM` says the same thing twice
        (12..=23, true) | (0..=11, false) => Some(ticks),
        _ => None,
    }
}
