//! Working a run forward: step after step through what has happened and what that leads to inside this process.
//!
//! The same code runs beside the store, for what has come from outside, and inside a commit, right after operations
//! on incidents: a short playbook then needs one commit where it would need two.

use super::begin::Reach;
use super::children::PlaybookCall;
use super::mail::callback_letter;
use super::requests::KeptRequest;
use crate::sentinel::Operation;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_connector::mask_inputs;
use riposte_value::Text;
use riposte_workflow::{
    ActionRecord, Command, CommandId, CommandKind, Event, EventKind, Program, RepetitionIndex,
    ResponseToCaller, RunEnd, State, step,
};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Actions whose inputs go to somebody else and may carry credentials in their headers.
const CALLS: [&str; 6] =
    ["Http", "HttpWebhook", "ApiConnection", "ApiConnectionWebhook", "Function", "Workflow"];
/// What the id of the timer ends with that ends the waiting for a callback.
const DEADLINE: &str = ":deadline";
/// How many actions a playbook may have to be worked through inside a commit.
const SHORT_ACTIONS_MAX: usize = 200;

/// A run in memory, and what has come together since its last commit.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) program: Arc<Program>,
    reach: Arc<Reach>,
    pub(super) state: State,
    /// What has happened and is not stepped through yet.
    pub(super) waiting: VecDeque<EventKind>,
    pub(super) records: Vec<ActionRecord>,
    /// Where the record of an action and repetition stands among them.
    places: BTreeMap<(Text, Vec<RepetitionIndex>), usize>,
    /// Commands whose outcomes the interpreter has seen.
    pub(super) seen: Vec<Text>,
    /// What calls have sent and got, by name.
    pub(super) requests: Vec<(String, Arc<KeptRequest>)>,
    /// Whether the time of something was over.
    pub(super) is_late: bool,
    /// Operations on incidents, to be done in the commit.
    pub(super) local: Vec<(CommandId, Operation)>,
    /// Calls of other playbooks, to be made in the commit.
    pub(super) calls: Vec<(CommandId, PlaybookCall)>,
    /// Commands to be carried out after the commit.
    pub(super) outside: Vec<Command>,
    pub(super) finished: Option<RunEnd>,
    /// Until when the store has the run as parked, if it does.
    pub(super) parked: Option<Timestamp>,
    /// What a caller who waits is told once this is committed.
    pub(super) response: Option<ResponseToCaller>,
    /// How long the last steps took together.
    pub(super) took: Duration,
}

impl Work {
    pub(super) fn new(program: Arc<Program>, reach: Arc<Reach>, state: State) -> Self {
        Self {
            program,
            reach,
            state,
            waiting: VecDeque::new(),
            records: Vec::new(),
            places: BTreeMap::new(),
            seen: Vec::new(),
            requests: Vec::new(),
            is_late: false,
            local: Vec::new(),
            calls: Vec::new(),
            outside: Vec::new(),
            finished: None,
            parked: None,
            response: None,
            took: Duration::ZERO,
        }
    }

    /// Steps through all that has happened, and through what it leads to without leaving the process.
    pub(super) fn forward(&mut self, shared: &Shared) {
        let began = Instant::now();
        while self.finished.is_none()
            && let Some(kind) = self.waiting.pop_front()
        {
            match &kind {
                EventKind::Finished { command, .. } => self.seen.push(command.0.clone()),
                EventKind::Callback { command, .. } => {
                    self.seen.push(callback_letter(command.as_str()).into());
                }
                EventKind::TimerFired { command } => self.is_late |= command.as_str().ends_with(DEADLINE),
                _ => {}
            }
            let event = Event { at: shared.clock.now(), seed: shared.clock.random(), kind };
            let stepped = step(&self.program, std::mem::take(&mut self.state), event);
            self.state = stepped.state;
            self.add_records(stepped.records);
            if stepped.finished.is_some() {
                // What was to be sent or done is not any more, but for what the last step takes leave with.
                self.outside.clear();
                self.local.clear();
                self.calls.clear();
            }
            for command in stepped.commands {
                self.sort(shared, command);
            }
            self.finished = stepped.finished;
            self.response = self.response.take().or(stepped.response);
        }
        self.took = began.elapsed();
    }

