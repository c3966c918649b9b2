//! Writing timestamps: the standard formats (one letter) and the custom ones.

use super::{Date, DateTime, Kind, PER_HOUR, PER_MINUTE, PER_SECOND};
use crate::culture::{Culture, INVARIANT};
use std::fmt::Write as _;

/// A format that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadFormat;

/// The longest format, in bytes.
pub(super) const FORMAT_BYTES_MAX: usize = 10_000;

/// Writes a timestamp. A format of one letter is a standard format, an empty one is `G`.
pub(super) fn format(time: DateTime, format: &str, culture: &Culture) -> Result<String, BadFormat> {
    if format.len() > FORMAT_BYTES_MAX {
        return Err(BadFormat);
    }
    let mut out = String::with_capacity(32);
    let mut characters = format.chars();
    match (characters.next(), characters.next()) {
        (None, _) => custom(time, &standard('G', culture).ok_or(BadFormat)?.0, culture, &mut out)?,
        (Some(letter), None) => {
            let (pattern, invariant) = standard(letter, culture).ok_or(BadFormat)?;
            custom(time, &pattern, if invariant { &INVARIANT } else { culture }, &mut out)?;
        }
        _ => custom(time, format, culture, &mut out)?,
    }
    Ok(out)
}

/// The pattern of a standard format, and whether it is the same in all cultures.
pub(super) fn standard(letter: char, culture: &Culture) -> Option<(String, bool)> {
    let dates = &culture.dates;
    let own = |pattern: &str| Some((pattern.to_owned(), false));
    let fixed = |pattern: &str| Some((pattern.to_owned(), true));
    match letter {
        'd' => own(dates.short_date),
        'D' => own(dates.long_date),
        't' => own(dates.short_time),
        'T' => own(dates.long_time),
        'f' => own(&format!("{} {}", dates.long_date, dates.short_time)),
        'F' | 'U' => own(&format!("{} {}", dates.long_date, dates.long_time)),
        'g' => own(&format!("{} {}", dates.short_date, dates.short_time)),
        'G' => own(&format!("{} {}", dates.short_date, dates.long_time)),
        'm' | 'M' => own(dates.month_day),
        'y' | 'Y' => own(dates.year_month),
        'o' | 'O' => fixed("yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK"),
        'r' | 'R' => fixed("ddd, dd MMM yyyy HH':'mm':'ss 'GMT'"),
        's' => fixed("yyyy'-'MM'-'dd'T'HH':'mm':'ss"),
        'u' => fixed("yyyy'-'MM'-'dd HH':'mm':'ss'Z'"),
        _ => None,
    }
}

/// A piece of a custom format.
pub(super) enum Piece<'a> {
    /// A letter that stands for a field, so many times.
    Field(char, usize),
    /// Text as it is.
    Literal(&'a str),
}

/// Takes the next piece off a custom format; `None` at its end.
pub(super) fn next_piece<'a>(format: &mut &'a str) -> Result<Option<Piece<'a>>, BadFormat> {
    let rest = *format;
    let Some(first) = rest.chars().next() else {
        return Ok(None);
    };
    let after = |bytes: usize| rest.get(bytes..).unwrap_or_default();
    match first {
        '\'' | '"' => {
            let body = after(1);
            let end = body.find(first).ok_or(BadFormat)?;
            *format = body.get(end + 1..).unwrap_or_default();
            Ok(Some(Piece::Literal(body.get(..end).unwrap_or_default())))
        }
        '\\' => {
            let escaped = after(1).chars().next().ok_or(BadFormat)?;
            *format = after(1 + escaped.len_utf8());
            Ok(Some(Piece::Literal(rest.get(1..=escaped.len_utf8()).unwrap_or_default())))
        }
        '%' => {
            let field = after(1).chars().next().filter(|c| *c != '%').ok_or(BadFormat)?;
            *format = after(1);
            if !field.is_ascii_alphabetic() {
                return next_piece(format);
            }
            *format = after(2);
            Ok(Some(if is_field(field) { Piece::Field(field, 1) } else { Piece::Literal(literal(after(1))) }))
        }
        c if is_field(c) => {
            let count = rest.chars().take_while(|other| *other == c).count();
            *format = after(count);
            Ok(Some(Piece::Field(c, count)))
        }
        c => {
            *format = after(c.len_utf8());
            Ok(Some(Piece::Literal(rest.get(..c.len_utf8()).unwrap_or_default())))
        }
    }
}

