//! A rule as its ARM resource.

use super::{
    AlertDetailsOverride, AnalyticsRule, BuiltIn, EntityMapping, GroupingConfiguration,
    IncidentConfiguration, ProductFilter, QueryRule, RuleSettings, Schedule,
};
use crate::json::{object, put_some, texts};
use crate::time::time_text;
use crate::workspace::WorkspaceRef;
use riposte_value::{Object, Text, Value};

/// The resource type of analytics rules.
pub const ANALYTICS_RULE_TYPE: &str = "Microsoft.SecurityInsights/alertRules";

impl AnalyticsRule {
    /// The ARM resource: `{id, name, etag, type, kind, properties}`. The etag is given without quotation marks.
    pub fn to_arm(&self, workspace: &WorkspaceRef, etag: &str) -> Value {
        object([
            ("id", workspace.alert_rule_id(&self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{etag}\"").into()),
            ("type", ANALYTICS_RULE_TYPE.into()),
            ("kind", self.kind().into()),
            ("properties", self.to_arm_properties()),
        ])
    }

    /// The `properties` of the ARM resource.
    pub fn to_arm_properties(&self) -> Value {
        let mut properties = Object::with_capacity(24);
        match &self.settings {
            RuleSettings::Scheduled(query, schedule) => {
                put_schedule(&mut properties, schedule);
                put_query(&mut properties, query);
            }
            RuleSettings::Nrt(query) => put_query(&mut properties, query),
            RuleSettings::MicrosoftSecurityIncidentCreation(filter) => put_filter(&mut properties, filter),
            RuleSettings::Fusion(built_in)
            | RuleSettings::MlBehaviorAnalytics(built_in)
            | RuleSettings::ThreatIntelligence(built_in) => put_built_in(&mut properties, built_in),
        }
        put_some(&mut properties, "displayName", Some(&self.display_name));
        put_some(&mut properties, "description", self.description.as_ref());
        put_some(&mut properties, "enabled", Some(self.enabled));
        put_some(&mut properties, "alertRuleTemplateName", self.template_name.as_ref());
        put_some(&mut properties, "templateVersion", self.template_version.as_ref());
        put_some(&mut properties, "lastModifiedUtc", self.last_modified.map(time_text));
        Value::from(properties)
    }
}

fn put_schedule(properties: &mut Object, schedule: &Schedule) {
    put_some(properties, "queryFrequency", Some(&schedule.frequency));
    put_some(properties, "queryPeriod", Some(&schedule.period));
    put_some(properties, "triggerOperator", Some(schedule.operator));
    put_some(properties, "triggerThreshold", Some(schedule.threshold));
    put_some(properties, "startTimeUtc", schedule.start.map(time_text));
}

fn put_query(properties: &mut Object, query: &QueryRule) {
    put_some(properties, "severity", Some(query.severity));
    put_some(properties, "query", Some(&query.query));
    put_some(properties, "suppressionDuration", Some(&query.suppression_duration));
    put_some(properties, "suppressionEnabled", Some(query.suppression_enabled));
    put_some(
        properties,
        "eventGroupingSettings",
        query.event_grouping.map(|kind| object([("aggregationKind", kind.into())])),
    );
    put_list(properties, "tactics", &query.tactics);
    put_list(properties, "techniques", &query.techniques);
    put_list(properties, "subTechniques", &query.sub_techniques);
    if !query.custom_details.is_empty() {
        let details = query.custom_details.iter().map(|(name, column)| (name, Value::from(column)));
        properties.insert(Text::new_static("customDetails"), Value::object(details));
    }
    if !query.entity_mappings.is_empty() {
        let mappings = query.entity_mappings.iter().map(entity_mapping);
        properties.insert(Text::new_static("entityMappings"), Value::array(mappings));
    }
    if !query.entity_columns.is_empty() {
        let columns = query.entity_columns.iter().map(|column| object([("columnName", column.into())]));
        properties.insert(Text::new_static("sentinelEntitiesMappings"), Value::array(columns));
    }
    put_some(properties, "alertDetailsOverride", alert_details(&query.alert_details));
    put_some(properties, "incidentConfiguration", query.incidents.as_ref().map(incidents));
}

