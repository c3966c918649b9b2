//! Timestamps as .NET has them: ticks of 100 ns since the year 1 and a kind, read and written as `DateTime` does.

mod exact;
mod format;
mod line;
mod parse;
mod pieces;
mod span;
mod windows_zones;
mod zone;

pub(crate) use exact::parse_exact;
pub(crate) use format::BadFormat;
pub(crate) use parse::parse;
pub(crate) use span::{difference, format_span, parse_span};
pub use zone::time_zone;
pub(crate) use zone::{Gap, Zone};

use crate::culture::{Culture, INVARIANT};
use riposte_value::Text;
use std::fmt;

const PER_MILLISECOND: i64 = 10_000;
pub(crate) const PER_SECOND: i64 = 1_000 * PER_MILLISECOND;
pub(crate) const PER_MINUTE: i64 = 60 * PER_SECOND;
pub(crate) const PER_HOUR: i64 = 60 * PER_MINUTE;
pub(crate) const PER_DAY: i64 = 24 * PER_HOUR;

/// Days from 0001-01-01 to 1970-01-01.
const UNIX_EPOCH_DAY: i64 = 719_162;
/// The last day that a timestamp can name: 9999-12-31.
const LAST_DAY: i64 = 3_652_058;

/// A point in time: how many times 100 ns since 0001-01-01T00:00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(pub i64);

impl Ticks {
    /// 1970-01-01T00:00:00Z
    pub const UNIX_EPOCH: Self = Self(UNIX_EPOCH_DAY * PER_DAY);
    /// No time at all, where none is known.
    pub const UNKNOWN: Self = Self(i64::MIN);
    /// 9999-12-31T23:59:59.9999999
    pub const MAX: Self = Self((LAST_DAY + 1) * PER_DAY - 1);

    /// From milliseconds since 1970, brought into the years 1 to 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Self {
        let ticks = milliseconds.saturating_mul(PER_MILLISECOND).saturating_add(Self::UNIX_EPOCH.0);
        Self(ticks.clamp(0, Self::MAX.0))
    }

    /// Milliseconds since 1970, rounded down.
    pub const fn unix_milliseconds(self) -> i64 {
        (self.0 - Self::UNIX_EPOCH.0).div_euclid(PER_MILLISECOND)
    }

    /// From whole seconds since 1970 and 100 ns within them, if in the years 1 to 9999.
    pub fn from_unix(seconds: i64, ticks: i64) -> Option<Self> {
        let all = seconds.checked_mul(PER_SECOND)?.checked_add(ticks)?.checked_add(Self::UNIX_EPOCH.0)?;
        (0..=Self::MAX.0).contains(&all).then_some(Self(all))
    }
}

/// The round-trip form in UTC: `2026-01-15T10:30:00.0000000Z`.
impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&DateTime { ticks: *self, kind: Kind::Utc }.round_trip())
    }
}

/// What is known about the zone of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No zone was given; none is written.
    Unspecified,
    /// UTC; `Z` is written.
    Utc,
    /// An offset was given; the time was brought to UTC and `+00:00` is written (measured on the service).
    Offset,
}

/// A timestamp with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    ticks: Ticks,
    kind: Kind,
}

/// Text that is no timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATimestamp;

/// A date taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date {
    pub year: i64,
    pub month: i64,
    pub day: i64,
}

impl DateTime {
    /// A timestamp; `None` outside of the years 1 to 9999.
    pub fn new(ticks: i64, kind: Kind) -> Option<Self> {
        (0..=Ticks::MAX.0).contains(&ticks).then_some(Self { ticks: Ticks(ticks), kind })
    }

    /// Reads a timestamp in the forms of ISO 8601 and of American English. What would need today's date to be whole (a
    /// time alone, a day without a year) is none.
    pub fn parse(text: &str) -> Result<Self, NotATimestamp> {
        parse(text, &INVARIANT, &|| None).ok_or(NotATimestamp)
    }

    /// The ticks.
    pub const fn ticks(self) -> Ticks {
        self.ticks
    }

    /// The kind.
    pub const fn kind(self) -> Kind {
        self.kind
    }

    pub(crate) fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    pub(crate) const fn utc(ticks: Ticks) -> Self {
        Self { ticks, kind: Kind::Utc }
    }

    /// Moved by ticks, if that stays in the years 1 to 9999.
    pub(crate) fn plus(self, ticks: i64) -> Option<Self> {
        Self::new(self.ticks.0.checked_add(ticks)?, self.kind)
    }

    /// Moved by months; a day that the month does not have becomes its last.
    pub(crate) fn plus_months(self, months: i64) -> Option<Self> {
        let date = self.date();
        let month = (date.year - 1).checked_mul(12)?.checked_add(date.month - 1)?.checked_add(months)?;
        let (year, month) = (month.div_euclid(12) + 1, month.rem_euclid(12) + 1);
        if !(1..=9999).contains(&year) {
            return None;
        }
        let day = date.day.min(days_in_month(year, month));
        Self::new(day_number(year, month, day)? * PER_DAY + self.time_of_day(), self.kind)
    }

    /// Ticks since midnight.
    pub(crate) const fn time_of_day(self) -> i64 {
        self.ticks.0 % PER_DAY
    }

    /// 0 for Sunday to 6 for Saturday.
    pub(crate) const fn weekday(self) -> i64 {
        (self.ticks.0 / PER_DAY + 1) % 7
    }

    pub(crate) fn day_of_year(self) -> i64 {
        let first = day_number(self.date().year, 1, 1).unwrap_or_default();
        self.ticks.0 / PER_DAY - first + 1
    }

    pub(crate) fn date(self) -> Date {
        civil(self.ticks.0 / PER_DAY)
    }

    /// The date by the calendar of a culture, if it has such a day.
    pub(crate) fn date_of(self, culture: &Culture) -> Option<Date> {
        culture.dates.calendar.date(self.ticks.0 / PER_DAY)
    }

    /// The timestamp with its ticks rounded down to a multiple.
    pub(crate) fn start_of(self, ticks: i64) -> Self {
        Self { ticks: Ticks(self.ticks.0 - self.ticks.0 % ticks), ..self }
    }

    pub(crate) fn start_of_month(self) -> Self {
        let day = self.date().day;
        Self { ticks: Ticks(self.start_of(PER_DAY).ticks.0 - (day - 1) * PER_DAY), ..self }
    }

    /// The round-trip form, `yyyy-MM-ddTHH:mm:ss.fffffffK`.
    pub fn round_trip(self) -> String {
        format::round_trip(self).into()
    }

    pub(crate) fn format(self, format: &str, culture: &Culture) -> Result<Text, BadFormat> {
        format::format(self, format, culture)
    }
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01 to a date of the Gregorian calendar, if there is such a date.
pub(crate) fn day_number(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in_month(year, month)).contains(&day)
    {
        return None;
    }
    // Years that begin in March: the leap day is the last of them.
    let (shifted_year, shifted_month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before_year = 365 * shifted_year + shifted_year / 4 - shifted_year / 100 + shifted_year / 400;
    let before_month = (153 * shifted_month + 2) / 5;
    Some(before_year + before_month + day - 1 - 306)
}

/// The date that is so many days after 0001-01-01.
pub(crate) fn civil(day: i64) -> Date {
    let from_march = day + 306;
    let era = from_march.div_euclid(146_097);
    let day_of_era = from_march.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    Date { year: era * 400 + year_of_era + i64::from(month <= 2), month, day }
}
