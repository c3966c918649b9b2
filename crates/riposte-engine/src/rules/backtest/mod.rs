//! A rule tried on what is on record: which incidents or alerts of a window it would have matched and why, what each of its
//! actions would have changed, which playbooks would have run, and where it would have overridden a person. Nothing is
//! written, nothing is started.

mod overrides;
mod replay;

use super::event::{Event, Happening};
use super::health::Found;
use super::matter::Matter;
use super::resource::PreparedRule;
use super::watchlists::watchlists;
use crate::Engine;
use crate::clock::{nanoseconds, time_text};
use crate::document::{decode, decode_some};
use crate::error::{Error, Result};
use crate::incidents::StoredAlert;
use crate::incidents::change::{Cause, engine_actor};
use crate::shared::Shared;
use crate::workspaces::Workspace;
use jiff::{SignedDuration, Timestamp};
use overrides::overrides;
use replay::{moments, view};
use riposte_incident::{Actor, ActorKind, Change, Incident, apply};
use riposte_rules::{
    ActionKind, AutomationRule, Condition, Prepared, Trigger, Watchlists, evaluate_prepared, first_unmet,
    plan,
};
use riposte_store::{IncidentList, Log, Read};
use riposte_value::{Object, Text, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How far back the window begins, if nobody says.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Matches that are listed; the ones beyond are counted.
const LISTED_MAX: usize = 1_000;
/// Incidents, or rows of the alerts' log, that are looked at in one reading of the store: no more than these are in memory.
const AT_A_TIME: usize = 100;

/// What a backtest is asked for.
#[derive(Debug, Clone, Default)]
pub struct Backtest {
    /// The rule: an ARM resource, or its properties alone.
    pub rule: Value,
    /// Where the window begins; a week ago without it.
    pub from: Option<Timestamp>,
    /// Where it ends; now without it.
    pub to: Option<Timestamp>,
    /// How many incidents or alerts are looked at in this answer, which then says where to go on; all without it.
    pub top: Option<usize>,
    /// Where to go on: what the answer before gave.
    pub skip_token: Option<String>,
}

/// What came of it, as it is gathered.
#[derive(Default)]
struct Outcome {
    evaluated: usize,
    matched: usize,
    overridden: usize,
    /// Incidents whose timeline does not go back to their making.
    unreadable: usize,
    /// How many incidents, or rows of the alerts' log, were read.
    read: usize,
    /// After which of them there is more.
    rest: Option<i64>,
    /// The time that was looked back to.
    back_to: Option<Timestamp>,
    matches: Vec<Value>,
    /// For each playbook, how often it would have run.
    playbooks: BTreeMap<String, usize>,
    /// For each condition by its place, how often it decided that the rule did not match.
    decided: BTreeMap<usize, usize>,
    found: Found,
}

/// A rule on trial.
struct Trial {
    shared: Arc<Shared>,
    ws: Workspace,
    rule: AutomationRule,
    from: Timestamp,
    to: Timestamp,
    /// How many incidents or alerts are looked at.
    top: Option<usize>,
    /// The watchlists that it asks.
    watchlists: Watchlists,
}

impl Engine {
    /// Tries a rule on the incidents or alerts of a window.
    pub async fn backtest(&self, ws: &Workspace, asked: Backtest) -> Result<Value> {
        let properties = asked.rule.get_ignore_case("properties").is_some();
        let body =
            if properties { asked.rule.clone() } else { Value::object([("properties", asked.rule.clone())]) };
        let name = asked.rule.get_ignore_case("name").and_then(Value::as_str).unwrap_or("backtest");
        let rule = PreparedRule::new(name, &body)?.rule;
        let to = asked.to.unwrap_or_else(|| self.shared.clock.now());
        let from = asked.from.unwrap_or_else(|| to.checked_sub(WINDOW).unwrap_or(Timestamp::MIN));
        let after = asked.skip_token.as_deref().map(|token| {
            token.parse().map_err(|_| Error::bad_request(format!("'{token}' is not a skip token")))
        });
        let (top, after) = (asked.top, after.transpose()?.unwrap_or(i64::MAX));
        if top == Some(0) {
            return Err(Error::bad_request("`top` must be at least 1"));
        }
        if from > to {
            return Err(Error::bad_request("the window ends before it begins: `from` is later than `to`"));
        }
        let (key, asked) = (ws.key, rule.watchlists());
        let watchlists = self.shared.store.read(move |tx| Ok(watchlists(tx, key, &asked))).await??;
        let (shared, ws) = (Arc::clone(&self.shared), ws.clone());
        let trial = Arc::new(Trial { shared, ws, rule, from, to, top, watchlists });
        let outcome = match trial.rule.trigger() {
            Trigger::ALERT_CREATED | Trigger::INCIDENT_CREATED | Trigger::INCIDENT_UPDATED => {
                trial.look_back(after).await?
            }
            _ => return Err(Error::bad_request("nothing starts rules on updated alerts")),
        };
        Ok(trial.answer(outcome))
    }
}

impl Trial {
    /// Tries the rule on what there is in the window, the latest first, a page of the store after the other.
    async fn look_back(self: &Arc<Self>, after: i64) -> Result<Outcome> {
        let mut outcome = Outcome { rest: Some(after), ..Outcome::default() };
        while let Some(after) = outcome.rest {
            let left = self.top.map_or(AT_A_TIME, |top| top.saturating_sub(outcome.read).min(AT_A_TIME));
            if left == 0 {
                break;
            }
            let (trial, so_far) = (Arc::clone(self), outcome);
            outcome = self
                .shared
                .store
                .read(move |tx| {
                    let mut outcome = so_far;
                    let tried = match trial.rule.trigger() {
                        Trigger::ALERT_CREATED => trial.try_alerts(tx, after, left, &mut outcome),
                        _ => trial.try_incidents(tx, after, left, &mut outcome),
                    };
                    Ok(tried.map(|()| outcome))
                })
                .await??;
        }
        Ok(outcome)
    }

    /// Tries the rule on so many of the incidents that something happened to in the window, after the one of a number.
    fn try_incidents(&self, tx: &dyn Read, after: i64, limit: usize, outcome: &mut Outcome) -> Result<()> {
        let created_alone = self.rule.trigger() == Trigger::INCIDENT_CREATED;
        let (mut found, mut read, mut is_over, mut failure) = (Vec::new(), 0, false, None);
        // What was changed last before the window had nothing happen to it in the window.
        let changed_since = (nanoseconds(self.from), i64::MAX);
        let place = (after < i64::MAX).then_some((after, after));
        let list = IncidentList { modified: changed_since, after: place, ..IncidentList::default() };
        let mut last = None;
        tx.visit_incidents(self.ws.key, &list, &mut |(_, number), text| {
            (read, last) = (read + 1, Some(number));
            match decode::<Incident>("incident", text) {
                Err(error) => failure = Some(error),
                // Numbers rise with time: all that come now were made before the window.
                Ok(incident) if created_alone && incident.created < self.from => is_over = true,
                Ok(incident) => found.push(incident),
            }
            failure.is_none() && !is_over && read < limit
        })?;
        if let Some(failure) = failure {
            return Err(failure);
        }
        outcome.read += read;
        outcome.rest = last.filter(|_| read == limit && !is_over);
        outcome.back_to = found.last().map(|incident| incident.created).or(outcome.back_to);
        for incident in found.iter().filter(|incident| incident.created <= self.to) {
            self.try_on(tx, incident, outcome)?;
        }
        Ok(())
    }

    fn try_on(&self, tx: &dyn Read, incident: &Incident, outcome: &mut Outcome) -> Result<()> {
        let Some(moments) = moments(tx, &self.ws, incident)? else {
            outcome.unreadable += 1;
            return Ok(());
        };
        let on_creation = self.rule.trigger() == Trigger::INCIDENT_CREATED;
        for (index, moment) in moments.iter().enumerate() {
            let is_creation = index == 0;
            let fits = if on_creation { is_creation } else { moment.change.triggers_update_rules() };
            if !fits || moment.at < self.from || moment.at > self.to {
                continue;
            }
            let happening = if on_creation { Happening::Created } else { Happening::Updated };
            let cause = Cause::of(&moment.actor);
            let event = Event::new(happening, moment.change.clone(), cause, moment.at);
            let matter = Matter::Incident(Box::new(view(tx, &self.ws, &moment.after)?));
            let Some(mut told) = self.evaluate(tx, &matter, &event, outcome)? else { continue };
            if !on_creation {
                told.insert("change", moment.change.summary());
                told.insert("by", &moment.actor.name);
            }
            let overridden = overrides(&moments, index, &self.would_change(&moment.after, moment.at));
            outcome.overridden += usize::from(!overridden.is_empty());
            told.insert("overrides", Value::array(overridden));
            outcome.list(told);
        }
        Ok(())
    }

    /// Everything that the rule's actions would change of an incident.
    fn would_change(&self, state: &Incident, at: Timestamp) -> Change {
        let actor = Actor::new(ActorKind::AutomationRule, &self.rule.display_name);
        let (mut incident, mut change) = (state.clone(), Change::default());
        for action in plan(&self.rule) {
            if let ActionKind::ModifyProperties(patch) = &action.action
                && let Ok(more) = apply(&mut incident, patch, &actor, at)
            {
                change.merge(more);
            }
        }
        change
    }

    /// Tries the rule on the alerts of so many rows of their log, before the one of a number. An alert that was updated
    /// has several rows, and stands where its last one stands.
    fn try_alerts(&self, tx: &dyn Read, before: i64, limit: usize, outcome: &mut Outcome) -> Result<()> {
        let since = nanoseconds(self.from);
        let rows = tx.log_rows_back(self.ws.key, Log::SecurityAlert, since, before, limit)?;
        outcome.read += rows.len();
        outcome.rest = rows.last().filter(|_| rows.len() == limit).map(|(number, _)| *number);
        let mut seen = BTreeSet::new();
        for row in rows.iter().filter_map(|(_, text)| json::parse(text).ok()) {
            let Some(id) = row.str_at(&["SystemAlertId"]).map(str::to_lowercase) else { continue };
            let stored: Option<StoredAlert> = decode_some("alert", tx.alert(self.ws.key, &id)?)?;
            let is_latest = |stored: &StoredAlert| stored.is_shown_by(&row, &self.ws.reference);
            let Some(stored) = stored.filter(is_latest).filter(|_| seen.insert(id)) else { continue };
            let at = stored.alert.time_generated.unwrap_or(self.to);
            outcome.back_to = Some(at);
            if at < self.from || at > self.to {
                continue;
            }
            let event =
                Event::new(Happening::AlertCreated, Change::default(), Cause::of(&engine_actor()), at);
            let incident = match &stored.incident {
                Some(name) => decode_some("incident", tx.incident(self.ws.key, name)?)?,
                None => None,
            };
            let matter = Matter::alert(&self.ws, stored.alert, incident);
            if let Some(told) = self.evaluate(tx, &matter, &event, outcome)? {
                outcome.list(told);
            }
        }
        Ok(())
    }

    /// Evaluates the rule; what there is to say of a match.
    fn evaluate(
        &self,
        tx: &dyn Read,
        matter: &Matter,
        event: &Event,
        outcome: &mut Outcome,
    ) -> Result<Option<Object>> {
        outcome.evaluated += 1;
        let prepared = Prepared::new(matter.subject(event, &self.watchlists));
        if let Some(place) = first_unmet(&self.rule, &prepared) {
            *outcome.decided.entry(place).or_default() += 1;
            return Ok(None);
        }
        outcome.matched += 1;
        let decision = evaluate_prepared(&self.rule, &prepared);
        let actions = self.shared.preview(tx, &self.rule, matter, event.at, &mut outcome.found)?;
        for playbook in actions.iter().filter_map(|action| action.str_at(&["playbook"])) {
            *outcome.playbooks.entry(playbook.to_owned()).or_default() += 1;
        }
        let mut told = Object::new();
        if let Some(incident) = matter.incident() {
            told.insert("incident", self.ws.reference.incident_id(&incident.name));
            told.insert("incidentNumber", incident.number);
            told.insert("title", &incident.title);
        }
        if let Matter::Alert { alert, .. } = matter {
            told.insert("alert", &alert.system_alert_id);
            told.insert("title", &alert.display_name);
        }
        told.insert("time", time_text(event.at));
        told.insert("why", decision.why());
        told.insert("actions", Value::array(actions));
        Ok(Some(told))
    }

    fn answer(&self, outcome: Outcome) -> Value {
        let trigger = self.rule.trigger();
        let words: Vec<String> = self.rule.all_conditions().map(Condition::in_words).collect();
        let decided = outcome.decided.iter().map(|(place, count)| {
            Value::object([
                ("condition", Value::from(words.get(*place).map(String::as_str))),
                ("count", Value::from(i64::try_from(*count).unwrap_or(i64::MAX))),
            ])
        });
        let on_alert = trigger == Trigger::ALERT_CREATED;
        let playbooks = outcome.playbooks.iter().map(|(id, runs)| {
            let obstacle = outcome.found.obstacle(id, on_alert);
            let mut playbook = Object::new();
            playbook.insert("id", id);
            playbook.insert("runs", *runs);
            if let Some(obstacle) = obstacle {
                playbook.insert("wouldFail", obstacle.text(id));
            }
            Value::from(playbook)
        });
        let mut answer = Object::new();
        answer.insert("displayName", &self.rule.display_name);
        answer.insert("triggersOn", trigger.on.as_str());
        answer.insert("triggersWhen", trigger.when.as_str());
        answer.insert("from", time_text(self.from));
        answer.insert("to", time_text(self.to));
        answer.insert("evaluated", outcome.evaluated);
        answer.insert("matched", outcome.matched);
        answer.insert("overridden", outcome.overridden);
        answer.insert("isComplete", outcome.rest.is_none() && outcome.unreadable == 0);
        answer.insert("read", outcome.read);
        answer.insert("passedOver", outcome.unreadable);
        answer.insert("notListed", outcome.matched - outcome.matches.len());
        if let Some(rest) = outcome.rest {
            answer.insert("skipToken", rest.to_string());
            answer.insert("lookedBackTo", outcome.back_to.map(time_text));
        }
        answer.insert("basedOn", Value::array(self.based_on(&outcome).into_iter().map(Value::from)));
        answer.insert("matches", Value::array(outcome.matches));
        answer.insert("notMatchedBy", Value::array(decided));
        answer.insert("playbooks", Value::array(playbooks));
        Value::from(answer)
    }

    /// What the answer rests on, in sentences.
    fn based_on(&self, outcome: &Outcome) -> Vec<Text> {
        let mut told = vec![match self.rule.trigger() {
            Trigger::ALERT_CREATED => Text::new_static(
                "Alerts as they are on record now; what a provider or a rule changed after an alert was raised counts.",
            ),
            Trigger::INCIDENT_UPDATED => Text::new_static(
                "Incidents as they stood after each change of theirs, found by undoing their timelines; alerts and \
                 entities as they are on record now.",
            ),
            _ => Text::new_static(
                "Incidents as they stood when they were made, before any rule, found by undoing their timelines; \
                 alerts and entities as they are on record now.",
            ),
        }];
        told.push(Text::new_static(
            "The rule by itself: what other rules did before it in the same event is seen only where it stands in the \
             timeline, and what this rule would have set off is not followed.",
        ));
        told.push(Text::new_static("Playbooks, permissions and watchlists as they are now."));
        // Who asks page by page adds the pages up.
        if self.top.is_none() {
            told.extend(outcome.remarks());
        }
        told
    }
}

impl Outcome {
    /// What was not looked at, or is not listed.
    fn remarks(&self) -> Vec<Text> {
        let mut told = Vec::new();
        if self.unreadable > 0 {
            told.push(Text::from(format!(
                "{} incidents were passed over: their timelines do not go back to their making.",
                self.unreadable
            )));
        }
        let not_listed = self.matched - self.matches.len();
        if not_listed > 0 {
            told.push(Text::from(format!(
                "Only the first {LISTED_MAX} matches are listed; {not_listed} more are counted and not listed."
            )));
        }
        told
    }

    fn list(&mut self, told: Object) {
        if self.matches.len() < LISTED_MAX {
            self.matches.push(Value::from(told));
        }
    }
}
