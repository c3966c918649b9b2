//! How the alerts of an analytics rule are put together into incidents.
//!
//! Two questions, asked one after the other. What must an alert have in common with others ([`GroupKey`])? And of the
//! incidents that the rule has made of alerts with the same key: which one takes this alert ([`place`])? The keeping of
//! keys and windows is the caller's.
//!
//! An incident takes alerts for as long as the look-back says, counted from its first one. Alerts need not come in the
//! order of their times: what counts is that in the end none lies further from the first than the look-back
//! ([`Window`]), so that in whatever order they come, no incident spans more.

mod key;

pub use key::GroupKey;

use crate::analytics::GroupingConfiguration;
use jiff::{SignedDuration, Timestamp};

/// The times of an incident's first and last alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The earliest.
    pub first: Timestamp,
    /// The latest.
    pub last: Timestamp,
}

impl Window {
    /// That of a single alert.
    pub const fn of(at: Timestamp) -> Self {
        Self { first: at, last: at }
    }

    /// The same with one more alert.
    #[must_use]
    pub fn with(self, at: Timestamp) -> Self {
        Self { first: self.first.min(at), last: self.last.max(at) }
    }

    /// Whether an alert may join: all of them then lie within the look-back of the first.
    pub fn takes(self, at: Timestamp, lookback: SignedDuration) -> bool {
        let Self { first, last } = self.with(at);
        last.duration_since(first) <= lookback
    }
}

/// An incident that the rule has made of alerts with the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// When its alerts were.
    pub window: Window,
    /// How many alerts it has.
    pub alerts: usize,
    /// Whether it is closed.
    pub is_closed: bool,
}

/// Where an alert goes. The numbers are those of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Into a new incident. It takes the place of a closed one, if there is any in whose time it falls.
    New {
        /// The closed incident.
        instead_of: Option<usize>,
    },
    /// Into this incident.
    Join(usize),
    /// Into this incident, which is opened again.
    Reopen(usize),
    /// Into a new incident with the details of this one, which is full; from now on that takes what this one would.
    Overflow(usize),
}

/// Where an alert goes that has the key of these candidates: into an open incident that has room, else into a closed
/// one if the rule opens them again, else into a new one. Of several the first one takes it, but one that began before
/// the alert goes before one that began after it.
pub fn place(grouping: &GroupingConfiguration, at: Timestamp, candidates: &[Candidate]) -> Placement {
    let lookback = grouping.lookback.duration();
    let max = grouping.alerts_max().max(1);
    let best = |wanted: &dyn Fn(&Candidate) -> bool| {
        let fitting =
            candidates.iter().enumerate().filter(|(_, c)| c.window.takes(at, lookback) && wanted(c));
        fitting.min_by_key(|(_, c)| (c.window.first > at, c.window.first)).map(|(place, _)| place)
    };
    if let Some(open) = best(&|c| !c.is_closed && c.alerts < max) {
        return Placement::Join(open);
    }
    if grouping.reopen_closed
        && let Some(closed) = best(&|c| c.is_closed && c.alerts < max)
    {
        return Placement::Reopen(closed);
    }
    match best(&|c| !c.is_closed) {
        Some(full) => Placement::Overflow(full),
        None => Placement::New { instead_of: best(&|_| true) },
    }
}
