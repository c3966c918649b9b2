//! What a workspace keeps by name beside incidents and rules, as ARM resources: bookmarks, watchlists and their items,
//! data connectors, onboarding states, indicators of threat intelligence.
//!
//! All of them are written, read, listed and removed in one way; what tells them apart stands in `kind.rs`.
//! The store keeps `{name, etag, kind?, properties}`: the resource without what its place says. Names are compared
//! without regard to case; a stale etag in the body of a write is refused in Azure's words.

mod bookmarks;
mod credentials;
mod delimited;
mod indicators;
mod kind;
mod properties;
mod watchlists;
mod whole;

pub(crate) use bookmarks::{BOOKMARKS_MAX, bookmarks_of};
pub(crate) use whole::PreparedWatchlist;

use crate::access::Caller;
use crate::audit::Audited;
use crate::clock::new_guid;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Page, Written};
use kind::Kind;
use riposte_store::{Read, WorkspaceKey};
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};

/// A kind of thing that a workspace keeps by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collection {
    /// What people have marked while hunting.
    Bookmarks,
    /// Where data comes from.
    DataConnectors,
    /// What says that a workspace is set up.
    OnboardingStates,
    /// Indicators of threat intelligence.
    ThreatIndicators,
    /// Lists that rules and queries look things up in.
    Watchlists,
    /// The rows of a watchlist; below it.
    WatchlistItems,
}

/// An item, by where it lies.
#[derive(Debug, Clone)]
pub struct ItemPlace {
    /// Among what.
    pub collection: Collection,
    /// The watchlist of a row; empty for all others.
    pub parent: String,
    /// Its name.
    pub name: String,
}

/// An item as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StoredItem {
    pub(crate) name: Text,
    pub(crate) etag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Text>,
    pub(crate) properties: Object,
    /// The incidents that hold a bookmark.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<bookmarks::Holder>,
}

impl StoredItem {
    fn of(tx: &dyn Read, workspace: WorkspaceKey, place: &ItemPlace) -> Result<Option<Self>> {
        let kind = Kind::of(place.collection);
        decode_some(kind.what, tx.item(workspace, kind.item, &place.parent, &place.name)?)
    }

    fn to_arm(&self, tx: &dyn Read, ws: &Workspace, kind: &Kind, parent: &str) -> Result<Value> {
        let mut resource = Object::new();
        resource.insert("id", ws.reference.resource_id(&kind.path_below(parent), &self.name));
        resource.insert("name", &self.name);
        resource.insert("type", kind.resource_type);
        resource.insert("etag", format!("\"{}\"", self.etag));
        if let Some(kind) = &self.kind {
            resource.insert("kind", kind);
        }
        let mut properties = self.properties.clone();
        if let Some(held) = bookmarks::incident_info(tx, ws, &self.incidents)? {
            properties.insert("incidentInfo", held);
        }
        resource.insert("properties", properties);
        Ok(Value::from(resource))
    }
}

/// Whether a PUT body can make an item where there is none of what it could lie below.
///
/// # Errors
/// What is wrong with it.
pub fn check_item(collection: Collection, body: &Value) -> Result<()> {
    kind::read(Kind::of(collection), body)?;
    watchlists::Content::read(collection, body)?;
    Ok(())
}

