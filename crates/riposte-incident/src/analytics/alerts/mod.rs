//! The rows of a query become alerts.
//!
//! A scheduled rule makes alerts if the number of rows is over its threshold, a near real time rule if there is a row.
//! They are one alert of all rows, or one of each row; of each row at most 150 (30 for near real time), the last of
//! which then is of all rows. Sources: scheduled analytics rules, entity mapping, custom details and alert details as
//! documented. What Azure cuts off (500 entities, 50 values of a detail) is kept and told.

mod details;
mod entities;
mod made;

pub use details::title_of;

use super::{AnalyticsRule, EventGrouping, QueryResults, QueryRule};
use crate::alert::Alert;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value};

/// How many alerts a run of a scheduled rule makes.
pub const ALERTS_PER_RUN: usize = 150;
/// How many alerts a run of a near real time rule makes.
pub const ALERTS_PER_NRT_RUN: usize = 30;
/// How many entities Azure keeps of an alert.
pub const ENTITIES_MAX: usize = 500;
/// How many bytes of entities Azure keeps of an alert.
pub const ENTITIES_SIZE_MAX: usize = 64 * 1024;
/// How many values of a custom detail Azure keeps.
pub const DETAIL_VALUES_MAX: usize = 50;
/// How many bytes of custom details Azure keeps of an alert.
pub const DETAILS_SIZE_MAX: usize = 2 * 1024;

/// One run of a rule's query.
#[derive(Debug, Clone, Copy)]
pub struct QueryRun<'r> {
    /// The rows.
    pub results: &'r QueryResults,
    /// The window that the query looked at.
    pub window: (Timestamp, Timestamp),
    /// When the alerts are made.
    pub now: Timestamp,
    /// What the run is called.
    pub correlation_id: &'r str,
}

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub struct RunOutput {
    /// The alerts.
    pub alerts: Vec<Alert>,
    /// How many entities they have.
    pub entities: usize,
    /// How many entities could not be made, since their columns are missing or empty.
    pub entities_dropped: usize,
    /// What the owner of the rule should know; each once.
    pub issues: Vec<String>,
    /// What Azure would have cut off; each once.
    pub told: Vec<Diagnostic>,
}

impl RunOutput {
    fn issue(&mut self, issue: String) {
        if !self.issues.contains(&issue) {
            self.issues.push(issue);
        }
    }

    fn limit(&mut self, message: String) {
        let told = Diagnostic::warning("AzureLimit", message);
        if !self.told.contains(&told) {
            self.told.push(told);
        }
    }
}

/// Makes the alerts of a run. `id` gives each alert its id. A rule without a query makes none.
pub fn build_alerts(
    rule: &AnalyticsRule,
    run: &QueryRun<'_>,
    workspace: &WorkspaceRef,
    id: &mut dyn FnMut() -> Text,
) -> RunOutput {
    let mut output = RunOutput::default();
    let Some(query) = rule.query().filter(|_| rule.fires(run.results.rows.len())) else { return output };
    entities::missing_columns(query, &run.results.rows, &mut output);
    let maker = made::Maker { rule, query, run, workspace };
    for rows in batches(rule, query, &run.results.rows) {
        let alert = maker.alert(rows, id(), &mut output);
        output.alerts.push(alert);
    }
    output
}

/// The rows of each alert.
fn batches<'r>(rule: &AnalyticsRule, query: &QueryRule, rows: &'r [Object]) -> Vec<&'r [Object]> {
    if query.event_grouping != Some(EventGrouping::AlertPerResult) {
        return vec![rows];
    }
    let most = if rule.schedule().is_some() { ALERTS_PER_RUN } else { ALERTS_PER_NRT_RUN };
    if rows.len() <= most {
        return rows.chunks(1).collect();
    }
    let each = rows.chunks(1).take(most - 1);
    each.chain(std::iter::once(rows)).collect()
}

impl AnalyticsRule {
    /// Whether so many rows make alerts.
    pub fn fires(&self, rows: usize) -> bool {
        match self.schedule() {
            Some(schedule) => {
                schedule.operator.holds(i64::try_from(rows).unwrap_or(i64::MAX), schedule.threshold)
            }
            None => rows > 0,
        }
    }

    /// Until when an alert that was made at `at` silences the rule; none if it does not.
    pub fn suppressed_until(&self, at: Timestamp) -> Option<Timestamp> {
        let query = self.query().filter(|query| query.suppression_enabled)?;
        at.checked_add(query.suppression_duration.duration()).ok().filter(|until| *until > at)
    }
}

/// The value of a row's column: the exact name first, else without regard to case; none if it is null or blank.
fn cell<'r>(row: &'r Object, column: &str) -> Option<&'r Value> {
    row.get_ignore_case(column.trim()).filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    })
}
