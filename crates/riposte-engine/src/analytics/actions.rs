//! Playbooks attached to an analytics rule (`alertRules/{rule}/actions`): the automated response of old, which Azure
//! takes no new ones of since June 2023. They work here, and export and import with their rules.
//!
//! Clients send the address that starts the playbook (`triggerUri`), which holds a signature. Riposte starts playbooks by
//! their ids, so the address is neither kept nor shown; the workflow's id that it contains is.

use super::all_items;
use super::resource::known_rule;
use crate::access::Caller;
use crate::audit::Audited;
use crate::clock::new_guid;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::etag_of;
use riposte_incident::fields::Fields;
use riposte_rules::{PlaybookFailure, playbook_failure};
use riposte_store::{Item, Read, ResourceKey, WorkspaceKey};
use riposte_value::Value;
use serde::{Deserialize, Serialize};

const ACTION_TYPE: &str = "Microsoft.SecurityInsights/alertRules/actions";

/// An action as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct StoredAction {
    name: String,
    etag: String,
    properties: ActionProperties,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ActionProperties {
    /// The playbook's ARM id.
    logic_app_resource_id: String,
    /// The workflow's own id.
    workflow_id: String,
}

impl StoredAction {
    fn to_arm(&self, ws: &Workspace, rule: &str) -> Value {
        let id = format!("{}/actions/{}", ws.reference.alert_rule_id(rule), self.name);
        let properties = Value::object([
            ("logicAppResourceId", Value::from(&self.properties.logic_app_resource_id)),
            ("workflowId", Value::from(&self.properties.workflow_id)),
        ]);
        Value::object([
            ("id", Value::from(id)),
            ("name", Value::from(&self.name)),
            ("type", Value::from(ACTION_TYPE)),
            ("etag", Value::from(format!("\"{}\"", self.etag))),
            ("properties", properties),
        ])
    }
}

/// The playbooks that are attached to a rule, by the names of its actions.
pub(super) fn playbooks_of(tx: &dyn Read, workspace: WorkspaceKey, rule: &str) -> Result<Vec<String>> {
    let items = all_items(tx, workspace, Item::AnalyticsRuleAction, rule)?;
    let playbook = |(_, text): &(String, String)| {
        let action: StoredAction = decode("action of an analytics rule", text)?;
        Ok(action.properties.logic_app_resource_id)
    };
    items.iter().map(playbook).collect()
}

/// An action as it will be saved.
pub(crate) struct PreparedAction {
    rule: String,
    name: String,
    etag: Option<String>,
    properties: ActionProperties,
}

impl PreparedAction {
    /// Reads a PUT body; refuses what is no action.
    pub(crate) fn new(rule: &str, name: &str, body: &Value) -> Result<Self> {
        let mut told = Vec::new();
        let properties = read_properties(body, &mut told).filter(|_| !has_errors(&told));
        Ok(Self {
            rule: rule.to_owned(),
            name: name.to_owned(),
            etag: etag_of(body).map(str::to_owned),
            properties: properties.ok_or_else(|| Error::invalid(told))?,
        })
    }
}

fn read_properties(body: &Value, told: &mut Vec<Diagnostic>) -> Option<ActionProperties> {
    let fields = Fields::of(body, "$", told)?.required_object("properties", told)?;
    let playbook = fields.required_text("logicAppResourceId", told);
    let address = fields.text("triggerUri", told);
    let playbook = playbook?;
    let workflow_id = address.as_deref().and_then(workflow_in);
    Some(ActionProperties {
        workflow_id: workflow_id.unwrap_or_else(|| {
            uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, playbook.to_lowercase().as_bytes())
                .simple()
                .to_string()
        }),
        logic_app_resource_id: playbook.trim().to_owned(),
    })
}

