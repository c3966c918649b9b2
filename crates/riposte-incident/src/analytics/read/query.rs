//! Reading the properties of rules with a query.

use super::{names_of, required_lapse, tactics, texts_of};
use crate::analytics::{
    AlertDetailsOverride, AlertProperty, EntityMapping, EntityMappingType, EventGrouping, FieldMapping,
    GroupingConfiguration, IncidentConfiguration, MatchingMethod, QueryRule, Schedule,
};
use crate::fields::{Fields, wrong_type};
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::{Text, Value};

pub(super) const KNOWN: &[&str] = &[
    "query",
    "severity",
    "tactics",
    "techniques",
    "subTechniques",
    "suppressionEnabled",
    "suppressionDuration",
    "eventGroupingSettings",
    "customDetails",
    "entityMappings",
    "sentinelEntitiesMappings",
    "alertDetailsOverride",
    "incidentConfiguration",
];
pub(super) const KNOWN_SCHEDULE: &[&str] =
    &["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold", "startTimeUtc"];
const KNOWN_GROUPING: &[&str] = &[
    "enabled",
    "reopenClosedIncident",
    "lookbackDuration",
    "matchingMethod",
    "groupByEntities",
    "groupByAlertDetails",
    "groupByCustomDetails",
    "maxAlertsPerIncident",
];
const KNOWN_OVERRIDE: &[&str] = &[
    "alertDisplayNameFormat",
    "alertDescriptionFormat",
    "alertTacticsColumnName",
    "alertSeverityColumnName",
    "alertDynamicProperties",
];

