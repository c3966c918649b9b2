//! Query: the items of an array for which a condition holds.
//!
//! ```json
//! { "type": "Query", "inputs": { "from": "@body('Hosts')", "where": "@equals(item()?['os'], 'Windows')" } }
//! ```
//!
//! History shows the array as inputs.

use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::Value;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct Query {
    from: Template,
    condition: Template,
    /// As written, for messages.
    source: String,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let from = read_from(reader);
    let condition = reader.required_input(inputs, "where")?;
    let path = join_path(&reader.path_of("inputs"), "where");
    let source = condition.as_str().map_or_else(|| condition.to_string(), str::to_owned);
    let condition = reader.item_template(condition, &path)?;
    Some(Kind::Query(Query { from: from?, condition, source }))
}

/// Reads the array that an action goes over.
pub(super) fn read_from(reader: &mut Reader<'_, '_>) -> Option<Template> {
    let inputs = reader.inputs_object()?;
    let from = reader.required_input(inputs, "from")?;
    let path = join_path(&reader.path_of("inputs"), "from");
    reader.template(from, &path)
}

/// The array that an action goes over. Measured wording where it is none.
pub(super) fn evaluate_from(
    machine: &Machine<'_>,
    here: Here,
    from: &Template,
    action_type: &str,
) -> Result<Arc<Vec<Value>>, Box<Completion>> {
    match machine.evaluate(here, from)? {
        Value::Array(items) => Ok(items),
        other => {
            let wanted = if action_type == "table" { "of type 'Array'" } else { "an array" };
            let message = format!(
                "The 'from' property value in the '{action_type}' action inputs is of type '{}'. The value must be {wanted}.",
                other.kind()
            );
            Err(Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidTemplate", message))))
        }
    }
}

impl Query {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let items = evaluate_from(machine, here, &self.from, "query")?;
        let mut found = Vec::new();
        for item in items.iter() {
            let mut scope = machine.scope(here);
            scope.item = Some(item);
            match self.condition.evaluate(&scope) {
                Ok(Value::Bool(true)) => found.push(item.clone()),
                Ok(Value::Bool(false)) => {}
                Ok(other) => {
                    let detail = format!(
                        "The result is of type '{}'. The result must be of type 'Boolean'.",
                        other.kind()
                    );
                    return Err(self.failed(machine, here, &detail));
                }
                Err(error) => return Err(self.failed(machine, here, &error.message)),
            }
        }
        Ok(Completion::succeeded("NotSpecified").inputs(Value::Array(items)).body(Value::from(found)))
    }

    /// Measured wording.
    fn failed(&self, machine: &Machine<'_>, here: Here, detail: &str) -> Box<Completion> {
        let message = format!(
            "The execution of template action '{}' failed: The evaluation of 'query' action 'where' expression '{}' failed: '{detail}'.",
            machine.action(here).name,
            self.source
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidTemplate", message)))
    }
}
