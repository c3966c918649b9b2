//! Tasks.

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
use riposte_incident::{Incident, TASKS_MAX, Task, TaskWrite};
use riposte_store::Part;
use riposte_value::Value;

impl Engine {
    /// Adds or edits a task; answers also what there is to say of it. A stale etag in the body is refused.
    pub async fn put_task(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let write = TaskWrite::from_arm(body).map_err(Error::invalid)?;
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let (cause, asked) = (Cause::of(&caller.actor), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let mut incident = find(&*t.tx, ws.key, &incident)?;
                let known = t.tx.part(ws.key, &incident.name, Part::Task, &name)?;
                let Some(mut task) = decode_some::<Task>("task", known)? else {
                    asked.check_put(&name, None, write.etag.as_deref())?;
                    let task = t.add_task(&ws, &mut incident, &name, write, &cause)?;
                    let resource = task.to_arm(&ws.reference, &incident.name);
                    return Ok((Written { created: true, resource }, remarks(&incident)));
                };
                asked.check_put(&task.name, Some(&task.etag), write.etag.as_deref())?;
                t.write_task(&ws, &mut incident, &mut task, write, &cause)?;
                let resource = task.to_arm(&ws.reference, &incident.name);
                Ok((Written { created: false, resource }, Vec::new()))
            })
            .await
    }

    /// A task.
    pub async fn task(&self, ws: &Workspace, incident: &str, name: &str) -> Result<Value> {
        self.part::<Task>(ws, incident, name).await
    }

    /// The tasks of an incident, oldest first.
    pub async fn tasks(&self, ws: &Workspace, incident: &str) -> Result<Vec<Value>> {
        self.parts::<Task>(ws, incident).await
    }

    /// The tasks of an incident with their places, for a list in pages.
    pub async fn keyed_tasks(&self, ws: &Workspace, incident: &str) -> Result<Vec<Keyed>> {
        self.keyed_parts::<Task>(ws, incident).await
    }

    /// Removes a task; whether it was there.
    pub async fn delete_task(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        self.delete_part::<Task>(ws, incident, name, caller).await
    }
}

/// What Azure would not have taken.
fn remarks(incident: &Incident) -> Vec<Diagnostic> {
    let count = incident.tasks_count;
    if usize::try_from(count).unwrap_or(usize::MAX) <= TASKS_MAX {
        return Vec::new();
    }
    let message = format!("the incident has {count} tasks; Azure takes {TASKS_MAX}");
    vec![Diagnostic::warning("AzureLimit", message)]
}

impl Transaction<'_> {
    /// Adds a task to an incident.
    pub(crate) fn add_task(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        name: &str,
        write: TaskWrite,
        cause: &Cause,
    ) -> Result<Task> {
        let task = self.store_task(ws, incident, name, write, cause)?;
        let change = incident.task_added(&task);
        self.incident_changed(ws, incident, change, cause)?;
        Ok(task)
    }

    /// Keeps a new task beside its incident; the incident itself is the caller's to keep.
    pub(crate) fn store_task(
        &mut self,
        ws: &Workspace,
        incident: &Incident,
        name: &str,
        write: TaskWrite,
        cause: &Cause,
    ) -> Result<Task> {
        let mut task = Task::new(name, write, &cause.actor, self.now);
        task.make_etags_unique(&new_guid());
        self.tx.put_part(ws.key, &incident.name, Part::Task, name, &encode(&task)?)?;
        Ok(task)
    }

    /// Edits a task of an incident.
    pub(crate) fn write_task(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        task: &mut Task,
        write: TaskWrite,
        cause: &Cause,
    ) -> Result<()> {
        if !task.write(write, &cause.actor, self.now) {
            return Ok(());
        }
        self.tx.put_part(ws.key, &incident.name, Part::Task, &task.name, &encode(&*task)?)?;
        let change = incident.task_edited(&task.name, &cause.actor, self.now);
        self.incident_changed(ws, incident, change, cause)
    }
}
