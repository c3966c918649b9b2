//! The actions of a run as Azure shows them: each once, its repetitions in loops, the iterations of loops.

use super::contents::{Content, Links, Place, shown};
use super::history::{RunHistory, error_value, insert_some, resource};
use crate::Engine;
use crate::clock::time_text;
use crate::error::{Error, Result};
use jiff::Timestamp;
use riposte_value::{Object, Value};
use riposte_workflow::{ActionRecord, RepetitionIndex, Status, secured_marker};
use std::collections::BTreeMap;

const ACTIONS: &str = "Microsoft.Logic/workflows/runs/actions";
const REPETITIONS: &str = "Microsoft.Logic/workflows/runs/actions/repetitions";
const SCOPE_REPETITIONS: &str = "Microsoft.Logic/workflows/runs/actions/scopeRepetitions";
const LOOPS: [&str; 2] = ["Foreach", "Until"];
const BLOCKS: [&str; 5] = ["Foreach", "If", "Scope", "Switch", "Until"];

/// `000001`, and in nested loops `000001-000000`.
pub(super) fn repetition_name(repetition: &[RepetitionIndex]) -> String {
    let numbers: Vec<String> = repetition.iter().map(|index| format!("{:06}", index.index)).collect();
    numbers.join("-")
}

fn indexes_value(repetition: &[RepetitionIndex]) -> Value {
    Value::array(repetition.iter().map(|index| {
        Value::object([("scopeName", Value::from(&index.scope)), ("itemIndex", Value::from(index.index))])
    }))
}

/// The records of one action.
struct OfAction<'a> {
    first: &'a ActionRecord,
    all: Vec<&'a ActionRecord>,
}

impl RunHistory {
    /// The actions in the order in which they began.
    fn by_action(&self) -> Vec<OfAction<'_>> {
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        let mut actions: Vec<OfAction<'_>> = Vec::new();
        for record in &self.records {
            match places.get(record.name.as_str()).and_then(|at| actions.get_mut(*at)) {
                Some(action) => action.all.push(record),
                None => {
                    places.insert(&record.name, actions.len());
                    actions.push(OfAction { first: record, all: vec![record] });
                }
            }
        }
        actions
    }

    fn records_of(&self, action: &str) -> Result<Vec<&ActionRecord>> {
        let of_action = |record: &&ActionRecord| record.name.eq_ignore_ascii_case(action);
        let found: Vec<&ActionRecord> = self.records.iter().filter(of_action).collect();
        if found.is_empty() { Err(action_not_found(action)) } else { Ok(found) }
    }

    /// The record of an action outside loops, or of a repetition of it.
    pub(super) fn record_at(&self, action: &str, repetition: Option<&str>) -> Result<&ActionRecord> {
        let mut all = self.records_of(action)?.into_iter();
        match repetition {
            None => all.next().ok_or_else(|| action_not_found(action)),
            Some(name) => all
                .find(|record| repetition_name(&record.repetition) == name)
                .ok_or_else(|| repetition_not_found(action, name)),
        }
    }

    fn actions(&self, links: &Links<'_>) -> Vec<Value> {
        self.by_action().iter().map(|action| self.action(&action.all, action.first, links)).collect()
    }

    /// The properties of all actions by name, as `$expand=properties/actions` shows them.
    pub(super) fn actions_by_name(&self, links: &Links<'_>) -> Value {
        let actions = self.by_action();
        Value::from(
            actions
                .iter()
                .map(|action| (action.first.name.clone(), summary(&action.all, action.first, links)))
                .collect::<Object>(),
        )
    }

    fn action(&self, all: &[&ActionRecord], first: &ActionRecord, links: &Links<'_>) -> Value {
        let id = format!("{}/actions/{}", self.id(), first.name);
        resource(&id, &first.name, ACTIONS, summary(all, first, links))
    }

    fn repetition(&self, record: &ActionRecord, links: &Links<'_>) -> Value {
        let name = repetition_name(&record.repetition);
        let id = format!("{}/actions/{}/repetitions/{name}", self.id(), record.name);
        let mut properties = own_properties(record, links);
        properties.insert("repetitionIndexes", indexes_value(&record.repetition));
        resource(&id, &name, REPETITIONS, Value::from(properties))
    }

    fn repetitions(&self, action: &str, links: &Links<'_>) -> Result<Vec<Value>> {
        let all = self.records_of(action)?;
        let inside = all.into_iter().filter(|record| !record.repetition.is_empty());
        Ok(inside.map(|record| self.repetition(record, links)).collect())
    }

    /// Of a loop its iterations; of another scope in loops its repetitions.
    fn scope_repetitions(&self, action: &str, links: &Links<'_>) -> Result<Vec<Value>> {
        let all = self.records_of(action)?;
        let Some(first) = all.first().filter(|first| BLOCKS.contains(&first.action_type.as_str())) else {
            return Ok(Vec::new());
        };
        let show = |indexes: &[RepetitionIndex], mut properties: Object| {
            let name = repetition_name(indexes);
            properties.insert("repetitionIndexes", indexes_value(indexes));
            let id = format!("{}/actions/{}/scopeRepetitions/{name}", self.id(), first.name);
            resource(&id, &name, SCOPE_REPETITIONS, Value::from(properties))
        };
        if LOOPS.contains(&first.action_type.as_str()) {
            let iterations = self.iterations(&first.name);
            return Ok(iterations
                .into_iter()
                .map(|(indexes, inside)| show(indexes, self.iteration(first, &inside)))
                .collect());
        }
        let inside = all.into_iter().filter(|record| !record.repetition.is_empty());
        Ok(inside.map(|record| show(&record.repetition, own_properties(record, links))).collect())
    }

    /// The iterations of a loop, with the records of everything in each.
    fn iterations(&self, name: &str) -> BTreeMap<&[RepetitionIndex], Vec<&ActionRecord>> {
        let mut iterations: BTreeMap<&[RepetitionIndex], Vec<&ActionRecord>> = BTreeMap::new();
        for record in &self.records {
            let at = record.repetition.iter().position(|index| index.scope == name);
            if let Some(indexes) = at.and_then(|at| record.repetition.get(..=at)) {
                iterations.entry(indexes).or_default().push(record);
            }
        }
        iterations
    }

    fn iteration(&self, of_loop: &ActionRecord, inside: &[&ActionRecord]) -> Object {
        let depth = of_loop.repetition.len() + 1;
        let status_of = |name: &str| {
            let mut here = inside.iter().filter(|record| record.repetition.len() == depth);
            here.find(|record| record.name == name).map(|record| record.status)
        };
        let status = match &self.program {
            Some(program) => program.iteration_outcome(&of_loop.name, status_of),
            None => together(inside),
        };
        let mut properties = times(inside, status.is_terminal());
        properties.insert("correlation", correlation(of_loop));
        properties.insert("status", status.as_str());
        properties.insert("code", if status == Status::Failed { "ActionFailed" } else { "NotSpecified" });
        properties
    }
}

