//! The interpreter: `(program, state, event) → (state, commands, records)`, without clock, chance or I/O.

mod block;
mod call;
mod callback;
mod deliver;
mod discretion;
mod end;
mod limit;
mod lookup;
mod machine;
mod paging;
mod records;
mod reopen;
mod retry;
mod scope;
mod settle;
mod skip;

pub(crate) use block::FrameSeed;
pub(crate) use call::{Answer, Call, Request};
pub(crate) use machine::{Machine, Run};
pub(crate) use retry::RetryPolicy;
pub(crate) use scope::Scope;
pub(crate) use skip::Reason;

use crate::{Event, EventKind, Program, State, Step};

/// What an event makes of a run.
///
/// Deterministic: the same program, state and event give the same step. Events that do not fit are ignored: a second
/// start, the outcome of a command that is not pending (late, repeated or unknown), and everything after the end.
///
/// A step works through everything that needs nothing from outside, up to a bound; a run that has more to do asks for
/// a [`Timer`](crate::CommandKind::Timer) that is due at once.
pub fn step(program: &Program, state: State, event: Event) -> Step {
    let mut machine = Machine::new(program, state, event.at, event.seed);
    match event.kind {
        EventKind::Started(start) => machine.begin(start),
        EventKind::Finished { command, outcome } => machine.deliver_outcome(&command, outcome),
        EventKind::TimerFired { command } => machine.deliver_timer(&command),
        EventKind::Callback { command, request } => machine.deliver_callback(&command, &request),
        EventKind::Cancelled => machine.cancel(),
        EventKind::Expired => machine.expire(),
    }
    machine.work();
    machine.into_step()
}
