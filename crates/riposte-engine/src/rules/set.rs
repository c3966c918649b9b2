//! Automation rules in memory: compiled, by what they are triggered by, in the order in which they are seen to.

use super::event::Happening;
use super::resource::StoredRule;
use super::tenant;
use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_rules::{AutomationRule, Prepared, RuleIndex, Trigger, applicable};
use riposte_store::{Read, WorkspaceKey};
use riposte_value::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// A place in the order of rules: by `order`, then by name in lower case, compared ordinally; of two that are equal in
/// both, the workspace's own comes before the one that holds for several workspaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) order: u16,
    pub(crate) name: Text,
    #[serde(default)]
    pub(crate) is_tenant_wide: bool,
}

/// A rule in memory.
pub(crate) struct LoadedRule {
    pub(crate) rule: Arc<AutomationRule>,
    pub(crate) place: Place,
    /// Which writing of it this is.
    pub(crate) etag: String,
    /// Whether any of its conditions asks a watchlist.
    pub(crate) asks_watchlists: bool,
}

impl LoadedRule {
    pub(crate) fn new(rule: AutomationRule, etag: String, is_tenant_wide: bool) -> Self {
        let name = Text::from(rule.name.to_lowercase());
        let place = Place { order: rule.order, name, is_tenant_wide };
        let asks_watchlists = !rule.asked_watchlists().is_empty();
        Self { rule: Arc::new(rule), place, etag, asks_watchlists }
    }

    /// What it is known by in events and by its last runs: a rule that holds for several workspaces may be called as one
    /// of a workspace's own.
    pub(crate) fn key(&self) -> String {
        if self.place.is_tenant_wide { format!("/{}", self.rule.name) } else { self.rule.name.to_string() }
    }

    /// What records call it.
    pub(crate) fn resource_id(&self, ws: &Workspace) -> String {
        if self.place.is_tenant_wide {
            tenant::resource_id(&self.rule.name)
        } else {
            ws.reference.resource_id("automationRules", &self.rule.name)
        }
    }
}

/// The rules for one trigger that are on, in order.
#[derive(Default)]
pub(crate) struct Ranked {
    rules: Vec<Arc<LoadedRule>>,
    /// When the last of them expires; none if one never does.
    expires: Option<Timestamp>,
    fingerprint: OnceLock<String>,
    /// The same rules in the same order, filed by what they ask for; made when it is first needed.
    index: OnceLock<Arc<RuleIndex>>,
    /// The index of the rules as they were before, where it was made: this one goes on from it.
    before: Option<Arc<RuleIndex>>,
}

impl Ranked {
    fn new(mut rules: Vec<Arc<LoadedRule>>, before: &Self) -> Self {
        rules.sort_by(|a, b| a.place.cmp(&b.place));
        let expires = rules.iter().map(|loaded| loaded.rule.expiration).collect::<Option<Vec<_>>>();
        let expires = expires.and_then(|times| times.into_iter().max());
        let before = before.index.get().or(before.before.as_ref()).cloned();
        Self { rules, expires, fingerprint: OnceLock::new(), index: OnceLock::new(), before }
    }

