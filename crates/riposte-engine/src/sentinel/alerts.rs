//! The incident that an alert lies in, and putting alerts into incidents.

use super::{Call, Requester, required};
use crate::document::decode_some;
use crate::error::{Error, Result};
use crate::incidents::view::IncidentView;
use crate::incidents::{StoredAlert, find};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::Incident;
use riposte_value::Value;

/// `/Incidents/subscriptions/{}/resourceGroups/{}/workspaces/{}/alerts/{}`: the workspace by its GUID or name.
pub(super) fn incident_of_alert(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let ws = t.workspace_by_name(requester, call.segment(2))?;
    let incident = incident_of(t, &ws, call.segment(3))?;
    IncidentView::load(&*t.tx, &ws, incident).map(|view| view.connector_document(&ws))
}

/// `/Cases/{alert}/{subscription}/{workspace}/{resource group}`, the older form: its answer is in `PascalCase`.
pub(super) fn case_of_alert(
    t: &mut Transaction<'_>,
    requester: &Requester<'_>,
    call: &Call<'_>,
) -> Result<Value> {
    let ws = t.workspace_by_name(requester, call.segment(2))?;
    let incident = incident_of(t, &ws, call.segment(0))?;
    let mut document = incident.to_arm(&ws.reference);
    let number = incident.number;
    if let Some(properties) =
        document.as_object_mut().and_then(|d| d.get_mut("properties")).and_then(Value::as_object_mut)
    {
        let pascal: Vec<_> =
            properties.iter().map(|(name, value)| (pascal_case(name), value.clone())).collect();
        *properties = pascal.into_iter().map(|(name, value)| (name.into(), value)).collect();
        properties.insert("CaseNumber", number);
    }
    Ok(document)
}

fn pascal_case(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// The incident that an alert was put into first.
pub(super) fn incident_of(t: &mut Transaction<'_>, ws: &Workspace, alert: &str) -> Result<Incident> {
    let stored: StoredAlert =
        decode_some("alert", t.tx.alert(ws.key, alert)?)?.ok_or_else(|| Error::not_found("Alert", alert))?;
    let name = stored.incident.ok_or_else(|| Error::not_found("Incident of alert", alert))?;
    find(&*t.tx, ws.key, &name)
}

/// `{incidentArmId, relatedResourceId: "<SystemAlertId>"}`.
pub(super) fn relate(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let (ws, mut incident) = t.incident_by_arm_id(requester, required(call.body, "incidentArmId")?)?;
    let alert = related(call)?;
    t.relate_alert(&ws, &mut incident, alert, &requester.cause())?;
    Ok(incident.to_arm(&ws.reference))
}

/// As [`relate`], the other way.
pub(super) fn unrelate(t: &mut Transaction<'_>, requester: &Requester<'_>, call: &Call<'_>) -> Result<Value> {
    let (ws, mut incident) = t.incident_by_arm_id(requester, required(call.body, "incidentArmId")?)?;
    let alert = related(call)?;
    t.unrelate_alert(&ws, &mut incident, alert, &requester.cause())?;
    Ok(incident.to_arm(&ws.reference))
}

/// The alert's id, given alone or as the end of an ARM id.
fn related<'c>(call: &'c Call<'_>) -> Result<&'c str> {
    let id = required(call.body, "relatedResourceId")?;
    Ok(id.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}
