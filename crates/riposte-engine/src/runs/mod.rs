//! Playbook runs: begun in the transaction that wants them, taken up after its commit, driven step by step.
//!
//! A run's truth is in the store: what it began with, the interpreter's sealed state, its action records, and
//! outcomes that are committed but not yet seen. [`drive`] holds the same in memory while the run is under way.

mod actions;
mod address;
mod begin;
mod callback;
mod carry_out;
mod children;
mod commit;
mod contents;
mod drive;
mod history;
mod list;
mod mail;
mod manual;
mod parked;
mod recover;
mod requests;
mod resume;
mod script;
mod services;
mod tokens;
mod traces;
mod work;

pub(crate) use address::AddressKey;
pub(crate) use begin::{Beginning, Launch, Occasion, Parent, Reach, TriggeredBy, playbook_name};
pub use callback::Callback;
pub use contents::ContentRequest;
pub(crate) use contents::Links;
pub use history::RunExpansion;
pub(crate) use history::{RunHistory, RunOutcome};
pub(crate) use parked::ParkedRuns;
pub use services::Services;
pub use tokens::Identity;
pub(crate) use tokens::Tokens;

use crate::error::{Error, Result};
use crate::shared::{Shared, Table};
use mail::CANCEL;
use riposte_workflow::EventKind;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How often a run that is not under way here is looked at by who waits for its end.
const END_POLL: Duration = Duration::from_millis(500);

/// How long a run's place may be held by who looks for it.
const HELD: Duration = Duration::from_millis(50);

/// A run under way.
struct Active {
    mailbox: mpsc::UnboundedSender<EventKind>,
    /// Turns true when the run has ended.
    ended: watch::Receiver<bool>,
}

/// The runs under way, by their names.
#[derive(Default)]
pub(crate) struct ActiveRuns {
    table: Table<BTreeMap<String, Active>>,
    /// How many were ever added, so that who looks at several tables knows that none moved from one to another meanwhile.
    added: AtomicU64,
    /// Runs that are between two places: out of the table, to be looked at again in a moment.
    between: Arc<AtomicUsize>,
}

/// Counts a run as under way while it has no place in the table.
pub(crate) struct Between(Arc<AtomicUsize>);

impl Drop for Between {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ActiveRuns {
    /// Makes a place for a run; none if it has one.
    fn add(&self, id: &str, mailbox: mpsc::UnboundedSender<EventKind>) -> Option<watch::Sender<bool>> {
        Self::add_to(&mut self.table.write(), &self.added, id, mailbox)
    }

    fn add_to(
        table: &mut BTreeMap<String, Active>,
        added: &AtomicU64,
        id: &str,
        mailbox: mpsc::UnboundedSender<EventKind>,
    ) -> Option<watch::Sender<bool>> {
        let (end, ended) = watch::channel(false);
        match table.entry(id.to_owned()) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(Active { mailbox, ended });
                added.fetch_add(1, Ordering::SeqCst);
                Some(end)
            }
        }
    }

    /// Counts a run as under way, though it leaves the table, until what is given back is dropped.
    pub(crate) fn between(&self) -> Between {
        self.between.fetch_add(1, Ordering::SeqCst);
        self.added.fetch_add(1, Ordering::SeqCst);
        Between(Arc::clone(&self.between))
    }

    /// How many were ever added.
    pub(crate) fn added(&self) -> u64 {
        self.added.load(Ordering::SeqCst)
    }

    fn remove(&self, id: &str) {
        self.table.write().remove(id);
    }

    /// Tells a run under way that something happened to it; whether there is one.
    fn send(&self, id: &str, event: EventKind) -> bool {
        self.table.read().get(id).is_some_and(|run| run.mailbox.send(event).is_ok())
    }

    /// Waits until a run is not under way any more: it has ended, or is parked. Whether it was under way.
    async fn wait(&self, id: &str) -> bool {
        let ended = self.table.read().get(id).map(|run| run.ended.clone());
        let Some(mut ended) = ended else { return false };
        // The sender goes when the run's task does: then it is not under way any more.
        let _ = ended.wait_for(|ended| *ended).await;
        true
    }

    /// Whether a run is under way.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.table.read().contains_key(id)
    }

    /// How many runs are under way.
    pub(crate) fn len(&self) -> usize {
        self.table.read().len() + self.between.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// Takes up a run that a committed transaction began.
    pub(crate) fn launch(self: &Arc<Self>, launch: Launch) {
        let (mailbox, events) = mpsc::unbounded_channel();
        let Some(end) = self.active.add(&launch.id, mailbox.clone()) else {
            // Somebody looks at it just now: what there is to do is found in the store a moment later.
            let (shared, id, between) = (Arc::clone(self), launch.id, self.active.between());
            tokio::spawn(async move {
                tokio::time::sleep(HELD).await;
                shared.take_up_again(id).await;
                drop(between);
            });
            return;
        };
        drive::spawn(Arc::clone(self), launch, mailbox, events, end);
    }

    /// Tells a run of something that is in its inbox, and wakes it if it is parked.
    pub(crate) fn tell(self: &Arc<Self>, id: &str, event: EventKind) {
        if !self.active.send(id, event) {
            self.wake(id);
        }
    }

    /// Waits until a run has ended, whether it is under way, parked, or another node's.
    pub(crate) async fn wait_for_end(&self, id: &str) {
        loop {
            self.active.wait(id).await;
            let run = id.to_owned();
            let open = self.store.read(move |tx| Ok(tx.run(&run)?.is_some_and(|row| row.ended.is_none())));
            match open.await {
                Ok(false) => return,
                Ok(true) | Err(_) => tokio::time::sleep(END_POLL).await,
            }
        }
    }

    /// Cancels a run: that it shall end is on disk before this answers.
    pub(crate) async fn cancel(self: &Arc<Self>, id: &str) -> Result<()> {
        let run = id.to_owned();
        let put = self.store.write(move |tx| {
            let open = tx.run(&run)?.is_some_and(|row| row.ended.is_none());
            if open {
                tx.put_inbox(&run, CANCEL, "null")?;
            }
            Ok(open)
        });
        let open = put.await.inspect_err(|error| {
            if matches!(error, riposte_store::Error::Unknown) {
                self.look_for_mail(id);
            }
        })?;
        if open {
            self.tell(id, EventKind::Cancelled);
            return Ok(());
        }
        let message = format!("The workflow run '{id}' has ended and can not be cancelled.");
        Err(Error::new(crate::ErrorKind::Conflict, "WorkflowRunCanNotBeCancelled", message))
    }
}
