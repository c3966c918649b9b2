//! Calls of a playbook's Request trigger by a Workflow action of another playbook. The child begins in the transaction
//! that commits the action, so that a crash neither repeats nor loses it; its Response, or its end without one, is put
//! into the parent's inbox in the transaction that commits that.

use super::fire::{Fired, Happening};
use crate::error::Result;
use crate::playbooks::NotStartable;
use crate::runs::{Beginning, Parent, TriggeredBy, playbook_name};
use crate::transaction::Transaction;
use jiff::Timestamp;
use riposte_store::{ResourceKey, WorkspaceKey};
use riposte_value::{Object, Text, Value};
use riposte_workflow::trigger::{RequestContent, Starter, TriggerFailure};
use riposte_workflow::{Outcome, Trigger};

/// How deep playbooks may call each other.
const DEPTH_MAX: u32 = 32;
const TRACKING_HEADER: &str = "x-ms-client-tracking-id";

/// A call that a Workflow action makes.
pub(crate) struct NestedCall<'c> {
    pub(crate) workflow: &'c str,
    /// The trigger's name; empty where the only one is meant.
    pub(crate) trigger: &'c str,
    /// `{headers?, queries?, body?}`.
    pub(crate) inputs: &'c Value,
    /// The run and command that call.
    pub(crate) parent: Parent,
    /// What the calling run began with.
    pub(crate) beginning: &'c Beginning,
    /// The incident that the calling run is for.
    pub(crate) incident: Option<(WorkspaceKey, String)>,
}

fn refusal(code: &'static str, message: String) -> TriggerFailure {
    TriggerFailure { code: code.into(), message }
}

/// An answer in the style of the service's errors.
pub(crate) fn refused(status_code: u16, failure: &TriggerFailure) -> Outcome {
    let error =
        Value::object([("code", Value::from(&failure.code)), ("message", Value::from(&failure.message))]);
    let mut headers = Object::new();
    headers.insert("Content-Type", "application/json; charset=utf-8");
    Outcome::Response { status_code, headers, body: Some(Value::object([("error", error)])) }
}

impl Transaction<'_> {
    /// Begins the run that a Workflow action calls. Answers what the action is told at once where there is none.
    pub(crate) fn begin_child(&mut self, call: &NestedCall<'_>) -> Result<Option<Outcome>> {
        let depth = call.beginning.parent.as_ref().map_or(0, |parent| parent.depth).saturating_add(1);
        if depth > DEPTH_MAX {
            let message = format!("Playbooks call each other deeper than {DEPTH_MAX} levels.");
            return Ok(Some(refused(400, &refusal("NestedWorkflowDepthExceeded", message))));
        }
        let key = ResourceKey::new(call.workflow);
        let name = playbook_name(call.workflow);
        let playbook = match self.shared.startable(&*self.tx, &key)? {
            Ok(playbook) => playbook,
            Err(why) => {
                let (status, code, what) = match why {
                    NotStartable::NotFound => (404, "WorkflowNotFound", "could not be found"),
                    NotStartable::Disabled => (404, "WorkflowTriggerIsNotEnabled", "is not enabled"),
                    NotStartable::Invalid => (409, "InvalidTemplate", "cannot be run"),
                };
                return Ok(Some(refused(status, &refusal(code, format!("The workflow '{name}' {what}.")))));
            }
        };
        let program = std::sync::Arc::clone(&playbook.program);
        let trigger = match called(program.triggers(), call.trigger) {
            Ok(trigger) => trigger,
            Err(failure) => return Ok(Some(refused(404, &failure))),
        };
        let occurrence = match trigger.receive(&content(call)) {
            Ok(occurrence) => occurrence,
            Err(failure) => return Ok(Some(refused(400, &failure))),
        };
        let happening = Happening {
            tracking: Some(tracking(call)),
            by: TriggeredBy {
                kind: "Workflow".to_owned(),
                name: playbook_name(&call.beginning.playbook_id).to_owned(),
                id: call.parent.run.clone(),
            },
            caller_waits_until: Some(Timestamp::MAX),
            incident: call.incident.clone(),
            chain: call.beginning.chain.clone(),
            parent: Some(Parent { depth, ..call.parent.clone() }),
            ..Happening::of(trigger, occurrence)
        };
        Ok(match self.fire(&playbook, trigger, &happening)? {
            Fired::Runs(runs) => match runs.first() {
                Some(run) => {
                    self.tx.add_child(&call.parent.run, &call.parent.command, run)?;
                    None
                }
                None => Some(accepted()),
            },
            Fired::Skipped => Some(accepted()),
            Fired::Failed(failure) => Some(refused(400, &failure)),
            Fired::Full => Some(refused(429, &super::timer::full(&playbook))),
        })
    }
}

/// What a request is answered that begins no run.
fn accepted() -> Outcome {
    Outcome::Response { status_code: 202, headers: Object::new(), body: None }
}

/// The Request trigger that is meant.
fn called<'t>(triggers: &'t [Trigger], name: &str) -> std::result::Result<&'t Trigger, TriggerFailure> {
    let is_request = |trigger: &&Trigger| trigger.plan.starter == Some(Starter::Request);
    let found = triggers
        .iter()
        .filter(is_request)
        .find(|trigger| name.is_empty() || trigger.name.eq_ignore_ascii_case(name));
    let found = found.ok_or_else(|| {
        let message = format!("The workflow has no Request trigger '{name}'.");
        refusal("WorkflowTriggerNotFound", message)
    })?;
    if found.plan.splits() {
        let message =
            format!("The trigger '{}' has `splitOn`; a Workflow action cannot call it.", found.name);
        return Err(refusal("NestedWorkflowWithSplitOn", message));
    }
    Ok(found)
}

fn content(call: &NestedCall<'_>) -> RequestContent {
    let object = |name: &str| {
        let given = call.inputs.get_ignore_case(name).and_then(Value::as_object);
        given.cloned().unwrap_or_default()
    };
    let mut headers = object("headers");
    if headers.get_ignore_case(TRACKING_HEADER).is_none() {
        headers.insert(TRACKING_HEADER, &call.beginning.trigger.client_tracking_id);
    }
    RequestContent {
        method: Text::new_static("POST"),
        relative_path: Text::default(),
        headers,
        queries: object("queries"),
        body: call.inputs.get_ignore_case("body").filter(|body| !body.is_null()).cloned(),
    }
}

/// The tracking id goes with the call (documented).
fn tracking(call: &NestedCall<'_>) -> Text {
    let given =
        call.inputs.get_ignore_case("headers").and_then(|headers| headers.get_ignore_case(TRACKING_HEADER));
    given.and_then(Value::as_str).map_or_else(|| call.beginning.trigger.client_tracking_id.clone(), Text::new)
}
