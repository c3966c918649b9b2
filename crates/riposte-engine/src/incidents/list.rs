//! Listing incidents: along an index as far as that goes, so that a page of a million costs what the page costs.
//!
//! Numbers are given in the order of creation, so a list by creation goes by number. A list by the last change goes along that.
//! What a filter says of status and severity chooses the streams that are read; they are put together by their
//! places. Where these hold many incidents that do not pass, what is kept of all of them in memory tells which to read
//! ([`super::narrowed`]). Only a list in another order reads all that passes.

use super::narrowed::Lister;
use crate::clock::nanoseconds;
use crate::document::{decode, encode};
use crate::error::Result;
use crate::keyset::{no_token, page_by_key};
use crate::shared::Shared;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Filter, Keyed, ListQuery, OrderBy, Page, key_part};
use jiff::Timestamp;
use riposte_incident::{Incident, IncidentStatus, Severity};
use riposte_store::{IncidentList, IncidentOrder, IncidentRow, Read, WorkspaceKey};
use riposte_value::Value;
use std::cell::Cell;
use std::sync::Arc;

/// The largest page, as documented.
const TOP_MAX: usize = 1000;
/// Clocks of nodes may differ by so much: how far times of creation are trusted to follow the numbers.
const CLOCKS_DIFFER: i64 = 60_000_000_000;
/// By how much a time as it is shown may differ from the one that is kept.
const SHOWN_DIFFERS: i64 = 1_000_000;
/// Where so few were changed in the time asked for, those are read and put in order.
const FEW: usize = 500;
/// Reading and decoding an incident that does not pass costs as much as looking at so many texts.
const DECODED: usize = 10;

/// What is known of every incident that passes a filter.
#[derive(Debug, Clone, Default)]
pub struct IncidentBounds {
    /// The pairs of status and severity that can pass; all of them if it is none.
    pub states: Option<Vec<(IncidentStatus, Severity)>>,
    /// From when to when it was made.
    pub created: (Option<Timestamp>, Option<Timestamp>),
    /// From when to when it was last changed.
    pub modified: (Option<Timestamp>, Option<Timestamp>),
    /// From which to which number.
    pub numbers: (Option<i64>, Option<i64>),
    /// Its name, in any case.
    pub name: Option<String>,
    /// Texts that stand in it as they are, somewhere: without quotation marks, backslashes and control characters.
    pub texts: Vec<String>,
}

/// An incident as it is shown, with its place in the list.
pub(super) type Placed = ((i64, i64), Value);

/// A list that goes along an index.
struct Walk<'q> {
    ws: &'q Workspace,
    list: IncidentList,
    filter: Option<&'q Filter>,
    texts: &'q [String],
    /// What goes beyond in number is not looked at.
    last_number: Option<i64>,
    top: usize,
    /// What may be spent on incidents that do not pass.
    budget: &'q Cell<usize>,
}

impl Transaction<'_> {
    /// When an incident of this number is made: now, and not before the one that has the number before it, so that lists
    /// by creation go by number though a clock was set back.
    pub(crate) fn time_of_creation(&self, ws: WorkspaceKey, number: i64) -> Result<Timestamp> {
        let last = self.tx.incident_created(ws, number.saturating_sub(1))?;
        let last = last.and_then(|(_, created)| Timestamp::from_nanosecond(created.into()).ok());
        Ok(last.map_or(self.now, |last| last.max(self.now)))
    }

    /// Writes an incident with what it is listed by.
    pub(crate) fn put_incident_row(&mut self, ws: WorkspaceKey, incident: &Incident) -> Result<()> {
        Ok(self.tx.put_incident(ws, &listed(incident, &encode(incident)?))?)
    }

    /// As [`Self::put_incident_row`], of several that are not there yet.
    pub(crate) fn add_incident_rows(&mut self, ws: WorkspaceKey, incidents: &[&Incident]) -> Result<()> {
        let docs: Vec<String> = incidents.iter().map(|incident| encode(*incident)).collect::<Result<_>>()?;
        let rows: Vec<_> = incidents.iter().zip(&docs).map(|(incident, doc)| listed(incident, doc)).collect();
        Ok(self.tx.add_incidents(ws, &rows)?)
    }
}

/// A document with what its incident is listed by.
fn listed<'a>(incident: &'a Incident, doc: &'a str) -> IncidentRow<'a> {
    IncidentRow {
        name: &incident.name,
        number: incident.number,
        created: nanoseconds(incident.created),
        modified: nanoseconds(incident.last_modified),
        status: incident.status.as_str(),
        severity: incident.severity.as_str(),
        doc,
    }
}

