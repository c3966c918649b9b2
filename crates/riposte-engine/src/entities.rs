//! Entities of a workspace by their ids: what alerts have named, whichever incident they lie in.
//!
//! An entity's id is made from what identifies it, so that it cannot be turned back into the entity. Rows of the store
//! lead from id to entity. Taking alerts in does not write them: whoever asks for an entity first brings them up to the
//! log of alerts, in small transactions, from where the last one stopped. Entities of an incident at hand need no rows:
//! they are made from its alerts.

use crate::access::Caller;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::incidents::StoredAlert;
use crate::keyset::no_token;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Page};
use riposte_incident::{Alert, Entity, merge_entities, read_entities, same};
use riposte_store::{Item, Log, Read, WorkspaceKey};
use riposte_value::{Value, json};
use std::collections::BTreeSet;

/// Rows of alerts in one transaction of the index.
const CHUNK: usize = 200;
/// The longest id under which a row is kept, in bytes: databases keep no key of any length.
const KEY_BYTES_MAX: usize = 512;
/// In a database that nodes share, a row may be seen after one with a later number; so many are looked at again.
const OVERLAP: i64 = 500;

impl Engine {
    /// An entity by its id, as ARM shows it; alerts are entities too.
    pub async fn entity(&self, ws: &Workspace, id: &str) -> Result<Value> {
        match self.known_entity(ws, id).await? {
            Known::Entity(entity) => Ok(entity.to_arm(&ws.reference)),
            Known::Alert(alert) => Ok(alert.to_arm(&ws.reference)),
        }
    }

    /// Entities by id, those after `after`, `limit` at most; `next` is what to give as `after` for the next page.
    pub async fn entities(&self, ws: &Workspace, after: &str, limit: usize) -> Result<Page> {
        self.index_entities(ws).await?;
        let (ws, after) = (ws.clone(), after.to_owned());
        let rows = self
            .shared
            .store
            .read(move |tx| Ok((tx.items(ws.key, Item::Entity, "", &after, limit.saturating_add(1))?, ws)));
        let (mut rows, ws) = rows.await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|(name, _)| name.clone());
        let shown = rows.iter().map(|(_, text)| Ok(decode::<Entity>("entity", text)?.to_arm(&ws.reference)));
        Ok(Page { items: shown.collect::<Result<_>>()?, next })
    }

    /// Starts a playbook on the entity of an id, of an incident if it is named; answers the run's name. An alert is an
    /// entity, and starts playbooks with the alert trigger.
    pub async fn run_playbook_on(
        &self,
        ws: &Workspace,
        id: &str,
        incident: Option<&str>,
        playbook: &str,
        caller: &Caller,
    ) -> Result<String> {
        let known = match incident {
            None => None,
            Some(incident) => self.entity_of_incident(ws, incident, id).await?,
        };
        let known = match known {
            Some(entity) => Known::Entity(entity),
            None => self.known_entity(ws, id).await?,
        };
        match known {
            Known::Entity(entity) => self.start_on_entity(ws, entity, incident, playbook, caller).await,
            Known::Alert(alert) => {
                self.run_playbook_on_alert(ws, &alert.system_alert_id, playbook, caller).await
            }
        }
    }

    async fn entity_of_incident(&self, ws: &Workspace, incident: &str, id: &str) -> Result<Option<Entity>> {
        let view = self.view(ws, incident).await?;
        Ok(view.entities.into_iter().find(|entity| same(&entity.id, id)))
    }

    async fn known_entity(&self, ws: &Workspace, id: &str) -> Result<Known> {
        if let Some(known) = self.look_up(ws.key, id).await? {
            return Ok(known);
        }
        self.index_entities(ws).await?;
        let absent = || Error::resource_not_found(&ws.reference.entity_id(id));
        self.look_up(ws.key, id).await?.ok_or_else(absent)
    }

    async fn look_up(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<Known>> {
        let id = id.to_owned();
        self.shared
            .store
            .read(move |tx| {
                let known = || {
                    let entity = decode_some("entity", tx.item(workspace, Item::Entity, "", &id)?)?;
                    if let Some(entity) = entity {
                        return Ok(Some(Known::Entity(entity)));
                    }
                    let alert: Option<StoredAlert> = decode_some("alert", tx.alert(workspace, &id)?)?;
                    Ok(alert.map(|stored| Known::Alert(Box::new(stored.alert))))
                };
                Ok(known())
            })
            .await?
    }

    /// Brings the rows of entities up to the log of alerts.
    async fn index_entities(&self, ws: &Workspace) -> Result<()> {
        loop {
            let (key, ws) = (ws.key, ws.clone());
            let is_behind = self.shared.store.read(move |tx| {
                let seen = seen(tx, key)?;
                Ok(!tx.log_rows_after(key, Log::SecurityAlert, seen, 1)?.is_empty())
            });
            if !is_behind.await? {
                return Ok(());
            }
            self.shared.transact(move |t| t.index_entities(&ws)).await?;
        }
    }

    /// An alert by its id, as ARM shows it, with the incident that it came into.
    pub async fn alert(&self, ws: &Workspace, id: &str) -> Result<Value> {
        let (key, wanted) = (ws.key, id.to_owned());
        let text = self.shared.store.read(move |tx| tx.alert(key, &wanted)).await?;
        let stored: StoredAlert = decode_some("alert", text)?.ok_or_else(|| Error::not_found("Alert", id))?;
        Ok(shown(ws, &stored))
    }

    /// The alerts of a workspace, the latest to come first. `before` is what the page before gave as `next`.
    pub async fn alerts(&self, ws: &Workspace, before: Option<&str>, limit: usize) -> Result<Page> {
        let before = match before {
            None => i64::MAX,
            Some(token) => token.parse().map_err(|_| no_token())?,
        };
        let ws = ws.clone();
        self.shared.store.read(move |tx| Ok(page_of_alerts(tx, &ws, before, limit))).await?
    }
}

