//! `AppendToArrayVariable` and `AppendToStringVariable`.
//!
//! ```json
//! { "type": "AppendToArrayVariable", "inputs": { "name": "hosts", "value": "@items('Each')?['HostName']" } }
//! ```
//!
//! Measured: an array or null cannot be appended to an array; null appended to text appends nothing. History shows
//! what was appended, not what came of it, so that a long loop does not write the whole array again and again.

use super::variable::{Target, VariableType};
use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Text, Value};

/// Documented bound of a variable's size, in characters.
const TEXT_MAX: usize = 104_857_600;
/// Documented bound of the items of an array variable.
const ITEMS_MAX: usize = 100_000;

#[derive(Debug)]
pub(crate) struct AppendToVariable {
    target: Target,
    value: Template,
    wanted: VariableType,
    type_name: &'static str,
    parts: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let target = Target::read(reader, inputs);
    let path = join_path(&reader.path_of("inputs"), "value");
    let value = reader.required_input(inputs, "value")?;
    let value = reader.template(value, &path)?;
    let type_name = reader.type_name;
    let wanted =
        if type_name == "AppendToArrayVariable" { VariableType::Array } else { VariableType::String };
    // the text of a value is what string() says it is
    let parts = Template::compile_expression("concat(item())").ok()?;
    Some(Kind::AppendToVariable(AppendToVariable { target: target?, value, wanted, type_name, parts }))
}

impl AppendToVariable {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let value = machine.evaluate(here, &self.value)?;
        let kind = self.target.type_in(machine);
        if kind != self.wanted {
            return Err(self.refused(&value, kind));
        }
        match kind {
            VariableType::Array => self.append_item(machine, &value)?,
            _ => self.append_text(machine, here, &value)?,
        }
        let shown = Value::object([("name", Value::from(&self.target.name)), ("value", value)]);
        Ok(Completion::succeeded("NotSpecified").inputs(shown.clone()).body(shown))
    }

    fn append_item(&self, machine: &mut Machine<'_>, value: &Value) -> Result<(), Box<Completion>> {
        if matches!(value, Value::Array(_) | Value::Null) {
            return Err(self.refused(value, VariableType::Array));
        }
        let variable = self.target.value(machine);
        match variable.as_array_mut() {
            Some(items) if items.len() >= ITEMS_MAX => {
                return Err(self.too_large(&format!("'{ITEMS_MAX}' items")));
            }
            Some(items) => items.push(value.clone()),
            None => *variable = Value::array([value.clone()]),
        }
        Ok(())
    }

    fn append_text(
        &self,
        machine: &mut Machine<'_>,
        here: Here,
        value: &Value,
    ) -> Result<(), Box<Completion>> {
        if value.is_null() {
            return Ok(());
        }
        let mut scope = machine.scope(here);
        scope.item = Some(value);
        let added = self.parts.evaluate(&scope).map_err(|error| machine.inputs_failure(here, &error))?;
        let added = added.as_str().unwrap_or_default();
        let variable = self.target.value(machine);
        let there = variable.as_str().unwrap_or_default();
        if there.len() + added.len() > TEXT_MAX {
            return Err(self.too_large(&format!("'{TEXT_MAX}' characters")));
        }
        let mut text = String::with_capacity(there.len() + added.len());
        text.push_str(there);
        text.push_str(added);
        *variable = Value::String(Text::from(text));
        Ok(())
    }

    fn too_large(&self, limit: &str) -> Box<Completion> {
        let message =
            format!("The value of the variable '{}' exceeds the limit of {limit}.", self.target.name);
        Box::new(Completion::failed("BadRequest", ErrorBody::new("VariableSizeLimitExceeded", message)))
    }

    /// Measured wording.
    fn refused(&self, value: &Value, kind: VariableType) -> Box<Completion> {
        let supported = match self.wanted {
            VariableType::Array => "Float, Integer, String, Boolean, Object",
            _ => "String",
        };
        let message = format!(
            "The input value is of type '{}' which cannot be appended to the variable '{}' of type '{}'. The action type '{}' only supports values of types '{supported}'.",
            value.kind(),
            self.target.name,
            kind.as_str(),
            self.type_name
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidVariableOperation", message)))
    }
}
