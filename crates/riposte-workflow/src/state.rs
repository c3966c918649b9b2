//! The state of a run between two events.
//!
//! A *frame* is one execution of a block: of the workflow, of a scope, of the branch taken, of one iteration of a loop.
//! It has a *slot* for each action of the block. What ended and is asked for by no expression leaves nothing but its
//! status behind.
//!
//! Serialised, a state holds no inputs and outputs of records, unless they are of kinds that records cannot hold: those
//! are in the records, and [`State::restore`] puts them back. It does hold the values of variables, the items of running loops, the inputs of pending commands and
//! what the definition declares secure: **whoever stores a state must encrypt it.**

use crate::actions::Progress;
pub(crate) use crate::kept::Kept;
use crate::{ActionRecord, CallbackSigner, Command, CommandId, Program, RepetitionIndex, RunStart, Status};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The state of a run between two events. [`State::default`] is that of a run that has not started.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct State {
    pub(crate) phase: Phase,
    /// What it started with. Not serialised: it never changes, and whoever stores a run stores it once.
    #[serde(skip)]
    pub(crate) start: Option<Box<RunStart>>,
    pub(crate) started_at: Option<jiff::Timestamp>,
    /// How many tracking ids were given out.
    pub(crate) identities: u64,
    #[serde(with = "crate::exact::list")]
    pub(crate) variables: Vec<Option<Value>>,
    pub(crate) frames: BTreeMap<FrameId, Frame>,
    pub(crate) next_frame: FrameId,
    pub(crate) pending: Vec<Pending>,
    /// What was left to do when the step had done enough. The last one is the next.
    pub(crate) tasks: Vec<Task>,
    pub(crate) continuations: u32,
    pub(crate) responded: bool,
    /// How often it was opened again.
    #[serde(skip_serializing_if = "is_first", default)]
    pub(crate) attempt: u32,
    /// Records that a restored state waits to put back: it needs the program for that.
    #[serde(skip)]
    pub(crate) restored: Option<Restored>,
    /// What signs addresses of callbacks.
    #[serde(skip)]
    pub(crate) signer: Option<CallbackSigner>,
    /// What stands for a slot that no frame has.
    #[serde(skip)]
    pub(crate) nowhere: Slot,
    /// What stands for a variable that the program does not have.
    #[serde(skip)]
    pub(crate) scratch: Option<Value>,
}

/// Records by name and repetition.
pub(crate) type Restored = BTreeMap<(Text, Vec<RepetitionIndex>), ActionRecord>;

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    #[default]
    New,
    Running,
    Ended,
}

/// The number of a frame in its run; never given twice.
pub(crate) type FrameId = u32;

/// One execution of a block.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Frame {
    #[serde(rename = "b")]
    pub block: usize,
    /// The action that it belongs to.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<Here>,
    /// The iterations of the loops around its actions.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty", default)]
    pub repetition: Vec<RepetitionIndex>,
    /// Which iteration it is, if its parent is a loop.
    #[serde(rename = "i", skip_serializing_if = "Option::is_none", default)]
    pub iteration: Option<u32>,
    #[serde(rename = "s")]
    pub slots: Vec<Slot>,
    /// How many slots have not ended.
    #[serde(rename = "o")]
    pub open: usize,
}

/// The place of an action in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Here {
    #[serde(rename = "f")]
    pub frame: FrameId,
    #[serde(rename = "s")]
    pub slot: usize,
}

/// What is known of an action in a frame.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Slot {
    /// None before it starts.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
    /// For how many others it waits.
    #[serde(rename = "w", skip_serializing_if = "is_zero", default)]
    pub waiting: usize,
    /// How it ended, where it did not succeed and has actions inside.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none", default)]
    pub code: Option<Text>,
    /// The frames inside it: running ones, and those that somebody may ask for.
    #[serde(rename = "f", skip_serializing_if = "Vec::is_empty", default)]
    pub frames: Vec<FrameId>,
    /// What it is doing, while it runs.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none", default)]
    pub progress: Option<Box<Progress>>,
    /// Its record, while it runs and as long as somebody may ask for it.
    #[serde(rename = "k", skip_serializing_if = "Kept::is_nothing", default)]
    pub record: Kept,
    /// Its true inputs and outputs, where the record must not show them.
    #[serde(rename = "x", skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<Box<Secret>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_first(attempt: &u32) -> bool {
    *attempt == 0
}

