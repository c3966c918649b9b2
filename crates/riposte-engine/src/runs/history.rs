//! Run history: runs as Azure shows them, made from the stored rows. What is inside a run is in `actions.rs`, what its
//! calls sent in `requests.rs`, and the contents behind links in `contents.rs`.

use super::begin::Beginning;
use super::contents::{Content, Links, Place, shown};
use crate::Engine;
use crate::clock::{from_nanoseconds, time_text};
use crate::document::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::version_name;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_store::{Read, ResourceKey, RunRow};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{ActionRecord, ErrorBody, Hidden, Program, RunEnd, Status};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const RUNS: &str = "Microsoft.Logic/workflows/runs";

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RunOutcome {
    pub(crate) status: Status,
    #[serde(default)]
    pub(crate) code: Option<Text>,
    #[serde(default)]
    pub(crate) error: Option<ErrorBody>,
    #[serde(default)]
    pub(crate) outputs: Value,
    pub(crate) end_time: Timestamp,
}

impl RunOutcome {
    pub(crate) fn new(end: &RunEnd, at: Timestamp) -> Self {
        Self {
            status: end.status,
            code: end.code.clone(),
            error: end.error.clone(),
            outputs: end.outputs.clone(),
            end_time: at,
        }
    }
}

/// A run with its action records.
pub(crate) struct RunHistory {
    pub(crate) row: RunRow,
    pub(crate) beginning: Beginning,
    pub(crate) outcome: Option<RunOutcome>,
    pub(crate) records: Vec<ActionRecord>,
    /// What it runs, if that still compiles.
    pub(super) program: Option<Arc<Program>>,
    /// How its earlier attempts ended, where it was resumed.
    attempts: Vec<RunOutcome>,
}

/// What else to show of a run (`$expand`).
#[derive(Debug, Clone, Copy, Default)]
pub struct RunExpansion {
    /// `properties/actions`: the properties of its actions, by name.
    pub actions: bool,
    /// `workflow/properties`: the version that it runs.
    pub workflow: bool,
}

impl RunHistory {
    /// Reads a run's rows; `records` are the texts of its commits.
    pub(crate) fn read(shared: &Shared, tx: &dyn Read, row: RunRow, records: &[String]) -> Result<Self> {
        let beginning = decode("run", &row.doc)?;
        let outcome = row.outcome.as_deref().map(|text| decode("run outcome", text)).transpose()?;
        let program = shared.load_version(tx, &row.resource, row.version)?.map(|(program, _)| program);
        let records = latest_records(records)?;
        Ok(Self { beginning, outcome, records, program, row, attempts: Vec::new() })
    }

    /// The ARM id.
    pub(super) fn id(&self) -> String {
        format!("{}/runs/{}", self.beginning.playbook_id, self.row.id)
    }

    /// The ARM resource.
    pub(crate) fn to_arm(&self, links: &Links<'_>) -> Value {
        resource(&self.id(), &self.row.id, RUNS, Value::from(self.properties(links)))
    }

    fn properties(&self, links: &Links<'_>) -> Object {
        let mut properties = Object::new();
        let started = time_text(from_nanoseconds(self.row.started));
        // A run that has to wait for others starts when it need not any more.
        if self.row.status != Status::Waiting.as_str() {
            properties.insert("waitEndTime", &started);
        }
        properties.insert("startTime", started);
        insert_some(&mut properties, "endTime", self.row.ended.map(|at| time_text(from_nanoseconds(at))));
        properties.insert("status", &self.row.status);
        if let Some(outcome) = &self.outcome {
            insert_some(&mut properties, "code", outcome.code.as_ref());
            insert_some(&mut properties, "error", outcome.error.as_ref().map(error_value));
        }
        properties.insert("correlation", tracking(&self.beginning.trigger.client_tracking_id));
        properties.insert("workflow", version_reference(&self.beginning.playbook_id, self.row.version));
        properties.insert("trigger", self.trigger_value(links));
        insert_some(&mut properties, "response", self.response_value(links));
        let outputs = self.outcome.as_ref().map(|outcome| outcome.outputs.clone());
        properties
            .insert("outputs", outputs.filter(|o| !o.is_null()).unwrap_or_else(|| Object::new().into()));
        properties
    }

    /// As [`Self::to_arm`], with the trigger's outputs, who started it, and every action record whole.
    pub(crate) fn to_full(&self, links: &Links<'_>) -> Value {
        let mut properties = self.properties(links);
        let by = &self.beginning.triggered_by;
        properties.insert("playbookId", &self.beginning.playbook_id);
        properties.insert(
            "triggeredBy",
            Value::object([
                ("kind", Value::from(&by.kind)),
                ("name", Value::from(&by.name)),
                ("id", Value::from(&by.id)),
            ]),
        );
        if let Some(trigger) = properties.get_mut("trigger").and_then(Value::as_object_mut) {
            trigger.insert("outputs", self.trigger_outputs().cloned().unwrap_or_default());
        }
        if !self.attempts.is_empty() {
            properties.insert("earlierAttempts", Value::array(self.attempts.iter().map(attempt_value)));
        }
        properties.insert("actions", Value::array(self.records.iter().map(record_value)));
        resource(&self.id(), &self.row.id, RUNS, Value::from(properties))
    }

