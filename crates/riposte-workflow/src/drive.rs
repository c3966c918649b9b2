//! Running a whole workflow at once, in virtual time: for tests and for runs against mocks.

use crate::{
    ActionRecord, Command, CommandId, CommandKind, Event, EventKind, Outcome, Program, RepetitionIndex,
    ResponseToCaller, RunEnd, RunStart, State, Status, Step, TriggerOccurrence, step,
};
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use std::collections::{BTreeMap, VecDeque};

/// A run that was driven to its end.
#[derive(Debug, Clone)]
pub struct DrivenRun {
    /// How it ended.
    pub end: RunEnd,
    /// The last record of each action and repetition, in the order in which they were first written.
    pub records: Vec<ActionRecord>,
    /// The calls, in the order in which they were made. Timers are not among them.
    pub calls: Vec<Command>,
    /// What a waiting caller was answered.
    pub response: Option<ResponseToCaller>,
    /// When it ended, in virtual time.
    pub ended: Timestamp,
}

impl DrivenRun {
    /// The record of an action outside loops.
    pub fn record(&self, name: &str) -> Option<&ActionRecord> {
        self.records.iter().find(|record| record.name == name && record.repetition.is_empty())
    }

    /// The records of an action inside loops, in the order of their repetitions.
    pub fn repetitions(&self, name: &str) -> Vec<&ActionRecord> {
        let mut found: Vec<_> = self
            .records
            .iter()
            .filter(|record| record.name == name && !record.repetition.is_empty())
            .collect();
        found.sort_by(|a, b| a.repetition.cmp(&b.repetition));
        found
    }
}

/// How many steps a driven run may take before it is cancelled: a mock that never lets an operation end would poll for
/// ever.
const STEPS_MAX: usize = 1_000_000;

/// Runs a workflow from its start, at the virtual time `clock`, to its end. Calls are answered at once by `answer`;
/// timers pass as soon as nothing else is to do. A webhook that is answered with a body has its callback, which brings
/// that; one without a body waits for its timeout, or is cancelled with the run.
pub fn drive(
    program: &Program,
    start: RunStart,
    answer: &mut dyn FnMut(&Command) -> Outcome,
    clock: Timestamp,
) -> DrivenRun {
    let mut driver =
        Driver { program, clock, seed: 0, records: Records::default(), calls: Vec::new(), response: None };
    let mut timers: BTreeMap<(Timestamp, u64), Command> = BTreeMap::new();
    let mut calls: VecDeque<Command> = VecDeque::new();
    let mut callbacks: VecDeque<EventKind> = VecDeque::new();
    let mut state = State::default();
    let mut event = EventKind::Started(Box::new(start));
    for _ in 0..STEPS_MAX {
        let given = driver.step(&mut state, event);
        for command in given.commands {
            match command.kind {
                CommandKind::Timer { due } => {
                    timers.insert((due, driver.seed), command);
                    driver.seed += 1;
                }
                _ => calls.push_back(command),
            }
        }
        if let Some(end) = given.finished {
            for farewell in calls {
                answer(&farewell);
                driver.calls.push(farewell);
            }
            return driver.finish(end);
        }
        event = if let Some(callback) = callbacks.pop_front() {
            callback
        } else if let Some(call) = calls.pop_front() {
            let outcome = answer(&call);
            let command = call.id.clone();
            if call.kind.awaits_callback() {
                callbacks.extend(callback(call.callback_id(), &outcome));
            }
            driver.calls.push(call);
            EventKind::Finished { command, outcome }
        } else if let Some(((due, _), timer)) = timers.pop_first() {
            driver.clock = driver.clock.max(due);
            EventKind::TimerFired { command: timer.id }
        } else {
            EventKind::Cancelled
        };
    }
    let given = driver.step(&mut state, EventKind::Cancelled);
    driver.finish(given.finished.unwrap_or(RunEnd {
        status: Status::Cancelled,
        code: None,
        error: None,
        outputs: Value::from(Object::new()),
    }))
}

/// The callback that brings what a webhook was answered.
fn callback(command: CommandId, outcome: &Outcome) -> Option<EventKind> {
    let Outcome::Response { status_code: 200..400, headers, body: Some(body) } = outcome else { return None };
    let request = Value::object([("headers", Value::from(headers.clone())), ("body", body.clone())]);
    Some(EventKind::Callback { command, request })
}

/// What [`Driver::step`] hands on of a step.
struct Given {
    commands: Vec<Command>,
    finished: Option<RunEnd>,
}

struct Driver<'p> {
    program: &'p Program,
    clock: Timestamp,
    seed: u64,
    records: Records,
    calls: Vec<Command>,
    response: Option<ResponseToCaller>,
}

impl Driver<'_> {
    fn step(&mut self, state: &mut State, kind: EventKind) -> Given {
        self.seed += 1;
        let event = Event { at: self.clock, seed: self.seed, kind };
        let Step { state: next, commands, records, finished, response } =
            step(self.program, std::mem::take(state), event);
        *state = next;
        for record in records {
            self.records.upsert(record);
        }
        self.response = self.response.take().or(response);
        Given { commands, finished }
    }

    fn finish(self, end: RunEnd) -> DrivenRun {
        DrivenRun {
            end,
            records: self.records.list,
            calls: self.calls,
            response: self.response,
            ended: self.clock,
        }
    }
}

#[derive(Default)]
struct Records {
    list: Vec<ActionRecord>,
    places: BTreeMap<(Text, Vec<RepetitionIndex>), usize>,
}

impl Records {
    fn upsert(&mut self, record: ActionRecord) {
        let place =
            *self.places.entry((record.name.clone(), record.repetition.clone())).or_insert(self.list.len());
        match self.list.get_mut(place) {
            Some(there) => *there = record,
            None => self.list.push(record),
        }
    }
}

impl RunStart {
    /// A start by a trigger with these outputs (`{headers?, body?}`), everything else plain: no parameters, no caller
    /// who waits.
    pub fn of_trigger(run_id: &str, trigger: &str, outputs: Value, at: Timestamp) -> Self {
        let id = Text::new(run_id);
        let run = Value::object([("id", Value::from(&id)), ("name", Value::from(&id))]);
        Self {
            run_id: id.clone(),
            workflow: Value::object([("name", Value::text("workflow")), ("run", run)]),
            parameters: Object::new(),
            trigger: TriggerOccurrence {
                name: Text::new(trigger),
                inputs: Value::Null,
                outputs,
                start: at,
                end: at,
                tracking_id: id.clone(),
                client_tracking_id: id.clone(),
                history_name: id,
            },
            callback_base: Text::new_static("https://localhost/callbacks/"),
            caller_waits_until: None,
        }
    }
}
