//! Records for people who watch over the automation: SentinelHealth rows, and what a finished playbook leaves in the
//! incident's timeline.

use crate::Engine;
use crate::clock::{nanoseconds, new_guid, time_text};
use crate::error::Result;
use crate::incidents::change::TimelineEntry;
use crate::runs::{Beginning, RunOutcome, TriggeredBy, playbook_name};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_incident::{Actor, ActorKind, Incident};
use riposte_store::{Log, WorkspaceKey};
use riposte_value::{Object, Value, json};

/// Which rows of a log to show.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// `Automation rule`, `Playbook`, …; all without it.
    pub resource_type: Option<String>,
    /// Part of the resource's name or id; all without it.
    pub resource: Option<String>,
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// How many at the most.
    pub top: usize,
}

/// A row of SentinelHealth.
pub(crate) struct HealthRow<'a> {
    pub(crate) operation: &'static str,
    pub(crate) resource_id: &'a str,
    pub(crate) resource_name: &'a str,
    pub(crate) resource_type: &'static str,
    pub(crate) resource_kind: &'a str,
    pub(crate) status: &'static str,
    pub(crate) description: String,
    pub(crate) reason: &'a str,
    pub(crate) properties: Value,
}

impl Transaction<'_> {
    /// Appends a row to SentinelHealth. Source of the columns: the documented table.
    pub(crate) fn append_health(&mut self, ws: &Workspace, row: HealthRow<'_>) -> Result<()> {
        let document = Value::object([
            ("TenantId", Value::from(&ws.reference.id)),
            ("TimeGenerated", Value::from(time_text(self.now))),
            ("OperationName", Value::from(row.operation)),
            ("SentinelResourceId", Value::from(row.resource_id)),
            ("SentinelResourceName", Value::from(row.resource_name)),
            ("Status", Value::from(row.status)),
            ("Description", Value::from(row.description)),
            ("Reason", Value::from(row.reason)),
            ("WorkspaceId", Value::from(&ws.reference.id)),
            ("SentinelResourceType", Value::from(row.resource_type)),
            ("SentinelResourceKind", Value::from(row.resource_kind)),
            ("RecordId", Value::from(new_guid())),
            ("ExtendedProperties", row.properties),
            ("SourceSystem", Value::from("Azure")),
            ("Type", Value::from("SentinelHealth")),
            ("_BilledSize", Value::from(0)),
            ("_IsBillable", Value::from("False")),
        ]);
        Ok(self.tx.append_log(ws.key, Log::SentinelHealth, nanoseconds(self.now), &document.to_string())?)
    }

    /// The row that a playbook was triggered on an incident, an alert or an entity, or could not be.
    pub(crate) fn playbook_triggered(
        &mut self,
        ws: &Workspace,
        incident: Option<&Incident>,
        on: &str,
        playbook: &str,
        run: std::result::Result<&String, &String>,
        by: &TriggeredBy,
    ) -> Result<()> {
        let mut properties = incident.map_or_else(Object::new, |incident| incident_properties(ws, incident));
        properties.insert(
            "TriggeredByName",
            Value::object([("Name", Value::from(&by.name)), ("Kind", Value::from(&by.kind))]),
        );
        properties.insert("TriggeredOn", on);
        let (status, description, reason) = match run {
            Ok(run) => {
                properties.insert("RunId", run);
                ("Success", "Playbook was triggered successfully.".to_owned(), "")
            }
            Err(why) => ("Failure", why.clone(), "PlaybookNotTriggered"),
        };
        self.append_health(
            ws,
            HealthRow {
                operation: "Playbook was triggered",
                resource_id: playbook,
                resource_name: playbook_name(playbook),
                resource_type: "Playbook",
                resource_kind: "",
                status,
                description,
                reason,
                properties: Value::from(properties),
            },
        )
    }

    /// Notes in the incident's timeline that a playbook has come to its end.
    pub(crate) fn playbook_finished(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        beginning: &Beginning,
        run: &str,
        outcome: &RunOutcome,
    ) -> Result<()> {
        if self.tx.incident(workspace, incident)?.is_none() {
            // The incident was removed while the playbook ran.
            return Ok(());
        }
        let name = playbook_name(&beginning.playbook_id);
        let mut summary = format!("playbook {name} {}", outcome.status.as_str().to_lowercase());
        if let Some(error) = &outcome.error {
            summary = format!("{summary}: {}", error.message);
        }
        let took = outcome.end_time.duration_since(beginning.trigger.start).as_millis();
        self.append_timeline_at(
            workspace,
            incident,
            outcome.end_time,
            &TimelineEntry {
                kind: "playbookFinished",
                actor: &Actor::new(ActorKind::Playbook, name),
                summary,
                object: ("run", run),
                details: Value::object([
                    ("playbook", Value::from(&beginning.playbook_id)),
                    ("status", Value::from(outcome.status.as_str())),
                    ("durationMs", Value::from(i64::try_from(took).ok())),
                ]),
            },
        )
    }
}

