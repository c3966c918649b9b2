//! Calls of services outside: starting them, trying again, polling what a service goes on with by itself.
//!
//! A call is a chain of commands. Each attempt is a command with an id of its own; between attempts, and between polls
//! of an operation that answered 202 with a `Location`, stands a timer.

use super::retry::{RetryPolicy, is_retryable, later, retry_after};
use super::{Machine, records::mix};
use crate::actions::{Completion, Progress};
use crate::duration;
use crate::http_status;
use crate::state::Here;
use crate::{Command, CommandId, CommandKind, ErrorBody, Outcome, PERMANENT_CODES, RetryEntry, Status};
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};

/// How long to wait before an operation is polled, where the service does not say.
const POLL_MS: u64 = 20_000;

/// A call under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    #[serde(rename = "n")]
    attempt: u32,
    #[serde(rename = "at")]
    attempt_start: Timestamp,
    /// How many retries the present request has had.
    #[serde(rename = "r")]
    retries: u32,
    #[serde(rename = "p")]
    polls: u32,
    /// What to send when the timer fires. None while a command is under way, and when the timer means the end.
    #[serde(rename = "next", skip_serializing_if = "Option::is_none", default)]
    next: Option<CommandKind>,
    policy: RetryPolicy,
    #[serde(rename = "h", skip_serializing_if = "Vec::is_empty", default)]
    history: Vec<RetryEntry>,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none", default)]
    deadline: Option<Timestamp>,
    /// Whether a 202 with a `Location` is followed.
    #[serde(rename = "f")]
    follow: bool,
    /// Whether an answer is but a subscription, after which a callback is awaited.
    #[serde(rename = "cb", skip_serializing_if = "std::ops::Not::not", default)]
    awaits_callback: bool,
}

/// What a call asks for.
pub(crate) struct Request {
    pub kind: CommandKind,
    /// What history shows of the inputs.
    pub shown: Value,
    pub policy: RetryPolicy,
}

/// An answer of a service.
pub(crate) struct Answer {
    pub status_code: u16,
    pub headers: Object,
    pub body: Option<Value>,
}

