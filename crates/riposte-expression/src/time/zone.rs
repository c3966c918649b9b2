//! Time zones, by their Windows name or their IANA name, from the data that is compiled in.

use super::windows_zones::iana_name;
use super::{DateTime, Kind, PER_SECOND, Ticks};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use std::sync::LazyLock;

/// The zones that are compiled in; the ones used are kept.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A time zone.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    zone: TimeZone,
    utc: bool,
}

impl Zone {
    /// The zone of a name, whatever the case.
    pub fn get(name: &str) -> Option<Self> {
        let name = name.trim();
        let utc =
            ["UTC", "Etc/UTC", "Coordinated Universal Time"].iter().any(|n| n.eq_ignore_ascii_case(name));
        if utc {
            return Some(Self { zone: TimeZone::UTC, utc });
        }
        // An IANA name has a slash; the short ones are Windows names or nothing.
        let iana = iana_name(name).or_else(|| name.contains('/').then_some(name))?;
        let zone = DATABASE.get(iana).ok()?;
        Some(Self { zone, utc })
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

    /// The time in UTC of a wall clock in this zone; `None` where the clock was put forward and never showed it. Where
    /// it was put back, and showed it twice, the later one is meant, as .NET has it.
    pub fn to_utc(&self, time: DateTime) -> Option<DateTime> {
        if self.utc {
            return Some(time.with_kind(Kind::Utc));
        }
        let date = time.date();
        let of_day = time.time_of_day() / PER_SECOND;
        let wall = jiff::civil::DateTime::new(
            i16::try_from(date.year).ok()?,
            i8::try_from(date.month).ok()?,
            i8::try_from(date.day).ok()?,
            i8::try_from(of_day / 3600).ok()?,
            i8::try_from(of_day / 60 % 60).ok()?,
            i8::try_from(of_day % 60).ok()?,
            0,
        )
        .ok()?;
        let offset = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Fold { after, .. } => after,
            AmbiguousOffset::Gap { .. } => return None,
        };
        time.with_kind(Kind::Utc).plus(-i64::from(offset.seconds()) * PER_SECOND)
    }
}
