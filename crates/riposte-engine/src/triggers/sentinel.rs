//! Playbooks with the Sentinel alert and entity triggers, started on an alert or an entity.
//!
//! Bodies as the playbooks of the corpus read them: of an alert its own document in Pascal case with the workspace's
//! coordinates, of an entity `{IncidentArmID, workspaceInfo, workspaceId, Entity}`.

use super::fire::{Fired, Happening};
use super::history::run_of;
use crate::Engine;
use crate::access::Caller;
use crate::document::decode_some;
use crate::error::{Error, ErrorKind, Result};
use crate::incidents::{StoredAlert, find};
use crate::playbooks::Playbook;
use crate::runs::{TriggeredBy, playbook_name};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{alert_trigger_body, entity_trigger_body, read_entities};
use riposte_rules::{PlaybookFailure, playbook_failure};
use riposte_store::{ResourceKey, WorkspaceKey};
use riposte_value::Value;
use riposte_workflow::trigger::{Occurrence, TriggerFailure};
use riposte_workflow::{Trigger, TriggerKind};

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
                let incident = stored.incident.map(|name| (ws.key, name.to_lowercase()));
                t.start_on(&id, |kind| matches!(kind, TriggerKind::SentinelAlert), body, incident, by)
            })
            .await
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
        let (ws, entity, id) = (ws.clone(), entity.clone(), playbook.to_owned());
        let incident = incident.map(str::to_owned);
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let incident = incident.map(|name| find(&*t.tx, ws.key, &name)).transpose()?;
                let entities = read_entities(&Value::array([entity]), &ws.reference.id);
                let entity = entities
                    .first()
                    .ok_or_else(|| Error::bad_request("the entity must have a `kind` and `properties`"))?;
                let body = entity_trigger_body(entity, incident.as_ref(), &ws.reference);
                let (kind, v3) = (entity.kind.as_str().to_owned(), entity.kind.v3().to_owned());
                let key = incident.map(|found| (ws.key, found.name.to_lowercase()));
                let fits = |trigger: &TriggerKind| match trigger {
                    TriggerKind::SentinelEntity { entity } => {
                        is_same_kind(entity, &kind) || is_same_kind(entity, &v3)
                    }
                    _ => false,
                };
                t.start_on(&id, fits, body, key, by)
            })
            .await
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

impl Transaction<'_> {
    /// Lets a playbook's incident trigger fire; the run that begins, none where its conditions are not met.
    pub(crate) fn fire_on_incident(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        body: Value,
        incident: (WorkspaceKey, String),
        (by, chain): (TriggeredBy, Vec<String>),
    ) -> Result<std::result::Result<Option<String>, TriggerFailure>> {
        let outputs = Value::object([("body", body)]);
        let happening = Happening {
            by,
            chain,
            incident: Some(incident),
            is_acknowledged: true,
            ..Happening::of(trigger, Occurrence::with_outputs(outputs))
        };
        Ok(match self.fire(playbook, trigger, &happening)? {
            Fired::Runs(runs) => Ok(runs.into_iter().next()),
            Fired::Skipped => Ok(None),
            Fired::Failed(failure) => Err(failure),
            Fired::Full => Err(super::timer::full(playbook)),
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
        match self.start_on(playbook, fits, body, incident, by) {
            Ok(run) => Ok(Ok(Some(run).filter(|run| !run.is_empty()))),
            Err(error) if matches!(error.kind, ErrorKind::BadRequest | ErrorKind::TooManyRequests) => {
                Ok(Err(error.message))
            }
            Err(error) => Err(error),
        }
    }

    fn start_on(
        &mut self,
        id: &str,
        fits: impl Fn(&TriggerKind) -> bool,
        body: Value,
        incident: Option<(WorkspaceKey, String)>,
        by: TriggeredBy,
    ) -> Result<String> {
        let key = ResourceKey::new(id);
        let refused = |why: PlaybookFailure| {
            let why = playbook_failure(playbook_name(id), why);
            Error::new(ErrorKind::BadRequest, "PlaybookNotTriggered", why)
        };
        // Playbooks are run by the service account, whoever asks.
        if !self.shared.may_automate(&key) {
            return Err(refused(PlaybookFailure::NotFoundOrNoPermission));
        }
        let playbook = self.shared.startable(&*self.tx, &key)?.map_err(|why| {
            refused(match why {
                crate::playbooks::NotStartable::NotFound => PlaybookFailure::NotFoundOrNoPermission,
                crate::playbooks::NotStartable::Disabled => PlaybookFailure::PlaybookDisabled,
                crate::playbooks::NotStartable::Invalid => PlaybookFailure::InvalidTemplate,
            })
        })?;
        let program = std::sync::Arc::clone(&playbook.program);
        let trigger = program.triggers().iter().find(|trigger| fits(&trigger.kind));
        let trigger = trigger.ok_or_else(|| refused(PlaybookFailure::UnsupportedTrigger))?;
        let outputs = Value::object([("body", body)]);
        let mut happening = Happening::of(trigger, Occurrence::with_outputs(outputs));
        happening.by = by;
        happening.incident = incident;
        run_of(self.fire(&playbook, trigger, &happening)?)
    }
}