fn entity_mapping(mapping: &EntityMapping) -> Value {
    let fields = mapping.fields.iter().map(|field| {
        object([("identifier", (&field.identifier).into()), ("columnName", (&field.column).into())])
    });
    object([("entityType", mapping.entity_type.into()), ("fieldMappings", Value::array(fields))])
}

fn alert_details(details: &AlertDetailsOverride) -> Option<Value> {
    let mut shown = Object::new();
    put_some(&mut shown, "alertDisplayNameFormat", details.display_name_format.as_ref());
    put_some(&mut shown, "alertDescriptionFormat", details.description_format.as_ref());
    put_some(&mut shown, "alertTacticsColumnName", details.tactics_column.as_ref());
    put_some(&mut shown, "alertSeverityColumnName", details.severity_column.as_ref());
    if !details.properties.is_empty() {
        let properties = details.properties.iter().map(|(property, column)| {
            object([("alertProperty", (*property).into()), ("value", column.into())])
        });
        shown.insert(Text::new_static("alertDynamicProperties"), Value::array(properties));
    }
    (!shown.is_empty()).then(|| Value::from(shown))
}

fn incidents(configuration: &IncidentConfiguration) -> Value {
    let mut shown = Object::new();
    put_some(&mut shown, "createIncident", Some(configuration.create_incident));
    put_some(&mut shown, "groupingConfiguration", configuration.grouping.as_ref().map(grouping));
    Value::from(shown)
}

fn grouping(grouping: &GroupingConfiguration) -> Value {
    let mut shown = Object::new();
    put_some(&mut shown, "enabled", Some(grouping.enabled));
    put_some(&mut shown, "reopenClosedIncident", Some(grouping.reopen_closed));
    put_some(&mut shown, "lookbackDuration", Some(&grouping.lookback));
    put_some(&mut shown, "matchingMethod", Some(grouping.matching));
    let by_entities = grouping.by_entities.iter().map(|kind| Value::from(*kind));
    let by_alert_details = grouping.by_alert_details.iter().map(|detail| Value::from(*detail));
    put_some(&mut shown, "groupByEntities", Some(Value::array(by_entities)));
    put_some(&mut shown, "groupByAlertDetails", Some(Value::array(by_alert_details)));
    put_some(&mut shown, "groupByCustomDetails", Some(texts(&grouping.by_custom_details)));
    put_some(&mut shown, "maxAlertsPerIncident", grouping.alerts_max.map(i64::from));
    Value::from(shown)
}

fn put_filter(properties: &mut Object, filter: &ProductFilter) {
    put_some(properties, "productFilter", Some(filter.product));
    if !filter.severities.is_empty() {
        let severities = filter.severities.iter().map(|severity| Value::from(*severity));
        properties.insert(Text::new_static("severitiesFilter"), Value::array(severities));
    }
    put_list(properties, "displayNamesFilter", &filter.display_names);
    put_list(properties, "displayNamesExcludeFilter", &filter.display_names_excluded);
}

fn put_built_in(properties: &mut Object, built_in: &BuiltIn) {
    put_some(properties, "severity", built_in.severity);
    put_list(properties, "tactics", &built_in.tactics);
    put_list(properties, "techniques", &built_in.techniques);
    put_list(properties, "subTechniques", &built_in.sub_techniques);
    properties.extend(built_in.more.iter().map(|(name, value)| (name.clone(), value.clone())));
}

fn put_list(properties: &mut Object, name: &'static str, list: &[Text]) {
    if !list.is_empty() {
        properties.insert(Text::new_static(name), texts(list));
    }
}
