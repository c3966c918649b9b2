//! Automation rules: kept, compiled in memory, and seen to for each event of an incident, one after the other, each
//! in a transaction of its own with the incident read anew.

mod act;
mod advance;
mod resource;

pub(crate) use resource::PreparedRule;

use crate::clock::new_guid;
use crate::document::decode;
use crate::error::Result;
use crate::incidents::change::Cause;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_incident::{Actor, Change};
use riposte_rules::{AutomationRule, Cursor, Trigger, applicable};
use riposte_store::{Read, WorkspaceKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What happened to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Happening {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
}

impl Happening {
    pub(crate) const fn trigger(self) -> Trigger {
        match self {
            Self::Created => Trigger::INCIDENT_CREATED,
            Self::Updated => Trigger::INCIDENT_UPDATED,
        }
    }
}

/// An event of an incident, and how far its rules have been seen to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IncidentEvent {
    /// Its identity; playbooks get it as `eventUniqueId`.
    pub(crate) id: String,
    pub(crate) happening: Happening,
    #[serde(default)]
    pub(crate) change: Change,
    pub(crate) actor: Actor,
    /// The rules whose actions led to it, by their names.
    #[serde(default)]
    pub(crate) chain: Vec<String>,
    pub(crate) at: Timestamp,
    /// The last rule that was seen to.
    #[serde(default)]
    pub(crate) cursor: Option<Cursor>,
    /// The playbooks that the last rule has started.
    #[serde(default)]
    pub(crate) waiting: Option<Waiting>,
}

/// Playbooks that a rule has started and waits for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) runs: Vec<String>,
    pub(crate) since: Timestamp,
}

impl IncidentEvent {
    pub(crate) fn new(happening: Happening, change: Change, cause: Cause, at: Timestamp) -> Self {
        Self {
            id: new_guid(),
            happening,
            change,
            actor: cause.actor,
            chain: cause.chain,
            at,
            cursor: None,
            waiting: None,
        }
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
    /// A rule has started playbooks, which the next rule waits for.
    Wait { runs: Vec<String>, waited: Duration },
}

/// A workspace's rules, compiled, in the order in which they are seen to.
#[derive(Default)]
pub(crate) struct RuleSet {
    pub(crate) rules: Vec<Arc<AutomationRule>>,
    /// The same by the stored text.
    compiled: BTreeMap<String, Arc<AutomationRule>>,
}

impl Shared {
    /// Reads the rules of all workspaces into memory. What has not changed is not compiled again.
    pub(crate) fn load_rules(&self, tx: &dyn Read) -> Result<()> {
        for workspace in tx.workspaces()? {
            let known = self.rules_of(workspace.key);
            let mut compiled = BTreeMap::new();
            for text in tx.automation_rules(workspace.key)? {
                if let Some(rule) = known.compiled.get(&text) {
                    compiled.insert(text, Arc::clone(rule));
                    continue;
                }
                let stored: resource::StoredRule = decode("automation rule", &text)?;
                match stored.compile() {
                    Ok(rule) => drop(compiled.insert(text, Arc::new(rule))),
                    // One that a later version does not understand must not stop the others.
                    Err(error) => tracing::error!(rule = %stored.name, %error, "the rule cannot be used"),
                }
            }
            let mut rules: Vec<_> = compiled.values().cloned().collect();
            rules.sort_by_cached_key(|rule: &Arc<AutomationRule>| Cursor::of(rule));
            self.rules.write().insert(workspace.key, Arc::new(RuleSet { rules, compiled }));
        }
        Ok(())
    }

    /// The rules of a workspace.
    pub(crate) fn rules_of(&self, workspace: WorkspaceKey) -> Arc<RuleSet> {
        self.rules.read().get(&workspace).cloned().unwrap_or_default()
    }

    /// Whether any rule could be started by such an event now.
    pub(crate) fn has_rules_for(
        &self,
        workspace: WorkspaceKey,
        happening: Happening,
        now: Timestamp,
    ) -> bool {
        let set = self.rules_of(workspace);
        set.rules.iter().any(|rule| applicable(rule, happening.trigger(), now))
    }
}