    /// Whether any of them is still in force.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        !self.rules.is_empty() && self.expires.is_none_or(|expires| expires > now)
    }

    /// The rules from a place in the list on that are in force, each with its place in the list.
    pub(crate) fn rest(&self, at: usize, now: Timestamp) -> impl Iterator<Item = (usize, &Arc<LoadedRule>)> {
        let rest = self.rules.iter().enumerate().skip(at);
        rest.filter(move |(_, loaded)| applicable(&loaded.rule, loaded.rule.trigger(), now))
    }

    /// As [`Self::rest`], those alone that could match.
    pub(crate) fn candidates(
        &self,
        prepared: &Prepared<'_>,
        at: usize,
        now: Timestamp,
    ) -> impl Iterator<Item = (usize, &Arc<LoadedRule>)> {
        let index = self.index.get_or_init(|| {
            let rules = self.rules.iter().map(|loaded| Arc::clone(&loaded.rule));
            Arc::new(match &self.before {
                Some(before) => before.renewed(rules),
                None => RuleIndex::new(rules),
            })
        });
        // They are of one trigger.
        let trigger = self.rules.first().map_or(Trigger::INCIDENT_CREATED, |loaded| loaded.rule.trigger());
        let places = index.places(trigger, prepared, at);
        let found = places.filter_map(|at| self.rules.get(at).map(|loaded| (at, loaded)));
        found.filter(move |(_, loaded)| applicable(&loaded.rule, trigger, now))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rule at a place in the list, if it is in force.
    pub(crate) fn at(&self, at: usize, now: Timestamp) -> Option<&LoadedRule> {
        let loaded = self.rules.get(at)?;
        applicable(&loaded.rule, loaded.rule.trigger(), now).then_some(&**loaded)
    }

    /// Where in the list the rules after a place in the order begin.
    pub(crate) fn after(&self, place: Option<&Place>) -> usize {
        place.map_or(0, |place| self.rules.partition_point(|loaded| loaded.place <= *place))
    }

    /// The first rules.
    pub(crate) fn first(&self, count: usize) -> impl Iterator<Item = &LoadedRule> {
        self.rules.iter().take(count).map(|loaded| &**loaded)
    }

    /// Stands for the first `count` rules as they are.
    pub(crate) fn fingerprint(&self, count: usize) -> &str {
        self.fingerprint.get_or_init(|| {
            use sha2::Digest as _;
            let mut hash = sha2::Sha256::new();
            for loaded in self.first(count) {
                hash.update(loaded.place.name.as_bytes());
                hash.update([0, u8::from(loaded.place.is_tenant_wide)]);
                hash.update(loaded.etag.as_bytes());
                hash.update([0]);
            }
            let digest = hash.finalize();
            crate::playbooks::to_hex(digest.get(..16).unwrap_or_default())
        })
    }
}

/// A workspace's rules.
#[derive(Default)]
pub(crate) struct RuleSet {
    incident_created: Ranked,
    incident_updated: Ranked,
    alert_created: Ranked,
    /// Those that hold for several workspaces: their names and which writing of them it is.
    tenant_wide: Vec<(Text, String)>,
    /// The workspace's own by their stored text.
    compiled: BTreeMap<String, Arc<LoadedRule>>,
}

impl RuleSet {
    fn new(
        compiled: BTreeMap<String, Arc<LoadedRule>>,
        tenant_wide: &[Arc<LoadedRule>],
        before: &Self,
    ) -> Self {
        let ranked = |trigger: Trigger, before: &Ranked| {
            let all = compiled.values().chain(tenant_wide);
            let fits = all.filter(|loaded| loaded.rule.is_enabled && loaded.rule.trigger() == trigger);
            Ranked::new(fits.cloned().collect(), before)
        };
        Self {
            incident_created: ranked(Trigger::INCIDENT_CREATED, &before.incident_created),
            incident_updated: ranked(Trigger::INCIDENT_UPDATED, &before.incident_updated),
            alert_created: ranked(Trigger::ALERT_CREATED, &before.alert_created),
            tenant_wide: names_of(tenant_wide),
            compiled,
        }
    }

    /// The aliases of the watchlists that its rules ask.
    pub(crate) fn watchlists(&self) -> Vec<Text> {
        let ranked = [&self.incident_created, &self.incident_updated, &self.alert_created];
        let rules = ranked.into_iter().flat_map(|ranked| &ranked.rules);
        let mut aliases: Vec<Text> = rules.flat_map(|loaded| loaded.rule.watchlists()).collect();
        aliases.sort_unstable();
        aliases.dedup();
        aliases
    }

    /// What was compiled of a stored text of the workspace's own, if that is at hand.
    pub(crate) fn compiled_of(&self, text: &str) -> Option<&Arc<AutomationRule>> {
        self.compiled.get(text).map(|loaded| &loaded.rule)
    }

    /// Whether these are its rules.
    fn is_of(&self, texts: &[String], tenant_wide: &[Arc<LoadedRule>]) -> bool {
        self.compiled.len() == texts.len()
            && texts.iter().all(|text| self.compiled.contains_key(text))
            && self.tenant_wide == names_of(tenant_wide)
    }

    /// The rules for what happened.
    pub(crate) const fn of(&self, happening: Happening) -> &Ranked {
        match happening {
            Happening::Created => &self.incident_created,
            Happening::Updated => &self.incident_updated,
            Happening::AlertCreated => &self.alert_created,
        }
    }
}

