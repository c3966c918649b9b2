//! Analytics rules (`alertRules`): what they are. They make alerts, of the rows that a query answers or of what other
//! products report, and say which incidents these alerts become.
//!
//! A rule is read from its ARM resource, `{kind, properties}`, and rendered back to what was read, but for properties
//! that nothing is known of: these are told and left out. Sources: the REST interface's shapes, stable and preview.

mod alerts;
mod lapse;
mod lint;
mod names;
mod product;
mod read;
mod render;
mod rows;

pub use alerts::{ALERTS_PER_NRT_RUN, ALERTS_PER_RUN, QueryRun, RunOutput, build_alerts, title_of};
pub use lapse::Lapse;
pub use names::{
    AlertProperty, AnalyticsKind, EntityMappingType, EventGrouping, GroupByDetail, MatchingMethod,
    SecurityProduct, Tactic, TriggerOperator,
};
pub use product::{ProductDecision, product_decision};
pub use render::ANALYTICS_RULE_TYPE;
pub use rows::QueryResults;

use crate::names::Severity;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};

/// An analytics rule.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyticsRule {
    /// The name that ends its ARM id.
    pub name: Text,
    /// What people call it.
    pub display_name: Text,
    /// What it looks for.
    pub description: Option<Text>,
    /// Whether it is on.
    pub enabled: bool,
    /// The template that it was made from.
    pub template_name: Option<Text>,
    /// That template's version, `a.b.c`.
    pub template_version: Option<Text>,
    /// When it was changed last, as it was written.
    pub last_modified: Option<Timestamp>,
    /// What it does.
    pub settings: RuleSettings,
}

/// What a rule does, by its kind.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleSettings {
    /// A query that runs at intervals.
    Scheduled(Box<QueryRule>, Schedule),
    /// A query that runs all the time.
    Nrt(Box<QueryRule>),
    /// Makes incidents of the alerts of another product.
    MicrosoftSecurityIncidentCreation(ProductFilter),
    /// Microsoft's correlation of alerts.
    Fusion(BuiltIn),
    /// Microsoft's behaviour analytics.
    MlBehaviorAnalytics(BuiltIn),
    /// Microsoft's matching of indicators.
    ThreatIntelligence(BuiltIn),
}

/// When a scheduled rule runs, and what it makes of the number of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// How often it runs.
    pub frequency: Lapse,
    /// How far back the query looks.
    pub period: Lapse,
    /// How the number of results is compared.
    pub operator: TriggerOperator,
    /// With what it is compared.
    pub threshold: i64,
    /// When it runs first.
    pub start: Option<Timestamp>,
}

/// A rule with a query: what it makes of the results.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryRule {
    /// The query.
    pub query: Text,
    /// How grave its alerts are.
    pub severity: Severity,
    /// MITRE tactics.
    pub tactics: Vec<Text>,
    /// MITRE techniques.
    pub techniques: Vec<Text>,
    /// MITRE sub-techniques.
    pub sub_techniques: Vec<Text>,
    /// Whether an alert silences it for a while.
    pub suppression_enabled: bool,
    /// For how long.
    pub suppression_duration: Lapse,
    /// How many alerts the results make; one for all of them if it is not said.
    pub event_grouping: Option<EventGrouping>,
    /// Names of details and the columns that they come from.
    pub custom_details: Vec<(Text, Text)>,
    /// The entities that columns make.
    pub entity_mappings: Vec<EntityMapping>,
    /// Columns that hold lists of entities.
    pub entity_columns: Vec<Text>,
    /// What of an alert comes from columns.
    pub alert_details: AlertDetailsOverride,
    /// Which incidents its alerts become; one each if it is not said.
    pub incidents: Option<IncidentConfiguration>,
}

/// An entity of columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityMapping {
    /// What it is.
    pub entity_type: EntityMappingType,
    /// Identifiers (V3 names of properties, or `FullName`) and the columns that they come from.
    pub fields: Vec<FieldMapping>,
}

/// An identifier of an entity and the column that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldMapping {
    /// The identifier.
    pub identifier: Text,
    /// The column.
    pub column: Text,
}

/// What of an alert comes from columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertDetailsOverride {
    /// The title, with `{{Column}}`s.
    pub display_name_format: Option<Text>,
    /// The description, with `{{Column}}`s.
    pub description_format: Option<Text>,
    /// The column of the tactics.
    pub tactics_column: Option<Text>,
    /// The column of the severity.
    pub severity_column: Option<Text>,
    /// More properties and their columns.
    pub properties: Vec<(AlertProperty, Text)>,
}

/// Which incidents the alerts of a rule become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentConfiguration {
    /// Whether they become incidents at all.
    pub create_incident: bool,
    /// How alerts are put together; one incident each without it.
    pub grouping: Option<GroupingConfiguration>,
}

impl Default for IncidentConfiguration {
    fn default() -> Self {
        Self { create_incident: true, grouping: None }
    }
}

