//! Events of incidents and alerts, worked through one after the other for each of them, and beside each other for
//! different ones. An event is a row in the store until its automation rules are seen to; this is only who looks at it when.

use crate::error::ErrorKind;
use crate::rules::Progress;
use crate::shared::{Shared, Table};
use jiff::Timestamp;
use riposte_store::EventSubject;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tracing::{Instrument as _, info_span, warn};

/// How long to wait before an event is tried again that could not be worked on.
const RETRY: Duration = Duration::from_secs(1);
/// How often a rule may fail for a reason of the engine's own before it is passed over.
const FAILURES_MAX: u32 = 5;

/// What has events, and whether more was told of since its task looked last. An incident or alert is in the table as long
/// as a task works on it.
#[derive(Default)]
pub(crate) struct Queues {
    table: Table<BTreeMap<EventSubject, bool>>,
    /// How many were ever added.
    added: AtomicU64,
}

impl Queues {
    /// How many were ever added.
    pub(crate) fn added(&self) -> u64 {
        self.added.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// Has an event worked on after those of its subject that came before it.
    pub(crate) fn dispatch(self: &Arc<Self>, subject: EventSubject) {
        let mut queues = self.queues.table.write();
        if let Some(told) = queues.get_mut(&subject) {
            *told = true;
            return;
        }
        queues.insert(subject.clone(), false);
        self.queues.added.fetch_add(1, Ordering::SeqCst);
        drop(queues);
        let shared = Arc::clone(self);
        let left_off = self.left_off();
        let span = info_span!("event", of = %subject.name);
        tokio::spawn(
            async move {
                tokio::select! {
                    // What is not seen to when the engine stops is taken up at the next start.
                    () = left_off => drop(shared.queues.table.write().remove(&subject)),
                    () = work(&shared, &subject) => {}
                }
            }
            .instrument(span),
        );
    }

    /// Takes what is without events out of the table, unless it was told of one meanwhile.
    fn is_done_with(&self, subject: &EventSubject) -> bool {
        let mut queues = self.queues.table.write();
        if let Some(told) = queues.get_mut(subject).filter(|told| **told) {
            *told = false;
            return false;
        }
        queues.remove(subject);
        true
    }

    /// Whether every event is seen to.
    pub(crate) fn is_idle(&self) -> bool {
        self.queues.table.read().is_empty()
    }
}

/// Works until the subject has no event left that is this node's. Another node may have added one after this node's
/// while it was at work; it is found here, since events of one subject are one node's.
async fn work(shared: &Arc<Shared>, subject: &EventSubject) {
    loop {
        // The oldest that waits, whichever was told of first: callers that were committed together are told in any
        // order.
        let wanted = subject.clone();
        match shared.store.read(move |tx| tx.first_event(&wanted)).await {
            Ok(Some(seq)) => see_to(shared, seq).await,
            Ok(None) if shared.is_done_with(subject) => return,
            Ok(None) => {}
            Err(error) => {
                warn!(%error, "events cannot be read; trying again");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

/// Sees to all rules of an event. A rule that fails again and again is recorded as failed and passed over: it must not
/// hold up the rules after it.
async fn see_to(shared: &Arc<Shared>, seq: i64) {
    let mut failures = 0;
    loop {
        match shared.transact(move |t| t.advance_event(seq, None)).await {
            Ok(Progress::Done) => return,
            Ok(Progress::More) => failures = 0,
            Ok(Progress::Wait { runs, until }) => wait_for_playbooks(shared, &runs, until).await,
            // The event says how far it has come: nothing is done twice.
            Err(error) if error.kind == ErrorKind::Unavailable && !error.is_store_closed() => {
                warn!(%error, seq, "the event cannot be worked on now; trying again");
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => {
                failures += 1;
                warn!(%error, seq, failures, "the event cannot be worked on; trying again");
                tokio::time::sleep(RETRY).await;
                if failures >= FAILURES_MAX {
                    let why = error.to_string();
                    if shared.transact(move |t| t.advance_event(seq, Some(&why))).await.is_ok() {
                        failures = 0;
                    }
                }
            }
        }
    }
}

/// Waits for playbooks that a rule has started, until a time at the latest: then the next rule has its turn, and the
/// playbooks go on.
async fn wait_for_playbooks(shared: &Shared, runs: &[String], until: Option<Timestamp>) {
    let all = async {
        for run in runs {
            shared.wait_for_end(run).await;
        }
    };
    match until {
        None => all.await,
        Some(until) => tokio::select! {
            () = all => {}
            () = shared.clock.until(until) => {}
        },
    }
}
