//! Run history: runs, actions and repetitions as Azure shows them, made from the stored rows.

use super::begin::Beginning;
use crate::clock::{from_nanoseconds, time_text};
use crate::document::decode;
use crate::error::{Error, Result};
use crate::{Engine, Page};
use jiff::Timestamp;
use riposte_store::{ResourceKey, RunRow};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{ActionRecord, ErrorBody, RepetitionIndex, RunEnd, Status};
use serde::{Deserialize, Serialize};

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
    /// How its earlier attempts ended, where it was resumed.
    attempts: Vec<RunOutcome>,
}

impl RunHistory {
    /// Reads a run's rows; `records` are the texts of its commits.
    pub(crate) fn read(row: RunRow, records: &[String]) -> Result<Self> {
        let beginning = decode("run", &row.doc)?;
        let outcome = row.outcome.as_deref().map(|text| decode("run outcome", text)).transpose()?;
        Ok(Self { beginning, outcome, records: latest_records(records)?, row, attempts: Vec::new() })
    }

    /// The ARM resource.
    pub(crate) fn to_arm(&self) -> Value {
        let playbook = &self.beginning.playbook_id;
        let id = format!("{playbook}/runs/{}", self.row.id);
        let mut properties = Object::new();
        properties.insert("startTime", time_text(from_nanoseconds(self.row.started)));
        if let Some(ended) = self.row.ended {
            properties.insert("endTime", time_text(from_nanoseconds(ended)));
        }
        properties.insert("status", &self.row.status);
        if let Some(outcome) = &self.outcome {
            insert_some(&mut properties, "code", outcome.code.as_ref());
            insert_some(&mut properties, "error", outcome.error.as_ref().map(error_value));
        }
        let trigger = &self.beginning.trigger;
        properties.insert("correlation", tracking(&trigger.client_tracking_id));
        properties.insert(
            "workflow",
            Value::object([
                ("id", Value::from(format!("{playbook}/versions/{:020}", self.row.version))),
                ("name", Value::from(format!("{:020}", self.row.version))),
                ("type", Value::from("Microsoft.Logic/workflows/versions")),
            ]),
        );
        properties.insert("trigger", self.trigger_value());
        let outputs = self.outcome.as_ref().map(|outcome| outcome.outputs.clone());
        properties
            .insert("outputs", outputs.filter(|o| !o.is_null()).unwrap_or_else(|| Object::new().into()));
        arm(&id, &self.row.id, "Microsoft.Logic/workflows/runs", properties)
    }

