//! Playbook runs: begun in the transaction that wants them, taken up after its commit, driven step by step.
//!
//! A run's truth is in the store: what it began with, the interpreter's sealed state, its action records, and
//! outcomes that are committed but not yet seen. [`drive`] holds the same in memory while the run is under way.

mod begin;
mod carry_out;
mod commit;
mod drive;
mod history;
mod mail;
mod manual;
mod recover;
mod tokens;
mod work;

pub(crate) use begin::{Beginning, Launch, Occasion, TriggeredBy, playbook_name};
pub(crate) use history::{RunHistory, RunOutcome};
pub use tokens::Identity;
pub(crate) use tokens::Tokens;

use crate::error::{Error, Result};
use crate::shared::{Shared, Table};
use riposte_workflow::EventKind;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// What stands in the inbox of a run that shall be cancelled, in place of a command. No command's id begins so.
const CANCEL: &str = "$cancel";

/// A run under way.
struct Active {
    mailbox: mpsc::UnboundedSender<EventKind>,
    /// Turns true when the run has ended.
    ended: watch::Receiver<bool>,
}

/// The runs under way, by their names.
#[derive(Default)]
pub(crate) struct ActiveRuns(Table<BTreeMap<String, Active>>);

impl ActiveRuns {
    fn add(&self, id: &str, mailbox: mpsc::UnboundedSender<EventKind>) -> watch::Sender<bool> {
        let (end, ended) = watch::channel(false);
        self.0.write().insert(id.to_owned(), Active { mailbox, ended });
        end
    }

    fn remove(&self, id: &str) {
        self.0.write().remove(id);
    }

    /// Tells a run under way that something happened to it; whether there is one.
    fn send(&self, id: &str, event: EventKind) -> bool {
        self.0.read().get(id).is_some_and(|run| run.mailbox.send(event).is_ok())
    }

    /// Waits until a run has ended; whether it was under way.
    pub(crate) async fn wait(&self, id: &str) -> bool {
        let ended = self.0.read().get(id).map(|run| run.ended.clone());
        let Some(mut ended) = ended else { return false };
        // The sender goes when the run's task does: then it is not under way any more.
        let _ = ended.wait_for(|ended| *ended).await;
        true
    }

    /// Whether a run is under way.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.0.read().contains_key(id)
    }

    /// How many runs are under way.
    pub(crate) fn len(&self) -> usize {
        self.0.read().len()
    }
}

impl Shared {
    /// Takes up a run that a committed transaction began.
    pub(crate) fn launch(self: &Arc<Self>, launch: Launch) {
        let (mailbox, events) = mpsc::unbounded_channel();
        let end = self.active.add(&launch.id, mailbox.clone());
        drive::spawn(Arc::clone(self), launch, mailbox, events, end);
    }

    /// Cancels a run: that it shall end is on disk before this answers.
    pub(crate) async fn cancel(&self, id: &str) -> Result<()> {
        let run = id.to_owned();
        let open = self
            .store
            .write(move |tx| {
                let open = tx.run(&run)?.is_some_and(|row| row.ended.is_none());
                if open {
                    tx.put_inbox(&run, CANCEL, "null")?;
                }
                Ok(open)
            })
            .await?;
        if open {
            // One that is not under way now finds it in its inbox.
            self.active.send(id, EventKind::Cancelled);
            return Ok(());
        }
        let message = format!("The workflow run '{id}' has ended and can not be cancelled.");
        Err(Error::new(crate::ErrorKind::Conflict, "WorkflowRunCanNotBeCancelled", message))
    }
}
