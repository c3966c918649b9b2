//! Rules that were evaluated and did not match, kept for a while with the condition that decided.
//!
//! A workspace may have hundreds of rules and a thousand incidents a second, so nothing is written for each rule: each
//! time that an event is looked at leaves one row, in which a rule takes a few bytes: the place of the condition that
//! decided and what it looked at. The rules themselves, in words, are written once for each state of the rules.

use super::event::Event;
use super::set::{LoadedRule, Ranked};
use crate::Engine;
use crate::clock::{nanoseconds, time_text};
use crate::document::{decode, encode};
use crate::error::Result;
use crate::incidents::find;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::{SignedDuration, Timestamp};
use riposte_rules::{
    AutomationRule, Condition, EXTENSION, MissingWatchlist, Prepared, first_unmet, looked_at, undecided,
};
use riposte_store::{EventSubject, Read};
use riposte_value::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

/// Rules of one event of which it is kept why they did not match; the ones after them are counted.
const RULES_MAX: usize = 1_000;
/// Different values of one event that are kept as what conditions looked at.
const SEEN_MAX: usize = 64;
/// The longest text of a condition that is kept, in characters.
const WORDS_MAX: usize = 300;
/// Rows of one subject that are shown.
const SHOWN_MAX: usize = 200;
/// After so many rows the old ones are looked for.
const PRUNE_EVERY: u32 = 256;
/// How many old rows go at a time: more of them than come.
const PRUNE_MAX: usize = 1_024;
/// How often rules are looked for that no row names.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// How long evaluations that did not match are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepEvaluations {
    /// For so long.
    pub age: Duration,
    /// So many rows at the most; none at 0.
    pub rows: usize,
}

impl Default for KeepEvaluations {
    fn default() -> Self {
        Self { age: Duration::from_hours(7 * 24), rows: 200_000 }
    }
}

/// Who sees to it that evaluations do not pile up.
pub(crate) struct Keeper {
    keep: KeepEvaluations,
    written: AtomicU32,
    /// When rules were last looked for that no row names, in seconds since 1970.
    forgot: AtomicI64,
}

impl Keeper {
    pub(crate) const fn new(keep: KeepEvaluations) -> Self {
        Self { keep, written: AtomicU32::new(0), forgot: AtomicI64::new(0) }
    }

    /// Whether anything is kept.
    pub(crate) const fn keeps(&self) -> bool {
        self.keep.rows > 0
    }
}

/// Why the rules of an event did not match, as it is gathered.
#[derive(Default)]
pub(crate) struct Unmatched {
    /// For each rule from the first of the list on: the place of its condition and of what that looked at; none for one
    /// that was not evaluated or matched.
    decided: Vec<Option<(usize, Option<usize>)>>,
    count: usize,
    seen: Vec<String>,
    /// Where what a plain condition on a property looked at stands among the seen.
    by_property: BTreeMap<&'static str, usize>,
    /// The rules of which it cannot be said whether they match, with what is missing for that. These are recorded whether
    /// evaluations are kept or not.
    pub(super) undecided: Vec<(Arc<LoadedRule>, Vec<MissingWatchlist>)>,
}

impl Unmatched {
    /// Notes rules by their places in the list, none of which match; the first so many with the condition that decided.
    pub(crate) fn note_all(
        &mut self,
        rules: &Ranked,
        places: Range<usize>,
        event: &Event,
        prepared: &Prepared<'_>,
        now: Timestamp,
    ) {
        for at in places.start..places.end.min(RULES_MAX) {
            let loaded = rules.at(at, now).filter(|loaded| !event.has_done(loaded));
            let unmet = loaded.and_then(|loaded| Some((loaded, first_unmet(&loaded.rule, prepared)?)));
            if let Some((loaded, condition)) = unmet {
                self.note(at, condition, &loaded.rule, prepared);
            }
        }
        self.count += places.end.saturating_sub(places.start.max(RULES_MAX));
    }

    /// Notes a rule that does not match, if that is because something is missing that it asks.
    pub(super) fn note_undecided(&mut self, loaded: &Arc<LoadedRule>, prepared: &Prepared<'_>) {
        if loaded.asks_watchlists {
            let missing = undecided(&loaded.rule, prepared);
            if !missing.is_empty() {
                self.undecided.push((Arc::clone(loaded), missing));
            }
        }
    }

