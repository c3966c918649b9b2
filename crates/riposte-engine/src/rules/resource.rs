//! Automation rules as ARM resources.

use super::obstacle::Obstacle;
use crate::access::Caller;
use crate::audit::Audited;
use crate::clock::{new_guid, time_text};
use crate::document::{decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::Actor;
use riposte_rules::{ActionKind, AutomationRule, RULES_MAX, TriggersOn, WorkspaceScope};
use riposte_store::{Item, ResourceKey};
use riposte_value::Value;
use riposte_workflow::TriggerKind;
use serde::{Deserialize, Serialize};

/// A rule as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredRule {
    pub(crate) name: String,
    pub(crate) etag: String,
    /// The ARM `properties` as they were written, without what only the service writes.
    pub(crate) properties: Value,
    pub(crate) created: Timestamp,
    pub(crate) created_by: Actor,
    pub(crate) last_modified: Timestamp,
    pub(crate) last_modified_by: Actor,
}

impl StoredRule {
    /// The rule, compiled.
    pub(crate) fn compile(&self) -> Result<AutomationRule> {
        let (rule, diagnostics) = AutomationRule::from_arm(&self.name, &self.properties);
        rule.ok_or_else(|| Error::invalid(diagnostics))
    }

    /// The ARM resource. After its expiry a rule shows itself disabled.
    pub(crate) fn to_arm(&self, ws: &Workspace, now: Timestamp) -> Result<Value> {
        Ok(self.arm_of(ws, &self.compile()?, now))
    }

    /// The ARM resource, of what was compiled of it.
    pub(crate) fn arm_of(&self, ws: &Workspace, rule: &AutomationRule, now: Timestamp) -> Value {
        Value::object([
            ("id", Value::from(ws.reference.resource_id("automationRules", &self.name))),
            ("name", Value::from(&self.name)),
            ("type", Value::from("Microsoft.SecurityInsights/automationRules")),
            ("etag", Value::from(format!("\"{}\"", self.etag))),
            ("properties", self.properties_of(rule, now)),
        ])
    }

    /// The `properties` of the ARM resource.
    pub(crate) fn properties_of(&self, rule: &AutomationRule, now: Timestamp) -> Value {
        let mut properties = rule.to_arm_properties(Some(now));
        if let Some(object) = properties.as_object_mut() {
            object.insert("lastModifiedTimeUtc", time_text(self.last_modified));
            object.insert("createdTimeUtc", time_text(self.created));
            object.insert("lastModifiedBy", self.last_modified_by.client_info());
            object.insert("createdBy", self.created_by.client_info());
        }
        properties
    }
}

/// What only the service writes: clients send back what they were shown.
const STAMPS: [&str; 4] = ["createdTimeUtc", "createdBy", "lastModifiedTimeUtc", "lastModifiedBy"];

fn without_stamps(properties: &Value) -> Value {
    let mut properties = properties.clone();
    if let Some(object) = properties.as_object_mut() {
        for name in STAMPS {
            object.remove_ignore_case(name);
        }
    }
    properties
}

/// A rule as it will be saved.
pub(crate) struct PreparedRule {
    pub(super) name: String,
    pub(super) etag: Option<String>,
    pub(super) properties: Value,
    pub(super) rule: AutomationRule,
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl PreparedRule {
    /// Reads a PUT body; refuses what is no rule.
    pub(crate) fn new(name: &str, body: &Value) -> Result<Self> {
        let Some(properties) = body.get_ignore_case("properties") else {
            let diagnostic = Diagnostic::error("BadRequest", "an automation rule needs `properties`");
            return Err(Error::invalid(vec![diagnostic.at("$")]));
        };
        let (rule, diagnostics) = AutomationRule::from_arm(name, properties);
        let diagnostics: Vec<Diagnostic> = diagnostics
            .into_iter()
            .map(|mut diagnostic| {
                let path = diagnostic.location.path.take();
                let below = path.as_deref().and_then(|path| path.strip_prefix('$')).unwrap_or_default();
                diagnostic.at(format!("$.properties{below}"))
            })
            .collect();
        let mut diagnostics = diagnostics;
        diagnostics.extend(rule.as_ref().into_iter().flat_map(faulty_tenants));
        match rule {
            Some(rule) if !has_errors(&diagnostics) => Ok(Self {
                name: name.to_owned(),
                etag: body.get_ignore_case("etag").and_then(Value::as_str).map(str::to_owned),
                properties: without_stamps(properties),
                rule: AutomationRule { created: None, last_modified: None, ..rule },
                diagnostics,
            }),
            _ => Err(Error::invalid(diagnostics)),
        }
    }
}

impl PreparedRule {
    /// Refuses a stale etag, and whatever else the writer asked of the rule beforehand.
    pub(super) fn check_etag(&self, known: Option<&StoredRule>, caller: &Caller) -> Result<()> {
        let name = known.map_or(self.name.as_str(), |known| &known.name);
        caller.precondition.check_put(name, known.map(|known| known.etag.as_str()), self.etag.as_deref())
    }

