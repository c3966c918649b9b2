//! Where in a run an action stands, seen from a frame.

use super::Machine;
use crate::actions::Kind;
use crate::program::Action;
use crate::record::language_record;
use crate::state::{FrameId, Here, Slot};
use crate::{RunStart, Status};
use riposte_value::{Object, Value};

/// Where an action stands in a run.
pub(crate) enum Located {
    /// Nowhere yet.
    Nowhere,
    /// At one place.
    One(Here),
    /// In several iterations of a Foreach that ended.
    Many(Vec<Here>),
}

impl Machine<'_> {
    pub fn start_of_run(&self) -> Option<&RunStart> {
        self.state.start.as_deref()
    }

    /// The frames around a place, from the innermost, itself included.
    pub fn frames_around(&self, frame: FrameId) -> impl Iterator<Item = FrameId> + '_ {
        std::iter::successors(Some(frame), |id| self.state.frame(*id)?.parent.map(|parent| parent.frame))
    }

    /// Finds an action: in the blocks around, else inside what stands there.
    pub fn locate(&self, frame: FrameId, target: &Action) -> Located {
        let around = self
            .frames_around(frame)
            .find(|id| self.state.frame(*id).is_some_and(|f| f.block == target.block));
        if let Some(frame) = around {
            return Located::One(Here { frame, slot: target.slot });
        }
        let Some(owner) = self.program.block(target.block).owner else { return Located::Nowhere };
        let owner = self.program.action(owner);
        let in_owner = |owner_place: Here| {
            self.state
                .slot(owner_place)
                .frames
                .iter()
                .filter(|id| self.state.frame(**id).is_some_and(|frame| frame.block == target.block))
                .map(|frame| Here { frame: *frame, slot: target.slot })
        };
        match self.locate(frame, owner) {
            Located::Nowhere => Located::Nowhere,
            Located::One(place) => match owner.kind {
                Kind::Foreach(_) => Located::Many(in_owner(place).collect()),
                _ => in_owner(place).last().map_or(Located::Nowhere, Located::One),
            },
            Located::Many(places) => Located::Many(places.into_iter().flat_map(in_owner).collect()),
        }
    }

    /// The outputs at a place, as they truly are.
    pub fn outputs_at(&self, here: Here) -> Option<&Value> {
        let slot = self.state.slot(here);
        slot.secret
            .as_ref()
            .and_then(|secret| secret.outputs.as_ref())
            .or_else(|| slot.record.get()?.outputs.as_ref())
    }

    /// The record at a place as expressions see it.
    pub fn record_at(&self, here: Here) -> Value {
        let slot: &Slot = self.state.slot(here);
        let action = self.action(here);
        let Some(record) = slot.record.get() else {
            return Value::object([
                ("name", Value::from(&action.name)),
                ("status", Value::from(slot.status.unwrap_or(Status::Waiting).as_str())),
            ]);
        };
        if action.kind.is_block() {
            return language_record(record, None, None);
        }
        let secret = slot.secret.as_ref();
        let inputs = secret.and_then(|secret| secret.inputs.as_ref()).or(record.inputs.as_ref());
        language_record(record, inputs, self.outputs_at(here))
    }

    /// The record of an action seen from a frame.
    pub fn action_record(&self, frame: FrameId, target: &Action) -> Option<Value> {
        match self.locate(frame, target) {
            Located::Nowhere => None,
            Located::One(here) => Some(self.record_at(here)),
            Located::Many(places) => Some(self.aggregate(target, &places)),
        }
    }

    /// What `result()` gives. Measured: of a branch both sides, of a Foreach each child once with the records of its
    /// iterations as outputs, of an Until the last iteration.
    pub fn result_of(&self, frame: FrameId, scope: &Action) -> Value {
        let children = scope.blocks.iter().flat_map(|block| &self.program.block(*block).actions);
        let turns = match (&scope.kind, self.locate(frame, scope)) {
            (Kind::Until(_), Located::One(here)) => {
                self.state.slot(here).record.get().and_then(|r| r.iteration_count)
            }
            _ => None,
        };
        let records = children.filter_map(|id| {
            let mut record = self.action_record(frame, self.program.action(*id))?;
            if let (Some(turns), Some(object)) = (turns, record.as_object_mut()) {
                object.insert("repetitionCount", turns);
            }
            Some(record)
        });
        Value::array(records)
    }

    fn aggregate(&self, target: &Action, places: &[Here]) -> Value {
        let statuses = || places.iter().filter_map(|here| self.state.slot(*here).status);
        let status = if statuses().any(|status| status == Status::Failed) {
            Status::Failed
        } else if statuses().all(|status| status == Status::Skipped) {
            Status::Skipped
        } else {
            Status::Succeeded
        };
        let mut record = Object::with_capacity(5);
        record.insert("name", &target.name);
        record.insert("status", status.as_str());
        record.insert("code", "NotSpecified");
        record.insert("repetitionCount", places.len());
        record.insert("outputs", Value::array(places.iter().map(|here| self.record_at(*here))));
        Value::from(record)
    }
}
