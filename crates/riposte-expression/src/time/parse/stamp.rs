//! Timestamps put together from what was read.

use super::super::{Date, DateTime, Kind, PER_DAY, PER_HOUR, PER_MINUTE, PER_SECOND};
use super::Today;
use crate::culture::Culture;

/// What a text says about the zone of its time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Suffix {
    None,
    Utc,
    /// Ticks east of UTC.
    Offset(i64),
}

/// .NET takes offsets up to 14 hours.
const OFFSET_MAX: i64 = 14 * PER_HOUR;

/// Ticks since midnight.
pub(in super::super) fn clock(hour: i64, minute: i64, second: i64, fraction: i64) -> Option<i64> {
    (hour < 24 && minute < 60 && second < 60)
        .then_some(hour * PER_HOUR + minute * PER_MINUTE + second * PER_SECOND + fraction)
}

/// A timestamp of a day, ticks since midnight and a zone.
pub(in super::super) fn stamp(day: i64, ticks: i64, suffix: Suffix) -> Option<DateTime> {
    let ticks = day * PER_DAY + ticks;
    match suffix {
        Suffix::None => DateTime::new(ticks, Kind::Unspecified),
        Suffix::Utc => DateTime::new(ticks, Kind::Utc),
        Suffix::Offset(offset) if offset.abs() > OFFSET_MAX => None,
        // .NET takes a time on the first day of all for one without a date: it wraps around midnight.
        Suffix::Offset(offset) if ticks < PER_DAY && ticks < offset => {
            DateTime::new(ticks - offset + PER_DAY, Kind::Offset)
        }
        Suffix::Offset(offset) => DateTime::new(ticks - offset, Kind::Offset),
    }
}

/// The day of a date by the calendar of a culture. What is missing is the first, but where there is no date at all it
/// is today, and where there is only no year it is this year.
pub(in super::super) fn complete(
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    culture: &Culture,
    today: Today<'_>,
) -> Option<i64> {
    let calendar = culture.dates.calendar;
    let year = match year {
        Some(year) => year,
        None if month.is_none() && day.is_none() => return today(),
        None => calendar.date(today()?)?.year,
    };
    calendar.day_number(Date { year, month: month.unwrap_or(1), day: day.unwrap_or(1) })
}

/// The hour of the day that an hour of half a day is. An hour of the whole day may be marked as afternoon.
pub(super) const fn twelve_hours(hour: i64, afternoon: bool) -> Option<i64> {
    match (hour, afternoon) {
        (12, false) => Some(0),
        (0..=11, true) => Some(hour + 12),
        (0..=11, false) | (12..=23, true) => Some(hour),
        _ => None,
    }
}
