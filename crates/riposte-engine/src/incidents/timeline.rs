//! The timeline of an incident: what is kept as it happens, and the actions of its playbook runs, which are read
//! from run history, in one order.

use super::change::{TimelineEntry, engine_actor, timeline_document};
use super::find;
use crate::error::{Error, Result};
use crate::rules::{NotMatched, not_matched};
use crate::runs::RunHistory;
use crate::workspaces::Workspace;
use crate::{Engine, Page};
use riposte_incident::{Actor, ActorKind};
use riposte_store::EventSubject;
use riposte_value::{Value, json};
use riposte_workflow::ActionRecord;

/// Entries that are read of one incident.
const ENTRIES_MAX: usize = 10_000;

impl Engine {
    /// The timeline, oldest first; `after` is what the page before gave as `next`.
    pub async fn timeline(
        &self,
        ws: &Workspace,
        incident: &str,
        after: Option<&str>,
        top: usize,
    ) -> Result<Page> {
        let skip: usize = match after {
            None => 0,
            Some(token) => {
                token.parse().map_err(|_| Error::bad_request(format!("'{token}' is not a skip token")))?
            }
        };
        let (key, wanted) = (ws.key, incident.to_owned());
        let own = ws.clone();
        let (incident, stored, unmatched) = self
            .shared
            .store
            .read(move |tx| {
                Ok(find(tx, key, &wanted).and_then(|incident| {
                    let stored = tx.timeline(key, &incident.name, None, ENTRIES_MAX)?;
                    let unmatched = not_matched(tx, &own, &EventSubject::incident(key, &incident.name))?;
                    Ok((incident, stored, unmatched))
                }))
            })
            .await??;
        let mut entries: Vec<Value> = stored.iter().filter_map(|(_, text)| json::parse(text).ok()).collect();
        entries.extend(unmatched.iter().map(not_matched_entry));
        for history in self.histories_of_incident(ws.key, &incident.name).await? {
            entries.extend(history.records.iter().filter(|r| is_shown(r)).map(|r| action_entry(&history, r)));
        }
        // The sort is stable: what happened in the same instant stays in the order in which it was kept.
        entries.sort_by(|a, b| a.str_at(&["time"]).cmp(&b.str_at(&["time"])));
        let top = top.clamp(1, 1000);
        let more = entries.len() > skip.saturating_add(top);
        let items = entries.into_iter().skip(skip).take(top).collect();
        Ok(Page { items, next: more.then(|| (skip + top).to_string()) })
    }
}

/// Actions that are under way or did something; skipped ones are in run history.
fn is_shown(record: &ActionRecord) -> bool {
    record.status != riposte_workflow::Status::Skipped
}

fn not_matched_entry(rule: &NotMatched) -> Value {
    let at = rule.time.parse().unwrap_or_default();
    timeline_document(
        at,
        &TimelineEntry {
            kind: "ruleNotMatched",
            actor: &engine_actor(),
            summary: format!("rule {} not matched: {}", rule.rule_name, rule.why),
            object: ("automationRule", &rule.rule_id),
            details: rule.details.clone(),
        },
    )
}

fn action_entry(history: &RunHistory, record: &ActionRecord) -> Value {
    let playbook = history.beginning.playbook_id.rsplit('/').next().unwrap_or_default();
    let mut summary = format!("{playbook}: {} {}", record.name, record.status.as_str().to_lowercase());
    if let Some(code) = record.code.as_ref().filter(|code| !matches!(code.as_str(), "OK" | "NotSpecified")) {
        summary = format!("{summary} ({code})");
    }
    let at = record.end_time.unwrap_or(record.start_time);
    let duration = record.end_time.map(|end| end.duration_since(record.start_time).as_millis());
    let indexes = record.repetition.iter().map(|index| Value::from(index.index));
    timeline_document(
        at,
        &TimelineEntry {
            kind: "playbookAction",
            actor: &Actor::new(ActorKind::Playbook, playbook),
            summary,
            object: ("run", &history.row.id),
            details: Value::object([
                ("action", Value::from(&record.name)),
                ("type", Value::from(&record.action_type)),
                ("status", Value::from(record.status.as_str())),
                ("code", Value::from(record.code.clone())),
                ("durationMs", Value::from(duration.and_then(|ms| i64::try_from(ms).ok()))),
                ("repetition", Value::array(indexes)),
            ]),
        },
    )
}
