//! Bookmarks in incidents.

use super::kind::Kind;
use super::{Collection, ItemPlace, StoredItem};
use crate::access::Caller;
use crate::document::decode_some;
use crate::error::{Error, ErrorKind, Result};
use crate::incidents::change::Cause;
use crate::incidents::find;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::Incident;
use riposte_store::{Part, Read};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// Azure's limit of bookmarks in an incident; beyond it Riposte goes on and says so.
pub(crate) const BOOKMARKS_MAX: usize = 20;

/// An incident that holds a bookmark, and the relation that put it there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Holder {
    incident: Text,
    relation: Text,
}

fn place(name: &str) -> ItemPlace {
    ItemPlace { collection: Collection::Bookmarks, parent: String::new(), name: name.to_owned() }
}

/// The `incidentInfo` of a bookmark: the incident that has held it longest, as it stands now.
pub(super) fn incident_info(tx: &dyn Read, ws: &Workspace, holders: &[Holder]) -> Result<Option<Value>> {
    let Some(holder) = holders.first() else { return Ok(None) };
    let text = tx.incident(ws.key, &holder.incident)?;
    let Some(incident) = decode_some::<Incident>("incident", text)? else { return Ok(None) };
    Ok(Some(Value::object([
        ("incidentId", Value::from(&incident.name)),
        ("severity", Value::from(incident.severity.as_str())),
        ("title", Value::from(&incident.title)),
        ("relationName", Value::from(&holder.relation)),
    ])))
}

/// The bookmarks of an incident as ARM resources, in the order in which they came.
pub(crate) fn bookmarks_of(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Vec<Value>> {
    let kind = Kind::of(Collection::Bookmarks);
    let mut bookmarks = Vec::with_capacity(incident.bookmark_ids.len());
    for name in &incident.bookmark_ids {
        if let Some(item) = StoredItem::of(tx, ws.key, &place(name))? {
            bookmarks.push(item.to_arm(tx, ws, kind, "")?);
        }
    }
    Ok(bookmarks)
}

impl Transaction<'_> {
    /// Puts a bookmark into an incident.
    pub(crate) fn relate_bookmark(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        bookmark: &str,
        relation: &str,
        cause: &Cause,
    ) -> Result<()> {
        let item = StoredItem::of(&*self.tx, ws.key, &place(bookmark))?;
        let mut item = item.ok_or_else(|| {
            let message = format!("Resource '{bookmark}' does not exist.");
            Error::new(ErrorKind::NotFound, "NotFound", message)
        })?;
        item.incidents.push(Holder { incident: incident.name.clone(), relation: Text::new(relation) });
        self.keep_item(ws, Collection::Bookmarks, "", &item)?;
        let change = incident.add_bookmark(&item.name, &cause.actor, self.now);
        self.incident_changed(ws, incident, change, cause)
    }

    /// Takes a bookmark out of an incident.
    pub(crate) fn unrelate_bookmark(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        bookmark: &str,
        cause: &Cause,
    ) -> Result<()> {
        if let Some(mut item) = StoredItem::of(&*self.tx, ws.key, &place(bookmark))? {
            item.incidents.retain(|holder| !holder.incident.eq_ignore_ascii_case(&incident.name));
            self.keep_item(ws, Collection::Bookmarks, "", &item)?;
        }
        let change = incident.remove_bookmark(bookmark, &cause.actor, self.now);
        self.incident_changed(ws, incident, change, cause)
    }

    /// Takes a bookmark that is being removed out of the incidents that hold it.
    pub(super) fn leave_incidents(
        &mut self,
        ws: &Workspace,
        item: &StoredItem,
        caller: &Caller,
    ) -> Result<()> {
        let cause = Cause::of(&caller.actor);
        for holder in &item.incidents {
            let mut incident = match find(&*self.tx, ws.key, &holder.incident) {
                Ok(incident) => incident,
                // The incident was removed before.
                Err(error) if error.kind == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            self.tx.delete_part(ws.key, &incident.name, Part::Relation, &holder.relation)?;
            let change = incident.remove_bookmark(&item.name, &cause.actor, self.now);
            self.incident_changed(ws, &incident, change, &cause)?;
        }
        Ok(())
    }
}
