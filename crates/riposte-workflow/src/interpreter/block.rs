//! Entering and leaving blocks: frames, and what the ends of actions mean for those that wait and for the block.

use super::Machine;
use crate::actions::{Completion, Kind};
use crate::program::BlockId;
use crate::state::{Frame, FrameId, Here, Slot, Task};
use crate::{ErrorBody, RepetitionIndex, Status};

/// What a new frame is of.
pub(crate) struct FrameSeed {
    pub block: BlockId,
    pub parent: Option<Here>,
    pub repetition: Vec<RepetitionIndex>,
    pub iteration: Option<u32>,
}

impl Machine<'_> {
    pub fn enter_root(&mut self) {
        self.enter(FrameSeed { block: 0, parent: None, repetition: Vec::new(), iteration: None });
    }

    /// Enters a block inside an action, outside loops of its own.
    pub fn enter_block(&mut self, here: Here, block: BlockId) {
        let repetition =
            self.state.frame(here.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        self.enter(FrameSeed { block, parent: Some(here), repetition, iteration: None });
    }

    /// Enters a block for one iteration of the loop at a place.
    pub fn enter_iteration(&mut self, here: Here, block: BlockId, index: u32) {
        let outer = self.state.frame(here.frame).map(|frame| frame.repetition.as_slice()).unwrap_or_default();
        let mut repetition = Vec::with_capacity(outer.len() + 1);
        repetition.extend_from_slice(outer);
        repetition.push(RepetitionIndex { scope: self.action(here).name.clone(), index });
        self.enter(FrameSeed { block, parent: Some(here), repetition, iteration: Some(index) });
    }

    /// A new frame, with its number.
    pub fn frame(&mut self, seed: FrameSeed, slots: Vec<Slot>) -> FrameId {
        let id = self.state.next_frame;
        self.state.next_frame += 1;
        if let Some(parent) = seed.parent {
            self.state.slot_mut(parent).frames.push(id);
        }
        let open = slots.iter().filter(|slot| !slot.is_done()).count();
        let FrameSeed { block, parent, repetition, iteration } = seed;
        self.state.frames.insert(id, Frame { block, parent, repetition, iteration, slots, open });
        id
    }

    fn enter(&mut self, seed: FrameSeed) {
        let program = self.program;
        let block = program.block(seed.block);
        let slots = block
            .actions
            .iter()
            .map(|id| Slot { waiting: program.action(*id).run_after.len(), ..Slot::default() })
            .collect();
        let frame = self.frame(seed, slots);
        // the last task is the next: the first action of the definition goes on top
        self.state
            .tasks
            .extend(block.roots.iter().rev().map(|slot| Task::Start(Here { frame, slot: *slot })));
        if block.actions.is_empty() {
            self.leave(frame);
        }
    }

    /// An action has ended: those that wait for nobody else start, and the block may be done.
    pub fn after(&mut self, here: Here) {
        let action = self.action(here);
        let Some(frame) = self.state.frames.get_mut(&here.frame) else { return };
        frame.open = frame.open.saturating_sub(1);
        for successor in action.successors.iter().rev() {
            if let Some(slot) = frame.slots.get_mut(*successor) {
                slot.waiting = slot.waiting.saturating_sub(1);
                if slot.waiting == 0 {
                    self.state.tasks.push(Task::Start(Here { frame: here.frame, slot: *successor }));
                }
            }
        }
        if frame.open == 0 {
            self.leave(here.frame);
        }
    }

    /// A block is done.
    fn leave(&mut self, frame: FrameId) {
        let status = self.block_status(frame);
        let Some(parent) = self.state.frame(frame).map(|frame| frame.parent) else { return };
        let Some(parent) = parent else {
            self.run_done(status);
            return;
        };
        match &self.action(parent).kind {
            Kind::Foreach(_) => self.foreach_iteration_done(parent, frame, status),
            Kind::Until(_) => self.until_iteration_done(parent),
            _ => {
                self.complete(parent, Completion::of_block(status));
                self.forget_frames(parent);
            }
        }
    }

    /// Lets go of the frames of an action that has succeeded, unless somebody may ask for what happened there.
    pub fn forget_frames(&mut self, here: Here) {
        let program = self.program;
        let action = self.action(here);
        let failed = matches!(
            self.state.slot(here).status,
            Some(Status::Failed | Status::TimedOut | Status::Cancelled)
        );
        // what did not succeed may be opened again
        if failed || action.blocks.iter().any(|block| program.block(*block).keep) {
            return;
        }
        for frame in std::mem::take(&mut self.state.slot_mut(here).frames) {
            self.state.remove_frame(frame);
        }
    }

    /// The status of a block by those of its actions.
    pub fn block_status(&self, frame: FrameId) -> Status {
        let Some(frame) = self.state.frame(frame) else { return Status::Succeeded };
        self.program.block_outcome(frame.block, |slot| frame.slots.get(slot).and_then(|slot| slot.status))
    }
}

impl Completion {
    /// What the end of its block means for a scope, a branch or a loop.
    pub fn of_block(status: Status) -> Self {
        if status == Status::Succeeded {
            return Self::succeeded("NotSpecified");
        }
        Self { status, ..Self::failed("ActionFailed", no_dependent_succeeded()) }
    }
}

/// Azure's words for a block, or a run, in which something failed and nothing caught it.
pub(crate) fn no_dependent_succeeded() -> ErrorBody {
    ErrorBody::new("ActionFailed", "An action failed. No dependent actions succeeded.")
}