/// The workflow's own id in the address that starts it: `…/workflows/{32 digits}/triggers/…`.
fn workflow_in(address: &str) -> Option<String> {
    let mut parts = address.split(['/', '?']);
    parts.by_ref().find(|part| part.eq_ignore_ascii_case("workflows"))?;
    parts.next().filter(|id| uuid::Uuid::try_parse(id).is_ok()).map(str::to_owned)
}

impl Transaction<'_> {
    /// Saves an action; answers whether it is new, whether anything changed, and what there is to say of it.
    pub(crate) fn save_action(
        &mut self,
        ws: &Workspace,
        prepared: &PreparedAction,
        caller: &Caller,
    ) -> Result<(bool, bool, Vec<Diagnostic>)> {
        let PreparedAction { rule, name, etag, properties } = prepared;
        let mut stored = known_rule(&*self.tx, ws, rule)?;
        let compiled = stored.compile()?;
        if !compiled.kind().is_query() {
            return Err(Error::bad_request(format!(
                "Playbooks can be attached to rules of kind Scheduled or NRT, not of kind {}.",
                compiled.kind()
            )));
        }
        let known = self.action(ws, &stored.name, name)?;
        let known_etag = known.as_ref().map(|known| known.etag.as_str());
        caller.precondition.check_put(name, known_etag, etag.as_deref())?;
        let diagnostics = self.remarks_on(&properties.logic_app_resource_id)?;
        if let Some(known) = &known
            && known.properties == *properties
        {
            return Ok((false, false, diagnostics));
        }
        let name = known.as_ref().map_or(name, |known| &known.name).clone();
        let action = StoredAction { name, etag: new_guid(), properties: properties.clone() };
        let text = encode(&action)?;
        self.tx.put_item(ws.key, Item::AnalyticsRuleAction, &stored.name, &action.name, &text)?;
        if !stored.has_actions {
            stored.has_actions = true;
            self.put_analytics_rule(ws, &stored)?;
        }
        let before = known.as_ref().map(|known| known.to_arm(ws, &stored.name));
        let resource = action.to_arm(ws, &stored.name);
        self.audit_action(ws, caller, before.as_ref(), Some(&resource))?;
        Ok((known.is_none(), true, diagnostics))
    }

    /// An action as reading it shows, if it is there.
    pub(crate) fn shown_action(&self, ws: &Workspace, rule: &str, name: &str) -> Result<Option<Value>> {
        Ok(self.action(ws, rule, name)?.map(|known| known.to_arm(ws, rule)))
    }

    /// What there is to say of attaching a playbook.
    fn remarks_on(&self, playbook: &str) -> Result<Vec<Diagnostic>> {
        let path = "$.properties.logicAppResourceId";
        let old = "Azure takes no new playbooks on analytics rules since June 2023";
        let help = "use an automation rule that is triggered when an alert is created";
        let mut told = vec![Diagnostic::warning("AzureLimit", old).at(path).help(help)];
        let key = ResourceKey::new(playbook);
        if self.tx.playbook(&key)?.is_none() {
            let name = crate::runs::playbook_name(playbook);
            let text = playbook_failure(name, PlaybookFailure::NotFoundOrNoPermission);
            let message =
                format!("playbook `{playbook}` does not exist; when the rule makes an alert: {text}");
            let help = "import the playbook, or correct its id";
            told.push(Diagnostic::warning("PlaybookNotFound", message).at(path).help(help));
        } else if !self.shared.may_automate(&key) {
            let message = format!("analytics rules may not start playbook `{playbook}`");
            let help = "assign the role Microsoft Sentinel Automation Contributor to the service account on the \
                        playbook's resource group";
            told.push(Diagnostic::warning("AutomationNotPermitted", message).at(path).help(help));
        }
        Ok(told)
    }

    /// The names of the actions of an analytics rule.
    pub(crate) fn action_names(&self, ws: &Workspace, rule: &str) -> Result<Vec<String>> {
        let items = all_items(&*self.tx, ws.key, Item::AnalyticsRuleAction, rule)?;
        let name = |(_, text): &(String, String)| {
            decode::<StoredAction>("action of an analytics rule", text).map(|action| action.name)
        };
        items.iter().map(name).collect()
    }

    /// Detaches a playbook; whether it was attached.
    pub(crate) fn remove_action(
        &mut self,
        ws: &Workspace,
        rule: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let mut stored = known_rule(&*self.tx, ws, rule)?;
        let Some(known) = self.action(ws, &stored.name, name)? else { return Ok(false) };
        caller.precondition.check_delete(&known.name, &known.etag)?;
        self.tx.delete_item(ws.key, Item::AnalyticsRuleAction, &stored.name, name)?;
        if self.tx.items(ws.key, Item::AnalyticsRuleAction, &stored.name, "", 1)?.is_empty() {
            stored.has_actions = false;
            self.put_analytics_rule(ws, &stored)?;
        }
        self.audit_action(ws, caller, Some(&known.to_arm(ws, &stored.name)), None)?;
        Ok(true)
    }

    fn action(&self, ws: &Workspace, rule: &str, name: &str) -> Result<Option<StoredAction>> {
        let text = self.tx.item(ws.key, Item::AnalyticsRuleAction, rule, name)?;
        decode_some("action of an analytics rule", text)
    }

    fn audit_action(
        &mut self,
        ws: &Workspace,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let id = after.or(before).and_then(|shown| shown.str_at(&["id"])).unwrap_or_default().to_owned();
        let object = Audited {
            id: &id,
            kind: ACTION_TYPE,
            resource_type: "Analytics rule action",
            workspace: Some(ws),
        };
        self.audit(object, caller, before, after)
    }
}

