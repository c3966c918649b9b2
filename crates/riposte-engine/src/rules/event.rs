//! What happened to an incident or an alert, and how far its rules have been seen to.

use super::set::{LoadedRule, Place};
use super::wait::PlaybookWait;
use crate::clock::new_guid;
use crate::incidents::change::Cause;
use jiff::Timestamp;
use riposte_incident::{Actor, Change};
use riposte_rules::Trigger;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Happening {
    /// An incident was made.
    Created,
    /// An incident was changed.
    Updated,
    /// An alert was raised.
    AlertCreated,
}

impl Happening {
    pub(crate) const fn trigger(self) -> Trigger {
        match self {
            Self::Created => Trigger::INCIDENT_CREATED,
            Self::Updated => Trigger::INCIDENT_UPDATED,
            Self::AlertCreated => Trigger::ALERT_CREATED,
        }
    }
}

/// An event, and how far its rules have been seen to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// Its identity; playbooks get it as `eventUniqueId`.
    pub(crate) id: String,
    pub(crate) happening: Happening,
    #[serde(default)]
    pub(crate) change: Change,
    pub(crate) actor: Actor,
    /// The rules whose actions led to it, each by its key, with what it was about: `rule@incident`.
    #[serde(default)]
    pub(crate) chain: Vec<String>,
    /// The name of what it is about; the row says it.
    #[serde(skip)]
    pub(crate) about: String,
    pub(crate) at: Timestamp,
    /// The incident that an alert was put into when it was raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) incident: Option<String>,
    /// The last rule that was seen to.
    #[serde(default)]
    pub(crate) cursor: Option<Place>,
    /// The rules that were carried out for it: one that is moved in the order meanwhile does not run again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) done: Vec<String>,
    /// The rules that were kept from running in circles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) prevented: Vec<Prevented>,
    /// The playbooks that the last rule has started.
    #[serde(default)]
    pub(crate) waiting: Option<Waiting>,
}

/// A rule that was kept from running in circles.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Prevented {
    /// Its resource id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    pub(crate) why: Loop,
}

/// Why a rule is kept from running in circles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Loop {
    /// It ran in the chain that led to the event.
    RanAlready,
    /// The chain has as many rules as one may have.
    TooLong,
}

/// Playbooks that a rule has started and waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) runs: Vec<String>,
    pub(crate) since: Timestamp,
    /// How long; as the configuration says without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<PlaybookWait>,
}

impl Event {
    pub(crate) fn new(happening: Happening, change: Change, cause: Cause, at: Timestamp) -> Self {
        Self {
            id: new_guid(),
            happening,
            change,
            actor: cause.actor,
            chain: cause.chain,
            about: String::new(),
            at,
            incident: None,
            cursor: None,
            done: Vec::new(),
            prevented: Vec::new(),
            waiting: None,
        }
    }

    /// What a rule that is carried out for it adds to the chain.
    pub(crate) fn link(&self, rule: &LoadedRule) -> String {
        format!("{}@{}", rule.key(), self.about)
    }

    /// Whether a rule was carried out for it.
    pub(crate) fn has_done(&self, rule: &LoadedRule) -> bool {
        let wanted = rule.key();
        self.done.iter().any(|key| key.eq_ignore_ascii_case(&wanted))
    }

    /// The change and who made it, if it is an update.
    pub(crate) fn update(&self) -> Option<(&Change, &Actor)> {
        (self.happening == Happening::Updated).then_some((&self.change, &self.actor))
    }
}

/// How far an event has come.
pub(crate) enum Progress {
    /// Every rule is seen to.
    Done,
    /// A rule was carried out; there may be more.
    More,
    /// A rule has started playbooks, which the next rule waits for; until then at the latest.
    Wait { runs: Vec<String>, until: Option<Timestamp> },
}
