//! Spans of time as text, the constant form of .NET's `TimeSpan`: `[-][d.]hh:mm:ss[.fffffff]`.

use super::{DateTime, PER_DAY, PER_HOUR, PER_MINUTE, PER_SECOND};

/// The text of `end - start`.
pub(crate) fn difference(start: DateTime, end: DateTime) -> String {
    format_span(end.ticks.0 - start.ticks.0)
}

/// The constant form of a span in ticks.
pub(crate) fn format_span(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let ticks = ticks.unsigned_abs().cast_signed();
    let (days, of_day) = (ticks / PER_DAY, ticks % PER_DAY);
    let days = if days == 0 { String::new() } else { format!("{days}.") };
    let (hours, minutes) = (of_day / PER_HOUR, of_day % PER_HOUR / PER_MINUTE);
    let (seconds, fraction) = (of_day % PER_MINUTE / PER_SECOND, of_day % PER_SECOND);
    let fraction = if fraction == 0 { String::new() } else { format!(".{fraction:07}") };
    format!("{sign}{days}{hours:02}:{minutes:02}:{seconds:02}{fraction}")
}

/// Reads the constant form.
pub(crate) fn parse_span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let number = |digits: &str, max: i64| {
        let digits_only =
            !digits.is_empty() && digits.len() <= 8 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse::<i64>().ok().filter(|n| digits_only && *n <= max)
    };
    let parts: Vec<&str> = text.split(':').collect();
    let ticks = match *parts.as_slice() {
        [days] => number(days, 10_675_199)? * PER_DAY,
        [hours, minutes] => hours_and_days(hours, number)? + number(minutes, 59)? * PER_MINUTE,
        [hours, minutes, seconds] => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
            let scale = 10_i64.checked_pow(7_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?)?;
            hours_and_days(hours, number)?
                + number(minutes, 59)? * PER_MINUTE
                + number(whole, 59)? * PER_SECOND
                + number(fraction, 9_999_999)? * scale
        }
        _ => return None,
    };
    Some(if negative { -ticks } else { ticks })
}

fn hours_and_days(text: &str, number: impl Fn(&str, i64) -> Option<i64>) -> Option<i64> {
    match text.split_once('.') {
        Some((days, hours)) => Some(number(days, 10_675_198)? * PER_DAY + number(hours, 23)? * PER_HOUR),
        None => Some(number(text, 23)? * PER_HOUR),
    }
}
