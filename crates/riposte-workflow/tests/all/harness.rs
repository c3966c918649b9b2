//! Running a workflow in a test: scripted answers, virtual time, and on demand a restart between any two events.

use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{
    ActionRecord, Command, CommandId, CommandKind, Event, EventKind, Outcome, Program, RepetitionIndex,
    ResponseToCaller, RunEnd, RunStart, State, Step, step,
};
use std::collections::{BTreeMap, VecDeque};

pub fn read_json(path: &std::path::Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    riposte_value::json::parse_bytes_lenient(&bytes)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn program(definition: &Value) -> Result<Program, String> {
    let (program, diagnostics) = riposte_workflow::compile(definition);
    program.ok_or_else(|| {
        let lines: Vec<String> =
            diagnostics.iter().map(|d| format!("{} {:?}: {}", d.code, d.location.path, d.message)).collect();
        lines.join("; ")
    })
}

pub fn epoch() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// What happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub end: RunEnd,
    pub records: Vec<ActionRecord>,
    pub calls: Vec<Command>,
    pub waits: Vec<f64>,
    pub response: Option<ResponseToCaller>,
    pub ended: Timestamp,
}

impl Seen {
    pub fn record(&self, name: &str) -> Option<&ActionRecord> {
        self.records.iter().find(|record| record.name == name && record.repetition.is_empty())
    }
}

/// What an attempt of a run came to.
#[derive(Debug)]
pub struct Attempt {
    pub end: RunEnd,
    pub records: Vec<ActionRecord>,
    pub calls: Vec<Command>,
}

/// How a run is disturbed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trouble {
    /// The state is written, read back and restored between any two events.
    pub restart: bool,
    /// Every event comes twice, and once more at the end.
    pub repeat: bool,
    /// Outcomes come in another order.
    pub shuffle: u64,
}

pub struct Runner<'a> {
    program: &'a Program,
    clock: Timestamp,
    seed: u64,
    start: Option<RunStart>,
    state: State,
    records: Vec<ActionRecord>,
    places: BTreeMap<(Text, Vec<RepetitionIndex>), usize>,
    end: Option<RunEnd>,
    response: Option<ResponseToCaller>,
    calls: Vec<Command>,
    open: VecDeque<Command>,
    timers: BTreeMap<(Timestamp, u64), CommandId>,
    waits: Vec<f64>,
    trouble: Trouble,
}

impl<'a> Runner<'a> {
    pub fn new(program: &'a Program, trouble: Trouble) -> Self {
        Self {
            program,
            clock: epoch(),
            seed: 0,
            start: None,
            state: State::default(),
            records: Vec::new(),
            places: BTreeMap::new(),
            end: None,
            response: None,
            calls: Vec::new(),
            open: VecDeque::new(),
            timers: BTreeMap::new(),
            waits: Vec::new(),
            trouble,
        }
    }

    /// Runs from the start to the end. `cancel_after`: so many events after the start, the run is cancelled.
    pub fn run(
        mut self,
        start: RunStart,
        answer: &mut dyn FnMut(&Command) -> Answered,
        cancel_after: Option<usize>,
    ) -> Seen {
        self.start = Some(start.clone());
        self.event(EventKind::Started(Box::new(start)));
        let mut count = 0;
        while self.end.is_none() {
            assert!(count < 200_000, "the run does not end");
            if cancel_after.is_some_and(|after| count >= after) {
                self.event(EventKind::Cancelled);
                break;
            }
            count += 1;
            self.next(answer);
        }
        // what takes leave is carried out; nobody waits for the answer
        for farewell in std::mem::take(&mut self.open) {
            if farewell.id.as_str().ends_with(":unsubscribe") {
                self.calls.push(farewell);
            }
        }
        self.check_ended();
        Seen {
            end: self.end.expect("the run has ended"),
            records: self.records,
            calls: self.calls,
            waits: self.waits,
            response: self.response,
            ended: self.clock,
        }
    }

    /// Runs to the end; if that is no success, opens the run again, as a restart would find it, and runs it once more.
    pub fn run_again(
        mut self,
        start: RunStart,
        first: &mut dyn FnMut(&Command) -> Answered,
        second: &mut dyn FnMut(&Command) -> Answered,
    ) -> Option<[Attempt; 2]> {
        self.start = Some(start.clone());
        self.event(EventKind::Started(Box::new(start.clone())));
        let attempt = self.attempt(first);
        if attempt.end.status == riposte_workflow::Status::Succeeded {
            return None;
        }
        let start = RunStart { caller_waits_until: None, ..start };
        let read: State = serde_json::from_str(&serde_json::to_string(&self.state).unwrap()).unwrap();
        self.state = read.restore(start.clone(), self.records.clone()).reopen(self.program, self.clock)?;
        self.start = Some(start);
        for (number, command) in (0..).zip(self.state.pending()) {
            let CommandKind::Timer { due } = command.kind else { panic!("{} is no timer", command.id) };
            self.timers.insert((due, number), command.id.clone());
        }
        let again = self.attempt(second);
        Some([attempt, again])
    }

