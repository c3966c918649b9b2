//! Recurrence: when a schedule comes due.
//!
//! Semantics (documented): without a schedule, slots are whole intervals from the start time, or from the moment at
//! which the trigger was armed; months are those of the calendar, everything else is a fixed time, so that daylight
//! saving moves the wall clock. With a schedule, slots stand on the wall clock of the time zone; a wall-clock time that
//! daylight saving leaves out moves forward by the gap, one that comes twice counts once, the first time. The start
//! time is then "not before", and gives the minutes, hours and days that the schedule does not name. Weeks begin on
//! Sunday.
//!
//! Every slot is computed from the anchor alone, never from the run before: a restart neither skips nor repeats one.

use super::schedule::Schedule;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

/// The unit of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Frequency {
    /// Seconds.
    Second,
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Months of the calendar.
    Month,
}

/// Names, longest intervals (documented) and seconds of the units.
const UNITS: [(&str, Frequency, i64, i64); 6] = [
    ("Second", Frequency::Second, 9_999_999, 1),
    ("Minute", Frequency::Minute, 72_000, 60),
    ("Hour", Frequency::Hour, 12_000, 3_600),
    ("Day", Frequency::Day, 500, 86_400),
    ("Week", Frequency::Week, 71, 604_800),
    ("Month", Frequency::Month, 16, 0),
];

impl Frequency {
    /// The unit of this name, whatever its case.
    pub fn of(name: &str) -> Option<Self> {
        UNITS.iter().find(|unit| unit.0.eq_ignore_ascii_case(name.trim())).map(|unit| unit.1)
    }

    /// The names of all units.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|unit| unit.0)
    }

    /// The longest interval in this unit.
    pub(super) fn interval_max(self) -> i64 {
        UNITS.iter().find(|unit| unit.1 == self).map_or(1, |unit| unit.2)
    }

    fn seconds(self) -> i64 {
        UNITS.iter().find(|unit| unit.1 == self).map_or(0, |unit| unit.3)
    }
}

/// A recurrence that was read and found in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// The unit.
    pub frequency: Frequency,
    /// How many units lie between two slots.
    pub interval: i64,
    /// The time zone of wall-clock times.
    pub zone: TimeZone,
    /// The first slot, or what slots may not come before.
    pub start: Option<Timestamp>,
    /// What no slot comes after.
    pub end: Option<Timestamp>,
    /// The wall-clock times, where the slots are on such.
    pub schedule: Option<Schedule>,
}

/// How many days are looked at for the next slot: a schedule that has none in 60 years has none.
const DAYS_SEARCHED_MAX: i64 = 60 * 366;

impl Recurrence {
    /// What slots are counted from, when the trigger is armed at `armed`.
    pub fn anchor(&self, armed: Timestamp) -> Timestamp {
        self.start.unwrap_or(armed)
    }

    /// The first slot after the trigger was armed. Without start time and schedule that is at once.
    pub fn first(&self, armed: Timestamp) -> Option<Timestamp> {
        let just_before = armed.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(armed);
        self.next(self.anchor(armed), just_before)
    }

    /// The first slot after `after`.
    pub fn next(&self, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        let slot = match &self.schedule {
            Some(schedule) => self.scheduled(schedule, anchor, after),
            None if self.frequency == Frequency::Month => self.monthly(anchor, after),
            None => self.fixed(anchor, after),
        };
        slot.filter(|slot| self.end.is_none_or(|end| *slot <= end))
    }

    /// The slot before `slot`, one interval earlier: where the window of a sliding window begins.
    pub fn before(&self, anchor: Timestamp, slot: Timestamp) -> Timestamp {
        let earlier = match self.frequency {
            Frequency::Month => self.month(anchor, self.months_since(anchor, slot) - self.interval),
            _ => slot
                .checked_sub(SignedDuration::from_secs(
                    self.frequency.seconds().saturating_mul(self.interval),
                ))
                .ok(),
        };
        earlier.unwrap_or(slot)
    }

    fn fixed(&self, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        if after < anchor {
            return Some(anchor);
        }
        let step = i128::from(self.frequency.seconds().checked_mul(self.interval)?) * 1_000_000_000;
        let since = after.as_nanosecond() - anchor.as_nanosecond();
        Timestamp::from_nanosecond(anchor.as_nanosecond() + (since / step + 1) * step).ok()
    }

    fn monthly(&self, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        if after < anchor {
            return Some(anchor);
        }
        // One interval back: the day of the anchor may be later in the month than that of `after`.
        let passed = self.months_since(anchor, after);
        let from = (passed / self.interval - 1).max(0);
        (from..from + 4).filter_map(|turn| self.month(anchor, turn * self.interval)).find(|at| *at > after)
    }

    /// The anchor so many months later; a day that the month does not have is its last.
    fn month(&self, anchor: Timestamp, months: i64) -> Option<Timestamp> {
        let local = self.zone.to_datetime(anchor);
        let moved = local.checked_add(Span::new().try_months(months).ok()?).ok()?;
        self.instant(moved)
    }

    /// How many months of the calendar lie between the anchor's and another time's.
    fn months_since(&self, anchor: Timestamp, at: Timestamp) -> i64 {
        months(self.zone.to_datetime(at).date()) - months(self.zone.to_datetime(anchor).date())
    }

    fn scheduled(&self, schedule: &Schedule, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        let begin = self.zone.to_datetime(anchor);
        let not_before = if self.start.is_some() { anchor.max(after) } else { after };
        let mut date = self.zone.to_datetime(not_before.max(anchor)).date();
        // The day before, since a gap may move its last slot past midnight.
        date = date.checked_sub(1.days()).unwrap_or(date);
        for _ in 0..DAYS_SEARCHED_MAX {
            if self.is_turn(begin.date(), date) && schedule.has_day(self.frequency, begin, date) {
                let on_day = schedule.times(begin).filter_map(|time| self.instant(date.to_datetime(time)));
                let next = on_day.filter(|at| *at > after && *at >= anchor).min();
                if next.is_some() {
                    return next;
                }
            }
            if self.end.is_some_and(|end| self.zone.to_datetime(end).date() < date) {
                return None;
            }
            date = date.checked_add(1.days()).ok()?;
        }
        None
    }

    /// Whether a day lies in a turn of the interval.
    fn is_turn(&self, begin: Date, date: Date) -> bool {
        let days = |date: Date| i64::from(date.since(Date::ZERO).map_or(0, |span| span.get_days()));
        let sunday = |date: Date| days(date) - i64::from(date.weekday().to_sunday_zero_offset());
        let units = match self.frequency {
            Frequency::Week => (sunday(date) - sunday(begin)) / 7,
            Frequency::Month => months(date) - months(begin),
            _ => days(date) - days(begin),
        };
        units >= 0 && units % self.interval == 0
    }

    /// The instant of a wall-clock time: one in a gap moves forward by it, of two the first.
    fn instant(&self, local: DateTime) -> Option<Timestamp> {
        self.zone.to_ambiguous_timestamp(local).compatible().ok()
    }
}

fn months(date: Date) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month()) - 1
}
