//! If: one of two branches. The untaken one is skipped with everything in it. If fails when its branch does.
//!
//! ```json
//! { "type": "If", "expression": { "equals": ["@variables('n')", 1] }, "actions": { … }, "else": { "actions": { … } } }
//! ```
//!
//! History shows `{"expressionResult": true}` as its inputs.

use super::condition::{self, Condition};
use super::{Completion, Kind, Started};
use crate::Status;
use crate::interpreter::{Machine, Reason};
use crate::program::{BlockId, Reader};
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_value::{Text, Value};

#[derive(Debug)]
pub(crate) struct If {
    condition: Condition,
    then: BlockId,
    otherwise: BlockId,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let path = reader.path_of("expression");
    let condition = reader
        .required("expression")
        .and_then(|expression| condition::read(reader, expression, &path, false));
    let (then_path, else_path) = (reader.path_of("actions"), join_path(&reader.path_of("else"), "actions"));
    let then = reader.property("actions");
    let then = reader.block(then, &then_path);
    let otherwise = reader.property("else").and_then(|branch| branch.get_ignore_case("actions"));
    let otherwise = reader.block(otherwise, &else_path);
    Some(Kind::If(If { condition: condition?, then, otherwise }))
}

impl If {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let detail = match self.condition.evaluate(&machine.scope(here)) {
            Ok(Value::Bool(taken)) => return Ok(self.enter(machine, here, taken)),
            Ok(other) => format!(
                "The result of the evaluation of 'if' action expression is of type '{}'. The result must be a value of type 'Boolean'.",
                other.kind()
            ),
            Err(error) => error.message,
        };
        let failure = machine.invalid_expression(here, &detail);
        machine.skip_inside(here, &failure.code);
        Err(failure)
    }

    fn enter(&self, machine: &mut Machine<'_>, here: Here, taken: bool) -> Started {
        machine.open_block(here, Some(Value::object([("expressionResult", Value::Bool(taken))])));
        let (entered, passed) = if taken { (self.then, self.otherwise) } else { (self.otherwise, self.then) };
        machine.skip_block(here, passed, &Reason::Branch);
        machine.enter_block(here, entered);
        Started::Waiting
    }
}

impl Machine<'_> {
    /// Skips everything inside an action that failed before it came to that.
    pub fn skip_inside(&mut self, here: Here, code: &Text) {
        let action = self.action(here);
        let reason =
            Reason::Dependency { around: action.name.clone(), status: Status::Failed, code: code.clone() };
        for block in &action.blocks {
            self.skip_block(here, *block, &reason);
        }
    }
}