    /// What the definition wants hidden of the trigger; everything, if it cannot be asked.
    fn hidden(&self) -> Hidden {
        let program = self.program.as_ref();
        let trigger = program.and_then(|program| program.trigger(&self.beginning.trigger.name));
        trigger.map_or(Hidden { inputs: true, outputs: true }, riposte_workflow::Trigger::hidden)
    }

    /// What history shows of the trigger's inputs.
    pub(super) fn trigger_inputs(&self) -> Option<&Value> {
        Some(&self.beginning.trigger.inputs).filter(|value| !value.is_null() && !self.hidden().inputs)
    }

    /// What history shows of the trigger's outputs.
    pub(super) fn trigger_outputs(&self) -> Option<&Value> {
        Some(&self.beginning.trigger.outputs).filter(|value| !value.is_null() && !self.hidden().outputs)
    }

    /// The trigger that began it.
    pub(crate) fn trigger_value(&self, links: &Links<'_>) -> Value {
        let trigger = &self.beginning.trigger;
        let mut value = Object::new();
        value.insert("name", &trigger.name);
        let link = |content, value: &Value| links.link(&Place::of_trigger(content), value);
        let inputs = self.trigger_inputs().map(|inputs| link(Content::TriggerInputs, inputs));
        insert_some(&mut value, "inputsLink", inputs);
        let outputs = self.trigger_outputs().map(|outputs| link(Content::TriggerOutputs, outputs));
        insert_some(&mut value, "outputsLink", outputs);
        insert_some(&mut value, "scheduledTime", self.beginning.scheduled.map(time_text));
        value.insert("startTime", time_text(trigger.start));
        value.insert("endTime", time_text(trigger.end));
        value.insert("originHistoryName", &trigger.history_name);
        value.insert("trackingId", &trigger.tracking_id);
        value.insert("correlation", tracking(&trigger.client_tracking_id));
        value.insert("code", "OK");
        value.insert("status", "Succeeded");
        Value::from(value)
    }

    /// What the caller was answered, if a Response did that.
    fn response_value(&self, links: &Links<'_>) -> Option<Value> {
        let responds = |record: &&ActionRecord| {
            record.action_type == "Response" && record.end_time.is_some() && record.status != Status::Skipped
        };
        let record = self.records.iter().find(responds)?;
        let mut value = Object::new();
        value.insert("startTime", time_text(record.start_time));
        insert_some(&mut value, "endTime", record.end_time.map(time_text));
        value.insert("correlation", tracking(&record.client_tracking_id));
        insert_some(&mut value, "code", record.code.as_ref());
        value.insert("status", record.status.as_str());
        let place =
            Place { action: Some(record.name.to_string()), ..Place::of_trigger(Content::ActionOutputs) };
        let outputs = shown(record.outputs.as_ref()).map(|outputs| links.link(&place, outputs));
        insert_some(&mut value, "outputsLink", outputs);
        Some(Value::from(value))
    }
}

/// How an earlier attempt ended.
fn attempt_value(outcome: &RunOutcome) -> Value {
    let mut value = Object::new();
    value.insert("status", outcome.status.as_str());
    value.insert("endTime", time_text(outcome.end_time));
    insert_some(&mut value, "code", outcome.code.as_ref());
    insert_some(&mut value, "error", outcome.error.as_ref().map(error_value));
    Value::from(value)
}

/// The records as they stand now, in the order in which the actions began: a later one of the same action and
/// repetition takes the place of an earlier one.
pub(crate) fn latest_records(commits: &[String]) -> Result<Vec<ActionRecord>> {
    let mut latest: Vec<ActionRecord> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for commit in commits {
        let records: Vec<ActionRecord> = decode("action records", commit)?;
        for record in records {
            let key = (record.name.clone(), record.repetition.clone());
            match places.get(&key).and_then(|at: &usize| latest.get_mut(*at)) {
                Some(earlier) => *earlier = record,
                None => {
                    places.insert(key, latest.len());
                    latest.push(record);
                }
            }
        }
    }
    Ok(latest)
}

/// A record whole, for the run's own document.
fn record_value(record: &ActionRecord) -> Value {
    let mut value: Value = serde_json::to_value(record).map(Value::from).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("startTime", time_text(record.start_time));
        if let Some(end) = record.end_time {
            object.insert("endTime", time_text(end));
        }
    }
    value
}

/// An ARM resource.
pub(super) fn resource(id: &str, name: &str, kind: &str, properties: Value) -> Value {
    Value::object([
        ("id", Value::from(id)),
        ("name", Value::from(name)),
        ("type", Value::from(kind)),
        ("properties", properties),
    ])
}

fn version_reference(playbook: &str, version: i64) -> Value {
    let name = version_name(version);
    Value::object([
        ("id", Value::from(format!("{playbook}/versions/{name}"))),
        ("name", Value::from(name)),
        ("type", Value::from("Microsoft.Logic/workflows/versions")),
    ])
}

