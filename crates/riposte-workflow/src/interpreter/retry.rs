//! Retry policies: whether, how often and after what time an outside call is tried again.
//!
//! Documented: `default` is exponential with 4 retries from 7.5 s, held between 5 s and 45 s; `fixed` waits the same
//! time each time; `exponential` draws the n-th wait from [max(2^(n-2)·interval, minimum), min(2^(n-1)·interval,
//! maximum)], and the first from [minimum, interval]. Tried again are 408, 429, 5xx and calls without an answer.
//! Measured: a `Retry-After` header replaces the wait.

use super::records::mix;
use crate::duration;
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use riposte_value::{Object, Value};
use serde::{Deserialize, Serialize};

/// Documented bound of `count`.
const COUNT_MAX: u32 = 90;
/// Documented bound of intervals, and ours of `Retry-After`: a day, in milliseconds.
const WAIT_MS_MAX: u64 = 86_400_000;

/// How an outside call is tried again. Times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RetryPolicy {
    Never,
    Fixed { count: u32, interval: u64 },
    Exponential { count: u32, interval: u64, minimum: u64, maximum: u64 },
}

impl RetryPolicy {
    pub const DEFAULT: Self =
        Self::Exponential { count: 4, interval: 7_500, minimum: 5_000, maximum: 45_000 };

    /// Reads `retryPolicy` of evaluated inputs. What is missing or malformed takes its documented default.
    pub fn read(policy: Option<&Value>) -> Self {
        let Some(policy) = policy else { return Self::DEFAULT };
        let kind = policy.get_ignore_case("type").and_then(Value::as_str).unwrap_or("default");
        let count = policy.get_ignore_case("count").and_then(whole).unwrap_or(4).min(COUNT_MAX);
        let time = |name: &str, default: u64| {
            let given = policy.get_ignore_case(name).and_then(Value::as_str).and_then(duration::parse);
            given
                .map_or(default, |given| u64::try_from(given.as_millis()).unwrap_or(WAIT_MS_MAX))
                .min(WAIT_MS_MAX)
        };
        let interval = time("interval", 7_000);
        if kind.eq_ignore_ascii_case("none") {
            Self::Never
        } else if kind.eq_ignore_ascii_case("fixed") {
            Self::Fixed { count, interval }
        } else if kind.eq_ignore_ascii_case("exponential") {
            let (minimum, maximum) = (time("minimumInterval", 5_000), time("maximumInterval", WAIT_MS_MAX));
            Self::Exponential { count, interval, minimum, maximum }
        } else {
            Self::DEFAULT
        }
    }

    /// How long to wait before the n-th retry (from one), in milliseconds; none if there is no such retry.
    pub fn wait(self, retry: u32, random: u64) -> Option<u64> {
        match self {
            Self::Never => None,
            Self::Fixed { count, interval } => (retry <= count).then_some(interval),
            Self::Exponential { count, interval, minimum, maximum } => {
                let scaled = |doublings: u32| {
                    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
                    interval.saturating_mul(factor).min(WAIT_MS_MAX)
                };
                let low = if retry < 2 { minimum } else { scaled(retry - 2).max(minimum) };
                let low = low.min(maximum);
                let high = scaled(retry.saturating_sub(1)).min(maximum).max(low);
                (retry <= count).then(|| low + mix(random) % (high - low + 1))
            }
        }
    }
}

fn whole(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        other => u32::try_from(other.as_i64()?).ok(),
    }
}

/// Whether a call that was answered with this status is tried again.
pub(crate) fn is_retryable(status_code: u16) -> bool {
    matches!(status_code, 408 | 429 | 500..=599)
}

/// What `Retry-After` asks for, in milliseconds from now: seconds or a date.
pub(crate) fn retry_after(headers: &Object, now: Timestamp) -> Option<u64> {
    let value = headers.get_ignore_case("Retry-After")?;
    let seconds = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    let milliseconds = if let Some(seconds) = seconds {
        u64::try_from(seconds).ok()?.saturating_mul(1_000)
    } else {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(value.as_str()?.trim()).ok()?;
        u64::try_from(date.duration_since(now).as_millis()).unwrap_or(0)
    };
    Some(milliseconds.min(WAIT_MS_MAX))
}

/// A time so many milliseconds later.
pub(crate) fn later(at: Timestamp, milliseconds: u64) -> Timestamp {
    let wait = SignedDuration::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    at.checked_add(wait).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn bounds(policy: RetryPolicy, retry: u32) -> Option<(u64, u64)> {
        let draws: Option<Vec<u64>> = (0..2_000).map(|seed| policy.wait(retry, seed)).collect();
        let draws = draws?;
        Some((*draws.iter().min().unwrap(), *draws.iter().max().unwrap()))
    }

    #[test]
    fn documented_ranges() {
        let policy = RetryPolicy::read(Some(&value!({
            "type": "Exponential", "interval": "PT7S", "count": 4, "minimumInterval": "PT5S", "maximumInterval": "PT1H"
        })));
        for (retry, low, high) in
            [(1, 5_000, 7_000), (2, 7_000, 14_000), (3, 14_000, 28_000), (4, 28_000, 56_000)]
        {
            let (min, max) = bounds(policy, retry).unwrap();
            assert!(min >= low && min < low + 100, "{retry}: {min}");
            assert!(max <= high && max > high - 100, "{retry}: {max}");
        }
        assert_eq!(policy.wait(5, 1), None);
    }

    #[test]
    fn default_stays_below_what_was_measured() {
        for (retry, high) in [(1, 7_500), (2, 15_000), (3, 30_000), (4, 45_000)] {
            assert!(bounds(RetryPolicy::DEFAULT, retry).unwrap().1 <= high);
        }
        assert_eq!(RetryPolicy::DEFAULT.wait(5, 1), None);
    }

    #[test]
    fn other_policies() {
        assert_eq!(RetryPolicy::read(Some(&value!({ "type": "none" }))).wait(1, 0), None);
        let fixed = RetryPolicy::read(Some(&value!({ "type": "fixed", "interval": "PT30S", "count": "2" })));
        assert_eq!(
            (fixed.wait(1, 9), fixed.wait(2, 9), fixed.wait(3, 9)),
            (Some(30_000), Some(30_000), None)
        );
        assert_eq!(RetryPolicy::read(Some(&value!({ "type": "default" }))), RetryPolicy::DEFAULT);
        assert_eq!(RetryPolicy::read(None), RetryPolicy::DEFAULT);
    }

    #[test]
    fn retry_after_forms() {
        let now: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
        let wait = |value: Value| {
            let mut headers = Object::new();
            headers.insert("retry-after", value);
            retry_after(&headers, now)
        };
        assert_eq!(wait(value!("3")), Some(3_000));
        assert_eq!(wait(value!(3)), Some(3_000));
        assert_eq!(wait(value!("Sat, 21 Nov 2026 12:00:10 GMT")), Some(10_000));
        assert_eq!(wait(value!("Sat, 21 Nov 2026 11:00:00 GMT")), Some(0));
        assert_eq!(wait(value!("soon")), None);
        assert_eq!(retry_after(&Object::new(), now), None);
    }
}
