//! Carrying out a rule that matched: its actions in order, as one change of the incident, with its record in
//! SentinelHealth and in the timeline.
//!
//! As documented, a rule whose first action fails has failed: nothing of it is carried out. When a later action fails the
//! ones after it are carried out all the same, and the rule has succeeded in part.

use super::event::{Event, Happening};
use super::health::Found;
use super::matter::Matter;
use super::obstacle::own_playbook_id;
use super::record::{Failure, Tally};
use super::set::LoadedRule;
use crate::clock::{nanoseconds, new_guid};
use crate::document::{decode_some, encode};
use crate::error::Result;
use crate::incidents::StoredAlert;
use crate::incidents::change::{Cause, TimelineEntry};
use crate::incidents::view::IncidentView;
use crate::runs::TriggeredBy;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{
    Actor, ActorKind, AlertFieldChange, AlertPatch, IncidentPatch, TaskWrite, alert_trigger_body, apply,
    modify_properties_to_arm,
};
use riposte_rules::{
    ActionKind, AutomationRule, Decision, Mode, PlannedAction, plan, property_subject_not_found,
    task_subject_not_found,
};
use riposte_store::Log;
use riposte_value::{Text, Value};
use riposte_workflow::TriggerKind;

/// A rule that matched.
pub(crate) struct Match<'a> {
    pub(crate) ws: &'a Workspace,
    pub(crate) loaded: &'a LoadedRule,
    pub(crate) event: &'a Event,
    /// The rule's id in records.
    pub(crate) rule_id: String,
    /// Who its changes are made by.
    pub(crate) cause: Cause,
}

impl<'a> Match<'a> {
    pub(crate) fn new(ws: &'a Workspace, loaded: &'a LoadedRule, event: &'a Event) -> Self {
        let mut chain = event.chain.clone();
        chain.push(event.link(loaded));
        let actor = Actor::new(ActorKind::AutomationRule, &loaded.rule.display_name);
        Self { ws, loaded, event, rule_id: loaded.resource_id(ws), cause: Cause { actor, chain } }
    }

    pub(crate) fn rule(&self) -> &AutomationRule {
        &self.loaded.rule
    }

    /// Who runs that it starts are started by.
    pub(crate) fn triggered_by(&self) -> TriggeredBy {
        TriggeredBy {
            kind: "AutomationRule".to_owned(),
            name: self.rule().display_name.to_string(),
            id: self.rule().name.to_string(),
        }
    }
}

/// Why an action failed, in Sentinel's words.
type Done = std::result::Result<(), String>;