    /// Notes a rule by its place in the list, with the place of the condition that decided.
    fn note(&mut self, at: usize, condition: usize, rule: &AutomationRule, prepared: &Prepared<'_>) {
        self.count += 1;
        let seen = rule.all_conditions().nth(condition).and_then(|condition| self.see(condition, prepared));
        while self.decided.len() < at {
            self.decided.push(None);
        }
        self.decided.push(Some((condition, seen)));
    }

    fn see(&mut self, condition: &Condition, prepared: &Prepared<'_>) -> Option<usize> {
        let property = match condition {
            Condition::Property { property, .. } => Some(property.as_str()),
            _ => None,
        };
        if let Some(known) = property.and_then(|property| self.by_property.get(property)) {
            return Some(*known);
        }
        if self.seen.len() >= SEEN_MAX {
            return None;
        }
        let value = looked_at(condition, prepared);
        let at = self.seen.iter().position(|known| *known == value).unwrap_or_else(|| {
            self.seen.push(value);
            self.seen.len() - 1
        });
        if let Some(property) = property {
            self.by_property.insert(property, at);
        }
        Some(at)
    }

    /// `-x3 0.1x20 2`: three rules that were not evaluated, twenty whose first condition looked at the second of what was
    /// seen, one whose third decided.
    fn written(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::new();
        let mut rest = self.decided.as_slice();
        while let Some(first) = rest.first() {
            let run = rest.iter().take_while(|decided| *decided == first).count();
            if !text.is_empty() {
                text.push(' ');
            }
            // Writing to a String cannot fail.
            let _ = match first {
                None => write!(text, "-"),
                Some((condition, None)) => write!(text, "{condition}"),
                Some((condition, Some(seen))) => write!(text, "{condition}.{seen}"),
            };
            if run > 1 {
                let _ = write!(text, "x{run}");
            }
            rest = rest.get(run..).unwrap_or_default();
        }
        text
    }
}

/// What [`Unmatched::written`] wrote.
fn read(text: &str) -> Vec<Option<(usize, Option<usize>)>> {
    let mut decided = Vec::new();
    for part in text.split_ascii_whitespace() {
        let (what, run) = part.split_once('x').unwrap_or((part, "1"));
        let one = (what != "-").then(|| {
            let (condition, seen) = what.split_once('.').unwrap_or((what, ""));
            (condition.parse().unwrap_or(0), seen.parse().ok())
        });
        let run: usize = run.parse().unwrap_or(0);
        decided.extend(std::iter::repeat_n(one, run.min(RULES_MAX)));
    }
    decided
}

/// A row: one look at the rules of an event.
#[derive(Debug, Serialize, Deserialize)]
struct Evaluation {
    time: String,
    event: String,
    on: String,
    when: String,
    /// How many rules did not match.
    count: usize,
    decided: String,
    seen: Vec<String>,
}

/// A rule as it was when it was evaluated.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EvaluatedRule {
    id: String,
    display_name: String,
    conditions: Vec<String>,
    /// How many of them are Sentinel's; the others are the extension's.
    own: usize,
}

impl Transaction<'_> {
    /// Keeps why rules did not match.
    pub(crate) fn keep_unmatched(
        &mut self,
        ws: &Workspace,
        subject: &EventSubject,
        event: &Event,
        rules: &Ranked,
        unmatched: Unmatched,
    ) -> Result<()> {
        if unmatched.count == 0 {
            return Ok(());
        }
        let (id, now) = (rules.fingerprint(RULES_MAX), nanoseconds(self.now));
        if !self.tx.knows_evaluated_rules(ws.key, id)? {
            let rules: Vec<EvaluatedRule> =
                rules.first(RULES_MAX).map(|loaded| evaluated(loaded, ws)).collect();
            self.tx.put_evaluated_rules(ws.key, id, now, &encode(&rules)?)?;
        }
        let trigger = event.happening.trigger();
        let row = Evaluation {
            time: time_text(self.now),
            event: event.id.clone(),
            on: trigger.on.as_str().to_owned(),
            when: trigger.when.as_str().to_owned(),
            count: unmatched.count,
            decided: unmatched.written(),
            seen: unmatched.seen,
        };
        self.tx.add_evaluation(subject, now, id, &encode(&row)?)?;
        self.prune_evaluations()
    }

    fn prune_evaluations(&mut self) -> Result<()> {
        let keeper = &self.shared.keeper;
        if !keeper.written.fetch_add(1, Ordering::Relaxed).is_multiple_of(PRUNE_EVERY) {
            return Ok(());
        }
        let before = self.now.checked_sub(keeper.keep.age).unwrap_or(Timestamp::MIN);
        self.tx.prune_evaluations(nanoseconds(before), keeper.keep.rows, PRUNE_MAX)?;
        let forgot = Timestamp::from_second(keeper.forgot.load(Ordering::Relaxed)).unwrap_or(Timestamp::MIN);
        if self.now.duration_since(forgot) >= FORGET_EVERY {
            keeper.forgot.store(self.now.as_second(), Ordering::Relaxed);
            self.tx.prune_evaluated_rules(nanoseconds(before))?;
        }
        Ok(())
    }
}