impl Machine<'_> {
    /// Starts a call. Its record is written before it is made.
    pub fn call(&mut self, here: Here, request: Request) -> Result<(), Box<Completion>> {
        let action = self.action(here);
        let deadline = self.deadline(here)?;
        let kind = &request.kind;
        let awaits_callback = matches!(kind, CommandKind::ApiConnectionWebhook { .. });
        let call = Call {
            attempt: 1,
            attempt_start: self.at,
            retries: 0,
            polls: 0,
            next: None,
            policy: request.policy,
            history: Vec::new(),
            deadline,
            follow: !awaits_callback && !action.settings.has_option("disableasyncpattern"),
            awaits_callback,
        };
        self.open(here, Some(request.shown));
        self.send(here, call, request.kind);
        Ok(())
    }

    /// When `limit.timeout` is over.
    fn deadline(&self, here: Here) -> Result<Option<Timestamp>, Box<Completion>> {
        let Some(template) = &self.action(here).settings.timeout else { return Ok(None) };
        let value = self.evaluate(here, template)?;
        let Some(limit) = value.as_str().and_then(duration::parse) else {
            return Err(self.invalid_inputs(
                here,
                &format!("The value '{value}' of 'limit.timeout' is not a duration."),
            ));
        };
        Ok(Some(self.at.checked_add(limit).unwrap_or(Timestamp::MAX)))
    }

    /// The id of the command that the call sends next.
    fn call_id(&self, here: Here, call: &Call) -> CommandId {
        let suffix = if call.polls == 0 { String::new() } else { format!(".{}", call.polls) };
        self.command_id(here, call.attempt, &suffix)
    }

    /// `Action@3-0#1`: the action, the iterations of the loops around it, the attempt.
    pub fn command_id(&self, here: Here, attempt: u32, suffix: &str) -> CommandId {
        use std::fmt::Write as _;
        let mut id = self.action(here).name.to_string();
        let repetition =
            self.state.frame(here.frame).map(|frame| frame.repetition.as_slice()).unwrap_or_default();
        for (depth, turn) in repetition.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(id, "{}{}", if depth == 0 { '@' } else { '-' }, turn.index);
        }
        let _ = write!(id, "#{attempt}{suffix}");
        CommandId(Text::from(id))
    }

    /// The address at which the first attempt of a call that awaits a callback is called back.
    pub fn callback_address(&self, here: Here) -> Value {
        let base = self.start_of_run().map_or("", |start| start.callback_base.as_str());
        Value::from(format!("{base}{}", self.command_id(here, 1, "")))
    }

    fn send(&mut self, here: Here, mut call: Call, kind: CommandKind) {
        call.attempt_start = self.at;
        let id = self.call_id(here, &call);
        let (attempt, deadline) = (call.attempt, call.deadline);
        if let Some(record) = self.state.slot_mut(here).record.get_mut() {
            record.retry_history.clone_from(&call.history);
        }
        self.note(here);
        self.give(here, id, attempt, deadline, kind);
        self.state.slot_mut(here).progress = Some(Box::new(Progress::Call(call)));
    }

    fn give(
        &mut self,
        here: Here,
        id: CommandId,
        attempt: u32,
        deadline: Option<Timestamp>,
        kind: CommandKind,
    ) {
        let action = self.action(here).name.clone();
        let repetition =
            self.state.frame(here.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        self.command(Command { id, action, repetition, attempt, deadline, kind }, Some(here));
    }

    /// Starts a timer for an action.
    pub fn timer(&mut self, here: Here, attempt: u32, suffix: &str, due: Timestamp) {
        let id = self.command_id(here, attempt, suffix);
        self.give(here, id, attempt, None, CommandKind::Timer { due });
    }

    /// What came of the present command of a call.
    pub fn answered(&mut self, here: Here, mut call: Call, command: Command, outcome: Outcome) {
        call.history.push(entry(&call, &command.id, &outcome, self.at));
        if let Some(wait) = self.retry_wait(&call, &outcome) {
            call.attempt += 1;
            call.retries += 1;
            self.rest(here, call, command.kind, wait, ":retry");
            return;
        }
        match outcome {
            Outcome::Response { status_code, headers, body } => {
                self.settled(here, call, &command, Answer { status_code, headers, body });
            }
            Outcome::NoResponse { code, message } => {
                let status = if code == "ActionTimedOut" { Status::TimedOut } else { Status::Failed };
                let error = Some(ErrorBody::new(&code, message));
                self.finish_call(here, call, Completion { error, ..Completion::new(status, code) });
            }
        }
    }

    fn retry_wait(&self, call: &Call, outcome: &Outcome) -> Option<u64> {
        let asked = match outcome {
            Outcome::Response { status_code, headers, .. } if is_retryable(*status_code) => {
                retry_after(headers, self.at)
            }
            Outcome::NoResponse { code, .. } if !PERMANENT_CODES.contains(&code.as_str()) => None,
            _ => return None,
        };
        let drawn = mix(self.random.get());
        self.random.set(drawn);
        let wait = call.policy.wait(call.retries + 1, drawn)?;
        Some(asked.unwrap_or(wait))
    }

    /// An answer that is not to be asked for again.
    fn settled(&mut self, here: Here, mut call: Call, command: &Command, answer: Answer) {
        if answer.status_code == 202
            && call.follow
            && let Some(next) = polling(&command.kind, &answer.headers)
        {
            call.polls += 1;
            call.retries = 0;
            // only what was tried again belongs to the history of retries
            call.history.pop();
            let wait = retry_after(&answer.headers, self.at).unwrap_or(POLL_MS);
            self.rest(here, call, next, wait, ":poll");
            return;
        }
        if call.awaits_callback && answer.status_code < 400 {
            self.await_callback(here, call);
            return;
        }
        self.finish_call(here, call, Completion::of_answer(answer));
    }

    /// Waits, then sends. If time is over before that, the wait is all there is.
    fn rest(&mut self, here: Here, mut call: Call, next: CommandKind, wait: u64, suffix: &str) {
        let due = later(self.at, wait);
        let over = call.deadline.filter(|deadline| *deadline <= due);
        call.next = over.is_none().then_some(next);
        let suffix = if call.polls == 0 { suffix.to_owned() } else { format!(".{}{suffix}", call.polls) };
        self.timer(here, call.attempt, &suffix, over.unwrap_or(due));
        self.state.slot_mut(here).progress = Some(Box::new(Progress::Call(call)));
    }

    /// The timer of a call has fired.
    pub fn rested(&mut self, here: Here, mut call: Call) {
        match call.next.take() {
            Some(next) => self.send(here, call, next),
            None => self.finish_call(here, call, Completion::timed_out()),
        }
    }

    /// The subscription stands; the answer comes by a callback, or not in time.
    fn await_callback(&mut self, here: Here, call: Call) {
        if let Some(deadline) = call.deadline {
            self.timer(here, call.attempt, ":deadline", deadline);
        }
        let slot = self.state.slot_mut(here);
        slot.status = Some(Status::Waiting);
        if let Some(record) = slot.record.get_mut() {
            record.status = Status::Waiting;
        }
        slot.progress = Some(Box::new(Progress::Call(call)));
        self.note(here);
    }

    /// The callback of a call has come. It may come before the subscription's own answer.
    pub fn called_back(&mut self, here: Here, call: Call, request: &Value) {
        self.state.pending.retain(|pending| pending.here != Some(here));
        let headers =
            request.get_ignore_case("headers").and_then(Value::as_object).cloned().unwrap_or_default();
        let body = request.get_ignore_case("body").cloned();
        self.finish_call(here, call, Completion::of_answer(Answer { status_code: 200, headers, body }));
    }

    /// Whether a call awaits the callback of that command: the address was made from the first attempt's.
    pub fn awaits(&self, call: &Call, here: Here, command: &CommandId) -> bool {
        call.awaits_callback && self.command_id(here, 1, "") == *command
    }

    fn finish_call(&mut self, here: Here, call: Call, completion: Completion) {
        if let Some(record) = self.state.slot_mut(here).record.get_mut() {
            record.retry_history = if call.history.len() > 1 { call.history } else { Vec::new() };
        }
        self.complete(here, completion);
    }
}

