//! How the vendor fails, so that retries can be shown.

use super::Answer;
use std::fmt;
use std::time::Duration;

/// How the vendor fails. Nothing is on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// How long every answer takes, at least.
    pub latency: Duration,
    /// Every nth call is answered 503; 0 for none.
    pub fail_every: u64,
    /// Every nth call is answered 429; 0 for none.
    pub throttle_every: u64,
    /// What `Retry-After` of a 429 says, in seconds.
    pub retry_after_s: u32,
}

impl Default for Faults {
    fn default() -> Self {
        Self { latency: Duration::ZERO, fail_every: 0, throttle_every: 0, retry_after_s: 1 }
    }
}

impl Faults {
    /// Reads faults from the query of an address; what is not named is off.
    pub fn read(query: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let number: u32 =
                value.parse().map_err(|_| format!("`{name}` must be a number, not `{value}`"))?;
            match name {
                "latencyMs" => faults.latency = Duration::from_millis(number.into()),
                "failEvery" => faults.fail_every = number.into(),
                "throttleEvery" => faults.throttle_every = number.into(),
                "retryAfter" => faults.retry_after_s = number,
                _ => {
                    return Err(format!(
                        "`{name}` is none of latencyMs, failEvery, throttleEvery, retryAfter"
                    ));
                }
            }
        }
        Ok(faults)
    }

    /// The fault that strikes the nth call (from 1), if one does. Where both would, it is the 503.
    pub(super) fn strike(&self, nth: u64) -> Option<Answer> {
        let strikes = |every: u64| every > 0 && nth.is_multiple_of(every);
        if strikes(self.fail_every) {
            return Some(Answer::error(503, "TransientError", "Transient server error, retry might work"));
        }
        strikes(self.throttle_every).then(|| Answer {
            retry_after_s: Some(self.retry_after_s),
            ..Answer::error(429, "QuotaExceededError", "Quota exceeded")
        })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "latencyMs={}&failEvery={}&throttleEvery={}&retryAfter={}",
            self.latency.as_millis(),
            self.fail_every,
            self.throttle_every,
            self.retry_after_s
        )
    }
}
