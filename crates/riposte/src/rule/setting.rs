//! What `riposte rule test` evaluates rules on: an incident or an alert, what changed, the watchlists, the time.

use crate::exit::{Exit, Problem};
use crate::input;
use crate::playbook::World;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{Actor, ActorKind, Alert, Change, Entity, apply, from_arm_put, read_entities, same};
use riposte_rules::{AutomationRule, Subject, Trigger, TriggersOn, Watchlist, Watchlists};
use riposte_value::{Object, Text, Value, json};
use std::path::Path;
use std::sync::Arc;

/// What happened.
pub(super) enum Happened {
    /// To an incident.
    Incident {
        /// The incident with what hangs on it.
        world: Box<World>,
        /// What changed; none if it was made.
        change: Option<Box<Change>>,
    },
    /// An alert was raised.
    Alert {
        /// The one alert.
        alert: Box<[Alert; 1]>,
        /// Its entities.
        entities: Vec<Entity>,
    },
}

/// What rules are evaluated on.
pub(super) struct Setting {
    pub(super) happened: Happened,
    pub(super) actor: Actor,
    pub(super) watchlists: Watchlists,
    pub(super) now: Timestamp,
}

impl Setting {
    /// What happened, as rules ask for it.
    pub(super) const fn trigger(&self) -> Trigger {
        match &self.happened {
            Happened::Incident { change: None, .. } => Trigger::INCIDENT_CREATED,
            Happened::Incident { change: Some(_), .. } => Trigger::INCIDENT_UPDATED,
            Happened::Alert { .. } => Trigger::ALERT_CREATED,
        }
    }

    /// What a rule looks at. A rule for alerts that is tried on an incident looks at the incident's alerts.
    pub(super) fn subject(&self, rule: &AutomationRule) -> Subject<'_> {
        let about_alert = rule.triggers_on == TriggersOn::Alerts;
        let surroundings =
            Subject { now: Some(self.now), watchlists: Some(&self.watchlists), ..Subject::default() };
        match &self.happened {
            Happened::Incident { world, change } => Subject {
                incident: (!about_alert).then_some(&world.incident),
                alerts: &world.alerts,
                entities: &world.entities,
                change: change.as_deref(),
                updated_by: change.as_ref().map(|_| &self.actor),
                ..surroundings
            },
            Happened::Alert { alert, entities } => {
                Subject { alerts: alert.as_slice(), entities, ..surroundings }
            }
        }
    }
}

/// An incident in a file, made, or changed as another file says: the incident as it was, or the change itself.
pub(super) fn incident(
    file: &Path,
    before: Option<&Path>,
    change: Option<&Path>,
    actor: &Actor,
    now: Timestamp,
) -> Result<Happened, Problem> {
    let (world, value) = read_incident(file, now)?;
    let change = match (before, change) {
        (Some(before), _) => Some(difference(before, &value, actor, now)?),
        (None, Some(change)) => Some(read_change(change)?),
        (None, None) => None,
    };
    Ok(Happened::Incident { world: Box::new(world), change: change.map(Box::new) })
}

/// An alert in a file.
pub(super) fn alert(file: &Path, now: Timestamp) -> Result<Happened, Problem> {
    let value = input::value(file)?;
    let one = match value.as_array() {
        Some([one]) => one.clone(),
        Some(_) => {
            let told = Diagnostic::error("BadRequest", "the file holds a list; give one alert");
            return Err(unreadable(file, vec![told]));
        }
        None => value,
    };
    let alert = Alert::read(&one).map_err(|diagnostics| unreadable(file, diagnostics))?;
    // the workspace only gives entities their ids, and no condition asks for those
    let world = World::sample(now).map_err(|diagnostics| unreadable(file, diagnostics))?;
    let entities = read_entities(&alert.entities, &world.workspace.id);
    Ok(Happened::Alert { alert: Box::new([alert]), entities })
}

fn read_incident(file: &Path, now: Timestamp) -> Result<(World, Value), Problem> {
    let value = input::value(file)?;
    let world = World::of_incident(&value, now).map_err(|diagnostics| unreadable(file, diagnostics))?;
    Ok((world, value))
}

fn unreadable(file: &Path, diagnostics: Vec<Diagnostic>) -> Problem {
    let shown = file.display().to_string();
    Problem { exit: Exit::Usage, diagnostics: diagnostics.into_iter().map(|d| d.in_file(&shown)).collect() }
}

