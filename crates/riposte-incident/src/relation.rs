//! Relations: what hangs on an incident by name, an alert or a bookmark.

use crate::fields::Fields;
use crate::incident::{etag, unquote};
use crate::json::object;
use crate::text::same;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// A relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Relation {
    /// The name that ends its ARM id.
    pub name: Text,
    /// What a writer must have seen to write; without quotation marks.
    pub etag: Text,
    /// The ARM id of the alert (an entity) or bookmark.
    pub related_resource_id: Text,
}

/// What a relation leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Related {
    /// An alert, by its `SystemAlertId`.
    Alert(Text),
    /// A bookmark, by its name.
    Bookmark(Text),
    /// Something that cannot hang on an incident.
    Other,
}

impl Relation {
    /// A new relation.
    pub fn new(name: impl AsRef<str>, related_resource_id: impl AsRef<str>, at: Timestamp) -> Self {
        let related_resource_id = Text::new(related_resource_id);
        Self { name: Text::new(name), etag: etag(1, at), related_resource_id }
    }

    /// The related id and the etag (without quotation marks) in a PUT body
    /// (`{"properties": {"relatedResourceId": …}}`).
    ///
    /// # Errors
    /// A missing id and wrong types.
    pub fn from_arm(body: &Value) -> Result<(Text, Option<Text>), Vec<Diagnostic>> {
        let mut told = Vec::new();
        let read = Fields::of(body, "$", &mut told).and_then(|envelope| {
            let etag = envelope.text("etag", &mut told).map(|etag| Text::new(unquote(&etag)));
            let fields = envelope.required_object("properties", &mut told)?;
            Some((fields.required_text("relatedResourceId", &mut told)?, etag))
        });
        match read {
            Some(read) if !has_errors(&told) => Ok(read),
            _ => Err(told),
        }
    }

    /// What the id leads to.
    pub fn related(&self) -> Related {
        let mut segments = self.related_resource_id.trim_end_matches('/').rsplit('/');
        let name = Text::new(segments.next().unwrap_or_default());
        match segments.next() {
            Some(kind) if same(kind, "entities") => Related::Alert(name),
            Some(kind) if same(kind, "bookmarks") => Related::Bookmark(name),
            _ => Related::Other,
        }
    }

    /// The ARM resource.
    pub fn to_arm(&self, workspace: &WorkspaceRef, incident: &str) -> Value {
        let (name, kind, resource_kind) = match self.related() {
            Related::Alert(name) => {
                (name, "Microsoft.SecurityInsights/entities", Value::from("SecurityAlert"))
            }
            Related::Bookmark(name) => (name, "Microsoft.SecurityInsights/bookmarks", Value::Null),
            Related::Other => (Text::default(), "", Value::Null),
        };
        object([
            ("id", format!("{}/relations/{}", workspace.incident_id(incident), self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{}\"", self.etag).into()),
            ("type", "Microsoft.SecurityInsights/Incidents/relations".into()),
            (
                "properties",
                object([
                    ("relatedResourceId", (&self.related_resource_id).into()),
                    ("relatedResourceName", name.into()),
                    ("relatedResourceType", kind.into()),
                    ("relatedResourceKind", resource_kind),
                ]),
            ),
        ])
    }
}
