//! Which analytics rule governs an alert.
//!
//! The rule that the alert names does. Alerts of Microsoft's other products that name none are governed by the
//! incident creation rules of their product, as soon as there is an enabled one. What nothing governs becomes an
//! incident of its own, unless the workspace's setting says otherwise.

use crate::analytics::AnalyticsRules;
use crate::workspaces::Workspace;
use riposte_incident::{
    Alert, AnalyticsRule, GroupingConfiguration, ProductDecision, product_decision, title_of,
};
use riposte_value::Text;

/// What becomes of an alert.
pub(super) struct Governed<'r> {
    /// The rule that governs it.
    pub(super) rule: Option<&'r AnalyticsRule>,
    /// Whether it becomes, or joins, an incident.
    pub(super) makes_incident: bool,
    /// The title of its incident, where the rule overrides the alert's.
    pub(super) title: Option<Text>,
}

/// Finds out what governs an alert that is linked with its rules.
pub(super) fn govern<'r>(rules: &'r AnalyticsRules, alert: &Alert, ws: &Workspace) -> Governed<'r> {
    let named = rules.of_alert(alert).map(|known| known.rule.as_ref());
    if let Some(rule) = named.filter(|rule| rule.product_filter().is_none()) {
        return Governed {
            rule: Some(rule),
            makes_incident: rule.incident_configuration().create_incident,
            title: title_of(rule, alert),
        };
    }
    let (rule, makes_incident) = match product_decision(rules.iter(), alert) {
        ProductDecision::Incident(rule) => (Some(rule), true),
        ProductDecision::NoIncident => (None, false),
        ProductDecision::Ungoverned => (None, ws.settings.incidents_from_ungoverned_alerts),
    };
    Governed { rule, makes_incident, title: None }
}

impl Governed<'_> {
    /// How its incidents are put together, if they are.
    pub(super) fn grouping(&self) -> Option<GroupingConfiguration> {
        let rule = self.rule.filter(|_| self.makes_incident)?;
        rule.incident_configuration().grouping().cloned()
    }
}

/// How many alerts an incident takes that these rules have made: what one of them allows, or as many as Azure does.
pub(super) fn alerts_max(rules: &AnalyticsRules, ids: &[Text], ws: &Workspace) -> usize {
    let grouping = |id: &Text| rules.with_id(id, &ws.reference)?.rule.incident_configuration().grouping;
    let allowed = ids.iter().filter_map(grouping).map(|grouping| grouping.alerts_max());
    allowed.max().unwrap_or(0).max(riposte_incident::ALERTS_MAX)
}
