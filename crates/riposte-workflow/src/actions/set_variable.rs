//! `SetVariable`: gives a variable another value of its type.
//!
//! ```json
//! { "type": "SetVariable", "inputs": { "name": "severity", "value": "@body('Parse')?['severity']" } }
//! ```
//!
//! Measured: the value must not mention the variable itself; the service refuses to save that.

use super::variable::Target;
use super::{Completion, Kind};
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::{NameKind, Template};
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct SetVariable {
    target: Target,
    value: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let target = Target::read(reader, inputs);
    let path = join_path(&reader.path_of("inputs"), "value");
    let null = Value::Null;
    let value = reader.template(inputs.get_ignore_case("value").unwrap_or(&null), &path)?;
    let target = target?;
    let own =
        value.references().names_of(NameKind::Variable).any(|name| name.eq_ignore_ascii_case(&target.name));
    if own {
        let message = format!("variable `{}` cannot be set to a value made from itself", target.name);
        reader.error("SelfReference", message, path);
    }
    Some(Kind::SetVariable(SetVariable { target, value }))
}

impl SetVariable {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let value = machine.evaluate(here, &self.value)?;
        let value = self
            .target
            .type_in(machine)
            .accept(value)
            .map_err(|found| self.target.wrong_type(machine, "InvalidVariableOperation", found))?;
        *self.target.value(machine) = value.clone();
        let shown = Value::object([("name", Value::from(&self.target.name)), ("value", value)]);
        Ok(Completion::succeeded("NotSpecified").inputs(shown.clone()).body(shown))
    }
}