fn evaluated(loaded: &LoadedRule, ws: &Workspace) -> EvaluatedRule {
    let words = |condition: &Condition| condition.in_words().chars().take(WORDS_MAX).collect();
    EvaluatedRule {
        id: loaded.resource_id(ws),
        display_name: loaded.rule.display_name.to_string(),
        conditions: loaded.rule.all_conditions().map(words).collect(),
        own: loaded.rule.conditions.len(),
    }
}

/// What an entry tells of one rule.
pub(crate) struct NotMatched {
    pub(crate) time: String,
    pub(crate) rule_id: String,
    pub(crate) rule_name: String,
    pub(crate) why: String,
    pub(crate) details: Value,
}

/// Where an entry stands among those of its subject, and in the timeline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stood {
    /// When it was, in units of 100 nanoseconds since 1970: as exactly as records tell it.
    pub(crate) tick: i64,
    /// The number of the timeline's entry that it comes after.
    pub(crate) position: i64,
    /// The number of its row, and its place in that.
    pub(crate) row: i64,
    pub(crate) index: i64,
}

/// Nanoseconds in a tick.
pub(crate) const TICK: i64 = 100;
/// Rows that are read at a time.
const ROWS: usize = 64;

/// The rules as they were, by their id, as far as they were asked for.
#[derive(Default)]
struct KnownRules(BTreeMap<String, Vec<EvaluatedRule>>);

impl KnownRules {
    fn of(&mut self, tx: &dyn Read, ws: &Workspace, id: &str) -> Result<&[EvaluatedRule]> {
        if !self.0.contains_key(id) {
            let kept = tx.evaluated_rules(ws.key, id)?;
            let kept = kept.map(|doc| decode("evaluated rules", &doc)).transpose()?.unwrap_or_default();
            self.0.insert(id.to_owned(), kept);
        }
        Ok(self.0.get(id).map(Vec::as_slice).unwrap_or_default())
    }
}

/// The rules of a subject that did not match, oldest first.
fn not_matched(tx: &dyn Read, ws: &Workspace, subject: &EventSubject) -> Result<Vec<NotMatched>> {
    let mut rows = tx.evaluations(subject, SHOWN_MAX)?;
    rows.reverse();
    let mut known = KnownRules::default();
    let mut entries = Vec::new();
    for (rules, doc) in rows {
        let row: Evaluation = decode("evaluation", &doc)?;
        let rules = known.of(tx, ws, &rules)?;
        for (rule, decided) in rules.iter().zip(read(&row.decided)) {
            entries.extend(decided.map(|decided| entry(&row, rule, decided)));
        }
    }
    Ok(entries)
}

/// The rules of a subject that did not match, oldest first, those from a tick on that are wanted, `limit` at most. What is
/// not wanted is passed over without being built.
pub(crate) fn not_matched_from(
    tx: &dyn Read,
    ws: &Workspace,
    subject: &EventSubject,
    (tick, limit): (i64, usize),
    wanted: &dyn Fn(&Stood) -> bool,
) -> Result<Vec<(Stood, NotMatched)>> {
    let mut after = (tick.saturating_mul(TICK).saturating_sub(1), i64::MAX, i64::MAX);
    let mut known = KnownRules::default();
    let mut entries = Vec::new();
    loop {
        let rows = tx.evaluations_after(subject, after, ROWS)?;
        let Some(last) = rows.last() else { return Ok(entries) };
        after = last.place;
        for row in rows {
            let (time, position, seq) = row.place;
            let rules = known.of(tx, ws, &row.rules)?;
            let row: Evaluation = decode("evaluation", &row.doc)?;
            for ((index, rule), decided) in (0..).zip(rules).zip(read(&row.decided)) {
                let stood = Stood { tick: time.div_euclid(TICK), position, row: seq, index };
                let Some(decided) = decided.filter(|_| wanted(&stood)) else { continue };
                entries.push((stood, entry(&row, rule, decided)));
                if entries.len() >= limit {
                    return Ok(entries);
                }
            }
        }
    }
}

