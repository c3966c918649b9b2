//! The one way that every change of an incident takes.

use super::parts::{comments_for_row, tasks_of};
use crate::clock::{nanoseconds, time_text};
use crate::document::{decode_some, encode};
use crate::error::Result;
use crate::rules::{Event, Happening};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Actor, ActorKind, Change, Incident, Task, security_incident_row};
use riposte_store::{EventSubject, Log, Part, WorkspaceKey};
use riposte_value::Value;

/// Who changes, and because of what.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) actor: Actor,
    /// The automation rules whose actions led here.
    pub(crate) chain: Vec<String>,
}

impl Cause {
    /// Somebody's own doing.
    pub(crate) fn of(actor: &Actor) -> Self {
        Self { actor: actor.clone(), chain: Vec::new() }
    }
}

/// An entry of an incident's timeline.
pub(crate) struct TimelineEntry<'a> {
    /// `incidentCreated`, `ruleMatched`, ….
    pub(crate) kind: &'static str,
    pub(crate) actor: &'a Actor,
    pub(crate) summary: String,
    /// What it is about: kind and id.
    pub(crate) object: (&'static str, &'a str),
    pub(crate) details: Value,
}

impl Transaction<'_> {
    /// Keeps an incident that was made.
    pub(crate) fn incident_created(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        cause: &Cause,
    ) -> Result<()> {
        self.incidents_created(ws, &[incident], cause)
    }

    /// As [`Self::incident_created`], of several that are not there yet.
    pub(crate) fn incidents_created(
        &mut self,
        ws: &Workspace,
        incidents: &[&Incident],
        cause: &Cause,
    ) -> Result<()> {
        let (mut rows, mut entries) = (Vec::new(), Vec::new());
        for incident in incidents {
            rows.push(self.row_of(ws, incident)?);
            let entry = TimelineEntry {
                kind: "incidentCreated",
                actor: &cause.actor,
                summary: format!(
                    "incident {} created: {} ({})",
                    incident.number, incident.title, incident.severity
                ),
                object: ("incident", &ws.reference.incident_id(&incident.name)),
                details: Value::object([
                    ("severity", Value::from(incident.severity.as_str())),
                    ("alerts", Value::array(incident.alert_ids.iter().map(Value::from))),
                ]),
            };
            entries.push((incident.name.to_lowercase(), timeline_document(self.now, &entry).to_string()));
        }
        self.add_incident_rows(ws.key, incidents)?;
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        self.tx.append_logs(ws.key, Log::SecurityIncident, nanoseconds(self.now), &rows)?;
        self.tx.begin_timelines(ws.key, &entries)?;
        for incident in incidents {
            self.raise(ws, incident, Happening::Created, Change::default(), cause)?;
        }
        Ok(())
    }

    /// Keeps an incident that was changed. A change of nothing leaves no trace.
    pub(crate) fn incident_changed(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        change: Change,
        cause: &Cause,
    ) -> Result<()> {
        self.write_change(ws, incident, &change, cause)?;
        self.raise(ws, incident, Happening::Updated, change, cause)
    }

    /// Keeps a changed incident with its row and its timeline, and raises no event: for those who make one event of
    /// several changes.
    pub(crate) fn write_change(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        change: &Change,
        cause: &Cause,
    ) -> Result<()> {
        if change.is_empty() {
            return Ok(());
        }
        self.keep(ws, incident)?;
        for (kind, part) in parts(change) {
            let details: Value = riposte_value::json::parse(&encode(&part)?).unwrap_or_default();
            let summary = match kind {
                "taskAdded" => self.tasks_summary(ws, incident, &part)?,
                _ => part.summary(),
            };
            self.append_timeline(
                ws,
                incident,
                &TimelineEntry {
                    kind,
                    actor: &cause.actor,
                    summary,
                    object: ("incident", &ws.reference.incident_id(&incident.name)),
                    details,
                },
            )?;
        }
        Ok(())
    }

    /// That tasks were added, by their titles: names are GUIDs, which tell a reader nothing.
    fn tasks_summary(&self, ws: &Workspace, incident: &Incident, change: &Change) -> Result<String> {
        let mut titles = Vec::with_capacity(change.tasks_added.len());
        for name in &change.tasks_added {
            let task = self.tx.part(ws.key, &incident.name, Part::Task, name)?;
            let task: Option<Task> = decode_some("task", task)?;
            titles.push(task.map_or_else(|| name.clone(), |task| task.title));
        }
        let word = if titles.len() == 1 { "task" } else { "tasks" };
        Ok(format!("{word} added: {}", titles.join(", ")))
    }

    /// Writes the incident and its row in SecurityIncident.
    fn keep(&mut self, ws: &Workspace, incident: &Incident) -> Result<()> {
        self.put_incident_row(ws.key, incident)?;
        let row = self.row_of(ws, incident)?;
        Ok(self.tx.append_log(ws.key, Log::SecurityIncident, nanoseconds(self.now), &row)?)
    }

    /// An incident's row in SecurityIncident.
    fn row_of(&self, ws: &Workspace, incident: &Incident) -> Result<String> {
        let comments = comments_for_row(&*self.tx, ws, incident)?;
        let tasks = tasks_of(&*self.tx, ws, incident)?;
        Ok(security_incident_row(incident, &comments, &tasks, &ws.reference, self.now).to_string())
    }

    /// Adds an event, if there are automation rules that it could start.
    pub(crate) fn raise(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        happening: Happening,
        change: Change,
        cause: &Cause,
    ) -> Result<()> {
        if happening == Happening::Updated && !change.triggers_update_rules() {
            return Ok(());
        }
        if !self.shared.has_rules_for(ws.key, happening, self.now) {
            return Ok(());
        }
        let event = Event::new(happening, change, cause.clone(), self.now);
        let subject = EventSubject::incident(ws.key, &incident.name);
        self.tx.add_event(&subject, &encode(&event)?)?;
        self.after.events.push(subject);
        Ok(())
    }

    /// Appends to an incident's timeline.
    pub(crate) fn append_timeline(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        entry: &TimelineEntry<'_>,
    ) -> Result<()> {
        self.append_timeline_at(ws.key, &incident.name, self.now, entry)
    }

    /// As [`Self::append_timeline`], for the incident of a name, and for what happened at another time than the
    /// transaction began.
    pub(crate) fn append_timeline_at(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        at: jiff::Timestamp,
        entry: &TimelineEntry<'_>,
    ) -> Result<()> {
        let doc = timeline_document(at, entry);
        Ok(self.tx.append_timeline(workspace, incident, &doc.to_string())?)
    }
}

