//! Taking up the runs that had not ended when the process did.

use super::begin::{Beginning, Entry, Launch, Reach, start_of};
use super::history::{RunOutcome, latest_records};
use super::mail::read_letter;
use crate::clock::nanoseconds;
use crate::document::{decode, encode};
use crate::error::Result;
use crate::playbooks::document_of;
use crate::shared::Shared;
use riposte_store::{Read, RunRow};
use riposte_value::Value;
use riposte_workflow::{ErrorBody, EventKind, RunEnd, State, Status};
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, info, warn};

/// How many runs are read at a time.
const CHUNK: usize = 256;
/// How long to wait before a run is read again that could not be.
const RETRY: Duration = Duration::from_secs(1);

impl Shared {
    /// Takes up every open run of this node. One that cannot be read is told and ended; the others go on.
    pub(crate) async fn recover_runs(self: &Arc<Self>) -> Result<()> {
        self.take_up_rows(|tx| tx.open_runs()).await
    }

    /// Takes up runs that have become this node's.
    pub(crate) async fn take_up_runs(self: &Arc<Self>, ids: &[String]) -> Result<()> {
        for some in ids.chunks(CHUNK) {
            let some = some.to_vec();
            let shared = Arc::clone(self);
            self.take_up_rows(move |tx| {
                let mut active = Vec::new();
                for id in &some {
                    match tx.run_due(id)? {
                        // One with something in its inbox is looked at now.
                        Some(due) if tx.run_progress(id)?.inbox.is_empty() => shared.note_parked(id, due),
                        _ => active.push(id),
                    }
                }
                let rows = active.into_iter().filter_map(|id| tx.run(id).transpose());
                rows.filter(|row| row.as_ref().is_ok_and(|row| row.ended.is_none()) || row.is_err()).collect()
            })
            .await?;
        }
        Ok(())
    }

    /// Takes up a run of which it is not known what was kept.
    pub(crate) async fn take_up_again(self: &Arc<Self>, id: String) {
        let ids = [id];
        while let Err(error) = self.take_up_runs(&ids).await {
            if *self.stopping.borrow() {
                return;
            }
            warn!(%error, run = %ids[0], "the run cannot be read; trying again");
            tokio::time::sleep(RETRY).await;
        }
    }

    async fn take_up_rows(
        self: &Arc<Self>,
        rows: impl FnOnce(&dyn Read) -> riposte_store::Result<Vec<RunRow>> + Send + 'static,
    ) -> Result<()> {
        let shared = Arc::clone(self);
        let launches = self
            .store
            .read(move |tx| {
                let rows = rows(tx)?.into_iter().filter(|row| !shared.active.has(&row.id));
                Ok(rows.map(|row| (row.id.clone(), shared.resume(tx, row))).collect::<Vec<_>>())
            })
            .await?;
        let mut taken_up = 0;
        for (id, launch) in launches {
            match launch {
                Ok(Some(launch)) => {
                    taken_up += 1;
                    self.launch(launch);
                }
                Ok(None) => self.give_up(&id, "its definition is gone or does not compile any more").await?,
                // The store went away while it was read.
                Err(failure) if failure.is_store_unreachable() => return Err(failure),
                Err(failure) => self.give_up(&id, &failure.to_string()).await?,
            }
        }
        if taken_up > 0 {
            info!(runs = taken_up, "took up runs that had not ended");
        }
        Ok(())
    }

    /// Ends a run that cannot go on: one that stays open for ever would be worse.
    pub(super) async fn give_up(self: &Arc<Self>, id: &str, why: &str) -> Result<()> {
        error!(run = %id, why, "the run cannot go on; it is ended");
        let at = self.clock.now();
        let error = ErrorBody::new("WorkflowRunNotRecoverable", format!("The run could not go on: {why}."));
        let end = RunEnd {
            status: Status::Failed,
            code: Some(error.code.clone()),
            error: Some(error),
            outputs: Value::Null,
        };
        let outcome = RunOutcome::new(&end, at);
        self.callers.tell(id, None, true);
        let id = id.to_owned();
        self.transact(move |t| {
            t.tx.end_run(&id, "Failed", nanoseconds(at), None, &encode(&outcome)?)?;
            let Some(row) = t.tx.run(&id)? else { return Ok(()) };
            let Ok(beginning) = decode::<Beginning>("run", &row.doc) else { return Ok(()) };
            t.give_turn(&id, &beginning)?;
            if let Some(parent) = &beginning.parent {
                t.answer_parent(parent, None)?;
            }
            match row.incident {
                Some((workspace, incident)) => {
                    t.playbook_finished(workspace, &incident, &beginning, &id, &outcome)
                }
                None => Ok(()),
            }
        })
        .await
    }

    pub(super) fn resume(&self, tx: &dyn Read, row: RunRow) -> Result<Option<Launch>> {
        let kept: Beginning = decode("run", &row.doc)?;
        let beginning = kept.clone().opened(&self.secret, &row.id)?;
        let Some((program, parameters)) = self.load_version(tx, &row.resource, row.version)? else {
            return Ok(None);
        };
        // A playbook that was removed meanwhile has no identity any more.
        let document = tx.playbook(&row.resource)?.map(|row| document_of(&row)).transpose()?;
        let reach = Arc::new(Reach::new(&program, &parameters, document.as_ref()));
        let progress = tx.run_progress(&row.id)?;
        let start = start_of(&row.id, &beginning, parameters, &self.public_url);
        let letters = progress.inbox.iter().map(|(command, text)| read_letter(command, text));
        let mut inbox = letters.collect::<Result<Vec<_>>>()?;
        // Who is cancelled has seen all else that came before.
        inbox.sort_by_key(|event| matches!(event, EventKind::Cancelled));
        let entry = match progress.state {
            None if inbox.is_empty() => Entry::Start(Box::new(start)),
            None => {
                inbox.insert(0, EventKind::Started(Box::new(start)));
                Entry::Resume { state: Box::default(), inbox }
            }
            Some(sealed) => {
                let opened = self.secret.open(&row.id, &sealed)?;
                let state: State = decode("run state", &String::from_utf8_lossy(&opened))?;
                let state = state.restore(start, latest_records(&progress.records)?);
                Entry::Resume { state: Box::new(state), inbox }
            }
        };
        let incident = row.incident;
        Ok(Some(Launch {
            id: row.id,
            program,
            incident,
            beginning: Arc::new(kept),
            reach,
            entry: Some(entry),
        }))
    }
}
