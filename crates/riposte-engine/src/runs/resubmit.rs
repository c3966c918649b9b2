//! Resubmitting: a new run of a playbook, as it is defined now, with what the trigger of an earlier run gave.

use super::begin::{Beginning, Entry, Launch, Reach, TriggeredBy, playbook_name, start_of};
use crate::Engine;
use crate::access::Caller;
use crate::clock::{nanoseconds, new_guid, run_name};
use crate::document::{decode, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use riposte_store::{ResourceKey, RunRow};
use riposte_value::Text;
use riposte_workflow::TriggerOccurrence;
use std::sync::Arc;

impl Engine {
    /// Starts a run with the trigger of another: the one that `trigger` started under the name `history`. Nobody waits
    /// for its Response action. Answers the name of the run, which is on disk.
    pub async fn resubmit(&self, playbook: &str, trigger: &str, history: &str, caller: &Caller) -> Result<String> {
        let (playbook, trigger, history) = (playbook.to_owned(), trigger.to_owned(), history.to_owned());
        let by = TriggeredBy {
            kind: caller.actor.kind.as_str().to_owned(),
            name: caller.principal.name.clone(),
            id: caller.principal.id.clone(),
        };
        self.shared.transact(move |t| t.resubmit(&playbook, &trigger, &history, by)).await
    }
}

impl Transaction<'_> {
    fn resubmit(&mut self, playbook: &str, trigger: &str, history: &str, by: TriggeredBy) -> Result<String> {
        let key = ResourceKey::new(playbook);
        let missing = || {
            let why = format!("The history '{history}' of workflow trigger '{trigger}' could not be found.");
            Error::new(ErrorKind::NotFound, "WorkflowTriggerHistoryNotFound", why)
        };
        let row = self.tx.run(history)?.filter(|row| row.resource == key).ok_or_else(missing)?;
        let earlier: Beginning = decode("run", &row.doc)?;
        if !earlier.trigger.name.eq_ignore_ascii_case(trigger) {
            return Err(missing());
        }
        let playbook = self.shared.startable(&*self.tx, &key)?.map_err(|why| {
            let why = format!("The workflow '{}' can not be started: {why:?}.", playbook_name(playbook));
            Error::new(ErrorKind::Conflict, "WorkflowNotEnabled", why)
        })?;
        let id = run_name(self.now, self.shared.clock.random());
        let beginning = Beginning {
            playbook_id: playbook.id.clone(),
            trigger: TriggerOccurrence { tracking_id: Text::from(new_guid()), ..earlier.trigger },
            workflow: playbook.workflow_object(&id),
            triggered_by: by,
            chain: Vec::new(),
            scheduled: None,
            caller_waits_until: None,
        };
        self.tx.add_run(&RunRow {
            id: id.clone(),
            version: playbook.version,
            status: "Running".to_owned(),
            started: nanoseconds(self.now),
            ended: None,
            doc: encode(&beginning)?,
            outcome: None,
            ..row
        })?;
        let start = start_of(&id, &beginning, playbook.parameters.clone(), &self.shared.public_url);
        let incident = self.tx.run(&id)?.and_then(|row| row.incident);
        self.after.launches.push(Launch {
            id: id.clone(),
            program: Arc::clone(&playbook.program),
            incident,
            beginning: Arc::new(beginning),
            reach: Arc::new(Reach::new(&playbook.parameters, Some(&playbook.document))),
            entry: Some(Entry::Start(Box::new(start))),
        });
        Ok(id)
    }
}
