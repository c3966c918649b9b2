//! Making one alert of some rows.

use super::{QueryRun, RunOutput, cell, details, entities};
use crate::alert::Alert;
use crate::analytics::{AnalyticsKind, AnalyticsRule, EventGrouping, QueryRule};
use crate::json::put_some;
use crate::names::{AlertStatus, Severity};
use crate::time::{parse_time, time_text};
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value, json};

/// What all alerts of a run have in common.
pub(super) struct Maker<'r> {
    pub(super) rule: &'r AnalyticsRule,
    pub(super) query: &'r QueryRule,
    pub(super) run: &'r QueryRun<'r>,
    pub(super) workspace: &'r WorkspaceRef,
}

impl Maker<'_> {
    /// The alert of some rows.
    pub(super) fn alert(&self, rows: &[Object], id: Text, output: &mut RunOutput) -> Alert {
        let (rule, query) = (self.rule, self.query);
        let (start, end) = self.times(rows);
        let custom = details::custom_details(&query.custom_details, rows, output);
        let mut alert = Alert {
            display_name: rule.display_name.clone(),
            alert_type: Some(Text::from(format!("{}_{}", self.workspace.id, rule.name))),
            description: rule.description.clone(),
            severity: query.severity,
            provider_name: Some(Text::new_static(match rule.kind() {
                AnalyticsKind::Nrt => "ASI NRT Alerts",
                _ => "ASI Scheduled Alerts",
            })),
            product_name: Some(Text::new_static("Azure Sentinel")),
            product_component_name: Some(Text::new_static(match rule.kind() {
                AnalyticsKind::Nrt => "NRT Alerts",
                _ => "Scheduled Alerts",
            })),
            vendor_name: Some(Text::new_static("Microsoft")),
            provider_alert_id: Some(id.clone()),
            start_time: Some(start),
            end_time: Some(end),
            processing_end_time: Some(self.run.now),
            time_generated: Some(self.run.window.1.min(self.run.now)),
            tactics: query.tactics.clone(),
            techniques: query.techniques.clone(),
            sub_techniques: query.sub_techniques.clone(),
            extended_properties: self.extended(custom, rows.len()),
            entities: entities::of_rows(query, rows, &self.workspace.id, output),
            ..blank(id)
        };
        details::override_details(&query.alert_details, rows.first(), &mut alert);
        alert
    }

    /// The times of the first and the last event; without any, the window of the query.
    fn times(&self, rows: &[Object]) -> (Timestamp, Timestamp) {
        let times = rows.iter().filter_map(|row| parse_time(cell(row, "TimeGenerated")?.as_str()?));
        let span = times.fold(None, |span: Option<(Timestamp, Timestamp)>, at| {
            Some(span.map_or((at, at), |(first, last)| (first.min(at), last.max(at))))
        });
        span.unwrap_or(self.run.window)
    }

    /// The extended properties, by the names that the service gives them.
    fn extended(&self, custom: Option<Value>, rows: usize) -> Object {
        let rule = self.rule;
        let mut extended = Object::with_capacity(16);
        let (start, end) = self.run.window;
        put_some(&mut extended, "Query Start Time UTC", Some(time_text(start)));
        put_some(&mut extended, "Query End Time UTC", Some(time_text(end)));
        if let Some(schedule) = rule.schedule() {
            put_some(&mut extended, "Query Period", Some(clock_text(schedule.period.seconds())));
            put_some(&mut extended, "Trigger Operator", Some(words(schedule.operator.as_str())));
            put_some(&mut extended, "Trigger Threshold", Some(schedule.threshold.to_string()));
        }
        put_some(&mut extended, "Query", Some(&self.query.query));
        put_some(&mut extended, "Search Query Results Overall Count", Some(rows.to_string()));
        let grouping = self.query.event_grouping.unwrap_or(EventGrouping::SingleAlert);
        put_some(&mut extended, "Event Grouping", Some(grouping));
        let ids = Value::array([Value::from(&rule.name)]);
        put_some(&mut extended, "Analytic Rule Ids", Some(json::to_string(&ids)));
        put_some(&mut extended, "Analytic Rule Name", Some(&rule.display_name));
        put_some(&mut extended, "Correlation Id", Some(self.run.correlation_id));
        put_some(&mut extended, "Custom Details", custom.map(|custom| json::to_string(&custom)));
        extended
    }
}

/// A length of time as the service writes it there: `05:00:00`, `2.01:30:00`.
fn clock_text(seconds: i64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let clock = format!("{:02}:{:02}:{:02}", rest / 3_600, rest / 60 % 60, rest % 60);
    if days == 0 { clock } else { format!("{days}.{clock}") }
}

/// `GreaterThan` as `Greater Than`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 1);
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

/// An alert with an id and nothing else.
fn blank(id: Text) -> Alert {
    Alert {
        system_alert_id: id,
        display_name: Text::default(),
        alert_type: None,
        description: None,
        severity: Severity::Medium,
        status: AlertStatus::New,
        classification: None,
        determination: None,
        assignee: None,
        provider_name: None,
        product_name: None,
        product_component_name: None,
        vendor_name: None,
        provider_alert_id: None,
        compromised_entity: None,
        confidence_level: None,
        confidence_score: None,
        start_time: None,
        end_time: None,
        processing_end_time: None,
        time_generated: None,
        tactics: Vec::new(),
        techniques: Vec::new(),
        sub_techniques: Vec::new(),
        remediation_steps: Vec::new(),
        alert_link: None,
        extended_links: Value::Null,
        resource_identifiers: Value::Null,
        resource_id: None,
        source_computer_id: None,
        extended_properties: Object::new(),
        entities: Value::Null,
        analytics_rules: Vec::new(),
    }
}
