//! The timeline of an incident: what is kept as it happens, the rules that did not match, and the actions of its playbook
//! runs, which are read from run history, in one order.
//!
//! The order is that of time. What has the same time stands in the order in which it was kept, a rule that did not match
//! where it was evaluated, and the actions of playbooks, run by run, behind both. A page begins after the place of the
//! last entry of the page before, so that what comes meanwhile moves nothing.

use super::change::{TimelineEntry, engine_actor, timeline_document};
use super::find;
use crate::clock::nanoseconds;
use crate::error::{Error, Result};
use crate::rules::{NotMatched, Stood, TICK, not_matched_from};
use crate::runs::RunHistory;
use crate::workspaces::Workspace;
use crate::{Engine, Page};
use jiff::Timestamp;
use riposte_incident::{Actor, ActorKind};
use riposte_store::EventSubject;
use riposte_value::{Value, json};
use riposte_workflow::ActionRecord;

/// Entries that are read of one incident.
const ENTRIES_MAX: usize = 10_000;

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// When it was, in units of 100 nanoseconds since 1970.
    tick: i64,
    /// What tells entries of one time apart: twice the number of one that is kept; one more than that for rules that were
    /// evaluated after it.
    at: i64,
    /// The row of an evaluation, or which of the incident's runs it is.
    row: i64,
    /// The place in that.
    index: i64,
}

impl Place {
    const FIRST: Self = Self { tick: i64::MIN, at: i64::MIN, row: i64::MIN, index: i64::MIN };

    const fn kept(tick: i64, seq: i64) -> Self {
        Self { tick, at: seq.saturating_mul(2), row: 0, index: 0 }
    }

    const fn evaluated(stood: &Stood) -> Self {
        let at = stood.position.saturating_mul(2).saturating_add(1);
        Self { tick: stood.tick, at, row: stood.row, index: stood.index }
    }

    fn of_action(record: &ActionRecord, run: usize, index: usize) -> Self {
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        Self { tick: tick(at(record)), at: i64::MAX, row: count(run), index: count(index) }
    }

    /// `tick.at.row.index`
    fn to_token(self) -> String {
        let Self { tick, at, row, index } = self;
        format!("{tick}.{at}.{row}.{index}")
    }

    fn from_token(token: &str) -> Option<Self> {
        let mut numbers = token.split('.').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        let place = Self { tick: next()?, at: next()?, row: next()?, index: next()? };
        numbers.next().is_none().then_some(place)
    }
}

fn tick(at: Timestamp) -> i64 {
    nanoseconds(at).div_euclid(TICK)
}

impl Engine {
    /// The timeline, oldest first; `after` is what the page before gave as `next`.
    pub async fn timeline(
        &self,
        ws: &Workspace,
        incident: &str,
        after: Option<&str>,
        top: usize,
    ) -> Result<Page> {
        let after = match after {
            None => Place::FIRST,
            Some(token) => Place::from_token(token)
                .ok_or_else(|| Error::bad_request(format!("'{token}' is not a skip token")))?,
        };
        let top = top.clamp(1, 1000);
        let (key, wanted) = (ws.key, incident.to_owned());
        let own = ws.clone();
        let (incident, stored, unmatched) = self
            .shared
            .store
            .read(move |tx| {
                Ok(find(tx, key, &wanted).and_then(|incident| {
                    let stored = tx.timeline(key, &incident.name, None, ENTRIES_MAX)?;
                    let subject = EventSubject::incident(key, &incident.name);
                    let is_after = |stood: &Stood| Place::evaluated(stood) > after;
                    // One more than the page takes says that there are more.
                    let unmatched = not_matched_from(tx, &own, &subject, (after.tick, top + 1), &is_after)?;
                    Ok((incident, stored, unmatched))
                }))
            })
            .await??;
        let mut entries: Vec<(Place, Value)> = unmatched
            .iter()
            .map(|(stood, rule)| (Place::evaluated(stood), not_matched_entry(rule)))
            .collect();
        for (seq, text) in &stored {
            let Ok(entry) = json::parse(text) else { continue };
            let at = entry.str_at(&["time"]).and_then(|time| time.parse().ok()).unwrap_or_default();
            let place = Place::kept(tick(at), *seq);
            if place > after {
                entries.push((place, entry));
            }
        }
        let histories = self.histories_of_incident(ws.key, &incident.name).await?;
        for (run, history) in histories.iter().enumerate() {
            for (index, record) in history.records.iter().enumerate().filter(|(_, record)| is_shown(record)) {
                let place = Place::of_action(record, run, index);
                if place > after {
                    entries.push((place, action_entry(history, record)));
                }
            }
        }
        entries.sort_by_key(|(place, _)| *place);
        let more = entries.len() > top;
        entries.truncate(top);
        let next = entries.last().filter(|_| more).map(|(place, _)| place.to_token());
        Ok(Page { items: entries.into_iter().map(|(_, entry)| entry).collect(), next })
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

/// When an action ended, or began if it is under way.
fn at(record: &ActionRecord) -> Timestamp {
    record.end_time.unwrap_or(record.start_time)
}

fn action_entry(history: &RunHistory, record: &ActionRecord) -> Value {
    let playbook = history.beginning.playbook_id.rsplit('/').next().unwrap_or_default();
    let mut summary = format!("{playbook}: {} {}", record.name, record.status.as_str().to_lowercase());
    if let Some(code) = record.code.as_ref().filter(|code| !matches!(code.as_str(), "OK" | "NotSpecified")) {
        summary = format!("{summary} ({code})");
    }
    let duration = record.end_time.map(|end| end.duration_since(record.start_time).as_millis());
    let indexes = record.repetition.iter().map(|index| Value::from(index.index));
    timeline_document(
        at(record),
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