impl Engine {
    /// Attaches a playbook to an analytics rule; answers also what there is to say of it.
    pub async fn put_analytics_rule_action(
        &self,
        ws: &Workspace,
        rule: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let prepared = PreparedAction::new(rule, name, body)?;
        let (own, caller) = (ws.clone(), caller.clone());
        let (created, _, diagnostics) =
            self.shared.transact(move |t| t.save_action(&own, &prepared, &caller)).await?;
        self.shared.refresh().await?;
        let resource = self.analytics_rule_action(ws, rule, name).await?;
        Ok((Written { created, resource }, diagnostics))
    }

    /// The playbook that an action attaches to an analytics rule.
    pub async fn analytics_rule_action(&self, ws: &Workspace, rule: &str, name: &str) -> Result<Value> {
        let all = self.analytics_rule_actions(ws, rule).await?;
        let found =
            all.into_iter().find(|one| one.str_at(&["name"]).is_some_and(|n| n.eq_ignore_ascii_case(name)));
        found.ok_or_else(|| {
            Error::resource_not_found(&format!("{}/actions/{name}", ws.reference.alert_rule_id(rule)))
        })
    }

    /// The playbooks that are attached to an analytics rule.
    pub async fn analytics_rule_actions(&self, ws: &Workspace, rule: &str) -> Result<Vec<Value>> {
        let (own, name) = (ws.clone(), rule.to_owned());
        let (rule, items) = self
            .shared
            .store
            .read(move |tx| {
                Ok(known_rule(tx, &own, &name).and_then(|rule| {
                    let items = all_items(tx, own.key, Item::AnalyticsRuleAction, &rule.name)?;
                    Ok((rule.name, items))
                }))
            })
            .await??;
        let shown = |(_, text): &(String, String)| {
            Ok(decode::<StoredAction>("action of an analytics rule", text)?.to_arm(ws, &rule))
        };
        items.iter().map(shown).collect()
    }

    /// Detaches a playbook from an analytics rule; whether it was attached.
    pub async fn delete_analytics_rule_action(
        &self,
        ws: &Workspace,
        rule: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let (ws, rule, name, caller) = (ws.clone(), rule.to_owned(), name.to_owned(), caller.clone());
        let removed = self.shared.transact(move |t| t.remove_action(&ws, &rule, &name, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
