//! An occurrence of a trigger: conditions, split, concurrency, and the runs that it begins, in one transaction.

use crate::clock::run_name;
use crate::error::Result;
use crate::playbooks::Playbook;
use crate::runs::{Occasion, Parent, TriggeredBy};
use crate::transaction::Transaction;
use jiff::Timestamp;
use riposte_store::WorkspaceKey;
use riposte_value::{Object, Text, Value};
use riposte_workflow::Trigger;
use riposte_workflow::trigger::{Firing, Occurrence, Surroundings, TriggerFailure};

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
    /// The entry of history that it repeats.
    pub(super) origin: Option<Text>,
    /// The automation rules whose actions led here.
    pub(super) chain: Vec<String>,
    /// The run that calls.
    pub(super) parent: Option<Parent>,
    /// Whether it is taken however many runs wait already: who brought it about has acknowledged it.
    pub(super) is_acknowledged: bool,
}

impl Happening {
    /// One that nobody in person has brought about.
    pub(super) fn of(trigger: &Trigger, occurrence: Occurrence) -> Self {
        let by = TriggeredBy {
            kind: "Trigger".to_owned(),
            name: trigger.name.to_string(),
            id: trigger.name.to_string(),
        };
        Self {
            occurrence,
            tracking: None,
            scheduled: None,
            by,
            caller_waits_until: None,
            incident: None,
            origin: None,
            chain: Vec::new(),
            parent: None,
            is_acknowledged: false,
        }
    }
}

/// What became of an occurrence.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fired {
    /// Runs have begun, or wait for others to end.
    Runs(Vec<String>),
    /// No run, and nothing wrong.
    Skipped,
    /// The trigger has failed.
    Failed(TriggerFailure),
    /// As many runs as may wait are waiting; nothing has changed.
    Full,
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
        self.begin_or_refuse(playbook, trigger, happening, runs)
    }

    /// Begins the runs, unless as many wait for others to end as may.
    fn begin_or_refuse(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        happening: &Happening,
        runs: Vec<(Value, Option<Text>)>,
    ) -> Result<Fired> {
        if let Some(concurrency) = trigger.plan.concurrency.filter(|_| !happening.is_acknowledged) {
            let waiting = self.tx.waiting_runs(&playbook.resource, &trigger.name)?;
            if usize::try_from(waiting).unwrap_or(usize::MAX) >= concurrency.waiting
                && self.must_wait(playbook, trigger)?
            {
                return Ok(Fired::Full);
            }
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
        self.begin_or_refuse(playbook, trigger, happening, runs)
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
            chain: happening.chain.clone(),
            origin: happening.origin.clone(),
            parent: happening.parent.clone(),
        };
        runs.into_iter().map(|run| self.begin_run(playbook, begin(run))).collect()
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