fn literal(text: &str) -> &str {
    text.get(..1).unwrap_or_default()
}

fn is_field(c: char) -> bool {
    matches!(c, 'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'K' | 'm' | 'M' | 's' | 't' | 'y' | 'z' | ':' | '/')
}

fn custom(time: DateTime, format: &str, culture: &Culture, out: &mut String) -> Result<(), BadFormat> {
    // .NET fails too where the culture's calendar has no such day.
    let date = time.date_of(culture).ok_or(BadFormat)?;
    let mut rest = format;
    while let Some(piece) = next_piece(&mut rest)? {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Field('M', count @ 3..) => {
                let before = format.len() - rest.len();
                let before = format.get(..before).unwrap_or_default().trim_end_matches('M');
                let names = culture.dates.month_names(count == 3, before, rest);
                out.push_str(&name(names, date.month - 1));
            }
            Piece::Field(letter, count) => field(time, date, letter, count, culture, out)?,
        }
    }
    Ok(())
}

fn name(names: &[&str], index: i64) -> String {
    usize::try_from(index)
        .ok()
        .and_then(|index| names.get(index))
        .map_or_else(String::new, |n| (*n).to_owned())
}

fn field(
    time: DateTime,
    date: Date,
    letter: char,
    count: usize,
    culture: &Culture,
    out: &mut String,
) -> Result<(), BadFormat> {
    let dates = &culture.dates;
    let of_day = time.time_of_day();
    let hour = of_day / PER_HOUR;
    match letter {
        'd' => match count {
            1 | 2 => number(date.day, count, out),
            3 => out.push_str(&name(&dates.days_short, time.weekday())),
            _ => out.push_str(&name(&dates.days, time.weekday())),
        },
        'M' => number(date.month, count, out),
        'y' => match count {
            1 | 2 => number(date.year % 100, count, out),
            _ => number(date.year, count, out),
        },
        'H' => number(hour, count.min(2), out),
        'h' => number((hour + 11) % 12 + 1, count.min(2), out),
        'm' => number(of_day % PER_HOUR / PER_MINUTE, count.min(2), out),
        's' => number(of_day % PER_MINUTE / PER_SECOND, count.min(2), out),
        'f' | 'F' => fraction(of_day % PER_SECOND, letter == 'F', count, out)?,
        't' => {
            let mark = if hour < 12 { dates.am } else { dates.pm };
            out.extend(mark.chars().take(if count == 1 { 1 } else { usize::MAX }));
        }
        'g' => out.push_str(dates.era),
        'K' => out.extend(std::iter::repeat_n(
            match time.kind {
                Kind::Unspecified => "",
                Kind::Utc => "Z",
                Kind::Offset => "+00:00",
            },
            count,
        )),
        'z' => out.push_str(match count {
            1 => "+0",
            2 => "+00",
            _ => "+00:00",
        }),
        '/' => out.extend(std::iter::repeat_n(dates.date_separator, count)),
        _ => out.extend(std::iter::repeat_n(dates.time_separator, count)),
    }
    Ok(())
}

fn number(n: i64, width: usize, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{n:0width$}");
}

/// Fractions of a second; `F` leaves out zeros at the end, and the point before them if nothing remains.
fn fraction(ticks: i64, trimmed: bool, count: usize, out: &mut String) -> Result<(), BadFormat> {
    if count > 7 {
        return Err(BadFormat);
    }
    let all = format!("{ticks:07}");
    let digits = all.get(..count).unwrap_or_default();
    if !trimmed {
        out.push_str(digits);
        return Ok(());
    }
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        if out.ends_with('.') {
            out.pop();
        }
    } else {
        out.push_str(digits);
    }
    Ok(())
}
