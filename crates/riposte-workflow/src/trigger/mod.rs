//! Triggers: what a definition says of when and how runs begin, and what one occurrence of a trigger comes to.
//!
//! Pure: who provides a trigger (the engine's timer, its HTTP listener, its calls) hands in times, requests and
//! answers, and is told when the next slot is due, what to call, and which runs to begin.

mod batch;
mod fire;
mod plan;
mod poll;
mod read;
mod recurrence;
mod request;
mod schedule;

pub use batch::{BatchConfiguration, BatchItem, released};
pub use fire::{Firing, Occurrence, Surroundings, TriggerFailure};
pub use plan::{Concurrency, Starter, TriggerPlan};
pub use poll::{PollAnswer, read_poll};
pub use read::read_recurrence;
pub use recurrence::{Frequency, Recurrence};
pub use request::{RequestContent, match_relative_path};
pub use schedule::Schedule;
