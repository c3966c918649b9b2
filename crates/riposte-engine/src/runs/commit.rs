//! Committing steps: state, records, operations on incidents and the end of the run, together or not at all.

use super::begin::{Beginning, playbook_name};
use super::children::Calling;
use super::drive::Drive;
use super::history::RunOutcome;
use super::mail::is_callback;
use super::work::Work;
use crate::clock::nanoseconds;
use crate::document::encode;
use crate::error::{Error, Result};
use crate::sentinel::Requester;
use crate::shared::Shared;
use crate::transaction::Transaction;
use riposte_incident::{Actor, ActorKind};
use riposte_store::{Read, WorkspaceKey};
use riposte_workflow::{EventKind, Status};
use std::sync::Arc;
use std::time::Duration;

impl Drive {
    /// Commits what has come together; answers the work as it stands then.
    pub(super) async fn commit(&self, work: Work) -> Result<Work> {
        let commit = Commit {
            id: self.launch.id.clone(),
            incident: self.launch.incident.clone(),
            beginning: Arc::clone(&self.launch.beginning),
            inline: work.is_short() && work.took <= self.shared.inline_step_max,
            inline_max: self.shared.inline_step_max,
        };
        self.shared.transact(move |t| commit.carry_out(t, work)).await
    }
}

/// A commit of a run.
struct Commit {
    id: String,
    incident: Option<(WorkspaceKey, String)>,
    beginning: Arc<Beginning>,
    /// Whether the run's steps are short enough to be taken inside a commit.
    inline: bool,
    inline_max: Duration,
}

impl Commit {
    fn carry_out(&self, t: &mut Transaction<'_>, mut work: Work) -> Result<Work> {
        if work.is_late && has_unseen_callback(&*t.tx, &self.id, &work)? {
            return Err(Error::mail_unseen());
        }
        for command in std::mem::take(&mut work.seen) {
            t.tx.delete_inbox(&self.id, &command)?;
        }
        self.operations(t, &mut work)?;
        if let Some(parent) = &self.beginning.parent
            && (work.response.is_some() || work.finished.is_some())
        {
            t.answer_parent(parent, work.response.as_ref())?;
        }
        for (name, sent) in &work.requests {
            t.tx.add_run_request(&self.id, &sent.action, &sent.repetition, name, &sent.doc)?;
        }
        let records = if work.records.is_empty() { None } else { Some(encode(&work.records)?) };
        match &work.finished {
            Some(end) => {
                // Later than the steps that were taken in this transaction.
                let outcome = RunOutcome::new(end, t.shared.clock.now());
                let ended = nanoseconds(outcome.end_time);
                let status = outcome.status.as_str();
                t.tx.end_run(&self.id, status, ended, records.as_deref(), &encode(&outcome)?)?;
                if end.status != Status::Succeeded {
                    let sealed = t.shared.secret.seal(&self.id, encode(&work.state)?.as_bytes())?;
                    t.tx.keep_run_state(&self.id, &sealed)?;
                }
                t.run_has_ended(&work.program, &self.id, &self.beginning)?;
                if let Some((workspace, incident)) = &self.incident {
                    t.playbook_finished(*workspace, incident, &self.beginning, &self.id, &outcome)?;
                }
            }
            None => {
                let waits = work.is_waiting();
                work.parked = if waits && Shared::can_park(&self.id) { work.rest(t.shared) } else { None };
                let status = if waits { Status::Waiting } else { Status::Running };
                let sealed = t.shared.secret.seal(&self.id, encode(&work.state)?.as_bytes())?;
                t.tx.put_run_state(&self.id, status.as_str(), &sealed, records.as_deref())?;
                if let Some(due) = work.parked {
                    t.tx.park_run(&self.id, nanoseconds(due))?;
                }
            }
        }
        work.committed();
        Ok(work)
    }

    /// Does the operations on incidents and the calls of other playbooks. Where the run's steps are short, the run goes on
    /// with their outcomes here and now; else the outcomes are kept, and the run goes on with them beside the store. Where
    /// one may lead to the end of the run, the next is done only after its outcome is seen: what is done shall not stand in
    /// history as cancelled.
    fn operations(&self, t: &mut Transaction<'_>, work: &mut Work) -> Result<()> {
        let mut inline = self.inline;
        let together = if work.terminates() { 1 } else { usize::MAX };
        while !(work.local.is_empty() && work.calls.is_empty()) {
            let requester = Requester {
                actor: Actor::new(ActorKind::Playbook, playbook_name(&self.beginning.playbook_id)),
                chain: &self.beginning.chain,
                workspace: self.incident.as_ref().map(|(workspace, _)| *workspace),
            };
            let calling =
                Calling { run: &self.id, beginning: &self.beginning, incident: self.incident.as_ref() };
            let mut outcomes = Vec::new();
            let operations: Vec<_> = work.local.drain(..together.min(work.local.len())).collect();
            let left = together.saturating_sub(operations.len());
            for (command, operation) in operations {
                outcomes.push((command, operation.perform(t, &requester)?));
            }
            let calls: Vec<_> = work.calls.drain(..left.min(work.calls.len())).collect();
            for (command, call) in calls {
                if let Some(outcome) = call.perform(t, &command, &calling)? {
                    outcomes.push((command, outcome));
                }
            }
            for (command, outcome) in outcomes {
                if !inline {
                    t.tx.put_inbox(&self.id, command.as_str(), &encode(&outcome)?)?;
                }
                work.waiting.push_back(EventKind::Finished { command, outcome });
            }
            if !inline {
                break;
            }
            work.forward(t.shared);
            // What was seen here was never kept anywhere else.
            work.seen.clear();
            inline = work.took <= self.inline_max;
        }
        Ok(())
    }
}

/// Whether a callback was acknowledged that the run did not know of when it took its last steps: it came in time, and
/// the run would say that nothing did.
fn has_unseen_callback(tx: &dyn Read, run: &str, work: &Work) -> Result<bool> {
    let inbox = tx.run_progress(run)?.inbox;
    let is_unseen = |command: &String| !work.seen.iter().any(|seen| seen.as_str() == command);
    Ok(inbox.iter().any(|(command, _)| is_callback(command) && is_unseen(command)))
}
