//! Callbacks: the address that a subscription hands out, what comes there, and taking leave of who was to call.

use super::{Answer, Call, Machine};
use crate::actions::Completion;
use crate::state::Here;
use crate::{Command, CommandKind, Status};
use riposte_expression::Template;
use riposte_value::Value;

impl Machine<'_> {
    /// The address at which the first attempt of a call that awaits a callback is called back, signed if the run was
    /// given what signs.
    pub fn callback_address(&self, here: Here) -> Result<Value, Box<Completion>> {
        let base = self.start_of_run().map_or("", |start| start.callback_base.as_str());
        let command = self.command_id(here, 1, "");
        let Some(signer) = &self.state.signer else { return Ok(Value::from(format!("{base}{command}"))) };
        let query = (signer.0)(&command, self.deadline(here)?);
        Ok(Value::from(format!("{base}{}?{query}", path_segment(command.as_str()))))
    }

    /// As [`Self::evaluate`], where `listCallbackUrl()` gives that address.
    pub fn evaluate_with_callback(&self, here: Here, template: &Template) -> Result<Value, Box<Completion>> {
        let address = self.callback_address(here)?;
        let mut scope = self.scope(here);
        scope.callback = Some(&address);
        template.evaluate(&scope).map_err(|error| self.inputs_failure(here, &error))
    }

    /// The subscription stands; the answer comes by a callback, or not in time.
    pub fn await_callback(&mut self, here: Here, call: Call) {
        if let Some(deadline) = call.deadline {
            self.timer(here, call.attempt, ":deadline", deadline);
        }
        self.wait_with(here, call);
    }

    /// The callback of a call has come. It may come before the subscription's own answer.
    pub fn called_back(&mut self, here: Here, call: Call, request: &Value) {
        self.state.pending.retain(|pending| pending.here != Some(here));
        let headers =
            request.get_ignore_case("headers").and_then(Value::as_object).cloned().unwrap_or_default();
        let body = request.get_ignore_case("body").cloned();
        self.finish_call(here, call, Completion::of_answer(Answer { status_code: 200, headers, body }));
    }

    /// The run is stopped: what was subscribed to for an action that waits is told.
    pub fn leave_subscription(&mut self, here: Here) {
        if let Some(call) = self.take_call(here) {
            self.take_leave(here, &call);
        }
    }

    /// Ends the subscription of a call whose callback is not awaited any longer. Nobody waits for the answer.
    pub fn take_leave(&mut self, here: Here, call: &Call) {
        let Some(farewell) = &call.farewell else { return };
        let inputs = Value::clone(farewell);
        let repetition =
            self.state.frame(here.frame).map(|frame| frame.repetition.clone()).unwrap_or_default();
        self.farewells.push(Command {
            id: self.command_id(here, call.attempt, ":unsubscribe"),
            action: self.action(here).name.clone(),
            repetition,
            attempt: call.attempt,
            deadline: None,
            settings: self.call_settings(here),
            kind: CommandKind::Http { inputs },
        });
    }

    fn wait_with(&mut self, here: Here, call: Call) {
        let slot = self.state.slot_mut(here);
        slot.status = Some(Status::Waiting);
        if let Some(record) = slot.record.get_mut() {
            record.status = Status::Waiting;
        }
        slot.progress = Some(Box::new(crate::actions::Progress::Call(call)));
        self.note(here);
    }
}

/// A text as a segment of a path, percent-encoded where it is no unreserved character.
fn path_segment(text: &str) -> String {
    use std::fmt::Write as _;
    let mut segment = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            segment.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(segment, "%{byte:02X}");
        }
    }
    segment
}
