//! Reading an alert: a row of the table `SecurityAlert`, the ARM entity, or the alert of a trigger body. One reader
//! does for all three, since a property has nearly the same name everywhere. Alerts of Graph's are told apart by their
//! fields and have a reader of their own.

use super::{Alert, graph, texts_of, unpacked};
use crate::fields::Fields;
use crate::names::{AlertStatus, Severity};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_value::{Object, Text, Value, json};

impl Alert {
    /// Reads an alert.
    ///
    /// # Errors
    /// A missing `SystemAlertId`, wrong types, wrong names, and text that should hold JSON and does not.
    pub fn read(value: &Value) -> Result<Self, Vec<Diagnostic>> {
        let mut told = Vec::new();
        match read(value, &mut told) {
            Some(alert) if !has_errors(&told) => Ok(alert),
            _ => Err(told),
        }
    }
}

/// The first of several names that has a value.
fn first<'n>(fields: &Fields<'_>, names: &[&'n str]) -> Option<&'n str> {
    names.iter().copied().find(|name| fields.value(name).is_some())
}

fn read(value: &Value, told: &mut Vec<Diagnostic>) -> Option<Alert> {
    let envelope = Fields::of(value, "$", told)?;
    if graph::is_graph(&envelope) {
        return Some(graph::read(&envelope, told));
    }
    let has_id = first(&envelope, &["SystemAlertId"]).is_some();
    let fields = match envelope.value("properties") {
        Some(_) if !has_id => envelope.object("properties", told)?,
        _ => envelope,
    };
    let id = fields.required_text("SystemAlertId", told);
    let text = |names: &[&str], told: &mut Vec<Diagnostic>| {
        let name = first(&fields, names)?;
        fields.text(name, told).filter(|text| !text.is_empty())
    };
    let time = |names: &[&str], told: &mut Vec<Diagnostic>| fields.time(first(&fields, names)?, told);
    let severity = first(&fields, &["AlertSeverity", "Severity"]);
    let list = |names: &[&str]| first(&fields, names).and_then(|name| fields.value(name)).map(text_list);
    let loose = |names: &[&str]| {
        first(&fields, names).and_then(|name| fields.value(name)).map(unpacked).unwrap_or_default()
    };
    let alert = Alert {
        system_alert_id: id.map(|id| Text::new(id.trim())).unwrap_or_default(),
        display_name: text(&["DisplayName", "AlertDisplayName", "AlertName"], told).unwrap_or_default(),
        alert_type: text(&["AlertType"], told),
        description: text(&["Description"], told),
        severity: severity.and_then(|name| fields.name(name, told)).unwrap_or(Severity::Medium),
        status: if text(&["Status"], told).is_some() { fields.name("Status", told) } else { None }
            .unwrap_or(AlertStatus::New),
        classification: None,
        determination: None,
        assignee: None,
        provider_name: text(&["ProviderName"], told),
        product_name: text(&["ProductName"], told),
        product_component_name: text(&["ProductComponentName"], told),
        vendor_name: text(&["VendorName"], told),
        provider_alert_id: text(&["VendorOriginalId", "ProviderAlertId"], told),
        compromised_entity: text(&["CompromisedEntity"], told),
        confidence_level: text(&["ConfidenceLevel"], told).and_then(|_| fields.name("ConfidenceLevel", told)),
        confidence_score: fields.value("ConfidenceScore").and_then(Value::as_f64).filter(|f| f.is_finite()),
        start_time: time(&["StartTimeUtc", "StartTime"], told),
        end_time: time(&["EndTimeUtc", "EndTime"], told),
        processing_end_time: time(&["ProcessingEndTime"], told),
        time_generated: time(&["TimeGenerated"], told),
        tactics: list(&["Tactics", "Intent"]).unwrap_or_default(),
        techniques: list(&["Techniques"]).unwrap_or_default(),
        sub_techniques: list(&["SubTechniques"]).unwrap_or_default(),
        remediation_steps: steps(&loose(&["RemediationSteps"])),
        alert_link: text(&["AlertLink", "AlertUri"], told),
        extended_links: loose(&["ExtendedLinks"]),
        resource_identifiers: loose(&["ResourceIdentifiers"]),
        resource_id: text(&["ResourceId"], told),
        source_computer_id: text(&["SourceComputerId"], told),
        extended_properties: extended_properties(&fields, told),
        entities: entities(&fields, told),
        analytics_rules: Vec::new(),
    };
    Some(alert)
}

/// Names that come as a list, as a text that holds a list, or as a text with commas.
fn text_list(value: &Value) -> Vec<Text> {
    let items = match unpacked(value) {
        Value::String(text) => text.split(',').map(|item| Text::new(item.trim())).collect(),
        other => texts_of(&other),
    };
    items.into_iter().filter(|item| !item.is_empty()).collect()
}

/// The remediation steps: a list, or one text.
fn steps(value: &Value) -> Vec<Text> {
    texts_of(value).into_iter().filter(|step| !step.trim().is_empty()).collect()
}

fn extended_properties(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Object {
    let Some(name) = first(fields, &["ExtendedProperties", "additionalData"]) else { return Object::new() };
    match inner_json(fields, name, told) {
        Some(Value::Object(object)) => Object::clone(&object),
        Some(other) => {
            told.push(crate::fields::wrong_type(&fields.path_of(name), "an object", &other));
            Object::new()
        }
        None => Object::new(),
    }
}

fn entities(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Value {
    match inner_json(fields, "Entities", told) {
        Some(list @ Value::Array(_)) => list,
        Some(other) => {
            told.push(crate::fields::wrong_type(&fields.path_of("Entities"), "an array", &other));
            Value::Null
        }
        None => Value::Null,
    }
}

/// A property that is JSON, or a text that holds JSON; empty text is as good as absent.
fn inner_json(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Option<Value> {
    match fields.value(name)? {
        Value::String(text) if text.trim().is_empty() => None,
        Value::String(text) => match json::parse_lenient(text) {
            Ok(value) => Some(value).filter(|value| !value.is_null()),
            Err(error) => {
                let message = format!("the text of `{name}` is not JSON: {error}");
                told.push(Diagnostic::error("BadRequest", message).at(fields.path_of(name)));
                None
            }
        },
        other => Some(other.clone()),
    }
}
