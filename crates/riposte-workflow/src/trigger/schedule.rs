//! The schedule of a recurrence: minutes, hours, weekdays, days of the month.

use super::recurrence::Frequency;
use jiff::civil::{Date, DateTime, Time, Weekday};

/// Wall-clock times. What is empty is taken from the start time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Minutes of the hour.
    pub minutes: Vec<i8>,
    /// Hours of the day.
    pub hours: Vec<i8>,
    /// Days of the week, for weeks.
    pub week_days: Vec<Weekday>,
    /// Days of the month, for months; negative ones count from its end.
    pub month_days: Vec<i8>,
    /// The n-th weekday of the month, for months; negative ones count from its end.
    pub monthly_occurrences: Vec<(Weekday, i8)>,
}

impl Schedule {
    /// Whether a day of a turn is one of the schedule.
    pub(super) fn has_day(&self, frequency: Frequency, begin: DateTime, date: Date) -> bool {
        match frequency {
            Frequency::Week if self.week_days.is_empty() => date.weekday() == begin.date().weekday(),
            Frequency::Week => self.week_days.contains(&date.weekday()),
            Frequency::Month if self.month_days.is_empty() && self.monthly_occurrences.is_empty() => {
                date.day() == begin.day().min(date.days_in_month())
            }
            Frequency::Month => {
                let from_end = date.day() - date.days_in_month() - 1;
                self.month_days.iter().any(|day| *day == date.day() || *day == from_end)
                    || self.monthly_occurrences.iter().any(|(weekday, nth)| {
                        let first = (date.day() - 1) / 7 + 1;
                        let last = (date.day() - date.days_in_month()) / 7 - 1;
                        *weekday == date.weekday() && (*nth == first || *nth == last)
                    })
            }
            _ => true,
        }
    }

    /// The times of a day, in no order.
    pub(super) fn times(&self, begin: DateTime) -> impl Iterator<Item = Time> + '_ {
        let of_start = |list: &[i8], own: i8| if list.is_empty() { vec![own] } else { list.to_vec() };
        let minutes = of_start(&self.minutes, begin.minute());
        // A start time's seconds count where its minutes do.
        let second = if self.minutes.is_empty() { begin.second() } else { 0 };
        of_start(&self.hours, begin.hour()).into_iter().flat_map(move |hour| {
            minutes.clone().into_iter().filter_map(move |minute| Time::new(hour, minute, second, 0).ok())
        })
    }
}

/// The weekday of an English name, whatever its case.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    const DAYS: [(&str, Weekday); 7] = [
        ("Monday", Weekday::Monday),
        ("Tuesday", Weekday::Tuesday),
        ("Wednesday", Weekday::Wednesday),
        ("Thursday", Weekday::Thursday),
        ("Friday", Weekday::Friday),
        ("Saturday", Weekday::Saturday),
        ("Sunday", Weekday::Sunday),
    ];
    DAYS.iter().find(|day| day.0.eq_ignore_ascii_case(name.trim())).map(|day| day.1)
}
