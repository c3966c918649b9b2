//! Making, completing and keeping records.

use super::Machine;
use crate::actions::{Completion, Kind, MASK};
use crate::program::{Action, Program};
use crate::record::{language_record, secured_marker};
use crate::state::{Here, Kept, Restored, Secret, Slot};
use crate::{ActionRecord, ErrorBody, State, Status};
use riposte_diagnostic::{join_index, join_path};
use riposte_value::{Text, Value};

impl Machine<'_> {
    /// A record of an action that starts now.
    pub fn fresh_record(&mut self, here: Here, status: Status) -> ActionRecord {
        let action = self.action(here);
        let repetition =
            self.state.frame(here.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        self.record_of(action, repetition, status)
    }

    pub fn record_of(
        &mut self,
        action: &Action,
        repetition: Vec<crate::RepetitionIndex>,
        status: Status,
    ) -> ActionRecord {
        ActionRecord {
            name: action.name.clone(),
            action_type: Text::new_static(action.type_name),
            repetition,
            status,
            code: None,
            error: None,
            inputs: None,
            outputs: None,
            start_time: self.at,
            end_time: None,
            tracking_id: self.tracking_id(),
            client_tracking_id: self
                .start_of_run()
                .map(|start| start.trigger.client_tracking_id.clone())
                .unwrap_or_default(),
            retry_history: Vec::new(),
            iteration_count: None,
            repetition_count: None,
            tracked_properties: None,
        }
    }

    /// Sets the inputs of an action that is under way.
    pub fn set_inputs(&mut self, action: &Action, here: Here, inputs: Option<Value>) {
        let slot = self.state.slot_mut(here);
        let shown = hide_inputs(slot, inputs, action);
        if let Some(record) = slot.record.get_mut() {
            record.inputs = shown;
        }
    }

    /// Writes down that an action goes on in another way than history says.
    pub fn note(&mut self, here: Here) {
        if let Some(record) = self.state.slot(here).record.get() {
            let record = record.clone();
            self.records.push(record);
        }
    }

    /// Ends an action: its record is written, who waits for it moves on.
    pub fn complete(&mut self, here: Here, completion: Completion) {
        self.close(here, completion);
        self.after(here);
    }

    /// Writes the end of an action into its slot and into history.
    pub fn close(&mut self, here: Here, completion: Completion) {
        let action = self.action(here);
        let kept = self.state.slot_mut(here).record.take();
        let mut record = kept.unwrap_or_else(|| self.fresh_record(here, completion.status));
        let at = self.at;
        let error = completion.error.map(|error| self.discreet(action, error));
        let slot = self.state.slot_mut(here);
        // a loop that did not succeed may be opened again
        let is_loop = matches!(action.kind, Kind::Foreach(_) | Kind::Until(_));
        if !is_loop || matches!(completion.status, Status::Succeeded | Status::Skipped) {
            slot.progress = None;
        }
        if action.kind.is_block() && action.settings.timeout.is_some() {
            self.state.pending.retain(|pending| pending.here != Some(here));
        }
        let slot = self.state.slot_mut(here);
        slot.status = Some(completion.status);
        slot.code = action.kind.is_block().then(|| completion.code.clone());
        record.status = completion.status;
        record.code = Some(completion.code);
        record.error = error;
        record.end_time = Some(at);
        if completion.inputs.is_some() {
            record.inputs = hide_inputs(slot, completion.inputs, action);
        }
        record.outputs =
            hide(slot, completion.outputs, action.settings.secure_outputs, |secret| &mut secret.outputs);
        record.iteration_count = completion.iteration_count.or(record.iteration_count);
        record.repetition_count = completion.repetition_count.or(record.repetition_count);
        if let Some(tracked) = &action.settings.tracked {
            let value = self.tracked(here, &tracked.template, &record);
            record.tracked_properties = Some(match value {
                Ok(_) if tracked.secure => secured_marker(),
                Ok(value) => value,
                Err(error) => {
                    record.error.get_or_insert(error);
                    Value::Null
                }
            });
        }
        let slot = self.state.slot_mut(here);
        if action.keep {
            slot.record = Kept::record(record.clone());
        } else {
            slot.secret = None;
        }
        self.records.push(record);
    }

    /// Documented: a failure to evaluate tracked properties does not fail the action; they are recorded as null, with
    /// the failure as the record's error where the action has none of its own.
    fn tracked(
        &self,
        here: Here,
        template: &riposte_expression::Template,
        record: &ActionRecord,
    ) -> Result<Value, ErrorBody> {
        let shown = language_record(record, record.inputs.as_ref(), record.outputs.as_ref());
        let mut scope = self.scope(here);
        scope.current = Some(&shown);
        template.evaluate(&scope).map_err(|error| {
            let message = format!(
                "Unable to process template language expressions in the tracked properties of action '{}': '{}'.",
                record.name, error.message
            );
            self.without_secrets(ErrorBody::new("TrackedPropertiesEvaluationFailed", message))
        })
    }

    /// An identity that derives from the run's and from how many were given out before.
    pub fn tracking_id(&mut self) -> Text {
        self.state.identities += 1;
        let run = self.start_of_run().map_or("", |start| start.run_id.as_str());
        identity(run, self.state.identities)
    }
}

