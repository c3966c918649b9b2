//! What a trigger waits for, as the store keeps it.

use crate::clock::nanoseconds;
use crate::document::{decode, encode};
use crate::error::Result;
use jiff::Timestamp;
use riposte_store::{ResourceKey, TriggerRow};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// What is done when a trigger is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Phase {
    /// A slot of its recurrence has come.
    Recurring,
    /// A web service is asked.
    Polling,
    /// A subscription is made.
    Subscribing,
    /// A subscription stands; nothing is to be done.
    Subscribed,
    /// A subscription is given up, of a trigger that is gone.
    Unsubscribing,
    /// The definition cannot be served; nothing is to be done.
    Broken,
}

/// What a trigger waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TriggerState {
    /// The trigger's name as it is spelled.
    pub(super) name: Text,
    /// Its definition when it was armed. One that is saved again unchanged stays as it is.
    pub(super) definition: Value,
    /// When it was armed.
    pub(super) armed: Timestamp,
    pub(super) phase: Phase,
    /// The slot that it waits for.
    #[serde(default)]
    pub(super) slot: Option<Timestamp>,
    /// Where to poll next, where a service has said so.
    #[serde(default)]
    pub(super) location: Option<Text>,
    /// How often in a row a call has failed.
    #[serde(default)]
    pub(super) attempts: u32,
}

/// A trigger's row, read.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) resource: ResourceKey,
    /// The name of the row.
    pub(super) row: String,
    pub(super) due: Option<i64>,
    pub(super) state: TriggerState,
    pub(super) secret: Option<Vec<u8>>,
}

/// What names of rows of subscriptions to be given up begin with. No trigger's name can.
pub(super) const GIVEN_UP: &str = "$unsubscribe/";

impl Waiting {
    pub(super) fn read(row: TriggerRow) -> Result<Self> {
        let state = decode("trigger", &row.doc)?;
        Ok(Self { resource: row.resource, row: row.name, due: row.due, state, secret: row.secret })
    }

    pub(super) fn to_row(&self) -> Result<TriggerRow> {
        Ok(TriggerRow {
            resource: self.resource.clone(),
            name: self.row.clone(),
            due: self.due,
            doc: encode(&self.state)?,
            secret: self.secret.clone(),
        })
    }

    pub(super) fn set_due(&mut self, due: Option<Timestamp>) {
        self.due = due.map(nanoseconds);
    }

    /// Where its secret is kept.
    pub(super) fn place(&self) -> String {
        format!("{}#{}", self.resource, self.row)
    }
}
