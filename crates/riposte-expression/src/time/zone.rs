//! Time zones, by their Windows name or their IANA name, from the data that is compiled in.

use super::windows_zones::iana_name;
use super::{DateTime, Kind, PER_SECOND, Ticks};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// The zones that are compiled in; the ones used are kept.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The names of UTC: what the CLDR takes for the Windows zone `UTC`, with the links of the tz database, and how Windows
/// shows it.
const UTC_NAMES: [&str; 18] = [
    "UTC",
    "Etc/UTC",
    "Etc/UCT",
    "Etc/Universal",
    "Etc/Zulu",
    "Etc/GMT",
    "Etc/GMT+0",
    "Etc/GMT-0",
    "Etc/GMT0",
    "Etc/Greenwich",
    "UCT",
    "Universal",
    "Zulu",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Coordinated Universal Time",
];

/// A time that a clock never showed, because it was put forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap;

/// A time zone.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    zone: TimeZone,
    utc: bool,
}

impl Zone {
    /// The zone of a Windows or IANA name, whatever the case.
    pub fn get(name: &str) -> Option<Self> {
        if UTC_NAMES.iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
            return Some(Self { zone: TimeZone::UTC, utc: true });
        }
        let zone = DATABASE.get(iana_name(name).unwrap_or(name)).ok()?;
        Some(Self { zone, utc: false })
    }

    /// Whether it is UTC itself.
    pub fn is_utc(&self) -> bool {
        self.utc
    }

    /// The wall clock of this zone at a time in UTC. In UTC it stays marked as such.
    pub fn wall_clock(&self, time: DateTime) -> Option<DateTime> {
        if self.utc {
            return Some(time.with_kind(Kind::Utc));
        }
        let seconds = (time.ticks().0 - Ticks::UNIX_EPOCH.0).div_euclid(PER_SECOND);
        let timestamp = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
        let offset = i64::from(self.zone.to_offset(timestamp).seconds());
        time.with_kind(Kind::Unspecified).plus(offset * PER_SECOND)
    }

    /// The time in UTC of a wall clock in this zone; `None` if that is not in the years 1 to 9999. Where the clock was
    /// put back, and showed a time twice, the later one is meant, as .NET has it.
    pub fn to_utc(&self, time: DateTime) -> Result<Option<DateTime>, Gap> {
        let utc = time.with_kind(Kind::Utc);
        if self.utc {
            return Ok(Some(utc));
        }
        let Some(wall) = civil(time) else {
            return Ok(None);
        };
        let offset = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } => after,
            AmbiguousOffset::Gap { .. } => return Err(Gap),
        };
        Ok(utc.plus(-i64::from(offset.seconds()) * PER_SECOND))
    }
}

/// The date and time as the time zone data wants it, to the second.
fn civil(time: DateTime) -> Option<jiff::civil::DateTime> {
    let date = time.date();
    let of_day = time.time_of_day() / PER_SECOND;
    jiff::civil::DateTime::new(
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
        i8::try_from(of_day / 3600).ok()?,
        i8::try_from(of_day / 60 % 60).ok()?,
        i8::try_from(of_day % 60).ok()?,
        0,
    )
    .ok()
}

/// The time zone of a Windows or IANA name, whatever the case, from the data that is compiled in.
pub fn time_zone(name: &str) -> Option<TimeZone> {
    Zone::get(name).map(|zone| zone.zone)
}
