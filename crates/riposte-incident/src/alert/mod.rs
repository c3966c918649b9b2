//! Alerts.

mod graph;
mod patch;
mod read;
mod render;

pub use patch::{AlertFieldChange, AlertPatch};

use crate::names::{AlertClassification, AlertDetermination, AlertStatus, ConfidenceLevel, Severity};
use crate::text::{add_unique, same};
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value, json};
use serde::{Deserialize, Serialize};

/// The key of the analytics rules' ids among the extended properties.
const ANALYTIC_RULE_IDS: &str = "Analytic Rule Ids";
/// The key of the custom details among the extended properties.
const CUSTOM_DETAILS: &str = "Custom Details";
/// The key of the custom detection rules' ids among the extended properties.
const CUSTOM_DETECTION_RULE_IDS: &str = "Custom Detection Rule Ids";

/// An alert. Its identity is `SystemAlertId` in its workspace, without regard to case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// `SystemAlertId`, as it came.
    pub system_alert_id: Text,
    /// The title.
    pub display_name: Text,
    /// The kind of alert; for scheduled rules the rule's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_type: Option<Text>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// How grave it is.
    pub severity: Severity,
    /// Where the work stands.
    pub status: AlertStatus,
    /// What it turned out to be, if somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<AlertClassification>,
    /// What kind of thing it was, if somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub determination: Option<AlertDetermination>,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Text>,
    /// Who raised it, as the provider calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_name: Option<Text>,
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_name: Option<Text>,
    /// The part of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_component_name: Option<Text>,
    /// The vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_name: Option<Text>,
    /// Its id with the provider (`VendorOriginalId`, `providerAlertId`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_alert_id: Option<Text>,
    /// The entity that the provider thinks most concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_entity: Option<Text>,
    /// How sure the provider is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_level: Option<ConfidenceLevel>,
    /// How sure the provider is, as a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_score: Option<f64>,
    /// The first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// The last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// When the provider was done with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_end_time: Option<Timestamp>,
    /// When it was raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_generated: Option<Timestamp>,
    /// MITRE tactics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tactics: Vec<Text>,
    /// MITRE techniques.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub techniques: Vec<Text>,
    /// MITRE sub-techniques.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_techniques: Vec<Text>,
    /// What to do, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remediation_steps: Vec<Text>,
    /// Where the provider shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_link: Option<Text>,
    /// More links, as they came.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub extended_links: Value,
    /// The resources concerned, as they came.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub resource_identifiers: Value,
    /// The resource concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<Text>,
    /// The computer that sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_computer_id: Option<Text>,
    /// Everything else that the provider tells; custom details and rule ids stand here.
    #[serde(default)]
    pub extended_properties: Object,
    /// The entities as a V3 list, as they came.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub entities: Value,
    /// The analytics rules behind it as its workspace knows them, where that is not what the alert itself says: names as
    /// the rules spell them, and ARM ids of rules of other workspaces. See [`Alert::link_analytics_rules`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub analytics_rules: Vec<Text>,
}

impl Alert {
    /// The analytics rules that it names: as its workspace knows them if they were linked, else as it says itself.
    pub fn analytic_rule_names(&self) -> Vec<Text> {
        if !self.analytics_rules.is_empty() {
            return self.analytics_rules.clone();
        }
        self.told_rules().iter().map(|id| Text::new(last_segment(id))).collect()
    }

    /// What it says of its rules: `ExtendedProperties["Analytic Rule Ids"]` (a list, or a text that holds one), else
    /// `AlertType` if that is a rule's GUID, `{workspaceId}_{ruleId}` or an ARM id.
    fn told_rules(&self) -> Vec<Text> {
        let listed = self.listed(ANALYTIC_RULE_IDS);
        if !listed.is_empty() {
            return listed;
        }
        let Some(alert_type) = &self.alert_type else { return Vec::new() };
        let is_guid = |text: &str| uuid::Uuid::try_parse(text).is_ok();
        if alert_type.contains('/') {
            return vec![alert_type.clone()];
        }
        match alert_type.split_once('_') {
            Some((workspace, rule)) if is_guid(workspace) && !rule.is_empty() => vec![Text::new(rule)],
            _ if is_guid(alert_type) => vec![alert_type.clone()],
            _ => Vec::new(),
        }
    }