/// One write may do several things; each has an entry of its own kind.
fn parts(change: &Change) -> Vec<(&'static str, Change)> {
    let mut rest = change.clone();
    let mut parts = Vec::new();
    let mut part = |kind, part: Change| {
        if !part.is_empty() {
            parts.push((kind, part));
        }
    };
    // What alerts tell anew is one thing with what it changes.
    if rest.alerts_edited.is_empty() {
        let fields = std::mem::take(&mut rest.fields);
        part("incidentUpdated", Change { fields, ..Change::default() });
    }
    let labels_added = std::mem::take(&mut rest.labels_added);
    part("labelAdded", Change { labels_added, ..Change::default() });
    // What tactics came with: new alerts, else what is told anew of old ones.
    if !rest.alerts_added.is_empty() {
        part(
            "alertAdded",
            Change {
                alerts_added: std::mem::take(&mut rest.alerts_added),
                tactics_added: std::mem::take(&mut rest.tactics_added),
                techniques_added: std::mem::take(&mut rest.techniques_added),
                ..Change::default()
            },
        );
    }
    let comments_added = std::mem::take(&mut rest.comments_added);
    part("commentAdded", Change { comments_added, ..Change::default() });
    let tasks_added = std::mem::take(&mut rest.tasks_added);
    part("taskAdded", Change { tasks_added, ..Change::default() });
    let tasks_edited = std::mem::take(&mut rest.tasks_edited);
    part("taskUpdated", Change { tasks_edited, ..Change::default() });
    part("incidentUpdated", rest);
    parts
}

/// `{time, kind, actor, summary, object, details}`.
pub(crate) fn timeline_document(at: jiff::Timestamp, entry: &TimelineEntry<'_>) -> Value {
    Value::object([
        ("time", Value::from(time_text(at))),
        ("kind", Value::from(entry.kind)),
        ("actor", actor_document(entry.actor)),
        ("summary", Value::from(&entry.summary)),
        (
            "object",
            Value::object([("kind", Value::from(entry.object.0)), ("id", Value::from(entry.object.1))]),
        ),
        ("details", entry.details.clone()),
    ])
}

fn actor_document(actor: &Actor) -> Value {
    Value::object([("kind", Value::from(actor.kind.as_str())), ("name", Value::from(&actor.name))])
}

/// The engine itself, where no person, rule or playbook acts.
pub(crate) fn engine_actor() -> Actor {
    Actor::new(ActorKind::Other, "Riposte")
}