    /// The rule as the store will keep it, in the place of the known one.
    pub(super) fn to_store(&self, known: Option<&StoredRule>, caller: &Caller, now: Timestamp) -> StoredRule {
        StoredRule {
            name: known.map_or_else(|| self.name.clone(), |known| known.name.clone()),
            etag: new_guid(),
            properties: self.properties.clone(),
            created: known.map_or(now, |known| known.created),
            created_by: known.map_or_else(|| caller.actor.clone(), |known| known.created_by.clone()),
            last_modified: now,
            last_modified_by: caller.actor.clone(),
        }
    }
}

impl PreparedRule {
    /// Refuses a rule for several workspaces: who may write one workspace's rules may not change alerts of others.
    pub(crate) fn check_scope(&self) -> Result<()> {
        if self.rule.workspaces == WorkspaceScope::Own {
            return Ok(());
        }
        let why = "an automation rule of a workspace sees to that workspace alone";
        let diagnostic = Diagnostic::error("BadRequest", why).at("$.properties.riposte.workspaces");
        let help = "rules for several workspaces are at /api/alertAutomationRules";
        Err(Error::invalid(vec![diagnostic.help(help)]))
    }
}

impl Transaction<'_> {
    /// Saves a rule; answers whether it is new, whether anything changed, and what there is to say of it.
    pub(crate) fn save_rule(
        &mut self,
        ws: &Workspace,
        prepared: &PreparedRule,
        caller: &Caller,
    ) -> Result<(bool, bool, Vec<Diagnostic>)> {
        let known: Option<StoredRule> =
            decode_some("automation rule", self.tx.automation_rule(ws.key, &prepared.name)?)?;
        prepared.check_scope()?;
        prepared.check_etag(known.as_ref(), caller)?;
        let mut diagnostics = prepared.diagnostics.clone();
        diagnostics.extend(prepared.rule.expiry_warning(self.now));
        diagnostics.extend(self.unready_playbooks(&prepared.rule)?);
        diagnostics.extend(self.missing_watchlists(&[ws.key], &prepared.rule)?);
        diagnostics.extend(other_tenants(ws, &prepared.rule));
        diagnostics.extend(self.unknown_analytics_rules(ws, &prepared.rule)?);
        if known.is_none() {
            diagnostics.extend(self.rules_limit(ws)?);
        }
        if let Some(known) = &known {
            let lost = prepared.rule.lost_extension(&known.compile()?);
            diagnostics.extend(lost.map(|lost| lost.at("$.properties")));
        }
        if let Some(known) = &known
            && known.compile()?.to_arm_properties(None) == prepared.rule.to_arm_properties(None)
        {
            return Ok((false, false, diagnostics));
        }
        let stored = prepared.to_store(known.as_ref(), caller, self.now);
        self.tx.put_automation_rule(ws.key, &stored.name, &encode(&stored)?)?;
        let before = known.as_ref().map(|known| known.to_arm(ws, self.now)).transpose()?;
        let after = stored.to_arm(ws, self.now)?;
        self.audit_rule(ws, &stored.name, caller, before.as_ref(), Some(&after))?;
        Ok((known.is_none(), true, diagnostics))
    }

    /// Removes a rule; whether it was there.
    pub(crate) fn remove_rule(&mut self, ws: &Workspace, name: &str, caller: &Caller) -> Result<bool> {
        let known: Option<StoredRule> =
            decode_some("automation rule", self.tx.automation_rule(ws.key, name)?)?;
        let Some(known) = known else { return Ok(false) };
        caller.precondition.check_delete(&known.name, &known.etag)?;
        self.tx.delete_automation_rule(ws.key, name)?;
        let before = known.to_arm(ws, self.now)?;
        self.audit_rule(ws, &known.name, caller, Some(&before), None)?;
        Ok(true)
    }

