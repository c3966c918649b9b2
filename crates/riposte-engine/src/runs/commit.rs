//! Committing steps: state, records, operations on incidents and the end of the run, together or not at all.

use super::drive::Drive;
use super::begin::playbook_name;
use super::history::RunOutcome;
use crate::clock::nanoseconds;
use crate::document::encode;
use crate::error::Result;
use crate::sentinel::{Operation, Requester};
use riposte_incident::{Actor, ActorKind};
use riposte_value::Text;
use riposte_workflow::{ActionRecord, Command, CommandId, EventKind, Outcome, RunEnd, State, Status};
use std::sync::Arc;

/// What has come together since the last commit.
#[derive(Default)]
pub(super) struct Batch {
    records: Vec<ActionRecord>,
    /// Commands whose outcomes the interpreter has seen.
    pub(super) seen: Vec<Text>,
    /// Operations on incidents, to be done in the commit.
    pub(super) local: Vec<(CommandId, Operation)>,
    /// Commands to be carried out after the commit.
    pub(super) outside: Vec<Command>,
    pub(super) finished: Option<RunEnd>,
}

impl Batch {
    /// Adds records; a later one of the same action and repetition takes the place of an earlier one.
    pub(super) fn add_records(&mut self, records: Vec<ActionRecord>) {
        for record in records {
            let same =
                self.records.iter().rposition(|r| r.name == record.name && r.repetition == record.repetition);
            match same.and_then(|at| self.records.get_mut(at)) {
                Some(earlier) => *earlier = record,
                None => self.records.push(record),
            }
        }
    }
}

impl Drive {
    /// Commits a batch; answers the outcomes of the operations that were done in the commit.
    pub(super) async fn commit(&self, batch: &mut Batch, state: &State, status: Status) -> Result<Vec<EventKind>> {
        let id = self.launch.id.clone();
        let records = if batch.records.is_empty() { None } else { Some(encode(&batch.records)?) };
        let sealed = match &batch.finished {
            Some(_) => None,
            None => Some(self.shared.secret.seal(&id, encode(state)?.as_bytes())?),
        };
        let end = batch.finished.as_ref().map(|end| RunOutcome::new(end, self.now()));
        let outcome = end.as_ref().map(encode).transpose()?;
        let seen = batch.seen.clone();
        let local = batch.local.clone();
        let incident = self.launch.incident.clone();
        let beginning = Arc::clone(&self.launch.beginning);
        let answers = self
            .shared
            .transact(move |t| {
                for command in seen {
                    t.tx.delete_inbox(&id, &command)?;
                }
                let requester = Requester {
                    actor: Actor::new(ActorKind::Playbook, playbook_name(&beginning.playbook_id)),
                    chain: &beginning.chain,
                    workspace: incident.as_ref().map(|(workspace, _)| *workspace),
                };
                let mut answers = Vec::with_capacity(local.len());
                for (command, operation) in local {
                    let outcome = operation.perform(t, &requester)?;
                    t.tx.put_inbox(&id, command.as_str(), &encode(&outcome)?)?;
                    answers.push((command, outcome));
                }
                match (end, outcome, sealed) {
                    (Some(end), Some(outcome), _) => {
                        let ended = nanoseconds(end.end_time);
                        t.tx.end_run(&id, end.status.as_str(), ended, records.as_deref(), &outcome)?;
                        if let Some((workspace, incident)) = incident {
                            t.playbook_finished(workspace, &incident, &beginning, &id, &end)?;
                        }
                    }
                    (_, _, Some(sealed)) => {
                        t.tx.put_run_state(&id, status.as_str(), &sealed, records.as_deref())?;
                    }
                    _ => {}
                }
                Ok(answers)
            })
            .await?;
        batch.local.clear();
        let finished = |(command, outcome): (CommandId, Outcome)| EventKind::Finished { command, outcome };
        Ok(answers.into_iter().map(finished).collect())
    }
}
