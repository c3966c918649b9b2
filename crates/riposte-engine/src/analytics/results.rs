//! The rows that a rule's query answered, coming in over REST: they become alerts, and these take the way of every
//! alert, all in one transaction with the record of the run.
//!
//! A rule that an alert silences (suppression) makes none until its time is over. That time is kept with the rule and
//! counted in the time of the runs, the ends of their windows, so that results that are sent late count as if they had
//! come in time. A run that is sent again under the same `runId` makes the same alerts, which are known by then.

use super::health::RunRecord;
use super::resource::{Silence, known_rule};
use crate::Engine;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{
    AnalyticsKind, AnalyticsRule, QueryResults, QueryRun, RunOutput, WorkspaceRef, build_alerts,
};
use riposte_value::{Text, Value};

/// What became of the results of a rule.
#[derive(Debug, Clone)]
pub struct RuleResults {
    /// One answer for each alert: `{systemAlertId, status, incident}`.
    pub items: Vec<Value>,
    /// Until when the rule is silent, if it is and therefore made no alert.
    pub suppressed_until: Option<Timestamp>,
    /// What the run is called.
    pub correlation_id: String,
    /// What Azure would have cut off.
    pub diagnostics: Vec<Diagnostic>,
}

/// A run whose alerts are made and not kept yet.
struct Run {
    rule: AnalyticsRule,
    output: RunOutput,
    rows: usize,
    window: (Timestamp, Timestamp),
    correlation_id: String,
    /// Whether the sender has given it a name.
    is_named: bool,
}

impl Engine {
    /// Takes in the rows that an analytics rule's query answered. What is answered is on disk.
    pub async fn analytics_rule_results(
        &self,
        ws: &Workspace,
        rule: &str,
        body: &Value,
        _caller: &Caller,
    ) -> Result<RuleResults> {
        let (own, name) = (ws.clone(), rule.to_owned());
        let stored = self.shared.store.read(move |tx| Ok(known_rule(tx, &own, &name))).await??;
        let rule = stored.compile()?;
        refuse_without_runs(&rule)?;
        let results = QueryResults::read(body).map_err(Error::invalid)?;
        let run = make(rule, &results, &ws.reference, self.shared.clock.now());
        let ws = ws.clone();
        self.shared.transact(move |t| t.take_in_run(&ws, run)).await
    }
}

/// A rule without a query has no results, and one that is off does not run.
fn refuse_without_runs(rule: &AnalyticsRule) -> Result<()> {
    if !rule.kind().is_query() {
        return Err(Error::bad_request(format!(
            "Rules of kind {} have no query; results are taken for kinds {} and {}.",
            rule.kind(),
            AnalyticsKind::Scheduled,
            AnalyticsKind::Nrt
        )));
    }
    if !rule.enabled {
        let message = format!("Analytics rule '{}' is disabled.", rule.name);
        return Err(Error::new(ErrorKind::Conflict, "RuleDisabled", message));
    }
    Ok(())
}

fn make(rule: AnalyticsRule, results: &QueryResults, workspace: &WorkspaceRef, now: Timestamp) -> Run {
    let period = rule.schedule().map(|schedule| schedule.period.duration()).unwrap_or_default();
    let window = results.window(period, now);
    let correlation_id = results.run_id.as_ref().map_or_else(new_guid, Text::to_string);
    let run = QueryRun { results, window, now, correlation_id: &correlation_id };
    let mut number = 0usize;
    let mut id = || {
        number += 1;
        match &results.run_id {
            Some(run_id) => alert_id(workspace, &rule.name, run_id, number),
            None => Text::from(new_guid()),
        }
    };
    let output = build_alerts(&rule, &run, workspace, &mut id);
    Run { output, rows: results.rows.len(), window, correlation_id, is_named: results.run_id.is_some(), rule }
}

/// The id of an alert of a run that has a name: the same each time.
fn alert_id(workspace: &WorkspaceRef, rule: &str, run: &str, number: usize) -> Text {
    let name = format!("{}\u{1f}{}\u{1f}{run}\u{1f}{number}", workspace.id, rule.to_lowercase());
    Text::from(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).to_string())
}

impl Transaction<'_> {
    fn take_in_run(&mut self, ws: &Workspace, mut run: Run) -> Result<RuleResults> {
        let is_again = self.is_known(ws, &run)?;
        let mut answer = RuleResults {
            items: Vec::new(),
            suppressed_until: None,
            correlation_id: run.correlation_id.clone(),
            diagnostics: std::mem::take(&mut run.output.told),
        };
        if !is_again {
            if let Some(until) = self.silent_until(ws, &run)? {
                return Ok(RuleResults { suppressed_until: Some(until), diagnostics: Vec::new(), ..answer });
            }
            let record = RunRecord {
                rule: &run.rule,
                output: &run.output,
                rows: run.rows,
                window: run.window,
                correlation_id: &run.correlation_id,
            };
            self.record_rule_run(ws, &record)?;
        }
        if is_again {
            // What is known stays as it was told first, also where a run without times has others now.
            run.output.alerts.iter_mut().for_each(|alert| alert.time_generated = None);
        }
        answer.items = self.take_in_alerts(ws, run.output.alerts)?;
        Ok(answer)
    }

    /// Whether the run came before.
    fn is_known(&self, ws: &Workspace, run: &Run) -> Result<bool> {
        let Some(first) = run.output.alerts.first().filter(|_| run.is_named) else { return Ok(false) };
        Ok(self.tx.alert(ws.key, &first.system_alert_id)?.is_some())
    }

    /// Until when the rule is silent at the time of a run; a run that makes alerts silences it if it says so.
    fn silent_until(&mut self, ws: &Workspace, run: &Run) -> Result<Option<Timestamp>> {
        let at = run.window.1;
        let Some(next) = run.rule.suppressed_until(at) else { return Ok(None) };
        let mut stored = known_rule(&*self.tx, ws, &run.rule.name)?;
        if let Some(silence) = stored.silence.filter(|silence| silence.since <= at && at < silence.until) {
            return Ok(Some(silence.until));
        }
        if !run.output.alerts.is_empty() {
            let silence = Silence { since: at, until: next };
            stored.silence = Some(stored.silence.map_or(silence, |known| known.joined_with(silence)));
            self.put_analytics_rule(ws, &stored)?;
        }
        Ok(None)
    }
}