impl Transaction<'_> {
    /// Carries a rule out; answers the runs that it started.
    pub(crate) fn carry_out_rule(
        &mut self,
        matched: &Match<'_>,
        matter: &mut Matter,
        decision: &Decision,
    ) -> Result<Vec<String>> {
        let rule = matched.rule();
        if rule.mode == Mode::Observe {
            let would = self.shared.preview(&*self.tx, rule, matter, self.now, &mut Found::default())?;
            self.note_match(matched, matter, decision.why(), Some(&would))?;
            self.rule_observed(matched, matter, &would)?;
            return Ok(Vec::new());
        }
        self.note_match(matched, matter, decision.why(), None)?;
        let actions = plan(rule);
        let mut tally = Tally { total: actions.len(), ..Tally::default() };
        for (place, action) in actions.iter().enumerate() {
            match self.carry_out_action(matched, matter, action, &mut tally)? {
                Ok(()) => tally.succeeded += 1,
                Err(text) => {
                    let failure = Failure { index: action.index, kind: action.action.action_type(), text };
                    self.note_failure_of(matched, matter, &failure, &action.action)?;
                    tally.failures.push(failure);
                    if place == 0 {
                        break;
                    }
                }
            }
        }
        let change = std::mem::take(&mut tally.change);
        if let Some(incident) = matter.incident() {
            self.raise(matched.ws, incident, Happening::Updated, change, &matched.cause)?;
        }
        self.record_rule(matched, matter, &tally)?;
        Ok(tally.runs.into_iter().map(|(run, _)| run).collect())
    }

    fn carry_out_action(
        &mut self,
        matched: &Match<'_>,
        matter: &mut Matter,
        action: &PlannedAction,
        tally: &mut Tally,
    ) -> Result<Done> {
        match &action.action {
            ActionKind::ModifyProperties(patch) => self.modify(matched, matter, patch, tally),
            ActionKind::AddIncidentTask { title, description } => {
                let Some(incident) = matter.incident_mut() else {
                    return Ok(Err(task_subject_not_found(title)));
                };
                let write = TaskWrite::new(title, description.clone());
                let task = self.store_task(matched.ws, incident, &new_guid(), write, &matched.cause)?;
                let change = incident.task_added(&task);
                self.write_change(matched.ws, incident, &change, &matched.cause)?;
                tally.change.merge(change);
                Ok(Ok(()))
            }
            ActionKind::UpdateAlert(patch) => self.update_alert(matched, matter, patch),
            ActionKind::RunPlaybook { logic_app_resource_id: id, .. } => {
                match self.start_for_rule(matched, matter, id)? {
                    Ok((run, playbook)) => {
                        tally.runs.extend(run.map(|run| (run, playbook)));
                        Ok(Ok(()))
                    }
                    Err(why) => Ok(Err(why)),
                }
            }
        }
    }

    fn modify(
        &mut self,
        matched: &Match<'_>,
        matter: &mut Matter,
        patch: &IncidentPatch,
        tally: &mut Tally,
    ) -> Result<Done> {
        let Some(incident) = matter.incident_mut() else {
            return Ok(Err(property_subject_not_found(&properties_of(patch))));
        };
        match apply(incident, patch, &matched.cause.actor, self.now) {
            Ok(change) => {
                self.write_change(matched.ws, incident, &change, &matched.cause)?;
                tally.change.merge(change);
                Ok(Ok(()))
            }
            Err(told) => {
                let why: Vec<String> = told.into_iter().map(|diagnostic| diagnostic.message).collect();
                Ok(Err(format!("Could not modify property: {}. {}", properties_of(patch), why.join("; "))))
            }
        }
    }

    /// Changes the alert that the rule was started for.
    fn update_alert(&mut self, matched: &Match<'_>, matter: &mut Matter, patch: &AlertPatch) -> Result<Done> {
        let Matter::Alert { alert, incident, .. } = matter else {
            // The reader takes this action in rules for alerts alone.
            return Ok(Err("Could not update alert. Incident/alert was not found.".to_owned()));
        };
        let id = alert.system_alert_id.to_string();
        let stored: Option<StoredAlert> = decode_some("alert", self.tx.alert(matched.ws.key, &id)?)?;
        let Some(mut stored) = stored else {
            return Ok(Err(format!("Could not update alert: {id}. Incident/alert was not found.")));
        };
        let row_before = stored.alert.to_row(&matched.ws.reference);
        let changes = patch.apply(&mut stored.alert);
        if changes.is_empty() {
            return Ok(Ok(()));
        }
        self.tx.put_alert(matched.ws.key, &id, &encode(&stored)?)?;
        let row = stored.alert.to_row(&matched.ws.reference);
        // Not all that can be set has a column, and a row that tells nothing new would list the alert once more.
        if row != row_before {
            let row = row.to_string();
            self.tx.append_log(matched.ws.key, Log::SecurityAlert, nanoseconds(self.now), &row)?;
        }
        **alert = stored.alert;
        let told: Vec<String> = changes.iter().map(AlertFieldChange::summary).collect();
        let entry = TimelineEntry {
            kind: "incidentUpdated",
            actor: &matched.cause.actor,
            summary: format!("alert {}: {}", alert.display_name, told.join("; ")),
            object: ("alert", &id),
            details: Value::object([(
                "changes",
                riposte_value::json::parse(&encode(&changes)?).unwrap_or_default(),
            )]),
        };
        self.note(matched.ws, incident.as_deref(), &entry)?;
        Ok(Ok(()))
    }

    /// Starts a playbook for a rule, or says in Sentinel's words why not. Answers the run, none where the conditions of the
    /// playbook's trigger are not met, and the playbook's id as it spells it itself.
    fn start_for_rule(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        id: &str,
    ) -> Result<std::result::Result<(Option<String>, String), String>> {
        let (playbook, trigger) = match self.shared.ready(&*self.tx, id, &fits(matter))? {
            Ok(ready) => ready,
            Err(obstacle) => {
                let own = own_playbook_id(&*self.tx, id)?;
                return Ok(Err(obstacle.text(own.as_deref().unwrap_or(id))));
            }
        };
        let (ws, by, chain) = (matched.ws, matched.triggered_by(), matched.cause.chain.clone());
        let body =
            match matter {
                // With what the actions before this one have changed.
                Matter::Incident(view) => IncidentView::load(&*self.tx, ws, view.incident.clone())?
                    .trigger_body(ws, &matched.event.id, matched.event.update()),
                Matter::Alert { alert, .. } => alert_trigger_body(alert, &ws.reference),
            };
        let started = self.start_playbook(ws, matter.incident(), (&playbook, &trigger), body, &by, chain)?;
        if let (Ok(Some(run)), Matter::Incident(view)) = (&started, matter) {
            self.playbook_triggered(ws, Some(&view.incident), "Incident", &playbook.id, Ok(run), &by)?;
        }
        Ok(started.map(|run| (run, playbook.id.clone())))
    }
}

/// Whether a trigger is the one that playbooks for a matter begin with.
pub(crate) fn fits(matter: &Matter) -> impl Fn(&TriggerKind) -> bool + use<> {
    let wanted = match matter {
        Matter::Incident(_) => TriggerKind::SentinelIncident,
        Matter::Alert { .. } => TriggerKind::SentinelAlert,
    };
    move |kind| *kind == wanted
}

/// The properties that a patch sets, in words.
pub(crate) fn properties_of(patch: &IncidentPatch) -> String {
    let arm = modify_properties_to_arm(patch);
    let set = arm.as_object().into_iter().flatten().filter(|(_, value)| !matches!(value, Value::Null));
    let names: Vec<&str> = set.map(|(name, _)| Text::as_str(name)).collect();
    names.join(", ")
}
