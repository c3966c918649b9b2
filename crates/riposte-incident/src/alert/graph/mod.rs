//! Reading an alert in the shape of Microsoft Graph's security alerts v2 (`#microsoft.graph.security.alert`).
//!
//! Source: the resource types `alert` and `alertEvidence` of the Graph security API, version 1.0. What has a column in
//! the table `SecurityAlert` goes there; the rest stands among the extended properties under its name in Pascal case.

mod evidence;
mod plain;
mod product;

use super::{ANALYTIC_RULE_IDS, Alert, CUSTOM_DETAILS, CUSTOM_DETECTION_RULE_IDS};
use crate::fields::Fields;
use crate::names::{AlertStatus, Severity};
use product::Product;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value};

/// Names that only Graph's shape has.
const GRAPH_ALONE: [&str; 7] = [
    "evidence",
    "serviceSource",
    "detectionSource",
    "createdDateTime",
    "detectorId",
    "alertWebUrl",
    "alertPolicyId",
];

/// What stands among the extended properties, with the names that it has there.
const EXTENDED: [(&str, &str); 17] = [
    ("category", "Category"),
    ("serviceSource", "ServiceSource"),
    ("detectionSource", "DetectionSource"),
    ("detectorId", "DetectorId"),
    ("alertPolicyId", "AlertPolicyId"),
    ("incidentId", "ProviderIncidentId"),
    ("incidentWebUrl", "IncidentWebUrl"),
    ("tenantId", "TenantId"),
    ("assignedTo", "AssignedTo"),
    ("classification", "Classification"),
    ("determination", "Determination"),
    ("investigationState", "InvestigationState"),
    ("resolvedDateTime", "ResolvedDateTime"),
    ("threatDisplayName", "ThreatDisplayName"),
    ("threatFamilyName", "ThreatFamilyName"),
    ("actorDisplayName", "ActorDisplayName"),
    ("systemTags", "SystemTags"),
];

/// The tactics of MITRE ATT&CK as Sentinel spells them; other categories (`Malware`, `SuspiciousActivity`) are none.
const TACTICS: [&str; 17] = [
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "Exfiltration",
    "CommandAndControl",
    "Impact",
    "PreAttack",
    "ImpairProcessControl",
    "InhibitResponseFunction",
];

/// Whether an object has Graph's shape: it says so, or it has no `SystemAlertId` and names that only Graph has.
pub(super) fn is_graph(fields: &Fields<'_>) -> bool {
    if let Some(Value::String(kind)) = fields.value("@odata.type") {
        return kind.trim_start_matches('#').eq_ignore_ascii_case("microsoft.graph.security.alert");
    }
    fields.value("SystemAlertId").is_none()
        && fields.value("properties").is_none()
        && GRAPH_ALONE.iter().any(|name| fields.value(name).is_some())
}

