//! Response: answers the caller of a Request trigger. Where nobody waits any more it is skipped; a second answer
//! fails.
//!
//! ```json
//! { "type": "Response", "kind": "Http", "inputs": { "statusCode": 200, "body": "@body('Result')" } }
//! ```
//!
//! `operationOptions: Asynchronous` changes what the caller is told and when, not what the action does: see
//! [`Program::responds_later`](crate::Program::responds_later).

use super::{Completion, Kind, Started};
use crate::interpreter::{Machine, Reason};
use crate::program::Reader;
use crate::state::Here;
use crate::{ErrorBody, ResponseToCaller};
use riposte_expression::Template;
use riposte_value::{Object, Value};

#[derive(Debug)]
pub(crate) struct Response {
    inputs: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    reader.inputs_object()?;
    let inputs = reader.inputs()?;
    let path = reader.path_of("inputs");
    Some(Kind::Response(Response { inputs: reader.template(inputs, &path)? }))
}

impl Response {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let deadline = machine.start_of_run().and_then(|start| start.caller_waits_until);
        if deadline.is_none_or(|deadline| deadline < machine.at) {
            return Ok(Started::Skipped(Reason::NobodyWaits));
        }
        let mut inputs = machine.evaluate(here, &self.inputs)?;
        if let Some(object) = inputs.as_object_mut() {
            // for the designer only
            object.remove_ignore_case("schema");
        }
        if machine.state.responded {
            let message = format!(
                "The execution of template action '{}' failed: a response was already given for this run.",
                machine.action(here).name
            );
            let error = ErrorBody::new("ActionResponseAlreadyDefined", message);
            return Err(Box::new(Completion::failed("ActionResponseAlreadyDefined", error).inputs(inputs)));
        }
        let status_code = status_code(inputs.get_ignore_case("statusCode"))
            .map_err(|detail| machine.invalid_inputs(here, &detail))?;
        let headers = inputs.get_ignore_case("headers").and_then(Value::as_object).cloned();
        let body = inputs.get_ignore_case("body").filter(|body| !body.is_null()).cloned();
        machine.response = Some(ResponseToCaller { status_code, headers: headers.unwrap_or_default(), body });
        machine.state.responded = true;
        let outputs = outputs(&inputs, status_code);
        Ok(Started::Done(Completion::succeeded("OK").inputs(inputs).outputs(outputs)))
    }
}

/// An integer or its text; 200 where none is given.
fn status_code(given: Option<&Value>) -> Result<u16, String> {
    let Some(given) = given.filter(|given| !given.is_null()) else { return Ok(200) };
    given
        .as_i64()
        .or_else(|| given.as_str()?.trim().parse().ok())
        .and_then(|code| u16::try_from(code).ok())
        .filter(|code| (200..600).contains(code))
        .ok_or_else(|| format!("The value '{given}' of 'statusCode' is not a valid HTTP status code."))
}

fn outputs(inputs: &Value, status_code: u16) -> Value {
    let mut outputs = Object::with_capacity(3);
    outputs.insert("statusCode", status_code);
    for name in ["headers", "body"] {
        if let Some(value) = inputs.get_ignore_case(name) {
            outputs.insert(name, value.clone());
        }
    }
    Value::from(outputs)
}
