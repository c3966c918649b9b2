//! Incidents: update, get, create, and the older operations that set one property.

use super::{Call, Requester, required};
use crate::clock::new_guid;
use crate::error::{Error, Result};
use crate::incidents::view::IncidentView;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Classification, Field, IncidentStatus, Severity};
use riposte_incident::{
    Incident, IncidentPatch, LabelPatch, apply, from_connector_create, from_connector_update,
};
use riposte_value::{Text, Value};

/// `{incidentArmId, severity?, status?, title?, …, tagsToAdd?, tagsToRemove?, classification?}`.
pub(super) fn update(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let write = from_connector_update(call.body).map_err(Error::invalid)?;
    let (ws, incident) = t.incident_by_arm_id(requester, &write.incident_arm_id)?;
    patch(t, requester, &ws, incident, &write.patch)
}

/// `{incidentArmId}`: the incident with its alerts, entities and comments.
pub(super) fn get(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let id = required(call.body, "incidentArmId")?;
    let (ws, incident) = t.incident_by_arm_id(requester, id)?;
    IncidentView::load(&*t.tx, &ws, incident).map(|view| view.connector_document(&ws))
}

/// `/Incidents/subscriptions/{}/resourceGroups/{}/workspaces/{}` with `{title, …}`.
pub(super) fn create(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let write = from_connector_create(call.body).map_err(Error::invalid)?;
    let ws = t.workspace_by_name(requester, call.segment(2))?;
    let incident = t.create_incident(&ws, &new_guid(), &write.patch, &requester.cause())?;
    Ok(incident.to_arm(&ws.reference))
}

/// `/Case/…/Status/{status}` with `{CloseReason?, CloseReasonText?}`.
pub(super) fn set_status(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let status = call.segment(5);
    let status = IncidentStatus::parse(status)
        .ok_or_else(|| Error::bad_request(format!("`{status}` is not a status: New, Active or Closed")))?;
    let text = |name: &str| call.body.get_ignore_case(name).and_then(Value::as_str).map(Text::new);
    let reason = text("CloseReason").and_then(|reason| Classification::parse(&reason));
    let change = IncidentPatch {
        status: Field::Set(status),
        classification: Field::set_if(reason),
        classification_comment: Field::set_if(text("CloseReasonText")),
        ..IncidentPatch::default()
    };
    patch_case(t, requester, call, &change)
}

/// `/Case/…/Severity/{severity}`.
pub(super) fn set_severity(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let severity = call.segment(5);
    let severity = Severity::parse(severity).ok_or_else(|| {
        Error::bad_request(format!("`{severity}` is not a severity: High, Medium, Low or Informational"))
    })?;
    patch_case(
        t,
        requester,
        call,
        &IncidentPatch { severity: Field::Set(severity), ..IncidentPatch::default() },
    )
}

/// `/Case/…/AddLabels` with `{Labels: [{Label}]}`.
pub(super) fn add_labels(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let labels = call.body.get_ignore_case("Labels").and_then(Value::as_array).unwrap_or_default();
    let name =
        |label: &Value| label.get_ignore_case("Label").or(Some(label)).and_then(Value::as_str).map(Text::new);
    let add = labels.iter().filter_map(name).collect();
    let labels = LabelPatch::Edit { add, remove: Vec::new() };
    patch_case(t, requester, call, &IncidentPatch { labels, ..IncidentPatch::default() })
}

/// `/Case/…/Title` with `{Value}`.
pub(super) fn set_title(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let title = Text::new(required(call.body, "Value")?);
    patch_case(t, requester, call, &IncidentPatch { title: Field::Set(title), ..IncidentPatch::default() })
}

/// The incident of `/{Case|Comment}/{subscription}/{workspace}/{resource group}/{Incident|Alert}/{id}`; an alert
/// stands for the incident that it lies in.
pub(super) fn by_case_path(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<(Workspace, Incident)> {
    let ws = t.workspace_by_name(requester, call.segment(1))?;
    let id = call.segment(4);
    if call.segment(3).eq_ignore_ascii_case("alert") {
        let incident = super::alerts::incident_of(t, &ws, id)?;
        return Ok((ws, incident));
    }
    let name = id.rsplit('/').next().unwrap_or_default();
    let incident = crate::incidents::find(&*t.tx, ws.key, name)?;
    Ok((ws, incident))
}

fn patch_case(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
    change: &IncidentPatch,
) -> Result<Value> {
    let (ws, incident) = by_case_path(t, requester, call)?;
    patch(t, requester, &ws, incident, change)
}

fn patch(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    ws: &Workspace,
    mut incident: Incident,
    patch: &IncidentPatch,
) -> Result<Value> {
    let change = apply(&mut incident, patch, &requester.actor, t.now).map_err(Error::invalid)?;
    t.incident_changed(ws, &incident, change, &requester.cause())?;
    Ok(incident.to_arm(&ws.reference))
}
