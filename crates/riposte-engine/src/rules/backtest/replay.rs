//! The states that an incident went through: its timeline undone from how it stands now, back to how it was made.

use crate::document::decode;
use crate::error::Result;
use crate::incidents::StoredAlert;
use crate::incidents::view::IncidentView;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_incident::{Actor, ActorKind, Alert, Change, Incident, merge_entities, read_entities, same};
use riposte_store::Read;
use riposte_value::{Text, Value, json};

/// Entries that are read of one incident.
const ENTRIES_MAX: usize = 10_000;

/// Something that happened to an incident.
pub(super) struct Moment {
    pub(super) at: Timestamp,
    pub(super) actor: Actor,
    /// What changed; nothing where the incident was made.
    pub(super) change: Change,
    /// The incident after it.
    pub(super) after: Incident,
}

/// What an incident went through, its making first. None where the timeline does not go back to that.
pub(super) fn moments(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Option<Vec<Moment>>> {
    let rows = tx.timeline(ws.key, &incident.name, None, ENTRIES_MAX)?;
    let is_cut = rows.len() == ENTRIES_MAX;
    let entries: Vec<Value> = rows.iter().filter_map(|(_, text)| json::parse(text).ok()).collect();
    let mut changes: Vec<(Timestamp, Actor, Change)> = Vec::new();
    let mut made = false;
    for entry in &entries {
        let (Some(at), Some(actor)) = (time_of(entry), actor_of(entry)) else { continue };
        match entry.str_at(&["kind"]).unwrap_or_default() {
            "incidentCreated" => {
                made = true;
                changes.push((at, actor, Change::default()));
            }
            "incidentUpdated" | "labelAdded" | "alertAdded" | "commentAdded" | "taskAdded"
            | "taskUpdated" => {
                let details = entry.get("details").cloned().unwrap_or_default();
                let change: Change = decode("change", &details.to_string())?;
                match changes.last_mut().filter(|last| last.0 == at && last.1 == actor) {
                    // One write, which is one event, has several entries.
                    Some((.., known)) => known.merge(change),
                    None => changes.push((at, actor, change)),
                }
            }
            _ => {}
        }
    }
    if !made || is_cut {
        return Ok(None);
    }
    let mut state = incident.clone();
    let mut moments = Vec::with_capacity(changes.len());
    for (at, actor, change) in changes.into_iter().rev() {
        let after = state.clone();
        change.undo(&mut state);
        if !change.alerts_added.is_empty() || !change.alerts_removed.is_empty() {
            let alerts = alerts_of(tx, ws, &state)?;
            state.related_analytic_rule_ids =
                unique(alerts.iter().flat_map(|alert| alert.analytic_rule_ids(&ws.reference)));
            state.alert_product_names = unique(alerts.iter().filter_map(|alert| alert.product_name.clone()));
        }
        moments.push(Moment { at, actor, change, after });
    }
    moments.reverse();
    Ok(Some(moments))
}

/// An incident in a state, with what hangs on it.
pub(super) fn view(tx: &dyn Read, ws: &Workspace, state: &Incident) -> Result<IncidentView> {
    let alerts = alerts_of(tx, ws, state)?;
    let mut entities = Vec::new();
    for alert in &alerts {
        merge_entities(&mut entities, read_entities(&alert.entities, &ws.reference.id));
    }
    Ok(IncidentView {
        incident: state.clone(),
        alerts,
        entities,
        comments: Vec::new(),
        bookmarks: Vec::new(),
    })
}

fn alerts_of(tx: &dyn Read, ws: &Workspace, state: &Incident) -> Result<Vec<Alert>> {
    let mut alerts = Vec::with_capacity(state.alert_ids.len());
    for id in &state.alert_ids {
        if let Some(text) = tx.alert(ws.key, id)? {
            alerts.push(decode::<StoredAlert>("alert", &text)?.alert);
        }
    }
    Ok(alerts)
}

fn unique(texts: impl Iterator<Item = Text>) -> Vec<Text> {
    let mut list: Vec<Text> = Vec::new();
    for text in texts {
        if !list.iter().any(|known| same(known, &text)) {
            list.push(text);
        }
    }
    list
}

fn time_of(entry: &Value) -> Option<Timestamp> {
    entry.str_at(&["time"])?.parse().ok()
}

fn actor_of(entry: &Value) -> Option<Actor> {
    let kind = ActorKind::parse(entry.str_at(&["actor", "kind"])?)?;
    Some(Actor::new(kind, entry.str_at(&["actor", "name"]).unwrap_or_default()))
}
