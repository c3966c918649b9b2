//! Alert rules that hold for several workspaces: what Sentinel calls the enhanced alert trigger, with an order, an expiry
//! and records, which Sentinel's lacks.
//!
//! They are automation rules on created alerts whose extension names the workspaces (`properties.riposte.workspaces`; all
//! of them if it names none), and are evaluated together with each workspace's own rules in one order: by `order`, then by
//! name; of two that are equal in both the workspace's own comes first. Who writes one needs the permission at `/`, since
//! it acts in workspaces that need not be there yet.

use super::health::{Found, SeenTo, marked};
use super::resource::{PreparedRule, StoredRule};
use super::set::LoadedRule;
use crate::access::Caller;
use crate::audit::Audited;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::transaction::Transaction;
use crate::{Engine, Written};
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_rules::{AutomationRule, Trigger, WorkspaceScope};
use riposte_store::{Read, WorkspaceRow};
use riposte_value::Value;
use std::sync::Arc;

/// A rule that holds for several workspaces.
pub(crate) struct TenantRule(pub(crate) Arc<LoadedRule>);

impl TenantRule {
    /// Whether it holds for a workspace: one that it names by ARM id, GUID or name, or any if it names none.
    pub(crate) fn holds_for(&self, workspace: &WorkspaceRow) -> bool {
        holds_for(&self.0.rule, workspace)
    }
}

fn holds_for(rule: &AutomationRule, workspace: &WorkspaceRow) -> bool {
    let id = workspace.resource.as_str();
    rule.workspaces == WorkspaceScope::Own
        || rule
            .workspaces
            .covers(false, &[workspace.resource.name(), &workspace.id, id, id.trim_start_matches('/')])
}

/// The workspaces that a rule sees to.
fn seen_to(tx: &dyn Read, rule: &AutomationRule) -> Result<Vec<SeenTo>> {
    let all = tx.workspaces()?.into_iter().filter(|workspace| holds_for(rule, workspace));
    Ok(all.map(|workspace| (workspace.key, Some(workspace.resource.name().to_owned()))).collect())
}

/// What records call a rule.
pub(crate) fn resource_id(name: &str) -> String {
    format!("/api/alertAutomationRules/{name}")
}

/// The rules, compiled.
pub(crate) fn load(tx: &dyn Read) -> Result<Vec<TenantRule>> {
    let mut rules = Vec::new();
    for text in tx.tenant_rules()? {
        let stored: StoredRule = decode("alert automation rule", &text)?;
        match stored.compile() {
            Ok(rule) => rules.push(TenantRule(Arc::new(LoadedRule::new(rule, stored.etag, true)))),
            // One that a later version does not understand must not stop the others.
            Err(error) => tracing::error!(rule = %stored.name, %error, "the rule cannot be used"),
        }
    }
    Ok(rules)
}

impl StoredRule {
    /// The resource of a rule that holds for several workspaces.
    fn to_tenant_resource(&self, rule: &AutomationRule, now: Timestamp) -> Value {
        Value::object([
            ("id", Value::from(resource_id(&self.name))),
            ("name", Value::from(&self.name)),
            ("type", Value::from("Riposte/alertAutomationRules")),
            ("etag", Value::from(format!("\"{}\"", self.etag))),
            ("properties", self.properties_of(rule, now)),
        ])
    }
}

impl Shared {
    fn tenant_resource(
        &self,
        tx: &dyn Read,
        stored: &StoredRule,
        now: Timestamp,
        found: &mut Found,
    ) -> Result<Value> {
        let rule = stored.compile()?;
        let mut runs = Vec::new();
        for workspace in tx.workspaces()? {
            let name = format!("/{}", stored.name);
            runs.extend(tx.rule_runs(workspace.key, Some(&name))?.into_iter().map(|(_, doc)| doc));
        }
        let health = self.health_of(tx, &seen_to(tx, &rule)?, &rule, &runs, now, found)?;
        Ok(marked(stored.to_tenant_resource(&rule, now), health))
    }
}

