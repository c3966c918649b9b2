//! Limits of time on actions with actions inside (`limit.timeout` of a Scope, If, Switch or Foreach).
//!
//! Documented: an action whose time is over has the status `TimedOut` and the code `ActionTimedOut`. What runs inside it
//! then is cancelled, what has not started is skipped, and what comes of a call inside later is nobody's business any
//! more. An Until looks at its limits between turns only, and a limit that it reaches is no failure: see `until.rs`.

use super::{Machine, Reason};
use crate::Status;
use crate::actions::{Completion, Kind};
use crate::state::{Here, Task};
use jiff::Timestamp;

impl Machine<'_> {
    /// Until when an action with actions inside may take, if it has such a limit.
    pub fn block_deadline(&self, here: Here) -> Result<Option<Timestamp>, Box<Completion>> {
        let kind = &self.action(here).kind;
        if !kind.is_block() || matches!(kind, Kind::Until(_)) {
            return Ok(None);
        }
        self.deadline(here)
    }

    /// Sets the timers of the limits of what began in this step and still runs.
    pub fn set_limits(&mut self) {
        for (here, due) in std::mem::take(&mut self.limits) {
            // of what has ended, not even its frame may be there
            if self.state.slot(here).status == Some(Status::Running) {
                self.timer(here, 1, ":deadline", due);
            }
        }
    }

    /// The time of an action with actions inside is over.
    pub fn time_out(&mut self, here: Here) {
        let completion = Completion::timed_out();
        let reason = Reason::Dependency {
            around: self.action(here).name.clone(),
            status: completion.status,
            code: completion.code.clone(),
        };
        for frame in self.state.slot(here).frames.clone() {
            self.stop_frame(frame, &reason);
        }
        self.close(here, completion);
        self.forget_what_ended();
        self.after(here);
    }

    /// Stops everything in a frame that has not ended: what runs is cancelled, what has not started is skipped.
    pub fn stop_frame(&mut self, frame: crate::state::FrameId, reason: &Reason) {
        let slots = self.state.frame(frame).map_or(0, |frame| frame.slots.len());
        for slot in 0..slots {
            let here = Here { frame, slot };
            let slot = self.state.slot(here);
            match slot.status {
                Some(status) if status.is_terminal() => {}
                None => self.skip_quietly(here, reason),
                Some(_) => {
                    for inner in slot.frames.clone() {
                        self.stop_frame(inner, reason);
                    }
                    self.leave_subscription(here);
                    self.close(here, Completion::new(Status::Cancelled, "ActionCancelled"));
                }
            }
        }
    }

    /// Drops what was still to do for actions that have ended.
    fn forget_what_ended(&mut self) {
        let mut pending = std::mem::take(&mut self.state.pending);
        pending.retain(|pending| pending.here.is_none_or(|here| !self.state.slot(here).is_done()));
        self.state.pending = pending;
        let mut tasks = std::mem::take(&mut self.state.tasks);
        tasks.retain(|task| {
            let (Task::Start(here) | Task::Turn(here)) = task;
            !self.state.slot(*here).is_done()
        });
        self.state.tasks = tasks;
    }
}