/// What an id leads to.
enum Known {
    Entity(Entity),
    Alert(Box<Alert>),
}

fn shown(ws: &Workspace, stored: &StoredAlert) -> Value {
    let mut alert = stored.alert.to_arm(&ws.reference);
    let incident = stored.incident.as_ref().map(|name| {
        Value::object([("id", Value::from(ws.reference.incident_id(name))), ("name", Value::from(name))])
    });
    if let Some(alert) = alert.as_object_mut() {
        alert.insert("incident", Value::from(incident));
    }
    alert
}

/// An alert that was updated has several rows in the log; it stands where its last one stands.
fn page_of_alerts(tx: &dyn Read, ws: &Workspace, before: i64, limit: usize) -> Result<Page> {
    let (mut items, mut before) = (Vec::new(), before);
    // Rows that differ in nothing tell of what no column shows, such as who sees to the alert.
    let mut listed = BTreeSet::new();
    loop {
        let rows = tx.log_rows_before(ws.key, Log::SecurityAlert, before, CHUNK)?;
        let is_last = rows.len() < CHUNK;
        for (number, text) in rows {
            if items.len() == limit {
                return Ok(Page { items, next: Some(before.to_string()) });
            }
            before = number;
            let row = row_of(&text)?;
            let id = row.str_at(&["SystemAlertId"]).unwrap_or_default();
            let stored: Option<StoredAlert> = decode_some("alert", tx.alert(ws.key, id)?)?;
            let is_latest = |stored: &StoredAlert| stored.is_shown_by(&row, &ws.reference);
            let stored = stored.filter(is_latest).filter(|_| listed.insert(id.to_lowercase()));
            items.extend(stored.map(|stored| shown(ws, &stored)));
        }
        if is_last {
            return Ok(Page { items, next: None });
        }
    }
}

fn row_of(text: &str) -> Result<Value> {
    json::parse(text).map_err(|error| {
        Error::from(riposte_store::Error::Corrupt { what: "alert row", reason: error.to_string() })
    })
}

fn mark(workspace: WorkspaceKey) -> String {
    format!("entities-indexed:{workspace}")
}

/// The number of the last row of the log that the index has taken in.
fn seen(tx: &dyn Read, workspace: WorkspaceKey) -> riposte_store::Result<i64> {
    Ok(tx.meta(&mark(workspace))?.and_then(|text| text.parse().ok()).unwrap_or(0))
}

