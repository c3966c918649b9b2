//! Events of incidents, worked through one after the other for each incident, and beside each other for different
//! ones. An event is a row in the store until its automation rules are seen to; this is only who looks at it when.

use crate::rules::Progress;
use crate::shared::{PlaybookWait, SENTINEL_WAIT, Shared, Table};
use riposte_store::WorkspaceKey;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tracing::{Instrument as _, info_span, warn};

/// An incident across workspaces.
pub(crate) type IncidentKey = (WorkspaceKey, String);

/// How long to wait before an event is tried again that could not be worked on.
const RETRY: Duration = Duration::from_secs(1);

/// The events that wait, by incident. An incident is in the table as long as a task works on it.
#[derive(Default)]
pub(crate) struct Queues(Table<BTreeMap<IncidentKey, BTreeSet<i64>>>);

impl Shared {
    /// Has an event worked on after those of its incident that came before it.
    pub(crate) fn dispatch(self: &Arc<Self>, incident: IncidentKey, seq: i64) {
        let mut queues = self.queues.0.write();
        if let Some(waiting) = queues.get_mut(&incident) {
            waiting.insert(seq);
            return;
        }
        queues.insert(incident.clone(), BTreeSet::from([seq]));
        drop(queues);
        let shared = Arc::clone(self);
        let mut stopping = self.stopping.subscribe();
        let span = info_span!("incident", name = %incident.1);
        tokio::spawn(
            async move {
                tokio::select! {
                    // What is not seen to when the engine stops is taken up at the next start.
                    _ = stopping.wait_for(|stopping| *stopping) => {}
                    () = work(&shared, incident) => {}
                }
            }
            .instrument(span),
        );
    }

    /// The next event of an incident; without one the incident leaves the table.
    fn next_event(&self, incident: &IncidentKey) -> Option<i64> {
        let mut queues = self.queues.0.write();
        let next = queues.get_mut(incident).and_then(BTreeSet::pop_first);
        if next.is_none() {
            queues.remove(incident);
        }
        next
    }

    /// Whether every event is seen to.
    pub(crate) fn is_idle(&self) -> bool {
        self.queues.0.read().is_empty()
    }
}

async fn work(shared: &Arc<Shared>, incident: IncidentKey) {
    while let Some(seq) = shared.next_event(&incident) {
        loop {
            match shared.transact(move |t| t.advance_event(seq)).await {
                Ok(Progress::Done) => break,
                Ok(Progress::More) => {}
                Ok(Progress::Wait { runs, waited }) => wait_for_playbooks(shared, &runs, waited).await,
                Err(error) => {
                    warn!(%error, seq, "the event cannot be worked on; trying again");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }
}

/// Waits as the policy says for playbooks that a rule has started; `waited` is how long that has been already.
async fn wait_for_playbooks(shared: &Shared, runs: &[String], waited: Duration) {
    let all = async {
        for run in runs {
            shared.active.wait(run).await;
        }
    };
    match shared.playbook_wait {
        PlaybookWait::None => {}
        PlaybookWait::Completion => all.await,
        PlaybookWait::Sentinel => {
            // Past the two minutes the next rule has its turn; the playbooks go on.
            let _ = tokio::time::timeout(SENTINEL_WAIT.saturating_sub(waited), all).await;
        }
    }
}
