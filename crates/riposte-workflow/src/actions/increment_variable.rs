//! `IncrementVariable` and `DecrementVariable`: add to, or take from, a number.
//!
//! ```json
//! { "type": "IncrementVariable", "inputs": { "name": "count", "value": 1 } }
//! ```

use super::variable::{Target, VariableType};
use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct IncrementVariable {
    target: Target,
    by: Option<Template>,
    sign: i64,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let target = Target::read(reader, inputs);
    let path = join_path(&reader.path_of("inputs"), "value");
    let by = inputs.get_ignore_case("value").filter(|value| !value.is_null());
    let by = reader.optional_template(by, &path);
    let sign = if reader.type_name.starts_with("Inc") { 1 } else { -1 };
    Some(Kind::IncrementVariable(IncrementVariable { target: target?, by, sign }))
}

impl IncrementVariable {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let by = match &self.by {
            Some(template) => machine.evaluate(here, template)?,
            None => Value::Int(1),
        };
        let kind = self.target.type_in(machine);
        let sign = self.sign;
        let value = self.target.value(machine);
        let sum = match (kind, &*value, &by) {
            (VariableType::Integer, Value::Int(there), Value::Int(by)) => {
                by.checked_mul(sign).and_then(|by| there.checked_add(by)).map(Value::Int)
            }
            (VariableType::Integer, Value::Null, Value::Int(by)) => by.checked_mul(sign).map(Value::Int),
            #[expect(clippy::cast_precision_loss, reason = "the sign is 1 or -1")]
            (VariableType::Float, there, by @ (Value::Int(_) | Value::Float(_) | Value::Decimal(_))) => {
                by.as_f64().map(|by| Value::Float(there.as_f64().unwrap_or(0.0) + by * sign as f64))
            }
            _ => return Err(self.refused(machine, &by)),
        };
        let Some(sum) = sum else { return Err(self.overflow()) };
        *value = sum.clone();
        let shown = |value| Value::object([("name", Value::from(&self.target.name)), ("value", value)]);
        Ok(Completion::succeeded("NotSpecified").inputs(shown(by)).body(shown(sum)))
    }

    fn refused(&self, machine: &Machine<'_>, by: &Value) -> Box<Completion> {
        let kind = self.target.type_in(machine);
        if matches!(kind, VariableType::Integer | VariableType::Float) {
            return self.target.wrong_type(machine, "InvalidVariableOperation", by.kind());
        }
        let message = format!(
            "The variable '{}' of type '{}' cannot be incremented or decremented. Only variables of types 'Integer, Float' can.",
            self.target.name,
            kind.as_str()
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidVariableOperation", message)))
    }

    fn overflow(&self) -> Box<Completion> {
        let message =
            format!("The value of the variable '{}' exceeds the range of an integer.", self.target.name);
        Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidVariableOperation", message)))
    }
}
