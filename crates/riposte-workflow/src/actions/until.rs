//! Until: its actions again and again, until a condition holds or a limit is reached.
//!
//! ```json
//! { "type": "Until", "expression": "@equals(variables('done'), true)", "actions": { … },
//!   "limit": { "count": 60, "timeout": "PT1H" } }
//! ```
//!
//! The condition is evaluated after each turn, where it sees the actions of that turn. Measured: a failed turn does not
//! end the loop, and the last turn's status is the loop's; a limit that is reached is no failure, unless
//! `operationOptions` say `FailWhenLimitsReached`. Limits are looked at between turns only.

use super::condition::{self, Condition};
use super::{Completion, Kind, Started};
use crate::interpreter::Machine;
use crate::program::{BlockId, Reader};
use crate::state::{Here, Task};
use crate::{ErrorBody, Status, duration};
use jiff::{SignedDuration, Timestamp};
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::Value;
use serde::{Deserialize, Serialize};

/// Documented default and bound of turns, and the default of the time for all of them.
const COUNT: u32 = 60;
const COUNT_MAX: u32 = 5_000;
const TIMEOUT: SignedDuration = SignedDuration::from_hours(1);

#[derive(Debug)]
pub(crate) struct Until {
    condition: Condition,
    count: Option<Template>,
    fail_at_limit: bool,
    block: BlockId,
}

/// An Until under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Progress {
    started: Timestamp,
    /// How many turns it has taken or begun.
    turns: u32,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let actions_path = reader.path_of("actions");
    let actions = reader.property("actions");
    let block = reader.block(actions, &actions_path);
    let path = reader.path_of("expression");
    let condition =
        reader.required("expression").and_then(|expression| condition::read(reader, expression, &path, true));
    let limit = join_path(&reader.path_of("limit"), "count");
    let count =
        reader.property("limit").and_then(|limit| limit.get_ignore_case("count")).filter(|c| !c.is_null());
    let count = reader.optional_template(count, &limit);
    let fail_at_limit = reader.settings.has_option("failwhenlimitsreached");
    Some(Kind::Until(Until { condition: condition?, count, fail_at_limit, block }))
}

impl Until {
    pub fn start(machine: &mut Machine<'_>, here: Here) -> Started {
        machine.open_block(here, None);
        let progress = Progress { started: machine.at, turns: 0 };
        machine.state.slot_mut(here).progress = Some(Box::new(super::Progress::Until(progress)));
        machine.state.tasks.push(Task::Turn(here));
        Started::Waiting
    }

    /// Takes a turn, unless the last one was the last.
    pub fn turn(&self, machine: &mut Machine<'_>, here: Here) {
        let Some(super::Progress::Until(progress)) = machine.state.slot(here).progress.as_deref() else {
            return;
        };
        let (started, turns) = (progress.started, progress.turns);
        if turns > 0
            && let Some(end) = self.ended(machine, here, started, turns)
        {
            let end = Completion { iteration_count: Some(u64::from(turns)), ..end };
            machine.complete(here, end);
            machine.forget_frames(here);
            return;
        }
        for frame in std::mem::take(&mut machine.state.slot_mut(here).frames) {
            machine.state.remove_frame(frame);
        }
        if let Some(super::Progress::Until(progress)) = machine.state.slot_mut(here).progress.as_deref_mut() {
            progress.turns += 1;
        }
        machine.enter_iteration(here, self.block, turns);
    }

    /// How the loop ends after so many turns, if it does.
    fn ended(&self, machine: &Machine<'_>, here: Here, started: Timestamp, turns: u32) -> Option<Completion> {
        let last = machine.state.slot(here).frames.last().copied()?;
        let status = machine.block_status(last);
        let inside = Here { frame: last, slot: 0 };
        match self.condition.evaluate(&machine.scope(inside)) {
            Ok(Value::Bool(true)) => return Some(Completion::of_block(status)),
            Ok(Value::Bool(false)) => {}
            Ok(other) => {
                let detail = format!(
                    "The result of the evaluation of 'until' action expression is of type '{}'. The result must be a value of type 'Boolean'.",
                    other.kind()
                );
                return Some(*machine.invalid_expression(here, &detail));
            }
            Err(error) => return Some(*machine.invalid_expression(here, &error.message)),
        }
        let count = match self.count(machine, here) {
            Ok(count) => count,
            Err(failure) => return Some(*failure),
        };
        let timeout = match Self::timeout(machine, here) {
            Ok(timeout) => timeout,
            Err(failure) => return Some(*failure),
        };
        if turns < count && machine.at.duration_since(started) < timeout {
            return None;
        }
        Some(if self.fail_at_limit && status == Status::Succeeded {
            limit_reached()
        } else {
            Completion::of_block(status)
        })
    }

    fn count(&self, machine: &Machine<'_>, here: Here) -> Result<u32, Box<Completion>> {
        let Some(template) = &self.count else { return Ok(COUNT) };
        let value = machine.evaluate(here, template)?;
        let count = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        match count.and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0) {
            Some(count) => Ok(count.min(COUNT_MAX)),
            None => Err(invalid_limit("count", &value)),
        }
    }

    fn timeout(machine: &Machine<'_>, here: Here) -> Result<SignedDuration, Box<Completion>> {
        let Some(template) = &machine.action(here).settings.timeout else { return Ok(TIMEOUT) };
        let value = machine.evaluate(here, template)?;
        value.as_str().and_then(duration::parse).ok_or_else(|| invalid_limit("timeout", &value))
    }
}

fn limit_reached() -> Completion {
    Completion::failed(
        "ActionUntilConditionFailed",
        ErrorBody::new(
            "ActionUntilConditionFailed",
            "The limit of the loop was reached before its condition was met.",
        ),
    )
}

fn invalid_limit(name: &str, value: &Value) -> Box<Completion> {
    Box::new(Completion::failed(
        "BadRequest",
        ErrorBody::new(
            "WorkflowRunActionUntilLimitInvalid",
            format!("The value '{value}' of 'limit.{name}' is not valid."),
        ),
    ))
}

impl Machine<'_> {
    /// A turn has ended.
    pub fn until_iteration_done(&mut self, here: Here) {
        self.state.tasks.push(Task::Turn(here));
    }
}