fn entry(call: &Call, command: &CommandId, outcome: &Outcome, at: Timestamp) -> RetryEntry {
    let (code, service_request_id, error) = match outcome {
        Outcome::Response { status_code, headers, .. } => {
            let id = headers.get_ignore_case("x-ms-request-id").and_then(Value::as_str).map(Text::new);
            (http_status::name(*status_code), id, None)
        }
        Outcome::NoResponse { code, message } => {
            (code.clone(), None, Some(ErrorBody::new(code, message.as_str())))
        }
    };
    RetryEntry {
        start_time: call.attempt_start,
        end_time: at,
        code,
        client_request_id: command.0.clone(),
        service_request_id,
        error,
    }
}

/// The request that asks how an operation goes on, if the service said where.
fn polling(kind: &CommandKind, headers: &Object) -> Option<CommandKind> {
    let location = headers.get_ignore_case("Location")?.as_str().filter(|location| !location.is_empty())?;
    match kind {
        CommandKind::Http { inputs } => {
            let mut request = Object::with_capacity(3);
            request.insert("method", "GET");
            request.insert("uri", location);
            if let Some(authentication) = inputs.get_ignore_case("authentication") {
                request.insert("authentication", authentication.clone());
            }
            Some(CommandKind::Http { inputs: Value::from(request) })
        }
        CommandKind::ApiConnection { connection, inputs } => {
            let mut request = Object::with_capacity(4);
            if let Some(host) = inputs.get_ignore_case("host") {
                request.insert("host", host.clone());
            }
            request.insert("method", "get");
            request.insert("path", location);
            if let Some(authentication) = inputs.get_ignore_case("authentication") {
                request.insert("authentication", authentication.clone());
            }
            Some(CommandKind::ApiConnection { connection: connection.clone(), inputs: Value::from(request) })
        }
        _ => None,
    }
}
