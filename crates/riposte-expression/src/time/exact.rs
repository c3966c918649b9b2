//! Reading timestamps in a form that is given, as .NET's `DateTime.ParseExact`.

use super::format::{FORMAT_BYTES_MAX, standard};
use super::parse::{Suffix, Today, begins, clock, complete, stamp};
use super::{DateTime, PER_HOUR, PER_MINUTE};
use crate::culture::{Culture, INVARIANT};

/// Reads a timestamp in exactly this form; `None` if the text is not in it, or the form means nothing.
pub(crate) fn parse_exact(text: &str, format: &str, culture: &Culture, today: Today<'_>) -> Option<DateTime> {
    if format.len() > FORMAT_BYTES_MAX {
        return None;
    }
    let mut letters = format.chars();
    let (Some(first), None) = (letters.next(), letters.next()) else {
        return Exact::new(text, culture).read(format, today);
    };
    let standard = standard(first, culture)?;
    let mut exact = Exact::new(text, if standard.invariant { &INVARIANT } else { culture });
    if first == 'U' {
        exact.zone = Suffix::Utc;
    }
    let pattern = match (standard.date, standard.time) {
        (date, "") => date.to_owned(),
        ("", time) => time.to_owned(),
        (date, time) => format!("{date} {time}"),
    };
    exact.read(&pattern, today)
}

/// The text yet to be read, and the fields found.
struct Exact<'a> {
    rest: &'a str,
    culture: &'a Culture,
    year: Option<i64>,
    /// Whether the year has one or two digits.
    short_year: bool,
    month: Option<i64>,
    day: Option<i64>,
    weekday: Option<i64>,
    hour: Option<i64>,
    /// Whether the hour is one of half a day.
    half_hour: bool,
    minute: Option<i64>,
    second: Option<i64>,
    fraction: Option<i64>,
    afternoon: Option<bool>,
    zone: Suffix,
}

/// A field that stands twice must say the same.
fn set<T: PartialEq + Copy>(slot: &mut Option<T>, value: T) -> Option<()> {
    (slot.replace(value).is_none_or(|before| before == value)).then_some(())
}

impl<'a> Exact<'a> {
    const fn new(text: &'a str, culture: &'a Culture) -> Self {
        Self {
            rest: text,
            culture,
            year: None,
            short_year: false,
            month: None,
            day: None,
            weekday: None,
            hour: None,
            half_hour: false,
            minute: None,
            second: None,
            fraction: None,
            afternoon: None,
            zone: Suffix::None,
        }
    }

