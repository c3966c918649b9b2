//! Reading timestamps in whatever form: ISO 8601 first, then the loose forms that .NET's `DateTime.Parse` takes.

mod iso;
mod order;
mod reader;
mod stamp;
mod states;
mod words;

pub(super) use stamp::{Suffix, clock, complete, stamp};
pub(super) use words::begins;

use super::DateTime;
use crate::culture::{Calendar, Culture};

/// Longer text is no timestamp; a bound keeps hostile text from being taken apart.
const TEXT_BYTES_MAX: usize = 256;

/// Today, in days from 0001-01-01 on, which completes what has no date (a time alone), or no year; `None` where that is
/// not known.
pub(crate) type Today<'a> = &'a dyn Fn() -> Option<i64>;

/// Reads a timestamp in ISO 8601 or in the forms of a culture.
pub(crate) fn parse(text: &str, culture: &Culture, today: Today<'_>) -> Option<DateTime> {
    // Only with a `T` is a date one of the Gregorian calendar, whatever the culture's.
    let gregorian = culture.dates.calendar == Calendar::Gregorian || text.contains(['T', 't']);
    let date = if gregorian { iso::read(text) } else { None };
    date.or_else(|| {
        let short = text.len() <= TEXT_BYTES_MAX;
        short.then(|| reader::Reader::new(between_hashes(text), culture).read(today))?
    })
}

/// The text between two `#`, as Visual Basic writes dates; all of it if there are none.
fn between_hashes(text: &str) -> &str {
    let inner = text.trim().strip_prefix('#').and_then(|text| text.strip_suffix('#'));
    inner.unwrap_or(text)
}