/// The properties of an action outside loops; of one in loops, what its repetitions come to.
fn summary(all: &[&ActionRecord], first: &ActionRecord, links: &Links<'_>) -> Value {
    if first.repetition.is_empty() {
        return Value::from(own_properties(first, links));
    }
    let status = together(all);
    let mut properties = times(all, status.is_terminal());
    properties.insert("correlation", correlation(first));
    properties.insert("status", status.as_str());
    properties.insert("code", "NotSpecified");
    properties.insert("repetitionCount", all.len());
    Value::from(properties)
}

/// What several repetitions come to: as `result()` of a loop tells it of an action.
fn together(all: &[&ActionRecord]) -> Status {
    let any = |wanted: Status| all.iter().any(|record| record.status == wanted);
    let ranked = [
        Status::Running,
        Status::Waiting,
        Status::Failed,
        Status::TimedOut,
        Status::Cancelled,
        Status::Succeeded,
    ];
    ranked.into_iter().find(|status| any(*status)).unwrap_or(Status::Skipped)
}

/// When the first began and, if all have ended, when the last did.
fn times(all: &[&ActionRecord], ended: bool) -> Object {
    let mut properties = Object::new();
    let start: Option<Timestamp> = all.iter().map(|record| record.start_time).min();
    insert_some(&mut properties, "startTime", start.map(time_text));
    let end = all.iter().filter_map(|record| record.end_time).max().filter(|_| ended);
    insert_some(&mut properties, "endTime", end.map(time_text));
    properties
}

fn correlation(record: &ActionRecord) -> Value {
    Value::object([
        ("actionTrackingId", Value::from(&record.tracking_id)),
        ("clientTrackingId", Value::from(&record.client_tracking_id)),
    ])
}

