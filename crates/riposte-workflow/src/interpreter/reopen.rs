//! Going on with a run that did not succeed, from where it failed: what succeeded keeps its records and outputs; what
//! failed for good, and what waited for that, runs again.
//!
//! A failure that another action handled stays as it is: running it again would run everything behind it again. For
//! good failed what the status of a block is judged by: its leaves, and behind a skipped leaf those before it. A
//! Terminate that ran hides what it was meant to end the run for, so everything before it is looked at.

use super::Machine;
use crate::actions::{Kind, NOT_ENTERED, Progress};
use crate::program::SlotIndex;
use crate::state::{FrameId, Here, Phase, Slot, Task};
use crate::{Program, State, Status};
use jiff::Timestamp;

impl State {
    /// Opens a run again that ended otherwise than by success, for another attempt. The state must be the one of its
    /// end, restored. None if there is nothing in it that could run again.
    ///
    /// The run then waits for a timer that is due at once. Commands get ids that no earlier attempt had.
    pub fn reopen(self, program: &Program, at: Timestamp) -> Option<Self> {
        if self.phase != Phase::Ended || self.frame(super::end::ROOT).is_none() {
            return None;
        }
        let mut machine = Machine::new(program, self, at, 0);
        machine.state.phase = Phase::Running;
        machine.state.started_at = Some(at);
        machine.state.attempt += 1;
        if !machine.reopen_frame(super::end::ROOT) {
            return None;
        }
        machine.continue_later();
        Some(machine.state)
    }
}

impl Machine<'_> {
    /// Opens the actions of a block that are to run again; whether there are any.
    fn reopen_frame(&mut self, frame: FrameId) -> bool {
        let again = self.to_run_again(frame);
        for slot in again.iter().copied() {
            self.reopen_slot(Here { frame, slot }, &again);
        }
        if let Some(content) = self.state.frames.get_mut(&frame) {
            content.open = content.slots.iter().filter(|slot| !slot.is_done()).count();
        }
        !again.is_empty()
    }

    /// The actions that failed for good, those that wait for them, and those that were skipped though nothing before
    /// them asks for that any more.
    fn to_run_again(&self, frame: FrameId) -> Vec<SlotIndex> {
        let mut again = self.failed_for_good(frame);
        let count = self.state.frame(frame).map_or(0, |frame| frame.slots.len());
        loop {
            let follows = |slot: &SlotIndex| {
                let here = Here { frame, slot: *slot };
                let waits = self.action(here).run_after.iter().any(|(before, _)| again.contains(before));
                let was_stopped = matches!(self.state.slot(here).status, None | Some(Status::Skipped));
                waits || (was_stopped && self.unmet(here).is_none())
            };
            let more: Vec<SlotIndex> =
                (0..count).filter(|slot| !again.contains(slot)).filter(follows).collect();
            if more.is_empty() {
                return again;
            }
            // One that only follows what was stopped is found in the next round.
            again.extend(more);
        }
    }

    fn failed_for_good(&self, frame: FrameId) -> Vec<SlotIndex> {
        let Some(content) = self.state.frame(frame) else { return Vec::new() };
        let mut found = Vec::new();
        let mut seen: Vec<(SlotIndex, bool)> = Vec::new();
        let leaves = &self.program.block(content.block).leaves;
        let mut open: Vec<(SlotIndex, bool)> = leaves.iter().map(|slot| (*slot, false)).collect();
        while let Some((slot, after_all)) = open.pop() {
            if seen.contains(&(slot, after_all)) {
                continue;
            }
            seen.push((slot, after_all));
            let action = self.action(Here { frame, slot });
            let status = content.slots.get(slot).and_then(|slot| slot.status);
            let ends_the_run = matches!(action.kind, Kind::Terminate(_)) && status != Some(Status::Skipped);
            if matches!(status, Some(Status::Failed | Status::TimedOut | Status::Cancelled)) {
                found.push(slot);
            }
            let after_all = after_all || ends_the_run;
            if after_all || status == Some(Status::Skipped) {
                open.extend(action.run_after.iter().map(|(before, _)| (*before, after_all)));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Opens an action: inside, where what stands there is known, else from its beginning.
    fn reopen_slot(&mut self, here: Here, again: &[SlotIndex]) {
        let before = &self.action(here).run_after;
        let waiting = before.iter().filter(|(before, _)| again.contains(before)).count();
        if waiting == 0 && self.reopen_inside(here) {
            return;
        }
        let frames = std::mem::take(&mut self.state.slot_mut(here).frames);
        for inner in frames {
            self.state.remove_frame(inner);
        }
        *self.state.slot_mut(here) = Slot { waiting, ..Slot::default() };
        if waiting == 0 {
            self.state.tasks.push(Task::Start(here));
        }
    }

    /// Opens what failed inside an action that ran; whether that is possible.
    fn reopen_inside(&mut self, here: Here) -> bool {
        let slot = self.state.slot(here);
        let ran = matches!(slot.status, Some(Status::Failed | Status::TimedOut | Status::Cancelled));
        let is_loop = matches!(self.action(here).kind, Kind::Foreach(_) | Kind::Until(_));
        if !ran || !self.action(here).kind.is_block() || (is_loop && slot.progress.is_none()) {
            return false;
        }
        let inner = slot.frames.clone();
        let has_turns =
            matches!(slot.progress.as_deref(), Some(Progress::Foreach(progress)) if progress.has_more());
        let opens =
            inner.iter().any(|frame| self.was_entered(*frame) && !self.to_run_again(*frame).is_empty());
        if !opens && !has_turns {
            return false;
        }
        let opened =
            inner.into_iter().filter(|frame| self.was_entered(*frame) && self.reopen_frame(*frame)).count();
        if let Some(Progress::Foreach(progress)) = self.state.slot_mut(here).progress.as_deref_mut() {
            progress.reopen(opened);
            self.state.tasks.push(Task::Turn(here));
        }
        let slot = self.state.slot_mut(here);
        slot.status = Some(Status::Running);
        slot.code = None;
        if let Some(record) = slot.record.get_mut() {
            record.status = Status::Running;
            (record.code, record.error, record.end_time) = (None, None, None);
        }
        // its time begins anew; an expression that had a value has one again
        if let Ok(Some(due)) = self.block_deadline(here) {
            self.timer(here, 1, ":deadline", due);
        }
        true
    }

    /// Whether anything of a block ran: of a branch that was not taken, nothing did, nor of those between which a Switch
    /// could not choose.
    fn was_entered(&self, frame: FrameId) -> bool {
        let slots = self.state.frame(frame).map(|frame| frame.slots.as_slice()).unwrap_or_default();
        slots.iter().any(|slot| {
            !matches!(slot.status, None | Some(Status::Skipped)) && slot.code != Some(NOT_ENTERED)
        })
    }
}
