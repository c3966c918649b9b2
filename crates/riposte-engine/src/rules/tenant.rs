//! Alert rules that hold for several workspaces: what Sentinel calls the enhanced alert trigger, with an order, an expiry
//! and records, which Sentinel's lacks.
//!
//! They are automation rules on created alerts whose extension names the workspaces (`properties.riposte.workspaces`; all
//! of them if it names none), and are evaluated together with each workspace's own rules in one order: by `order`, then by
//! name; of two that are equal in both the workspace's own comes first. Who writes one needs the permission at `/`, since
//! it acts in workspaces that need not be there yet.

use super::health::{Found, SeenTo, add_problems, marked};
use super::resource::{PreparedRule, StoredRule};
use super::set::LoadedRule;
use crate::access::Caller;
use crate::audit::Audited;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::transaction::Transaction;
use crate::workspaces::{Workspace, of_row};
use crate::{Engine, Written};
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, join_index};
use riposte_incident::same;
use riposte_rules::{AutomationRule, Trigger, WorkspaceScope};
use riposte_store::{Read, WorkspaceRow};
use riposte_value::{Text, Value};
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
    rule.workspaces.covers(false, &names_of(workspace))
}

/// Everything that a workspace can be called.
fn names_of(workspace: &WorkspaceRow) -> [&str; 4] {
    let id = workspace.resource.as_str();
    [workspace.resource.name(), &workspace.id, id, id.trim_start_matches('/')]
}

/// The workspaces that a rule sees to.
fn seen_to(tx: &dyn Read, rule: &AutomationRule) -> Result<Vec<SeenTo>> {
    let all = tx.workspaces()?.into_iter().filter(|workspace| holds_for(rule, workspace));
    all.map(|workspace| Ok((workspace.key, Some(of_row(&workspace)?.reference.name.to_string())))).collect()
}

/// The workspaces that a rule names and that there are not, by their place in the list.
fn unknown<'r>(rule: &'r AutomationRule, known: &[WorkspaceRow]) -> Vec<(usize, &'r Text)> {
    let WorkspaceScope::Listed(listed) = &rule.workspaces else { return Vec::new() };
    let is_known = |wanted: &Text| {
        let names = known.iter().flat_map(names_of);
        names.into_iter().any(|name| same(wanted.trim(), name))
    };
    listed.iter().enumerate().filter(|(_, wanted)| !is_known(wanted)).collect()
}

/// A rule that holds for several workspaces and names none holds for all.
fn compiled(stored: &StoredRule) -> Result<AutomationRule> {
    let mut rule = stored.compile()?;
    for_all_unless_named(&mut rule);
    Ok(rule)
}

fn for_all_unless_named(rule: &mut AutomationRule) {
    if rule.workspaces == WorkspaceScope::Own {
        rule.workspaces = WorkspaceScope::All;
    }
}

/// The type of such a rule in templates, which Azure does not know.
pub(crate) const TENANT_RULE_TYPE: &str = "Riposte/alertAutomationRules";
/// Where the permission to read or write one is needed.
pub(crate) const TENANT_SCOPE: &str = "/";

/// What records call a rule.
pub(crate) fn resource_id(name: &str) -> String {
    format!("/api/alertAutomationRules/{name}")
}

