//! What a rule would do, without doing it: for rules that observe, and for those that are tried on what is on record.

use super::act::properties_of;
use super::health::Found;
use super::matter::Matter;
use crate::document::encode;
use crate::error::Result;
use crate::runs::playbook_name;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_incident::{Actor, ActorKind, AlertFieldChange, apply};
use riposte_rules::{ActionKind, AutomationRule, plan, property_subject_not_found, task_subject_not_found};
use riposte_store::Read;
use riposte_value::{Object, Value, json};

/// What an action would come to.
struct Would {
    /// In words: `severity Medium → High`.
    text: String,
    /// Whether it would fail, which of a first action ends the rule.
    fails: bool,
    details: Object,
}

impl Would {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), fails: false, details: Object::new() }
    }

    fn fails(text: impl Into<String>) -> Self {
        Self { fails: true, ..Self::new(text) }
    }

    fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.details.insert(name, value.into());
        self
    }
}

impl Shared {
    /// What a rule would do about a matter as it stands: `[{action, actionType, text, fails?, changes?, playbook?}]`.
    pub(crate) fn preview(
        &self,
        tx: &dyn Read,
        rule: &AutomationRule,
        matter: &Matter,
        now: Timestamp,
        found: &mut Found,
    ) -> Result<Vec<Value>> {
        let actor = Actor::new(ActorKind::AutomationRule, &rule.display_name);
        let mut incident = matter.incident().cloned();
        let mut alert = match matter {
            Matter::Alert { alert, .. } => Some(alert.clone()),
            Matter::Incident(_) => None,
        };
        let mut shown = Vec::new();
        for (place, action) in plan(rule).iter().enumerate() {
            let would = match &action.action {
                ActionKind::ModifyProperties(patch) => match &mut incident {
                    None => Would::fails(property_subject_not_found(&properties_of(patch))),
                    Some(incident) => match apply(incident, patch, &actor, now) {
                        Ok(change) if change.is_empty() => Would::new("change nothing"),
                        Ok(change) => {
                            let changes = json::parse(&encode(&change)?).unwrap_or_default();
                            Would::new(change.summary()).with("changes", changes)
                        }
                        Err(told) => {
                            let why: Vec<String> = told.into_iter().map(|told| told.message).collect();
                            Would::fails(why.join("; "))
                        }
                    },
                },
                ActionKind::AddIncidentTask { title, .. } => match &incident {
                    None => Would::fails(task_subject_not_found(title)),
                    Some(_) => Would::new(format!("add task `{title}`")).with("task", title),
                },
                ActionKind::UpdateAlert(patch) => match &mut alert {
                    None => Would::fails("Could not update alert. Incident/alert was not found."),
                    Some(alert) => {
                        let changes = patch.apply(alert);
                        let told: Vec<String> = changes.iter().map(AlertFieldChange::summary).collect();
                        let text =
                            if told.is_empty() { "change nothing".to_owned() } else { told.join("; ") };
                        let changes = json::parse(&encode(&changes)?).unwrap_or_default();
                        Would::new(text).with("changes", changes)
                    }
                },
                ActionKind::RunPlaybook { logic_app_resource_id: id, .. } => {
                    let on_alert = matches!(matter, Matter::Alert { .. });
                    match self.obstacle(tx, id, on_alert, found)? {
                        None => Would::new(format!("run playbook {}", playbook_name(id))),
                        Some(obstacle) => Would::fails(obstacle.text(id)),
                    }
                    .with("playbook", id)
                }
            };
            let fails = would.fails;
            shown.push(to_value(action.index, action.action.action_type(), would));
            if fails && place == 0 {
                break;
            }
        }
        Ok(shown)
    }
}

fn to_value(index: usize, action_type: &'static str, would: Would) -> Value {
    let mut value = Object::new();
    value.insert("action", i64::try_from(index + 1).unwrap_or(i64::MAX));
    value.insert("actionType", action_type);
    value.insert("text", would.text);
    if would.fails {
        value.insert("fails", true);
    }
    for (name, detail) in would.details {
        value.insert(name, detail);
    }
    Value::from(value)
}