    /// Links it with the rules of its workspace. `known` gives the name of a rule in the rule's own spelling, from a name
    /// or `{workspaceId}_{ruleId}` in any. An `AlertType` that is no id by its form is a rule's name if there is such a
    /// rule, and means nothing otherwise: other providers put kinds of alerts there. A rule's ARM id that lies in another
    /// workspace stays what it is.
    pub fn link_analytics_rules(&mut self, workspace: &WorkspaceRef, known: impl Fn(&str) -> Option<Text>) {
        self.analytics_rules.clear();
        let mut linked = Vec::new();
        let mut is_known = false;
        for id in self.told_rules() {
            let id = id.trim();
            let found = if workspace.is_elsewhere(id) { None } else { known(last_segment(id)) };
            is_known |= found.is_some();
            let told = if workspace.is_elsewhere(id) { id } else { last_segment(id) };
            add_unique(&mut linked, &found.unwrap_or_else(|| Text::new(told)));
        }
        if let (false, Some(kind)) = (is_known, self.alert_type.as_deref().map(str::trim))
            && !workspace.is_elsewhere(kind)
            && let Some(rule) = known(last_segment(kind))
        {
            add_unique(&mut linked, &rule);
        }
        if linked != self.analytic_rule_names() {
            self.analytics_rules = linked;
        }
    }

    /// The ARM ids of the analytics rules that it names.
    pub fn analytic_rule_ids(&self, workspace: &WorkspaceRef) -> Vec<Text> {
        let id = |name: &Text| {
            if workspace.is_elsewhere(name) {
                return name.clone();
            }
            Text::from(workspace.alert_rule_id(last_segment(name)))
        };
        self.analytic_rule_names().iter().map(id).collect()
    }

    /// The ids of the custom detection rules that it names.
    pub fn custom_detection_rule_ids(&self) -> Vec<Text> {
        self.listed(CUSTOM_DETECTION_RULE_IDS)
    }

    /// The custom details: each key with its values, keys unique without regard to case.
    pub fn custom_details(&self) -> Vec<(Text, Vec<Text>)> {
        let Some(details) = self.extended(CUSTOM_DETAILS) else { return Vec::new() };
        let details = unpacked(details);
        let mut read: Vec<(Text, Vec<Text>)> = Vec::new();
        for (key, value) in details.as_object().into_iter().flatten() {
            let values = texts_of(value);
            match read.iter_mut().find(|(known, _)| same(known, key)) {
                Some((_, known)) => {
                    for value in &values {
                        add_unique(known, value);
                    }
                }
                None => read.push((key.clone(), values)),
            }
        }
        read
    }

    /// Whether another alert is the same one.
    pub fn is_same(&self, system_alert_id: &str) -> bool {
        same(&self.system_alert_id, system_alert_id)
    }

    fn extended(&self, key: &str) -> Option<&Value> {
        self.extended_properties.get_ignore_case(key)
    }

    fn listed(&self, key: &str) -> Vec<Text> {
        let values = self.extended(key).map(|value| texts_of(&unpacked(value))).unwrap_or_default();
        values.into_iter().filter(|text| !text.trim().is_empty()).collect()
    }
}

/// The value that a text holds as JSON (a list or an object), else the value itself.
pub(crate) fn unpacked(value: &Value) -> Value {
    match value {
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
            json::parse_lenient(text).unwrap_or_else(|_| value.clone())
        }
        other => other.clone(),
    }
}

/// The texts of a list; of anything else that is not null, its one text.
fn texts_of(value: &Value) -> Vec<Text> {
    match value {
        Value::Array(items) => items.iter().filter_map(scalar_text).collect(),
        other => scalar_text(other).into_iter().collect(),
    }
}

/// The text of a value; none of null.
pub(crate) fn scalar_text(value: &Value) -> Option<Text> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(Text::from(other.to_string())),
    }
}

fn last_segment(id: &str) -> &str {
    id.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}
