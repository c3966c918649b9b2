//! Join: the items of an array as one text, with something between them. Objects and arrays appear as JSON.
//!
//! ```json
//! { "type": "Join", "inputs": { "from": "@variables('hosts')", "joinWith": ", " } }
//! ```

use super::query::{evaluate_from, read_from};
use super::{Completion, Kind};
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Object, Value};

#[derive(Debug)]
pub(crate) struct Join {
    from: Template,
    with: Template,
    /// `join()` over the inputs.
    apply: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let from = read_from(reader);
    let path = join_path(&reader.path_of("inputs"), "joinWith");
    let empty = Value::text("");
    let with = reader.template(inputs.get_ignore_case("joinWith").unwrap_or(&empty), &path)?;
    let apply = Template::compile_expression("join(item()['from'],item()['joinWith'])").ok()?;
    Some(Kind::Join(Join { from: from?, with, apply }))
}

impl Join {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let items = evaluate_from(machine, here, &self.from, "join")?;
        let with = match machine.evaluate(here, &self.with)? {
            Value::Null => Value::text(""),
            with => with,
        };
        let mut inputs = Object::with_capacity(2);
        inputs.insert("from", Value::Array(items));
        inputs.insert("joinWith", with);
        let inputs = Value::from(inputs);
        let mut scope = machine.scope(here);
        scope.item = Some(&inputs);
        let body = self.apply.evaluate(&scope).map_err(|error| machine.inputs_failure(here, &error))?;
        Ok(Completion::succeeded("NotSpecified").inputs(inputs).body(body))
    }
}
