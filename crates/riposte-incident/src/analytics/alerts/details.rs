//! Custom details, and what of an alert comes from columns.
//!
//! The details of an alert come from its first row. A format one of whose columns has no value, and a severity or
//! tactics that are none, leave what the rule says, as documented.

use super::{DETAIL_VALUES_MAX, DETAILS_SIZE_MAX, RunOutput, cell};
use crate::alert::{Alert, scalar_text, unpacked};
use crate::analytics::{AlertDetailsOverride, AlertProperty, AnalyticsRule, Tactic};
use crate::names::{ConfidenceLevel, Severity};
use crate::text::{add_unique, same};
use riposte_value::{Object, Text, Value, json};

/// The custom details of some rows: each name with its values, each once, in the order of the rows. None if there is
/// no value at all.
pub(super) fn custom_details(
    details: &[(Text, Text)],
    rows: &[Object],
    output: &mut RunOutput,
) -> Option<Value> {
    let mut found = Object::with_capacity(details.len());
    for (name, column) in details {
        let mut values: Vec<Text> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for value in rows.iter().filter_map(|row| cell(row, column)) {
            let items =
                if let Value::Array(items) = value { items.as_slice() } else { std::slice::from_ref(value) };
            for text in items.iter().filter_map(scalar_text) {
                if seen.insert(text.clone()) {
                    values.push(text);
                }
            }
        }
        if values.len() > DETAIL_VALUES_MAX {
            output.limit(format!(
                "custom detail `{name}` has {} values; Azure keeps {DETAIL_VALUES_MAX}",
                values.len()
            ));
        }
        if !values.is_empty() {
            found.insert(name.clone(), Value::array(values.into_iter().map(Value::from)));
        }
    }
    let found = (!found.is_empty()).then(|| Value::from(found))?;
    if json::to_string(&found).len() > DETAILS_SIZE_MAX {
        output.limit(format!(
            "an alert's custom details take more than {DETAILS_SIZE_MAX} bytes; Azure cuts them off"
        ));
    }
    Some(found)
}

/// Sets what of an alert comes from columns.
pub(super) fn override_details(details: &AlertDetailsOverride, row: Option<&Object>, alert: &mut Alert) {
    let text = |column: &str| row.and_then(|row| cell(row, column)).and_then(scalar_text);
    let filled = |format: &Option<Text>| format.as_deref().and_then(|format| fill(format, &text));
    if let Some(title) = filled(&details.display_name_format) {
        alert.display_name = title;
    }
    if let Some(description) = filled(&details.description_format) {
        alert.description = Some(description);
    }
    let column = |name: &Option<Text>| row.zip(name.as_deref()).and_then(|(row, name)| cell(row, name));
    if let Some(severity) = column(&details.severity_column).and_then(Value::as_str) {
        alert.severity = Severity::parse(severity.trim()).unwrap_or(alert.severity);
    }
    if let Some(value) = column(&details.tactics_column) {
        let tactics = tactics(value);
        if !tactics.is_empty() {
            alert.tactics = tactics;
        }
    }
    for (property, name) in &details.properties {
        if let Some(value) = row.and_then(|row| cell(row, name)) {
            set_property(*property, value, alert);
        }
    }
}

/// A format with its `{{Column}}`s replaced; none if one of them has no value, or nothing is left.
fn fill(format: &str, value: &dyn Fn(&str) -> Option<Text>) -> Option<Text> {
    let mut filled = String::with_capacity(format.len());
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((column, left)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        filled.push_str(&value(column.trim())?);
        rest = left;
    }
    filled.push_str(rest);
    (!filled.trim().is_empty()).then(|| Text::from(filled))
}

/// The tactics of a column: a list, a text that holds one, or names with commas. What is none is left out.
fn tactics(value: &Value) -> Vec<Text> {
    let mut known = Vec::new();
    for tactic in texts(value).iter().filter_map(|name| Tactic::read(name)) {
        add_unique(&mut known, &Text::new_static(tactic.as_str()));
    }
    known
}

/// A list, a text that holds one, or texts with commas.
fn texts(value: &Value) -> Vec<Text> {
    let items = match unpacked(value) {
        Value::String(text) => text.split(',').map(Text::new).collect(),
        Value::Array(items) => items.iter().filter_map(scalar_text).collect(),
        other => scalar_text(&other).into_iter().collect::<Vec<_>>(),
    };
    let trimmed = items.iter().map(|item| item.trim()).filter(|item| !item.is_empty());
    trimmed.map(Text::new).collect()
}

fn set_property(property: AlertProperty, value: &Value, alert: &mut Alert) {
    let text = scalar_text(value);
    match property {
        AlertProperty::AlertLink => alert.alert_link = text,
        AlertProperty::ConfidenceLevel => {
            let level = text.and_then(|text| ConfidenceLevel::parse(text.trim()));
            alert.confidence_level = level.or(alert.confidence_level);
        }
        AlertProperty::ConfidenceScore => {
            let number = value.as_f64().or_else(|| text.and_then(|text| text.trim().parse().ok()));
            alert.confidence_score = number.filter(|score: &f64| score.is_finite());
        }
        AlertProperty::ExtendedLinks => alert.extended_links = unpacked(value),
        AlertProperty::ProductName => alert.product_name = text,
        AlertProperty::ProviderName => alert.provider_name = text,
        AlertProperty::ProductComponentName => alert.product_component_name = text,
        AlertProperty::RemediationSteps => {
            alert.remediation_steps = match unpacked(value) {
                Value::Array(items) => items.iter().filter_map(scalar_text).collect(),
                other => scalar_text(&other).into_iter().collect(),
            };
        }
        AlertProperty::Techniques => alert.techniques = texts(value),
        AlertProperty::SubTechniques => alert.sub_techniques = texts(value),
    }
}

/// The title that a rule gives the incident of an alert that names it: its own format, filled with the values that the
/// alert has (its custom details by their columns or names, its extended properties); none if there is no format, or a
/// value is missing. Then the alert's own title stands, which for an alert that the rule itself made is the filled one.
pub fn title_of(rule: &AnalyticsRule, alert: &Alert) -> Option<Text> {
    let query = rule.query()?;
    let format = query.alert_details.display_name_format.as_deref()?;
    let custom = alert.custom_details();
    let value = |column: &str| {
        let named =
            query.custom_details.iter().find(|(_, mapped)| same(mapped, column)).map(|(name, _)| name);
        let wanted = named.map_or(column, Text::as_str);
        let detail =
            custom.iter().find(|(name, _)| same(name, wanted)).and_then(|(_, values)| values.first());
        let property = || alert.extended_properties.get_ignore_case(column).and_then(scalar_text);
        detail.cloned().or_else(property).filter(|text| !text.trim().is_empty())
    };
    fill(format, &value)
}