    fn attempt(&mut self, answer: &mut dyn FnMut(&Command) -> Answered) -> Attempt {
        for _ in 0..200_000 {
            if let Some(end) = self.end.take() {
                self.open.clear();
                self.timers.clear();
                return Attempt {
                    end,
                    records: self.records.clone(),
                    calls: std::mem::take(&mut self.calls),
                };
            }
            self.next(answer);
        }
        panic!("the run does not end");
    }

    fn next(&mut self, answer: &mut dyn FnMut(&Command) -> Answered) {
        let drawn = if self.trouble.shuffle == 0 || self.open.is_empty() {
            0
        } else {
            usize::try_from((self.trouble.shuffle ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33)
                .unwrap()
                % self.open.len()
        };
        if let Some(call) = self.open.remove(drawn) {
            let (command, called_back) = (call.id.clone(), call.callback_id());
            let answered = answer(&call);
            self.calls.push(call);
            match answered {
                Answered::Outcome(outcome) => self.event(EventKind::Finished { command, outcome }),
                Answered::Callback { outcome, request } => {
                    self.event(EventKind::Finished { command, outcome });
                    if let Some(request) = request {
                        self.event(EventKind::Callback { command: called_back, request });
                    }
                }
            }
        } else if let Some(((due, _), command)) = self.timers.pop_first() {
            self.clock = self.clock.max(due);
            self.event(EventKind::TimerFired { command });
        } else {
            // without a limit, a callback may be awaited for ever
            let waiting =
                self.records.iter().any(|record| record.status == riposte_workflow::Status::Waiting);
            assert!(waiting, "nothing is pending and the run has not ended: {:#?}", self.state);
            self.event(EventKind::Cancelled);
        }
    }

    fn event(&mut self, kind: EventKind) {
        self.seed += 1;
        let event = Event { at: self.clock, seed: self.seed, kind };
        self.step(event.clone());
        if self.trouble.repeat {
            let before = serde_json::to_string(&self.state).unwrap();
            self.step(event);
            let after = serde_json::to_string(&self.state).unwrap();
            assert_eq!(before, after, "an event that came twice changed something");
        }
    }

    fn step(&mut self, event: Event) {
        if self.trouble.restart {
            let written = serde_json::to_string(&self.state).unwrap();
            let read: State = serde_json::from_str(&written).unwrap();
            let records = serde_json::to_string(&self.records).unwrap();
            self.state = match &self.start {
                Some(start) => read.restore(start.clone(), serde_json::from_str(&records).unwrap()),
                None => read,
            };
        }
        let Step { state, commands, records, finished, response } =
            step(self.program, std::mem::take(&mut self.state), event);
        self.state = state;
        for record in records {
            let key = (record.name.clone(), record.repetition.clone());
            if let Some(place) = self.places.get(&key) {
                self.records[*place] = record;
            } else {
                self.places.insert(key, self.records.len());
                self.records.push(record);
            }
        }
        for command in commands {
            let record =
                self.records.iter().find(|r| r.name == command.action && r.repetition == command.repetition);
            let farewell = command.id.as_str().ends_with(":unsubscribe");
            assert!(
                farewell
                    || command.action.is_empty()
                    || record.is_some_and(|record| !record.status.is_terminal()),
                "no record of {} stands before its command",
                command.id
            );
            if let CommandKind::Timer { due } = command.kind {
                self.waits.push(due.duration_since(self.clock).as_secs_f64());
                self.timers.insert((due, self.seed * 1_000_000 + self.waits.len() as u64), command.id);
            } else {
                self.open.push_back(command);
            }
        }
        if let Some(end) = finished {
            assert!(self.end.is_none(), "the run ended twice");
            self.end = Some(end);
        }
        if let Some(response) = response {
            assert!(self.response.is_none(), "the caller was answered twice");
            self.response = Some(response);
        }
    }

    /// What must hold when a run has ended.
    fn check_ended(&mut self) {
        assert!(self.state.is_finished());
        assert_eq!(self.state.pending().count(), 0);
        for record in &self.records {
            assert!(record.status.is_terminal(), "{} has not ended: {record:?}", record.name);
            assert!(record.end_time.is_some());
        }
        for name in self.program.action_names() {
            assert!(self.records.iter().any(|record| record.name == *name), "{name} has no record");
        }
        let ids: std::collections::BTreeSet<_> = self.calls.iter().map(|call| &call.id).collect();
        assert_eq!(ids.len(), self.calls.len(), "a command was given twice");
        let before = self.records.clone();
        for kind in [EventKind::Cancelled, EventKind::Started(Box::new(start(Value::Null)))] {
            self.event(kind);
        }
        assert_eq!(self.records, before, "something happened after the end");
    }
}

/// How a test answers a command.
pub enum Answered {
    Outcome(Outcome),
    Callback { outcome: Outcome, request: Option<Value> },
}

pub fn response(status_code: u16, headers: Object, body: Option<Value>) -> Outcome {
    Outcome::Response { status_code, headers, body }
}

pub fn start(trigger_outputs: Value) -> RunStart {
    RunStart::of_trigger("run-1", "manual", trigger_outputs, epoch())
}