impl Transaction<'_> {
    /// Takes the next alerts of the log into the rows of entities.
    fn index_entities(&mut self, ws: &Workspace) -> Result<()> {
        let seen = seen(&*self.tx, ws.key)?;
        let overlap = if self.shared.store.is_shared() { OVERLAP } else { 0 };
        let rows = self.tx.log_rows_after(ws.key, Log::SecurityAlert, seen, CHUNK)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        let last = *last;
        let again = self.tx.log_rows_after(ws.key, Log::SecurityAlert, (seen - overlap).max(0), CHUNK)?;
        let again = again.into_iter().filter(|(number, _)| overlap > 0 && *number <= seen);
        let mut entities = Vec::new();
        for (number, text) in again.chain(rows) {
            // What cannot be read now cannot be read the next time: it must not keep the others from the index.
            let alert = match row_of(&text) {
                Ok(row) => Alert::read(&row).ok(),
                Err(error) => {
                    tracing::warn!(%error, number, "a row of the log of alerts is left out of the index of entities");
                    None
                }
            };
            if let Some(alert) = alert {
                merge_entities(&mut entities, read_entities(&alert.entities, &ws.reference.id));
            }
        }
        for entity in entities {
            self.index_entity(ws, entity)?;
        }
        Ok(self.tx.put_meta(&mark(ws.key), &last.to_string())?)
    }

    /// Writes the row of an entity together with what is known of it. A row that cannot be read is written anew.
    fn index_entity(&mut self, ws: &Workspace, mut entity: Entity) -> Result<()> {
        // A statement that the database refuses takes the whole transaction with it, so it is not tried.
        if entity.id.len() > KEY_BYTES_MAX || entity.id.contains('\0') {
            tracing::warn!(entity = ?entity.id, "an entity that the store cannot keep is left out of the index");
            return Ok(());
        }
        let known = self.tx.item(ws.key, Item::Entity, "", &entity.id)?;
        match decode_some::<Entity>("entity", known) {
            Ok(Some(mut known)) => {
                let before = known.clone();
                known.merge(&entity);
                if known == before {
                    return Ok(());
                }
                entity = known;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, entity = %entity.id, "the row of an entity is written anew"),
        }
        Ok(self.tx.put_item(ws.key, Item::Entity, "", &entity.id, &encode(&entity)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::access::{Principal, PrincipalKind};
    use riposte_value::value;

    #[tokio::test]
    async fn what_cannot_be_read_or_kept_does_not_keep_others_from_the_index() {
        let engine = Engine::open(Config::default()).await.unwrap();
        let somebody = Principal { id: "p".into(), name: "p".into(), kind: PrincipalKind::User };
        let caller = Caller::new(somebody);
        let ws = engine.workspace_or_create("s", "g", "w1", &caller).await.unwrap();
        let alert = |id: &str, address: &str| value!({ "SystemAlertId": id, "Entities": [{ "Type": "ip", "Address": address }] });
        let address = |entity: &Value| entity.str_at(&["properties", "address"]).unwrap().to_owned();
        let listed = async || {
            let page = engine.entities(&ws, "", 10).await.unwrap();
            let mut addresses: Vec<String> = page.items.iter().map(address).collect();
            addresses.sort();
            addresses
        };
        engine.ingest_alerts(&ws, &alert("a", "192.0.2.1"), &caller).await.unwrap();
        let first = engine.entities(&ws, "", 10).await.unwrap().items;
        assert_eq!(listed().await, ["192.0.2.1"]);
        // A row of an entity and one of the log are damaged.
        let (key, id) = (ws.key, first[0].str_at(&["name"]).unwrap().to_owned());
        let damaged = engine.shared.store.write(move |tx| {
            tx.put_item(key, Item::Entity, "", &id, "{")?;
            tx.append_log(key, Log::SecurityAlert, 1, "{")
        });
        damaged.await.unwrap();
        let more = value!([alert("b", "192.0.2.1"), alert("c", "192.0.2.2")]);
        engine.ingest_alerts(&ws, &more, &caller).await.unwrap();
        assert_eq!(listed().await, ["192.0.2.1", "192.0.2.2"]);
        // What no database keeps is left out, and the rest of its transaction is kept.
        let (place, long) = (ws.clone(), "x".repeat(5_000));
        let indexed = engine.shared.transact(move |t| {
            for (id, address) in [("a\0b", "192.0.2.3"), (long.as_str(), "192.0.2.4"), ("c", "192.0.2.5")] {
                let entity = value!([{ "kind": "Ip", "properties": { "address": address } }]);
                let mut entity = read_entities(&entity, "w").remove(0);
                entity.id = id.into();
                t.index_entity(&place, entity)?;
            }
            Ok(())
        });
        indexed.await.unwrap();
        assert_eq!(listed().await, ["192.0.2.1", "192.0.2.2", "192.0.2.5"]);
    }
}
