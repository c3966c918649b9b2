//! Another attempt of a run that did not succeed: what succeeded stays as it is, what failed runs again.

use super::begin::{Beginning, start_of};
use super::history::latest_records;
use crate::Engine;
use crate::document::{decode, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use riposte_workflow::State;

impl Engine {
    /// Opens a run again from the actions that failed. That it is open is on disk when this answers.
    pub async fn resume_run(&self, playbook: &str, run: &str, _caller: &crate::Caller) -> Result<()> {
        self.history(Some(playbook), run).await?;
        let run = run.to_owned();
        self.shared.transact(move |t| t.reopen_run(&run)).await
    }
}

impl Transaction<'_> {
    fn reopen_run(&mut self, run: &str) -> Result<()> {
        let refuse = |why: &str| {
            let message = format!("The workflow run '{run}' can not be resumed: {why}.");
            Error::new(ErrorKind::Conflict, "WorkflowRunCanNotBeResumed", message)
        };
        let row = self.tx.run(run)?.ok_or_else(|| refuse("it could not be found"))?;
        let Some(outcome) = row.outcome.as_deref().filter(|_| row.ended.is_some()) else {
            return Err(refuse("it has not ended"));
        };
        let sealed = self.tx.run_state(run)?.ok_or_else(|| refuse("nothing of it has failed"))?;
        let opened = self.shared.secret.open(run, &sealed)?;
        let state: State = decode("run state", &String::from_utf8_lossy(&opened))?;
        let (program, parameters) = self
            .shared
            .load_version(&*self.tx, &row.resource, row.version)?
            .ok_or_else(|| refuse("its definition is gone"))?;
        let beginning: Beginning = decode("run", &row.doc)?;
        let beginning = beginning.opened(&self.shared.secret, run)?;
        let start = start_of(run, &beginning, parameters, &self.shared.public_url);
        let state = state.restore(start, latest_records(&self.tx.run_records(run)?)?);
        let state =
            state.reopen(&program, self.now).ok_or_else(|| refuse("no action of it can run again"))?;
        let sealed = self.shared.secret.seal(run, encode(&state)?.as_bytes())?;
        self.tx.reopen_run(run, &sealed, outcome)?;
        let launch =
            self.shared.resume(&*self.tx, row.clone())?.ok_or_else(|| refuse("its definition is gone"))?;
        self.after.launches.push(launch);
        Ok(())
    }
}
