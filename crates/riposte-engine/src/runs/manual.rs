//! Playbooks started by a person or a program.

use super::begin::TriggeredBy;
use crate::Engine;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::error::Result;
use crate::incidents::find;
use crate::incidents::view::IncidentView;
use crate::triggers::ByHand;
use crate::workspaces::Workspace;
use riposte_value::Value;
use riposte_workflow::TriggerKind;

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
                let view = IncidentView::load(&*t.tx, &ws, incident.clone())?;
                let body = view.trigger_body(&ws, &new_guid(), None);
                let hand = ByHand { ws: &ws, on: "Incident", incident: Some(&incident), body, by };
                t.start_by_hand(&id, &|kind| *kind == TriggerKind::SentinelIncident, hand)
            })
            .await?
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