impl IncidentConfiguration {
    /// How alerts are put together, if they are.
    pub fn grouping(&self) -> Option<&GroupingConfiguration> {
        self.grouping.as_ref().filter(|grouping| grouping.enabled)
    }
}

/// How the alerts of a rule are put together into incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupingConfiguration {
    /// Whether they are.
    pub enabled: bool,
    /// Whether an alert that fits opens a closed incident again; else it begins a new one.
    pub reopen_closed: bool,
    /// For how long after its first alert an incident takes more of them.
    pub lookback: Lapse,
    /// What they must have in common.
    pub matching: MatchingMethod,
    /// With [`MatchingMethod::Selected`]: the kinds of entities.
    pub by_entities: Vec<EntityMappingType>,
    /// With [`MatchingMethod::Selected`]: the details of the alert.
    pub by_alert_details: Vec<GroupByDetail>,
    /// With [`MatchingMethod::Selected`]: the names of custom details.
    pub by_custom_details: Vec<Text>,
    /// How many alerts an incident takes, where the rule raises or lowers [`crate::ALERTS_MAX`]
    /// (`maxAlertsPerIncident`, which Azure does not have).
    pub alerts_max: Option<u32>,
}

impl GroupingConfiguration {
    /// How many alerts an incident takes.
    pub fn alerts_max(&self) -> usize {
        self.alerts_max.and_then(|max| usize::try_from(max).ok()).unwrap_or(crate::ALERTS_MAX)
    }
}

/// Which alerts of a product become incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductFilter {
    /// The product.
    pub product: SecurityProduct,
    /// Severities; all of them if there is none.
    pub severities: Vec<Severity>,
    /// Texts of which one must be in the alert's title; any title if there is none.
    pub display_names: Vec<Text>,
    /// Texts of which none may be in the alert's title.
    pub display_names_excluded: Vec<Text>,
}

/// A rule whose logic is Microsoft's own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BuiltIn {
    /// How grave its alerts are, as it was written.
    pub severity: Option<Severity>,
    /// MITRE tactics, as they were written.
    pub tactics: Vec<Text>,
    /// MITRE techniques, as they were written.
    pub techniques: Vec<Text>,
    /// MITRE sub-techniques, as they were written.
    pub sub_techniques: Vec<Text>,
    /// More settings (`sourceSettings`, `scenarioExclusionPatterns`), as they were written.
    pub more: Object,
}

impl AnalyticsRule {
    /// What it is.
    pub const fn kind(&self) -> AnalyticsKind {
        match &self.settings {
            RuleSettings::Scheduled(..) => AnalyticsKind::Scheduled,
            RuleSettings::Nrt(_) => AnalyticsKind::Nrt,
            RuleSettings::MicrosoftSecurityIncidentCreation(_) => {
                AnalyticsKind::MicrosoftSecurityIncidentCreation
            }
            RuleSettings::Fusion(_) => AnalyticsKind::Fusion,
            RuleSettings::MlBehaviorAnalytics(_) => AnalyticsKind::MlBehaviorAnalytics,
            RuleSettings::ThreatIntelligence(_) => AnalyticsKind::ThreatIntelligence,
        }
    }

    /// What it makes of its query's results; none if it has no query.
    pub const fn query(&self) -> Option<&QueryRule> {
        match &self.settings {
            RuleSettings::Scheduled(query, _) | RuleSettings::Nrt(query) => Some(query),
            _ => None,
        }
    }

    /// When it runs, if it is scheduled.
    pub const fn schedule(&self) -> Option<&Schedule> {
        match &self.settings {
            RuleSettings::Scheduled(_, schedule) => Some(schedule),
            _ => None,
        }
    }

    /// Which alerts of a product it makes incidents of.
    pub const fn product_filter(&self) -> Option<&ProductFilter> {
        match &self.settings {
            RuleSettings::MicrosoftSecurityIncidentCreation(filter) => Some(filter),
            _ => None,
        }
    }

    /// Which incidents its alerts become: what it says, else one each.
    pub fn incident_configuration(&self) -> IncidentConfiguration {
        self.query().and_then(|query| query.incidents.clone()).unwrap_or_default()
    }

    /// The same rule without what Azure does not have.
    pub fn without_extensions(mut self) -> Self {
        if let RuleSettings::Scheduled(query, _) | RuleSettings::Nrt(query) = &mut self.settings
            && let Some(grouping) = query.incidents.as_mut().and_then(|incidents| incidents.grouping.as_mut())
        {
            grouping.alerts_max = None;
        }
        self
    }
}

/// The etag that a body brings, without quotation marks.
pub fn etag_of(body: &Value) -> Option<&str> {
    let etag = body.get_ignore_case("etag").and_then(Value::as_str)?;
    Some(etag.trim().trim_matches('"')).filter(|etag| !etag.is_empty())
}
