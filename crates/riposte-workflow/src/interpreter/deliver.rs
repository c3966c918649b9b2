//! Bringing outcomes to the actions that wait for them. What nobody waits for is ignored.

use super::Machine;
use super::call::Call;
use crate::actions::{Completion, Progress};
use crate::state::{Here, Pending};
use crate::{CommandId, CommandKind, Outcome};
use riposte_value::Value;

impl Machine<'_> {
    pub fn deliver_outcome(&mut self, command: &CommandId, outcome: Outcome) {
        if !self.is_running() {
            return;
        }
        let Some(pending) = self.take_pending(command, |kind| !matches!(kind, CommandKind::Timer { .. }))
        else {
            return;
        };
        if let Some((here, call)) = pending.here.and_then(|here| Some((here, self.take_call(here)?))) {
            self.answered(here, call, pending.command, outcome);
        }
    }

    pub fn deliver_timer(&mut self, command: &CommandId) {
        if !self.is_running() {
            return;
        }
        let Some(pending) = self.take_pending(command, |kind| matches!(kind, CommandKind::Timer { .. }))
        else {
            return;
        };
        // a continuation has no place: its work is in the state
        let Some(here) = pending.here else { return };
        match self.state.slot(here).progress.as_deref() {
            Some(Progress::Wait) => self.complete(here, Completion::succeeded("OK")),
            Some(Progress::WaitInVain) => self.complete(here, Completion::timed_out()),
            _ if self.action(here).kind.is_block() => self.time_out(here),
            _ => {
                if let Some(call) = self.take_call(here) {
                    self.rested(here, call);
                }
            }
        }
    }

    pub fn deliver_callback(&mut self, command: &CommandId, request: &Value) {
        if !self.is_running() {
            return;
        }
        let waiting = self.state.frames.iter().find_map(|(frame, content)| {
            (0..content.slots.len())
                .map(|slot| Here { frame: *frame, slot })
                .find(|here| self.state.awaits_callback_at(self.program, *here, command))
        });
        if let Some((here, call)) = waiting.and_then(|here| Some((here, self.take_call(here)?))) {
            self.called_back(here, call, request);
        }
    }

    fn take_pending(&mut self, command: &CommandId, fits: impl Fn(&CommandKind) -> bool) -> Option<Pending> {
        let pending = &mut self.state.pending;
        let index = pending.iter().position(|p| p.command.id == *command && fits(&p.command.kind))?;
        Some(pending.remove(index))
    }

    pub fn take_call(&mut self, here: Here) -> Option<Call> {
        let slot = self.state.slot_mut(here);
        match slot.progress.take().map(|progress| *progress) {
            Some(Progress::Call(call)) => Some(call),
            other => {
                slot.progress = other.map(Box::new);
                None
            }
        }
    }
}
