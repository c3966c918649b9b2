//! Writing timestamps: the standard formats (one letter) and the custom ones.

use super::line::{Line, two};
use super::pieces::{Piece, Pieces};
use super::{Date, DateTime, Kind, PER_HOUR, PER_MINUTE, PER_SECOND};
use crate::culture::{Culture, INVARIANT};
use riposte_value::Text;

/// A format that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadFormat;

/// The longest format, in bytes.
pub(super) const FORMAT_BYTES_MAX: usize = 10_000;

/// Writes a timestamp. A format of one letter is a standard format, an empty one is `G`.
pub(super) fn format(time: DateTime, format: &str, culture: &Culture) -> Result<Text, BadFormat> {
    if format.len() > FORMAT_BYTES_MAX {
        return Err(BadFormat);
    }
    let mut characters = format.chars();
    let standard = match (characters.next(), characters.next()) {
        (Some('o' | 'O'), None) => return Ok(round_trip(time)),
        (first, None) => Some(standard(first.unwrap_or('G'), culture).ok_or(BadFormat)?),
        _ => None,
    };
    let invariant = standard.as_ref().is_some_and(|standard| standard.invariant);
    // .NET fails too where the culture's calendar has no such day.
    let mut writer = Writer::new(time, if invariant { &INVARIANT } else { culture }).ok_or(BadFormat)?;
    match standard {
        Some(standard) => {
            writer.custom(standard.date)?;
            if !standard.date.is_empty() && !standard.time.is_empty() {
                writer.out.push_str(" ");
            }
            writer.custom(standard.time)?;
        }
        None => writer.custom(format)?,
    }
    Ok(writer.out.finish())
}

/// What a standard format stands for: a custom format of the date, one of the time, or both with a blank between.
pub(super) struct Standard<'a> {
    pub date: &'a str,
    pub time: &'a str,
    /// Whether it is the same in all cultures.
    pub invariant: bool,
}

/// The custom formats that a standard format stands for.
pub(super) fn standard(letter: char, culture: &Culture) -> Option<Standard<'_>> {
    let dates = &culture.dates;
    let own = |date, time| Some(Standard { date, time, invariant: false });
    let fixed = |date, time| Some(Standard { date, time, invariant: true });
    match letter {
        'd' => own(dates.short_date, ""),
        'D' => own(dates.long_date, ""),
        't' => own("", dates.short_time),
        'T' => own("", dates.long_time),
        'f' => own(dates.long_date, dates.short_time),
        'F' | 'U' => own(dates.long_date, dates.long_time),
        'g' => own(dates.short_date, dates.short_time),
        'G' => own(dates.short_date, dates.long_time),
        'm' | 'M' => own(dates.month_day, ""),
        'y' | 'Y' => own(dates.year_month, ""),
        'o' | 'O' => fixed("yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK", ""),
        'r' | 'R' => fixed("ddd, dd MMM yyyy", "HH':'mm':'ss 'GMT'"),
        's' => fixed("yyyy'-'MM'-'dd'T'HH':'mm':'ss", ""),
        'u' => fixed("yyyy'-'MM'-'dd", "HH':'mm':'ss'Z'"),
        _ => None,
    }
}

/// `yyyy-MM-ddTHH:mm:ss.fffffffK`
pub(super) fn round_trip(time: DateTime) -> Text {
    let mut out = Line::new();
    let (Date { year, month, day }, of_day) = (time.date(), time.time_of_day());
    let ([y1, y2], [y3, y4]) = (two(year / 100), two(year % 100));
    let ([m1, m2], [d1, d2]) = (two(month), two(day));
    out.push_ascii(&[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T']);
    let seconds = of_day / PER_SECOND;
    let ([h1, h2], [m1, m2], [s1, s2]) = (two(seconds / 3_600), two(seconds / 60 % 60), two(seconds % 60));
    let fraction = of_day % PER_SECOND;
    let ([f1, f2], [f3, f4]) = (two(fraction / 100_000), two(fraction / 1_000 % 100));
    let ([f5, f6], [_, f7]) = (two(fraction / 10 % 100), two(fraction % 10));
    out.push_ascii(&[h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, f4, f5, f6, f7]);
    out.push_str(zone(time));
    out.finish()
}

/// What `K` stands for.
const fn zone(time: DateTime) -> &'static str {
    match time.kind {
        Kind::Unspecified => "",
        Kind::Utc => "Z",
        Kind::Offset => "+00:00",
    }
}

struct Writer<'a> {
    time: DateTime,
    date: Date,
    culture: &'a Culture,
    out: Line,
}