/// What changed between two states of an incident.
fn difference(before: &Path, after: &Value, actor: &Actor, now: Timestamp) -> Result<Change, Problem> {
    let (world, _) = read_incident(before, now)?;
    let mut incident = world.incident;
    let object = after.get_ignore_case("object").unwrap_or(after);
    let changed = from_arm_put(object).and_then(|put| apply(&mut incident, &put.patch, actor, now));
    let mut change = changed.map_err(|diagnostics| unreadable(before, diagnostics))?;
    let told = World::of_incident(after, now).map_err(|diagnostics| unreadable(before, diagnostics))?;
    let added =
        |alert: &&Alert| !world.alerts.iter().any(|held| same(&held.system_alert_id, &alert.system_alert_id));
    change.alerts_added =
        told.alerts.iter().filter(added).map(|alert| alert.system_alert_id.clone()).collect();
    let tactics = told.incident.tactics.iter().filter(|tactic| !incident.tactics.contains(tactic));
    change.tactics_added = tactics.cloned().collect();
    Ok(change)
}

/// A change in a file: `{"fields": [{"property", "old", "new"}], "labelsAdded": […], …}`.
fn read_change(file: &Path) -> Result<Change, Problem> {
    const LISTS: [&str; 4] = ["alertsAdded", "labelsAdded", "tacticsAdded", "commentsAdded"];
    let value = input::value(file)?;
    let refuse = |message: String| {
        let help = "a change is such as {\"fields\": [{\"property\": \"Severity\", \"old\": \"Low\", \"new\": \"High\"}], \
                    \"labelsAdded\": [\"vip\"]}";
        unreadable(file, vec![Diagnostic::error("BadRequest", message).help(help)])
    };
    let Some(object) = value.as_object() else { return Err(refuse("a change is an object".to_owned())) };
    if let Some(name) = object.keys().find(|name| *name != "fields" && !LISTS.contains(&name.as_str())) {
        return Err(refuse(format!(
            "`{name}` is not known of a change; known are `fields` and {}",
            LISTS.join(", ")
        )));
    }
    serde_json::from_str(&json::to_string(&value)).map_err(|error| refuse(error.to_string()))
}

/// The aliases of the watchlists in a file.
pub(super) fn aliases(file: &Path) -> Result<Vec<Text>, Problem> {
    watchlists(file)?;
    Ok(input::value(file)?.as_object().into_iter().flat_map(Object::keys).cloned().collect())
}

/// Watchlists in a file: `{alias: {"searchKey", "rows": [{column: value}]}}`, or the rows alone, whose first column is the
/// search key then.
pub(super) fn watchlists(file: &Path) -> Result<Watchlists, Problem> {
    let value = input::value(file)?;
    let mut lists = Watchlists::default();
    let mut told = Vec::new();
    for (alias, given) in value.as_object().into_iter().flatten() {
        let rows = given.get_ignore_case("rows").unwrap_or(given).as_array();
        let rows: Option<Vec<&Object>> = rows.and_then(|rows| rows.iter().map(Value::as_object).collect());
        let Some(rows) = rows else {
            let message = format!("watchlist `{alias}` needs `rows`: a list of objects");
            told.push(Diagnostic::error("BadRequest", message).at(format!("$.{alias}")));
            continue;
        };
        let first = || rows.first().and_then(|row| row.keys().next()).map(Text::as_str);
        let key = given.get_ignore_case("searchKey").and_then(Value::as_str).or_else(first);
        lists.insert(alias, Arc::new(Watchlist::from_rows(key.unwrap_or_default(), rows.iter().copied())));
    }
    if value.as_object().is_none() {
        told.push(Diagnostic::error("BadRequest", "watchlists are an object of lists by alias"));
    }
    if told.is_empty() { Ok(lists) } else { Err(unreadable(file, told)) }
}

/// Who changed the incident: a source as the condition `IncidentUpdatedBySource` names it.
pub(super) fn actor(source: &str) -> Result<Actor, Problem> {
    let kind = ActorKind::from_source(source).ok_or_else(|| {
        let message = format!("`{source}` is no source of changes");
        let help = format!("one of {}", <ActorKind as riposte_incident::Name>::allowed());
        Problem::usage(Diagnostic::error("BadRequest", message).help(help))
    })?;
    Ok(Actor::new(kind, kind.label()))
}
