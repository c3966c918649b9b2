//! Analytics rules as ARM resources.

use super::all_items;
use crate::access::Caller;
use crate::audit::Audited;
use crate::clock::new_guid;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{ANALYTICS_RULE_TYPE, AnalyticsKind, AnalyticsRule, etag_of};
use riposte_store::{Item, Read, WorkspaceKey};
use riposte_value::Value;
use serde::{Deserialize, Serialize};

/// How many rules of a kind Azure takes in a workspace: enabled ones, and all.
const CAPACITY: [(AnalyticsKind, usize, usize); 2] =
    [(AnalyticsKind::Scheduled, 512, 1_024), (AnalyticsKind::Nrt, 50, 100)];

/// A rule as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredAnalyticsRule {
    pub(crate) name: String,
    pub(crate) etag: String,
    kind: String,
    /// The ARM `properties` as they were written.
    properties: Value,
    last_modified: Timestamp,
    /// Whether playbooks are attached to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_actions: bool,
    /// The time in which it is silent, since it made an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) silence: Option<Silence>,
}

/// The time in which a rule makes no alerts.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Silence {
    pub(crate) since: Timestamp,
    pub(crate) until: Timestamp,
}

impl Silence {
    /// The time of both if they meet, else the later one: results may come late.
    pub(crate) fn joined_with(self, other: Self) -> Self {
        if self.until < other.since || other.until < self.since {
            return if self.until < other.since { other } else { self };
        }
        Self { since: self.since.min(other.since), until: self.until.max(other.until) }
    }
}

impl StoredAnalyticsRule {
    /// The rule, compiled.
    pub(crate) fn compile(&self) -> Result<AnalyticsRule> {
        let resource =
            Value::object([("kind", Value::from(&self.kind)), ("properties", self.properties.clone())]);
        let (rule, diagnostics) = AnalyticsRule::from_arm(&self.name, &resource);
        let rule = rule.ok_or_else(|| Error::invalid(diagnostics))?;
        Ok(AnalyticsRule { last_modified: Some(self.last_modified), ..rule })
    }

    fn to_arm(&self, ws: &Workspace) -> Result<Value> {
        Ok(self.compile()?.to_arm(&ws.reference, &self.etag))
    }
}

/// The stored rule of a name.
pub(crate) fn stored_rule(
    tx: &dyn Read,
    workspace: WorkspaceKey,
    name: &str,
) -> Result<Option<StoredAnalyticsRule>> {
    decode_some("analytics rule", tx.item(workspace, Item::AnalyticsRule, "", name)?)
}

/// The stored rule of a name, which must be there.
pub(crate) fn known_rule(tx: &dyn Read, ws: &Workspace, name: &str) -> Result<StoredAnalyticsRule> {
    stored_rule(tx, ws.key, name)?.ok_or_else(|| Error::resource_not_found(&ws.reference.alert_rule_id(name)))
}

/// A rule as it will be saved.
pub(crate) struct PreparedAnalyticsRule {
    rule: AnalyticsRule,
    etag: Option<String>,
    properties: Value,
    diagnostics: Vec<Diagnostic>,
}

impl PreparedAnalyticsRule {
    /// Reads a PUT body; refuses what is no rule.
    pub(crate) fn new(name: &str, body: &Value) -> Result<Self> {
        let (rule, diagnostics) = AnalyticsRule::from_arm(name, body);
        let Some(rule) = rule else { return Err(Error::invalid(diagnostics)) };
        Ok(Self {
            rule,
            etag: etag_of(body).map(str::to_owned),
            properties: body.get_ignore_case("properties").cloned().unwrap_or_default(),
            diagnostics,
        })
    }
}

