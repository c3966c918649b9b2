//! What lists filter by, in memory: of each incident of a workspace the texts, names and times that a filter can ask
//! for, column by column, so that a filter that few of a million incidents pass costs milliseconds.
//!
//! It is a hint: what it leaves is read from the store and filtered there, in the list's own transaction. It is made when
//! a list has looked at many incidents without filling its page, follows the store by the turn in which an incident was
//! last written, and goes when no list has asked for it for a while, or when it would take too much memory. An incident
//! that was changed since it was last looked at is looked at first; one that is gone is not found in the store.

mod dictionary;
mod fragment;
mod narrowing;

pub use dictionary::Fold;
pub use fragment::IncidentFacet;
pub use narrowing::{FacetTest, IncidentTime, Narrowing};

use crate::clock::nanoseconds;
use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use dictionary::Dictionary;
use jiff::Timestamp;
use narrowing::Plan;
use riposte_incident::Incident;
use riposte_store::{Read, WorkspaceKey};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How much memory the facets of a workspace may take, in bytes.
const BYTES_MAX: usize = 256 << 20;
/// How many changed incidents a list looks at itself.
const FOLLOWED_BY_A_LIST: usize = 2_000;
/// How long they stay after the last list that asked for them.
const KEPT_FOR: Duration = Duration::from_mins(10);
/// How often they are brought up to date meanwhile.
const FOLLOWED_EACH: Duration = Duration::from_millis(100);

/// The number of a text that is not there.
const NONE: u32 = u32::MAX;
/// A time that is not there.
const NO_TIME: i64 = i64::MIN;

/// The facets of all workspaces.
#[derive(Default)]
pub(crate) struct Facets(Mutex<BTreeMap<WorkspaceKey, Arc<Workspace>>>);

/// Those of one workspace.
pub(crate) struct Workspace {
    rows: RwLock<Rows>,
    asked: Mutex<Instant>,
    /// Whether somebody keeps them up to date.
    is_followed: AtomicBool,
}

/// One row for each incident, at the place of its number.
#[derive(Default)]
pub(crate) struct Rows {
    facets: [Kept; IncidentFacet::ALL.len()],
    times: [Vec<i64>; 4],
    /// How far the changes of the store were followed.
    seen: (i64, i64),
    /// They would take too much memory.
    is_given_up: bool,
}

/// A facet of all incidents.
#[derive(Default)]
struct Kept {
    dictionary: Dictionary,
    /// The number of the text of each.
    rows: Vec<u32>,
}

/// What is kept of one incident.
struct Row {
    number: i64,
    texts: [Option<String>; IncidentFacet::ALL.len()],
    times: [i64; 4],
}

impl Facets {
    /// Those of a workspace; empty ones if none were asked for lately.
    pub(super) fn of(&self, workspace: WorkspaceKey) -> Arc<Workspace> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.entry(workspace).or_insert_with(|| {
            Arc::new(Workspace {
                rows: RwLock::default(),
                asked: Mutex::new(Instant::now()),
                is_followed: AtomicBool::new(false),
            })
        });
        *found.asked.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        Arc::clone(found)
    }

    fn forget(&self, workspace: WorkspaceKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&workspace);
    }
}

impl Workspace {
    /// Follows the changes that a transaction sees; whether that was all of them.
    pub(super) fn follow(&self, tx: &dyn Read, workspace: WorkspaceKey) -> Result<bool> {
        loop {
            let seen = {
                let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
                if rows.is_given_up {
                    return Ok(false);
                }
                rows.seen
            };
            let (found, last) = changed(tx, workspace, seen)?;
            let is_all = found.len() < FOLLOWED_BY_A_LIST;
            if found.is_empty() {
                return Ok(true);
            }
            let mut rows = self.rows.write().unwrap_or_else(PoisonError::into_inner);
            if rows.seen == seen {
                rows.take(&found);
                rows.seen = last;
                return Ok(is_all && !rows.is_given_up);
            }
            // Somebody else has followed further meanwhile, and what he has read is not older.
            if rows.seen >= last {
                return Ok(is_all && !rows.is_given_up);
            }
        }
    }

    /// Shows the numbers of the incidents in a range of numbers that a filter could leave, up or down, until `show`
    /// answers false.
    pub(super) fn visit(
        &self,
        narrowing: &Narrowing,
        numbers: Range<i64>,
        descending: bool,
        show: &mut dyn FnMut(i64) -> Result<bool>,
    ) -> Result<()> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        rows.visit(narrowing, numbers, descending, show)
    }

    /// The numbers of the incidents that a filter could leave, by the time of their last change, up or down, after a place
    /// in that order.
    pub(super) fn by_change(
        &self,
        narrowing: &Narrowing,
        descending: bool,
        after: Option<(i64, i64)>,
    ) -> Result<Vec<i64>> {
        let rows = self.rows.read().unwrap_or_else(PoisonError::into_inner);
        let modified = rows.times(IncidentTime::LastModified);
        let mut places = Vec::new();
        rows.visit(narrowing, 0..i64::MAX, false, &mut |number| {
            let place = (modified.get(place_of_number(number)).copied().unwrap_or(NO_TIME), number);
            if after.is_none_or(|after| if descending { place < after } else { place > after }) {
                places.push(place);
            }
            Ok(true)
        })?;
        places.sort_unstable();
        if descending {
            places.reverse();
        }
        Ok(places.into_iter().map(|(_, number)| number).collect())
    }
}

