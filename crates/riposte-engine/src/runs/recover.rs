//! Taking up the runs that had not ended when the process did.

use super::begin::{Beginning, Entry, Launch, start_of};
use super::history::latest_records;
use crate::document::decode;
use crate::error::Result;
use crate::shared::Shared;
use riposte_store::{Read, RunRow};
use riposte_value::Text;
use riposte_workflow::{CommandId, Outcome, State};
use std::sync::Arc;
use tracing::{error, info};

impl Shared {
    /// Takes up every open run. One that cannot be read is told and left as it is; the others go on.
    pub(crate) async fn recover_runs(self: &Arc<Self>) -> Result<usize> {
        let shared = Arc::clone(self);
        let launches = self
            .store
            .read(move |tx| {
                let rows = tx.open_runs()?;
                Ok(rows.into_iter().map(|row| (row.id.clone(), shared.resume(tx, row))).collect::<Vec<_>>())
            })
            .await?;
        let mut taken_up = 0;
        for (id, launch) in launches {
            match launch {
                Ok(Some(launch)) => {
                    taken_up += 1;
                    self.launch(launch);
                }
                Ok(None) => error!(run = %id, "the run's definition is gone or does not compile; it is left as it is"),
                Err(failure) => error!(run = %id, error = %failure, "the run cannot be read; it is left as it is"),
            }
        }
        if taken_up > 0 {
            info!(runs = taken_up, "took up runs that had not ended");
        }
        Ok(taken_up)
    }

    fn resume(&self, tx: &dyn Read, row: RunRow) -> Result<Option<Launch>> {
        let beginning: Beginning = decode("run", &row.doc)?;
        let Some((program, parameters)) = self.load_version(tx, &row.resource, row.version)? else {
            return Ok(None);
        };
        let progress = tx.run_progress(&row.id)?;
        let entry = match progress.state {
            None => Entry::Start(Box::new(start_of(&row.id, &beginning, parameters, &self.public_url))),
            Some(sealed) => {
                let opened = self.secret.open(&row.id, &sealed)?;
                let state: State = decode("run state", &String::from_utf8_lossy(&opened))?;
                let state = state.restore(latest_records(&progress.records)?);
                let inbox = progress
                    .inbox
                    .iter()
                    .map(|(command, text)| {
                        let outcome: Outcome = decode("command outcome", text)?;
                        Ok((CommandId(Text::new(command)), outcome))
                    })
                    .collect::<Result<_>>()?;
                Entry::Resume { state: Box::new(state), inbox }
            }
        };
        let incident = row.incident;
        Ok(Some(Launch { id: row.id, program, incident, beginning: Arc::new(beginning), entry: Some(entry) }))
    }
}
