//! `ApiConnection`: an operation of a connector. `ApiConnectionWebhook`: one that hands out a callback address and is done
//! when that is called.
//!
//! ```json
//! { "type": "ApiConnection", "inputs": {
//!     "host": { "connection": { "name": "@parameters('$connections')['azuresentinel']['connectionId']" } },
//!     "method": "post", "path": "/Incidents/Comment",
//!     "body": { "incidentArmId": "@triggerBody()?['object']?['id']", "message": "seen" } } }
//! ```

use super::http::take_policy;
use super::sanitize::sanitized;
use super::{Completion, Kind, Started};
use crate::CommandKind;
use crate::interpreter::{Machine, Request};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Text, Value};

#[derive(Debug)]
pub(crate) struct ApiConnection {
    inputs: Template,
    webhook: bool,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let object = reader.inputs_object()?;
    let webhook = reader.type_name == "ApiConnectionWebhook";
    let host = reader.required_input(object, "host");
    if let Some(host) = host {
        let connection = host.get_ignore_case("connection");
        let named = connection.is_some_and(|connection| {
            connection
                .get_ignore_case("name")
                .or_else(|| connection.get_ignore_case("referenceName"))
                .is_some()
        });
        if !named {
            let path = join_path(&reader.path_of("inputs"), "host");
            let message = "`host.connection.name` is missing: it says which connection to use";
            reader.error("MissingProperty", message, path);
        }
    }
    let path_given = reader.required_input(object, "path");
    let method = if webhook { Some(&Value::Null) } else { reader.required_input(object, "method") };
    let inputs = reader.inputs()?;
    let path = reader.path_of("inputs");
    let inputs = reader.template(inputs, &path);
    let whole = host.is_some() && path_given.is_some() && method.is_some();
    whole.then_some(Kind::ApiConnection(ApiConnection { inputs: inputs?, webhook }))
}

impl ApiConnection {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let mut inputs = if self.webhook {
            machine.evaluate_with_callback(here, &self.inputs)?
        } else {
            machine.evaluate(here, &self.inputs)?
        };
        let Some(connection) = connection(&inputs) else {
            return Err(machine.invalid_inputs(
                here,
                "The property 'host.connection.name' must be a string that is not empty.",
            ));
        };
        if inputs.get_ignore_case("path").and_then(Value::as_str).is_none() {
            return Err(machine.invalid_inputs(here, "The property 'path' must be a string."));
        }
        let shown = sanitized(&inputs);
        let policy = take_policy(&mut inputs);
        let kind = if self.webhook {
            CommandKind::ApiConnectionWebhook { connection, inputs }
        } else {
            CommandKind::ApiConnection { connection, inputs }
        };
        machine.call(here, Request { kind, shown, policy, farewell: None })?;
        Ok(Started::Waiting)
    }
}

fn connection(inputs: &Value) -> Option<Text> {
    let connection = inputs.get_ignore_case("host")?.get_ignore_case("connection")?;
    let name = connection.get_ignore_case("name").or_else(|| connection.get_ignore_case("referenceName"))?;
    name.as_str().filter(|name| !name.is_empty()).map(Text::new)
}
