//! Compose: makes a value. Inputs and outputs are that value.
//!
//! ```json
//! { "type": "Compose", "inputs": { "host": "@triggerBody()?['host']" } }
//! ```

use super::{Completion, Kind};
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_expression::Template;

#[derive(Debug)]
pub(crate) struct Compose {
    value: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    // null is a value like any other here
    let null = riposte_value::Value::Null;
    let path = reader.path_of("inputs");
    let inputs = reader.definition.get_ignore_case("inputs").unwrap_or(&null);
    Some(Kind::Compose(Compose { value: reader.template(inputs, &path)? }))
}

impl Compose {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let value = machine.evaluate(here, &self.value)?;
        Ok(Completion::succeeded("OK").inputs(value.clone()).outputs(value))
    }
}
