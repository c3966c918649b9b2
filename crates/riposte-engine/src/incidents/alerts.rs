//! Alerts: taken in over REST, each into an incident.
//!
//! Without an analytics rule that governs it an alert becomes an incident of its own. Grouping is the rules' matter,
//! and comes with them.

use super::change::Cause;
use super::find;
use super::view::IncidentView;
use crate::Engine;
use crate::access::Caller;
use crate::clock::{nanoseconds, new_guid};
use crate::document::{decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{Actor, ActorKind, Alert, Incident};
use riposte_store::Log;
use riposte_value::{Object, Value};
use serde::{Deserialize, Serialize};

/// An alert as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredAlert {
    pub(crate) alert: Alert,
    /// The name of the incident that it was put into when it came.
    #[serde(default)]
    pub(crate) incident: Option<String>,
}

/// Alerts in one transaction: more of them would hold up everybody else's changes.
const CHUNK: usize = 200;

/// An alert of a request, or its id and what is wrong with it.
type ReadAlert = std::result::Result<Alert, (Value, Vec<Diagnostic>)>;

/// What became of the alerts of a request.
#[derive(Debug, Clone)]
pub struct Ingested {
    /// One answer for each alert, in order: `{systemAlertId, status, incident, error?}`.
    pub items: Vec<Value>,
    /// How many were refused.
    pub rejected: usize,
    /// How many were taken.
    pub accepted: usize,
}

impl Engine {
    /// Takes alerts in: one, a list, or `{"value": […]}`. What is accepted is on disk when this answers; the rest of
    /// the list does not suffer from one that is refused.
    pub async fn ingest_alerts(&self, ws: &Workspace, body: &Value, _caller: &Caller) -> Result<Ingested> {
        let alerts = alerts_of(body)?;
        let read: Vec<_> =
            alerts.iter().map(|value| Alert::read(value).map_err(|told| (id_of(value), told))).collect();
        let mut ingested = Ingested { items: Vec::with_capacity(read.len()), rejected: 0, accepted: 0 };
        let mut left = read.into_iter().peekable();
        while left.peek().is_some() {
            let done = self.ingest_chunk(ws.clone(), left.by_ref().take(CHUNK).collect()).await?;
            ingested.items.extend(done.items);
            ingested.rejected += done.rejected;
            ingested.accepted += done.accepted;
        }
        Ok(ingested)
    }

    async fn ingest_chunk(&self, ws: Workspace, chunk: Vec<ReadAlert>) -> Result<Ingested> {
        self.shared
            .transact(move |t| {
                let mut ingested =
                    Ingested { items: Vec::with_capacity(chunk.len()), rejected: 0, accepted: 0 };
                for alert in chunk {
                    match alert {
                        Ok(alert) => {
                            ingested.items.push(t.take_in(&ws, alert)?);
                            ingested.accepted += 1;
                        }
                        Err((id, told)) => {
                            ingested.items.push(rejection(&id, told));
                            ingested.rejected += 1;
                        }
                    }
                }
                Ok(ingested)
            })
            .await
    }

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
    /// Takes alerts in that this transaction itself has made; one answer for each.
    pub(crate) fn take_in_alerts(&mut self, ws: &Workspace, alerts: Vec<Alert>) -> Result<Vec<Value>> {
        alerts.into_iter().map(|alert| self.take_in(ws, alert)).collect()
    }

