//! A rule as its ARM resource.

use super::{Action, ActionKind, AutomationRule, EXTENSION, Stamp};
use crate::condition::condition_to_arm;
use crate::json::object;
use jiff::Timestamp;
use riposte_incident::{WorkspaceRef, modify_properties_to_arm, time_text};
use riposte_value::{Object, Text, Value};

/// The resource type of rules as the service writes it.
pub const RULE_TYPE: &str = "Microsoft.SecurityInsights/AutomationRules";

impl AutomationRule {
    /// The `properties` of the ARM resource. With a time, a rule that has expired by then shows `isEnabled: false`;
    /// without one (for export) it shows what was written.
    pub fn to_arm_properties(&self, now: Option<Timestamp>) -> Value {
        let expired = now.is_some_and(|now| self.is_expired(now));
        let mut logic = Object::with_capacity(5);
        logic.insert(Text::new_static("isEnabled"), self.is_enabled && !expired);
        if let Some(expiration) = self.expiration {
            logic.insert(Text::new_static("expirationTimeUtc"), time_text(expiration));
        }
        logic.insert(Text::new_static("triggersOn"), self.triggers_on);
        logic.insert(Text::new_static("triggersWhen"), self.triggers_when);
        let conditions = self.conditions.iter().map(condition_to_arm);
        logic.insert(Text::new_static("conditions"), Value::array(conditions));

        let mut properties = Object::with_capacity(8);
        properties.insert(Text::new_static("displayName"), &self.display_name);
        properties.insert(Text::new_static("order"), i64::from(self.order));
        properties.insert(Text::new_static("triggeringLogic"), logic);
        let actions = Value::array(self.actions.iter().filter_map(action_to_arm));
        properties.insert(Text::new_static("actions"), actions);
        put_stamp(&mut properties, ("lastModifiedTimeUtc", "lastModifiedBy"), self.last_modified.as_ref());
        put_stamp(&mut properties, ("createdTimeUtc", "createdBy"), self.created.as_ref());
        if let Some(extension) = self.extension_to_json() {
            properties.insert(Text::new_static(EXTENSION), extension);
        }
        Value::from(properties)
    }

    /// The ARM resource: `{id, name, etag, type, properties}`. The etag is given without quotation marks.
    pub fn to_arm(&self, workspace: &WorkspaceRef, etag: &str, now: Option<Timestamp>) -> Value {
        object([
            ("id", workspace.resource_id("AutomationRules", &self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{etag}\"").into()),
            ("type", RULE_TYPE.into()),
            ("properties", self.to_arm_properties(now)),
        ])
    }
}

fn put_stamp(properties: &mut Object, names: (&'static str, &'static str), stamp: Option<&Stamp>) {
    if let Some(stamp) = stamp {
        properties.insert(Text::new_static(names.0), time_text(stamp.at));
        properties.insert(Text::new_static(names.1), stamp.by.client_info());
    }
}

/// The action as ARM JSON, if Sentinel has it.
fn action_to_arm(action: &Action) -> Option<Value> {
    let with = |mut object: Object, name, text: &Option<Text>| {
        if let Some(text) = text {
            object.insert(Text::new_static(name), text);
        }
        Value::from(object)
    };
    let one = |name, text: &Text| Object::from_iter([(Text::new_static(name), Value::from(text))]);
    let configuration = match &action.kind {
        ActionKind::ModifyProperties(patch) => modify_properties_to_arm(patch),
        ActionKind::RunPlaybook { logic_app_resource_id, tenant_id } => {
            with(one("logicAppResourceId", logic_app_resource_id), "tenantId", tenant_id)
        }
        ActionKind::AddIncidentTask { title, description } => {
            with(one("title", title), "description", description)
        }
        ActionKind::UpdateAlert(_) => return None,
    };
    Some(object([
        ("order", action.order.into()),
        ("actionType", action.kind.action_type().into()),
        ("actionConfiguration", configuration),
    ]))
}
