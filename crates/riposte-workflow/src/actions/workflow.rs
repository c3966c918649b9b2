//! Calls of what runs elsewhere and is answered as an HTTP request is. Workflow: the Request trigger of another workflow,
//! whose Response is waited for; where no trigger is named, the workflow's only one is meant. `SendToBatch`: the Batch
//! trigger of another workflow. Function: an Azure function. `ApiManagement`: an API behind a management service.
//!
//! ```json
//! { "type": "Workflow", "inputs": { "host": { "triggerName": "manual", "workflow": { "id": "/subscriptions/…" } },
//!   "body": { "ip": "@items('Each')" } } }
//! { "type": "SendToBatch", "inputs": { "host": { "triggerName": "Batch", "workflow": { "id": "/subscriptions/…" } },
//!   "batchName": "alerts", "content": "@triggerBody()" } }
//! { "type": "Function", "inputs": { "function": { "id": "/subscriptions/…/functions/Enrich" }, "body": {} } }
//! { "type": "ApiManagement", "inputs": { "api": { "id": "/subscriptions/…/apis/intel" }, "method": "get",
//!   "pathTemplate": { "template": "/ip/{ip}", "parameters": { "ip": "@triggerBody()?['ip']" } } } }
//! ```

use super::http::take_policy;
use super::sanitize::sanitized;
use super::{Completion, Kind, Started};
use crate::CommandKind;
use crate::interpreter::{Machine, Request};
use crate::program::Reader;
use crate::state::Here;
use riposte_expression::Template;
use riposte_value::{Text, Value};

#[derive(Debug)]
pub(crate) struct Workflow {
    inputs: Template,
    callee: Callee,
    /// The callee's id where it is literal.
    id: Option<Text>,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callee {
    Workflow,
    Batch,
    Function,
    Api,
}

impl Callee {
    /// Where its id stands in the inputs.
    const fn path(self) -> &'static [&'static str] {
        match self {
            Self::Workflow | Self::Batch => &["host", "workflow", "id"],
            Self::Function => &["function", "id"],
            Self::Api => &["api", "id"],
        }
    }

    fn id(self, inputs: &Value) -> Option<&Value> {
        self.path().iter().try_fold(inputs, |value, name| value.get_ignore_case(name))
    }
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    reader.inputs_object()?;
    let inputs = reader.inputs()?;
    let path = reader.path_of("inputs");
    let callee = match reader.type_name {
        "Workflow" => Callee::Workflow,
        "SendToBatch" => Callee::Batch,
        "ApiManagement" => Callee::Api,
        _ => Callee::Function,
    };
    let named = callee.id(inputs).is_some();
    if !named {
        let message = format!("`{}` is missing: it says what to call", callee.path().join("."));
        reader.error("MissingProperty", message, &*path);
    }
    let id = callee.id(inputs).and_then(Value::as_str).filter(|id| !id.contains('@')).map(Text::new);
    if named && id.is_none() && matches!(callee, Callee::Workflow | Callee::Batch) {
        let message = "`host.workflow.id` must be the id itself, not an expression";
        reader.error("InvalidWorkflowReference", message, &*path);
    }
    let inputs = reader.template(inputs, &path)?;
    named.then_some(Kind::Workflow(Workflow { inputs, callee, id }))
}

impl Workflow {
    /// The id of the workflow that it calls, if it calls one.
    pub fn called_workflow(&self) -> Option<&str> {
        self.id.as_deref().filter(|_| matches!(self.callee, Callee::Workflow | Callee::Batch))
    }

    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let mut inputs = machine.evaluate(here, &self.inputs)?;
        let Some(id) =
            self.callee.id(&inputs).and_then(Value::as_str).filter(|id| !id.is_empty()).map(Text::new)
        else {
            let detail = format!(
                "The property '{}' must be a string that is not empty.",
                self.callee.path().join(".")
            );
            return Err(machine.invalid_inputs(here, &detail));
        };
        let shown = sanitized(&inputs);
        let policy = take_policy(&mut inputs);
        let trigger = inputs.get_ignore_case("host").and_then(|host| host.get_ignore_case("triggerName"));
        let trigger = trigger.and_then(Value::as_str).map(Text::new).unwrap_or_default();
        let kind = match self.callee {
            Callee::Function => CommandKind::Function { function: id, inputs },
            Callee::Api => CommandKind::ApiManagement { api: id, inputs },
            Callee::Batch => CommandKind::SendToBatch { workflow: id, trigger, inputs },
            Callee::Workflow => CommandKind::Workflow { workflow: id, trigger, inputs },
        };
        machine.call(here, Request { kind, shown, policy, farewell: None })?;
        Ok(Started::Waiting)
    }
}
