//! What one event makes of a run.

use crate::{ActionRecord, Command, ErrorBody, State, Status};
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};

/// What one event made of a run. State, commands and records are committed together, then the commands are carried
/// out.
#[derive(Debug, Clone)]
pub struct Step {
    /// The state from now on.
    pub state: State,
    /// What to carry out, in order. They are also in [`State::pending`] until their outcome has come. Those of a step
    /// that ends the run take leave of services (they end subscriptions): nobody waits for their outcome, and they are
    /// in no state any more.
    pub commands: Vec<Command>,
    /// Records that are new or have changed, to be upserted by name and repetition, in order.
    pub records: Vec<ActionRecord>,
    /// How the run ended, if it did in this step.
    pub finished: Option<RunEnd>,
    /// What to answer the waiting caller, if a Response action came to it in this step.
    pub response: Option<ResponseToCaller>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEnd {
    /// `Succeeded`, `Failed`, `TimedOut` or `Cancelled`.
    pub status: Status,
    /// The code of a run that did not succeed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<Text>,
    /// Why it did not succeed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<ErrorBody>,
    /// The definition's outputs after evaluation, by name: `{"type", "value"}`. Empty where a run was cut short.
    pub outputs: Value,
}

/// What a Response action says to the caller who waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseToCaller {
    /// The HTTP status.
    pub status_code: u16,
    /// The headers.
    pub headers: Object,
    /// The body; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "crate::record::present")]
    pub body: Option<Value>,
}
