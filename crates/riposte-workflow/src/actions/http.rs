//! Http: a request to a service.
//!
//! ```json
//! { "type": "Http", "inputs": { "method": "GET", "uri": "https://example.com/@{triggerBody()?['ip']}",
//!   "authentication": { "type": "Basic", "username": "u", "password": "@parameters('p')" },
//!   "retryPolicy": { "type": "none" } } }
//! ```

use super::sanitize::sanitized;
use super::{Completion, Kind, Started};
use crate::CommandKind;
use crate::interpreter::{Machine, Request, RetryPolicy};
use crate::program::Reader;
use crate::state::Here;
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct Http {
    inputs: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let object = reader.inputs_object()?;
    let uri = reader.required_input(object, "uri");
    let method = reader.required_input(object, "method");
    let inputs = reader.inputs()?;
    let path = reader.path_of("inputs");
    let inputs = reader.template(inputs, &path);
    (uri.is_some() && method.is_some()).then_some(Kind::Http(Http { inputs: inputs? }))
}

impl Http {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let mut inputs = machine.evaluate(here, &self.inputs)?;
        check_request(machine, here, &inputs)?;
        let shown = sanitized(&inputs);
        let policy = take_policy(&mut inputs);
        machine.call(here, Request { kind: CommandKind::Http { inputs }, shown, policy, farewell: None })?;
        Ok(Started::Waiting)
    }
}

/// An evaluated request names a method and an address.
pub(super) fn check_request(
    machine: &Machine<'_>,
    here: Here,
    request: &Value,
) -> Result<(), Box<Completion>> {
    for name in ["method", "uri"] {
        let given = request.get_ignore_case(name).cloned().unwrap_or_default();
        if given.as_str().is_none_or(|text| text.trim().is_empty()) {
            let detail = format!(
                "The value '{given}' of '{name}' is not valid. It must be a string that is not empty."
            );
            return Err(machine.invalid_inputs(here, &detail));
        }
    }
    Ok(())
}

/// Takes the retry policy out of evaluated inputs: it is for the run, not for the service.
pub(super) fn take_policy(inputs: &mut Value) -> RetryPolicy {
    let name = inputs.as_object().and_then(|object| object.get_key_value_ignore_case("retryPolicy"));
    let Some(name) = name.map(|(name, _)| name.clone()) else { return RetryPolicy::DEFAULT };
    let policy = inputs.as_object_mut().and_then(|object| object.remove(&name));
    RetryPolicy::read(policy.as_ref())
}
