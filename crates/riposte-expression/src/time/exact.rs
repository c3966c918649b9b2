//! Reading timestamps in a form that is given, as .NET's `DateTime.ParseExact`.

use super::format::{FORMAT_BYTES_MAX, Piece, next_piece, standard};
use super::parse::{Suffix, clock, fraction_ticks, stamp, suffix, twelve_hours};
use super::{Date, DateTime};
use crate::culture::{Culture, INVARIANT};

/// The fields found.
#[derive(Default)]
struct Fields {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    weekday: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    fraction: i64,
    afternoon: Option<bool>,
    suffix: Option<Suffix>,
}

/// Reads a timestamp in exactly this form; `None` if the text is not in it, or the form means nothing.
pub(crate) fn parse_exact(text: &str, format: &str, culture: &Culture) -> Option<DateTime> {
    if format.len() > FORMAT_BYTES_MAX {
        return None;
    }
    let mut letters = format.chars();
    let (pattern, invariant) = match (letters.next(), letters.next()) {
        (Some(letter), None) => standard(letter, culture)?,
        _ => (format.to_owned(), false),
    };
    let culture = if invariant { &INVARIANT } else { culture };
    let utc = format == "u" || format == "r" || format == "R";
    let (mut pattern, mut rest) = (pattern.as_str(), text);
    let mut fields = Fields::default();
    while let Some(piece) = next_piece(&mut pattern).ok()? {
        rest = match piece {
            Piece::Literal(literal) => rest.strip_prefix(literal)?,
            Piece::Field(letter, count) => fields.read(rest, letter, count, culture)?,
        };
    }
    if !rest.is_empty() {
        return None;
    }
    if utc {
        fields.suffix = Some(Suffix::Utc);
    }
    fields.stamp(culture)
}

/// Up to `max` digits, at least `min`.
fn digits(text: &str, min: usize, max: usize) -> Option<(&str, &str)> {
    let length = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    (length >= min).then(|| text.split_at_checked(length))?
}

/// The longest of the names that the text begins with.
fn name<'a>(text: &'a str, names: &[&str]) -> Option<(i64, &'a str)> {
    let begins = |name: &str| {
        let head: String = text.chars().take(name.chars().count()).collect();
        let same = crate::casing::lower_text(&head) == crate::casing::lower_text(name);
        (same && !name.is_empty()).then(|| text.get(head.len()..))?
    };
    let found = names.iter().enumerate().filter_map(|(index, name)| Some((index, name.len(), begins(name)?)));
    let (index, _, rest) = found.max_by_key(|(_, length, _)| *length)?;
    Some((i64::try_from(index).ok()?, rest))
}

impl Fields {
    fn read<'a>(&mut self, text: &'a str, letter: char, count: usize, culture: &Culture) -> Option<&'a str> {
        let dates = &culture.dates;
        let number = |max: usize| {
            let (number, rest) = digits(text, if count == 1 { 1 } else { count.min(max) }, max)?;
            Some((number.parse::<i64>().ok()?, rest))
        };
        let (slot, (value, rest)) = match (letter, count) {
            ('d', 1 | 2) => (&mut self.day, number(2)?),
            ('d', 3) => (&mut self.weekday, name(text, &dates.days_short)?),
            ('d', _) => (&mut self.weekday, name(text, &dates.days)?),
            ('M', 1 | 2) => (&mut self.month, number(2)?),
            ('M', _) => {
                let month = dates.month_name_sets(count == 3).into_iter().find_map(|names| name(text, names));
                (&mut self.month, month.map(|(i, rest)| (i + 1, rest))?)
            }
            ('y', 1 | 2) => (&mut self.year, number(2).map(|(year, rest)| (dates.full_year(year), rest))?),
            ('y', _) => (&mut self.year, number(count.max(4))?),
            _ => return self.read_time(text, letter, count, culture),
        };
        // A field that stands twice must say the same.
        if slot.replace(value).is_some_and(|before| before != value) {
            return None;
        }
        Some(rest)
    }

    fn read_time<'a>(
        &mut self,
        text: &'a str,
        letter: char,
        count: usize,
        culture: &Culture,
    ) -> Option<&'a str> {
        let dates = &culture.dates;
        match letter {
            'h' | 'H' | 'm' | 's' => {
                let (number, rest) = digits(text, count.min(2), 2)?;
                let number = number.parse().ok()?;
                match letter {
                    'm' => self.minute = number,
                    's' => self.second = number,
                    'h' if number > 12 => return None,
                    _ => self.hour = number,
                }
                Some(rest)
            }
            'f' | 'F' if count <= 7 => {
                let (number, rest) = digits(text, if letter == 'f' { count } else { 0 }, count)?;
                self.fraction = if number.is_empty() { 0 } else { fraction_ticks(number)? };
                Some(rest)
            }
            't' => {
                let shorten = |mark: &'static str| match count {
                    1 => mark.char_indices().nth(1).map_or(mark, |(end, _)| mark.get(..end).unwrap_or(mark)),
                    _ => mark,
                };
                let (index, rest) = name(text, &[shorten(dates.am), shorten(dates.pm)])?;
                self.afternoon = Some(index == 1);
                Some(rest)
            }
            'K' | 'z' => {
                let end = match text.strip_prefix(['+', '-']) {
                    Some(rest) => {
                        1 + rest.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(rest.len())
                    }
                    None => usize::from(letter == 'K' && text.starts_with('Z')),
                };
                if letter == 'z' && end == 0 {
                    return None;
                }
                self.suffix = Some(suffix(text.get(..end)?)?);
                text.get(end..)
            }
            '/' => text.strip_prefix(dates.date_separator).or_else(|| text.strip_prefix('/')),
            ':' => text.strip_prefix(dates.time_separator).or_else(|| text.strip_prefix(':')),
            'g' => text.strip_prefix(dates.era),
            _ => None,
        }
    }

    fn stamp(&self, culture: &Culture) -> Option<DateTime> {
        // A form without a year would need today's date.
        let date = Date { year: self.year?, month: self.month.unwrap_or(1), day: self.day.unwrap_or(1) };
        let day = culture.dates.calendar.day_number(date)?;
        if self.weekday.is_some_and(|weekday| (day + 1) % 7 != weekday) {
            return None;
        }
        let ticks = clock(self.hour, self.minute, self.second, self.fraction)?;
        let ticks = match self.afternoon {
            Some(afternoon) => twelve_hours(ticks, afternoon)?,
            None => ticks,
        };
        stamp(day, ticks, self.suffix.unwrap_or(Suffix::None))
    }
}