    /// A rule as reading it shows it, if it is there.
    pub(crate) fn shown_rule(&self, ws: &Workspace, name: &str) -> Result<Option<Value>> {
        let known: Option<StoredRule> =
            decode_some("automation rule", self.tx.automation_rule(ws.key, name)?)?;
        known.map(|known| known.to_arm(ws, self.now)).transpose()
    }

    fn audit_rule(
        &mut self,
        ws: &Workspace,
        name: &str,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let object = Audited {
            id: &ws.reference.resource_id("automationRules", name),
            kind: "Microsoft.SecurityInsights/automationRules",
            resource_type: "Automation rule",
            workspace: Some(ws),
        };
        self.audit(object, caller, before, after)
    }

    /// Whether this transaction itself lets automation rules start the playbook.
    fn grants(&self, playbook: &ResourceKey) -> bool {
        let group = playbook.resource_group();
        group.is_some_and(|group| {
            self.granted.iter().any(|scope| riposte_access::covers(scope, group.as_str()))
        })
    }

    /// That one rule more is more than Azure takes in a workspace.
    fn rules_limit(&self, ws: &Workspace) -> Result<Option<Diagnostic>> {
        let most = i64::try_from(RULES_MAX).unwrap_or(i64::MAX);
        let is_over = self.tx.automation_rule_count(ws.key, most)? >= most;
        let message =
            format!("Azure takes at most {RULES_MAX} rules in a workspace; with this one there are more");
        Ok(is_over.then(|| Diagnostic::warning("AzureLimit", message)))
    }

    /// A rule may name analytics rules that are not there (yet).
    fn unknown_analytics_rules(&self, ws: &Workspace, rule: &AutomationRule) -> Result<Vec<Diagnostic>> {
        let mut told = Vec::new();
        for id in rule.analytics_rules() {
            let name = analytics_rule_name(&id);
            let is_there = !ws.reference.is_elsewhere(&id)
                && self.tx.item(ws.key, Item::AnalyticsRule, "", name)?.is_some();
            if !is_there {
                told.push(analytics_rule_absent(&id));
            }
        }
        Ok(told)
    }

    /// A rule may name a playbook that is not there yet, or cannot be started; that is told, and again when it runs.
    pub(super) fn unready_playbooks(&self, rule: &AutomationRule) -> Result<Vec<Diagnostic>> {
        let wanted = match rule.triggers_on {
            TriggersOn::Alerts => TriggerKind::SentinelAlert,
            TriggersOn::Incidents => TriggerKind::SentinelIncident,
        };
        let mut told = Vec::new();
        for id in &rule.playbooks() {
            let Err(obstacle) = self.shared.ready(&*self.tx, id, &|kind| *kind == wanted)? else { continue };
            let text = obstacle.text(id);
            match obstacle {
                Obstacle::NotFound | Obstacle::InvalidId => {
                    let text = format!("playbook `{id}` does not exist; when the rule runs: {text}");
                    told.push(
                        Diagnostic::warning("PlaybookNotFound", text)
                            .at(ACTIONS)
                            .help("import the playbook, or correct its id"),
                    );
                }
                Obstacle::NotPermitted if self.grants(&ResourceKey::new(id)) => {}
                Obstacle::NotPermitted => {
                    let group = ResourceKey::new(id).resource_group();
                    let group = group.map(|group| group.to_string()).unwrap_or_default();
                    let text = format!("automation rules may not start playbook `{id}`");
                    told.push(Diagnostic::warning("AutomationNotPermitted", text).at(ACTIONS).help(format!(
                        "assign the role Microsoft Sentinel Automation Contributor to the service account on \
                             `{group}`, or import with --grant-automation"
                    )));
                }
                Obstacle::Disabled => {
                    told.push(
                        Diagnostic::warning("PlaybookDisabled", cannot(id, &text))
                            .at(ACTIONS)
                            .help(obstacle.help()),
                    );
                }
                Obstacle::InvalidDefinition => {
                    told.push(
                        Diagnostic::warning("PlaybookInvalid", cannot(id, &text))
                            .at(ACTIONS)
                            .help(obstacle.help()),
                    );
                }
                Obstacle::WrongTrigger => {
                    told.push(
                        Diagnostic::warning("PlaybookTriggerUnfit", cannot(id, &text))
                            .at(ACTIONS)
                            .help(obstacle.help()),
                    );
                }
            }
        }
        Ok(told)
    }
}

