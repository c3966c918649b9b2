//! Whose incidents an operation may touch.

use super::Requester;
use crate::error::{Error, ErrorKind, Result};
use crate::incidents::find_named;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::Incident;
use riposte_store::ResourceKey;

const INCIDENTS: &str = "/providers/microsoft.securityinsights/incidents/";

impl Transaction<'_> {
    /// The incident of an ARM id, for a playbook's run.
    pub(super) fn incident_by_arm_id(
        &mut self,
        requester: &Requester<'_>,
        id: &str,
    ) -> Result<(Workspace, Incident)> {
        let key = ResourceKey::new(id);
        let (workspace, rest) = key
            .as_str()
            .split_once(INCIDENTS)
            .ok_or_else(|| Error::bad_request(format!("`{id}` is not the ARM id of an incident")))?;
        let name = rest.split('/').next().unwrap_or_default();
        let ws = self.workspace_of_arm_id(requester, workspace)?;
        let incident = find_named(&*self.tx, ws.key, name)?;
        Ok((ws, incident))
    }

    /// The workspace of an ARM id, for a playbook's run.
    pub(super) fn workspace_of_arm_id(&mut self, requester: &Requester<'_>, id: &str) -> Result<Workspace> {
        let row = self.tx.workspace_by_resource(&ResourceKey::new(id))?;
        let row = row.ok_or_else(|| Error::resource_not_found(id))?;
        let ws = self.shared.workspace_of(&*self.tx, row.key)?;
        permit(requester, ws)
    }

    /// The workspace that a path names by its GUID or its name.
    pub(super) fn workspace_by_name(
        &mut self,
        requester: &Requester<'_>,
        guid_or_name: &str,
    ) -> Result<Workspace> {
        let rows = self.tx.workspaces_by_name(guid_or_name)?;
        // Where resource groups share a name, the run's own workspace is meant.
        let own = rows.iter().find(|row| Some(row.key) == requester.workspace);
        let row = own.or(rows.first()).ok_or_else(|| Error::not_found("Workspace", guid_or_name))?;
        let ws = self.shared.workspace_of(&*self.tx, row.key)?;
        permit(requester, ws)
    }
}

/// A run that was started for an incident reaches that incident's workspace and no other: one tenant's playbook must
/// not write into another's incidents because somebody put their id into a title. A run without an incident reaches
/// none.
fn permit(requester: &Requester<'_>, ws: Workspace) -> Result<Workspace> {
    match requester.workspace {
        Some(own) if own == ws.key => Ok(ws),
        _ => Err(Error::new(
            ErrorKind::Forbidden,
            "AuthorizationFailed",
            format!(
                "The playbook '{}' was not started for an incident of the workspace '{}'.",
                requester.actor.name, ws.reference.name
            ),
        )),
    }
}