    /// Decides where a command is carried out: a pure operation at once, one on incidents in the commit, the rest
    /// outside after it.
    pub(super) fn sort(&mut self, shared: &Shared, command: Command) {
        if let Some(call) = self.playbook_call(&command.kind) {
            self.calls.push((command.id, call));
            return;
        }
        match self.in_process(shared, &command) {
            None => self.outside.push(command),
            Some(operation) => match operation.pure_outcome() {
                Some(outcome) => {
                    self.waiting.push_back(EventKind::Finished { command: command.id, outcome });
                }
                None => self.local.push((command.id, operation)),
            },
        }
    }

    /// The operation of this engine's own Sentinel connector that a command asks for, if it does.
    fn in_process(&self, shared: &Shared, command: &Command) -> Option<Operation> {
        let CommandKind::ApiConnection { connection, inputs } = &command.kind else { return None };
        let state = shared.connection_state(connection).filter(|_| self.reach.reaches(connection))?;
        state.is_sentinel().then(|| Operation::read(inputs))
    }

    fn playbook_call(&self, kind: &CommandKind) -> Option<PlaybookCall> {
        let (CommandKind::Workflow { workflow, trigger, inputs }
        | CommandKind::SendToBatch { workflow, trigger, inputs }) = kind
        else {
            return None;
        };
        let (workflow, trigger, inputs) = (workflow.clone(), trigger.clone(), inputs.clone());
        Some(if !self.reach.calls(&workflow) {
            PlaybookCall::OutOfReach { workflow }
        } else if matches!(kind, CommandKind::Workflow { .. }) {
            PlaybookCall::Run { workflow, trigger, inputs }
        } else {
            PlaybookCall::Batch { workflow, trigger, inputs }
        })
    }

    /// Whether the run waits for nothing but time, callbacks and the playbooks that it has called. A run that only paused in a long computation does not.
    pub(super) fn is_waiting(&self) -> bool {
        let waits = |command: &Command| match command.kind {
            CommandKind::Timer { .. } => !command.id.as_str().starts_with("continue#"),
            // Those that have been committed have begun.
            CommandKind::Workflow { .. } => true,
            _ => false,
        };
        self.waiting.is_empty() && self.state.pending().all(waits)
    }

    /// Until when a run that waits leaves the memory, if that is not only for a moment.
    pub(super) fn rest(&self, shared: &Shared) -> Option<Timestamp> {
        let timers = self.state.pending().filter_map(|command| match command.kind {
            CommandKind::Timer { due } => Some(due),
            _ => None,
        });
        let due = timers.fold(self.expires(shared), Timestamp::min);
        (until(shared.clock.now(), due) >= shared.park_after).then_some(due)
    }

    /// When the run's time is over.
    pub(super) fn expires(&self, shared: &Shared) -> Timestamp {
        let began = self.state.began().unwrap_or_else(|| shared.clock.now());
        began.checked_add(shared.run_duration_max).unwrap_or(Timestamp::MAX)
    }

    /// Whether the next steps are sure to be short: without loops and without operations on lists there are at most as
    /// many actions to work through as the definition has.
    pub(super) fn is_short(&self) -> bool {
        const LONG: [&str; 6] = ["Foreach", "Until", "Select", "Query", "Table", "Join"];
        self.program.action_count() <= SHORT_ACTIONS_MAX
            && !self.program.action_types().any(|(_, kind)| LONG.contains(&kind))
    }

    /// Whether an action may end the run while others are under way.
    pub(super) fn terminates(&self) -> bool {
        self.program.action_types().any(|(_, kind)| kind == "Terminate")
    }

    /// Forgets what the last commit has kept.
    pub(super) fn committed(&mut self) {
        self.records.clear();
        self.places.clear();
        self.seen.clear();
        self.requests.clear();
        self.is_late = false;
    }

    /// Adds records; a later one of the same action and repetition takes the place of an earlier one.
    fn add_records(&mut self, records: Vec<ActionRecord>) {
        for mut record in records {
            if let Some(inputs) = &record.inputs
                && CALLS.contains(&record.action_type.as_str())
            {
                record.inputs = Some(mask_inputs(inputs));
            }
            let key = (record.name.clone(), record.repetition.clone());
            match self.places.get(&key).and_then(|at| self.records.get_mut(*at)) {
                Some(earlier) => *earlier = record,
                None => {
                    self.places.insert(key, self.records.len());
                    self.records.push(record);
                }
            }
        }
    }
}

/// The time until an instant; none if it has passed.
pub(super) fn until(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO)
}
