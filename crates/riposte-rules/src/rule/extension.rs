//! What Riposte adds to a rule: the object `riposte` among the rule's `properties`, beside Sentinel's own.
//!
//! ```json
//! "riposte": {
//!   "mode": "observe",
//!   "playbookWait": "completion",
//!   "workspaces": ["*"],
//!   "conditions": [{ "conditionType": "Regex", "conditionProperties": { … } }],
//!   "actions": [{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": "Resolved" } }]
//! }
//! ```
//!
//! Every member may be absent, and an absent one means what Sentinel does. `conditions` must hold beside those of
//! `triggeringLogic`; `actions` are carried out together with the rule's own, by `order`. So what stands outside the
//! object is always a whole rule of Sentinel's, and taking the object away yields one that Azure takes (see
//! [`AutomationRule::to_strict_arm_properties`](super::AutomationRule::to_strict_arm_properties)). Unknown members are refused: a slip of the pen must
//! not quietly widen a rule.

use super::{Action, ActionKind, AutomationRule};
use crate::condition::{Condition, Dialect, condition_to_arm, read_conditions};
use crate::json::object;
use crate::names::{ExtendedActionType, Mode, PlaybookWait, TriggersOn};
use riposte_diagnostic::{Diagnostic, join_index};
use riposte_incident::fields::Fields;
use riposte_incident::{AlertPatch, same};
use riposte_value::{Object, Text, Value};

/// The name of the member of a rule's `properties` that holds what Riposte adds.
pub const EXTENSION: &str = "riposte";

/// The workspaces whose alerts a rule sees to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WorkspaceScope {
    /// The one that the rule belongs to.
    #[default]
    Own,
    /// All of the tenant.
    All,
    /// These, by name, GUID or ARM id; the rule's own is not among them unless it is named.
    Listed(Vec<Text>),
}

impl WorkspaceScope {
    /// Whether it takes in a workspace: `is_own` says that the rule belongs to it; `names` is everything that it can be
    /// called (name, GUID, ARM id).
    pub fn covers(&self, is_own: bool, names: &[&str]) -> bool {
        match self {
            Self::Own => is_own,
            Self::All => true,
            Self::Listed(listed) => {
                listed.iter().any(|wanted| names.iter().any(|name| same(wanted.trim(), name)))
            }
        }
    }
}

/// The extension as it is read.
#[derive(Default)]
pub(super) struct Extension {
    pub(super) mode: Option<Mode>,
    pub(super) playbook_wait: Option<PlaybookWait>,
    pub(super) workspaces: WorkspaceScope,
    pub(super) conditions: Vec<Condition>,
    pub(super) actions: Vec<Action>,
}

