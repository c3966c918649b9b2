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
/// Incidents or alerts that are looked at, the latest first.
const LOOKED_AT_MAX: usize = 20_000;
/// Matches that are listed; the ones beyond are counted.
const LISTED_MAX: usize = 1_000;
/// Incidents that are looked at in one reading of the store.
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
}

/// What came of it, as it is gathered.
#[derive(Default)]
struct Outcome {
    evaluated: usize,
    matched: usize,
    overridden: usize,
    /// Incidents whose timeline does not go back to their making.
    unreadable: usize,
    /// Whether there was more in the window than was looked at.
    is_cut: bool,
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
        if from > to {
            return Err(Error::bad_request("the window ends before it begins: `from` is later than `to`"));
        }
        let (key, asked) = (ws.key, rule.watchlists());
        let watchlists = self.shared.store.read(move |tx| Ok(watchlists(tx, key, &asked))).await??;
        let (shared, ws) = (Arc::clone(&self.shared), ws.clone());
        let trial = Arc::new(Trial { shared, ws, rule, from, to, watchlists });
        let outcome = match trial.rule.trigger() {
            Trigger::ALERT_CREATED => trial.on_alerts().await?,
            Trigger::INCIDENT_CREATED | Trigger::INCIDENT_UPDATED => trial.on_incidents().await?,
            _ => return Err(Error::bad_request("nothing starts rules on updated alerts")),
        };
        Ok(trial.answer(outcome))
    }
}

impl Trial {
    /// Tries the rule on each incident of the window, the latest first.
    async fn on_incidents(self: &Arc<Self>) -> Result<Outcome> {
        let (trial, shared) = (Arc::clone(self), Arc::clone(&self.shared));
        let (incidents, is_cut) = shared.store.read(move |tx| Ok(trial.incidents(tx))).await??;
        let mut outcome = Outcome { is_cut, ..Outcome::default() };
        for chunk in incidents.chunks(AT_A_TIME) {
            let (trial, chunk) = (Arc::clone(self), chunk.to_vec());
            let so_far = std::mem::take(&mut outcome);
            outcome = shared
                .store
                .read(move |tx| {
                    let mut outcome = so_far;
                    let tried = chunk.iter().try_for_each(|one| trial.try_on(tx, one, &mut outcome));
                    Ok(tried.map(|()| outcome))
                })
                .await??;
        }
        Ok(outcome)
    }

    /// The incidents that something happened to in the window, and whether there are more.
    fn incidents(&self, tx: &dyn Read) -> Result<(Vec<Incident>, bool)> {
        let created_alone = self.rule.trigger() == Trigger::INCIDENT_CREATED;
        let (mut found, mut visited, mut is_cut, mut failure) = (Vec::new(), 0, false, None);
        // What was changed last before the window had nothing happen to it in the window.
        let changed_since = (nanoseconds(self.from), i64::MAX);
        let list = IncidentList { modified: changed_since, ..IncidentList::default() };
        tx.visit_incidents(self.ws.key, &list, &mut |_, text| {
            visited += 1;
            match decode::<Incident>("incident", text) {
                Err(error) => failure = Some(error),
                // Numbers rise with time: all that come now were made before the window.
                Ok(incident) if created_alone && incident.created < self.from => return false,
                Ok(incident) if incident.created <= self.to => found.push(incident),
                Ok(_) => {}
            }
            is_cut = visited >= LOOKED_AT_MAX;
            failure.is_none() && !is_cut
        })?;
        failure.map_or(Ok((found, is_cut)), Err)
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

    /// Tries the rule on each alert of the window, the latest first.
    async fn on_alerts(self: &Arc<Self>) -> Result<Outcome> {
        let (trial, shared) = (Arc::clone(self), Arc::clone(&self.shared));
        shared
            .store
            .read(move |tx| {
                let mut outcome = Outcome::default();
                Ok(trial.try_alerts(tx, &mut outcome).map(|()| outcome))
            })
            .await?
    }

    fn try_alerts(&self, tx: &dyn Read, outcome: &mut Outcome) -> Result<()> {
        let rows = tx.log_rows(self.ws.key, Log::SecurityAlert, nanoseconds(self.from), LOOKED_AT_MAX)?;
        outcome.is_cut = rows.len() == LOOKED_AT_MAX;
        let mut seen = BTreeSet::new();
        for row in rows.iter().filter_map(|text| json::parse(text).ok()) {
            let Some(id) = row.str_at(&["SystemAlertId"]).map(str::to_lowercase) else { continue };
            if !seen.insert(id.clone()) {
                continue;
            }
            let Some(stored) = decode_some::<StoredAlert>("alert", tx.alert(self.ws.key, &id)?)? else {
                continue;
            };
            let at = stored.alert.time_generated.unwrap_or(self.to);
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
        answer.insert("isComplete", !outcome.is_cut && outcome.unreadable == 0);
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
        if outcome.is_cut {
            told.push(Text::from(format!("Only the latest {LOOKED_AT_MAX} were looked at.")));
        }
        if outcome.unreadable > 0 {
            told.push(Text::from(format!(
                "{} incidents were passed over: their timelines do not go back to their making.",
                outcome.unreadable
            )));
        }
        if outcome.matched > outcome.matches.len() {
            told.push(Text::from(format!("Only the first {LISTED_MAX} matches are listed.")));
        }
        told
    }
}

impl Outcome {
    fn list(&mut self, told: Object) {
        if self.matches.len() < LISTED_MAX {
            self.matches.push(Value::from(told));
        }
    }
}