/// Puts inputs aside where history must not show them, or not all of them; gives what history shows.
fn hide_inputs(slot: &mut Slot, inputs: Option<Value>, action: &Action) -> Option<Value> {
    let places = &action.settings.secret_places;
    if action.settings.secure_inputs || places.is_empty() {
        return hide(slot, inputs, action.settings.secure_inputs, |secret| &mut secret.inputs);
    }
    let inputs = inputs?;
    let mut shown = inputs.clone();
    mask(&mut shown, "$", places);
    slot.secret.get_or_insert_default().inputs = Some(inputs);
    Some(shown)
}

/// Replaces what stands at these places.
fn mask(value: &mut Value, path: &str, places: &[Text]) {
    if places.iter().any(|place| place == path) {
        *value = Value::text(MASK);
        return;
    }
    if !places.iter().any(|place| place.starts_with(path)) {
        return;
    }
    if let Value::Array(_) = value {
        let items = value.as_array_mut().into_iter().flatten();
        items.enumerate().for_each(|(index, item)| mask(item, &join_index(path, index), places));
    } else if let Some(object) = value.as_object_mut() {
        object.iter_mut().for_each(|(name, item)| mask(item, &join_path(path, name), places));
    }
}

/// Puts a value aside where history must not show it; gives what history shows.
fn hide(
    slot: &mut Slot,
    value: Option<Value>,
    secure: bool,
    place: impl Fn(&mut Secret) -> &mut Option<Value>,
) -> Option<Value> {
    if !secure || value.is_none() {
        return value;
    }
    *place(slot.secret.get_or_insert_default()) = value;
    Some(secured_marker())
}

/// A GUID (of the free form, version 8) made of text and a number.
fn identity(run: &str, number: u64) -> Text {
    use std::fmt::Write as _;
    // FNV-1a, then two rounds of splitmix64
    let hash = run.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let high = mix(hash ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let low = mix(high ^ hash.rotate_left(32));
    let mut text = String::with_capacity(36);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        ((low >> 48) & 0x3fff) | 0x8000,
        low & 0xffff_ffff_ffff
    );
    Text::from(text)
}

/// splitmix64: every bit of the input moves every bit of the output.
pub(crate) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Puts records back into the slots that kept them when the state was written.
pub(crate) fn restore_records(program: &Program, state: &mut State, mut records: Restored) {
    for frame in state.frames.values_mut() {
        for (index, slot) in frame.slots.iter_mut().enumerate() {
            if matches!(slot.record, Kept::Missing(_)) {
                let name = program.action_at(frame.block, index).name.clone();
                slot.record.put_back(records.remove(&(name, frame.repetition.clone())));
            }
        }
    }
}
