//! Comments.

use super::change::Cause;
use super::find;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::document::{decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Keyed, Written};
use riposte_diagnostic::Diagnostic;
use riposte_incident::{COMMENTS_MAX, Comment, Incident};
use riposte_store::Part;
use riposte_value::{Text, Value};

impl Engine {
    /// Adds or edits a comment; answers also what there is to say of it.
    pub async fn put_comment(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let message = Comment::message_from_arm(body).map_err(Error::invalid)?;
        let etag = body.get_ignore_case("etag").and_then(Value::as_str).map(str::to_owned);
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let (cause, asked) = (Cause::of(&caller.actor), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let mut incident = find(&*t.tx, ws.key, &incident)?;
                let known = t.tx.part(ws.key, &incident.name, Part::Comment, &name)?;
                let Some(mut comment) = decode_some::<Comment>("comment", known)? else {
                    asked.check_put(&name, None, etag.as_deref())?;
                    let comment = t.add_comment(&ws, &mut incident, &name, &message, &cause)?;
                    let resource = comment.to_arm(&ws.reference, &incident.name);
                    return Ok((Written { created: true, resource }, remarks(&incident)));
                };
                asked.check_put(&comment.name, Some(&comment.etag), etag.as_deref())?;
                if comment.message != message {
                    comment.message = message;
                    comment.etag = Text::from(new_guid());
                    comment.last_modified = t.now;
                    t.tx.put_part(ws.key, &incident.name, Part::Comment, &name, &encode(&comment)?)?;
                    let change = incident.comment_edited(&comment.name, &cause.actor, t.now);
                    t.incident_changed(&ws, &incident, change, &cause)?;
                }
                let resource = comment.to_arm(&ws.reference, &incident.name);
                Ok((Written { created: false, resource }, Vec::new()))
            })
            .await
    }

    /// A comment.
    pub async fn comment(&self, ws: &Workspace, incident: &str, name: &str) -> Result<Value> {
        self.part::<Comment>(ws, incident, name).await
    }

    /// The comments of an incident, oldest first.
    pub async fn comments(&self, ws: &Workspace, incident: &str) -> Result<Vec<Value>> {
        self.parts::<Comment>(ws, incident).await
    }

    /// The comments of an incident with their places, for a list in pages.
    pub async fn keyed_comments(&self, ws: &Workspace, incident: &str) -> Result<Vec<Keyed>> {
        self.keyed_parts::<Comment>(ws, incident).await
    }

    /// Removes a comment; whether it was there.
    pub async fn delete_comment(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        self.delete_part::<Comment>(ws, incident, name, caller).await
    }
}

/// What Azure would not have taken.
fn remarks(incident: &Incident) -> Vec<Diagnostic> {
    let count = incident.comments_count;
    if usize::try_from(count).unwrap_or(usize::MAX) <= COMMENTS_MAX {
        return Vec::new();
    }
    let message = format!("the incident has {count} comments; Azure takes {COMMENTS_MAX}");
    vec![Diagnostic::warning("AzureLimit", message)]
}

impl Transaction<'_> {
    /// Adds a comment to an incident.
    pub(crate) fn add_comment(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        name: &str,
        message: &str,
        cause: &Cause,
    ) -> Result<Comment> {
        let mut comment = Comment::new(name, message, &cause.actor, self.now);
        comment.etag = Text::from(new_guid());
        self.tx.put_part(ws.key, &incident.name, Part::Comment, name, &encode(&comment)?)?;
        let change = incident.comment_added(&comment);
        self.incident_changed(ws, incident, change, cause)?;
        Ok(comment)
    }
}
