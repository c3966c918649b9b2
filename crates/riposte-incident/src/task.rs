//! Tasks of incidents.

use crate::actor::Actor;
use crate::change::Change;
use crate::fields::Fields;
use crate::incident::{Incident, etag, next_etag, unquote};
use crate::json::{object, time};
use crate::names::TaskStatus;
use crate::time::truncate;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// How many tasks Azure keeps on one incident.
pub const TASKS_MAX: usize = 40;

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The name that ends its ARM id.
    pub name: Text,
    /// How many times it was written; the etag is made from it.
    pub revision: u64,
    /// What a writer must have seen to write; without quotation marks.
    pub etag: Text,
    /// What to do.
    pub title: Text,
    /// More about it; may hold HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// Where it stands.
    pub status: TaskStatus,
    /// Who made it.
    pub created_by: Actor,
    /// When it was made.
    pub created: Timestamp,
    /// Who changed it last.
    pub last_modified_by: Actor,
    /// When it was last changed.
    pub last_modified: Timestamp,
}

/// What a write asks of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskWrite {
    /// What to do.
    pub title: Text,
    /// More about it.
    pub description: Option<Text>,
    /// Where it stands.
    pub status: TaskStatus,
    /// The etag that the writer saw, without quotation marks.
    pub etag: Option<Text>,
}

impl TaskWrite {
    /// A task to do.
    pub fn new(title: impl AsRef<str>, description: Option<Text>) -> Self {
        Self { title: Text::new(title), description, status: TaskStatus::New, etag: None }
    }

    /// Reads a PUT body (`{"properties": {title, status, description?}}`).
    ///
    /// # Errors
    /// Every wrong type, wrong name and missing `title` or `status`.
    pub fn from_arm(body: &Value) -> Result<Self, Vec<Diagnostic>> {
        let mut told = Vec::new();
        let envelope = Fields::of(body, "$", &mut told);
        let etag = envelope.as_ref().and_then(|envelope| envelope.text("etag", &mut told));
        let fields = envelope.and_then(|envelope| envelope.required_object("properties", &mut told));
        let read = fields.and_then(|fields| {
            let title = fields.required_text("title", &mut told);
            let description = fields.text("description", &mut told);
            let status = fields.required_name("status", &mut told);
            let etag = etag.map(|etag| Text::new(unquote(&etag))).filter(|etag| !etag.is_empty());
            Some(Self { title: title?, description, status: status?, etag })
        });
        match read {
            Some(write) if !has_errors(&told) => Ok(write),
            _ => Err(told),
        }
    }

    /// The incident's ARM id and the task in a body of the connector (`{incidentArmId, taskTitle, taskDescription?}`).
    ///
    /// # Errors
    /// A missing id or title, and wrong types.
    pub fn from_connector(body: &Value) -> Result<(Text, Self), Vec<Diagnostic>> {
        let mut told = Vec::new();
        let read = Fields::of(body, "$", &mut told).and_then(|fields| {
            let id = fields.required_text("incidentArmId", &mut told);
            let title = fields.required_text("taskTitle", &mut told);
            let description = fields.text("taskDescription", &mut told);
            Some((id?, Self::new(title?, description)))
        });
        match read {
            Some(read) if !has_errors(&told) => Ok(read),
            _ => Err(told),
        }
    }
}

impl Task {
    /// A new task.
    pub fn new(name: impl AsRef<str>, write: TaskWrite, actor: &Actor, at: Timestamp) -> Self {
        let at = truncate(at);
        Self {
            name: Text::new(name),
            revision: 1,
            etag: etag(1, at),
            title: write.title,
            description: write.description,
            status: write.status,
            created_by: actor.clone(),
            created: at,
            last_modified_by: actor.clone(),
            last_modified: at,
        }
    }

    /// Makes a new task's etags its own, as [`Incident::make_etags_unique`] does an incident's.
    pub fn make_etags_unique(&mut self, random: &str) {
        self.etag = next_etag(random, self.revision);
    }

    /// Changes it as a write says. Returns whether anything changed.
    pub fn write(&mut self, write: TaskWrite, actor: &Actor, at: Timestamp) -> bool {
        let same =
            self.title == write.title && self.description == write.description && self.status == write.status;
        if same {
            return false;
        }
        let at = truncate(at);
        self.title = write.title;
        self.description = write.description;
        self.status = write.status;
        self.revision = self.revision.saturating_add(1);
        self.etag = next_etag(&self.etag, self.revision);
        self.last_modified = at;
        self.last_modified_by = actor.clone();
        true
    }

    /// Whether a writer who names this etag (with or without quotation marks) has seen the task as it stands.
    pub fn etag_is(&self, given: &str) -> bool {
        self.etag == unquote(given)
    }

    /// The ARM resource.
    pub fn to_arm(&self, workspace: &WorkspaceRef, incident: &str) -> Value {
        object([
            ("id", format!("{}/Tasks/{}", workspace.incident_id(incident), self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{}\"", self.etag).into()),
            ("type", "Microsoft.SecurityInsights/Incidents/Tasks".into()),
            (
                "properties",
                object([
                    ("title", (&self.title).into()),
                    ("description", self.description.as_ref().into()),
                    ("status", self.status.into()),
                    ("createdTimeUtc", time(Some(self.created))),
                    ("lastModifiedTimeUtc", time(Some(self.last_modified))),
                    ("createdBy", self.created_by.client_info()),
                    ("lastModifiedBy", self.last_modified_by.client_info()),
                ]),
            ),
        ])
    }
}

impl Incident {
    /// Notes that a task was added; the task itself is kept beside the incident.
    pub fn task_added(&mut self, task: &Task) -> Change {
        self.tasks_count = self.tasks_count.saturating_add(1);
        self.touch(&task.created_by, task.created);
        Change { tasks_added: vec![task.name.clone()], ..Change::default() }
    }

    /// Notes that a task was edited or completed.
    pub fn task_edited(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        self.touch(actor, truncate(at));
        Change { tasks_edited: vec![Text::new(name)], ..Change::default() }
    }

    /// Notes that a task was removed.
    pub fn task_removed(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        self.tasks_count = self.tasks_count.saturating_sub(1);
        self.touch(actor, truncate(at));
        Change { tasks_removed: vec![Text::new(name)], ..Change::default() }
    }
}