    /// Takes one alert in, and answers what became of it.
    fn take_in(&mut self, ws: &Workspace, mut alert: Alert) -> Result<Value> {
        let id = alert.system_alert_id.to_string();
        let known: Option<StoredAlert> = decode_some("alert", self.tx.alert(ws.key, &id)?)?;
        if let Some(known) = known {
            let later = alert.time_generated > known.alert.time_generated;
            let other = Alert { time_generated: known.alert.time_generated, ..alert.clone() } != known.alert;
            let status = if later && other {
                let stored = StoredAlert { alert, incident: known.incident.clone() };
                self.tx.put_alert(ws.key, &id, &encode(&stored)?)?;
                self.append_alert_row(ws, &stored.alert)?;
                "updated"
            } else {
                "duplicate"
            };
            return self.ingest_answer(ws, &id, status, known.incident.as_deref());
        }
        alert.time_generated.get_or_insert(self.now);
        let name = new_guid();
        let stored = StoredAlert { alert, incident: Some(name.clone()) };
        self.tx.put_alert(ws.key, &id, &encode(&stored)?)?;
        self.append_alert_row(ws, &stored.alert)?;
        let number = self.tx.next_incident_number(ws.key)?;
        let incident = Incident::from_alert(&name, number, &stored.alert, None, &ws.reference, self.now);
        let grouping = Actor::new(ActorKind::AlertGrouping, "Alert grouping");
        self.incident_created(ws, &incident, &Cause::of(&grouping))?;
        self.run_attached_playbooks(ws, &stored.alert, Some(&name))?;
        self.raise_alert(ws, &stored.alert, Some(&name))?;
        self.ingest_answer(ws, &id, "created", Some(&name))
    }

    fn append_alert_row(&mut self, ws: &Workspace, alert: &Alert) -> Result<()> {
        let row = alert.to_row(&ws.reference);
        Ok(self.tx.append_log(ws.key, Log::SecurityAlert, nanoseconds(self.now), &row.to_string())?)
    }

    fn ingest_answer(&self, ws: &Workspace, id: &str, status: &str, incident: Option<&str>) -> Result<Value> {
        let incident = match incident {
            None => Value::Null,
            Some(name) => match find(&*self.tx, ws.key, name) {
                Ok(incident) => Value::object([
                    ("id", Value::from(ws.reference.incident_id(&incident.name))),
                    ("incidentNumber", Value::from(incident.number)),
                ]),
                // The incident may have been removed since.
                Err(error) if error.kind == crate::ErrorKind::NotFound => Value::Null,
                Err(error) => return Err(error),
            },
        };
        Ok(Value::object([
            ("systemAlertId", Value::from(id)),
            ("status", Value::from(status)),
            ("incident", incident),
        ]))
    }

    /// Puts an alert into an incident; it stays in those that it is in already.
    pub(crate) fn relate_alert(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        alert: &str,
        cause: &Cause,
    ) -> Result<()> {
        let stored: StoredAlert = decode_some("alert", self.tx.alert(ws.key, alert)?)?.ok_or_else(|| {
            Error::new(crate::ErrorKind::NotFound, "NotFound", format!("Resource '{alert}' does not exist."))
        })?;
        if incident.alert_ids.len() >= riposte_incident::ALERTS_MAX && !incident.has_alert(alert) {
            return Err(Error::bad_request(format!(
                "Incident '{}' has {} alerts already.",
                incident.name,
                riposte_incident::ALERTS_MAX
            )));
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
        let remaining = view.alerts.iter().filter(|known| !known.is_same(alert));
        let change = incident.remove_alert(alert, remaining, &ws.reference, &cause.actor, self.now);
        self.incident_changed(ws, incident, change, cause)
    }
}

/// One alert, a list of them, or `{"value": […]}`.
fn alerts_of(body: &Value) -> Result<Vec<Value>> {
    let list = body.as_array().or_else(|| body.get("value").and_then(Value::as_array));
    match (list, body) {
        (Some(list), _) => Ok(list.to_vec()),
        (None, Value::Object(_)) => Ok(vec![body.clone()]),
        _ => Err(Error::bad_request("an alert is an object; several are a list, or `{\"value\": […]}`")),
    }
}

/// The id of an alert that cannot be read, as far as it can.
fn id_of(value: &Value) -> Value {
    value.get_ignore_case("SystemAlertId").cloned().unwrap_or_default()
}

fn rejection(id: &Value, told: Vec<Diagnostic>) -> Value {
    let error = Error::invalid(told);
    Value::object([
        ("systemAlertId", id.clone()),
        ("status", Value::from("rejected")),
        ("incident", Value::Null),
        (
            "error",
            Value::object([("code", Value::from(error.code)), ("message", Value::from(error.message))]),
        ),
    ])
}
