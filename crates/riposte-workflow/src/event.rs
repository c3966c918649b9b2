//! What happens to a run from outside.

use crate::CommandId;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The occurrence of a trigger that started a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerOccurrence {
    /// The trigger's name.
    pub name: Text,
    /// Its inputs; null if it has none.
    pub inputs: Value,
    /// Its outputs: `{headers?, body?, …}`; null if it has none (Recurrence).
    pub outputs: Value,
    /// When it started to fire.
    pub start: Timestamp,
    /// When it had fired.
    pub end: Timestamp,
    /// Its own identity.
    pub tracking_id: Text,
    /// The identity of what the run belongs to: the caller's `x-ms-client-tracking-id`, or the run's id.
    pub client_tracking_id: Text,
    /// The name of the trigger's history entry.
    pub history_name: Text,
}

/// Signs the addresses of callbacks: gives the query of the address of a command, which is good until a time if there
/// is a limit of the action's own.
#[derive(Clone)]
pub struct CallbackSigner(pub Arc<Sign>);

/// What [`CallbackSigner`] holds.
pub type Sign = dyn Fn(&CommandId, Option<Timestamp>) -> String + Send + Sync;

impl std::fmt::Debug for CallbackSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CallbackSigner(…)")
    }
}

/// What a run starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunStart {
    /// The run's id: unique; tracking ids derive from it.
    pub run_id: Text,
    /// What `workflow()` gives: `{id, name, type, location, tags, run: {id, name, type}}`.
    pub workflow: Value,
    /// Values of the definition's parameters, `$connections` among them. What is missing takes its default.
    pub parameters: Object,
    /// The trigger that fired.
    pub trigger: TriggerOccurrence,
    /// What addresses of callbacks begin with; the command's id follows.
    pub callback_base: Text,
    /// Until when a caller waits for a Response action; absent where none waits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller_waits_until: Option<Timestamp>,
}

/// Something that happened to a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When it happened. Time for the run is this and nothing else.
    pub at: Timestamp,
    /// Where everything random in the step comes from (`guid()`, `rand()`, the jitter of retries). The same seed must
    /// be given when the same event is played again.
    pub seed: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// It starts.
    Started(Box<RunStart>),
    /// An outside call has come to an end.
    Finished {
        /// The call's command.
        command: CommandId,
        /// What came of it.
        outcome: Outcome,
    },
    /// The time of a timer has come.
    TimerFired {
        /// The timer's command.
        command: CommandId,
    },
    /// The address of a callback was called.
    Callback {
        /// The callback's command.
        command: CommandId,
        /// The request: `{headers, queries?, body?}`.
        request: Value,
    },
    /// Somebody cancelled the run.
    Cancelled,
    /// The time that a run may take is over.
    Expired,
}

/// What came of an outside call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The service answered.
    Response {
        /// The HTTP status.
        status_code: u16,
        /// The headers, each with one text; the names keep the service's spelling.
        headers: Object,
        /// The body as a value (JSON, text or an envelope of content); absent if there was none.
        #[serde(
            skip_serializing_if = "Option::is_none",
            default,
            deserialize_with = "crate::record::present"
        )]
        body: Option<Value>,
    },
    /// There was no answer.
    NoResponse {
        /// `UnresolvableHostName`, `BadGateway`, `ActionTimedOut`, …. Tried again as the retry policy says, unless it
        /// is one of [`PERMANENT_CODES`].
        code: Text,
        /// Why, for people.
        message: String,
    },
}

/// Codes of [`Outcome::NoResponse`] that trying again cannot mend: the call is not repeated.
pub const PERMANENT_CODES: &[&str] = &[
    "ActionTimedOut",
    "ApiManagementNotFound",
    "AuthorizationFailed",
    "BadRequest",
    "ConnectionNotAuthorized",
    "ConnectionNotFound",
    "ConnectionParameterMissing",
    "EgressDenied",
    "EgressRefused",
    "Forbidden",
    "FunctionAppNotFound",
    "InlineCodeScriptRuntimeFailure",
    "InvalidAuthentication",
    "InvalidRequest",
    "NotSupported",
    "OperationNotFound",
    "OperationNotSupported",
    "ResponseTooLarge",
    "TooManyRedirects",
];
