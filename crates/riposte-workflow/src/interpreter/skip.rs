//! Skipping: actions that do not run, and everything inside them. Wording measured on real runs.

use super::{FrameSeed, Machine};
use crate::actions::{Completion, Kind};
use crate::program::{Action, BlockId};
use crate::state::{Here, Kept, Slot};
use crate::{ErrorBody, RepetitionIndex, Status};
use riposte_value::Text;

/// Why an action does not run.
#[derive(Debug, Clone)]
pub(crate) enum Reason {
    /// An action before it ended otherwise than it asks for.
    Condition {
        /// The action before it.
        before: Text,
        /// What it asks for.
        accepted: String,
        /// How that action ended.
        actual: Status,
    },
    /// It stands in a branch that was not taken.
    Branch,
    /// The action around it did not come to run it.
    Dependency {
        /// The action around it.
        around: Text,
        /// How that ended.
        status: Status,
        /// With which code.
        code: Text,
    },
    /// The loop around it had nothing to go over.
    NoIteration,
    /// The run was ended by a Terminate action, or cancelled.
    Stopped {
        /// `Terminated` or `ActionSkipped`.
        code: &'static str,
    },
    /// Nobody waits for the response that it would give.
    NobodyWaits,
}

impl Reason {
    fn code(&self) -> &'static str {
        match self {
            Self::Stopped { code } => code,
            Self::NobodyWaits => "ActionResponseSkipped",
            _ => "ActionSkipped",
        }
    }

    fn error(&self, action: &str) -> Option<ErrorBody> {
        match self {
            Self::Condition { before, accepted, actual } => Some(ErrorBody::new(
                "ActionConditionFailed",
                format!(
                    "The execution of template action '{action}' is skipped: the 'runAfter' condition for action '{before}' is not satisfied. Expected status values '{accepted}' and actual value '{actual}'."
                ),
            )),
            Self::Branch => Some(ErrorBody::new(
                "ActionBranchingConditionNotSatisfied",
                format!(
                    "The execution of template action '{action}' skipped: the branching condition for this action is not satisfied."
                ),
            )),
            Self::Dependency { around, status, code } => Some(ErrorBody::new(
                "ActionDependencyFailed",
                format!(
                    "The execution of template action '{action}' is skipped: dependant action '{around}' completed with status '{status}' and code '{code}'."
                ),
            )),
            Self::NobodyWaits => Some(ErrorBody::new(
                "ActionResponseSkipped",
                format!(
                    "The execution of template action '{action}' is skipped: the client application is not waiting for a response from service."
                ),
            )),
            Self::NoIteration | Self::Stopped { .. } => None,
        }
    }

    fn completion(&self, action: &str) -> Completion {
        Completion {
            error: self.error(action),
            repetition_count: matches!(self, Self::NoIteration).then_some(0),
            ..Completion::new(Status::Skipped, self.code())
        }
    }

    /// Why what stands inside an action does not run, if that action is skipped for this reason.
    fn inside(&self, action: &Action) -> Self {
        match self {
            Self::Stopped { .. } => self.clone(),
            _ => Self::Dependency {
                around: action.name.clone(),
                status: Status::Skipped,
                code: Text::new_static(self.code()),
            },
        }
    }
}

impl Machine<'_> {
    /// Why the action at a place must not run, judging by those before it.
    pub fn unmet(&self, here: Here) -> Option<Reason> {
        let frame = self.state.frame(here.frame)?;
        self.action(here).run_after.iter().find_map(|(before, accepted)| {
            let actual = frame.slots.get(*before).and_then(|slot| slot.status)?;
            (!accepted.contains(actual)).then(|| Reason::Condition {
                before: self.program.action_at(frame.block, *before).name.clone(),
                accepted: accepted.to_string(),
                actual,
            })
        })
    }

    /// Skips an action and everything inside it; who waits for it moves on.
    pub fn skip(&mut self, here: Here, reason: &Reason) {
        self.skip_quietly(here, reason);
        self.after(here);
    }

    /// As [`Self::skip`], and nobody moves on.
    pub fn skip_quietly(&mut self, here: Here, reason: &Reason) {
        let action = self.action(here);
        self.close(here, reason.completion(&action.name));
        let inside = reason.inside(action);
        for block in &action.blocks {
            self.skip_block(here, *block, &inside);
        }
    }

    /// Skips a block that is not entered. A frame is made only if somebody may ask for what (did not) happen there.
    pub fn skip_block(&mut self, parent: Here, block: BlockId, reason: &Reason) {
        let repetition =
            self.state.frame(parent.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        self.skip_block_at(Some(parent), block, reason, &repetition);
    }

    pub fn skip_block_at(
        &mut self,
        parent: Option<Here>,
        block_id: BlockId,
        reason: &Reason,
        repetition: &[RepetitionIndex],
    ) {
        let program = self.program;
        let block = program.block(block_id);
        // of a loop there is a frame for each iteration, and here is none
        let in_loop = block.owner.is_some_and(|owner| matches!(program.action(owner).kind, Kind::Foreach(_)));
        let frame = parent.filter(|_| block.keep && !in_loop).map(|parent| {
            let slots = vec![Slot { status: Some(Status::Skipped), ..Slot::default() }; block.actions.len()];
            let seed = FrameSeed {
                block: block_id,
                parent: Some(parent),
                repetition: repetition.to_vec(),
                iteration: None,
            };
            self.frame(seed, slots)
        });
        for (slot, id) in block.actions.iter().enumerate() {
            let action = program.action(*id);
            let own = own_reason(program, block_id, action, reason);
            self.record_skip(action, frame.map(|frame| Here { frame, slot }), &own, repetition.to_vec());
            let inside = own.inside(action);
            for inner in &action.blocks {
                let parent = frame.map(|frame| Here { frame, slot });
                self.skip_block_at(parent, *inner, &inside, repetition);
            }
        }
    }

    fn record_skip(
        &mut self,
        action: &Action,
        here: Option<Here>,
        reason: &Reason,
        repetition: Vec<RepetitionIndex>,
    ) {
        let completion = reason.completion(&action.name);
        let mut record = self.record_of(action, repetition, Status::Skipped);
        record.code = Some(completion.code);
        record.error = completion.error;
        record.end_time = Some(self.at);
        record.repetition_count = completion.repetition_count;
        if let Some(here) = here.filter(|_| action.keep) {
            self.state.slot_mut(here).record = Kept::record(record.clone());
        }
        self.records.push(record);
    }
}

/// In a block that is not entered, an action that waits for another is skipped for the end of that one, unless it
/// would accept it.
fn own_reason(program: &crate::Program, block: BlockId, action: &Action, reason: &Reason) -> Reason {
    if matches!(reason, Reason::Stopped { .. } | Reason::NoIteration) {
        return reason.clone();
    }
    action.run_after.iter().find(|(_, accepted)| !accepted.contains(Status::Skipped)).map_or_else(
        || reason.clone(),
        |(before, accepted)| Reason::Condition {
            before: program.action_at(block, *before).name.clone(),
            accepted: accepted.to_string(),
            actual: Status::Skipped,
        },
    )
}
