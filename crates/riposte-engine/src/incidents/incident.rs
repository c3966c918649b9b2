//! Incidents themselves: make, replace, read, list, remove.

use super::change::Cause;
use super::find;
use crate::access::Caller;
use crate::document::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, ListQuery, OrderBy, Page, Written};
use riposte_incident::{Incident, IncidentPatch, apply, from_arm_put};
use riposte_value::Value;

/// The largest page, as documented.
const TOP_MAX: usize = 1000;

impl Engine {
    /// Makes or replaces an incident. `incident` is its GUID. A stale etag in the body is refused; a body without one
    /// is taken.
    pub async fn put_incident(
        &self,
        ws: &Workspace,
        incident: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<Written> {
        let put = from_arm_put(body).map_err(Error::invalid)?;
        let (ws, name, cause) = (ws.clone(), incident.to_owned(), Cause::of(&caller.actor));
        self.shared
            .transact(move |t| {
                let Some(text) = t.tx.incident(ws.key, &name)? else {
                    let made = t.create_incident(&ws, &name, &put.patch, &cause)?;
                    return Ok(Written { created: true, resource: made.to_arm(&ws.reference) });
                };
                let mut incident: Incident = decode("incident", &text)?;
                if put.etag.is_some_and(|etag| !incident.etag_is(&etag)) {
                    return Err(Error::stale(&incident.name));
                }
                let change = apply(&mut incident, &put.patch, &cause.actor, t.now).map_err(Error::invalid)?;
                t.incident_changed(&ws, &incident, change, &cause)?;
                Ok(Written { created: false, resource: incident.to_arm(&ws.reference) })
            })
            .await
    }

    /// An incident by its GUID or number.
    pub async fn incident(&self, ws: &Workspace, incident: &str) -> Result<Value> {
        Ok(self.read_incident(ws, incident).await?.to_arm(&ws.reference))
    }

    pub(super) async fn read_incident(&self, ws: &Workspace, incident: &str) -> Result<Incident> {
        let (key, incident) = (ws.key, incident.to_owned());
        self.shared.store.read(move |tx| Ok(find(tx, key, &incident))).await?
    }

    /// A page of the workspace's incidents: the latest first, or as `order_by` says.
    pub async fn list_incidents(&self, ws: &Workspace, query: ListQuery) -> Result<Page> {
        let top = query.top.clamp(1, TOP_MAX);
        match query.order_by {
            None => self.latest_incidents(ws, query, top).await,
            Some(_) => self.ordered_incidents(ws, query, top).await,
        }
    }

    /// Reads only as far as the page goes.
    async fn latest_incidents(&self, ws: &Workspace, query: ListQuery, top: usize) -> Result<Page> {
        let before = query.skip_token.as_deref().map(skip_number).transpose()?;
        let ws = ws.clone();
        self.shared
            .store
            .read(move |tx| {
                let mut items: Vec<(i64, Value)> = Vec::new();
                let mut failure = None;
                tx.visit_incidents(ws.key, before, &mut |number, text| {
                    match decode::<Incident>("incident", text) {
                        Err(error) => failure = Some(error),
                        Ok(incident) => {
                            let shown = incident.to_arm(&ws.reference);
                            if query.filter.as_ref().is_none_or(|filter| filter(&shown)) {
                                items.push((number, shown));
                            }
                        }
                    }
                    failure.is_none() && items.len() <= top
                })?;
                Ok(failure.map_or(Ok(items), Err))
            })
            .await?
            .map(|mut items| {
                let more = items.len() > top;
                items.truncate(top);
                let next = items.last().filter(|_| more).map(|(number, _)| number.to_string());
                Page { items: items.into_iter().map(|(_, shown)| shown).collect(), next }
            })
    }

    /// Reads all that match, sorts them and takes a page.
    async fn ordered_incidents(&self, ws: &Workspace, mut query: ListQuery, top: usize) -> Result<Page> {
        let skip =
            usize::try_from(query.skip_token.take().as_deref().map_or(Ok(0), skip_number)?).unwrap_or(0);
        let order = query.order_by.take();
        let all = ListQuery { top: usize::MAX, ..query };
        let mut items = self.latest_incidents(ws, all, usize::MAX - 1).await?.items;
        if let Some(order) = order {
            sort(&mut items, &order);
        }
        let more = items.len() > skip.saturating_add(top);
        let items: Vec<Value> = items.into_iter().skip(skip).take(top).collect();
        Ok(Page { items, next: more.then(|| (skip + top).to_string()) })
    }

    /// Removes an incident with its comments, tasks and timeline; whether it was there.
    pub async fn delete_incident(&self, ws: &Workspace, incident: &str, _caller: &Caller) -> Result<bool> {
        let (key, name) = (ws.key, incident.to_owned());
        Ok(self.shared.store.write(move |tx| tx.delete_incident(key, &name)).await?)
    }
}

impl Transaction<'_> {
    /// Makes an incident with the next number.
    pub(crate) fn create_incident(
        &mut self,
        ws: &Workspace,
        name: &str,
        patch: &IncidentPatch,
        cause: &Cause,
    ) -> Result<Incident> {
        // A refusal must not use a number up.
        Incident::create(name, 0, patch, &cause.actor, self.now).map_err(Error::invalid)?;
        let number = self.tx.next_incident_number(ws.key)?;
        let incident =
            Incident::create(name, number, patch, &cause.actor, self.now).map_err(Error::invalid)?;
        self.incident_created(ws, &incident, cause)?;
        Ok(incident)
    }
}

fn skip_number(token: &str) -> Result<i64> {
    token.parse().map_err(|_| {
        Error::new(ErrorKind::BadRequest, "BadRequest", format!("'{token}' is not a skip token"))
    })
}

/// Sorts by a property: numbers by size, everything else by its text.
fn sort(items: &mut [Value], order: &OrderBy) {
    let path: Vec<&str> = order.path.iter().map(String::as_str).collect();
    let key = |item: &Value| -> (Option<i64>, String) {
        let value = path.iter().try_fold(item, |value, name| value.get_ignore_case(name));
        match value {
            Some(Value::Int(number)) => (Some(*number), String::new()),
            Some(Value::String(text)) => (None, text.to_lowercase()),
            Some(other) => (None, other.to_string()),
            None => (None, String::new()),
        }
    };
    items.sort_by_cached_key(key);
    if order.descending {
        items.reverse();
    }
}
