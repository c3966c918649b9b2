//! Foreach: its actions for each item of an array, 20 items at a time unless told otherwise.
//!
//! ```json
//! { "type": "Foreach", "foreach": "@body('Hosts')?['Hosts']", "actions": { … },
//!   "runtimeConfiguration": { "concurrency": { "repetitions": 1 } } }
//! ```
//!
//! Documented: a Foreach inside a Foreach goes one by one; a failed iteration fails the Foreach after all have ended.
//! Within a step, an iteration is worked through until it needs something from outside before the next one starts, so
//! that loops without outside calls go in order.

use super::{Completion, Kind, Started};
use crate::interpreter::{Machine, Reason};
use crate::program::{BlockId, Reader};
use crate::state::{FrameId, Here, Task};
use crate::{ErrorBody, Status};
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::Value;
use serde::{Deserialize, Serialize};

/// Documented default and bound of iterations at a time.
const CONCURRENCY: usize = 20;
const CONCURRENCY_MAX: i64 = 50;
/// Documented bound of items.
const ITEMS_MAX: usize = 100_000;

#[derive(Debug)]
pub(crate) struct Foreach {
    items: Template,
    /// As written, for messages.
    source: String,
    concurrency: usize,
    block: BlockId,
}

/// A Foreach under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Progress {
    #[serde(with = "crate::exact")]
    pub items: Value,
    next: u32,
    running: usize,
    failed: bool,
    timed_out: bool,
    /// Whether a turn is among the tasks already.
    queued: bool,
    concurrency: usize,
}

impl Progress {
    /// Counts anew, with so many iterations open and a turn to take.
    pub fn reopen(&mut self, running: usize) {
        self.running = running;
        (self.failed, self.timed_out, self.queued) = (false, false, true);
    }

    /// Whether there are items that no iteration has begun with.
    pub fn has_more(&self) -> bool {
        let count = self.items.as_array().map_or(0, <[Value]>::len);
        usize::try_from(self.next).is_ok_and(|next| next < count)
    }
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let path = reader.path_of("foreach");
    let source = reader.required("foreach");
    let items = source.and_then(|items| reader.template(items, &path));
    let concurrency = concurrency(reader);
    let actions_path = reader.path_of("actions");
    let actions = reader.property("actions");
    let block = reader.block(actions, &actions_path);
    let source = source?;
    let source = source.as_str().map_or_else(|| source.to_string(), str::to_owned);
    Some(Kind::Foreach(Foreach { items: items?, source, concurrency, block }))
}

fn concurrency(reader: &mut Reader<'_, '_>) -> usize {
    if reader.settings.has_option("sequential") {
        return 1;
    }
    let runtime = reader.property("runtimeConfiguration");
    let repetitions =
        runtime.and_then(|runtime| runtime.get_ignore_case("concurrency")?.get_ignore_case("repetitions"));
    match repetitions.map(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok())) {
        None => CONCURRENCY,
        Some(Some(given @ 1..=CONCURRENCY_MAX)) => usize::try_from(given).unwrap_or(CONCURRENCY),
        Some(_) => {
            let path =
                join_path(&join_path(&reader.path_of("runtimeConfiguration"), "concurrency"), "repetitions");
            let message = format!(
                "`repetitions` must be an integer from 1 to {CONCURRENCY_MAX}; {CONCURRENCY} is used"
            );
            reader.warning("InvalidConcurrency", message, path);
            CONCURRENCY
        }
    }
}