/// `IncidentName` and `IncidentNumber`, as the documented rows have them.
pub(crate) fn incident_properties(ws: &Workspace, incident: &Incident) -> Object {
    let mut properties = Object::new();
    properties.insert("IncidentName", ws.reference.incident_id(&incident.name));
    properties.insert("IncidentNumber", incident.number.to_string());
    properties
}

impl Engine {
    /// Rows of SentinelHealth, the latest first.
    pub async fn health(&self, ws: &Workspace, query: LogQuery) -> Result<Vec<Value>> {
        self.log(ws, Log::SentinelHealth, query).await
    }

    /// Rows of SecurityIncident, the latest first: one for each change of an incident.
    pub async fn security_incident(&self, ws: &Workspace, query: LogQuery) -> Result<Vec<Value>> {
        self.log(ws, Log::SecurityIncident, query).await
    }

    /// Rows of SecurityAlert, the latest first.
    pub async fn security_alert(&self, ws: &Workspace, query: LogQuery) -> Result<Vec<Value>> {
        self.log(ws, Log::SecurityAlert, query).await
    }

    /// Rows of a log, the latest first, read a few at a time: some are long.
    pub(crate) async fn log(&self, ws: &Workspace, log: Log, query: LogQuery) -> Result<Vec<Value>> {
        let key = ws.key;
        let top = query.top.clamp(1, 10_000);
        let look = move |tx: &dyn riposte_store::Read| {
            let (mut found, mut before) = (Vec::new(), i64::MAX);
            for _ in 0..LOOKED_AT / LOG_CHUNK {
                let rows = tx.log_rows_before(key, log, before, LOG_CHUNK)?;
                let is_last = rows.len() < LOG_CHUNK;
                for (seq, text) in rows {
                    before = seq;
                    let Ok(row) = json::parse(&text) else { continue };
                    if query.is_after(&row) {
                        return Ok(found);
                    }
                    if query.wants(&row) {
                        found.push(row);
                    }
                    if found.len() == top {
                        return Ok(found);
                    }
                }
                if is_last {
                    break;
                }
            }
            Ok(found)
        };
        Ok(self.shared.store.read(look).await?)
    }
}

/// How many rows of a log are read at a time.
const LOG_CHUNK: usize = 200;
/// How many rows are looked at for one answer.
const LOOKED_AT: usize = 200_000;

impl LogQuery {
    /// Whether a row is older than what is asked for: so are all that follow it.
    fn is_after(&self, row: &Value) -> bool {
        let at = row.str_at(&["TimeGenerated"]).and_then(|text| text.parse::<Timestamp>().ok());
        self.since.zip(at).is_some_and(|(since, at)| at < since)
    }

    fn wants(&self, row: &Value) -> bool {
        let has = |name: &str, wanted: &String| {
            row.str_at(&[name]).is_some_and(|text| text.to_lowercase().contains(&wanted.to_lowercase()))
        };
        let of_type = |wanted: &String| has("SentinelResourceType", wanted);
        let of_resource =
            |wanted: &String| has("SentinelResourceName", wanted) || has("SentinelResourceId", wanted);
        self.resource_type.as_ref().is_none_or(of_type) && self.resource.as_ref().is_none_or(of_resource)
    }
}
