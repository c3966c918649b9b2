//! Analytics rules: kept, compiled in memory by workspace, and asked which of them governs an alert. The rows that
//! their queries answer come in over REST and become alerts, which take the way of every alert.

mod actions;
mod attached;
mod health;
mod resource;
mod results;
mod templates;

pub(crate) use actions::PreparedAction;
pub(crate) use resource::PreparedAnalyticsRule;
pub use resource::check_analytics_rule;
pub use results::RuleResults;

use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use riposte_incident::{Alert, AnalyticsRule, WorkspaceRef};
use riposte_store::{Item, Read, WorkspaceKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many items are read at a time.
const PAGE: usize = 1_000;

/// The analytics rules of a workspace, compiled.
#[derive(Default)]
pub(crate) struct AnalyticsRules {
    /// By name in lower case.
    rules: BTreeMap<String, Arc<KnownRule>>,
}

/// A rule in memory.
pub(crate) struct KnownRule {
    pub(crate) rule: Arc<AnalyticsRule>,
    /// The playbooks that it starts itself, by the names of its actions.
    pub(crate) playbooks: Vec<String>,
    /// The stored text that it was compiled from.
    text: String,
}

impl AnalyticsRules {
    /// Every rule.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &AnalyticsRule> {
        self.rules.values().map(|known| known.rule.as_ref())
    }

    /// The rule that a name or `{workspaceId}_{name}` names, without regard to case.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<KnownRule>> {
        let name = name.trim().to_lowercase();
        self.rules.get(&name).or_else(|| {
            let (workspace, rule) = name.split_once('_')?;
            uuid::Uuid::try_parse(workspace).ok()?;
            self.rules.get(rule)
        })
    }

    /// The rule of the workspace that an ARM id names.
    pub(crate) fn with_id(&self, id: &str, ws: &WorkspaceRef) -> Option<&Arc<KnownRule>> {
        let name = id.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if ws.is_elsewhere(id) { None } else { self.named(name) }
    }

    /// Links an alert with the rules that it names.
    pub(crate) fn link(&self, alert: &mut Alert, ws: &WorkspaceRef) {
        alert.link_analytics_rules(ws, |name| self.named(name).map(|known| known.rule.name.clone()));
    }

    /// Which rule governs a linked alert: the first of those that it names.
    pub(crate) fn of_alert(&self, alert: &Alert) -> Option<&Arc<KnownRule>> {
        if self.rules.is_empty() {
            return None;
        }
        alert.analytic_rule_names().iter().find_map(|name| self.named(name))
    }
}

impl Shared {
    /// Reads the analytics rules of all workspaces into memory. What has not changed is not compiled again.
    pub(crate) fn load_analytics(&self, tx: &dyn Read) -> Result<()> {
        for workspace in tx.workspaces()? {
            let before = self.analytics_of(workspace.key);
            let mut rules = BTreeMap::new();
            for (name, text) in all_items(tx, workspace.key, Item::AnalyticsRule, "")? {
                if let Some(known) = Self::load_rule(tx, workspace.key, &before, &name, text)? {
                    rules.insert(name, Arc::new(known));
                }
            }
            self.analytics.write().insert(workspace.key, Arc::new(AnalyticsRules { rules }));
        }
        Ok(())
    }

    fn load_rule(
        tx: &dyn Read,
        workspace: WorkspaceKey,
        before: &AnalyticsRules,
        name: &str,
        text: String,
    ) -> Result<Option<KnownRule>> {
        let stored: resource::StoredAnalyticsRule = decode("analytics rule", &text)?;
        let playbooks =
            if stored.has_actions { actions::playbooks_of(tx, workspace, name)? } else { Vec::new() };
        let known = before.rules.get(name).filter(|known| known.text == text);
        let rule =
            match known.map_or_else(|| stored.compile().map(Arc::new), |known| Ok(Arc::clone(&known.rule))) {
                Ok(rule) => rule,
                // One that a later version does not understand must not stop the others.
                Err(error) => {
                    tracing::error!(rule = %stored.name, %error, "the analytics rule cannot be used");
                    return Ok(None);
                }
            };
        Ok(Some(KnownRule { rule, playbooks, text }))
    }

    /// The analytics rules of a workspace.
    pub(crate) fn analytics_of(&self, workspace: WorkspaceKey) -> Arc<AnalyticsRules> {
        self.analytics.read().get(&workspace).cloned().unwrap_or_default()
    }
}

/// All items of a kind below a parent: names in lower case and documents, by name.
fn all_items(
    tx: &dyn Read,
    workspace: WorkspaceKey,
    kind: Item,
    parent: &str,
) -> Result<Vec<(String, String)>> {
    let mut items: Vec<(String, String)> = Vec::new();
    loop {
        let after = items.last().map(|(name, _)| name.clone()).unwrap_or_default();
        let page = tx.items(workspace, kind, parent, &after, PAGE)?;
        let is_last = page.len() < PAGE;
        items.extend(page);
        if is_last {
            return Ok(items);
        }
    }
}
