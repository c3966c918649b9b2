//! Lengths of time as rules write them: ISO 8601, days of 24 hours.

use jiff::{SignedDuration, Span, SpanRelativeTo, Unit};
use riposte_value::{Text, Value};
use std::fmt;

/// A length of time, with the text that it was written as (`PT5H`, `P2DT1H30M`). It is not negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lapse {
    text: Text,
    seconds: i64,
}

impl Lapse {
    /// The length of time of a text; none if it is no ISO 8601 duration, is negative, or has months or years, whose
    /// length depends on the calendar.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be no longer than a thousand years")]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.starts_with(['P', 'p']) {
            return None;
        }
        let span: Span = text.parse().ok()?;
        if span.get_months() != 0 || span.get_years() != 0 {
            return None;
        }
        let seconds = span.total((Unit::Second, SpanRelativeTo::days_are_24_hours())).ok()?;
        (0.0..=3.2e10).contains(&seconds).then(|| Self { text: Text::new(text), seconds: seconds as i64 })
    }

    /// So many seconds.
    pub fn from_seconds(seconds: u32) -> Self {
        Self { text: Text::from(format!("PT{seconds}S")), seconds: i64::from(seconds) }
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its length in whole seconds.
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Its length.
    pub const fn duration(&self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds)
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&Lapse> for Value {
    fn from(lapse: &Lapse) -> Self {
        Self::from(&lapse.text)
    }
}
