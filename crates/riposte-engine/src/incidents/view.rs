//! An incident with everything that hangs on it, as playbooks and rules see it.

use super::StoredAlert;
use super::parts::comments_of;
use crate::collections::bookmarks_of;
use crate::document::decode_some;
use crate::error::Result;
use crate::workspaces::Workspace;
use riposte_incident::{
    Actor, Alert, Change, Comment, Entity, Incident, IncidentContext, incident_trigger_body, merge_entities,
    read_entities,
};
use riposte_store::Read;
use riposte_value::Value;

/// An incident and what hangs on it.
pub(crate) struct IncidentView {
    pub(crate) incident: Incident,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) entities: Vec<Entity>,
    pub(crate) comments: Vec<Comment>,
    /// As ARM resources.
    pub(crate) bookmarks: Vec<Value>,
}

impl IncidentView {
    pub(crate) fn load(tx: &dyn Read, ws: &Workspace, incident: Incident) -> Result<Self> {
        let mut alerts = Vec::with_capacity(incident.alert_ids.len());
        for id in &incident.alert_ids {
            let stored: Option<StoredAlert> = decode_some("alert", tx.alert(ws.key, id)?)?;
            alerts.extend(stored.map(|stored| stored.alert));
        }
        let mut entities = Vec::new();
        for alert in &alerts {
            merge_entities(&mut entities, read_entities(&alert.entities, &ws.reference.id));
        }
        let comments = comments_of(tx, ws, &incident)?;
        let bookmarks = bookmarks_of(tx, ws, &incident)?;
        Ok(Self { incident, alerts, entities, comments, bookmarks })
    }

    /// The body of the incident trigger.
    pub(crate) fn trigger_body(
        &self,
        ws: &Workspace,
        event: &str,
        change: Option<(&Change, &Actor)>,
    ) -> Value {
        incident_trigger_body(self.context(ws), event, change)
    }

    /// The incident as the connector answers it.
    pub(crate) fn connector_document(&self, ws: &Workspace) -> Value {
        self.context(ws).to_arm()
    }

    fn context<'a>(&'a self, ws: &'a Workspace) -> IncidentContext<'a> {
        IncidentContext {
            workspace: &ws.reference,
            incident: &self.incident,
            alerts: &self.alerts,
            entities: &self.entities,
            comments: &self.comments,
            bookmarks: &self.bookmarks,
        }
    }
}
