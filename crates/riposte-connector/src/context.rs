//! Who calls: what every outgoing request says about the run that it belongs to.

use crate::message::{find_header, set_header};
use riposte_value::Text;

/// The run's side of a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallContext {
    /// Stable for run, action, repetition and attempt. Goes out as `Idempotency-Key` and `x-ms-client-request-id`, so
    /// that a repetition after a crash can be told from a new call.
    pub idempotency_key: Text,
    /// The workflow and run, for the `x-ms-workflow-*` headers of an Http action. `None` where the action says
    /// `operationOptions: SuppressWorkflowHeaders`.
    pub workflow: Option<WorkflowIdentity>,
}

/// What the `x-ms-workflow-*` and tracking headers say. An empty field sends no header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkflowIdentity {
    /// `x-ms-workflow-id`
    pub id: Text,
    /// `x-ms-workflow-version`
    pub version: Text,
    /// `x-ms-workflow-name`
    pub name: Text,
    /// `x-ms-workflow-system-id`
    pub system_id: Text,
    /// `x-ms-workflow-run-id`
    pub run_id: Text,
    /// `x-ms-workflow-run-tracking-id`
    pub run_tracking_id: Text,
    /// `x-ms-workflow-operation-name`: the action's name.
    pub operation_name: Text,
    /// `x-ms-tracking-id`
    pub tracking_id: Text,
    /// `x-ms-correlation-id`
    pub correlation_id: Text,
    /// `x-ms-client-tracking-id`
    pub client_tracking_id: Text,
    /// `x-ms-action-tracking-id`
    pub action_tracking_id: Text,
}

impl CallContext {
    /// A context that says nothing of a workflow.
    pub fn new(idempotency_key: impl Into<Text>) -> Self {
        Self { idempotency_key: idempotency_key.into(), workflow: None }
    }

    /// `azure-logic-apps/1.0 (workflow …; version …)`, as the service calls itself.
    pub fn user_agent(&self) -> String {
        match &self.workflow {
            Some(workflow) => {
                format!("azure-logic-apps/1.0 (workflow {}; version {})", workflow.id, workflow.version)
            }
            None => "azure-logic-apps/1.0".to_owned(),
        }
    }

    /// Adds what every call carries: the user agent and the idempotency key, each only where the playbook set none.
    pub(crate) fn stamp(&self, headers: &mut Vec<(Text, Text)>) {
        if find_header(headers, "User-Agent").is_none() {
            set_header(headers, "User-Agent", header_text(&self.user_agent()));
        }
        for name in ["Idempotency-Key", "x-ms-client-request-id"] {
            if find_header(headers, name).is_none() {
                set_header(headers, name, header_text(&self.idempotency_key));
            }
        }
    }

    /// Adds the workflow's own headers, unless suppressed.
    pub(crate) fn stamp_workflow(&self, headers: &mut Vec<(Text, Text)>) {
        let Some(workflow) = &self.workflow else { return };
        let rows: [(&str, &Text); 11] = [
            ("x-ms-workflow-id", &workflow.id),
            ("x-ms-workflow-version", &workflow.version),
            ("x-ms-workflow-name", &workflow.name),
            ("x-ms-workflow-system-id", &workflow.system_id),
            ("x-ms-workflow-run-id", &workflow.run_id),
            ("x-ms-workflow-run-tracking-id", &workflow.run_tracking_id),
            ("x-ms-workflow-operation-name", &workflow.operation_name),
            ("x-ms-tracking-id", &workflow.tracking_id),
            ("x-ms-correlation-id", &workflow.correlation_id),
            ("x-ms-client-tracking-id", &workflow.client_tracking_id),
            ("x-ms-action-tracking-id", &workflow.action_tracking_id),
        ];
        for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
            set_header(headers, name, header_text(value));
        }
    }
}

/// Names of actions may hold any character; a header value may not. What is not visible ASCII is percent-encoded.
fn header_text(text: &str) -> Text {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Text::new(text);
    }
    Text::from(percent_encoding::utf8_percent_encode(text, percent_encoding::CONTROLS).to_string())
}