fn tracking(id: &Text) -> Value {
    Value::object([("clientTrackingId", Value::from(id))])
}

pub(super) fn error_value(error: &ErrorBody) -> Value {
    Value::object([("code", Value::from(&error.code)), ("message", Value::from(&error.message))])
}

pub(super) fn insert_some(object: &mut Object, name: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name, value);
    }
}

pub(super) fn run_not_found(run: &str) -> Error {
    let why = format!("The workflow run '{run}' could not be found.");
    Error::new(ErrorKind::NotFound, "WorkflowRunNotFound", why)
}

impl Engine {
    pub(super) async fn history(&self, playbook: Option<&str>, run: &str) -> Result<RunHistory> {
        self.history_of_attempt(playbook, run, None).await
    }

    /// A run as it is now, or as it was at the end of an earlier attempt.
    async fn history_of_attempt(
        &self,
        playbook: Option<&str>,
        run: &str,
        attempt: Option<usize>,
    ) -> Result<RunHistory> {
        let key = playbook.map(ResourceKey::new);
        let (shared, id) = (Arc::clone(&self.shared), run.to_owned());
        self.shared.store.read(move |tx| Ok(read_run(&shared, tx, key.as_ref(), &id, attempt))).await?
    }

    /// A run of any playbook at the end of an earlier attempt (from 1), or as it is now.
    pub async fn run_attempt(&self, run: &str, attempt: usize) -> Result<Value> {
        Ok(self.history_of_attempt(None, run, Some(attempt)).await?.to_full(&self.links(run)))
    }

    /// A run of a playbook.
    pub async fn run(&self, playbook: &str, run: &str) -> Result<Value> {
        Ok(self.history(Some(playbook), run).await?.to_arm(&self.links(run)))
    }

    /// A run of a playbook, with what else is asked for.
    pub async fn run_with(&self, playbook: &str, run: &str, expansion: RunExpansion) -> Result<Value> {
        let history = self.history(Some(playbook), run).await?;
        let links = self.links(run);
        let mut shown = history.to_arm(&links);
        let version = if expansion.workflow {
            self.playbook_version_of(playbook, history.row.version).await?
        } else {
            None
        };
        let properties = shown.as_object_mut().and_then(|run| run.get_mut("properties"));
        if let Some(properties) = properties.and_then(Value::as_object_mut) {
            if expansion.actions {
                properties.insert("actions", history.actions_by_name(&links));
            }
            let workflow = properties.get_mut("workflow").and_then(Value::as_object_mut);
            if let (Some(workflow), Some(version)) = (workflow, version) {
                workflow.insert("properties", version.get("properties").cloned().unwrap_or_default());
            }
        }
        Ok(shown)
    }

    /// The run that an operation began: the operation is named by the tracking id of the run's trigger.
    pub async fn run_operation(&self, playbook: &str, run: &str, operation: &str) -> Result<Value> {
        let history = self.history(Some(playbook), run).await?;
        if !history.beginning.trigger.tracking_id.eq_ignore_ascii_case(operation) {
            let why = format!("The operation '{operation}' of the workflow run '{run}' could not be found.");
            return Err(Error::new(ErrorKind::NotFound, "WorkflowRunOperationNotFound", why));
        }
        Ok(history.to_arm(&self.links(run)))
    }

    /// A run of any playbook, with every action record.
    pub async fn run_anywhere(&self, run: &str) -> Result<Value> {
        Ok(self.history(None, run).await?.to_full(&self.links(run)))
    }

    /// Cancels a run.
    pub async fn cancel_run(&self, playbook: &str, run: &str, _caller: &crate::Caller) -> Result<()> {
        self.history(Some(playbook), run).await?;
        self.shared.cancel(run).await
    }
}

fn read_run(
    shared: &Shared,
    tx: &dyn Read,
    playbook: Option<&ResourceKey>,
    run: &str,
    attempt: Option<usize>,
) -> Result<RunHistory> {
    let row = tx.run(run)?.filter(|row| playbook.is_none_or(|key| row.resource == *key));
    let mut row = row.ok_or_else(|| run_not_found(run))?;
    let (mut records, earlier) = (tx.run_records(run)?, tx.run_attempts(run)?);
    let outcomes = earlier.iter().map(|(_, text)| decode("run outcome", text));
    let mut attempts = outcomes.collect::<Result<Vec<RunOutcome>>>()?;
    if let Some(number) = attempt.filter(|number| *number <= earlier.len()) {
        let index = number.checked_sub(1);
        let (last, outcome) = index
            .and_then(|index| earlier.get(index))
            .ok_or_else(|| Error::not_found("Attempt", &number.to_string()))?;
        records.truncate(usize::try_from(*last).unwrap_or(usize::MAX));
        attempts.truncate(number - 1);
        row.outcome = Some(outcome.clone());
        let outcome: RunOutcome = decode("run outcome", outcome)?;
        outcome.status.as_str().clone_into(&mut row.status);
        row.ended = Some(crate::clock::nanoseconds(outcome.end_time));
    }
    Ok(RunHistory { attempts, ..RunHistory::read(shared, tx, row, &records)? })
}