/// The next incidents that were changed since, and how far they go.
fn changed(tx: &dyn Read, workspace: WorkspaceKey, seen: (i64, i64)) -> Result<(Vec<Row>, (i64, i64))> {
    let (mut found, mut failure, mut last) = (Vec::new(), None, seen);
    tx.changed_incidents(workspace, seen, FOLLOWED_BY_A_LIST, &mut |place, doc| {
        match decode::<Incident>("incident", doc) {
            Ok(incident) => found.push(Row::of(&incident)),
            Err(error) => failure = Some(error),
        }
        last = place;
    })?;
    failure.map_or(Ok((found, last)), Err)
}

impl Rows {
    fn visit(
        &self,
        narrowing: &Narrowing,
        numbers: Range<i64>,
        descending: bool,
        show: &mut dyn FnMut(i64) -> Result<bool>,
    ) -> Result<()> {
        let mut plan = Plan::new(narrowing, self);
        let end = self.len().min(place_of_number(numbers.end));
        let places = place_of_number(numbers.start).min(end)..end;
        let mut each = |at: usize| -> Result<bool> {
            if !self.is_there(at) || plan.known(at) == Some(false) { Ok(true) } else { show(number_of(at)) }
        };
        if descending {
            for at in places.rev() {
                if !each(at)? {
                    break;
                }
            }
        } else {
            for at in places {
                if !each(at)? {
                    break;
                }
            }
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.kept(IncidentFacet::Title).rows.len()
    }

    fn is_there(&self, at: usize) -> bool {
        self.kept(IncidentFacet::Title).rows.get(at).is_some_and(|title| *title != NONE)
    }

    fn kept(&self, facet: IncidentFacet) -> &Kept {
        let [title, description, comment, provider, state, owner, lists] = &self.facets;
        match facet {
            IncidentFacet::Title => title,
            IncidentFacet::Description => description,
            IncidentFacet::ClassificationComment => comment,
            IncidentFacet::ProviderIncidentId => provider,
            IncidentFacet::State => state,
            IncidentFacet::Owner => owner,
            IncidentFacet::Lists => lists,
        }
    }

    fn times(&self, time: IncidentTime) -> &[i64] {
        let [created, modified, first, last] = &self.times;
        match time {
            IncidentTime::Created => created,
            IncidentTime::LastModified => modified,
            IncidentTime::FirstActivity => first,
            IncidentTime::LastActivity => last,
        }
    }

    fn take(&mut self, found: &[Row]) {
        for row in found {
            if self.put(row).is_none() {
                self.give_up();
                return;
            }
        }
        let dictionaries: usize =
            self.facets.iter().map(|kept| kept.dictionary.bytes() + kept.rows.capacity() * 4).sum();
        let times: usize = self.times.iter().map(|times| times.capacity() * 8).sum();
        if dictionaries + times > BYTES_MAX {
            self.give_up();
        }
    }

    fn put(&mut self, row: &Row) -> Option<()> {
        let at = place_of_number(row.number);
        if at >= BYTES_MAX / size_of::<Row>() {
            return None;
        }
        for (kept, text) in self.facets.iter_mut().zip(&row.texts) {
            let number = text.as_deref().map_or(Some(NONE), |text| kept.dictionary.number(text))?;
            place(&mut kept.rows, at, NONE, number);
        }
        for (times, time) in self.times.iter_mut().zip(row.times) {
            place(times, at, NO_TIME, time);
        }
        Some(())
    }

    fn give_up(&mut self) {
        tracing::warn!(
            "what lists of incidents filter by takes too much memory; they read the store instead"
        );
        *self = Self { is_given_up: true, ..Self::default() };
    }
}

impl Row {
    fn of(incident: &Incident) -> Self {
        let time = |time: Option<Timestamp>| time.map_or(NO_TIME, nanoseconds);
        Self {
            number: incident.number,
            texts: IncidentFacet::ALL.map(|facet| facet.of(incident)),
            times: [
                nanoseconds(incident.created),
                nanoseconds(incident.last_modified),
                time(incident.first_activity),
                time(incident.last_activity),
            ],
        }
    }
}

/// Puts a value at a place of a list that grows as far as that.
fn place<T: Copy>(list: &mut Vec<T>, at: usize, empty: T, value: T) {
    if list.len() <= at {
        list.resize(at + 1, empty);
    }
    if let Some(own) = list.get_mut(at) {
        *own = value;
    }
}

fn place_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Where the incident of a number is.
fn place_of_number(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

fn number_of(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

impl Shared {
    /// Sees to it that the facets of a workspace are made and follow the store, as long as lists ask for them.
    pub(super) fn keep_facets(self: &Arc<Self>, workspace: WorkspaceKey) {
        let facets = self.facets.of(workspace);
        if facets.is_followed.swap(true, Ordering::SeqCst) {
            return;
        }
        let shared = Arc::clone(self);
        let mut stopping = self.stopping.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                followed = follow(&shared, workspace, &facets) => if let Err(error) = followed {
                    tracing::error!(%error, "what lists of incidents filter by cannot be read");
                }
            }
            shared.facets.forget(workspace);
        });
    }
}

async fn follow(shared: &Arc<Shared>, workspace: WorkspaceKey, facets: &Arc<Workspace>) -> Result<()> {
    let asked = || facets.asked.lock().unwrap_or_else(PoisonError::into_inner).elapsed();
    while asked() < KEPT_FOR {
        let rows = Arc::clone(facets);
        let is_all = shared.store.read(move |tx| Ok(rows.follow(tx, workspace))).await??;
        let is_given_up = facets.rows.read().unwrap_or_else(PoisonError::into_inner).is_given_up;
        if is_all || is_given_up {
            tokio::time::sleep(FOLLOWED_EACH).await;
        }
    }
    Ok(())
}
