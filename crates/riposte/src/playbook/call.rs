//! An outside call of a run, as people and mocks see it: a method and an address.

use super::play::Answer;
use riposte_value::{Object, Value};
use riposte_workflow::{Command, CommandKind, Outcome};

/// What a command calls.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `Http`, `ApiConnection`, ….
    pub kind: &'static str,
    /// The method, in upper case.
    pub method: String,
    /// The address of an HTTP call; the path of a connector operation, which begins with `/`.
    pub address: String,
    /// The resource id of the connection, of a connector operation.
    pub connection: Option<String>,
    /// The evaluated inputs.
    pub inputs: Value,
}

impl Call {
    /// The call that a command asks for. A timer calls nothing: its address is empty.
    pub fn of(command: &Command) -> Self {
        let (kind, connection, inputs) = match &command.kind {
            CommandKind::Http { inputs } => ("Http", None, inputs.clone()),
            CommandKind::HttpWebhook { inputs } => ("HttpWebhook", None, inputs.clone()),
            CommandKind::ApiManagement { api, inputs } => {
                ("ApiManagement", Some(api.to_string()), inputs.clone())
            }
            CommandKind::SendToBatch { workflow, inputs, .. } => {
                ("SendToBatch", Some(workflow.to_string()), inputs.clone())
            }
            CommandKind::Script { .. } => ("JavaScriptCode", None, Value::Null),
            CommandKind::ApiConnection { connection, inputs } => {
                ("ApiConnection", Some(connection.to_string()), inputs.clone())
            }
            CommandKind::ApiConnectionWebhook { connection, inputs } => {
                ("ApiConnectionWebhook", Some(connection.to_string()), inputs.clone())
            }
            CommandKind::Workflow { workflow, inputs, .. } => {
                ("Workflow", Some(workflow.to_string()), inputs.clone())
            }
            CommandKind::Function { function, inputs } => {
                ("Function", Some(function.to_string()), inputs.clone())
            }
            CommandKind::Timer { .. } => ("Timer", None, Value::Null),
        };
        let text = |name: &str| inputs.get_ignore_case(name).and_then(Value::as_str).unwrap_or_default();
        let method =
            if text("method").is_empty() { "POST".to_owned() } else { text("method").to_uppercase() };
        let address = match kind {
            "Http" | "HttpWebhook" => text("uri").to_owned(),
            "Workflow" | "Function" | "ApiManagement" | "SendToBatch" => {
                connection.clone().unwrap_or_default()
            }
            _ => text("path").to_owned(),
        };
        Self { kind, method, address, connection, inputs }
    }

    /// Whether the action waits for its callback address to be called.
    pub fn waits_for_callback(&self) -> bool {
        matches!(self.kind, "ApiConnectionWebhook" | "HttpWebhook")
    }

    /// The call in the record of calls. Credentials are left out.
    pub fn shown(&self, command: &Command, answer: &Answer) -> Value {
        let mut shown = Object::new();
        shown.insert("action", &command.action);
        if !command.repetition.is_empty() {
            let indexes = command.repetition.iter().map(|index| Value::from(index.index));
            shown.insert("repetition", Value::array(indexes));
        }
        if command.attempt > 1 {
            shown.insert("attempt", command.attempt);
        }
        shown.insert("type", self.kind);
        shown.insert("method", self.method.as_str());
        shown.insert(if self.address.starts_with('/') { "path" } else { "url" }, self.address.as_str());
        if let Some(connection) = &self.connection {
            shown.insert("connection", connection.as_str());
        }
        let masked = riposte_connector::mask_inputs(&self.inputs);
        for name in ["queries", "headers", "body"] {
            if let Some(value) = masked.get_ignore_case(name) {
                shown.insert(name, value.clone());
            }
        }
        shown.insert("answer", answered(&answer.outcome));
        if let Some(callback) = &answer.callback {
            shown.insert("callback", callback.clone());
        }
        shown.insert("answeredBy", answer.source.as_str());
        Value::from(shown)
    }
}

fn answered(outcome: &Outcome) -> Value {
    let mut shown = Object::new();
    match outcome {
        Outcome::Response { status_code, headers, body } => {
            shown.insert("status", *status_code);
            if !headers.is_empty() {
                shown.insert("headers", headers.clone());
            }
            if let Some(body) = body {
                shown.insert("body", body.clone());
            }
        }
        Outcome::NoResponse { code, message } => {
            shown.insert("code", code);
            shown.insert("message", message.as_str());
        }
    }
    Value::from(shown)
}