pub(super) fn read(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<QueryRule> {
    let query = fields.required_text("query", told);
    let severity = fields.required_name("severity", told);
    let suppression_enabled = fields.required_bool("suppressionEnabled", told);
    let suppression_duration = required_lapse(fields, "suppressionDuration", told);
    let tactics = tactics(fields, told);
    let techniques = texts_of(fields, "techniques", told);
    let sub_techniques = texts_of(fields, "subTechniques", told);
    let event_grouping = event_grouping(fields, told);
    let custom_details = custom_details(fields, told);
    let entity_mappings = entity_mappings(fields, told);
    let entity_columns = entity_columns(fields, told);
    let alert_details = alert_details(fields, told);
    let incidents = incidents(fields, told);
    Some(QueryRule {
        query: query?,
        severity: severity?,
        tactics,
        techniques,
        sub_techniques,
        suppression_enabled: suppression_enabled?,
        suppression_duration: suppression_duration?,
        event_grouping,
        custom_details,
        entity_mappings,
        entity_columns,
        alert_details,
        incidents,
    })
}

pub(super) fn read_schedule(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Schedule> {
    let frequency = required_lapse(fields, "queryFrequency", told);
    let period = required_lapse(fields, "queryPeriod", told);
    let operator = fields.required_name("triggerOperator", told);
    let threshold = fields.required_integer("triggerThreshold", told);
    let start = fields.time("startTimeUtc", told);
    Some(Schedule {
        frequency: frequency?,
        period: period?,
        operator: operator?,
        threshold: threshold?,
        start,
    })
}

fn event_grouping(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<EventGrouping> {
    let settings = fields.object("eventGroupingSettings", told)?;
    settings.warn_unknown(&["aggregationKind"], told);
    settings.name("aggregationKind", told)
}

fn custom_details(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<(Text, Text)> {
    let path = fields.path_of("customDetails");
    let details = match fields.value("customDetails") {
        Some(Value::Object(details)) => details,
        Some(other) => {
            told.push(wrong_type(&path, "an object", other));
            return Vec::new();
        }
        None => return Vec::new(),
    };
    let mut read = Vec::with_capacity(details.len());
    for (name, column) in details.iter() {
        match column {
            Value::String(column) => read.push((name.clone(), column.clone())),
            other => told.push(wrong_type(&join_path(&path, name), "a text", other)),
        }
    }
    read
}

fn entity_mappings(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<EntityMapping> {
    let items = fields.array("entityMappings", told).unwrap_or_default();
    let path = fields.path_of("entityMappings");
    let read = |(at, item)| entity_mapping(item, &join_index(&path, at), told);
    items.iter().enumerate().filter_map(read).collect()
}

fn entity_mapping(item: &Value, path: &str, told: &mut Vec<Diagnostic>) -> Option<EntityMapping> {
    let fields = Fields::of(item, path, told)?;
    fields.warn_unknown(&["entityType", "fieldMappings"], told);
    let entity_type: Option<EntityMappingType> = fields.required_name("entityType", told);
    let items = fields.array("fieldMappings", told).unwrap_or_default();
    let path = fields.path_of("fieldMappings");
    if items.is_empty() {
        let message = "`fieldMappings` is empty";
        told.push(Diagnostic::error("BadRequest", message).at(&path).help("map one column at least"));
    }
    let read = |(at, item)| field_mapping(item, &join_index(&path, at), told);
    let mapped = items.iter().enumerate().filter_map(read).collect();
    Some(EntityMapping { entity_type: entity_type?, fields: mapped })
}

fn field_mapping(item: &Value, path: &str, told: &mut Vec<Diagnostic>) -> Option<FieldMapping> {
    let fields = Fields::of(item, path, told)?;
    fields.warn_unknown(&["identifier", "columnName"], told);
    let identifier = fields.required_text("identifier", told);
    let column = fields.required_text("columnName", told);
    Some(FieldMapping { identifier: identifier?, column: column? })
}

/// The columns of `sentinelEntitiesMappings`: a list of `{columnName}`, or one of them alone.
fn entity_columns(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<Text> {
    let path = fields.path_of("sentinelEntitiesMappings");
    let items = match fields.value("sentinelEntitiesMappings") {
        Some(Value::Array(items)) => items.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => return Vec::new(),
    };
    let mut columns = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let Some(mapping) = Fields::of(item, &join_index(&path, at), told) else { continue };
        mapping.warn_unknown(&["columnName"], told);
        columns.extend(mapping.required_text("columnName", told));
    }
    columns
}

fn alert_details(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> AlertDetailsOverride {
    let Some(fields) = fields.object("alertDetailsOverride", told) else {
        return AlertDetailsOverride::default();
    };
    fields.warn_unknown(KNOWN_OVERRIDE, told);
    let mut text = |name| fields.text(name, told).filter(|text| !text.is_empty());
    AlertDetailsOverride {
        display_name_format: text("alertDisplayNameFormat"),
        description_format: text("alertDescriptionFormat"),
        tactics_column: text("alertTacticsColumnName"),
        severity_column: text("alertSeverityColumnName"),
        properties: dynamic_properties(&fields, told),
    }
}

fn dynamic_properties(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<(AlertProperty, Text)> {
    let items = fields.array("alertDynamicProperties", told).unwrap_or_default();
    let path = fields.path_of("alertDynamicProperties");
    let mut read = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let Some(fields) = Fields::of(item, &join_index(&path, at), told) else { continue };
        fields.warn_unknown(&["alertProperty", "value"], told);
        let property = fields.required_name("alertProperty", told);
        let column = fields.required_text("value", told);
        read.extend(property.zip(column));
    }
    read
}

fn incidents(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<IncidentConfiguration> {
    let fields = fields.object("incidentConfiguration", told)?;
    fields.warn_unknown(&["createIncident", "groupingConfiguration"], told);
    let create_incident = fields.required_bool("createIncident", told);
    let grouping = fields.object("groupingConfiguration", told).map(|fields| grouping(&fields, told));
    Some(IncidentConfiguration { create_incident: create_incident?, grouping: grouping.flatten() })
}

fn grouping(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<GroupingConfiguration> {
    fields.warn_unknown(KNOWN_GROUPING, told);
    let enabled = fields.required_bool("enabled", told);
    let reopen_closed = fields.required_bool("reopenClosedIncident", told);
    let lookback = required_lapse(fields, "lookbackDuration", told);
    let matching = fields.required_name("matchingMethod", told);
    let by_entities = names_of(fields, "groupByEntities", told);
    let by_alert_details = names_of(fields, "groupByAlertDetails", told);
    let by_custom_details = texts_of(fields, "groupByCustomDetails", told);
    let chosen = !(by_entities.is_empty() && by_alert_details.is_empty() && by_custom_details.is_empty());
    if matching == Some(MatchingMethod::Selected) && !chosen {
        let message = "`matchingMethod` is `Selected`, and nothing is selected";
        let help = "name something in `groupByEntities`, `groupByAlertDetails` or `groupByCustomDetails`";
        let path = fields.path_of("matchingMethod");
        told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
    }
    let alerts_max = alerts_max(fields, told);
    Some(GroupingConfiguration {
        enabled: enabled?,
        reopen_closed: reopen_closed?,
        lookback: lookback?,
        matching: matching?,
        by_entities,
        by_alert_details,
        by_custom_details,
        alerts_max,
    })
}

fn alerts_max(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<u32> {
    let name = "maxAlertsPerIncident";
    fields.value(name)?;
    let max = fields.required_integer(name, told)?;
    let max = u32::try_from(max).ok().filter(|max| *max > 0);
    if max.is_none() {
        let message = format!("`{name}` must be 1 or more");
        told.push(Diagnostic::error("BadRequest", message).at(fields.path_of(name)));
    }
    max
}
