//! Calls of services outside: starting them, trying again, polling what a service goes on with by itself.
//!
//! A call is a chain of commands. Each attempt is a command with an id of its own; between attempts, and between polls
//! of an operation that answered 202, stands a timer. What an answer means is told in `settle.rs`.

use super::paging::Pages;
use super::retry::{RetryPolicy, is_retryable, later, retry_after};
use super::{Machine, records::mix};
use crate::actions::{Completion, Progress};
use crate::duration;
use crate::http_status;
use crate::state::Here;
use crate::{
    CallSettings, Command, CommandId, CommandKind, ErrorBody, Outcome, PERMANENT_CODES, RetryEntry, Status,
};
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use serde::{Deserialize, Serialize};

/// A call under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Call {
    #[serde(rename = "n")]
    pub attempt: u32,
    #[serde(rename = "at")]
    attempt_start: Timestamp,
    /// How many retries the present request has had.
    #[serde(rename = "r")]
    pub retries: u32,
    /// How many requests have followed from answers: polls and further pages.
    #[serde(rename = "p")]
    pub polls: u32,
    /// What to send when the timer fires. None while a command is under way, and when the timer means the end.
    #[serde(rename = "next", skip_serializing_if = "Option::is_none", default)]
    next: Option<CommandKind>,
    policy: RetryPolicy,
    #[serde(rename = "h", skip_serializing_if = "Vec::is_empty", default)]
    pub history: Vec<RetryEntry>,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<Timestamp>,
    /// Whether a 202 that says where to ask is followed.
    #[serde(rename = "f")]
    pub follow: bool,
    /// Whether what is polled is the state of an operation, which its body tells (`Azure-AsyncOperation`).
    #[serde(rename = "m", skip_serializing_if = "std::ops::Not::not", default)]
    pub monitors: bool,
    /// The pages so far, if the action gathers pages.
    #[serde(rename = "pg", skip_serializing_if = "Option::is_none", default)]
    pub pages: Option<Box<Pages>>,
    /// Whether an answer is but a subscription, after which a callback is awaited.
    #[serde(rename = "cb", skip_serializing_if = "std::ops::Not::not", default)]
    pub awaits_callback: bool,
    /// The request that ends the subscription, if the callback is not awaited to its end.
    #[serde(rename = "bye", skip_serializing_if = "Option::is_none", default, with = "crate::exact::boxed")]
    pub farewell: Option<Box<Value>>,
}

/// What a call asks for.
pub(crate) struct Request {
    pub kind: CommandKind,
    /// What history shows of the inputs.
    pub shown: Value,
    pub policy: RetryPolicy,
    /// What ends the subscription that the request asks for.
    pub farewell: Option<Value>,
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
        let awaits_callback = kind.awaits_callback();
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
            monitors: false,
            pages: action.settings.minimum_items.map(Pages::at_least).map(Box::new),
            awaits_callback,
            farewell: request.farewell.map(Box::new),
        };
        self.open(here, Some(request.shown));
        self.send(here, call, request.kind);
        Ok(())
    }

    /// When `limit.timeout` is over.
    pub fn deadline(&self, here: Here) -> Result<Option<Timestamp>, Box<Completion>> {
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

    /// The id of a command of the action at a place.
    pub fn command_id(&self, here: Here, attempt: u32, suffix: &str) -> CommandId {
        self.state.command_id(self.program, here, attempt, suffix)
    }

    pub fn send(&mut self, here: Here, mut call: Call, kind: CommandKind) {
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

    pub fn give(
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
        let settings = self.call_settings(here);
        self.command(Command { id, action, repetition, attempt, deadline, settings, kind }, Some(here));
    }

    /// How the definition wants the calls of an action to be made.
    pub fn call_settings(&self, here: Here) -> CallSettings {
        let settings = &self.action(here).settings;
        CallSettings {
            chunked: settings.chunked,
            suppress_workflow_headers: settings.has_option("suppressworkflowheaders"),
        }
    }

    /// Starts a timer for an action.
    pub fn timer(&mut self, here: Here, attempt: u32, suffix: &str, due: Timestamp) {
        let id = self.command_id(here, attempt, suffix);
        self.give(here, id, attempt, None, CommandKind::Timer { due });
    }

    /// What came of the present command of a call.
    pub fn answered(&mut self, here: Here, mut call: Call, command: Command, outcome: Outcome) {
        let mut tried = entry(&call, &command.id, &outcome, self.at);
        tried.error = tried.error.map(|error| self.discreet(self.action(here), error));
        call.history.push(tried);
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

    /// Waits, then sends. If time is over before that, the wait is all there is.
    pub fn rest(&mut self, here: Here, mut call: Call, next: CommandKind, wait: u64, suffix: &str) {
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

    pub fn finish_call(&mut self, here: Here, call: Call, completion: Completion) {
        if completion.status == Status::TimedOut {
            self.take_leave(here, &call);
        }
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