impl<'a> Writer<'a> {
    fn new(time: DateTime, culture: &'a Culture) -> Option<Self> {
        Some(Self { time, date: time.date_of(culture)?, culture, out: Line::new() })
    }

    fn custom(&mut self, format: &str) -> Result<(), BadFormat> {
        let mut pieces = Pieces::new(format);
        while let Some(piece) = pieces.next()? {
            match piece {
                Piece::Literal(text) => self.out.push_str(text),
                Piece::Field(b'M', count @ 3..) => {
                    let after = pieces.rest();
                    let before = format.get(..format.len() - after.len() - count).unwrap_or_default();
                    let names = self.culture.dates.month_names(count == 3, before, after);
                    self.out.push_str(name(names, self.date.month - 1));
                }
                Piece::Field(letter, count) => self.field(letter, count)?,
            }
        }
        Ok(())
    }

    fn field(&mut self, letter: u8, count: usize) -> Result<(), BadFormat> {
        let dates = &self.culture.dates;
        let Date { year, month, day } = self.date;
        let of_day = self.time.time_of_day();
        let (hour, width) = (of_day / PER_HOUR, count.min(2));
        match (letter, count) {
            (b'd', 1 | 2) => self.out.push_number(day, count),
            (b'd', 3) => self.out.push_str(name(&dates.days_short, self.time.weekday())),
            (b'd', _) => self.out.push_str(name(&dates.days, self.time.weekday())),
            (b'M', _) => self.out.push_number(month, width),
            (b'y', 1 | 2) => self.out.push_number(year % 100, count),
            (b'y', _) => self.out.push_number(year, count),
            (b'H', _) => self.out.push_number(hour, width),
            (b'h', _) => self.out.push_number((hour + 11) % 12 + 1, width),
            (b'm', _) => self.out.push_number(of_day % PER_HOUR / PER_MINUTE, width),
            (b's', _) => self.out.push_number(of_day % PER_MINUTE / PER_SECOND, width),
            (b'f' | b'F', _) => self.fraction(of_day % PER_SECOND, letter == b'F', count)?,
            (b't', _) => {
                let mark = if hour < 12 { dates.am } else { dates.pm };
                let first = mark.chars().next().map_or(0, char::len_utf8);
                self.out.push_str(mark.get(..first).filter(|_| count == 1).unwrap_or(mark));
            }
            (b'g', _) => self.out.push_str(dates.era),
            (b'z', 1) => self.out.push_str("+0"),
            (b'z', 2) => self.out.push_str("+00"),
            (b'z', _) => self.out.push_str("+00:00"),
            (b'K', _) => self.repeat(zone(self.time), count),
            (b'/', _) => self.repeat(dates.date_separator, count),
            _ => self.repeat(dates.time_separator, count),
        }
        Ok(())
    }

    fn repeat(&mut self, text: &str, count: usize) {
        for _ in 0..count {
            self.out.push_str(text);
        }
    }

    /// Fractions of a second; `F` leaves out zeros at the end, and the point before them if nothing remains.
    fn fraction(&mut self, ticks: i64, trimmed: bool, count: usize) -> Result<(), BadFormat> {
        let cut = 7_usize.checked_sub(count).and_then(|cut| u32::try_from(cut).ok()).ok_or(BadFormat)?;
        let (mut digits, mut count) = (ticks / 10_i64.pow(cut), count);
        while trimmed && count > 0 && digits % 10 == 0 {
            digits /= 10;
            count -= 1;
        }
        match count {
            0 => self.out.pop_point(),
            _ => self.out.push_number(digits, count),
        }
        Ok(())
    }
}

fn name<'a>(names: &[&'a str], index: i64) -> &'a str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
}
