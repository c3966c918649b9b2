//! Reading a rule from the `properties` of its ARM resource.

use super::extension::{EXTENSION, Extension, read_extension};
use super::{Action, ActionKind, AutomationRule, ORDER, Stamp};
use crate::condition::{Condition, Dialect, read_conditions};
use crate::names::{ActionType, ExtendedActionType, Mode, TriggersOn, TriggersWhen};
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_incident::fields::Fields;
use riposte_incident::{Actor, ActorKind, from_modify_properties};
use riposte_value::{Text, Value};

const KNOWN: &[&str] = &[
    "displayName",
    "order",
    "triggeringLogic",
    "actions",
    "createdTimeUtc",
    "createdBy",
    "lastModifiedTimeUtc",
    "lastModifiedBy",
    EXTENSION,
];
const KNOWN_LOGIC: &[&str] = &["isEnabled", "expirationTimeUtc", "triggersOn", "triggersWhen", "conditions"];

impl AutomationRule {
    /// Reads a rule. The rule is there unless one of the diagnostics is an error; warnings tell what Azure would not
    /// take and what surely is not meant. Paths begin at the properties (`$.triggeringLogic…`).
    pub fn from_arm(name: &str, properties: &Value) -> (Option<Self>, Vec<Diagnostic>) {
        let mut told = Vec::new();
        let rule = read(name, properties, &mut told);
        let rule = rule.filter(|_| !has_errors(&told));
        if let Some(rule) = &rule {
            super::lint::lint(rule, &mut told);
        }
        (rule, told)
    }

    /// A warning if the rule has turned itself off already.
    pub fn expiry_warning(&self, now: Timestamp) -> Option<Diagnostic> {
        let expiration = self.expiration.filter(|expiration| *expiration <= now)?;
        let message = format!("the rule expired at `{}`", riposte_incident::time_text(expiration));
        let path = "$.triggeringLogic.expirationTimeUtc";
        Some(Diagnostic::warning("RuleExpired", message).at(path).help("it is kept and does nothing"))
    }
}

fn read(name: &str, properties: &Value, told: &mut Vec<Diagnostic>) -> Option<AutomationRule> {
    let fields = Fields::of(properties, "$", told)?;
    fields.warn_unknown(KNOWN, told);
    let display_name = fields.required_text("displayName", told);
    let order = order(&fields, told);
    let logic = fields.required_object("triggeringLogic", told);
    let logic = logic.and_then(|logic| read_logic(&logic, told));
    let extension = read_extension(&fields, told);
    let actions = read_actions(&fields, &extension, told);
    let logic = logic?;
    extension.check(logic.on, told);
    Some(AutomationRule {
        name: Text::new(name),
        display_name: display_name?,
        order: order?,
        is_enabled: logic.is_enabled,
        expiration: logic.expiration,
        triggers_on: logic.on,
        triggers_when: logic.when,
        conditions: logic.conditions,
        actions: actions?.into_iter().chain(extension.actions).collect(),
        extended_conditions: extension.conditions,
        mode: extension.mode.unwrap_or(Mode::Enforce),
        playbook_wait: extension.playbook_wait,
        workspaces: extension.workspaces,
        created: stamp(&fields, "createdTimeUtc", "createdBy", told),
        last_modified: stamp(&fields, "lastModifiedTimeUtc", "lastModifiedBy", told),
    })
}

fn order(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<u16> {
    let order = fields.required_integer("order", told)?;
    let (min, max) = ORDER;
    if !(min..=max).contains(&order) {
        let message = format!("`order` is {order}; it must be from {min} to {max}");
        told.push(Diagnostic::error("BadRequest", message).at(fields.path_of("order")));
        return None;
    }
    u16::try_from(order).ok()
}

struct Logic {
    is_enabled: bool,
    expiration: Option<Timestamp>,
    on: TriggersOn,
    when: TriggersWhen,
    conditions: Vec<Condition>,
}

fn read_logic(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Logic> {
    fields.warn_unknown(KNOWN_LOGIC, told);
    let is_enabled = fields.required_bool("isEnabled", told);
    let on = fields.required_name("triggersOn", told);
    let when = fields.required_name("triggersWhen", told);
    let expiration = fields.time("expirationTimeUtc", told);
    let items = fields.array("conditions", told).unwrap_or_default();
    let conditions = read_conditions(items, &fields.path_of("conditions"), Dialect::Azure, told);
    Some(Logic { is_enabled: is_enabled?, expiration, on: on?, when: when?, conditions })
}

fn stamp(fields: &Fields<'_>, time: &str, by: &str, told: &mut Vec<Diagnostic>) -> Option<Stamp> {
    let at = fields.time(time, told)?;
    let by = fields.object(by, told)?;
    let mut text = |name| by.text(name, told);
    let by = Actor {
        object_id: text("objectId"),
        email: text("email"),
        upn: text("userPrincipalName"),
        ..Actor::new(ActorKind::User, text("name").unwrap_or_default())
    };
    Some(Stamp { at, by })
}

/// Sentinel's actions. There must be one, unless the extension has one.
fn read_actions(
    fields: &Fields<'_>,
    extension: &Extension,
    told: &mut Vec<Diagnostic>,
) -> Option<Vec<Action>> {
    if fields.value("actions").is_none() {
        told.push(fields.missing("actions"));
        return None;
    }
    let items = fields.array("actions", told)?;
    let path = fields.path_of("actions");
    if items.is_empty() && extension.actions.is_empty() {
        told.push(Diagnostic::error("BadRequest", "`actions` is empty").at(&path).help("give one action"));
    }
    let read = |(at, item)| read_action(item, &join_index(&path, at), told);
    Some(items.iter().enumerate().filter_map(read).collect())
}

fn read_action(item: &Value, path: &str, told: &mut Vec<Diagnostic>) -> Option<Action> {
    let fields = Fields::of(item, path, told)?;
    fields.warn_unknown(&["order", "actionType", "actionConfiguration"], told);
    let order = fields.required_integer("order", told);
    let named = fields.value("actionType").and_then(Value::as_str);
    if let Some(kind) = named.and_then(|name| ExtendedActionType::parse(name.trim())) {
        let message = format!("Sentinel has no action `{kind}`");
        let help = "move the action to `properties.riposte.actions`";
        let path = fields.path_of("actionType");
        told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
        return None;
    }
    let kind: Option<ActionType> = fields.required_name("actionType", told);
    let configuration = fields.required_object("actionConfiguration", told);
    let (kind, configuration) = (kind?, configuration?);
    let kind = match kind {
        ActionType::ModifyProperties => {
            let value = fields.value("actionConfiguration").cloned().unwrap_or_default();
            ActionKind::ModifyProperties(Box::new(from_modify_properties(&value, configuration.path(), told)))
        }
        ActionType::RunPlaybook => {
            configuration.warn_unknown(&["logicAppResourceId", "tenantId"], told);
            let id = configuration.required_text("logicAppResourceId", told);
            ActionKind::RunPlaybook {
                tenant_id: configuration.text("tenantId", told),
                logic_app_resource_id: id?,
            }
        }
        ActionType::AddIncidentTask => {
            configuration.warn_unknown(&["title", "description"], told);
            let title = configuration.required_text("title", told);
            ActionKind::AddIncidentTask {
                description: configuration.text("description", told),
                title: title?,
            }
        }
    };
    Some(Action { order: order?, kind })
}