fn entry(row: &Evaluation, rule: &EvaluatedRule, (condition, seen): (usize, Option<usize>)) -> NotMatched {
    let path = match condition.checked_sub(rule.own) {
        None => format!("$.triggeringLogic.conditions[{condition}]"),
        Some(extended) => format!("$.{EXTENSION}.conditions[{extended}]"),
    };
    let words = rule.conditions.get(condition).map(String::as_str).unwrap_or_default();
    let seen = seen.and_then(|seen| row.seen.get(seen)).map(String::as_str);
    let why = match seen {
        Some(seen) => format!("{words} (was {seen})"),
        None => words.to_owned(),
    };
    NotMatched {
        time: row.time.clone(),
        rule_id: rule.id.clone(),
        rule_name: rule.display_name.clone(),
        why,
        details: Value::object([
            ("event", Value::from(&row.event)),
            ("triggeredOn", Value::from(&row.on)),
            ("triggeredWhen", Value::from(&row.when)),
            ("path", Value::from(path)),
            ("condition", Value::from(words)),
            ("actual", Value::from(seen)),
        ]),
    }
}

impl NotMatched {
    fn to_value(&self) -> Value {
        Value::object([
            ("time", Value::from(&self.time)),
            (
                "rule",
                Value::object([
                    ("id", Value::from(&self.rule_id)),
                    ("displayName", Value::from(&self.rule_name)),
                ]),
            ),
            ("matched", Value::from(false)),
            ("why", Value::from(&self.why)),
            ("details", self.details.clone()),
        ])
    }
}

impl Engine {
    /// The evaluations of an incident that did not match and are still kept, oldest first; those of one rule, if its name
    /// or part of its display name is given.
    pub async fn incident_evaluations(
        &self,
        ws: &Workspace,
        incident: &str,
        rule: Option<&str>,
    ) -> Result<Vec<Value>> {
        let (ws, incident) = (ws.clone(), incident.to_owned());
        let found = self
            .shared
            .store
            .read(move |tx| {
                Ok(find(tx, ws.key, &incident).and_then(|incident| {
                    not_matched(tx, &ws, &EventSubject::incident(ws.key, &incident.name))
                }))
            })
            .await??;
        Ok(found.iter().filter(|entry| is_of(entry, rule)).map(NotMatched::to_value).collect())
    }

    /// As [`Self::incident_evaluations`], of an alert.
    pub async fn alert_evaluations(
        &self,
        ws: &Workspace,
        alert: &str,
        rule: Option<&str>,
    ) -> Result<Vec<Value>> {
        let (ws, subject) = (ws.clone(), EventSubject::alert(ws.key, alert));
        let found = self.shared.store.read(move |tx| Ok(not_matched(tx, &ws, &subject))).await??;
        Ok(found.iter().filter(|entry| is_of(entry, rule)).map(NotMatched::to_value).collect())
    }
}

fn is_of(entry: &NotMatched, rule: Option<&str>) -> bool {
    rule.is_none_or(|wanted| {
        let wanted = wanted.to_lowercase();
        entry.rule_name.to_lowercase().contains(&wanted)
            || entry.rule_id.rsplit('/').next().is_some_and(|name| name.to_lowercase() == wanted)
    })
}

#[cfg(test)]
mod tests {
    use super::{Unmatched, read};

    #[test]
    fn what_is_written_is_read() {
        let decided =
            vec![None, None, Some((0, Some(3))), Some((0, Some(3))), Some((12, None)), Some((0, Some(1)))];
        let unmatched = Unmatched { decided: decided.clone(), ..Unmatched::default() };
        assert_eq!(unmatched.written(), "-x2 0.3x2 12 0.1");
        assert_eq!(read(&unmatched.written()), decided);
        assert_eq!(read(""), Vec::new());
        // Hundreds of rules that look at the same few things take a few bytes.
        let many = (0..500).map(|at| Some((at / 200, Some(at / 100)))).collect();
        let many = Unmatched { decided: many, ..Unmatched::default() };
        assert!(many.written().len() < 60, "{}", many.written());
    }
}
