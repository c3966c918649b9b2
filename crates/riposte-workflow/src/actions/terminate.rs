//! Terminate: ends the run at once, with a status and, if that is `Failed`, an error.
//!
//! ```json
//! { "type": "Terminate", "inputs": { "runStatus": "Failed", "runError": { "code": "E1", "message": "no host" } } }
//! ```

use super::{Completion, Ending, Kind, Started};
use crate::interpreter::Machine;
use crate::program::Reader;
use crate::state::Here;
use crate::{ErrorBody, Status};
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct Terminate {
    inputs: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    reader.required_input(inputs, "runStatus")?;
    let path = reader.path_of("inputs");
    let whole = reader.inputs()?;
    Some(Kind::Terminate(Terminate { inputs: reader.template(whole, &path)? }))
}

impl Terminate {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let inputs = machine.evaluate(here, &self.inputs)?;
        let given = inputs.get_ignore_case("runStatus").cloned().unwrap_or_default();
        let status = given.as_str().and_then(Status::parse);
        let Some(status @ (Status::Succeeded | Status::Failed | Status::Cancelled)) = status else {
            let detail =
                format!("The value '{given}' of 'runStatus' is not one of 'Succeeded, Failed, Cancelled'.");
            return Err(machine.invalid_inputs(here, &detail));
        };
        let error = inputs.get_ignore_case("runError").map(|error| {
            let text = |name: &str| match error.get_ignore_case(name) {
                None | Some(Value::Null) => String::new(),
                Some(Value::String(text)) => text.to_string(),
                Some(other) => other.to_string(),
            };
            ErrorBody::new(text("code"), text("message"))
        });
        Ok(Started::Ended(Completion::succeeded("OK").inputs(inputs), Ending { status, error }))
    }
}
