//! Switch: the case whose value equals that of the expression, else the default. Cases are text or integers; text is
//! compared with its case.
//!
//! ```json
//! { "type": "Switch", "expression": "@triggerBody()?['kind']",
//!   "cases": { "Host": { "case": "host", "actions": { … } } }, "default": { "actions": { … } } }
//! ```

use super::{Completion, Kind, Started};
use crate::interpreter::{Machine, Reason};
use crate::program::{BlockId, Reader};
use crate::state::{Here, Kept};
use crate::{ErrorBody, Status};
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Kind as ValueKind, Text, Value};

/// The code of what stands in the branches of a Switch that could not choose between them.
pub(crate) const NOT_ENTERED: Text = Text::new_static("InternalServerError");

#[derive(Debug)]
pub(crate) struct Switch {
    expression: Template,
    /// As written, for messages.
    source: String,
    cases: Vec<(Value, BlockId)>,
    default: BlockId,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let path = reader.path_of("expression");
    let source = reader.required("expression");
    let expression = source.and_then(|expression| reader.template(expression, &path));
    let cases_path = reader.path_of("cases");
    let mut cases: Vec<(Value, BlockId)> = Vec::new();
    let declared = reader.property("cases").and_then(Value::as_object);
    for (name, case) in declared.into_iter().flatten() {
        let path = join_path(&cases_path, name);
        let block = reader.block(case.get_ignore_case("actions"), &join_path(&path, "actions"));
        if let Some(value) = case_value(reader, case, &path) {
            if cases.iter().any(|(there, _)| *there == value) {
                reader.error(
                    "DuplicateCase",
                    format!("case `{value}` stands twice"),
                    join_path(&path, "case"),
                );
            }
            cases.push((value, block));
        }
    }
    let default_path = join_path(&reader.path_of("default"), "actions");
    let default = reader.property("default").and_then(|branch| branch.get_ignore_case("actions"));
    let default = reader.block(default, &default_path);
    let source = source?;
    let source = source.as_str().map_or_else(|| source.to_string(), str::to_owned);
    Some(Kind::Switch(Switch { expression: expression?, source, cases, default }))
}

fn case_value(reader: &mut Reader<'_, '_>, case: &Value, path: &str) -> Option<Value> {
    match case.get_ignore_case("case") {
        Some(value @ (Value::String(_) | Value::Int(_))) => Some(value.clone()),
        Some(other) => {
            let message = format!("`case` must be text or an integer, and is of type `{}`", other.kind());
            reader.error("InvalidCase", message, join_path(path, "case"));
            None
        }
        None => {
            reader.error("MissingProperty", "`case` is missing: every case of a Switch needs it", path);
            None
        }
    }
}

impl Switch {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let value = match self.expression.evaluate(&machine.scope(here)) {
            Ok(value) => value,
            Err(error) => {
                let failure = machine.invalid_expression(here, &error.message);
                machine.skip_inside(here, &failure.code);
                return Err(failure);
            }
        };
        if !matches!(value, Value::String(_) | Value::Int(_)) {
            let failure = self.wrong_type(machine, here, value.kind());
            machine.skip_inside(here, &failure.code);
            return Err(failure);
        }
        if let Some((case, _)) = self.cases.iter().find(|(case, _)| case.kind() != value.kind()) {
            return Err(self.mixed_types(machine, here, value.kind(), case.kind()));
        }
        let taken =
            self.cases.iter().find(|(case, _)| *case == value).map_or(self.default, |(_, block)| *block);
        machine.open_block(here, Some(Value::object([("expressionResult", value)])));
        for block in self.cases.iter().map(|(_, block)| *block).chain([self.default]) {
            if block != taken {
                machine.skip_block(here, block, &Reason::Branch);
            }
        }
        machine.enter_block(here, taken);
        Ok(Started::Waiting)
    }

    /// Measured wording.
    fn wrong_type(&self, machine: &Machine<'_>, here: Here, found: ValueKind) -> Box<Completion> {
        let message = format!(
            "The execution of template action '{}' failed: The result of the evaluation of 'scope' action expression '{}' is not valid. It is of type '{found}' but is expected to be a value of type 'String, Integer'.",
            machine.action(here).name,
            self.source
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("ExpressionEvaluationFailed", message)))
    }

    /// Measured: where a case is of another type than the value, the Switch fails and so does every action that stands
    /// first in a branch.
    fn mixed_types(
        &self,
        machine: &mut Machine<'_>,
        here: Here,
        value: ValueKind,
        case: ValueKind,
    ) -> Box<Completion> {
        let detail = format!(
            "'strongEquals' expects parameters of same type, but found '{value},{case}' distinct types."
        );
        for block in self.cases.iter().map(|(_, block)| *block).chain([self.default]) {
            machine.fail_block(here, block, &detail);
        }
        Box::new(Completion::failed(
            "ActionFailed",
            ErrorBody::new("ActionFailed", "An action failed. No dependent actions succeeded."),
        ))
    }
}

impl Machine<'_> {
    /// Fails the actions of a block that is not entered.
    fn fail_block(&mut self, parent: Here, block: BlockId, detail: &str) {
        let program = self.program;
        let repetition =
            self.state.frame(parent.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        let keep = program.block(block).keep;
        let frame = keep.then(|| {
            let slots = vec![
                crate::state::Slot {
                    status: Some(Status::Failed),
                    code: Some(NOT_ENTERED),
                    ..Default::default()
                };
                program.block(block).actions.len()
            ];
            let repetition = repetition.clone();
            self.frame(
                crate::interpreter::FrameSeed { block, parent: Some(parent), repetition, iteration: None },
                slots,
            )
        });
        for (slot, id) in program.block(block).actions.iter().enumerate() {
            let action = program.action(*id);
            let mut record = self.record_of(action, repetition.clone(), Status::Failed);
            let message = format!(
                "The execution of template action '{}' failed: an unexpected exception encountered when evaluating branching condition. {detail}",
                action.name
            );
            record.code = Some(NOT_ENTERED);
            record.error = Some(ErrorBody::new(NOT_ENTERED, message));
            record.end_time = Some(self.at);
            let here = frame.map(|frame| Here { frame, slot });
            if let Some(here) = here.filter(|_| action.keep) {
                self.state.slot_mut(here).record = Kept::record(record.clone());
            }
            self.records.push(record);
            let reason =
                Reason::Dependency { around: action.name.clone(), status: Status::Failed, code: NOT_ENTERED };
            for inner in &action.blocks {
                self.skip_block_at(here, *inner, &reason, &repetition);
            }
        }
    }
}
