//! Playbooks with the Sentinel alert and entity triggers, started on an alert or an entity.
//!
//! Bodies as the playbooks of the corpus read them: of an alert its own document in Pascal case with the workspace's
//! coordinates, of an entity `{IncidentArmID, workspaceInfo, workspaceId, Entity}`.

use super::fire::{Fired, Happening};
use crate::Engine;
use crate::access::Caller;
use crate::document::decode_some;
use crate::error::{Error, ErrorKind, Result};
use crate::incidents::{StoredAlert, find};
use crate::playbooks::Playbook;
use crate::rules::Obstacle;
use crate::runs::TriggeredBy;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{
    Entity, EntityKind, Incident, alert_trigger_body, entity_trigger_body, read_entities,
};
use riposte_rules::{PlaybookFailure, playbook_failure};
use riposte_store::WorkspaceKey;
use riposte_value::Value;
use riposte_workflow::trigger::Occurrence;
use riposte_workflow::{Trigger, TriggerKind};
use std::sync::Arc;

impl Engine {
    /// Starts a playbook on an alert; answers the run's name.
    pub async fn run_playbook_on_alert(
        &self,
        ws: &Workspace,
        alert: &str,
        playbook: &str,
        caller: &Caller,
    ) -> Result<String> {
        let (ws, alert, id) = (ws.clone(), alert.to_owned(), playbook.to_owned());
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let stored: Option<StoredAlert> = decode_some("alert", t.tx.alert(ws.key, &alert)?)?;
                let stored = stored.ok_or_else(|| Error::not_found("Alert", &alert))?;
                let body = alert_trigger_body(&stored.alert, &ws.reference);
                // The incident may have been removed since.
                let incident = stored.incident.and_then(|name| find(&*t.tx, ws.key, &name).ok());
                let hand = ByHand { ws: &ws, on: "Alert", incident: incident.as_ref(), body, by };
                t.start_by_hand(&id, &|kind| matches!(kind, TriggerKind::SentinelAlert), hand)
            })
            .await?
    }

    /// Starts a playbook on an entity, given as ARM shows it (`{kind, properties}`), of an incident if it belongs to one; answers the
    /// run's name.
    pub async fn run_playbook_on_entity(
        &self,
        ws: &Workspace,
        entity: &Value,
        incident: Option<&str>,
        playbook: &str,
        caller: &Caller,
    ) -> Result<String> {
        let entities = read_entities(&Value::array([entity.clone()]), &ws.reference.id);
        let entity = entities
            .into_iter()
            .next()
            .ok_or_else(|| Error::bad_request("the entity must have a `kind` and `properties`"))?;
        self.start_on_entity(ws, entity, incident, playbook, caller).await
    }

    /// As [`Self::run_playbook_on_entity`], for an entity that is known.
    pub(crate) async fn start_on_entity(
        &self,
        ws: &Workspace,
        entity: Entity,
        incident: Option<&str>,
        playbook: &str,
        caller: &Caller,
    ) -> Result<String> {
        let (ws, id) = (ws.clone(), playbook.to_owned());
        let incident = incident.map(str::to_owned);
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let incident = incident.map(|name| find(&*t.tx, ws.key, &name)).transpose()?;
                let body = entity_trigger_body(&entity, incident.as_ref(), &ws.reference);
                let hand = ByHand { ws: &ws, on: "Entity", incident: incident.as_ref(), body, by };
                t.start_by_hand(&id, &|trigger| is_for(trigger, &entity.kind), hand)
            })
            .await?
    }
}

/// Whether a trigger is for entities of a kind.
pub(crate) fn is_for(trigger: &TriggerKind, kind: &EntityKind) -> bool {
    match trigger {
        TriggerKind::SentinelEntity { entity } => {
            is_same_kind(entity, kind.as_str()) || is_same_kind(entity, kind.v3())
        }
        _ => false,
    }
}

/// Whether the name in a trigger's path means entities of a kind: `UrlEntity` is `Url`, `DNS` is `DnsResolution`.
fn is_same_kind(path: &str, kind: &str) -> bool {
    let plain = |text: &str| {
        let text = text.to_ascii_lowercase();
        let text = text.strip_suffix("entity").map(str::to_owned).unwrap_or(text);
        if text == "dns" { "dnsresolution".to_owned() } else { text }
    };
    plain(path) == plain(kind)
}