    /// As [`Self::to_arm`], with the trigger's outputs, who started it, and every action record whole.
    pub(crate) fn to_full(&self) -> Value {
        let mut run = self.to_arm();
        let by = &self.beginning.triggered_by;
        if let Some(properties) =
            run.as_object_mut().and_then(|run| run.get_mut("properties")).and_then(Value::as_object_mut)
        {
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
                trigger.insert("outputs", self.beginning.trigger.outputs.clone());
            }
            if !self.attempts.is_empty() {
                properties.insert("earlierAttempts", Value::array(self.attempts.iter().map(attempt_value)));
            }
            properties.insert("actions", Value::array(self.records.iter().map(record_value)));
        }
        run
    }

    fn trigger_value(&self) -> Value {
        let trigger = &self.beginning.trigger;
        let mut value = Object::new();
        value.insert("name", &trigger.name);
        value.insert("startTime", time_text(trigger.start));
        value.insert("endTime", time_text(trigger.end));
        value.insert("originHistoryName", &trigger.history_name);
        value.insert("correlation", tracking(&trigger.client_tracking_id));
        value.insert("code", "OK");
        value.insert("status", "Succeeded");
        Value::from(value)
    }

    /// The records outside loops, and of each action in loops one that stands for its repetitions.
    fn actions(&self) -> Vec<Value> {
        let mut shown: Vec<(&ActionRecord, usize)> = Vec::new();
        for record in &self.records {
            match shown.iter_mut().find(|(known, _)| known.name == record.name) {
                Some((_, count)) => *count += 1,
                None => shown.push((record, 1)),
            }
        }
        shown.into_iter().map(|(record, count)| self.action(record, count)).collect()
    }

    fn action(&self, record: &ActionRecord, count: usize) -> Value {
        let id = format!("{}/runs/{}/actions/{}", self.beginning.playbook_id, self.row.id, record.name);
        let mut properties = action_properties(record);
        if !record.repetition.is_empty() {
            properties.insert("repetitionCount", count);
        }
        arm(&id, &record.name, "Microsoft.Logic/workflows/runs/actions", properties)
    }

    fn repetitions(&self, action: &str) -> Vec<Value> {
        let of_action = |record: &&ActionRecord| {
            record.name.eq_ignore_ascii_case(action) && !record.repetition.is_empty()
        };
        let show = |record: &ActionRecord| {
            let name = repetition_name(&record.repetition);
            let base = format!("{}/runs/{}", self.beginning.playbook_id, self.row.id);
            let id = format!("{base}/actions/{}/repetitions/{name}", record.name);
            let mut properties = action_properties(record);
            let indexes = record.repetition.iter().map(|index| {
                Value::object([
                    ("scopeName", Value::from(&index.scope)),
                    ("itemIndex", Value::from(index.index)),
                ])
            });
            properties.insert("repetitionIndexes", Value::array(indexes));
            arm(&id, &name, "Microsoft.Logic/workflows/runs/actions/repetitions", properties)
        };
        self.records.iter().filter(of_action).map(show).collect()
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

/// `000001`, and in nested loops `000001-000000`.
fn repetition_name(repetition: &[RepetitionIndex]) -> String {
    let numbers: Vec<String> = repetition.iter().map(|index| format!("{:06}", index.index)).collect();
    numbers.join("-")
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

fn action_properties(record: &ActionRecord) -> Object {
    let mut properties = Object::new();
    properties.insert("startTime", time_text(record.start_time));
    insert_some(&mut properties, "endTime", record.end_time.map(time_text));
    properties.insert(
        "correlation",
        Value::object([
            ("actionTrackingId", Value::from(&record.tracking_id)),
            ("clientTrackingId", Value::from(&record.client_tracking_id)),
        ]),
    );
    properties.insert("status", record.status.as_str());
    insert_some(&mut properties, "code", record.code.as_ref());
    insert_some(&mut properties, "error", record.error.as_ref().map(error_value));
    insert_some(&mut properties, "trackedProperties", record.tracked_properties.clone());
    insert_some(&mut properties, "iterationCount", record.iteration_count);
    insert_some(&mut properties, "inputs", record.inputs.clone());
    insert_some(&mut properties, "outputs", record.outputs.clone());
    if !record.retry_history.is_empty() {
        let retries = serde_json::to_value(&record.retry_history).map(Value::from).unwrap_or_default();
        properties.insert("retryHistory", retries);
    }
    properties
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

fn arm(id: &str, name: &str, kind: &str, properties: Object) -> Value {
    Value::object([
        ("id", Value::from(id)),
        ("name", Value::from(name)),
        ("type", Value::from(kind)),
        ("properties", Value::from(properties)),
    ])
}

fn tracking(id: &Text) -> Value {
    Value::object([("clientTrackingId", Value::from(id))])
}

fn error_value(error: &ErrorBody) -> Value {
    Value::object([("code", Value::from(&error.code)), ("message", Value::from(&error.message))])
}

fn insert_some(object: &mut Object, name: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name, value);
    }
}

impl Engine {
    async fn history(&self, playbook: Option<&str>, run: &str) -> Result<RunHistory> {
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
        let id = run.to_owned();
        let found = self
            .shared
            .store
            .read(move |tx| {
                let row = tx.run(&id)?.filter(|row| key.as_ref().is_none_or(|key| row.resource == *key));
                let Some(row) = row else { return Ok(None) };
                Ok(Some((row, tx.run_records(&id)?, tx.run_attempts(&id)?)))
            })
            .await?;
        let (mut row, mut records, earlier) = found.ok_or_else(|| {
            Error::new(
                crate::ErrorKind::NotFound,
                "WorkflowRunNotFound",
                format!("The workflow run '{run}' could not be found."),
            )
        })?;
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
        Ok(RunHistory { attempts, ..RunHistory::read(row, &records)? })
    }

    /// A run of any playbook at the end of an earlier attempt (from 1), or as it is now.
    pub async fn run_attempt(&self, run: &str, attempt: usize) -> Result<Value> {
        Ok(self.history_of_attempt(None, run, Some(attempt)).await?.to_full())
    }

    /// Runs of a playbook, the latest first.
    pub async fn list_runs(
        &self,
        playbook: &str,
        after: Option<String>,
        top: usize,
        status: Option<String>,
    ) -> Result<Page> {
        let key = ResourceKey::new(playbook);
        let rows = self
            .shared
            .store
            .read(move |tx| page_of_runs(top, after, status.as_deref(), |after, n| tx.runs(&key, after, n)))
            .await?;
        run_page(rows)
    }

    /// Runs of all playbooks, the latest first.
    pub async fn recent_runs(&self, after: Option<String>, top: usize) -> Result<Page> {
        let rows = self
            .shared
            .store
            .read(move |tx| page_of_runs(top, after, None, |after, n| tx.all_runs(after, n)))
            .await?;
        run_page(rows)
    }

    /// A run of a playbook.
    pub async fn run(&self, playbook: &str, run: &str) -> Result<Value> {
        Ok(self.history(Some(playbook), run).await?.to_arm())
    }

    /// A run of any playbook, with every action record.
    pub async fn run_anywhere(&self, run: &str) -> Result<Value> {
        Ok(self.history(None, run).await?.to_full())
    }

    /// The actions of a run.
    pub async fn run_actions(&self, playbook: &str, run: &str) -> Result<Vec<Value>> {
        Ok(self.history(Some(playbook), run).await?.actions())
    }

    /// An action of a run.
    pub async fn run_action(&self, playbook: &str, run: &str, action: &str) -> Result<Value> {
        let history = self.history(Some(playbook), run).await?;
        let of_action = |record: &&ActionRecord| record.name.eq_ignore_ascii_case(action);
        let record =
            history.records.iter().find(of_action).ok_or_else(|| Error::not_found("Action", action))?;
        Ok(history.action(record, history.records.iter().filter(of_action).count()))
    }

    /// The repetitions of an action in a loop.
    pub async fn run_repetitions(&self, playbook: &str, run: &str, action: &str) -> Result<Vec<Value>> {
        Ok(self.history(Some(playbook), run).await?.repetitions(action))
    }

    /// Cancels a run.
    pub async fn cancel_run(&self, playbook: &str, run: &str, _caller: &crate::Caller) -> Result<()> {
        self.history(Some(playbook), run).await?;
        self.shared.cancel(run).await
    }

    /// The runs that were started for an incident, with every action record, oldest first.
    pub(crate) async fn histories_of_incident(
        &self,
        workspace: riposte_store::WorkspaceKey,
        incident: &str,
    ) -> Result<Vec<RunHistory>> {
        let incident = incident.to_owned();
        let rows = self
            .shared
            .store
            .read(move |tx| {
                let rows = tx.runs_of_incident(workspace, &incident)?;
                rows.into_iter()
                    .rev()
                    .map(|row| {
                        let records = tx.run_records(&row.id)?;
                        Ok((row, records))
                    })
                    .collect::<riposte_store::Result<Vec<_>>>()
            })
            .await?;
        rows.into_iter().map(|(row, records)| RunHistory::read(row, &records)).collect()
    }
}

/// Collects a page of runs of a status, and whether there are more.
fn page_of_runs(
    top: usize,
    mut after: Option<String>,
    status: Option<&str>,
    next: impl Fn(Option<&str>, usize) -> riposte_store::Result<Vec<RunRow>>,
) -> riposte_store::Result<(Vec<RunRow>, bool)> {
    let top = top.clamp(1, 1000);
    let mut found = Vec::new();
    loop {
        let rows = next(after.as_deref(), top + 1)?;
        let read = rows.len();
        after = rows.last().map(|row| row.id.clone());
        found
            .extend(rows.into_iter().filter(|row| status.is_none_or(|s| row.status.eq_ignore_ascii_case(s))));
        if found.len() > top || read <= top {
            let more = found.len() > top;
            found.truncate(top);
            return Ok((found, more));
        }
    }
}

fn run_page((rows, more): (Vec<RunRow>, bool)) -> Result<Page> {
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    let items =
        rows.into_iter().map(|row| Ok(RunHistory::read(row, &[])?.to_arm())).collect::<Result<_>>()?;
    Ok(Page { items, next })
}
