//! What Azure would not take of a rule, and what surely is not meant.

use super::{
    AlertDetailsOverride, AnalyticsRule, EntityMapping, GroupingConfiguration, Lapse, QueryRule, Schedule,
};
use crate::text::same;
use riposte_diagnostic::{Diagnostic, join_index, nearest};

/// How many entity mappings Azure takes in a rule.
pub const ENTITY_MAPPINGS_MAX: usize = 10;
/// How many identifiers of an entity Azure takes.
pub const IDENTIFIERS_MAX: usize = 3;
/// How many custom details Azure takes in a rule.
pub const CUSTOM_DETAILS_MAX: usize = 20;
/// How long a query Azure takes, in characters.
pub const QUERY_MAX: usize = 10_000;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

pub(super) fn lint(rule: &AnalyticsRule, told: &mut Vec<Diagnostic>) {
    if let Some(schedule) = rule.schedule() {
        lint_schedule(schedule, told);
    }
    let Some(query) = rule.query() else { return };
    let length = query.query.chars().count();
    limit(
        length > QUERY_MAX,
        "query",
        format!("Azure takes at most {QUERY_MAX} characters in `query`"),
        told,
    );
    for wild in ["search *", "union *"] {
        let spaced = query.query.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        limit(spaced.contains(wild), "query", format!("Azure takes no query with `{wild}`"), told);
    }
    within(
        "suppressionDuration",
        &query.suppression_duration,
        (5 * MINUTE, DAY),
        "5 minutes to 24 hours",
        told,
    );
    let mappings = query.entity_mappings.len();
    let message = format!("Azure takes at most {ENTITY_MAPPINGS_MAX} entity mappings in a rule");
    limit(mappings > ENTITY_MAPPINGS_MAX, "entityMappings", message, told);
    let message = format!("Azure takes at most {CUSTOM_DETAILS_MAX} custom details in a rule");
    limit(query.custom_details.len() > CUSTOM_DETAILS_MAX, "customDetails", message, told);
    for (at, mapping) in query.entity_mappings.iter().enumerate() {
        lint_mapping(mapping, &join_index("$.properties.entityMappings", at), told);
    }
    lint_override(&query.alert_details, told);
    if let Some(grouping) = query.incidents.as_ref().and_then(|incidents| incidents.grouping.as_ref()) {
        lint_grouping(query, grouping, told);
    }
}

fn lint_schedule(schedule: &Schedule, told: &mut Vec<Diagnostic>) {
    for (name, lapse) in [("queryFrequency", &schedule.frequency), ("queryPeriod", &schedule.period)] {
        within(name, lapse, (5 * MINUTE, 14 * DAY), "5 minutes to 14 days", told);
    }
    let apart = schedule.frequency.seconds() > schedule.period.seconds();
    let message =
        "Azure takes no `queryFrequency` that is longer than `queryPeriod`: events between would be missed";
    limit(apart, "queryFrequency", message.to_owned(), told);
    let message = "Azure takes a `triggerThreshold` from 0 to 10000";
    limit(!(0..=10_000).contains(&schedule.threshold), "triggerThreshold", message.to_owned(), told);
}

fn lint_mapping(mapping: &EntityMapping, path: &str, told: &mut Vec<Diagnostic>) {
    if mapping.fields.len() > IDENTIFIERS_MAX {
        let message = format!("Azure takes at most {IDENTIFIERS_MAX} identifiers of an entity");
        told.push(Diagnostic::warning("AzureLimit", message).at(format!("{path}.fieldMappings")));
    }
    let kind = mapping.entity_type.kind();
    let known = kind.identifiers();
    for (at, field) in mapping.fields.iter().enumerate() {
        if known.iter().any(|name| same(name, &field.identifier)) {
            continue;
        }
        let message = format!("`{}` is no identifier of `{}`", field.identifier, mapping.entity_type);
        let path = format!("{}.identifier", join_index(&format!("{path}.fieldMappings"), at));
        let diagnostic = Diagnostic::warning("UnknownIdentifier", message).at(path);
        told.push(match nearest(&field.identifier, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("the entity keeps it as a property, and is not found by it"),
        });
    }
}

fn lint_override(details: &AlertDetailsOverride, told: &mut Vec<Diagnostic>) {
    let formats = [
        ("alertDisplayNameFormat", details.display_name_format.as_ref(), 256),
        ("alertDescriptionFormat", details.description_format.as_ref(), 5_000),
    ];
    for (name, format, max) in formats {
        let Some(format) = format else { continue };
        let path = format!("alertDetailsOverride.{name}");
        let message = format!("Azure takes at most {max} characters in `{name}`");
        limit(format.chars().count() > max, &path, message, told);
        let message = format!("Azure takes at most 3 columns in `{name}`");
        limit(format.matches("{{").count() > 3, &path, message, told);
    }
}

fn lint_grouping(query: &QueryRule, grouping: &GroupingConfiguration, told: &mut Vec<Diagnostic>) {
    let path = "incidentConfiguration.groupingConfiguration";
    let lookback = format!("{path}.lookbackDuration");
    within(&lookback, &grouping.lookback, (5 * MINUTE, 7 * DAY), "5 minutes to 7 days", told);
    let message = format!("Azure puts at most {} alerts into an incident", crate::ALERTS_MAX);
    limit(grouping.alerts_max() > crate::ALERTS_MAX, &format!("{path}.maxAlertsPerIncident"), message, told);
    for (at, name) in grouping.by_custom_details.iter().enumerate() {
        if !query.custom_details.iter().any(|(known, _)| same(known, name)) {
            let message = format!("the rule has no custom detail `{name}`: all its alerts are alike in it");
            let path = format!("$.properties.{path}.groupByCustomDetails");
            told.push(Diagnostic::warning("UnknownCustomDetail", message).at(join_index(&path, at)));
        }
    }
    for (at, kind) in grouping.by_entities.iter().enumerate() {
        let is_mapped = !query.entity_columns.is_empty()
            || query.entity_mappings.iter().any(|mapping| mapping.entity_type == *kind);
        if !is_mapped {
            let message = format!("the rule maps no `{kind}`: all its alerts are alike in it");
            let path = format!("$.properties.{path}.groupByEntities");
            told.push(Diagnostic::warning("UnmappedEntity", message).at(join_index(&path, at)));
        }
    }
}

fn within(name: &str, lapse: &Lapse, (min, max): (i64, i64), words: &str, told: &mut Vec<Diagnostic>) {
    let last = name.rsplit('.').next().unwrap_or(name);
    let message = format!("Azure takes a `{last}` from {words}");
    limit(!(min..=max).contains(&lapse.seconds()), name, message, told);
}

fn limit(over: bool, path: &str, message: String, told: &mut Vec<Diagnostic>) {
    if over {
        told.push(Diagnostic::warning("AzureLimit", message).at(format!("$.properties.{path}")));
    }
}