impl Engine {
    /// Makes or replaces an item. Refused are a body that is not of the collection's shape, a stale etag, and a row of a
    /// watchlist that is not there.
    pub async fn put_item(
        &self,
        ws: &Workspace,
        place: &ItemPlace,
        body: &Value,
        caller: &Caller,
    ) -> Result<Written> {
        let draft = kind::read(Kind::of(place.collection), body)?;
        let content = watchlists::Content::read(place.collection, body)?;
        let (ws, place, caller) = (ws.clone(), place.clone(), caller.clone());
        let written = self
            .shared
            .transact(move |t| {
                let kind = Kind::of(place.collection);
                t.parent_of(&ws, &place)?;
                let (created, mut item) = t.save_item(&ws, &place, draft, &caller)?;
                if let Some(content) = &content {
                    t.fill_watchlist(&ws, &mut item, content, &caller)?;
                }
                Ok(Written { created, resource: item.to_arm(&*t.tx, &ws, kind, &place.parent)? })
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// An item.
    pub async fn item(&self, ws: &Workspace, place: &ItemPlace) -> Result<Value> {
        let (ws, place) = (ws.clone(), place.clone());
        self.shared
            .store
            .read(move |tx| {
                let kind = Kind::of(place.collection);
                Ok(StoredItem::of(tx, ws.key, &place).and_then(|item| {
                    let item = item.ok_or_else(|| absent(&ws, &place))?;
                    item.to_arm(tx, &ws, kind, &place.parent)
                }))
            })
            .await?
    }

    /// Items by name, those after `after`, `limit` at most; `next` is what to give as `after` for the next page.
    pub async fn items(
        &self,
        ws: &Workspace,
        collection: Collection,
        parent: &str,
        after: &str,
        limit: usize,
    ) -> Result<Page> {
        let (ws, parent, after) = (ws.clone(), parent.to_owned(), after.to_owned());
        self.shared
            .store
            .read(move |tx| {
                let kind = Kind::of(collection);
                let page = || {
                    watchlists::must_exist(tx, &ws, collection, &parent)?;
                    let mut rows = tx.items(ws.key, kind.item, &parent, &after, limit.saturating_add(1))?;
                    let more = rows.len() > limit;
                    rows.truncate(limit);
                    let next = rows.last().filter(|_| more).map(|(name, _)| name.clone());
                    let items = rows.iter().map(|(_, text)| {
                        decode::<StoredItem>(kind.what, text)?.to_arm(tx, &ws, kind, &parent)
                    });
                    Ok(Page { items: items.collect::<Result<_>>()?, next })
                };
                Ok(page())
            })
            .await?
    }

    /// Removes an item and what lies below it; whether it was there.
    pub async fn delete_item(&self, ws: &Workspace, place: &ItemPlace, caller: &Caller) -> Result<bool> {
        let (ws, place, caller) = (ws.clone(), place.clone(), caller.clone());
        let removed = self.shared.transact(move |t| t.remove_item(&ws, &place, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}

impl Transaction<'_> {
    /// What the item lies below, which must be there.
    fn parent_of(&self, ws: &Workspace, place: &ItemPlace) -> Result<()> {
        watchlists::must_exist(&*self.tx, ws, place.collection, &place.parent)
    }

    /// Removes an item and what lies below it; whether it was there.
    fn remove_item(&mut self, ws: &Workspace, place: &ItemPlace, caller: &Caller) -> Result<bool> {
        let kind = Kind::of(place.collection);
        self.parent_of(ws, place)?;
        let Some(known) = StoredItem::of(&*self.tx, ws.key, place)? else { return Ok(false) };
        caller.precondition.check_delete(&known.name, &known.etag)?;
        if place.collection == Collection::Watchlists {
            let rows = Kind::of(Collection::WatchlistItems);
            self.tx.delete_items(ws.key, rows.item, &place.name)?;
        }
        self.leave_incidents(ws, &known, caller)?;
        let before = known.to_arm(&*self.tx, ws, kind, &place.parent)?;
        self.audit_item(ws, kind, caller, Some(&before), None)?;
        Ok(self.tx.delete_item(ws.key, kind.item, &place.parent, &place.name)?)
    }

    /// Saves what a body said; whether it is new, and the item as it stands now. What changes nothing keeps its etag.
    fn save_item(
        &mut self,
        ws: &Workspace,
        place: &ItemPlace,
        draft: kind::Draft,
        caller: &Caller,
    ) -> Result<(bool, StoredItem)> {
        let kind = Kind::of(place.collection);
        let known = StoredItem::of(&*self.tx, ws.key, place)?;
        let name = known.as_ref().map_or_else(|| Text::new(&place.name), |known| known.name.clone());
        let etag = known.as_ref().map(|known| known.etag.as_str());
        caller.precondition.check_put(&name, etag, draft.etag.as_deref())?;
        let mut properties = draft.properties;
        kind.complete(&mut properties, &name, known.as_ref().map(|known| &known.properties));
        if let Some(known) = &known
            && known.kind == draft.kind
            && kind.is_same(&known.properties, &properties)
        {
            return Ok((false, known.clone()));
        }
        kind.stamp(&mut properties, known.as_ref().map(|known| &known.properties), &caller.actor, self.now);
        let item = StoredItem {
            name,
            etag: new_guid(),
            kind: draft.kind,
            properties,
            incidents: known.as_ref().map(|known| known.incidents.clone()).unwrap_or_default(),
        };
        self.keep_item(ws, place.collection, &place.parent, &item)?;
        let shown = |item: &StoredItem| item.to_arm(&*self.tx, ws, kind, &place.parent);
        let (before, after) = (known.as_ref().map(shown).transpose()?, shown(&item)?);
        self.audit_item(ws, kind, caller, before.as_ref(), Some(&after))?;
        Ok((known.is_none(), item))
    }

    /// Notes in SentinelAudit that an item was made, changed or removed.
    fn audit_item(
        &mut self,
        ws: &Workspace,
        kind: &Kind,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let id = after.or(before).and_then(|item| item.str_at(&["id"])).unwrap_or_default();
        let object = Audited { id, kind: kind.resource_type, resource_type: kind.title, workspace: Some(ws) };
        self.audit(object, caller, before, after)
    }

    fn keep_item(
        &mut self,
        ws: &Workspace,
        collection: Collection,
        parent: &str,
        item: &StoredItem,
    ) -> Result<()> {
        Ok(self.tx.put_item(ws.key, Kind::of(collection).item, parent, &item.name, &encode(item)?)?)
    }
}

fn absent(ws: &Workspace, place: &ItemPlace) -> Error {
    let kind = Kind::of(place.collection);
    Error::resource_not_found(&ws.reference.resource_id(&kind.path_below(&place.parent), &place.name))
}
