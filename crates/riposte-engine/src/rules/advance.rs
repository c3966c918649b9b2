//! Seeing to an event: the next rule whose conditions hold for the incident as it stands now.

use super::{IncidentEvent, Progress, Waiting};
use crate::document::{decode, encode};
use crate::error::{ErrorKind, Result};
use crate::incidents::change::{TimelineEntry, engine_actor};
use crate::incidents::find;
use crate::incidents::view::IncidentView;
use crate::shared::{PlaybookWait, SENTINEL_WAIT};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_incident::Incident;
use riposte_rules::{AutomationRule, Cursor, Prepared, Subject, applicable, evaluate_prepared, matches};
use riposte_value::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long rules may start each other over one incident.
const CHAIN_MAX: usize = 16;

impl Transaction<'_> {
    /// Sees to an event up to the next rule that matches.
    /// `failing` says why the rule that is next could not be carried out again and again: it is recorded and passed
    /// over.
    pub(crate) fn advance_event(&mut self, seq: i64, failing: Option<&str>) -> Result<Progress> {
        let Some(row) = self.tx.event(seq)? else { return Ok(Progress::Done) };
        let mut event: IncidentEvent = decode("event", &row.doc)?;
        if let Some(waiting) = &event.waiting
            && let Some(wait) = self.still_waits(waiting)?
        {
            return Ok(wait);
        }
        event.waiting = None;
        let ws = self.shared.workspace_of(&*self.tx, row.workspace)?;
        let incident = match find(&*self.tx, row.workspace, &row.incident) {
            Ok(incident) => incident,
            Err(error) if error.kind == ErrorKind::NotFound => return self.close_event(seq),
            Err(error) => return Err(error),
        };
        let view = IncidentView::load(&*self.tx, &ws, incident)?;
        let rules = self.shared.rules_of(row.workspace);
        let (change, updated_by) =
            event.update().map(|(change, actor)| (change.clone(), actor.clone())).unzip();
        let prepared = Prepared::new(Subject {
            incident: Some(&view.incident),
            alerts: &view.alerts,
            entities: &view.entities,
            change: change.as_ref(),
            updated_by: updated_by.as_ref(),
            now: Some(event.at),
            watchlists: None,
        });
        while let Some(rule) = self.next_rule(&rules.rules, &event) {
            event.cursor = Some(Cursor::of(&rule));
            if !matches(&rule, &prepared) {
                continue;
            }
            let decision = evaluate_prepared(&rule, &prepared);
            if self.is_loop(&ws, &view.incident, &rule, &event)? {
                continue;
            }
            let runs = match failing {
                None => self.carry_out_rule(&ws, &view, &rule, &event, &decision)?,
                Some(why) => {
                    self.rule_failed(&ws, &view.incident, &rule, &event, why)?;
                    Vec::new()
                }
            };
            if self.next_rule(&rules.rules, &event).is_none() {
                return self.close_event(seq);
            }
            event.waiting = (!runs.is_empty()).then_some(Waiting { runs, since: self.now });
            self.tx.put_event(seq, &encode(&event)?)?;
            return Ok(Progress::More);
        }
        self.close_event(seq)
    }

    fn close_event(&mut self, seq: i64) -> Result<Progress> {
        self.tx.delete_event(seq)?;
        Ok(Progress::Done)
    }

    /// The next rule after the event's cursor that such an event starts now.
    fn next_rule(&self, rules: &[Arc<AutomationRule>], event: &IncidentEvent) -> Option<Arc<AutomationRule>> {
        rules
            .iter()
            .filter(|rule| event.cursor.as_ref().is_none_or(|cursor| Cursor::of(rule) > *cursor))
            .find(|rule| applicable(rule, event.happening.trigger(), self.now))
            .cloned()
    }

    /// Whether the playbooks of the last rule still run and the policy waits for them.
    fn still_waits(&self, waiting: &Waiting) -> Result<Option<Progress>> {
        let waited = elapsed(waiting.since, self.now);
        let patient = match self.shared.playbook_wait {
            PlaybookWait::None => false,
            PlaybookWait::Completion => true,
            PlaybookWait::Sentinel => waited < SENTINEL_WAIT,
        };
        if !patient {
            return Ok(None);
        }
        let mut open = Vec::new();
        for id in &waiting.runs {
            if self.tx.run(id)?.is_some_and(|run| run.ended.is_none()) {
                open.push(id.clone());
            }
        }
        Ok((!open.is_empty()).then_some(Progress::Wait { runs: open, waited }))
    }

    /// A rule does not run twice in one chain, and a chain has an end; both are told in the timeline.
    fn is_loop(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        rule: &AutomationRule,
        event: &IncidentEvent,
    ) -> Result<bool> {
        let again = event.chain.iter().any(|name| name.eq_ignore_ascii_case(&rule.name));
        if !again && event.chain.len() < CHAIN_MAX {
            return Ok(false);
        }
        let why = if again { "it ran in this chain already" } else { "the chain of rules is too long" };
        self.append_timeline(
            ws,
            incident,
            &TimelineEntry {
                kind: "loopPrevented",
                actor: &engine_actor(),
                summary: format!("rule {} not run again: {why}", rule.display_name),
                object: ("automationRule", &ws.reference.resource_id("automationRules", &rule.name)),
                details: Value::object([(
                    "chain",
                    Value::array(event.chain.iter().map(|name| Value::from(name.as_str()))),
                )]),
            },
        )?;
        Ok(true)
    }
}

fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO)
}