impl Transaction<'_> {
    fn save_tenant_rule(
        &mut self,
        prepared: &PreparedRule,
        caller: &Caller,
    ) -> Result<(bool, Vec<Diagnostic>)> {
        if prepared.rule.trigger() != Trigger::ALERT_CREATED {
            let why = "a rule for several workspaces is started by created alerts";
            let diagnostic = Diagnostic::error("BadRequest", why).at("$.properties.triggeringLogic");
            let help = "set `triggersOn` to `Alerts` and `triggersWhen` to `Created`";
            return Err(Error::invalid(vec![diagnostic.help(help)]));
        }
        let known: Option<StoredRule> =
            decode_some("alert automation rule", self.tx.tenant_rule(&prepared.name)?)?;
        prepared.check_etag(known.as_ref())?;
        let mut diagnostics = prepared.diagnostics.clone();
        diagnostics.extend(prepared.rule.expiry_warning(self.now));
        diagnostics.extend(self.unready_playbooks(&prepared.rule)?);
        let workspaces: Vec<_> =
            seen_to(&*self.tx, &prepared.rule)?.into_iter().map(|(key, _)| key).collect();
        diagnostics.extend(self.missing_watchlists(&workspaces, &prepared.rule)?);
        if let Some(known) = &known
            && known.compile()?.to_arm_properties(None) == prepared.rule.to_arm_properties(None)
        {
            return Ok((false, diagnostics));
        }
        let stored = prepared.to_store(known.as_ref(), caller, self.now);
        self.tx.put_tenant_rule(&stored.name, &encode(&stored)?)?;
        let before = match &known {
            Some(known) => Some(known.to_tenant_resource(&known.compile()?, self.now)),
            None => None,
        };
        let after = stored.to_tenant_resource(&prepared.rule, self.now);
        self.audit_tenant_rule(&stored.name, caller, before.as_ref(), Some(&after))?;
        Ok((known.is_none(), diagnostics))
    }

    fn audit_tenant_rule(
        &mut self,
        name: &str,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let object = Audited {
            id: &resource_id(name),
            kind: "Riposte/alertAutomationRules",
            resource_type: "Automation rule",
            workspace: None,
        };
        self.audit(object, caller, before, after)
    }
}

impl Engine {
    /// Makes or replaces a rule on alerts that holds for several workspaces; answers also what there is to say of it.
    pub async fn put_alert_automation_rule(
        &self,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let (prepared, caller) = (PreparedRule::new(name, body)?, caller.clone());
        let name = name.to_owned();
        let written = self
            .shared
            .transact(move |t| {
                let (created, diagnostics) = t.save_tenant_rule(&prepared, &caller)?;
                let stored: StoredRule = decode_some("alert automation rule", t.tx.tenant_rule(&name)?)?
                    .ok_or_else(|| Error::resource_not_found(&resource_id(&name)))?;
                let resource = t.shared.tenant_resource(&*t.tx, &stored, t.now, &mut Found::default())?;
                Ok((Written { created, resource }, diagnostics))
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// A rule on alerts that holds for several workspaces, with how it fares.
    pub async fn alert_automation_rule(&self, name: &str) -> Result<Value> {
        let (shared, name) = (Arc::clone(&self.shared), name.to_owned());
        let now = shared.clock.now();
        let get = move |tx: &dyn Read| {
            let stored: StoredRule = decode_some("alert automation rule", tx.tenant_rule(&name)?)?
                .ok_or_else(|| Error::resource_not_found(&resource_id(&name)))?;
            shared.tenant_resource(tx, &stored, now, &mut Found::default())
        };
        self.shared.store.read(move |tx| Ok(get(tx))).await?
    }

    /// All of them, by name.
    pub async fn alert_automation_rules(&self) -> Result<Vec<Value>> {
        let shared = Arc::clone(&self.shared);
        let now = shared.clock.now();
        let list = move |tx: &dyn Read| {
            let mut found = Found::default();
            let texts = tx.tenant_rules()?;
            let shown = texts.iter().map(|text| {
                let stored: StoredRule = decode("alert automation rule", text)?;
                shared.tenant_resource(tx, &stored, now, &mut found)
            });
            shown.collect()
        };
        self.shared.store.read(move |tx| Ok(list(tx))).await?
    }

    /// Removes one; whether it was there.
    pub async fn delete_alert_automation_rule(&self, name: &str, caller: &Caller) -> Result<bool> {
        let (name, caller) = (name.to_owned(), caller.clone());
        let removed = self
            .shared
            .transact(move |t| {
                let known: Option<StoredRule> =
                    decode_some("alert automation rule", t.tx.tenant_rule(&name)?)?;
                let Some(known) = known else { return Ok(false) };
                t.tx.delete_tenant_rule(&name)?;
                let before = known.to_tenant_resource(&known.compile()?, t.now);
                t.audit_tenant_rule(&known.name, &caller, Some(&before), None)?;
                Ok(true)
            })
            .await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
