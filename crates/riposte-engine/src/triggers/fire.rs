//! An occurrence of a trigger: conditions, split, concurrency, and the runs that it begins, in one transaction.

use crate::clock::run_name;
use crate::document::{decode, encode};
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::runs::{Beginning, Occasion, TriggeredBy};
use crate::transaction::Transaction;
use jiff::Timestamp;
use riposte_store::{ResourceKey, WorkspaceKey};
use riposte_value::{Object, Text, Value};
use riposte_workflow::trigger::{Firing, Occurrence, Surroundings, TriggerFailure};
use riposte_workflow::{Program, Trigger};
use serde::{Deserialize, Serialize};

/// Something that happened to a trigger, with what is known of it beside its outputs.
pub(super) struct Happening {
    pub(super) occurrence: Occurrence,
    /// The tracking id that came with it.
    pub(super) tracking: Option<Text>,
    /// The slot that it stands for.
    pub(super) scheduled: Option<Timestamp>,
    pub(super) by: TriggeredBy,
    /// Until when somebody waits for a Response.
    pub(super) caller_waits_until: Option<Timestamp>,
    /// The incident that it concerns.
    pub(super) incident: Option<(WorkspaceKey, String)>,
}

impl Happening {
    /// One that nobody in person has brought about.
    pub(super) fn of(trigger: &Trigger, occurrence: Occurrence) -> Self {
        let by = TriggeredBy {
            kind: "Trigger".to_owned(),
            name: trigger.name.to_string(),
            id: trigger.name.to_string(),
        };
        Self { occurrence, tracking: None, scheduled: None, by, caller_waits_until: None, incident: None }
    }
}

/// What became of an occurrence.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fired {
    /// Runs have begun; those that must wait are not among them.
    Runs(Vec<String>),
    /// No run, and nothing wrong.
    Skipped,
    /// The trigger has failed.
    Failed(TriggerFailure),
    /// As many runs as may wait are waiting; nothing has changed.
    Full,
}

/// An occurrence that waits for its turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queued {
    inputs: Value,
    outputs: Value,
    tracking: Option<Text>,
    scheduled: Option<Timestamp>,
    by: TriggeredBy,
}

/// The code and message of a refusal for too many waiting runs.
pub(super) const FULL: &str = "WorkflowMaximumWaitingRunCountExceeded";

