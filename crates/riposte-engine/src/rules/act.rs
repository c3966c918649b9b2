//! Carrying out a rule that matched: its actions in order, as one change of the incident, with its record in
//! SentinelHealth and in the timeline.

use super::{Happening, IncidentEvent};
use crate::clock::new_guid;
use crate::error::Result;
use crate::incidents::change::{Cause, TimelineEntry};
use crate::incidents::view::IncidentView;
use crate::playbooks::{NotStartable, Playbook};
use crate::records::{HealthRow, incident_properties};
use crate::runs::{TriggeredBy, playbook_name};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Actor, ActorKind, Change, Incident, TaskWrite, apply};
use riposte_rules::{
    ActionKind, AutomationRule, Decision, PlannedAction, PlaybookFailure, RuleRunStatus, plan,
    playbook_failure,
};
use riposte_store::ResourceKey;
use riposte_value::{Object, Value};
use std::sync::Arc;

/// What a rule's actions came to.
#[derive(Default)]
struct Tally {
    succeeded: usize,
    failures: Vec<String>,
    change: Change,
    /// Started playbooks: run and playbook.
    runs: Vec<(String, String)>,
}

impl Transaction<'_> {
    /// Carries a rule out; answers the runs that it started.
    pub(crate) fn carry_out_rule(
        &mut self,
        ws: &Workspace,
        view: &IncidentView,
        rule: &AutomationRule,
        event: &IncidentEvent,
        decision: &Decision,
    ) -> Result<Vec<String>> {
        let rule_id = ws.reference.resource_id("automationRules", &rule.name);
        let mut incident = view.incident.clone();
        let mut chain = event.chain.clone();
        chain.push(rule.name.to_string());
        let cause = Cause { actor: Actor::new(ActorKind::AutomationRule, &rule.display_name), chain };
        self.append_timeline(
            ws,
            &incident,
            &TimelineEntry {
                kind: "ruleMatched",
                actor: &cause.actor,
                summary: format!("rule {} matched: {}", rule.display_name, decision.why()),
                object: ("automationRule", &rule_id),
                details: Value::object([("order", Value::from(rule.order))]),
            },
        )?;
        let actions = plan(rule);
        let mut tally = Tally::default();
        for action in &actions {
            self.carry_out_action(ws, &mut incident, rule, event, &cause, action, &mut tally)?;
        }
        let change = std::mem::take(&mut tally.change);
        self.raise(ws, &incident, Happening::Updated, change, &cause)?;
        self.record_rule(ws, &incident, rule, &rule_id, event, actions.len(), &tally)?;
        Ok(tally.runs.into_iter().map(|(run, _)| run).collect())
    }

    #[expect(clippy::too_many_arguments, reason = "an action's whole surroundings, used once")]
    fn carry_out_action(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        rule: &AutomationRule,
        event: &IncidentEvent,
        cause: &Cause,
        action: &PlannedAction,
        tally: &mut Tally,
    ) -> Result<()> {
        match &action.action {
            ActionKind::ModifyProperties(patch) => match apply(incident, patch, &cause.actor, self.now) {
                Ok(change) => {
                    self.write_change(ws, incident, &change, cause)?;
                    tally.change.merge(change);
                    tally.succeeded += 1;
                }
                Err(told) => {
                    tally.failures.extend(
                        told.into_iter().map(|d| format!("Could not modify property: {}.", d.message)),
                    );
                }
            },
            ActionKind::AddIncidentTask { title, description } => {
                let write = TaskWrite::new(title, description.clone());
                let task = self.store_task(ws, incident, &new_guid(), write, cause)?;
                let change = incident.task_added(&task);
                self.write_change(ws, incident, &change, cause)?;
                tally.change.merge(change);
                tally.succeeded += 1;
            }
            ActionKind::UpdateAlert(_) => {
                // the reader takes it in rules for alerts alone
                tally
                    .failures
                    .push("Could not update alert: the rule was started for an incident.".to_owned());
            }
            ActionKind::RunPlaybook { logic_app_resource_id: id, .. } => {
                match self.start_for_rule(ws, incident, rule, event, cause, id)? {
                    Ok(run) => {
                        tally.succeeded += 1;
                        tally.runs.extend(run.map(|run| (run, id.to_string())));
                    }
                    Err(why) => {
                        self.playbook_refused(ws, incident, rule, id, &why)?;
                        tally.failures.push(why);
                    }
                }
            }
        }
        Ok(())
    }

    /// Starts a playbook for a rule, or says in Sentinel's words why not. None where the conditions of the playbook's trigger
    /// are not met.
    fn start_for_rule(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        rule: &AutomationRule,
        event: &IncidentEvent,
        cause: &Cause,
        id: &str,
    ) -> Result<std::result::Result<Option<String>, String>> {
        let key = ResourceKey::new(id);
        if !self.shared.may_automate(&key) {
            return Ok(Err(playbook_failure(playbook_name(id), PlaybookFailure::NotFoundOrNoPermission)));
        }
        let playbook = match self.incident_playbook(&key, id)? {
            Ok(playbook) => playbook,
            Err(why) => return Ok(Err(why)),
        };
        let by = TriggeredBy {
            kind: "AutomationRule".to_owned(),
            name: rule.display_name.to_string(),
            id: rule.name.to_string(),
        };
        let body =
            IncidentView::load(&*self.tx, ws, incident.clone())?.trigger_body(ws, &event.id, event.update());
        self.start_playbook(ws, incident, &playbook, body, &by, cause.chain.clone())
    }

    /// The playbook of an id, if it can be started on an incident; else why not, in Sentinel's words.
    pub(crate) fn incident_playbook(
        &mut self,
        key: &ResourceKey,
        id: &str,
    ) -> Result<std::result::Result<Playbook, String>> {
        let refuse = |why: PlaybookFailure| Ok(Err(playbook_failure(playbook_name(id), why)));
        match self.shared.startable(&*self.tx, key)? {
            Err(NotStartable::NotFound) => refuse(PlaybookFailure::NotFoundOrNoPermission),
            Err(NotStartable::Disabled) => refuse(PlaybookFailure::PlaybookDisabled),
            Err(NotStartable::Invalid) => refuse(PlaybookFailure::InvalidTemplate),
            Ok(playbook) if playbook.incident_trigger().is_none() => {
                refuse(PlaybookFailure::UnsupportedTrigger)
            }
            Ok(playbook) => Ok(Ok(playbook)),
        }
    }

    /// Starts a playbook on an incident, with its record in the timeline. None where the conditions of its trigger are not
    /// met; what the trigger fails with is said in its own words.
    pub(crate) fn start_playbook(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        playbook: &Playbook,
        body: Value,
        by: &TriggeredBy,
        chain: Vec<String>,
    ) -> Result<std::result::Result<Option<String>, String>> {
        let program = Arc::clone(&playbook.program);
        let Some(trigger) = playbook.incident_trigger().and_then(|trigger| program.trigger(&trigger.name))
        else {
            return Ok(Err(playbook_failure(playbook.name(), PlaybookFailure::UnsupportedTrigger)));
        };
        let place = (ws.key, incident.name.to_lowercase());
        let run = match self.fire_on_incident(playbook, trigger, body, place, (by.clone(), chain))? {
            Ok(run) => run,
            Err(failure) => return Ok(Err(failure.message)),
        };
        let actor = match by.kind.as_str() {
            "AutomationRule" => Actor::new(ActorKind::AutomationRule, &by.name),
            _ => Actor::new(ActorKind::User, &by.name),
        };
        let Some(run) = run else {
            let entry = TimelineEntry {
                kind: "playbookTriggered",
                actor: &actor,
                summary: format!(
                    "playbook {}: the conditions of its trigger are not met, no run begins",
                    playbook.name()
                ),
                object: ("playbook", &playbook.id),
                details: Value::object([("playbook", Value::from(&playbook.id))]),
            };
            self.append_timeline(ws, incident, &entry)?;
            return Ok(Ok(None));
        };
        self.append_timeline(
            ws,
            incident,
            &TimelineEntry {
                kind: "playbookTriggered",
                actor: &actor,
                summary: format!("playbook {} started by {}", playbook.name(), by.name),
                object: ("run", &run),
                details: Value::object([
                    ("playbook", Value::from(&playbook.id)),
                    ("runId", Value::from(&run)),
                ]),
            },
        )?;
        self.playbook_triggered(ws, incident, &playbook.id, Ok(&run), by)?;
        Ok(Ok(Some(run)))
    }

    /// Records a rule that could not be carried out at all.
    pub(crate) fn rule_failed(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        rule: &AutomationRule,
        event: &IncidentEvent,
        why: &str,
    ) -> Result<()> {
        let rule_id = ws.reference.resource_id("automationRules", &rule.name);
        self.append_timeline(
            ws,
            incident,
            &TimelineEntry {
                kind: "ruleFailed",
                actor: &Actor::new(ActorKind::AutomationRule, &rule.display_name),
                summary: format!("rule {} could not be carried out: {why}", rule.display_name),
                object: ("automationRule", &rule_id),
                details: Value::Null,
            },
        )?;
        let tally = Tally { failures: vec![why.to_owned()], ..Tally::default() };
        self.record_rule(ws, incident, rule, &rule_id, event, plan(rule).len(), &tally)
    }

    /// Notes that a rule could not start a playbook.
    fn playbook_refused(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        rule: &AutomationRule,
        playbook: &str,
        why: &str,
    ) -> Result<()> {
        let by = TriggeredBy {
            kind: "AutomationRule".to_owned(),
            name: rule.display_name.to_string(),
            id: rule.name.to_string(),
        };
        self.append_timeline(
            ws,
            incident,
            &TimelineEntry {
                kind: "ruleFailed",
                actor: &Actor::new(ActorKind::AutomationRule, &rule.display_name),
                summary: why.to_owned(),
                object: ("playbook", playbook),
                details: Value::Null,
            },
        )?;
        self.playbook_triggered(ws, incident, playbook, Err(why), &by)
    }

    /// The rule's row in SentinelHealth. Source: the documented statuses and properties.
    #[expect(clippy::too_many_arguments, reason = "a row's columns, used once")]
    fn record_rule(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        rule: &AutomationRule,
        rule_id: &str,
        event: &IncidentEvent,
        total: usize,
        tally: &Tally,
    ) -> Result<()> {
        let (status, description) = match (tally.succeeded, tally.failures.as_slice()) {
            (_, []) => {
                (RuleRunStatus::Success, "Rule executed successfully, triggering all actions.".to_owned())
            }
            (0, failures) => (RuleRunStatus::Failure, failures.join(" ")),
            (_, failures) => (RuleRunStatus::PartialSuccess, failures.join(" ")),
        };
        let mut properties: Object = incident_properties(ws, incident);
        properties.insert("ActionsTriggeredSuccessfully", tally.succeeded);
        properties.insert("TotalActions", total);
        properties.insert("TriggeredOn", "Incident");
        properties.insert("TriggeredWhen", event.happening.trigger().when.as_str());
        let playbooks = tally.runs.iter().map(|(run, playbook)| {
            Value::object([("RunId", Value::from(run)), ("WorkflowId", Value::from(playbook))])
        });
        properties.insert("TriggeredPlaybooks", Value::array(playbooks));
        self.append_health(
            ws,
            HealthRow {
                operation: "Automation rule run",
                resource_id: rule_id,
                resource_name: &rule.display_name,
                resource_type: "Automation rule",
                resource_kind: "",
                status: status.as_str(),
                description,
                reason: if tally.failures.is_empty() { "" } else { "ActionFailed" },
                properties: Value::from(properties),
            },
        )
    }
}
