//! What a played run leaves: its records, its calls and its end.

use super::Answer;
use crate::playbook::call::Call;
use riposte_value::{Object, Value};
use riposte_workflow::{
    ActionRecord, Command, ErrorBody, RepetitionIndex, ResponseToCaller, RunEnd, State, Status, Step,
};
use std::collections::BTreeMap;

/// What a played run leaves.
#[derive(Debug, Default)]
pub struct Journal {
    records: BTreeMap<(String, Vec<RepetitionIndex>), (usize, ActionRecord)>,
    calls: Vec<Value>,
    end: Option<RunEnd>,
    response: Option<ResponseToCaller>,
}

impl Journal {
    /// Keeps what a step made; hands back the state and the commands to carry out.
    pub fn keep(&mut self, step: Step) -> (State, Vec<Command>) {
        for record in step.records {
            let place = self.records.len();
            let key = (record.name.to_string(), record.repetition.clone());
            let entry = self.records.entry(key).or_insert_with(|| (place, record.clone()));
            entry.1 = record;
        }
        self.end = step.finished.or(self.end.take());
        self.response = step.response.or(self.response.take());
        (step.state, step.commands)
    }

    /// Keeps a call and what answered it.
    pub fn called(&mut self, command: &Command, call: &Call, answer: &Answer) {
        self.calls.push(call.shown(command, answer));
    }

    /// Whether the run has ended.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Ends a run that the interpreter did not end itself.
    pub fn give_up(&mut self, code: &str, message: &str) {
        let error = ErrorBody::new(code, message);
        self.end = Some(RunEnd {
            status: Status::Failed,
            code: Some(error.code.clone()),
            error: Some(error),
            outputs: Value::from(Object::new()),
        });
    }

    /// The status of the run.
    pub fn status(&self) -> Status {
        self.end.as_ref().map_or(Status::Running, |end| end.status)
    }

    /// Why the run did not succeed.
    pub fn error(&self) -> Option<&ErrorBody> {
        self.end.as_ref().and_then(|end| end.error.as_ref())
    }

    /// The records in the order in which they came up, as the API shows them.
    pub fn records(&self) -> Vec<Value> {
        self.in_order().filter_map(|record| serde_json::to_value(record).ok()).map(Value::from).collect()
    }

    /// When the last of its actions ended.
    pub fn last(&self) -> Option<jiff::Timestamp> {
        self.in_order().filter_map(|record| record.end_time).max()
    }

    /// The calls in order.
    pub fn calls(&self) -> &[Value] {
        &self.calls
    }

    fn in_order(&self) -> impl Iterator<Item = &ActionRecord> {
        let mut records: Vec<&(usize, ActionRecord)> = self.records.values().collect();
        records.sort_by_key(|(place, _)| *place);
        records.into_iter().map(|(_, record)| record)
    }

    /// The run as JSON: `{"status","error","actions":{name:{"status","code","inputs","outputs","repetitions"}},"calls","outputs"}`.
    pub fn shown(&self) -> Object {
        let mut actions = Object::new();
        let mut names: Vec<&str> = Vec::new();
        let mut groups: BTreeMap<&str, Vec<&ActionRecord>> = BTreeMap::new();
        for record in self.in_order() {
            let group = groups.entry(&record.name).or_default();
            if group.is_empty() {
                names.push(&record.name);
            }
            group.push(record);
        }
        for name in names {
            actions.insert(name, together(groups.get(name).map(Vec::as_slice).unwrap_or_default()));
        }
        let mut run = Object::new();
        run.insert("status", self.status().as_str());
        run.insert("error", self.error().map_or(Value::Null, fault));
        run.insert("actions", actions);
        run.insert("calls", self.calls.clone());
        run.insert("outputs", self.end.as_ref().map_or(Value::Null, |end| end.outputs.clone()));
        if let Some(response) = &self.response {
            run.insert("response", serde_json::to_value(response).map_or(Value::Null, Value::from));
        }
        run
    }
}

fn fault(error: &ErrorBody) -> Value {
    Value::object([("code", Value::from(&error.code)), ("message", Value::text(&error.message))])
}

/// What stands under an action's name: its record; of one in loops, the worst of its repetitions, with all of them in
/// `repetitions`.
fn together(records: &[&ActionRecord]) -> Value {
    if let [record] = records
        && record.repetition.is_empty()
    {
        return Value::from(properties(record));
    }
    let mut entry = Object::new();
    let worst = records.iter().max_by_key(|record| severity(record.status)).map(|record| properties(record));
    for name in ["type", "status", "code", "error"] {
        if let Some(value) = worst.as_ref().and_then(|worst| worst.get(name)) {
            entry.insert(name, value.clone());
        }
    }
    entry.insert("repetitions", Value::array(records.iter().map(|record| repetition(record))));
    Value::from(entry)
}

fn repetition(record: &ActionRecord) -> Value {
    let indexes = record.repetition.iter().map(|index| {
        Value::object([("scopeName", Value::from(&index.scope)), ("itemIndex", Value::from(index.index))])
    });
    let mut shown = Object::new();
    shown.insert("repetitionIndexes", Value::array(indexes));
    shown.extend(properties(record));
    Value::from(shown)
}

fn severity(status: Status) -> u8 {
    match status {
        Status::Skipped => 1,
        Status::Succeeded => 2,
        Status::Running | Status::Waiting => 3,
        Status::Cancelled => 4,
        Status::TimedOut => 5,
        Status::Failed => 6,
    }
}

fn properties(record: &ActionRecord) -> Object {
    let mut shown = Object::new();
    shown.insert("type", &record.action_type);
    shown.insert("status", record.status.as_str());
    if let Some(code) = &record.code {
        shown.insert("code", code);
    }
    if let Some(error) = &record.error {
        shown.insert("error", fault(error));
    }
    if let Some(inputs) = &record.inputs {
        shown.insert("inputs", inputs.clone());
    }
    if let Some(outputs) = &record.outputs {
        shown.insert("outputs", outputs.clone());
    }
    shown.insert("startTime", record.start_time.to_string());
    if let Some(end) = record.end_time {
        shown.insert("endTime", end.to_string());
    }
    if record.retry_history.len() > 1 {
        shown.insert(
            "retryHistory",
            serde_json::to_value(&record.retry_history).map_or(Value::Null, Value::from),
        );
    }
    shown
}
