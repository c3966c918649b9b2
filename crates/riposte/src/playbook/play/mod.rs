//! Plays a run in this process: hands the pure interpreter its events and keeps what it records.
//!
//! With mocks the clock is virtual: a `Delay` of a day takes no time, and the same seed gives the same run.

mod journal;
mod real;
mod virtual_clock;

pub use journal::Journal;
pub use real::play as play_really;
pub use virtual_clock::play as play_virtually;

use jiff::Timestamp;
use riposte_value::Value;
use riposte_workflow::{Command, Outcome};
use std::time::Duration;

/// How many events a run may take before it is given up: a run that spins would otherwise never end.
const EVENTS_MAX: usize = 1_000_000;

/// What answers an outside call of the run.
#[derive(Debug, Clone)]
pub struct Answer {
    /// How long it takes.
    pub after: Duration,
    /// What comes back.
    pub outcome: Outcome,
    /// The request to the callback address, where the action waits for one: `{headers, body}`.
    pub callback: Option<Value>,
    /// Where the answer comes from, for the record of calls (`mock action Get_report`, `auto: …`).
    pub source: String,
}

/// Gives the answers of a run with mocks.
pub trait Answers {
    /// The answer to a call. It is asked once for each call, in order.
    fn answer(&mut self, command: &Command, at: Timestamp) -> Answer;
}