/// What a playbook is started on by hand.
pub(crate) struct ByHand<'a> {
    pub(crate) ws: &'a Workspace,
    /// `Incident`, `Alert` or `Entity`.
    pub(crate) on: &'static str,
    /// The incident that it is or belongs to.
    pub(crate) incident: Option<&'a Incident>,
    /// What the trigger gives.
    pub(crate) body: Value,
    pub(crate) by: TriggeredBy,
}

impl Transaction<'_> {
    /// Lets a Sentinel trigger of a playbook fire; the run that begins, none where its conditions are not met, or why it
    /// failed.
    pub(crate) fn fire_sentinel(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        body: Value,
        incident: Option<(WorkspaceKey, String)>,
        (by, chain): (TriggeredBy, Vec<String>),
    ) -> Result<std::result::Result<Option<String>, String>> {
        let outputs = Value::object([("body", body)]);
        let happening = Happening {
            by,
            chain,
            incident,
            // What waits for its turn is not lost, unless the playbook itself says how many may wait.
            is_acknowledged: !bounds_waiting(trigger),
            ..Happening::of(trigger, Occurrence::with_outputs(outputs))
        };
        Ok(match self.fire(playbook, trigger, &happening)? {
            Fired::Runs(runs) => Ok(runs.into_iter().next()),
            Fired::Skipped => Ok(None),
            Fired::Failed(failure) => Err(failure.message.clone()),
            Fired::Full => Err(playbook_failure(playbook.name(), PlaybookFailure::WorkflowThrottled)),
        })
    }

    /// Starts a playbook on an alert for somebody who waits for no answer; the run, none where the conditions of the
    /// trigger are not met, or why it could not be started.
    pub(crate) fn start_on_alert(
        &mut self,
        playbook: &str,
        body: Value,
        incident: Option<(WorkspaceKey, String)>,
        by: TriggeredBy,
    ) -> Result<std::result::Result<Option<String>, String>> {
        let fits = |kind: &TriggerKind| matches!(kind, TriggerKind::SentinelAlert);
        let id = playbook;
        match self.shared.ready(&*self.tx, id, &fits)? {
            Err(obstacle) => Ok(Err(obstacle.text(id))),
            Ok((playbook, trigger)) => {
                let program = Arc::clone(&playbook.program);
                match program.trigger(&trigger) {
                    Some(trigger) => self.fire_sentinel(&playbook, trigger, body, incident, (by, Vec::new())),
                    None => Ok(Err(Obstacle::WrongTrigger.text(id))),
                }
            }
        }
    }

    /// Starts a playbook by hand; the run that begins, or why there is none. Either is on record.
    pub(crate) fn start_by_hand(
        &mut self,
        id: &str,
        fits: &dyn Fn(&TriggerKind) -> bool,
        hand: ByHand<'_>,
    ) -> Result<std::result::Result<String, Error>> {
        let ByHand { ws, on, incident, body, by } = hand;
        let started = match self.shared.ready(&*self.tx, id, fits)? {
            Err(obstacle) => Err(obstacle.text(id)),
            Ok((playbook, trigger)) => {
                let started =
                    self.start_playbook(ws, incident, (&playbook, &trigger), body, &by, Vec::new())?;
                let unmet = || {
                    format!("The conditions of the trigger of playbook '{}' are not met.", playbook.name())
                };
                started.and_then(|run| run.ok_or_else(unmet))
            }
        };
        self.playbook_triggered(ws, incident, on, id, started.as_ref(), &by)?;
        Ok(started.map_err(|why| Error::new(ErrorKind::BadRequest, "PlaybookNotTriggered", why)))
    }
}

/// Whether a trigger's definition says how many runs may wait for others to end.
fn bounds_waiting(trigger: &Trigger) -> bool {
    let bound = ["runtimeConfiguration", "concurrency", "maximumWaitingRuns"];
    bound.iter().try_fold(&trigger.definition, |value, name| value.get_ignore_case(name)).is_some()
}
