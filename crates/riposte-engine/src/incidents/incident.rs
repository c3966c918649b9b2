//! Incidents themselves: make, replace, read, remove.

use super::change::Cause;
use super::{absent, find};
use crate::access::Caller;
use crate::clock::new_guid;
use crate::document::decode;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{Incident, IncidentPatch, apply, from_arm_put};
use riposte_value::Value;

/// Whether a PUT body can make an incident.
///
/// # Errors
/// What is wrong with it.
pub fn check_new_incident(body: &Value) -> Result<()> {
    let put = from_arm_put(body).map_err(Error::invalid)?;
    let nobody = crate::incidents::change::engine_actor();
    Incident::create("", 0, &put.patch, &nobody, Timestamp::UNIX_EPOCH).map_err(Error::invalid).map(drop)
}

/// What Azure would not have taken of a PUT body.
pub fn incident_remarks(body: &Value) -> Vec<Diagnostic> {
    from_arm_put(body).map(|put| put.warnings).unwrap_or_default()
}

impl Engine {
    /// Makes or replaces an incident. `incident` is its GUID. A stale etag in the body is refused; a body without one
    /// is taken.
    pub async fn put_incident(
        &self,
        ws: &Workspace,
        incident: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<Written> {
        let put = from_arm_put(body).map_err(Error::invalid)?;
        let (ws, name, cause) = (ws.clone(), incident.to_owned(), Cause::of(&caller.actor));
        let asked = caller.precondition.clone();
        self.shared
            .transact(move |t| {
                let Some(text) = t.tx.incident(ws.key, &name)? else {
                    asked.check_put(&name, None, put.etag.as_deref())?;
                    let made = t.create_incident(&ws, &name, &put.patch, &cause)?;
                    return Ok(Written { created: true, resource: made.to_arm(&ws.reference) });
                };
                let mut incident: Incident = decode("incident", &text)?;
                asked.check_put(&incident.name, Some(&incident.etag), put.etag.as_deref())?;
                let change = apply(&mut incident, &put.patch, &cause.actor, t.now).map_err(Error::invalid)?;
                t.incident_changed(&ws, &incident, change, &cause)?;
                Ok(Written { created: false, resource: incident.to_arm(&ws.reference) })
            })
            .await
    }

    /// An incident by its GUID or number.
    pub async fn incident(&self, ws: &Workspace, incident: &str) -> Result<Value> {
        Ok(self.read_incident(ws, incident).await?.to_arm(&ws.reference))
    }

    /// Refuses what could be taken for an incident's number, unless an incident has it as its name.
    ///
    /// # Errors
    /// There is no incident of that name.
    pub async fn check_incident_name(&self, ws: &Workspace, name: &str) -> Result<()> {
        if name.parse::<i64>().is_err() {
            return Ok(());
        }
        let (key, wanted) = (ws.key, name.to_owned());
        match self.shared.store.read(move |tx| tx.incident(key, &wanted)).await? {
            Some(_) => Ok(()),
            None => Err(absent(name)),
        }
    }

    pub(super) async fn read_incident(&self, ws: &Workspace, incident: &str) -> Result<Incident> {
        let (key, incident) = (ws.key, incident.to_owned());
        self.shared.store.read(move |tx| Ok(find(tx, key, &incident))).await?
    }

    /// Removes an incident with its comments, tasks and timeline; whether it was there.
    pub async fn delete_incident(&self, ws: &Workspace, incident: &str, caller: &Caller) -> Result<bool> {
        let (key, name, asked) = (ws.key, incident.to_owned(), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let Some(text) = t.tx.incident(key, &name)? else { return Ok(false) };
                let incident: Incident = decode("incident", &text)?;
                asked.check_delete(&incident.name, &incident.etag)?;
                Ok(t.tx.delete_incident(key, &name)?)
            })
            .await
    }
}

impl Transaction<'_> {
    /// Makes an incident with the next number.
    pub(crate) fn create_incident(
        &mut self,
        ws: &Workspace,
        name: &str,
        patch: &IncidentPatch,
        cause: &Cause,
    ) -> Result<Incident> {
        // A refusal must not use a number up.
        Incident::create(name, 0, patch, &cause.actor, self.now).map_err(Error::invalid)?;
        let number = self.tx.next_incident_number(ws.key)?;
        let at = self.time_of_creation(ws.key, number)?;
        let mut incident = Incident::create(name, number, patch, &cause.actor, at).map_err(Error::invalid)?;
        incident.make_etags_unique(&new_guid());
        self.incident_created(ws, &incident, cause)?;
        Ok(incident)
    }
}
