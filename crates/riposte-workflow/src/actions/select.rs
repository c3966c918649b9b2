//! Select: an array made by turning each item of another into a value.
//!
//! ```json
//! { "type": "Select", "inputs": { "from": "@body('Hosts')", "select": { "name": "@item()?['HostName']" } } }
//! ```

use super::query::{evaluate_from, read_from};
use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct Select {
    from: Template,
    made: Template,
    /// As written, for messages.
    source: String,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let from = read_from(reader);
    let select = reader.required_input(inputs, "select")?;
    let source = select.as_str().map_or_else(|| select.to_string(), str::to_owned);
    let path = join_path(&reader.path_of("inputs"), "select");
    let made = reader.item_template(select, &path)?;
    Some(Kind::Select(Select { from: from?, made, source }))
}

impl Select {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let items = evaluate_from(machine, here, &self.from, "select")?;
        let mut values = Vec::with_capacity(items.len());
        for item in items.iter() {
            let mut scope = machine.scope(here);
            scope.item = Some(item);
            values.push(self.made.evaluate(&scope).map_err(|error| {
                let message = format!(
                    "The execution of template action '{}' failed: The evaluation of 'query' action 'where' expression '{}' failed: '{}'.",
                    machine.action(here).name, self.source, error.message
                );
                Box::new(Completion::failed("BadRequest", ErrorBody::new("InvalidTemplate", message)))
            })?);
        }
        Ok(Completion::succeeded("NotSpecified").inputs(Value::Array(items)).body(Value::from(values)))
    }
}
