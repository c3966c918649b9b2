//! Times and durations as people read them.

use jiff::Timestamp;

/// How long something took: `4 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`.
pub fn duration(start: Timestamp, end: Timestamp) -> String {
    millis(end.as_millisecond().saturating_sub(start.as_millisecond()))
}

/// Milliseconds as people read them.
pub fn millis(millis: i64) -> String {
    let millis = millis.max(0);
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis} ms"),
        1..=59 => format!("{seconds}.{} s", millis % 1000 / 100),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// The time of day, to the millisecond, from a time as the API writes it; the text itself if it is none.
pub fn clock(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(
        |_| text.to_owned(),
        |time| time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%H:%M:%S%.3f").to_string(),
    )
}

/// The day and time to the second, from a time as the API writes it; the text itself if it is none.
pub fn moment(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(
        |_| text.to_owned(),
        |time| time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// How long it took from one time, as the API writes it, to another.
pub fn between(start: &str, end: &str) -> Option<String> {
    Some(duration(start.parse().ok()?, end.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (given, wanted) in [
            (-5, "0 ms"),
            (0, "0 ms"),
            (999, "999 ms"),
            (1_250, "1.2 s"),
            (59_999, "59.9 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(millis(given), wanted);
        }
        assert_eq!(between("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.0420000Z").as_deref(), Some("42 ms"));
        assert_eq!(clock("2026-11-21T10:00:00.0421234Z"), "10:00:00.042");
        assert_eq!(moment("yesterday"), "yesterday");
    }
}
