//! Points in time as Azure writes them: UTC, a `Z`, at most seven digits of a second, none that are needless.

use jiff::Timestamp;

/// The text of a point in time: `2023-12-04T15:11:54.3729192Z`, `2019-01-01T13:15:30Z`. What is finer than 100
/// nanoseconds is cut off.
pub fn time_text(time: Timestamp) -> String {
    truncate(time).to_string()
}

/// The point in time that a text names: ISO 8601, with `Z`, an offset, or neither (then UTC), or a date alone.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(|date| date.at(0, 0, 0, 0)))
        .ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// Cuts a point in time to 100 nanoseconds, the resolution of everything that Azure stores.
pub fn truncate(time: Timestamp) -> Timestamp {
    let nanoseconds = time.as_nanosecond();
    Timestamp::from_nanosecond(nanoseconds - nanoseconds.rem_euclid(100)).unwrap_or(time)
}
