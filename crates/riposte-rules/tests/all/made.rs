//! What the tests are made on.

use jiff::Timestamp;
use riposte_incident::{
    Actor, ActorKind, Alert, Change, Classification, ClassificationReason, Entity, Field, Incident,
    IncidentPatch, IncidentStatus, Owner, Severity, read_entities,
};
use riposte_rules::{AutomationRule, Subject, Watchlists};
use riposte_value::{Text, Value, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A subject as the tables write it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Given {
    #[serde(default)]
    incident: Option<GivenIncident>,
    /// Rows of the table `SecurityAlert`.
    #[serde(default)]
    alerts: Vec<Value>,
    /// A V3 list.
    #[serde(default)]
    entities: Value,
    #[serde(default)]
    change: Option<Change>,
    #[serde(default)]
    updated_by: Option<ActorKind>,
    /// When it happened.
    #[serde(default)]
    now: Option<Timestamp>,
    /// Watchlists by alias; without them there are none.
    #[serde(default)]
    watchlists: BTreeMap<String, GivenWatchlist>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GivenWatchlist {
    search_key: String,
    rows: Vec<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GivenIncident {
    #[serde(default)]
    title: Option<Text>,
    #[serde(default)]
    description: Option<Text>,
    #[serde(default)]
    severity: Option<Severity>,
    #[serde(default)]
    status: Option<IncidentStatus>,
    #[serde(default)]
    labels: Vec<Text>,
    #[serde(default)]
    tactics: Vec<Text>,
    #[serde(default)]
    analytic_rule_ids: Vec<Text>,
    #[serde(default)]
    product_names: Vec<Text>,
    #[serde(default)]
    provider_name: Option<Text>,
    #[serde(default)]
    number: Option<i64>,
    #[serde(default)]
    owner: Option<Owner>,
    #[serde(default)]
    classification: Option<Classification>,
    #[serde(default)]
    classification_reason: Option<ClassificationReason>,
    #[serde(default)]
    techniques: Vec<Text>,
    #[serde(default)]
    comments: u32,
    #[serde(default)]
    tasks: u32,
}

/// A subject with everything that it borrows.
pub struct Owned {
    incident: Option<Incident>,
    alerts: Vec<Alert>,
    entities: Vec<Entity>,
    change: Option<Change>,
    updated_by: Option<Actor>,
    now: Option<Timestamp>,
    watchlists: Option<Watchlists>,
}

impl Given {
    pub fn owned(&self) -> Owned {
        Owned {
            incident: self.incident.as_ref().map(GivenIncident::incident),
            alerts: self.alerts.iter().map(|alert| Alert::read(alert).unwrap()).collect(),
            entities: read_entities(&self.entities, "w"),
            change: self.change.clone(),
            updated_by: self.updated_by.map(|kind| Actor::new(kind, "somebody")),
            now: self.now,
            watchlists: (!self.watchlists.is_empty()).then(|| self.lists()),
        }
    }

    fn lists(&self) -> Watchlists {
        let lists = self.watchlists.iter();
        lists.fold(Watchlists::default(), |lists, (alias, given)| {
            lists.with(alias, &given.search_key, given.rows.iter().filter_map(Value::as_object))
        })
    }
}

impl GivenIncident {
    fn incident(&self) -> Incident {
        let patch = IncidentPatch {
            description: Field::set_if(self.description.clone()),
            severity: Field::set_if(self.severity),
            status: Field::set_if(self.status),
            ..IncidentPatch::default()
                .titled(self.title.clone().unwrap_or_else(|| "an incident".into()))
                .adding_labels(self.labels.clone())
        };
        let ana = Actor::new(ActorKind::User, "ana");
        let at = "2026-03-01T08:00:00Z".parse().unwrap();
        let mut incident = Incident::create("one", 1, &patch, &ana, at).unwrap();
        incident.tactics.clone_from(&self.tactics);
        incident.related_analytic_rule_ids.clone_from(&self.analytic_rule_ids);
        incident.alert_product_names.clone_from(&self.product_names);
        incident.techniques.clone_from(&self.techniques);
        incident.number = self.number.unwrap_or(1);
        incident.owner.clone_from(&self.owner);
        incident.classification = self.classification;
        incident.classification_reason = self.classification_reason;
        (incident.comments_count, incident.tasks_count) = (self.comments, self.tasks);
        if let Some(provider) = &self.provider_name {
            incident.provider_name = provider.clone();
        }
        incident
    }
}

impl Owned {
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            incident: self.incident.as_ref(),
            alerts: &self.alerts,
            entities: &self.entities,
            change: self.change.as_ref(),
            updated_by: self.updated_by.as_ref(),
            now: self.now,
            watchlists: self.watchlists.as_ref(),
        }
    }
}

/// The properties of a good rule with these conditions; it asks for updates, so that no condition is idle.
pub fn properties(conditions: &Value) -> Value {
    value!({
        "displayName": "a rule",
        "order": 1,
        "triggeringLogic": {
            "isEnabled": true,
            "triggersOn": "Incidents",
            "triggersWhen": "Updated",
            "conditions": serde_json::to_value(conditions).unwrap()
        },
        "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]
    })
}

/// A good rule with these conditions.
pub fn rule(conditions: &Value) -> AutomationRule {
    let (rule, told) = AutomationRule::from_arm("a-rule", &properties(conditions));
    rule.unwrap_or_else(|| panic!("{told:#?}"))
}

/// A good rule with these conditions in its extension.
pub fn extended(conditions: &Value) -> AutomationRule {
    let (rule, told) = AutomationRule::from_arm("a-rule", &extended_properties(conditions));
    rule.unwrap_or_else(|| panic!("{told:#?}"))
}

/// The properties of a good rule with these conditions in its extension.
pub fn extended_properties(conditions: &Value) -> Value {
    let mut properties = properties(&value!([]));
    let extension = Value::object([("conditions", conditions.clone())]);
    properties.as_object_mut().unwrap().insert("riposte", extension);
    properties
}

/// A good rule of a name and an order.
pub fn named(name: &str, order: i64) -> AutomationRule {
    let mut properties = properties(&value!([]));
    properties.as_object_mut().unwrap().insert("order", order);
    AutomationRule::from_arm(name, &properties).0.unwrap()
}

/// One plain condition.
pub fn property(name: &str, operator: &str, values: &[String]) -> Value {
    value!({
        "conditionType": "Property",
        "conditionProperties": {"propertyName": name, "operator": operator, "propertyValues": values}
    })
}