/// Tenants of playbooks that are no tenants: their ids are UUIDs.
fn faulty_tenants(rule: &AutomationRule) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for action in &rule.actions {
        let ActionKind::RunPlaybook { tenant_id: Some(tenant), .. } = &action.kind else { continue };
        let is_uuid = tenant.len() == 36 && uuid::Uuid::try_parse(tenant).is_ok();
        if !tenant.is_empty() && !is_uuid {
            let message = format!("`tenantId` must be a UUID, not `{tenant}`");
            told.push(Diagnostic::error("BadRequest", message).at(ACTIONS));
        }
    }
    told
}

/// Playbooks of other tenants: there is one here.
fn other_tenants(ws: &Workspace, rule: &AutomationRule) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for action in &rule.actions {
        let ActionKind::RunPlaybook { tenant_id: Some(tenant), .. } = &action.kind else { continue };
        if !tenant.is_empty() && !tenant.eq_ignore_ascii_case(&ws.reference.tenant) {
            let text = format!("tenant `{tenant}` is not the one that this server stands for");
            let help = "the playbook is looked for here, by its id alone";
            told.push(Diagnostic::warning("OtherTenant", text).at(ACTIONS).help(help));
        }
    }
    told
}

/// What is wrong with a rule that names an analytics rule which is not there.
pub(super) fn analytics_rule_absent(id: &str) -> Diagnostic {
    let message =
        format!("analytics rule `{id}` does not exist in this workspace, so no incident is related to it");
    Diagnostic::warning("AnalyticsRuleNotFound", message).at("$.properties.triggeringLogic.conditions").help(
        "import the analytics rule, or correct its id; Azure imports such an automation rule turned off",
    )
}

/// The name of an analytics rule, of its ARM id or its name.
fn analytics_rule_name(id: &str) -> &str {
    id.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Where a rule names its playbooks.
const ACTIONS: &str = "$.properties.actions";

fn cannot(playbook: &str, why: &str) -> String {
    format!("playbook `{playbook}` cannot be started; when the rule runs: {why}")
}

/// Whether a PUT body is an automation rule.
///
/// # Errors
/// What is wrong with it.
pub fn check_automation_rule(name: &str, body: &Value) -> Result<()> {
    PreparedRule::new(name, body)?.check_scope()
}

impl Engine {
    /// Makes or replaces an automation rule; answers also what there is to say of it.
    pub async fn put_automation_rule(
        &self,
        ws: &Workspace,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let prepared = PreparedRule::new(name, body)?;
        let (ws, name, caller) = (ws.clone(), name.to_owned(), caller.clone());
        let written = self
            .shared
            .transact(move |t| {
                let (created, _, diagnostics) = t.save_rule(&ws, &prepared, &caller)?;
                // In the same transaction: the etag must be that of what was written.
                let resource = t.shared.rule_resource(&*t.tx, &ws, &name, t.now)?;
                Ok((Written { created, resource }, diagnostics))
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// The automation rules of a workspace as they were written, without times and who wrote them: what is exported.
    pub(crate) async fn automation_rules_as_written(&self, ws: &Workspace) -> Result<Vec<Value>> {
        let key = ws.key;
        let texts = self.shared.store.read(move |tx| tx.automation_rules(key)).await?;
        let written = |text: &String| {
            let (stored, rule) = self.shared.compiled_rule(key, text)?;
            Ok(Value::object([
                ("id", Value::from(ws.reference.resource_id("automationRules", &stored.name))),
                ("name", Value::from(&stored.name)),
                ("properties", rule.to_arm_properties(None)),
            ]))
        };
        texts.iter().map(written).collect()
    }

    /// Removes an automation rule; whether it was there.
    pub async fn delete_automation_rule(&self, ws: &Workspace, name: &str, caller: &Caller) -> Result<bool> {
        let (ws, name, caller) = (ws.clone(), name.to_owned(), caller.clone());
        let removed = self.shared.transact(move |t| t.remove_rule(&ws, &name, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