/// The properties of an action, or of one repetition of it. Inputs and outputs stand behind links.
fn own_properties(record: &ActionRecord, links: &Links<'_>) -> Object {
    let mut properties = times(&[record], true);
    properties.insert("correlation", correlation(record));
    properties.insert("status", record.status.as_str());
    insert_some(&mut properties, "code", record.code.as_ref());
    insert_some(&mut properties, "error", record.error.as_ref().map(error_value));
    insert_some(&mut properties, "trackedProperties", record.tracked_properties.clone());
    insert_some(&mut properties, "iterationCount", record.iteration_count);
    insert_some(&mut properties, "repetitionCount", record.repetition_count);
    let place = |content| Place {
        action: Some(record.name.to_string()),
        repetition: repetition_name(&record.repetition),
        request: None,
        content,
    };
    let mut secured = Vec::new();
    for (name, what, content, value) in [
        ("inputsLink", "inputs", Content::ActionInputs, record.inputs.as_ref()),
        ("outputsLink", "outputs", Content::ActionOutputs, record.outputs.as_ref()),
    ] {
        match shown(value) {
            Some(value) => properties.insert(name, links.link(&place(content), value)),
            None if value == Some(&secured_marker()) => {
                secured.push(Value::from(what));
                None
            }
            None => None,
        };
    }
    if !secured.is_empty() {
        properties.insert("secureData", Value::object([("properties", Value::array(secured))]));
    }
    if !record.retry_history.is_empty() {
        properties.insert("retryHistory", Value::array(record.retry_history.iter().map(retry_value)));
    }
    properties
}

/// `error` is wrapped, as Azure's clients read it.
fn retry_value(entry: &riposte_workflow::RetryEntry) -> Value {
    let mut value = Object::new();
    value.insert("startTime", time_text(entry.start_time));
    value.insert("endTime", time_text(entry.end_time));
    value.insert("code", &entry.code);
    value.insert("clientRequestId", &entry.client_request_id);
    insert_some(&mut value, "serviceRequestId", entry.service_request_id.as_ref());
    let error = entry.error.as_ref().map(|error| Value::object([("error", error_value(error))]));
    insert_some(&mut value, "error", error);
    Value::from(value)
}

fn action_not_found(action: &str) -> Error {
    let why = format!("The workflow run action '{action}' could not be found.");
    Error::new(crate::ErrorKind::NotFound, "WorkflowRunActionNotFound", why)
}

fn repetition_not_found(action: &str, name: &str) -> Error {
    let why = format!("The repetition '{name}' of the workflow run action '{action}' could not be found.");
    Error::new(crate::ErrorKind::NotFound, "WorkflowRunActionRepetitionNotFound", why)
}

fn named(items: Vec<Value>, name: &str, action: &str) -> Result<Value> {
    let found = items.into_iter().find(|item| item.str_at(&["name"]) == Some(name));
    found.ok_or_else(|| repetition_not_found(action, name))
}

impl Engine {
    /// The actions of a run.
    pub async fn run_actions(&self, playbook: &str, run: &str) -> Result<Vec<Value>> {
        Ok(self.history(Some(playbook), run).await?.actions(&self.links(run)))
    }

    /// An action of a run.
    pub async fn run_action(&self, playbook: &str, run: &str, action: &str) -> Result<Value> {
        let history = self.history(Some(playbook), run).await?;
        let all = history.records_of(action)?;
        let first = all.first().ok_or_else(|| action_not_found(action))?;
        Ok(history.action(&all, first, &self.links(run)))
    }

    /// The repetitions of an action in a loop.
    pub async fn run_repetitions(&self, playbook: &str, run: &str, action: &str) -> Result<Vec<Value>> {
        self.history(Some(playbook), run).await?.repetitions(action, &self.links(run))
    }

    /// A repetition of an action in a loop.
    pub async fn run_repetition(&self, playbook: &str, run: &str, action: &str, name: &str) -> Result<Value> {
        named(self.run_repetitions(playbook, run, action).await?, name, action)
    }

    /// The iterations of a loop, or the repetitions of another scope in loops.
    pub async fn run_scope_repetitions(&self, playbook: &str, run: &str, action: &str) -> Result<Vec<Value>> {
        self.history(Some(playbook), run).await?.scope_repetitions(action, &self.links(run))
    }

    /// An iteration of a loop, or a repetition of another scope in loops.
    pub async fn run_scope_repetition(
        &self,
        playbook: &str,
        run: &str,
        action: &str,
        name: &str,
    ) -> Result<Value> {
        named(self.run_scope_repetitions(playbook, run, action).await?, name, action)
    }
}
