//! Working a run forward: step after step through what has happened and what that leads to inside this process.
//!
//! The same code runs beside the store, for what has come from outside, and inside a commit, right after operations
//! on incidents: a short playbook then needs one commit where it would need two.

use crate::sentinel::Operation;
use crate::shared::Shared;
use jiff::Timestamp;
use riposte_value::Text;
use riposte_workflow::{
    ActionRecord, Command, CommandId, CommandKind, Event, EventKind, Program, RunEnd, State, step,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A run in memory, and what has come together since its last commit.
#[derive(Clone)]
pub(super) struct Work {
    pub(super) program: Arc<Program>,
    pub(super) state: State,
    /// What has happened and is not stepped through yet.
    pub(super) waiting: VecDeque<EventKind>,
    pub(super) records: Vec<ActionRecord>,
    /// Commands whose outcomes the interpreter has seen.
    pub(super) seen: Vec<Text>,
    /// Operations on incidents, to be done in the commit.
    pub(super) local: Vec<(CommandId, Operation)>,
    /// Commands to be carried out after the commit.
    pub(super) outside: Vec<Command>,
    pub(super) finished: Option<RunEnd>,
    /// How long the last steps took together.
    pub(super) took: Duration,
}

impl Work {
    pub(super) fn new(program: Arc<Program>, state: State) -> Self {
        Self {
            program,
            state,
            waiting: VecDeque::new(),
            records: Vec::new(),
            seen: Vec::new(),
            local: Vec::new(),
            outside: Vec::new(),
            finished: None,
            took: Duration::ZERO,
        }
    }

    /// Steps through all that has happened, and through what it leads to without leaving the process.
    pub(super) fn forward(&mut self, shared: &Shared) {
        let began = Instant::now();
        while self.finished.is_none()
            && let Some(kind) = self.waiting.pop_front()
        {
            if let EventKind::Finished { command, .. } = &kind {
                self.seen.push(command.0.clone());
            }
            let event = Event { at: shared.clock.now(), seed: shared.clock.random(), kind };
            let stepped = step(&self.program, std::mem::take(&mut self.state), event);
            self.state = stepped.state;
            self.add_records(stepped.records);
            for command in stepped.commands {
                self.sort(shared, command);
            }
            self.finished = stepped.finished;
        }
        self.took = began.elapsed();
    }

    /// Decides where a command is carried out: a pure operation at once, one on incidents in the commit, the rest
    /// outside after it.
    pub(super) fn sort(&mut self, shared: &Shared, command: Command) {
        match in_process(shared, &command) {
            None => self.outside.push(command),
            Some(operation) => match operation.pure_outcome() {
                Some(outcome) => {
                    self.waiting.push_back(EventKind::Finished { command: command.id, outcome });
                }
                None => self.local.push((command.id, operation)),
            },
        }
    }

    /// Whether the run waits for nothing but time.
    pub(super) fn is_parked(&self) -> bool {
        let mut pending = self.state.pending().peekable();
        pending.peek().is_some() && pending.all(|command| matches!(command.kind, CommandKind::Timer { .. }))
    }

    /// Forgets what the last commit has kept.
    pub(super) fn committed(&mut self) {
        self.records.clear();
        self.seen.clear();
        self.local.clear();
    }

    /// Adds records; a later one of the same action and repetition takes the place of an earlier one.
    fn add_records(&mut self, records: Vec<ActionRecord>) {
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

/// The operation of this engine's own Sentinel connector that a command asks for, if it does.
fn in_process(shared: &Shared, command: &Command) -> Option<Operation> {
    let CommandKind::ApiConnection { connection, inputs } = &command.kind else { return None };
    let connection = shared.connection_state(connection)?;
    connection.is_sentinel().then(|| Operation::read(inputs))
}

/// The time until an instant; none if it has passed.
pub(super) fn until(now: Timestamp, due: Timestamp) -> Duration {
    Duration::try_from(due.duration_since(now)).unwrap_or(Duration::ZERO)
}
