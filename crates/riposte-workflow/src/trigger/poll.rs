//! What the answer to a poll means: 200 fires, 202 does not; `Location` is where to ask next, `Retry-After` when at
//! the earliest. Everything else fires only where conditions of the trigger ask for it. Documented.

use jiff::{SignedDuration, Timestamp};
use riposte_value::{Object, Text, Value};

/// The longest address that is polled (documented).
const ADDRESS_MAX: usize = 2_048;

/// What the answer to a poll means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollAnswer {
    /// Whether there is an occurrence.
    pub fires: bool,
    /// Where to ask next; where the definition says without it.
    pub location: Option<Text>,
    /// When to ask next at the earliest.
    pub not_before: Option<Timestamp>,
}

/// Reads the answer to a poll. `has_conditions` says whether the trigger has conditions, which may ask for an answer
/// other than 200.
pub fn read_poll(status: u16, headers: &Object, has_conditions: bool, now: Timestamp) -> PollAnswer {
    let header = |name: &str| headers.get_ignore_case(name).and_then(Value::as_str).map(str::trim);
    let goes_on = matches!(status, 200 | 202);
    let location = header("location").filter(|address| goes_on && !address.is_empty());
    PollAnswer {
        fires: status == 200 || (status != 202 && has_conditions),
        location: location.filter(|address| address.len() <= ADDRESS_MAX).map(Text::new),
        not_before: header("retry-after").and_then(|text| retry_after(text, now)),
    }
}

/// Seconds, or a date of HTTP.
fn retry_after(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<u32>() {
        return now.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok();
    }
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp())
}
