//! Reading a rule from its ARM resource.

mod query;

use super::lint::lint;
use super::{AnalyticsKind, AnalyticsRule, BuiltIn, Lapse, ProductFilter, RuleSettings, Tactic};
use crate::fields::{Fields, unknown_name, wrong_type};
use crate::names::Name;
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_value::{Object, Text, Value};

/// The properties of every kind.
const COMMON: &[&str] =
    &["displayName", "description", "enabled", "alertRuleTemplateName", "templateVersion", "lastModifiedUtc"];
const ENVELOPE: &[&str] = &[
    "id",
    "name",
    "type",
    "kind",
    "etag",
    "properties",
    "systemData",
    "location",
    "tags",
    "apiVersion",
    "dependsOn",
    "condition",
    "comments",
];
const FILTER: &[&str] =
    &["productFilter", "severitiesFilter", "displayNamesFilter", "displayNamesExcludeFilter"];
const BUILT_IN: &[&str] = &["severity", "tactics", "techniques", "subTechniques"];
/// What rules of Microsoft's own may have more, kept as it is.
const BUILT_IN_MORE: &[&str] = &["sourceSettings", "scenarioExclusionPatterns"];

impl AnalyticsRule {
    /// Reads a rule from `{kind, properties}`. The rule is there unless one of the diagnostics is an error; warnings
    /// tell what Azure would not take and what surely is not meant. Paths begin at the resource
    /// (`$.properties.query`).
    pub fn from_arm(name: &str, resource: &Value) -> (Option<Self>, Vec<Diagnostic>) {
        let mut told = Vec::new();
        let rule = read(name, resource, &mut told).filter(|_| !has_errors(&told));
        if let Some(rule) = &rule {
            lint(rule, &mut told);
        }
        (rule, told)
    }
}

fn read(name: &str, resource: &Value, told: &mut Vec<Diagnostic>) -> Option<AnalyticsRule> {
    let envelope = Fields::of(resource, "$", told)?;
    envelope.warn_unknown(ENVELOPE, told);
    let kind: Option<AnalyticsKind> = envelope.required_name("kind", told);
    let fields = envelope.required_object("properties", told);
    let (kind, fields) = (kind?, fields?);
    fields.warn_unknown(&known_of(kind), told);
    let display_name = match standing_name(kind) {
        None => fields.required_text("displayName", told),
        Some(standing) => Some(fields.text("displayName", told).unwrap_or(Text::new_static(standing))),
    };
    let enabled = fields.required_bool("enabled", told);
    let settings = settings(kind, &fields, told);
    Some(AnalyticsRule {
        name: Text::new(name),
        description: fields.text("description", told),
        template_name: template_name(kind, &fields, told),
        template_version: fields.text("templateVersion", told),
        last_modified: fields.time("lastModifiedUtc", told),
        display_name: display_name?,
        enabled: enabled?,
        settings: settings?,
    })
}

fn known_of(kind: AnalyticsKind) -> Vec<&'static str> {
    let lists: &[&[&'static str]] = match kind {
        AnalyticsKind::Scheduled => &[COMMON, query::KNOWN, query::KNOWN_SCHEDULE],
        AnalyticsKind::Nrt => &[COMMON, query::KNOWN],
        AnalyticsKind::MicrosoftSecurityIncidentCreation => &[COMMON, FILTER],
        AnalyticsKind::Fusion | AnalyticsKind::MlBehaviorAnalytics | AnalyticsKind::ThreatIntelligence => {
            &[COMMON, BUILT_IN, BUILT_IN_MORE]
        }
    };
    lists.concat()
}

/// What a rule of Microsoft's own is called.
const fn standing_name(kind: AnalyticsKind) -> Option<&'static str> {
    match kind {
        AnalyticsKind::Fusion => Some("Advanced Multistage Attack Detection"),
        AnalyticsKind::MlBehaviorAnalytics => Some("ML Behavior Analytics"),
        AnalyticsKind::ThreatIntelligence => Some("Microsoft Threat Intelligence Analytics"),
        _ => None,
    }
}

/// The template's name, without which there is no rule of Microsoft's own.
fn template_name(kind: AnalyticsKind, fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Text> {
    match standing_name(kind) {
        Some(_) => fields.required_text("alertRuleTemplateName", told),
        None => fields.text("alertRuleTemplateName", told),
    }
}

fn settings(kind: AnalyticsKind, fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<RuleSettings> {
    Some(match kind {
        AnalyticsKind::Scheduled => {
            let (query, schedule) = (query::read(fields, told), query::read_schedule(fields, told));
            RuleSettings::Scheduled(Box::new(query?), schedule?)
        }
        AnalyticsKind::Nrt => RuleSettings::Nrt(Box::new(query::read(fields, told)?)),
        AnalyticsKind::MicrosoftSecurityIncidentCreation => {
            RuleSettings::MicrosoftSecurityIncidentCreation(filter(fields, told)?)
        }
        AnalyticsKind::Fusion => RuleSettings::Fusion(built_in(fields, told)),
        AnalyticsKind::MlBehaviorAnalytics => RuleSettings::MlBehaviorAnalytics(built_in(fields, told)),
        AnalyticsKind::ThreatIntelligence => RuleSettings::ThreatIntelligence(built_in(fields, told)),
    })
}

fn filter(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<ProductFilter> {
    let product = fields.required_name("productFilter", told);
    let severities = names_of(fields, "severitiesFilter", told);
    let display_names = texts_of(fields, "displayNamesFilter", told);
    let display_names_excluded = texts_of(fields, "displayNamesExcludeFilter", told);
    Some(ProductFilter { product: product?, severities, display_names, display_names_excluded })
}

fn built_in(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> BuiltIn {
    let mut more = Object::new();
    for name in BUILT_IN_MORE {
        if let Some(value) = fields.value(name) {
            more.insert(Text::new_static(name), value.clone());
        }
    }
    BuiltIn {
        severity: fields.name("severity", told),
        tactics: tactics(fields, told),
        techniques: texts_of(fields, "techniques", told),
        sub_techniques: texts_of(fields, "subTechniques", told),
        more,
    }
}

/// The tactics, in the spelling of the interface.
fn tactics(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<Text> {
    let tactics: Vec<Tactic> = names_of(fields, "tactics", told);
    tactics.into_iter().map(|tactic| Text::new_static(tactic.as_str())).collect()
}

/// A list of texts; an absent one is empty.
fn texts_of(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Vec<Text> {
    let items = fields.array(name, told).unwrap_or_default();
    let path = fields.path_of(name);
    let mut texts = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        match item {
            Value::String(text) => texts.push(text.clone()),
            other => told.push(wrong_type(&join_index(&path, at), "a text", other)),
        }
    }
    texts
}

/// A list of names of a closed list; an absent one is empty.
fn names_of<N: Name>(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Vec<N> {
    let path = fields.path_of(name);
    let texts = texts_of(fields, name, told);
    let mut names = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        match N::parse(text.trim()) {
            Some(value) => names.push(value),
            None => told.push(unknown_name::<N>(name, text).at(join_index(&path, at))),
        }
    }
    names
}

/// A length of time, which must be there.
fn required_lapse(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Option<Lapse> {
    let text = fields.required_text(name, told)?;
    let lapse = Lapse::parse(&text);
    if lapse.is_none() {
        let message = format!("`{text}` is not a length of time");
        let help = "write it as ISO 8601 does: `PT5M`, `PT1H30M`, `P1D`";
        told.push(Diagnostic::error("BadRequest", message).at(fields.path_of(name)).help(help));
    }
    lapse
}
