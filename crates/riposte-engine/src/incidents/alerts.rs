//! The alerts of incidents: read, and related by people and playbooks. How they come in is told in [`super::ingest`].

use super::change::Cause;
use super::find;
use super::view::IncidentView;
use crate::Engine;
use crate::document::{decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Alert, Incident, WorkspaceRef};
use riposte_value::{Object, Value};
use serde::{Deserialize, Serialize};

/// An alert as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAlert {
    pub(crate) alert: Alert,
    /// The name of the incident that it was put into when it came.
    #[serde(default)]
    pub(crate) incident: Option<String>,
    /// The names of those that people and playbooks have put it into since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) related: Vec<String>,
}

impl StoredAlert {
    /// Whether a row of SecurityAlert tells of it as it is now. What its provider tells anew has another time, and what a
    /// rule sets leaves the time and changes the status.
    pub(crate) fn is_shown_by(&self, row: &Value, workspace: &WorkspaceRef) -> bool {
        let latest = self.alert.to_row(workspace);
        ["TimeGenerated", "Status"].iter().all(|name| latest.get(name) == row.get(name))
    }

    /// The names of all incidents that it is in.
    pub(crate) fn incidents(&self) -> impl Iterator<Item = &String> {
        self.incident.iter().chain(&self.related)
    }
}

impl Engine {
    /// The alerts of an incident: `{"value": […]}`.
    pub async fn incident_alerts(&self, ws: &Workspace, incident: &str) -> Result<Value> {
        let view = self.view(ws, incident).await?;
        let alerts = view.alerts.iter().map(|alert| alert.to_arm(&ws.reference));
        Ok(Value::object([("value", Value::array(alerts))]))
    }

    /// The entities of an incident and how many there are of each kind: `{"entities": […], "metaData": […]}`.
    pub async fn incident_entities(&self, ws: &Workspace, incident: &str) -> Result<Value> {
        let view = self.view(ws, incident).await?;
        let mut counts = Object::new();
        for entity in &view.entities {
            let kind = entity.kind.as_str();
            let count = counts.get(kind).and_then(Value::as_i64).unwrap_or(0);
            counts.insert(kind, count + 1);
        }
        let meta = counts.iter().map(|(kind, count)| {
            Value::object([("entityKind", Value::from(kind)), ("count", count.clone())])
        });
        let entities = view.entities.iter().map(|entity| entity.to_arm(&ws.reference));
        Ok(Value::object([("entities", Value::array(entities)), ("metaData", Value::array(meta))]))
    }

    /// The bookmarks of an incident: `{"value": […]}`.
    pub async fn incident_bookmarks(&self, ws: &Workspace, incident: &str) -> Result<Value> {
        let view = self.view(ws, incident).await?;
        Ok(Value::object([("value", Value::array(view.bookmarks))]))
    }

    pub(crate) async fn view(&self, ws: &Workspace, incident: &str) -> Result<IncidentView> {
        let (ws, incident) = (ws.clone(), incident.to_owned());
        self.shared
            .store
            .read(move |tx| {
                Ok(find(tx, ws.key, &incident).and_then(|incident| IncidentView::load(tx, &ws, incident)))
            })
            .await?
    }
}

impl Transaction<'_> {
    /// Puts an alert into an incident; it stays in those that it is in already.
    pub(crate) fn relate_alert(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        alert: &str,
        cause: &Cause,
    ) -> Result<()> {
        let mut stored: StoredAlert =
            decode_some("alert", self.tx.alert(ws.key, alert)?)?.ok_or_else(|| {
                Error::new(
                    crate::ErrorKind::NotFound,
                    "NotFound",
                    format!("Resource '{alert}' does not exist."),
                )
            })?;
        if incident.has_alert(alert) {
            return Ok(());
        }
        let max = self.alerts_max_of(ws, incident);
        if incident.alert_ids.len() >= max {
            return Err(Error::bad_request(format!(
                "Failed to create relation. Incident {} already contains the maximum allowed number of alerts: {max}.",
                incident.name
            )));
        }
        if !stored.incidents().any(|name| name.eq_ignore_ascii_case(&incident.name)) {
            stored.related.push(incident.name.to_string());
            self.tx.put_alert(ws.key, alert, &encode(&stored)?)?;
        }
        let change = incident.add_alert(&stored.alert, &ws.reference, &cause.actor, self.now);
        self.incident_changed(ws, incident, change, cause)
    }

    /// Takes an alert out of an incident.
    pub(crate) fn unrelate_alert(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        alert: &str,
        cause: &Cause,
    ) -> Result<()> {
        let view = IncidentView::load(&*self.tx, ws, incident.clone())?;
        let change = incident.remove_alert(alert, &view.alerts, &ws.reference, &cause.actor, self.now);
        self.forget_relation(ws, incident, alert)?;
        self.incident_changed(ws, incident, change, cause)
    }

    /// Notes with an alert that an incident does not hold it any more.
    fn forget_relation(&mut self, ws: &Workspace, incident: &Incident, alert: &str) -> Result<()> {
        let stored: Option<StoredAlert> = decode_some("alert", self.tx.alert(ws.key, alert)?)?;
        let Some(mut stored) = stored else { return Ok(()) };
        let is_it = |name: &String| name.eq_ignore_ascii_case(&incident.name);
        if !stored.incidents().any(is_it) {
            return Ok(());
        }
        stored.related.retain(|name| !is_it(name));
        if stored.incident.as_ref().is_some_and(is_it) {
            stored.incident = (!stored.related.is_empty()).then(|| stored.related.remove(0));
        }
        self.tx.put_alert(ws.key, alert, &encode(&stored)?).map_err(Error::from)
    }
}