    fn read(mut self, format: &str, today: Today<'_>) -> Option<DateTime> {
        if format.is_empty() || self.rest.is_empty() {
            return None;
        }
        let mut format = format;
        while let Some(letter) = format.chars().next() {
            let count = format.chars().take_while(|other| *other == letter).count();
            let after = format.get(letter.len_utf8()..)?;
            format = match letter {
                '\'' | '"' => self.quoted(after, letter)?,
                '\\' => {
                    let escaped = after.chars().next()?;
                    self.literal(escaped)?;
                    after.get(escaped.len_utf8()..)?
                }
                '%' if after.is_empty() || after.starts_with('%') => return None,
                '%' => after,
                '.' if !self.rest.starts_with('.') => {
                    // A fraction that may be absent takes its point with it; one of a single digit does not in .NET.
                    let optional = after.trim_start_matches('F');
                    (optional.len() + 1 < after.len()).then_some(optional)?
                }
                'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                    self.field(letter, count)?;
                    format.get(count..)?
                }
                ':' | '/' | 'K' | 'Z' => {
                    self.mark(letter)?;
                    after
                }
                'G' if format.starts_with("GMT") => {
                    self.rest = self.rest.get(begins(self.rest, "GMT")?..)?;
                    self.set_zone(Suffix::Utc)?;
                    format.get(3..)?
                }
                _ => {
                    self.literal(letter)?;
                    after
                }
            };
        }
        self.rest.is_empty().then(|| self.stamp(today))?
    }

    fn literal(&mut self, letter: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(letter)?;
        Some(())
    }

    /// Text in quotation marks, where a backslash escapes; gives what follows in the format.
    fn quoted<'f>(&mut self, format: &'f str, quote: char) -> Option<&'f str> {
        let mut rest = format.chars();
        loop {
            match rest.next()? {
                c if c == quote => return Some(rest.as_str()),
                '\\' => self.literal(rest.next()?)?,
                c => self.literal(c)?,
            }
        }
    }

    /// A number of so many digits; where the form has one letter, of one digit or two.
    fn number(&mut self, letters: usize) -> Option<i64> {
        let max = letters.max(2);
        let length = self.rest.bytes().take(max).take_while(u8::is_ascii_digit).count();
        if length < letters {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        digits.parse().ok()
    }

    /// The longest of the names that the text begins with.
    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let found = names.iter().zip(0..).filter(|(name, _)| !name.is_empty());
        let found = found.filter_map(|(name, index)| Some((index, begins(self.rest, name)?)));
        // Of names as long, the first.
        let (index, length) = found.reduce(|best, next| if next.1 > best.1 { next } else { best })?;
        self.rest = self.rest.get(length..)?;
        Some(index)
    }

    fn field(&mut self, letter: char, count: usize) -> Option<()> {
        let dates = &self.culture.dates;
        match (letter, count) {
            ('d', 1 | 2) => self.number(count).and_then(|day| set(&mut self.day, day)),
            ('d', 3) => self.name(&dates.days_short).and_then(|day| set(&mut self.weekday, day)),
            ('d', _) => self.name(&dates.days).and_then(|day| set(&mut self.weekday, day)),
            ('M', 1 | 2) => self.number(count).and_then(|month| set(&mut self.month, month)),
            ('M', _) => {
                let [genitive, plain] = dates.month_name_sets(count == 3);
                let names: Vec<&str> = plain.iter().chain(genitive).copied().collect();
                self.name(&names).and_then(|index| set(&mut self.month, index % 12 + 1))
            }
            ('y', _) => {
                self.short_year |= count <= 2;
                self.number(count).and_then(|year| set(&mut self.year, year))
            }
            ('h' | 'H', _) => {
                self.half_hour |= letter == 'h';
                self.number(count.min(2)).and_then(|hour| set(&mut self.hour, hour))
            }
            ('m', _) => self.number(count.min(2)).and_then(|minute| set(&mut self.minute, minute)),
            ('s', _) => self.number(count.min(2)).and_then(|second| set(&mut self.second, second)),
            ('f' | 'F', 1..=7) => self.fraction(letter == 'f', count),
            ('t', _) => self.half(count == 1),
            ('g', _) => self.name(&[dates.era, "A.D.", "AD"]).map(drop),
            ('z', _) => {
                let offset = self.offset(count)?;
                self.set_zone(Suffix::Offset(offset))
            }
            _ => None,
        }
    }

    fn fraction(&mut self, all: bool, count: usize) -> Option<()> {
        let length = self.rest.bytes().take(count).take_while(u8::is_ascii_digit).count();
        if all && length < count {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let scale = 10_i64.pow(u32::try_from(7_usize.checked_sub(length)?).ok()?);
        let digits = if length == 0 { 0 } else { digits.parse::<i64>().ok()? };
        set(&mut self.fraction, digits * scale)
    }

    fn half(&mut self, first_letter: bool) -> Option<()> {
        let marks = [self.culture.dates.am, self.culture.dates.pm];
        let index = if first_letter {
            let first = self.rest.chars().next()?;
            self.rest = self.rest.get(first.len_utf8()..)?;
            marks.iter().position(|mark| mark.starts_with(first))?
        } else {
            // A mark that is empty is there if the other is not.
            let named = self.name(&marks).and_then(|index| usize::try_from(index).ok());
            named.or_else(|| marks.iter().position(|mark| mark.is_empty()))?
        };
        set(&mut self.afternoon, index == 1)
    }

    /// Separators of the culture, and what may say the zone.
    fn mark(&mut self, letter: char) -> Option<()> {
        let dates = &self.culture.dates;
        match letter {
            ':' | '/' => {
                let own = if letter == ':' { dates.time_separator } else { dates.date_separator };
                self.rest = self.rest.strip_prefix(letter).or_else(|| self.rest.strip_prefix(own))?;
                Some(())
            }
            'Z' => {
                let length = begins(self.rest, "GMT").or_else(|| begins(self.rest, "Z"))?;
                let rest = self.rest.get(length..)?;
                self.rest = (!rest.starts_with(char::is_alphabetic)).then_some(rest)?;
                self.set_zone(Suffix::Utc)
            }
            _ if self.rest.starts_with('Z') => {
                self.literal('Z')?;
                self.set_zone(Suffix::Utc)
            }
            _ if self.rest.starts_with(['+', '-']) => {
                let offset = self.offset(3)?;
                self.set_zone(Suffix::Offset(offset))
            }
            _ => Some(()),
        }
    }

    fn set_zone(&mut self, zone: Suffix) -> Option<()> {
        let offset = |zone| if let Suffix::Offset(offset) = zone { offset } else { 0 };
        if self.zone != Suffix::None && offset(self.zone) != offset(zone) {
            return None;
        }
        // What was said to be in UTC stays so.
        if self.zone != Suffix::Utc {
            self.zone = zone;
        }
        Some(())
    }

    /// `±H[H]` for up to two letters, `±H[H][:]mm` for more, in ticks.
    fn offset(&mut self, letters: usize) -> Option<i64> {
        let negative = self.rest.starts_with('-');
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        let hours = self.number(if letters == 2 { 2 } else { 1 })?;
        let minutes = if letters > 2 {
            self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
            self.number(2)?
        } else {
            0
        };
        let ticks = hours * PER_HOUR + minutes * PER_MINUTE;
        (minutes < 60).then_some(if negative { -ticks } else { ticks })
    }

    fn stamp(&self, today: Today<'_>) -> Option<DateTime> {
        let year = match self.year {
            Some(year) if self.short_year => Some(self.culture.dates.full_year(year)),
            year => year,
        };
        let day = complete(year, self.month, self.day, self.culture, today)?;
        if self.weekday.is_some_and(|weekday| (day + 1) % 7 != weekday) {
            return None;
        }
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        let ticks = clock(self.hour_of_day()?, minute, second, self.fraction.unwrap_or(0))?;
        stamp(day, ticks, self.zone)
    }

    fn hour_of_day(&self) -> Option<i64> {
        let hour = self.hour.unwrap_or(0);
        if !self.half_hour {
            // `17 AM` and `3 PM` contradict themselves where the hour is one of the whole day.
            return self.afternoon.is_none_or(|afternoon| afternoon == (hour >= 12)).then_some(hour);
        }
        match (hour, self.afternoon.unwrap_or(false)) {
            (12, false) => Some(0),
            (0..=11, true) => Some(hour + 12),
            (0..=12, _) => Some(hour),
            _ => None,
        }
    }
}
