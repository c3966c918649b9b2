//! Points in time as Azure writes them: UTC, a `Z`, at most seven digits of a second, none that are needless.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, date};
use jiff::fmt::temporal::Pieces;

/// The last moment that .NET knows, which Azure's users write for "never". It is some 26 hours later than the last that
/// [`Timestamp`] holds, which stands for it.
const END_OF_TIME: &str = "9999-12-31T23:59:59.9999999Z";

/// The text of a point in time: `2023-12-04T15:11:54.3729192Z`, `2019-01-01T13:15:30Z`. What is finer than 100
/// nanoseconds is cut off.
pub fn time_text(time: Timestamp) -> String {
    if time >= truncate(Timestamp::MAX) { END_OF_TIME.to_owned() } else { truncate(time).to_string() }
}

/// The point in time that a text names: ISO 8601, with `Z`, an offset, or neither (then UTC), or a date alone. The last
/// two days of the year 9999 are [`Timestamp::MAX`].
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    // A name of a zone in brackets is no part of what Azure writes.
    let pieces = Pieces::parse(text).ok().filter(|pieces| pieces.time_zone_annotation().is_none())?;
    let civil = DateTime::from_parts(pieces.date(), pieces.time().unwrap_or(Time::midnight()));
    if civil.date() >= date(9999, 12, 30) {
        return Some(Timestamp::MAX);
    }
    if pieces.offset().is_some() {
        return None;
    }
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Cuts a point in time to 100 nanoseconds, the resolution of everything that Azure stores.
pub fn truncate(time: Timestamp) -> Timestamp {
    let nanoseconds = time.as_nanosecond();
    Timestamp::from_nanosecond(nanoseconds - nanoseconds.rem_euclid(100)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::{parse_time, time_text};

    #[test]
    fn texts_of_points_in_time() {
        for (given, told) in [
            ("2026-01-31T08:00:00Z", Some("2026-01-31T08:00:00Z")),
            (" 2026-01-31T08:00:00.12345678+01:00 ", Some("2026-01-31T07:00:00.1234567Z")),
            ("2026-01-31T08:00:00", Some("2026-01-31T08:00:00Z")),
            ("2026-01-31", Some("2026-01-31T00:00:00Z")),
            ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00Z")),
            ("9999-12-30T21:00:00Z", Some("9999-12-30T21:00:00Z")),
            ("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59.9999999Z")),
            ("9999-12-31T23:59:59.9999999Z", Some("9999-12-31T23:59:59.9999999Z")),
            ("9999-12-31T23:59:59.9999999+02:00", Some("9999-12-31T23:59:59.9999999Z")),
            ("9999-12-31T23:59:59", Some("9999-12-31T23:59:59.9999999Z")),
            ("9999-12-31", Some("9999-12-31T23:59:59.9999999Z")),
            ("9999-13-31", None),
            ("2026-01-31T08:00:00[Europe/Berlin]", None),
            ("2026-02-30", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(parse_time(given).map(time_text).as_deref(), told, "{given}");
        }
    }
}