/// Reads the extension of a rule's properties.
pub(super) fn read_extension(properties: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Extension {
    let Some(fields) = properties.object(EXTENSION, told) else { return Extension::default() };
    fields.refuse_unknown(&["mode", "playbookWait", "workspaces", "conditions", "actions"], told);
    let items = fields.array("conditions", told).unwrap_or_default();
    let conditions = read_conditions(items, &fields.path_of("conditions"), Dialect::Extended, told);
    let path = fields.path_of("actions");
    let actions = fields.array("actions", told).unwrap_or_default().iter().enumerate();
    let actions: Vec<Action> =
        actions.filter_map(|(at, item)| read_action(item, &join_index(&path, at), told)).collect();
    Extension {
        mode: fields.name("mode", told),
        playbook_wait: fields.name("playbookWait", told),
        workspaces: workspaces(&fields, told),
        conditions,
        actions,
    }
}

impl Extension {
    /// What only alert rules can have.
    pub(super) fn check(&self, on: TriggersOn, told: &mut Vec<Diagnostic>) {
        if on == TriggersOn::Alerts {
            return;
        }
        let help = "set `triggersOn` to `Alerts`";
        if self.workspaces != WorkspaceScope::Own {
            let message = "only rules for alerts can see to several workspaces";
            let path = format!("$.{EXTENSION}.workspaces");
            told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
        }
        if !self.actions.is_empty() {
            let message = "`UpdateAlert` changes the alert that a rule is started for, and this rule is started for incidents";
            let path = format!("$.{EXTENSION}.actions");
            told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
        }
    }
}

fn workspaces(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> WorkspaceScope {
    let path = fields.path_of("workspaces");
    let items = match fields.value("workspaces") {
        None => return WorkspaceScope::Own,
        Some(Value::String(text)) if text.trim() == "*" => return WorkspaceScope::All,
        Some(_) => fields.array("workspaces", told).unwrap_or_default(),
    };
    let mut listed = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match item.as_str().map(str::trim).filter(|name| !name.is_empty()) {
            Some("*") => return WorkspaceScope::All,
            Some(name) => listed.push(Text::new(name)),
            None => {
                let message = format!("`{item}` is no workspace");
                let help = "give its name, its GUID, its ARM id, or `*` for all";
                told.push(Diagnostic::error("BadRequest", message).at(join_index(&path, at)).help(help));
            }
        }
    }
    if listed.is_empty() {
        let message = "`workspaces` is empty: the rule would see to no alert";
        told.push(
            Diagnostic::error("BadRequest", message)
                .at(path)
                .help("name some, or leave `workspaces` out for all of them"),
        );
    }
    WorkspaceScope::Listed(listed)
}

fn read_action(item: &Value, path: &str, told: &mut Vec<Diagnostic>) -> Option<Action> {
    let fields = Fields::of(item, path, told)?;
    fields.refuse_unknown(&["order", "actionType", "actionConfiguration"], told);
    let order = fields.required_integer("order", told);
    let kind: Option<ExtendedActionType> = fields.required_name("actionType", told);
    let configuration = fields.required_object("actionConfiguration", told);
    let (ExtendedActionType::UpdateAlert, configuration) = (kind?, configuration?);
    let value = fields.value("actionConfiguration").cloned().unwrap_or_default();
    let patch = AlertPatch::read(&value, configuration.path(), told);
    Some(Action { order: order?, kind: ActionKind::UpdateAlert(patch) })
}

impl AutomationRule {
    /// Whether it has anything that Sentinel's rules have not.
    pub fn is_extended(&self) -> bool {
        self.extension_to_json().is_some()
    }

    /// The extension; none if there is nothing in it.
    pub(super) fn extension_to_json(&self) -> Option<Value> {
        let mut extension = Object::new();
        if self.mode != Mode::Enforce {
            extension.insert(Text::new_static("mode"), self.mode);
        }
        if let Some(wait) = self.playbook_wait {
            extension.insert(Text::new_static("playbookWait"), wait);
        }
        match &self.workspaces {
            WorkspaceScope::Own => {}
            WorkspaceScope::All => {
                drop(extension.insert(Text::new_static("workspaces"), Value::array([Value::from("*")])));
            }
            WorkspaceScope::Listed(listed) => {
                let listed = Value::array(listed.iter().map(Value::from));
                drop(extension.insert(Text::new_static("workspaces"), listed));
            }
        }
        if !self.extended_conditions.is_empty() {
            let conditions = self.extended_conditions.iter().map(condition_to_arm);
            extension.insert(Text::new_static("conditions"), Value::array(conditions));
        }
        let actions: Vec<Value> = self.actions.iter().filter_map(extended_action).collect();
        if !actions.is_empty() {
            extension.insert(Text::new_static("actions"), Value::array(actions));
        }
        (!extension.is_empty()).then(|| Value::from(extension))
    }

    /// That this rule, written in place of `known`, has lost its extension, as happens when a client of Azure that does
    /// not know it reads a rule and writes it back.
    pub fn lost_extension(&self, known: &Self) -> Option<Diagnostic> {
        if self.is_extended() || !known.is_extended() {
            return None;
        }
        let message =
            format!("the rule had an extension (`properties.{EXTENSION}`), and was written without one");
        let help = "what was there does not apply any more; write it again if it was not meant to go";
        Some(Diagnostic::warning("ExtensionRemoved", message).at("$").help(help))
    }
}

/// The action as JSON, if it is one that Riposte adds.
fn extended_action(action: &Action) -> Option<Value> {
    let ActionKind::UpdateAlert(patch) = &action.kind else { return None };
    Some(object([
        ("order", action.order.into()),
        ("actionType", ExtendedActionType::UpdateAlert.into()),
        ("actionConfiguration", patch.to_value()),
    ]))
}
