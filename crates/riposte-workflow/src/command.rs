//! What a run asks of the world.

use crate::RepetitionIndex;
use jiff::Timestamp;
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The stable identity of a command: action, repetition, attempt. Unique in its run, the same when a step is played
/// again, and fit to go out as an idempotency key together with the run's id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommandId(pub Text);

impl CommandId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something to be carried out, once, whose outcome comes back as an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// Its identity.
    pub id: CommandId,
    /// The action that asks for it.
    pub action: Text,
    /// The iterations of the loops around the action.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub repetition: Vec<RepetitionIndex>,
    /// The attempt, from one. A retry is a new attempt with a new id.
    pub attempt: u32,
    /// When the action's time is over (`limit.timeout`). Who carries out a call or a callback gives it up then and
    /// reports [`Outcome::NoResponse`](crate::Outcome::NoResponse) with the code `ActionTimedOut`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Timestamp>,
    /// How a call is to be made.
    #[serde(skip_serializing_if = "CallSettings::is_plain", default)]
    pub settings: CallSettings,
    /// What to do.
    pub kind: CommandKind,
}

impl Command {
    /// What a callback to the address that this command hands out is for: the first attempt, whose address it is.
    pub fn callback_id(&self) -> CommandId {
        let id = self.id.as_str();
        CommandId(Text::from(format!("{}#1", id.rsplit_once('#').map_or(id, |(action, _)| action))))
    }
}

/// How a call is to be made, where the definition says more than what to call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallSettings {
    /// `runtimeConfiguration.contentTransfer.transferMode: Chunked`: large bodies go and come in pieces.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub chunked: bool,
    /// `operationOptions: SuppressWorkflowHeaders`: no `x-ms-workflow-*` headers go out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suppress_workflow_headers: bool,
}

impl CallSettings {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// What to carry out. Inputs are evaluated and hold their secrets in clear: they are for the connector's edge only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CommandKind {
    /// An HTTP request, answered by `Finished`.
    Http {
        /// `{method, uri, headers?, queries?, body?, cookie?, authentication?}`.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// An HTTP request that hands out a callback address; answered by `Finished` (the subscription), then by
    /// `Callback`.
    HttpWebhook {
        /// As for `Http`: the `subscribe` part of the action's inputs.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A connector operation, answered by `Finished`.
    ApiConnection {
        /// What `host.connection.name` came to: the connection's resource id, as a rule.
        connection: Text,
        /// `{host, method, path, queries?, headers?, body?, authentication?}`. When an operation that answered 202 is
        /// polled, `method` is `get` and `path` the address from `Location`, absolute as the service sent it.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A connector operation that hands out a callback address; answered by `Finished` (the
    /// subscription), then by `Callback`.
    ApiConnectionWebhook {
        /// As for `ApiConnection`.
        connection: Text,
        /// As for `ApiConnection`, without a method: POST is meant.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A call of another workflow's Request trigger, answered by `Finished`.
    Workflow {
        /// The id of the workflow.
        workflow: Text,
        /// The trigger's name; empty where the workflow's only trigger is meant.
        trigger: Text,
        /// `{host, headers?, body?}`.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A call of an Azure function, answered by `Finished`.
    Function {
        /// The function's id.
        function: Text,
        /// `{function, method?, headers?, queries?, body?, authentication?}`.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A call of an API behind an API Management service, answered by `Finished`.
    ApiManagement {
        /// The API's id.
        api: Text,
        /// `{api, method, pathTemplate: {template, parameters?}, headers?, queries?, body?, subscriptionKey?,
        /// authentication?}`.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// A message for the Batch trigger of another workflow, answered by `Finished`.
    SendToBatch {
        /// The id of the workflow.
        workflow: Text,
        /// The trigger's name; empty where the workflow's only trigger is meant.
        trigger: Text,
        /// `{host, batchName, content, partitionName?, messageId?}`.
        #[serde(with = "crate::exact")]
        inputs: Value,
    },
    /// JavaScript to run, answered by `Finished`: a response whose body is what the script returned, without a body
    /// where it returned nothing, or no response with the code `InlineCodeScriptRuntimeFailure`.
    Script {
        /// The body of a function of `workflowContext`.
        code: Text,
        /// `workflowContext`: `{actions, trigger?, workflow}`.
        #[serde(with = "crate::exact")]
        context: Value,
    },
    /// A wish to be woken, answered by `TimerFired`.
    Timer {
        /// When.
        due: Timestamp,
    },
}

impl CommandKind {
    /// Whether the answer is but a subscription, after which a callback is awaited.
    pub fn awaits_callback(&self) -> bool {
        matches!(self, Self::HttpWebhook { .. } | Self::ApiConnectionWebhook { .. })
    }
}