impl Transaction<'_> {
    /// Saves a rule; answers whether it is new, whether anything changed, and what there is to say of it.
    pub(crate) fn save_analytics_rule(
        &mut self,
        ws: &Workspace,
        prepared: &PreparedAnalyticsRule,
        caller: &Caller,
    ) -> Result<(bool, bool, Vec<Diagnostic>)> {
        let rule = &prepared.rule;
        let known = stored_rule(&*self.tx, ws.key, &rule.name)?;
        let etag = known.as_ref().map(|known| known.etag.as_str());
        caller.precondition.check_put(&rule.name, etag, prepared.etag.as_deref())?;
        let mut diagnostics = prepared.diagnostics.clone();
        if let Some(known) = &known
            && is_same(&known.compile()?, rule)
        {
            return Ok((false, false, diagnostics));
        }
        let stored = StoredAnalyticsRule {
            name: known.as_ref().map_or_else(|| rule.name.to_string(), |known| known.name.clone()),
            etag: new_guid(),
            kind: rule.kind().as_str().to_owned(),
            properties: prepared.properties.clone(),
            last_modified: self.now,
            has_actions: known.as_ref().is_some_and(|known| known.has_actions),
            silence: known.as_ref().and_then(|known| known.silence),
        };
        self.put_analytics_rule(ws, &stored)?;
        let before = known.as_ref().map(|known| known.to_arm(ws)).transpose()?;
        self.audit_analytics_rule(ws, &stored.name, caller, before.as_ref(), Some(&stored.to_arm(ws)?))?;
        if known.is_none() {
            diagnostics.extend(self.beyond_capacity(ws, rule));
        }
        Ok((known.is_none(), true, diagnostics))
    }

    /// Writes a rule's document.
    pub(crate) fn put_analytics_rule(&mut self, ws: &Workspace, stored: &StoredAnalyticsRule) -> Result<()> {
        Ok(self.tx.put_item(ws.key, Item::AnalyticsRule, "", &stored.name, &encode(stored)?)?)
    }

    /// Removes a rule with its actions; whether it was there.
    pub(crate) fn remove_analytics_rule(
        &mut self,
        ws: &Workspace,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let Some(known) = stored_rule(&*self.tx, ws.key, name)? else { return Ok(false) };
        caller.precondition.check_delete(&known.name, &known.etag)?;
        self.tx.delete_items(ws.key, Item::AnalyticsRuleAction, &known.name)?;
        self.tx.delete_item(ws.key, Item::AnalyticsRule, "", &known.name)?;
        self.audit_analytics_rule(ws, &known.name, caller, Some(&known.to_arm(ws)?), None)?;
        Ok(true)
    }

    fn audit_analytics_rule(
        &mut self,
        ws: &Workspace,
        name: &str,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let id = ws.reference.alert_rule_id(name);
        let object = Audited {
            id: &id,
            kind: ANALYTICS_RULE_TYPE,
            resource_type: "Analytics rule",
            workspace: Some(ws),
        };
        self.audit(object, caller, before, after)
    }

    /// A rule as reading it shows, if it is there.
    pub(crate) fn shown_analytics_rule(&self, ws: &Workspace, name: &str) -> Result<Option<Value>> {
        stored_rule(&*self.tx, ws.key, name)?.map(|known| known.to_arm(ws)).transpose()
    }

    /// The names of a workspace's analytics rules.
    pub(crate) fn analytics_rule_names(&self, ws: &Workspace) -> Result<Vec<String>> {
        let items = all_items(&*self.tx, ws.key, Item::AnalyticsRule, "")?;
        let name = |(_, text): &(String, String)| {
            decode::<StoredAnalyticsRule>("analytics rule", text).map(|stored| stored.name)
        };
        items.iter().map(name).collect()
    }

    /// That a workspace has more rules of a kind than Azure takes, with this new one.
    fn beyond_capacity(&self, ws: &Workspace, rule: &AnalyticsRule) -> Option<Diagnostic> {
        let kind = rule.kind();
        let (_, enabled_max, max) = CAPACITY.iter().find(|(limited, _, _)| *limited == kind)?;
        let known = self.shared.analytics_of(ws.key);
        let all = || known.iter().chain([rule]).filter(|one| one.kind() == kind);
        let (count, enabled) = (all().count(), all().filter(|one| one.enabled).count());
        let message = if count > *max {
            format!("Azure takes at most {max} rules of kind {kind} in a workspace; this has {count}")
        } else if enabled > *enabled_max {
            format!(
                "Azure takes at most {enabled_max} enabled rules of kind {kind} in a workspace; this has {enabled}"
            )
        } else {
            return None;
        };
        Some(Diagnostic::warning("AzureLimit", message).at("$.kind"))
    }
}

/// Whether two rules say the same, whenever they were written.
fn is_same(a: &AnalyticsRule, b: &AnalyticsRule) -> bool {
    let timeless = |rule: &AnalyticsRule| AnalyticsRule {
        last_modified: None,
        name: riposte_value::Text::default(),
        ..rule.clone()
    };
    timeless(a) == timeless(b)
}

/// Whether a PUT body is an analytics rule.
///
/// # Errors
/// What is wrong with it.
pub fn check_analytics_rule(name: &str, body: &Value) -> Result<()> {
    PreparedAnalyticsRule::new(name, body).map(drop)
}

impl Engine {
    /// Makes or replaces an analytics rule; answers also what there is to say of it.
    pub async fn put_analytics_rule(
        &self,
        ws: &Workspace,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let prepared = PreparedAnalyticsRule::new(name, body)?;
        let (ws, name, caller) = (ws.clone(), name.to_owned(), caller.clone());
        let written = self
            .shared
            .transact(move |t| {
                let (created, _, diagnostics) = t.save_analytics_rule(&ws, &prepared, &caller)?;
                // In the same transaction: the etag must be that of what was written.
                let resource = known_rule(&*t.tx, &ws, &name)?.to_arm(&ws)?;
                Ok((Written { created, resource }, diagnostics))
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// An analytics rule.
    pub async fn analytics_rule(&self, ws: &Workspace, name: &str) -> Result<Value> {
        let (own, name) = (ws.clone(), name.to_owned());
        self.shared.store.read(move |tx| Ok(known_rule(tx, &own, &name))).await??.to_arm(ws)
    }

    /// The analytics rules of a workspace, by name.
    pub async fn analytics_rules(&self, ws: &Workspace) -> Result<Vec<Value>> {
        let key = ws.key;
        let items =
            self.shared.store.read(move |tx| Ok(all_items(tx, key, Item::AnalyticsRule, ""))).await??;
        let shown =
            |(_, text): &(String, String)| decode::<StoredAnalyticsRule>("analytics rule", text)?.to_arm(ws);
        items.iter().map(shown).collect()
    }

    /// Removes an analytics rule with its actions; whether it was there.
    pub async fn delete_analytics_rule(&self, ws: &Workspace, name: &str, caller: &Caller) -> Result<bool> {
        let (ws, name, caller) = (ws.clone(), name.to_owned(), caller.clone());
        let removed = self.shared.transact(move |t| t.remove_analytics_rule(&ws, &name, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
