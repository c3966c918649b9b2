//! Comments: `POST /Incidents/Comment` and its two older forms.

use super::{Call, Requester, required};
use crate::clock::new_guid;
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Comment, Incident};
use riposte_value::Value;

/// `{incidentArmId, message}`: the message may hold HTML.
pub(super) fn add(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let (id, message) = Comment::from_connector(call.body).map_err(Error::invalid)?;
    let (ws, incident) = t.incident_by_arm_id(requester, &id)?;
    keep(t, requester, &ws, incident, &message)
}

/// `/Comment/{subscription}/{workspace}/{resource group}/{Incident|Alert}/{id}` with `{Value}`.
pub(super) fn add_v2(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let message = required(call.body, "Value")?.to_owned();
    let (ws, incident) = super::incidents::by_case_path(t, requester, call)?;
    keep(t, requester, &ws, incident, &message)
}

/// The oldest form has the comment in the path.
pub(super) fn add_v1(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let message = call.segment(5).to_owned();
    let (ws, incident) = super::incidents::by_case_path(t, requester, call)?;
    keep(t, requester, &ws, incident, &message)
}

fn keep(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    ws: &Workspace,
    mut incident: Incident,
    message: &str,
) -> Result<Value> {
    let length = message.chars().count();
    if length > riposte_incident::MESSAGE_MAX {
        return Err(Error::bad_request(format!(
            "a comment has at most {} characters, this one has {length}",
            riposte_incident::MESSAGE_MAX
        )));
    }
    let comment = t.add_comment(ws, &mut incident, &new_guid(), message, &requester.cause())?;
    Ok(comment.to_arm(&ws.reference, &incident.name))
}
