//! Playbooks started by a person or a program.

use super::begin::{TriggeredBy, playbook_name};
use crate::Engine;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::error::{Error, ErrorKind, Result};
use crate::incidents::find;
use crate::incidents::view::IncidentView;
use crate::workspaces::Workspace;
use riposte_rules::{PlaybookFailure, playbook_failure};
use riposte_store::ResourceKey;
use riposte_value::Value;

impl Engine {
    /// Starts a playbook on an incident; answers the run's name. The run is on disk when this answers.
    pub async fn run_playbook_on_incident(
        &self,
        ws: &Workspace,
        incident: &str,
        playbook: &str,
        caller: &Caller,
    ) -> Result<String> {
        let (ws, incident, id) = (ws.clone(), incident.to_owned(), playbook.to_owned());
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let incident = find(&*t.tx, ws.key, &incident)?;
                let key = ResourceKey::new(&id);
                // Playbooks on incidents are always run by the service account, whoever asks.
                if !t.shared.may_automate(&key) {
                    let why = playbook_failure(playbook_name(&id), PlaybookFailure::NotFoundOrNoPermission);
                    return Err(Error::new(ErrorKind::BadRequest, "PlaybookNotTriggered", why));
                }
                let playbook = t
                    .incident_playbook(&key, &id)?
                    .map_err(|why| Error::new(ErrorKind::BadRequest, "PlaybookNotTriggered", why))?;
                let view = IncidentView::load(&*t.tx, &ws, incident.clone())?;
                let body = view.trigger_body(&ws, &new_guid(), None);
                let started = t.start_playbook(&ws, &incident, &playbook, body, &by, Vec::new())?;
                let unmet = || {
                    format!("The conditions of the trigger of playbook '{}' are not met.", playbook.name())
                };
                started
                    .and_then(|run| run.ok_or_else(unmet))
                    .map_err(|why| Error::new(ErrorKind::BadRequest, "PlaybookNotTriggered", why))
            })
            .await
    }

    /// Waits until a run has ended; at once if it has.
    pub async fn wait_for_run(&self, run: &str) {
        self.shared.wait_for_end(run).await;
    }

    /// The runs that were started for an incident, the oldest first.
    pub async fn incident_runs(&self, ws: &Workspace, incident: &str) -> Result<Vec<Value>> {
        let name = self.incident_name(ws, incident).await?;
        let runs = self.histories_of_incident(ws.key, &name).await?;
        Ok(runs.iter().map(|run| run.to_arm(&self.links(&run.row.id))).collect())
    }

    async fn incident_name(&self, ws: &Workspace, incident: &str) -> Result<String> {
        let (key, incident) = (ws.key, incident.to_owned());
        self.shared.store.read(move |tx| Ok(find(tx, key, &incident).map(|i| i.name.to_string()))).await?
    }
}