impl Transaction<'_> {
    /// What expressions of a trigger see.
    pub(super) fn surroundings(&self, playbook: &Playbook, callback_url: Option<Text>) -> Surroundings {
        Surroundings {
            parameters: playbook.parameters.clone(),
            workflow: playbook.workflow_object(""),
            callback_url,
            at: self.now,
            seed: self.shared.clock.random(),
        }
    }

    /// Sees to an occurrence.
    pub(super) fn fire(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        happening: &Happening,
    ) -> Result<Fired> {
        let around = self.surroundings(playbook, None);
        let runs = match trigger.fire(&playbook.program, &happening.occurrence, &around) {
            Firing::Runs(runs) => runs,
            Firing::ConditionNotMet | Firing::NoItems => {
                self.note_without_run(playbook, trigger, "Skipped", None)?;
                return Ok(Fired::Skipped);
            }
            Firing::Failed(failure) => {
                self.note_failure(playbook, trigger, &failure)?;
                return Ok(Fired::Failed(failure));
            }
        };
        self.begin_or_wait(playbook, trigger, happening, runs)
    }

    /// Begins as many runs as may be under way; the others wait, if there is room.
    fn begin_or_wait(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        happening: &Happening,
        mut runs: Vec<(Value, Option<Text>)>,
    ) -> Result<Fired> {
        let Some(concurrency) = trigger.plan.concurrency else {
            return self.begin_all(playbook, trigger, happening, runs).map(Fired::Runs);
        };
        let open = self.tx.open_runs_of(&playbook.resource)?.len();
        let waiting = self.tx.waiting_occurrences(&playbook.resource, &trigger.name)?;
        let free = if waiting > 0 { 0 } else { concurrency.runs.saturating_sub(open) };
        if free == 0 && usize::try_from(waiting).unwrap_or(usize::MAX) >= concurrency.waiting {
            return Ok(Fired::Full);
        }
        let later = runs.split_off(free.min(runs.len()));
        for (outputs, tracking) in later {
            let queued = Queued {
                inputs: happening.occurrence.inputs.clone(),
                outputs,
                tracking: tracking.or_else(|| happening.tracking.clone()),
                scheduled: happening.scheduled,
                by: happening.by.clone(),
            };
            self.tx.add_waiting(&playbook.resource, &trigger.name, &encode(&queued)?)?;
        }
        self.begin_all(playbook, trigger, happening, runs).map(Fired::Runs)
    }

    /// As [`Self::fire`] for what has passed the conditions and the split before.
    pub(super) fn fire_unsplit(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        happening: &Happening,
    ) -> Result<Fired> {
        let runs = vec![(happening.occurrence.outputs.clone(), happening.tracking.clone())];
        self.begin_or_wait(playbook, trigger, happening, runs)
    }

    fn begin_all(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        happening: &Happening,
        runs: Vec<(Value, Option<Text>)>,
    ) -> Result<Vec<String>> {
        let begin = |(outputs, tracking): (Value, Option<Text>)| Occasion {
            trigger: Some(trigger.name.clone()),
            inputs: happening.occurrence.inputs.clone(),
            outputs,
            tracking: tracking.or_else(|| happening.tracking.clone()),
            scheduled: happening.scheduled,
            caller_waits_until: happening.caller_waits_until,
            incident: happening.incident.clone(),
            triggered_by: happening.by.clone(),
            chain: Vec::new(),
        };
        runs.into_iter().map(|run| self.begin_run(playbook, begin(run))).collect()
    }

    /// Begins what has waited for a run to end, once one has ended.
    pub(crate) fn run_has_ended(&mut self, program: &Program, beginning: &Beginning) -> Result<()> {
        let bounded = program
            .trigger(&beginning.trigger.name)
            .is_some_and(|trigger| trigger.plan.concurrency.is_some());
        if !bounded {
            return Ok(());
        }
        let key = ResourceKey::new(&beginning.playbook_id);
        // A playbook that is disabled begins what waits when it is enabled again.
        let Ok(playbook) = self.shared.startable(&*self.tx, &key)? else { return Ok(()) };
        match playbook.program.trigger(&beginning.trigger.name) {
            Some(trigger) => self.begin_waiting(&playbook, trigger),
            None => Ok(()),
        }
    }

    /// Begins as many of the occurrences that wait as may run now.
    pub(super) fn begin_waiting(&mut self, playbook: &Playbook, trigger: &Trigger) -> Result<()> {
        let Some(concurrency) = trigger.plan.concurrency else { return Ok(()) };
        let open = self.tx.open_runs_of(&playbook.resource)?.len();
        for _ in open..concurrency.runs {
            let Some(text) = self.tx.take_waiting(&playbook.resource, &trigger.name)? else { break };
            let queued: Queued = decode("waiting occurrence", &text)?;
            self.begin_run(
                playbook,
                Occasion {
                    trigger: Some(trigger.name.clone()),
                    inputs: queued.inputs,
                    outputs: queued.outputs,
                    tracking: queued.tracking,
                    scheduled: queued.scheduled,
                    caller_waits_until: None,
                    incident: None,
                    triggered_by: queued.by,
                    chain: Vec::new(),
                },
            )?;
        }
        Ok(())
    }

    /// Keeps a failed occurrence in history.
    pub(super) fn note_failure(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        failure: &TriggerFailure,
    ) -> Result<()> {
        self.note_without_run(playbook, trigger, "Failed", Some(failure))
    }

    /// Keeps an occurrence that began no run in history.
    pub(super) fn note_without_run(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        status: &'static str,
        failure: Option<&TriggerFailure>,
    ) -> Result<()> {
        let name = run_name(self.now, self.shared.clock.random());
        let time = crate::clock::time_text(self.now);
        let mut properties = Object::new();
        properties.insert("startTime", &time);
        properties.insert("endTime", &time);
        properties.insert("status", status);
        properties.insert("fired", false);
        if let Some(failure) = failure {
            properties.insert("code", &failure.code);
            properties.insert(
                "error",
                Value::object([
                    ("code", Value::from(&failure.code)),
                    ("message", Value::from(&failure.message)),
                ]),
            );
        }
        let doc = riposte_value::json::to_string(&Value::from(properties));
        Ok(self.tx.add_trigger_history(&playbook.resource, &trigger.name, &name, &doc)?)
    }
}
