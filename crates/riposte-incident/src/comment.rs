//! Comments on incidents.

use crate::actor::Actor;
use crate::change::Change;
use crate::fields::Fields;
use crate::incident::{Incident, etag};
use crate::json::{object, time};
use crate::time::truncate;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// The longest message, in characters; a longer one is refused, as documented.
pub const MESSAGE_MAX: usize = 30_000;

/// How many comments Azure keeps on one incident.
pub const COMMENTS_MAX: usize = 100;

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// The name that ends its ARM id.
    pub name: Text,
    /// What a writer must have seen to write; without quotation marks.
    pub etag: Text,
    /// The text; may hold HTML.
    pub message: Text,
    /// Who wrote it.
    pub author: Actor,
    /// When it was written.
    pub created: Timestamp,
    /// When it was last edited.
    pub last_modified: Timestamp,
}

impl Comment {
    /// A new comment.
    pub fn new(name: impl AsRef<str>, message: impl AsRef<str>, author: &Actor, at: Timestamp) -> Self {
        let at = truncate(at);
        Self {
            name: Text::new(name),
            etag: etag(1, at),
            message: Text::new(message),
            author: author.clone(),
            created: at,
            last_modified: at,
        }
    }

    /// The message in a PUT body (`{"properties": {"message": …}}`).
    ///
    /// # Errors
    /// A missing, empty or too long message.
    pub fn message_from_arm(body: &Value) -> Result<Text, Vec<Diagnostic>> {
        let mut told = Vec::new();
        let message = Fields::of(body, "$", &mut told)
            .and_then(|envelope| envelope.required_object("properties", &mut told))
            .and_then(|fields| fields.required_text("message", &mut told));
        checked(message, "$.properties.message", told)
    }

    /// The incident's ARM id and the message in a body of the connector (`{"incidentArmId", "message"}`).
    ///
    /// # Errors
    /// A missing id, and a missing, empty or too long message.
    pub fn from_connector(body: &Value) -> Result<(Text, Text), Vec<Diagnostic>> {
        let mut told = Vec::new();
        let fields = Fields::of(body, "$", &mut told);
        let id = fields.as_ref().and_then(|fields| fields.required_text("incidentArmId", &mut told));
        let message = fields.as_ref().and_then(|fields| fields.required_text("message", &mut told));
        let message = checked(message, "$.message", told)?;
        Ok((id.unwrap_or_default(), message))
    }

    /// The ARM resource.
    pub fn to_arm(&self, workspace: &WorkspaceRef, incident: &str) -> Value {
        object([
            ("id", format!("{}/Comments/{}", workspace.incident_id(incident), self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{}\"", self.etag).into()),
            ("type", "Microsoft.SecurityInsights/Incidents/Comments".into()),
            (
                "properties",
                object([
                    ("message", (&self.message).into()),
                    ("createdTimeUtc", time(Some(self.created))),
                    ("lastModifiedTimeUtc", time(Some(self.last_modified))),
                    ("author", self.author.client_info()),
                ]),
            ),
        ])
    }
}

impl Incident {
    /// Notes that a comment was added; the comment itself is kept beside the incident.
    pub fn comment_added(&mut self, comment: &Comment) -> Change {
        self.comments_count = self.comments_count.saturating_add(1);
        self.touch(&comment.author, comment.created);
        Change { comments_added: vec![comment.name.clone()], ..Change::default() }
    }

    /// Notes that a comment was edited.
    pub fn comment_edited(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        self.touch(actor, truncate(at));
        Change { comments_edited: vec![Text::new(name)], ..Change::default() }
    }

    /// Notes that a comment was removed.
    pub fn comment_removed(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        self.comments_count = self.comments_count.saturating_sub(1);
        self.touch(actor, truncate(at));
        Change { comments_removed: vec![Text::new(name)], ..Change::default() }
    }
}

fn checked(message: Option<Text>, path: &str, mut told: Vec<Diagnostic>) -> Result<Text, Vec<Diagnostic>> {
    let length = message.as_ref().map_or(0, |message| message.chars().count());
    if length > MESSAGE_MAX {
        let text = format!("the comment has {length} characters; at most {MESSAGE_MAX} are allowed");
        told.push(Diagnostic::error("BadRequest", text).at(path));
    }
    match message {
        Some(message) if told.is_empty() => Ok(message),
        _ => Err(told),
    }
}
