//! Run history: what is kept of each action of a run.

use crate::Status;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Deserializer, Serialize};

/// Which iteration of a loop an action ran in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepetitionIndex {
    /// The Foreach or Until action.
    #[serde(rename = "scopeName")]
    pub scope: Text,
    /// The iteration, from zero.
    #[serde(rename = "itemIndex")]
    pub index: u32,
}

/// A code and what it means, as Azure words it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// For machines: `ActionFailed`, `InvalidTemplate`, ….
    pub code: Text,
    /// For people.
    pub message: String,
}

impl ErrorBody {
    /// An error of this code and message.
    pub fn new(code: impl AsRef<str>, message: impl Into<String>) -> Self {
        Self { code: Text::new(code), message: message.into() }
    }

    pub(crate) fn value(&self) -> Value {
        Value::object([("code", Value::from(&self.code)), ("message", Value::from(&self.message))])
    }
}

/// One attempt at an outside call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryEntry {
    /// When the call was started.
    pub start_time: Timestamp,
    /// When its outcome was known.
    pub end_time: Timestamp,
    /// The name of the status code, or why there was no response.
    pub code: Text,
    /// What the call carried as its identity: the id of its command.
    pub client_request_id: Text,
    /// What the service called the request (`x-ms-request-id`), if it said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service_request_id: Option<Text>,
    /// Why there was no response.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorBody>,
}

/// What run history keeps of one action, or of one repetition of an action that stands in loops.
///
/// Secrets in the authentication of recorded inputs read `*sanitized*`; inputs and outputs that the definition
/// declares secure read `{"$secured": true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionRecord {
    /// The action's name as the definition spells it.
    pub name: Text,
    /// The action's type in canonical spelling (`Compose`, `If`, …).
    #[serde(rename = "type")]
    pub action_type: Text,
    /// The iterations of the loops around it, from the outermost; empty outside loops.
    #[serde(rename = "repetitionIndexes", skip_serializing_if = "Vec::is_empty", default)]
    pub repetition: Vec<RepetitionIndex>,
    /// How it stands.
    pub status: Status,
    /// `OK`, `NotSpecified`, `NotFound`, `ActionSkipped`, …; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<Text>,
    /// Why it did not succeed. Absent where a service answered: then the outputs tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorBody>,
    /// Its inputs after evaluation; absent where evaluation failed and where it did not run.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "crate::record::present")]
    pub inputs: Option<Value>,
    /// Its outputs, if it has any.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "crate::record::present")]
    pub outputs: Option<Value>,
    /// When it started.
    pub start_time: Timestamp,
    /// When it ended; absent while it runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_time: Option<Timestamp>,
    /// Its own identity.
    pub tracking_id: Text,
    /// The identity of what the run belongs to.
    pub client_tracking_id: Text,
    /// Its attempts, if there was more than one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub retry_history: Vec<RetryEntry>,
    /// Until: how many iterations there were.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub iteration_count: Option<u64>,
    /// Foreach: over how many items it goes. On an action in a loop that ran no iteration: zero.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub repetition_count: Option<u64>,
    /// `trackedProperties` after evaluation.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "crate::record::present")]
    pub tracked_properties: Option<Value>,
}

/// Reads a value that is there, null included: absent and null are not the same.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What stands in history for inputs or outputs that the definition declares secure.
pub fn secured_marker() -> Value {
    Value::object([("$secured", Value::Bool(true))])
}

/// `2026-11-21T12:00:00.0000000Z`, as the language shows times.
pub(crate) fn time_text(time: Timestamp) -> Text {
    use std::fmt::Write as _;
    let civil = time.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let mut text = String::with_capacity(28);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        civil.subsec_nanosecond() / 100
    );
    Text::from(text)
}

/// How an action's record looks to expressions (`actions()`, `result()`, `action()`): absent properties are absent,
/// and so is the code `NotSpecified`. Blocks show neither inputs nor outputs.
pub(crate) fn language_record(
    record: &ActionRecord,
    inputs: Option<&Value>,
    outputs: Option<&Value>,
) -> Value {
    let mut shown = Object::with_capacity(10);
    shown.insert("name", &record.name);
    if let Some(inputs) = inputs {
        shown.insert("inputs", inputs.clone());
    }
    if let Some(outputs) = outputs {
        shown.insert("outputs", outputs.clone());
    }
    if let Some(tracked) = &record.tracked_properties {
        shown.insert("trackedProperties", tracked.clone());
    }
    shown.insert("startTime", time_text(record.start_time));
    if let Some(end) = record.end_time {
        shown.insert("endTime", time_text(end));
    }
    shown.insert("trackingId", &record.tracking_id);
    shown.insert("clientTrackingId", &record.client_tracking_id);
    if let Some(code) = record.code.as_ref().filter(|code| *code != "NotSpecified") {
        shown.insert("code", code);
    }
    shown.insert("status", record.status.as_str());
    if let Some(error) = &record.error {
        shown.insert("error", error.value());
    }
    if let Some(count) = record.repetition_count {
        shown.insert("repetitionCount", count);
    }
    Value::from(shown)
}
