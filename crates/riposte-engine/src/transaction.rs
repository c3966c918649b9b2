//! A transaction of the engine: the store's, the time at which it happens, and what has to follow once it is
//! committed.

use crate::error::Result;
use crate::runs::Launch;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_store::{EventSubject, Write};
use riposte_workflow::EventKind;
use std::sync::{Arc, Mutex, PoisonError};

/// What a committed transaction asks to be done next. If the process dies before, recovery finds the same work in
/// the store.
#[derive(Default)]
pub(crate) struct Aftermath {
    /// Incidents and alerts that have a new event.
    pub(crate) events: Vec<EventSubject>,
    /// Runs to take up.
    pub(crate) launches: Vec<Launch>,
    /// What runs are to be told; it stands in their inboxes.
    pub(crate) tidings: Vec<(String, EventKind)>,
    /// Runs that have waited for others, and may begin.
    pub(crate) turns: Vec<String>,
    /// Whether triggers may be due earlier than before.
    pub(crate) triggers: bool,
}

/// A transaction under way.
pub(crate) struct Transaction<'t> {
    pub(crate) tx: &'t mut dyn Write,
    pub(crate) shared: &'t Shared,
    pub(crate) now: Timestamp,
    pub(crate) after: Aftermath,
    /// Scopes on which this transaction lets the service account start playbooks.
    pub(crate) granted: Vec<String>,
}

impl Shared {
    /// Runs a change as one transaction and answers when it is on disk; a refusal changes nothing.
    pub(crate) async fn transact<T, F>(self: &Arc<Self>, change: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Transaction<'_>) -> Result<T> + Send + 'static,
    {
        let tenure = self.tenure();
        let shared = Arc::clone(self);
        let asked = Arc::new(Mutex::new(Aftermath::default()));
        let told = Arc::clone(&asked);
        let done = self
            .store
            .write_with(
                move |tx| {
                    if shared.store.is_shared() {
                        shared.follow(&*tx)?;
                    }
                    let now = shared.clock.now();
                    let mut transaction = Transaction {
                        tx,
                        shared: &shared,
                        now,
                        after: Aftermath::default(),
                        granted: Vec::new(),
                    };
                    let value = change(&mut transaction)?;
                    *told.lock().unwrap_or_else(PoisonError::into_inner) = transaction.after;
                    Ok(value)
                },
                crate::Error::from,
            )
            .await
            .inspect_err(|error| {
                if error.is_lost_ownership() {
                    self.doubt_lease();
                }
            });
        let after = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
        match &done {
            // What was begun as another node's is found in the store by who has it now.
            Ok(_) if tenure == self.tenure() => self.follow_up(after),
            Err(error) if error.is_outcome_unknown() => self.find_out(after),
            Ok(_) | Err(_) => {}
        }
        done
    }

    /// Looks in the store for what a transaction asked for that may have been committed or not.
    fn find_out(self: &Arc<Self>, after: Aftermath) {
        for launch in after.launches {
            let (shared, between) = (Arc::clone(self), self.active.between());
            tokio::spawn(async move {
                shared.take_up_again(launch.id).await;
                drop(between);
            });
        }
        for (run, _) in after.tidings {
            self.look_for_mail(&run);
        }
        self.follow_up(Aftermath { launches: Vec::new(), tidings: Vec::new(), ..after });
    }

    /// Sets in motion what a committed transaction asked for.
    fn follow_up(self: &Arc<Self>, after: Aftermath) {
        for launch in after.launches {
            self.launch(launch);
        }
        for (run, event) in after.tidings {
            self.tell(&run, event);
        }
        for run in after.turns {
            self.wake(&run);
        }
        for subject in after.events {
            self.dispatch(subject);
        }
        if after.triggers {
            self.timer.wake.notify_one();
        }
    }
}
