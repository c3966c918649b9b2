//! What hangs on an incident by name: comments and tasks are read, listed and removed in the same way.

use super::change::Cause;
use super::find;
use crate::access::Caller;
use crate::document::{decode, decode_some};
use crate::error::{Error, Result};
use crate::workspaces::Workspace;
use crate::{Engine, Keyed, key_part};
use jiff::Timestamp;
use riposte_incident::{Actor, Change, Comment, Incident, Task, WorkspaceRef};
use riposte_store::{Part, Read, WorkspaceKey};
use riposte_value::{Text, Value};
use serde::de::DeserializeOwned;

/// How much text of comments a row in SecurityIncident holds.
const ROW_COMMENT_BYTES: usize = 64 << 10;

/// A kind of thing that hangs on an incident.
pub(super) trait Hanging: DeserializeOwned + Send + 'static {
    /// Where the store keeps it.
    const PART: Part;
    /// What refusals call it.
    const WHAT: &'static str;
    /// Its etag.
    fn etag(&self) -> &str;
    /// The ARM resource.
    fn resource(&self, workspace: &WorkspaceRef, incident: &str) -> Value;
    /// Notes in the incident that one was removed.
    fn removed(incident: &mut Incident, name: &str, actor: &Actor, at: Timestamp) -> Change;
}

impl Hanging for Comment {
    const PART: Part = Part::Comment;
    const WHAT: &'static str = "Comment";
    fn etag(&self) -> &str {
        &self.etag
    }
    fn resource(&self, workspace: &WorkspaceRef, incident: &str) -> Value {
        self.to_arm(workspace, incident)
    }
    fn removed(incident: &mut Incident, name: &str, actor: &Actor, at: Timestamp) -> Change {
        incident.comment_removed(name, actor, at)
    }
}

impl Hanging for Task {
    const PART: Part = Part::Task;
    const WHAT: &'static str = "Task";
    fn etag(&self) -> &str {
        &self.etag
    }
    fn resource(&self, workspace: &WorkspaceRef, incident: &str) -> Value {
        self.to_arm(workspace, incident)
    }
    fn removed(incident: &mut Incident, name: &str, actor: &Actor, at: Timestamp) -> Change {
        incident.task_removed(name, actor, at)
    }
}

/// All of a kind that hang on an incident, oldest first.
pub(super) fn all_of<T: Hanging>(tx: &dyn Read, workspace: WorkspaceKey, incident: &str) -> Result<Vec<T>> {
    tx.parts(workspace, incident, T::PART)?.iter().map(|(_, text)| decode(T::WHAT, text)).collect()
}

/// The comments of an incident for its row in SecurityIncident: the latest as they are, older ones without their text,
/// so that rows do not grow with the square of the comments.
pub(super) fn comments_for_row(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Vec<Comment>> {
    let mut comments = comments_of(tx, ws, incident)?;
    let mut left = ROW_COMMENT_BYTES;
    for comment in comments.iter_mut().rev() {
        match left.checked_sub(comment.message.len()) {
            Some(less) => left = less,
            None => {
                left = 0;
                comment.message = Text::default();
            }
        }
    }
    Ok(comments)
}

/// The comments of an incident. The incident itself tells whether there is anything to read.
pub(super) fn comments_of(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Vec<Comment>> {
    if incident.comments_count == 0 { Ok(Vec::new()) } else { all_of(tx, ws.key, &incident.name) }
}

/// The tasks of an incident, likewise.
pub(super) fn tasks_of(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Vec<Task>> {
    if incident.tasks_count == 0 { Ok(Vec::new()) } else { all_of(tx, ws.key, &incident.name) }
}

impl Engine {
    pub(super) async fn part<T: Hanging>(&self, ws: &Workspace, incident: &str, name: &str) -> Result<Value> {
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        self.shared
            .store
            .read(move |tx| {
                Ok(find(tx, ws.key, &incident).and_then(|incident| {
                    let text = tx.part(ws.key, &incident.name, T::PART, &name)?;
                    let part: T =
                        decode_some(T::WHAT, text)?.ok_or_else(|| Error::not_found(T::WHAT, &name))?;
                    Ok(part.resource(&ws.reference, &incident.name))
                }))
            })
            .await?
    }

    pub(super) async fn parts<T: Hanging>(&self, ws: &Workspace, incident: &str) -> Result<Vec<Value>> {
        Ok(self.keyed_parts::<T>(ws, incident).await?.into_iter().map(|part| part.item).collect())
    }

    /// All of a kind by the place at which they came. A place that became free may be given again, later.
    pub(super) async fn keyed_parts<T: Hanging>(&self, ws: &Workspace, incident: &str) -> Result<Vec<Keyed>> {
        let (ws, incident) = (ws.clone(), incident.to_owned());
        self.shared
            .store
            .read(move |tx| {
                Ok(find(tx, ws.key, &incident).and_then(|incident| {
                    let parts = tx.parts(ws.key, &incident.name, T::PART)?;
                    let keyed = parts.iter().map(|(place, text)| {
                        let item = decode::<T>(T::WHAT, text)?.resource(&ws.reference, &incident.name);
                        let created = key_part(item.at(&["properties", "createdTimeUtc"]));
                        Ok(Keyed { key: vec![Value::Int(*place), created], item })
                    });
                    keyed.collect()
                }))
            })
            .await?
    }

    pub(super) async fn delete_part<T: Hanging>(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let (cause, asked) = (Cause::of(&caller.actor), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let mut incident = find(&*t.tx, ws.key, &incident)?;
                let known = t.tx.part(ws.key, &incident.name, T::PART, &name)?;
                let Some(known) = decode_some::<T>(T::WHAT, known)? else { return Ok(false) };
                asked.check_delete(&name, known.etag())?;
                t.tx.delete_part(ws.key, &incident.name, T::PART, &name)?;
                let change = T::removed(&mut incident, &name, &cause.actor, t.now);
                t.incident_changed(&ws, &incident, change, &cause)?;
                Ok(true)
            })
            .await
    }
}