impl Foreach {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let items = match self.items.evaluate(&machine.scope(here)) {
            Ok(Value::Array(items)) if items.len() <= ITEMS_MAX => items,
            Ok(Value::Array(items)) => {
                let failure = self.too_many(machine, here, items.len());
                machine.skip_inside(here, &failure.code);
                return Err(failure);
            }
            Ok(other) => {
                let failure = self.no_array(machine, here, &other);
                machine.skip_inside(here, &failure.code);
                return Err(failure);
            }
            Err(error) => {
                let failure = machine.invalid_expression(here, &error.message);
                machine.skip_inside(here, &failure.code);
                return Err(failure);
            }
        };
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        if items.is_empty() {
            machine.skip_block(here, self.block, &Reason::NoIteration);
            let done = Completion { repetition_count: Some(0), ..Completion::succeeded("NotSpecified") };
            return Ok(Started::Done(done));
        }
        machine.open_block(here, None);
        let concurrency = if machine.inside_foreach(here) { 1 } else { self.concurrency };
        let slot = machine.state.slot_mut(here);
        if let Some(record) = slot.record.get_mut() {
            record.repetition_count = Some(count);
        }
        slot.progress = Some(Box::new(super::Progress::Foreach(Progress {
            items: Value::Array(items),
            next: 0,
            running: 0,
            failed: false,
            timed_out: false,
            queued: true,
            concurrency,
        })));
        machine.state.tasks.push(Task::Turn(here));
        Ok(Started::Waiting)
    }

    fn too_many(&self, machine: &Machine<'_>, here: Here, count: usize) -> Box<Completion> {
        let message = format!(
            "The execution of template action '{}' failed: the result of the evaluation of 'foreach' expression '{}' has '{count}' items. The result must have at most '{ITEMS_MAX}' items.",
            machine.action(here).name,
            self.source
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("ExpressionEvaluationFailed", message)))
    }

    /// Measured wording.
    fn no_array(&self, machine: &Machine<'_>, here: Here, found: &Value) -> Box<Completion> {
        let message = format!(
            "The execution of template action '{}' failed: the result of the evaluation of 'foreach' expression '{}' is of type '{}'. The result must be a valid array.",
            machine.action(here).name,
            self.source,
            found.kind()
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("ExpressionEvaluationFailed", message)))
    }
}

impl Machine<'_> {
    fn inside_foreach(&self, here: Here) -> bool {
        self.frames_around(here.frame)
            .filter_map(|id| self.state.frame(id)?.parent)
            .any(|parent| matches!(self.action(parent).kind, Kind::Foreach(_)))
    }

    fn foreach_progress(&mut self, here: Here) -> Option<&mut Progress> {
        match self.state.slot_mut(here).progress.as_deref_mut() {
            Some(super::Progress::Foreach(progress)) => Some(progress),
            _ => None,
        }
    }

    /// Takes the next turn of a loop, if there is one to take.
    pub fn turn(&mut self, here: Here) {
        let program = self.program;
        let action = self.action(here);
        match &action.kind {
            Kind::Foreach(foreach) => self.foreach_turn(here, foreach.block),
            Kind::Until(until) => until.turn(self, here),
            _ => debug_assert!(program.actions.is_empty(), "only loops take turns"),
        }
    }

    fn foreach_turn(&mut self, here: Here, block: BlockId) {
        let Some(progress) = self.foreach_progress(here) else { return };
        progress.queued = false;
        let count = progress.items.as_array().map_or(0, <[Value]>::len);
        let next = progress.next;
        if usize::try_from(next).is_ok_and(|next| next >= count) {
            if progress.running == 0 {
                let status = match (progress.failed, progress.timed_out) {
                    (true, _) => Status::Failed,
                    (false, true) => Status::TimedOut,
                    (false, false) => Status::Succeeded,
                };
                self.complete(here, Completion::of_block(status));
                self.forget_frames(here);
            }
            return;
        }
        if progress.running >= progress.concurrency {
            return;
        }
        progress.next += 1;
        progress.running += 1;
        progress.queued = true;
        self.state.tasks.push(Task::Turn(here));
        self.enter_iteration(here, block, next);
    }

    /// An iteration has ended.
    pub fn foreach_iteration_done(&mut self, here: Here, frame: FrameId, status: Status) {
        let keep = self.state.frame(frame).is_some_and(|frame| self.program.block(frame.block).keep);
        // an iteration that did not succeed may be opened again
        if !keep && status == Status::Succeeded {
            self.state.slot_mut(here).frames.retain(|id| *id != frame);
            self.state.remove_frame(frame);
        }
        let Some(progress) = self.foreach_progress(here) else { return };
        progress.running = progress.running.saturating_sub(1);
        match status {
            Status::Succeeded => {}
            Status::TimedOut => progress.timed_out = true,
            _ => progress.failed = true,
        }
        if !std::mem::replace(&mut progress.queued, true) {
            self.state.tasks.push(Task::Turn(here));
        }
    }
}