/// The rules, compiled.
pub(crate) fn load(tx: &dyn Read) -> Result<Vec<TenantRule>> {
    let mut rules = Vec::new();
    for text in tx.tenant_rules()? {
        let stored: StoredRule = decode("alert automation rule", &text)?;
        match compiled(&stored) {
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
            ("type", Value::from(TENANT_RULE_TYPE)),
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
        let rule = compiled(stored)?;
        let mut runs = Vec::new();
        let workspaces = tx.workspaces()?;
        for workspace in &workspaces {
            let name = format!("/{}", stored.name);
            runs.extend(tx.rule_runs(workspace.key, Some(&name))?.into_iter().map(|(_, doc)| doc));
        }
        let seen_to = seen_to(tx, &rule)?;
        let mut health = self.health_of(tx, (None, &seen_to), (&rule, &runs), now, found)?;
        let problems = unknown(&rule, &workspaces).into_iter().map(workspace_problem).collect();
        add_problems(&mut health, problems);
        let mut resource = marked(stored.to_tenant_resource(&rule, now), health);
        let own = resource.as_object_mut().and_then(|resource| resource.get_mut("riposte"));
        if let Some(own) = own.and_then(Value::as_object_mut) {
            own.insert("seesTo", Value::array(seen_to.iter().map(|(_, name)| Value::from(name.as_deref()))));
        }
        Ok(resource)
    }
}

/// Whether two rules say the same, whatever they call the workspaces that there are.
fn is_same(a: &AutomationRule, b: &AutomationRule, known: &[WorkspaceRow]) -> bool {
    let written = |rule: &AutomationRule| {
        let mut rule = rule.clone();
        if let WorkspaceScope::Listed(listed) = &mut rule.workspaces {
            for name in listed.iter_mut() {
                let is_it = |row: &&WorkspaceRow| names_of(row).into_iter().any(|own| same(name.trim(), own));
                if let Some(row) = known.iter().find(is_it) {
                    *name = Text::new(row.resource.as_str());
                }
            }
        }
        rule.to_arm_properties(None)
    };
    written(a) == written(b)
}

impl PreparedRule {
    /// Reads a PUT body of a rule for several workspaces.
    pub(crate) fn for_several(name: &str, body: &Value) -> Result<Self> {
        let mut prepared = Self::new(name, body)?;
        if prepared.rule.trigger() != Trigger::ALERT_CREATED {
            let why = "a rule for several workspaces is started by created alerts";
            let diagnostic = Diagnostic::error("BadRequest", why).at("$.properties.triggeringLogic");
            let help = "set `triggersOn` to `Alerts` and `triggersWhen` to `Created`";
            return Err(Error::invalid(vec![diagnostic.help(help)]));
        }
        for_all_unless_named(&mut prepared.rule);
        Ok(prepared)
    }
}

/// How many of the workspaces that there are a refusal names.
const TOLD_MAX: usize = 20;

/// That a rule names a workspace that there is not, with those that there are.
fn unknown_workspace(at: usize, name: &str, known: &[WorkspaceRow]) -> Result<Diagnostic> {
    let names = known.iter().take(TOLD_MAX).map(|row| Ok(format!("`{}`", of_row(row)?.reference.name)));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    if known.len() > TOLD_MAX {
        names.push("…".to_owned());
    }
    let there_are = if names.is_empty() { "there are none yet".to_owned() } else { names.join(", ") };
    let path = join_index("$.properties.riposte.workspaces", at);
    let message = format!("there is no workspace `{name}`; known are: {there_are}");
    let help =
        "give the name, GUID or ARM id of one that is there, or leave `workspaces` out for all of them";
    Ok(Diagnostic::error("WorkspaceNotFound", message).at(path).help(help))
}

/// The same of a rule that is kept: the workspace has gone.
fn workspace_problem((at, name): (usize, &Text)) -> Value {
    Value::object([
        ("code", Value::from("WorkspaceNotFound")),
        ("message", Value::from(format!("there is no workspace `{name}`"))),
        ("path", Value::from(join_index("$.properties.riposte.workspaces", at))),
        ("workspace", Value::from(name)),
        ("help", Value::from("make the workspace, or take it out of the list")),
    ])
}

impl Transaction<'_> {
    /// Saves a rule for several workspaces; answers whether it is new, whether anything changed, and what there is to say
    /// of it.
    pub(crate) fn save_tenant_rule(
        &mut self,
        prepared: &PreparedRule,
        caller: &Caller,
    ) -> Result<(bool, bool, Vec<Diagnostic>)> {
        let workspaces = self.tx.workspaces()?;
        let unknown = unknown(&prepared.rule, &workspaces);
        if !unknown.is_empty() {
            let told = unknown.into_iter().map(|(at, name)| unknown_workspace(at, name, &workspaces));
            return Err(Error::invalid(told.collect::<Result<_>>()?));
        }
        let known: Option<StoredRule> =
            decode_some("alert automation rule", self.tx.tenant_rule(&prepared.name)?)?;
        prepared.check_etag(known.as_ref(), caller)?;
        let mut diagnostics = prepared.diagnostics.clone();
        diagnostics.extend(prepared.rule.expiry_warning(self.now));
        diagnostics.extend(self.unready_playbooks(&prepared.rule)?);
        let seen_to = seen_to(&*self.tx, &prepared.rule)?;
        let keys: Vec<_> = seen_to.into_iter().map(|(key, _)| key).collect();
        diagnostics.extend(self.missing_watchlists(&keys, &prepared.rule)?);
        if let Some(known) = &known
            && is_same(&compiled(known)?, &prepared.rule, &workspaces)
        {
            return Ok((false, false, diagnostics));
        }
        let stored = prepared.to_store(known.as_ref(), caller, self.now);
        self.tx.put_tenant_rule(&stored.name, &encode(&stored)?)?;
        let before = match &known {
            Some(known) => Some(known.to_tenant_resource(&compiled(known)?, self.now)),
            None => None,
        };
        let after = stored.to_tenant_resource(&prepared.rule, self.now);
        self.audit_tenant_rule(&stored.name, caller, before.as_ref(), Some(&after))?;
        Ok((known.is_none(), true, diagnostics))
    }

    /// A rule for several workspaces as it stands, if it is there.
    pub(crate) fn shown_tenant_rule(&self, name: &str) -> Result<Option<Value>> {
        let known: Option<StoredRule> = decode_some("alert automation rule", self.tx.tenant_rule(name)?)?;
        known.map(|known| Ok(known.to_tenant_resource(&compiled(&known)?, self.now))).transpose()
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
            kind: TENANT_RULE_TYPE,
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
        let (prepared, caller) = (PreparedRule::for_several(name, body)?, caller.clone());
        let name = name.to_owned();
        let written = self
            .shared
            .transact(move |t| {
                let (created, _, diagnostics) = t.save_tenant_rule(&prepared, &caller)?;
                let stored: StoredRule = decode_some("alert automation rule", t.tx.tenant_rule(&name)?)?
                    .ok_or_else(|| Error::resource_not_found(&resource_id(&name)))?;
                let resource = t.shared.tenant_resource(&*t.tx, &stored, t.now, &mut Found::default())?;
                Ok((Written { created, resource }, diagnostics))
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// The rules that see to a workspace among others, as they were written: what is exported. Where they name that
    /// workspace, they name it by its id, which a template writes as the place that it is deployed to.
    pub(crate) async fn alert_automation_rules_as_written(&self, ws: &Workspace) -> Result<Vec<Value>> {
        let ws = ws.clone();
        let read = move |tx: &dyn Read| {
            let rows = tx.workspaces()?;
            let Some(own) = rows.iter().find(|row| row.key == ws.key) else { return Ok(Vec::new()) };
            let mut shown = Vec::new();
            for text in tx.tenant_rules()? {
                let stored: StoredRule = decode("alert automation rule", &text)?;
                let mut rule = compiled(&stored)?;
                if !holds_for(&rule, own) {
                    continue;
                }
                if let WorkspaceScope::Listed(listed) = &mut rule.workspaces {
                    let names = names_of(own);
                    for name in
                        listed.iter_mut().filter(|name| names.iter().any(|own| same(name.trim(), own)))
                    {
                        *name = Text::new(ws.reference.arm_id());
                    }
                }
                let group =
                    riposte_arm::ResourceId::group(&ws.reference.subscription, &ws.reference.resource_group);
                shown.push(Value::object([
                    ("id", Value::from(format!("{group}/providers/{TENANT_RULE_TYPE}/{}", stored.name))),
                    ("name", Value::from(&stored.name)),
                    ("properties", rule.to_arm_properties(None)),
                ]));
            }
            Ok(shown)
        };
        self.shared.store.read(move |tx| Ok(read(tx))).await?
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
                caller.precondition.check_delete(&known.name, &known.etag)?;
                t.tx.delete_tenant_rule(&name)?;
                let before = known.to_tenant_resource(&compiled(&known)?, t.now);
                t.audit_tenant_rule(&known.name, &caller, Some(&before), None)?;
                Ok(true)
            })
            .await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
