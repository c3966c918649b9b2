//! Times of day and days of the week, in a time zone.

use crate::names::{ScheduleOperator, Weekday};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use riposte_value::Text;

/// Seconds of a day.
pub(super) const DAY: u32 = 24 * 60 * 60;

/// A window of the day on some days of the week. A window over midnight belongs to the day on which it begins. Where
/// clocks are set, what counts is the time that they show.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Whether it must be that time or must not be.
    pub operator: ScheduleOperator,
    /// The time zone as it was written: an IANA or a Windows name.
    pub zone_name: Text,
    /// When it begins, in seconds from midnight.
    pub from: u32,
    /// When it has ended, in seconds from midnight; up to 24 hours, and never equal to `from`.
    pub to: u32,
    /// On which days, in the order of the week; empty means every day.
    pub days: Vec<Weekday>,
    pub(super) zone: TimeZone,
}

impl Schedule {
    /// Whether it holds at a time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.is_within(now) == (self.operator == ScheduleOperator::Within)
    }

    fn is_within(&self, now: Timestamp) -> bool {
        let (day, second) = self.local(now);
        if self.from < self.to {
            return (self.from..self.to).contains(&second) && self.is_on(day);
        }
        (second >= self.from && self.is_on(day)) || (second < self.to && self.is_on(before(day)))
    }

    fn is_on(&self, day: Weekday) -> bool {
        self.days.is_empty() || self.days.contains(&day)
    }

    /// The day of the week and the second of the day that clocks of the time zone show.
    fn local(&self, now: Timestamp) -> (Weekday, u32) {
        let civil = self.zone.to_datetime(now);
        let part = |part: i8| u32::try_from(part).unwrap_or_default();
        let second = (part(civil.hour()) * 60 + part(civil.minute())) * 60 + part(civil.second());
        let place = usize::try_from(civil.weekday().to_monday_zero_offset()).unwrap_or_default();
        (Weekday::ALL.get(place).copied().unwrap_or(Weekday::Monday), second)
    }

    /// What a clock of the time zone shows: `Friday 17:59:30 Europe/Berlin`.
    pub(super) fn clock(&self, now: Timestamp) -> String {
        let (day, second) = self.local(now);
        format!("{day} {} {}", clock_text(second), self.zone_name)
    }
}

fn before(day: Weekday) -> Weekday {
    let place = (day as usize + Weekday::ALL.len() - 1) % Weekday::ALL.len();
    Weekday::ALL.get(place).copied().unwrap_or(day)
}

/// `08:30`, with seconds where there are any.
pub(super) fn clock_text(second: u32) -> String {
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    let seconds = if seconds == 0 { String::new() } else { format!(":{seconds:02}") };
    format!("{hours:02}:{minutes:02}{seconds}")
}

/// The second of the day of `8:30`, `08:30` or `08:30:15`; `24:00` is the end of the day.
pub(super) fn parse_clock(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    if !(2..=3).contains(&parts.len())
        || parts
            .iter()
            .any(|part| !(1..=2).contains(&part.len()) || !part.bytes().all(|b| b.is_ascii_digit()))
    {
        return None;
    }
    let mut numbers = parts.iter().map(|part| part.parse::<u32>());
    let mut next = || numbers.next().transpose().ok().map(Option::unwrap_or_default);
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    let second = (hours * 60 + minutes) * 60 + seconds;
    (minutes < 60 && seconds < 60 && second <= DAY).then_some(second)
}