impl Slot {
    pub fn is_done(&self) -> bool {
        self.status.is_some_and(Status::is_terminal)
    }
}

/// Inputs and outputs that history does not show.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Secret {
    #[serde(skip_serializing_if = "Option::is_none", default, with = "crate::exact::option")]
    pub inputs: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none", default, with = "crate::exact::option")]
    pub outputs: Option<Value>,
}

/// A command without an outcome.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub command: Command,
    /// The action it belongs to; none for a continuation.
    pub here: Option<Here>,
}

/// Something to do within a step.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Start an action, or skip it: those it waits for have ended.
    Start(Here),
    /// Let a loop take its next turns, or end.
    Turn(Here),
}

impl State {
    /// The commands that have no outcome yet, in the order in which they were given. After a crash they are carried
    /// out again.
    pub fn pending(&self) -> impl Iterator<Item = &Command> {
        self.pending.iter().map(|pending| &pending.command)
    }

    /// Whether the run has started.
    pub fn is_started(&self) -> bool {
        self.phase != Phase::New
    }

    /// When the run started.
    pub fn began(&self) -> Option<jiff::Timestamp> {
        self.started_at
    }

    /// Whether the run has ended; every event is ignored then.
    pub fn is_finished(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// Gives a run what signs the addresses that it hands out for callbacks; without it they are bare.
    #[must_use]
    pub fn signing(self, signer: CallbackSigner) -> Self {
        Self { signer: Some(signer), ..self }
    }

    /// Whether the callback of a command is awaited.
    pub fn awaits_callback(&self, program: &Program, command: &CommandId) -> bool {
        self.frames.iter().any(|(frame, content)| {
            content
                .slots
                .iter()
                .enumerate()
                .any(|(slot, _)| self.awaits_callback_at(program, Here { frame: *frame, slot }, command))
        })
    }

    /// Whether the action at a place awaits the callback of a command: the address was made from its first attempt's.
    pub(crate) fn awaits_callback_at(&self, program: &Program, here: Here, command: &CommandId) -> bool {
        matches!(self.slot(here).progress.as_deref(), Some(Progress::Call(call)) if call.awaits_callback)
            && self.command_id(program, here, 1, "") == *command
    }

    /// `Action@3-0#1`: the action, the iterations of the loops around it, the attempt; and `Action@3-0~2#1` in the second
    /// attempt of the whole run.
    pub(crate) fn command_id(&self, program: &Program, here: Here, attempt: u32, suffix: &str) -> CommandId {
        use std::fmt::Write as _;
        let Some(frame) = self.frame(here.frame) else { return CommandId(Text::default()) };
        let mut id = program.action_at(frame.block, here.slot).name.to_string();
        for (depth, turn) in frame.repetition.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(id, "{}{}", if depth == 0 { '@' } else { '-' }, turn.index);
        }
        if self.attempt > 0 {
            // Writing to a String cannot fail.
            let _ = write!(id, "~{}", self.attempt + 1);
        }
        let _ = write!(id, "#{attempt}{suffix}");
        CommandId(Text::from(id))
    }

    /// Gives a state that was read back what its run started with, and the records of its run (all of them, or at least those that were written
    /// last), whose inputs and outputs it does not hold itself.
    #[must_use]
    pub fn restore(mut self, start: RunStart, records: Vec<ActionRecord>) -> Self {
        self.start = Some(Box::new(start));
        let by_name =
            records.into_iter().map(|record| ((record.name.clone(), record.repetition.clone()), record));
        self.restored = Some(by_name.collect());
        self
    }

    pub(crate) fn frame(&self, id: FrameId) -> Option<&Frame> {
        self.frames.get(&id)
    }

    pub(crate) fn slot(&self, here: Here) -> &Slot {
        self.frames.get(&here.frame).and_then(|frame| frame.slots.get(here.slot)).unwrap_or(&self.nowhere)
    }

    pub(crate) fn slot_mut(&mut self, here: Here) -> &mut Slot {
        match self.frames.get_mut(&here.frame).and_then(|frame| frame.slots.get_mut(here.slot)) {
            Some(slot) => slot,
            None => &mut self.nowhere,
        }
    }

    /// Takes a frame away, and those inside it.
    pub(crate) fn remove_frame(&mut self, id: FrameId) {
        let Some(frame) = self.frames.remove(&id) else { return };
        for inner in frame.slots.into_iter().flat_map(|slot| slot.frames) {
            self.remove_frame(inner);
        }
    }
}
