//! What a run asks of other playbooks of this installation: a run of a Workflow action, a message of a `SendToBatch`
//! action. Both are done in the transaction that commits the action; only those that the definition names may be asked,
//! which were checked when the playbook was saved.

use super::begin::{Beginning, Parent};
use crate::document::encode;
use crate::error::Result;
use crate::transaction::Transaction;
use crate::triggers::{BatchMessage, NestedCall, refused};
use riposte_store::WorkspaceKey;
use riposte_value::{Object, Text, Value};
use riposte_workflow::trigger::TriggerFailure;
use riposte_workflow::{CommandId, EventKind, Outcome, ResponseToCaller};

/// A call of another playbook.
#[derive(Debug, Clone)]
pub(super) enum PlaybookCall {
    /// Its Request trigger.
    Run { workflow: Text, trigger: Text, inputs: Value },
    /// Its Batch trigger.
    Batch { workflow: Text, trigger: Text, inputs: Value },
    /// One that the definition does not name.
    OutOfReach { workflow: Text },
}

/// The run that calls.
pub(super) struct Calling<'c> {
    pub(super) run: &'c str,
    pub(super) beginning: &'c Beginning,
    pub(super) incident: Option<&'c (WorkspaceKey, String)>,
}

impl PlaybookCall {
    /// Carries the call out. None where the outcome comes later, with the Response or the end of the run that was begun.
    pub(super) fn perform(
        &self,
        t: &mut Transaction<'_>,
        command: &CommandId,
        calling: &Calling<'_>,
    ) -> Result<Option<Outcome>> {
        match self {
            Self::OutOfReach { workflow } => {
                let message =
                    format!("The definition does not name the workflow '{workflow}' as one that it calls.");
                let failure = TriggerFailure { code: "AuthorizationFailed".into(), message };
                Ok(Some(refused(403, &failure)))
            }
            Self::Run { workflow, trigger, inputs } => {
                // It is under way, or has answered while this run was being taken up.
                let command_id = command.as_str();
                if t.tx.child(calling.run, command_id)?.is_some()
                    || t.tx.inbox(calling.run, command_id)?.is_some()
                {
                    return Ok(None);
                }
                t.begin_child(&NestedCall {
                    workflow,
                    trigger,
                    inputs,
                    parent: Parent { run: calling.run.to_owned(), command: command.to_string(), depth: 0 },
                    beginning: calling.beginning,
                    incident: calling.incident.cloned(),
                })
            }
            Self::Batch { workflow, trigger, inputs } => {
                let text = |name: &str| {
                    let given = inputs.get_ignore_case(name).filter(|given| !given.is_null());
                    given.map(|given| given.as_str().map_or_else(|| given.to_string(), str::to_owned))
                };
                let message = BatchMessage {
                    batch: text("batchName").unwrap_or_default(),
                    partition: text("partitionName"),
                    id: text("messageId"),
                    content: inputs.get_ignore_case("content").cloned().unwrap_or_default(),
                };
                Ok(Some(match t.send_to_batch(workflow, trigger, message)? {
                    Ok(id) => Outcome::Response {
                        status_code: 202,
                        headers: Object::new(),
                        body: Some(Value::object([("messageId", Value::from(id))])),
                    },
                    Err(failure) => refused(400, &failure),
                }))
            }
        }
    }
}

impl Transaction<'_> {
    /// Tells the run that called this one what came of it: the Response, once, or that it has ended without one
    /// (measured: 502 with the code `NoResponse`).
    pub(super) fn answer_parent(
        &mut self,
        parent: &Parent,
        response: Option<&ResponseToCaller>,
    ) -> Result<()> {
        if !self.tx.forget_child(&parent.run, &parent.command)? {
            return Ok(());
        }
        let outcome = match response {
            Some(response) => Outcome::Response {
                status_code: response.status_code,
                headers: response.headers.clone(),
                body: response.body.clone(),
            },
            None => refused(
                502,
                &TriggerFailure {
                    code: "NoResponse".into(),
                    message: format!(
                        "The server did not receive a response from an upstream server. Request tracking id '{}'.",
                        parent.run
                    ),
                },
            ),
        };
        self.tx.put_inbox(&parent.run, &parent.command, &encode(&outcome)?)?;
        let command = CommandId(Text::new(&parent.command));
        self.after.tidings.push((parent.run.clone(), EventKind::Finished { command, outcome }));
        Ok(())
    }
}
