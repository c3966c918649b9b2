//! Durations as definitions write them: ISO 8601 (`PT7S`, `P1D`, `PT1H30M`).

use jiff::SignedDuration;
use jiff::fmt::temporal::SpanParser;

/// Reads an ISO 8601 duration. A day has 24 hours, a week 7 days, a month 30 days and a year 365 days; negative and
/// malformed durations are none.
pub(crate) fn parse(text: &str) -> Option<SignedDuration> {
    static PARSER: SpanParser = SpanParser::new();
    let span = PARSER.parse_span(text.trim()).ok()?;
    let days = i64::from(span.get_years()) * 365
        + i64::from(span.get_months()) * 30
        + i64::from(span.get_weeks()) * 7
        + i64::from(span.get_days());
    let seconds = days
        .checked_mul(86_400)?
        .checked_add(i64::from(span.get_hours()).checked_mul(3_600)?)?
        .checked_add(span.get_minutes().checked_mul(60)?)?
        .checked_add(span.get_seconds())?;
    let nanos = span
        .get_milliseconds()
        .checked_mul(1_000_000)?
        .checked_add(span.get_microseconds().checked_mul(1_000)?)?
        .checked_add(span.get_nanoseconds())?;
    let duration = SignedDuration::from_secs(seconds).checked_add(SignedDuration::from_nanos(nanos))?;
    (!duration.is_negative()).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (text, seconds) in [
            ("PT7S", Some(7.0)),
            ("PT7.5S", Some(7.5)),
            ("P1D", Some(86_400.0)),
            ("PT1H30M", Some(5_400.0)),
            ("P1W", Some(604_800.0)),
            ("pt10m", Some(600.0)),
            ("P1DT1S", Some(86_401.0)),
            ("-PT1S", None),
            ("7 seconds", None),
            ("", None),
        ] {
            assert_eq!(parse(text).map(|d| d.as_secs_f64()), seconds, "{text}");
        }
    }
}
