//! Reading a recurrence, with everything that is wrong with it told at once.

use super::recurrence::{Frequency, Recurrence};
use super::schedule::{Schedule, weekday};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_value::Value;
use std::ops::RangeInclusive;

/// Reads a recurrence whose expressions are evaluated.
///
/// # Errors
/// What is wrong with it, with paths below `path`.
pub fn read_recurrence(value: &Value, path: &str) -> Result<Recurrence, Vec<Diagnostic>> {
    let mut reader = Reader { path, value, faults: Vec::new() };
    let recurrence = reader.recurrence();
    match recurrence {
        Some(recurrence) if reader.faults.is_empty() => Ok(recurrence),
        _ => Err(reader.faults),
    }
}

struct Reader<'v> {
    path: &'v str,
    value: &'v Value,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn fault(&mut self, member: &str, message: String, help: Option<String>) {
        let path = if member.is_empty() { self.path.to_owned() } else { join_path(self.path, member) };
        let fault = Diagnostic::error("InvalidRecurrence", message).at(path);
        self.faults.push(match help {
            Some(help) => fault.help(help),
            None => fault,
        });
    }

    fn recurrence(&mut self) -> Option<Recurrence> {
        if self.value.as_object().is_none() {
            let kind = self.value.kind();
            self.fault("", format!("a recurrence must be an object, and is of type `{kind}`"), None);
            return None;
        }
        let frequency = self.frequency();
        let interval = self.interval(frequency);
        let zone = self.zone();
        let start = self.time("startTime", zone.as_ref());
        let end = self.time("endTime", zone.as_ref());
        let schedule = self.schedule(frequency);
        Some(Recurrence { frequency: frequency?, interval: interval?, zone: zone?, start, end, schedule })
    }

    fn frequency(&mut self) -> Option<Frequency> {
        let Some(text) = self.value.get_ignore_case("frequency").and_then(Value::as_str) else {
            self.fault("", "`frequency` is missing: a recurrence needs it".into(), Some(one_of()));
            return None;
        };
        let found = Frequency::of(text);
        if found.is_none() {
            let help = nearest(text, Frequency::names())
                .map_or_else(one_of, |near| format!("did you mean `{near}`?"));
            self.fault("frequency", format!("`{text}` is no frequency"), Some(help));
        }
        found
    }

    fn interval(&mut self, frequency: Option<Frequency>) -> Option<i64> {
        let Some(given) = self.value.get_ignore_case("interval") else {
            self.fault("", "`interval` is missing: a recurrence needs it".into(), None);
            return None;
        };
        let most = frequency.map_or(i64::MAX, Frequency::interval_max);
        let interval = whole(given).filter(|interval| (1..=most).contains(interval));
        if interval.is_none() {
            let message = format!("`interval` must be a whole number from 1 to {most}, and is {given}");
            self.fault("interval", message, None);
        }
        interval
    }

    fn zone(&mut self) -> Option<TimeZone> {
        let Some(given) = self.value.get_ignore_case("timeZone").filter(|zone| !zone.is_null()) else {
            return Some(TimeZone::UTC);
        };
        let zone = given.as_str().and_then(|name| riposte_expression::time::time_zone(name.trim()));
        if zone.is_none() {
            let help = "use a Windows name (`W. Europe Standard Time`) or an IANA name (`Europe/Berlin`)";
            self.fault("timeZone", format!("time zone {given} is not known"), Some(help.into()));
        }
        zone
    }

    /// A time with an offset, or a wall-clock time of the zone.
    fn time(&mut self, member: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
        let given = self.value.get_ignore_case(member).filter(|time| !time.is_null())?;
        let text = given.as_str().map(str::trim).filter(|text| !text.is_empty());
        let Some(text) = text else {
            if given.as_str().is_none() {
                self.fault(member, format!("`{member}` must be text, and is {given}"), None);
            }
            return None;
        };
        let local = || {
            let local: DateTime = text.parse().ok()?;
            zone?.to_ambiguous_timestamp(local).compatible().ok()
        };
        let time = text.parse::<Timestamp>().ok().or_else(local);
        if time.is_none() && zone.is_some() {
            let help = "write `2026-03-01T08:00:00Z`, or without `Z` with a `timeZone`";
            self.fault(member, format!("`{text}` is no date and time"), Some(help.into()));
        }
        time
    }

    fn schedule(&mut self, frequency: Option<Frequency>) -> Option<Schedule> {
        let given = self.value.get_ignore_case("schedule").filter(|schedule| !schedule.is_null())?;
        let Some(object) = given.as_object() else {
            self.fault("schedule", format!("`schedule` must be an object, and is {given}"), None);
            return None;
        };
        if object.is_empty() || frequency.is_none_or(|f| f < Frequency::Day) {
            // Documented: a schedule is for days, weeks and months. Elsewhere the service does not look at it.
            return None;
        }
        Some(Schedule {
            minutes: self.numbers(given, "minutes", 0..=59),
            hours: self.numbers(given, "hours", 0..=23),
            week_days: self.week_days(given),
            month_days: self.numbers(given, "monthDays", -31..=31),
            monthly_occurrences: self.occurrences(given),
        })
    }

    fn items<'s>(&mut self, schedule: &'s Value, member: &str) -> &'s [Value] {
        match schedule.get_ignore_case(member) {
            None | Some(Value::Null) => &[],
            Some(list) => list.as_array().unwrap_or_else(|| {
                let message = format!("`{member}` must be an array, and is {list}");
                self.fault(&format!("schedule.{member}"), message, None);
                &[]
            }),
        }
    }

    fn numbers(&mut self, schedule: &Value, member: &str, range: RangeInclusive<i64>) -> Vec<i8> {
        let mut numbers = Vec::new();
        for item in self.items(schedule, member) {
            let number = whole(item).filter(|n| range.contains(n) && !(*range.start() < 0 && *n == 0));
            match number.and_then(|n| i8::try_from(n).ok()) {
                Some(number) => numbers.push(number),
                None => {
                    let (from, to) = (range.start(), range.end());
                    let message = format!("`{member}` holds numbers from {from} to {to}, and {item} is none");
                    self.fault(&format!("schedule.{member}"), message, None);
                }
            }
        }
        numbers
    }

    fn week_days(&mut self, schedule: &Value) -> Vec<jiff::civil::Weekday> {
        let mut days = Vec::new();
        for item in self.items(schedule, "weekDays") {
            match item.as_str().and_then(weekday) {
                Some(day) => days.push(day),
                None => self.fault("schedule.weekDays", format!("{item} is no day of the week"), None),
            }
        }
        days
    }

    fn occurrences(&mut self, schedule: &Value) -> Vec<(jiff::civil::Weekday, i8)> {
        let mut found = Vec::new();
        for item in self.items(schedule, "monthlyOccurrences") {
            let day = item.get_ignore_case("day").and_then(Value::as_str).and_then(weekday);
            let nth = item.get_ignore_case("occurrence").and_then(whole);
            let nth = nth.filter(|n| (-5..=5).contains(n) && *n != 0).and_then(|n| i8::try_from(n).ok());
            match (day, nth) {
                (Some(day), Some(nth)) => found.push((day, nth)),
                _ => {
                    let message = format!("{item} is no `{{\"day\": \"Friday\", \"occurrence\": -1}}`");
                    self.fault("schedule.monthlyOccurrences", message, None);
                }
            }
        }
        found
    }
}

fn one_of() -> String {
    format!("use one of {}", Frequency::names().collect::<Vec<_>>().join(", "))
}

/// A whole number, also as text: templates fill them in as text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Whether a start time lies further ahead than the service takes: 49 years.
pub(super) fn too_far_ahead(recurrence: &Recurrence, now: Timestamp) -> bool {
    let limit = TimeZone::UTC.to_datetime(now).checked_add(49.years());
    let start = recurrence.start.map(|start| TimeZone::UTC.to_datetime(start));
    matches!((start, limit), (Some(start), Ok(limit)) if start > limit)
}
