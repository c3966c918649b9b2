//! The row in SentinelHealth that tells of a run of a rule. Source of its columns and properties: the documented table.

use crate::clock::time_text;
use crate::error::Result;
use crate::records::HealthRow;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{AnalyticsKind, AnalyticsRule, EventGrouping, RunOutput};
use riposte_value::{Object, Value, json};

/// What a run was.
pub(super) struct RunRecord<'r> {
    pub(super) rule: &'r AnalyticsRule,
    pub(super) output: &'r RunOutput,
    /// How many rows there were.
    pub(super) rows: usize,
    pub(super) window: (jiff::Timestamp, jiff::Timestamp),
    pub(super) correlation_id: &'r str,
}

impl Transaction<'_> {
    /// Records a run of a rule.
    pub(super) fn record_rule_run(&mut self, ws: &Workspace, run: &RunRecord<'_>) -> Result<()> {
        let rule = run.rule;
        let is_nrt = rule.kind() == AnalyticsKind::Nrt;
        let made = run.output.alerts.len();
        let description = match run.output.issues.as_slice() {
            [] => format!("Rule executed successfully: {} results, {made} alerts.", run.rows),
            issues => {
                format!(
                    "Rule executed successfully: {} results, {made} alerts. {}.",
                    run.rows,
                    issues.join("; ")
                )
            }
        };
        self.append_health(
            ws,
            HealthRow {
                operation: if is_nrt { "NRT analytics rule run" } else { "Scheduled analytics rule run" },
                resource_id: &ws.reference.alert_rule_id(&rule.name),
                resource_name: &rule.display_name,
                resource_type: "Analytics rule",
                resource_kind: rule.kind().as_str(),
                status: "Success",
                description,
                reason: "",
                properties: Value::from(properties(run)),
            },
        )
    }
}

fn properties(run: &RunRecord<'_>) -> Object {
    let mut properties = Object::with_capacity(20);
    let Some(query) = run.rule.query() else { return properties };
    let grouping = query.event_grouping.unwrap_or(EventGrouping::SingleAlert);
    let issues = Value::array(run.output.issues.iter().map(Value::from));
    properties.insert("AggregationKind", grouping);
    properties.insert("AlertsGeneratedAmount", run.output.alerts.len());
    properties.insert("CorrelationId", run.correlation_id);
    properties.insert("EntitiesDroppedDueToMappingIssuesAmount", run.output.entities_dropped);
    properties.insert("EntitiesGeneratedAmount", run.output.entities);
    properties.insert("Issues", json::to_string(&issues));
    properties.insert("QueryStartTimeUTC", time_text(run.window.0));
    properties.insert("QueryEndTimeUTC", time_text(run.window.1));
    properties.insert("QueryPerformanceIndicators", Object::new());
    properties.insert("QueryResultAmount", run.rows);
    properties.insert("RuleId", &run.rule.name);
    properties.insert("SuppressionDuration", &query.suppression_duration);
    properties.insert("SuppressionEnabled", query.suppression_enabled);
    properties.insert("TriggerType", if run.rule.schedule().is_some() { "Scheduled" } else { "NrtRun" });
    if let Some(schedule) = run.rule.schedule() {
        properties.insert("QueryFrequency", &schedule.frequency);
        properties.insert("QueryPeriod", &schedule.period);
        properties.insert("TriggerOperator", schedule.operator);
        properties.insert("TriggerThreshold", schedule.threshold);
    }
    properties
}