/// Reads an alert of Graph's.
pub(super) fn read(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Alert {
    let id = fields.required_text("id", told);
    let text =
        |name: &str, told: &mut Vec<Diagnostic>| fields.text(name, told).filter(|text| !text.is_empty());
    let product = Product::of(text("serviceSource", told).as_deref(), text("productName", told).as_deref());
    let created = fields.time("createdDateTime", told);
    let updated = fields.time("lastUpdateDateTime", told);
    let techniques = text_items(fields.value("mitreTechniques"));
    let category = text("category", told).unwrap_or_default();
    let evidence = fields.array("evidence", told).unwrap_or_default();
    Alert {
        system_alert_id: id.map(|id| Text::new(id.trim())).unwrap_or_default(),
        display_name: text("title", told).unwrap_or_default(),
        alert_type: alert_type(fields, product, told),
        description: text("description", told),
        severity: known(fields, "severity", told).unwrap_or(Severity::Medium),
        status: known(fields, "status", told).unwrap_or(AlertStatus::New),
        classification: known(fields, "classification", told),
        determination: known(fields, "determination", told),
        assignee: text("assignedTo", told),
        provider_name: product.map(|product| Text::new_static(product.provider)),
        product_name: text("productName", told).or(product.map(|product| Text::new_static(product.name))),
        product_component_name: None,
        vendor_name: Some(Text::new_static("Microsoft")),
        provider_alert_id: text("providerAlertId", told),
        compromised_entity: evidence::compromised(evidence),
        confidence_level: None,
        confidence_score: None,
        start_time: fields.time("firstActivityDateTime", told),
        end_time: fields.time("lastActivityDateTime", told),
        processing_end_time: created,
        // An update of the alert is told by a later time.
        time_generated: updated.or(created),
        tactics: TACTICS
            .iter()
            .filter(|t| t.eq_ignore_ascii_case(&category))
            .map(|t| Text::new_static(t))
            .collect(),
        sub_techniques: techniques.iter().filter(|id| id.contains('.')).cloned().collect(),
        techniques: whole_techniques(&techniques),
        remediation_steps: steps(text("recommendedActions", told)),
        alert_link: text("alertWebUrl", told),
        extended_links: Value::Null,
        resource_identifiers: Value::Null,
        resource_id: None,
        source_computer_id: None,
        extended_properties: extended_properties(fields, told),
        entities: evidence::entities(evidence),
        analytics_rules: Vec::new(),
    }
}

/// The analytics rule of an alert that Sentinel raised itself. Of another product it is the detector, unless that is
/// a GUID: then it would pass for a rule's.
fn alert_type(fields: &Fields<'_>, product: Option<&Product>, told: &mut Vec<Diagnostic>) -> Option<Text> {
    let mut text = |name: &str| fields.text(name, told).filter(|text| !text.trim().is_empty());
    let (policy, detector) = (text("alertPolicyId"), text("detectorId"));
    if product.is_none_or(|product| product.is_sentinel) {
        return policy.or(detector);
    }
    detector.filter(|id| uuid::Uuid::try_parse(id).is_err())
}

/// A name of a closed list; `unknown` and what came after the list was made are as good as absent.
fn known<N: crate::names::Name>(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Option<N> {
    let text = fields.text(name, told)?;
    let is_unknown = text.is_empty()
        || text.eq_ignore_ascii_case("unknown")
        || text.eq_ignore_ascii_case("unknownFutureValue");
    if is_unknown { None } else { fields.name(name, told) }
}

/// The techniques, those of sub-techniques (`T1566` of `T1566.002`) too, each once.
fn whole_techniques(techniques: &[Text]) -> Vec<Text> {
    let mut whole = Vec::new();
    for id in techniques {
        let technique = id.split_once('.').map_or_else(|| id.clone(), |(technique, _)| Text::new(technique));
        crate::text::add_unique(&mut whole, &technique);
    }
    whole
}

/// One text with a step a line.
fn steps(text: Option<Text>) -> Vec<Text> {
    let text = text.unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(Text::new).collect()
}

fn text_items(value: Option<&Value>) -> Vec<Text> {
    let items = value.and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(Text::new).collect()
}

fn extended_properties(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Object {
    let bag = |name: &str, told: &mut Vec<Diagnostic>| match fields.value(name) {
        Some(Value::Object(bag)) => {
            let own = bag.iter().filter(|(name, value)| !name.contains("@odata.") && !value.is_null());
            own.map(|(name, value)| (name.clone(), value.clone())).collect()
        }
        Some(other) => {
            told.push(crate::fields::wrong_type(&fields.path_of(name), "an object", other));
            Vec::new()
        }
        None => Vec::new(),
    };
    let mut extended = Object::new();
    extended.extend(bag("additionalData", told));
    for (name, here) in EXTENDED {
        if let Some(value) = fields.value(name).filter(|value| !is_empty(value))
            && extended.get_ignore_case(here).is_none()
        {
            extended.insert(Text::new_static(here), value.clone());
        }
    }
    let details = bag("customDetails", told);
    if !details.is_empty() && extended.get_ignore_case(CUSTOM_DETAILS).is_none() {
        extended
            .insert(Text::new_static(CUSTOM_DETAILS), Value::from(details.into_iter().collect::<Object>()));
    }
    let is_custom = fields.value("detectionSource").and_then(Value::as_str).is_some_and(|source| {
        source.eq_ignore_ascii_case("customDetection") || source.eq_ignore_ascii_case("customTi")
    });
    let policy = fields.value("alertPolicyId").or_else(|| fields.value("detectorId"));
    if let Some(Value::String(policy)) = policy
        && is_custom
        && extended.get_ignore_case(CUSTOM_DETECTION_RULE_IDS).is_none()
        && extended.get_ignore_case(ANALYTIC_RULE_IDS).is_none()
    {
        let ids = Value::array([Value::String(policy.clone())]);
        extended.insert(Text::new_static(CUSTOM_DETECTION_RULE_IDS), ids);
    }
    extended
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        other => other.is_null(),
    }
}
