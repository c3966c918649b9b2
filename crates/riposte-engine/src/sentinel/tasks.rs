//! Tasks: add one, complete one.

use super::{Call, Requester, required};
use crate::clock::new_guid;
use crate::document::decode_some;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use riposte_incident::{Task, TaskStatus, TaskWrite};
use riposte_store::Part;
use riposte_value::Value;

/// `{incidentArmId, taskTitle, taskDescription?}`.
pub(super) fn create(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let (id, write) = TaskWrite::from_connector(call.body).map_err(Error::invalid)?;
    let (ws, mut incident) = t.incident_by_arm_id(requester, &id)?;
    let task = t.add_task(&ws, &mut incident, &new_guid(), write, &requester.cause())?;
    Ok(task.to_arm(&ws.reference, &incident.name))
}

/// `{taskArmId}`.
pub(super) fn complete(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let id = required(call.body, "taskArmId")?;
    let name = id.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let (ws, mut incident) = t.incident_by_arm_id(requester, id)?;
    let text = t.tx.part(ws.key, &incident.name, Part::Task, name)?;
    let mut task: Task = decode_some("task", text)?.ok_or_else(|| Error::not_found("Task", name))?;
    let write =
        TaskWrite { status: TaskStatus::Completed, ..TaskWrite::new(&task.title, task.description.clone()) };
    t.write_task(&ws, &mut incident, &mut task, write, &requester.cause())?;
    Ok(task.to_arm(&ws.reference, &incident.name))
}