fn names_of(rules: &[Arc<LoadedRule>]) -> Vec<(Text, String)> {
    rules.iter().map(|loaded| (loaded.place.name.clone(), loaded.etag.clone())).collect()
}

impl Shared {
    /// Reads the rules of all workspaces into memory. What has not changed is not compiled again.
    pub(crate) fn load_rules(&self, tx: &dyn Read) -> Result<()> {
        let tenant_wide = tenant::load(tx)?;
        for workspace in tx.workspaces()? {
            let known = self.rules_of(workspace.key);
            let tenant_wide: Vec<_> = tenant_wide
                .iter()
                .filter(|rule| rule.holds_for(&workspace))
                .map(|rule| Arc::clone(&rule.0))
                .collect();
            let texts = tx.automation_rules(workspace.key)?;
            if known.is_of(&texts, &tenant_wide) {
                continue;
            }
            let compiled = compile(texts, &known)?;
            let set = RuleSet::new(compiled, &tenant_wide, &known);
            self.rules.write().insert(workspace.key, Arc::new(set));
        }
        Ok(())
    }

    /// The rules of a workspace.
    pub(crate) fn rules_of(&self, workspace: WorkspaceKey) -> Arc<RuleSet> {
        self.rules.read().get(&workspace).cloned().unwrap_or_default()
    }

    /// A stored rule of a workspace and what is compiled of it; what is at hand is not compiled again.
    pub(crate) fn compiled_rule(
        &self,
        workspace: WorkspaceKey,
        text: &str,
    ) -> Result<(StoredRule, Arc<AutomationRule>)> {
        let stored: StoredRule = decode("automation rule", text)?;
        let rule = match self.rules_of(workspace).compiled_of(text) {
            Some(rule) => Arc::clone(rule),
            None => Arc::new(stored.compile()?),
        };
        Ok((stored, rule))
    }

    /// Whether any rule could be started by such an event now.
    pub(crate) fn has_rules_for(
        &self,
        workspace: WorkspaceKey,
        happening: Happening,
        now: Timestamp,
    ) -> bool {
        self.rules.read().get(&workspace).is_some_and(|set| set.of(happening).is_alive(now))
    }
}

/// Compiles what is not known yet.
fn compile(texts: Vec<String>, known: &RuleSet) -> Result<BTreeMap<String, Arc<LoadedRule>>> {
    let mut compiled = BTreeMap::new();
    for text in texts {
        if let Some(rule) = known.compiled.get(&text) {
            compiled.insert(text, Arc::clone(rule));
            continue;
        }
        let stored: StoredRule = decode("automation rule", &text)?;
        match stored.compile() {
            Ok(rule) => drop(compiled.insert(text, Arc::new(LoadedRule::new(rule, stored.etag, false)))),
            // One that a later version does not understand must not stop the others.
            Err(error) => tracing::error!(rule = %stored.name, %error, "the rule cannot be used"),
        }
    }
    Ok(compiled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Caller, Principal, PrincipalKind};
    use crate::{Config, Engine};
    use riposte_value::value;

    #[tokio::test]
    async fn what_is_shown_is_compiled_once() {
        let engine = Engine::open(Config::default()).await.unwrap();
        let somebody = Principal { id: "p".into(), name: "p".into(), kind: PrincipalKind::User };
        let caller = Caller::new(somebody);
        let ws = engine.workspace_or_create("s", "g", "w1", &caller).await.unwrap();
        let body = |order: i64| {
            value!({ "properties": { "displayName": "r", "order": order, "actions": [{ "order": 1,
                "actionType": "ModifyProperties", "actionConfiguration": { "severity": "High" } }],
                "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created" } } })
        };
        let compiled = async || {
            let texts = engine.shared.store.read(move |tx| tx.automation_rules(ws.key)).await.unwrap();
            engine.shared.compiled_rule(ws.key, &texts[0]).unwrap().1
        };
        engine.put_automation_rule(&ws, "r", &body(1), &caller).await.unwrap();
        let first = compiled().await;
        assert!(Arc::ptr_eq(&first, &compiled().await));
        engine.put_automation_rule(&ws, "r", &body(2), &caller).await.unwrap();
        let changed = compiled().await;
        assert!(!Arc::ptr_eq(&first, &changed));
        assert_eq!(changed.order, 2);
    }
}