/// How many incidents of an earlier version are brought up to date in one transaction.
const CATCH_UP: usize = 500;

impl Shared {
    /// Gives incidents that an earlier version has kept what they are listed by.
    pub(crate) async fn list_older_incidents(self: &Arc<Self>) -> Result<()> {
        const DONE: &str = "incidents-listed";
        if self.store.read(|tx| tx.meta(DONE)).await?.is_some() {
            return Ok(());
        }
        let first = self.store.read(|tx| tx.workspaces()).await?.into_iter().map(|ws| ws.key).min();
        let Some(first) = first else { return Ok(()) };
        let mut after = (first, String::new());
        loop {
            let from = after.clone();
            let last = self.transact(move |t| {
                let found = t.tx.unlisted_incidents((from.0, &from.1), CATCH_UP)?;
                for (ws, _, doc) in &found {
                    t.put_incident_row(*ws, &decode("incident", doc)?)?;
                }
                if found.is_empty() {
                    t.tx.put_meta(DONE, "1")?;
                }
                Ok(found.into_iter().next_back().map(|(ws, name, _)| (ws, name)))
            });
            match last.await? {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }
}

impl Engine {
    /// A page of the workspace's incidents: the latest first, or as `order_by` says.
    pub async fn list_incidents(&self, ws: &Workspace, query: ListQuery) -> Result<Page> {
        let (ws, key, shared) = (ws.clone(), ws.key, Arc::clone(&self.shared));
        let listed = self.shared.store.read(move |tx| {
            let lister =
                Lister { shared: &shared, tx, ws: &ws, query: &query, wants_facets: Cell::new(false) };
            Ok((list(&lister), lister.wants_facets.get()))
        });
        let (page, wants_facets) = listed.await?;
        if wants_facets {
            self.shared.keep_facets(key);
        }
        page
    }
}

fn list(lister: &Lister<'_>) -> Result<Page> {
    let query = lister.query;
    let top = query.top.clamp(1, TOP_MAX);
    let Some((order, descending)) = walked(query.order_by.as_ref()) else {
        return ordered(lister, top);
    };
    let after = query.skip_token.as_deref().map(|token| read_place(token, order)).transpose()?;
    let list = IncidentList { order, descending, after, ..IncidentList::default() };
    let mut found = walk(lister, list, top + 1)?;
    let more = found.len() > top;
    found.truncate(top);
    let next = found.last().filter(|_| more).map(|(place, _)| write_place(*place, order));
    Ok(Page { items: found.into_iter().map(|(_, shown)| shown).collect(), next })
}

/// Along what a list goes and whether downwards; none if there is no index of such an order.
fn walked(order: Option<&OrderBy>) -> Option<(IncidentOrder, bool)> {
    let Some(order) = order else { return Some((IncidentOrder::Number, true)) };
    match order.path.last().map(String::as_str).filter(|_| order.then.is_empty()) {
        Some("createdTimeUtc" | "incidentNumber") => Some((IncidentOrder::Number, order.descending)),
        Some("lastModifiedTimeUtc") => Some((IncidentOrder::Modified, order.descending)),
        _ => None,
    }
}

/// The first incidents of a list that pass, `top` at most.
fn walk(lister: &Lister<'_>, list: IncidentList, top: usize) -> Result<Vec<Placed>> {
    let Lister { tx, ws, query, .. } = *lister;
    let bounds = &query.bounds;
    let filter = query.filter.as_ref();
    if let Some(name) = &bounds.name {
        return named(tx, ws, name, &list, filter);
    }
    // Times are shown with fewer digits than they are kept with; the filter itself looks at what is shown.
    let (from, to) = bounds.modified;
    let modified = (
        from.map_or(i64::MIN, |from| nanoseconds(from).saturating_sub(SHOWN_DIFFERS)),
        to.map_or(i64::MAX, |to| nanoseconds(to).saturating_add(SHOWN_DIFFERS)),
    );
    let list = IncidentList { modified, ..list };
    if list.order == IncidentOrder::Number
        && modified != (i64::MIN, i64::MAX)
        && let Some(few) = changed_lately(tx, ws, &list, filter, top)?
    {
        return Ok(few);
    }
    let (list, last_number) = within(tx, ws.key, list, bounds)?;
    let streams = streams(bounds.states.as_deref(), &list);
    let go = |budget: usize| -> Result<Option<Vec<Placed>>> {
        let budget = Cell::new(budget);
        let mut found = Vec::new();
        let alone = streams.len() == 1;
        for list in &streams {
            let list = list.clone();
            let walk = Walk { ws, list, filter, texts: &bounds.texts, last_number, top, budget: &budget };
            found.extend(walk.take(tx)?);
        }
        if !alone {
            put_in_order(&mut found, list.descending);
            found.truncate(top);
        }
        Ok((budget.get() > 0).then_some(found))
    };
    if lister.is_narrowing() {
        if let Some(found) = go(lister.shared.list_walk)? {
            return Ok(found);
        }
        if let Some(found) = lister.narrowed(&list, last_number, top)? {
            return Ok(found);
        }
    }
    Ok(go(usize::MAX)?.unwrap_or_default())
}

/// The incident of a name, if it passes and is in the list.
fn named(
    tx: &dyn Read,
    ws: &Workspace,
    name: &str,
    list: &IncidentList,
    filter: Option<&Filter>,
) -> Result<Vec<Placed>> {
    let Some(doc) = tx.incident(ws.key, name)? else { return Ok(Vec::new()) };
    let incident: Incident = decode("incident", &doc)?;
    let place = place_of(&incident, list.order);
    let shown = shown(ws, &doc, filter)?.filter(|_| is_after(place, list));
    Ok(shown.map(|shown| (place, shown)).into_iter().collect())
}

/// Where an incident stands in lists of an order.
pub(super) fn place_of(incident: &Incident, order: IncidentOrder) -> (i64, i64) {
    match order {
        IncidentOrder::Number => (incident.number, incident.number),
        IncidentOrder::Modified => (nanoseconds(incident.last_modified), incident.number),
    }
}

/// Whether a place is in what is left of a list.
pub(super) fn is_after(place: (i64, i64), list: &IncidentList) -> bool {
    match list.after {
        None => true,
        Some(after) if list.descending => place < after,
        Some(after) => place > after,
    }
}

/// Where few were changed in the time asked for: those, in the order of their numbers.
fn changed_lately(
    tx: &dyn Read,
    ws: &Workspace,
    list: &IncidentList,
    filter: Option<&Filter>,
    top: usize,
) -> Result<Option<Vec<Placed>>> {
    let by_change = IncidentList { order: IncidentOrder::Modified, after: None, ..list.clone() };
    let mut docs = Vec::new();
    tx.visit_incidents(ws.key, &by_change, &mut |(_, number), doc| {
        docs.push((number, doc.to_owned()));
        docs.len() <= FEW
    })?;
    if docs.len() > FEW {
        return Ok(None);
    }
    let is_beyond = |number: i64| match list.after {
        None => true,
        Some((after, _)) if list.descending => number < after,
        Some((after, _)) => number > after,
    };
    let mut found = Vec::new();
    for (number, doc) in docs.into_iter().filter(|(number, _)| is_beyond(*number)) {
        found.extend(shown(ws, &doc, filter)?.map(|shown| ((number, number), shown)));
    }
    put_in_order(&mut found, list.descending);
    found.truncate(top);
    Ok(Some(found))
}

/// Begins and ends a list by number where the bounds of number and time of creation say so.
fn within(
    tx: &dyn Read,
    ws: WorkspaceKey,
    mut list: IncidentList,
    bounds: &IncidentBounds,
) -> Result<(IncidentList, Option<i64>)> {
    if list.order != IncidentOrder::Number {
        return Ok((list, None));
    }
    let (from, to) = bounds.numbers;
    let mut range = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
    let (from, to) = bounds.created;
    if let Some(from) = from {
        range.0 = range.0.max(number_at(tx, ws, nanoseconds(from).saturating_sub(CLOCKS_DIFFER))?);
    }
    if let Some(to) = to {
        range.1 = range.1.min(number_at(tx, ws, nanoseconds(to).saturating_add(CLOCKS_DIFFER))?);
    }
    let after = list.after.map(|(number, _)| number);
    let (first, last) = if list.descending {
        let start = range.1.saturating_add(1);
        (after.map_or(start, |after| after.min(start)), range.0)
    } else {
        let start = range.0.saturating_sub(1);
        (after.map_or(start, |after| after.max(start)), range.1)
    };
    list.after = Some((first, first));
    Ok((list, Some(last)))
}

/// The number of the first incident that was made at a time or later; one more than the last if there is none.
fn number_at(tx: &dyn Read, ws: WorkspaceKey, time: i64) -> Result<i64> {
    let (mut low, mut high) = (1, tx.last_incident_number(ws)?.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        match tx.incident_created(ws, middle)? {
            Some((_, created)) if created < time => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// One list for each status, severity or pair of them that can pass.
fn streams(states: Option<&[(IncidentStatus, Severity)]>, list: &IncidentList) -> Vec<IncidentList> {
    let Some(states) = states else { return vec![list.clone()] };
    let statuses: Vec<_> =
        IncidentStatus::ALL.iter().filter(|s| states.iter().any(|(own, _)| own == *s)).collect();
    let severities: Vec<_> =
        Severity::ALL.iter().filter(|s| states.iter().any(|(_, own)| own == *s)).collect();
    let is_product = states.len() == statuses.len() * severities.len();
    let of = |status: Option<&IncidentStatus>, severity: Option<&Severity>| IncidentList {
        status: status.map(|status| status.as_str().to_owned()),
        severity: severity.map(|severity| severity.as_str().to_owned()),
        ..list.clone()
    };
    let (every_status, every_severity) =
        (statuses.len() == IncidentStatus::ALL.len(), severities.len() == Severity::ALL.len());
    match (is_product, every_status, every_severity) {
        (true, true, true) => vec![list.clone()],
        (true, false, true) => statuses.into_iter().map(|status| of(Some(status), None)).collect(),
        (true, true, false) => severities.into_iter().map(|severity| of(None, Some(severity))).collect(),
        _ => states.iter().map(|(status, severity)| of(Some(status), Some(severity))).collect(),
    }
}

impl Walk<'_> {
    fn take(&self, tx: &dyn Read) -> Result<Vec<Placed>> {
        let mut found = Vec::new();
        let mut failure = None;
        tx.visit_incidents(self.ws.key, &self.list, &mut |place, doc| {
            if self.is_over(place.1) {
                return false;
            }
            // Reading a document costs many times what looking for a text in it does.
            if !self.texts.iter().all(|text| doc.contains(text.as_str())) {
                return self.spend(1);
            }
            match shown(self.ws, doc, self.filter) {
                Ok(Some(shown)) => found.push((place, shown)),
                Ok(None) => return self.spend(DECODED),
                Err(error) => failure = Some(error),
            }
            failure.is_none() && found.len() < self.top
        })?;
        failure.map_or(Ok(found), Err)
    }

    /// Whether there is something left to spend.
    fn spend(&self, cost: usize) -> bool {
        self.budget.set(self.budget.get().saturating_sub(cost));
        self.budget.get() > 0
    }

    fn is_over(&self, number: i64) -> bool {
        self.last_number.is_some_and(|last| if self.list.descending { number < last } else { number > last })
    }
}

/// An incident as it is shown, if it passes.
pub(super) fn shown(ws: &Workspace, doc: &str, filter: Option<&Filter>) -> Result<Option<Value>> {
    let shown = decode::<Incident>("incident", doc)?.to_arm(&ws.reference);
    Ok(filter.is_none_or(|filter| filter(&shown)).then_some(shown))
}

pub(super) fn put_in_order(found: &mut [Placed], descending: bool) {
    found.sort_by_key(|(place, _)| *place);
    if descending {
        found.reverse();
    }
}

/// Reads all that pass, sorts them and takes a page. Those of one key go by number, in the direction of the first order.
fn ordered(lister: &Lister<'_>, top: usize) -> Result<Page> {
    let query = lister.query;
    let all = walk(lister, IncidentList::default(), usize::MAX)?;
    let orders: Vec<&OrderBy> =
        query.order_by.iter().flat_map(|first| std::iter::once(first).chain(&first.then)).collect();
    let mut descending: Vec<bool> = orders.iter().map(|order| order.descending).collect();
    descending.extend(descending.first().copied());
    let keyed = all.into_iter().map(|((_, number), item)| {
        let part = |order: &&OrderBy| {
            key_part(order.path.iter().try_fold(&item, |value, name| value.get_ignore_case(name)))
        };
        let key = orders.iter().map(part).chain([Value::Int(number)]).collect();
        Keyed { key, item }
    });
    page_by_key(keyed.collect(), &descending, query.skip_token.as_deref(), top)
}

/// A skip token: the number, or the time of the last change and the number.
fn write_place((key, number): (i64, i64), order: IncidentOrder) -> String {
    match order {
        IncidentOrder::Number => number.to_string(),
        IncidentOrder::Modified => format!("{key}_{number}"),
    }
}

fn read_place(token: &str, order: IncidentOrder) -> Result<(i64, i64)> {
    match order {
        IncidentOrder::Number => number(token).map(|number| (number, number)),
        IncidentOrder::Modified => {
            let (key, place) = token.split_once('_').ok_or_else(no_token)?;
            Ok((number(key).map_err(|_| no_token())?, number(place).map_err(|_| no_token())?))
        }
    }
}

fn number(token: &str) -> Result<i64> {
    token.parse().map_err(|_| no_token())
}
