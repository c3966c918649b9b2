//! What an answer means that is not to be asked for again: the end of the call, a subscription, an operation that goes
//! on, or one page of several.
//!
//! Documented: a 202 with `Location` is asked for with GET and the same credentials, after `Retry-After`, until another
//! status comes. With `Azure-AsyncOperation` the address tells the operation's state in its body instead
//! (`{"status": "InProgress"}`), and `Succeeded`, `Failed` or `Canceled` is the end; that header goes before `Location`.

use super::paging::NextPage;
use super::retry::retry_after;
use super::{Answer, Call, Machine};
use crate::actions::Completion;
use crate::state::Here;
use crate::{Command, CommandKind, ErrorBody, Status};
use riposte_value::{Object, Text, Value};

/// How long to wait before an operation is polled, where the service does not say.
const POLL_MS: u64 = 20_000;

impl Machine<'_> {
    /// An answer that is not to be asked for again.
    pub fn settled(&mut self, here: Here, mut call: Call, command: &Command, answer: Answer) {
        if matches!(command.kind, CommandKind::Script { .. }) {
            self.finish_call(here, call, Completion::of_script(answer.body));
            return;
        }
        if call.follow
            && let Some(next) = polling(&mut call, &command.kind, &answer)
        {
            follow_on(&mut call);
            let wait = retry_after(&answer.headers, self.at).unwrap_or(POLL_MS);
            self.rest(here, call, next, wait, ":poll");
            return;
        }
        if call.awaits_callback && answer.status_code < 400 {
            self.await_callback(here, call);
            return;
        }
        if answer.status_code < 400
            && let Some(mut pages) = call.pages.take()
        {
            match pages.take(answer, &command.kind) {
                NextPage::Ask(next) => {
                    call.pages = Some(pages);
                    follow_on(&mut call);
                    self.send(here, call, next);
                }
                NextPage::Done(answer) => self.finish_call(here, call, Completion::of_answer(answer)),
            }
            return;
        }
        let ended_badly = call.monitors.then(|| failure_of_operation(&answer)).flatten();
        let mut completion = Completion::of_answer(answer);
        if let Some(error) = ended_badly {
            completion.status = Status::Failed;
            completion.code = error.code.clone();
            completion.error = Some(error);
        }
        self.finish_call(here, call, completion);
    }
}

/// A request follows from an answer: it has its own retries, and only what was tried again belongs to their history.
fn follow_on(call: &mut Call) {
    call.polls += 1;
    call.retries = 0;
    call.history.pop();
}

/// The request that asks how an operation goes on, if it does and the service said where.
fn polling(call: &mut Call, kind: &CommandKind, answer: &Answer) -> Option<CommandKind> {
    let address = |name: &str| {
        answer.headers.get_ignore_case(name).and_then(Value::as_str).filter(|address| !address.is_empty())
    };
    if call.monitors && answer.status_code < 400 && is_under_way(answer) {
        return Some(address("Azure-AsyncOperation").map_or_else(
            || kind.clone(),
            |moved| follow_up(kind, moved, false).unwrap_or_else(|| kind.clone()),
        ));
    }
    if answer.status_code != 202 {
        return None;
    }
    if let Some(next) = address("Azure-AsyncOperation").and_then(|address| follow_up(kind, address, false)) {
        call.monitors = true;
        return Some(next);
    }
    call.monitors = false;
    follow_up(kind, address("Location")?, false)
}

/// Whether the body tells of an operation that has not ended.
fn is_under_way(answer: &Answer) -> bool {
    let status = answer.body.as_ref().and_then(|body| body.get_ignore_case("status")?.as_str());
    status.is_some_and(|status| {
        !["Succeeded", "Failed", "Canceled", "Cancelled"].iter().any(|end| end.eq_ignore_ascii_case(status))
    })
}

/// Why an operation ended badly, if it did: what its body says.
fn failure_of_operation(answer: &Answer) -> Option<ErrorBody> {
    let body = answer.body.as_ref()?;
    let status = body.get_ignore_case("status")?.as_str()?;
    if !["Failed", "Canceled", "Cancelled"].iter().any(|end| end.eq_ignore_ascii_case(status)) {
        return None;
    }
    let error = body.get_ignore_case("error");
    let text = |name: &str| error.and_then(|error| error.get_ignore_case(name)?.as_str());
    let message =
        text("message").map_or_else(|| format!("The operation ended with status '{status}'."), str::to_owned);
    Some(ErrorBody::new(text("code").unwrap_or(status), message))
}

/// A GET of an address that an answer names, with the credentials of the request that it answers; the other headers of
/// that request go along where they are wanted.
pub(super) fn follow_up(kind: &CommandKind, address: &str, with_headers: bool) -> Option<CommandKind> {
    let kept = |inputs: &Value, names: &[&'static str]| {
        let mut request = Object::with_capacity(names.len() + 2);
        for name in names {
            if let Some(value) = inputs.get_ignore_case(name) {
                request.insert(Text::new_static(name), value.clone());
            }
        }
        request
    };
    let names: &[&str] = match (kind, with_headers) {
        (CommandKind::ApiConnection { .. }, false) => &["host", "authentication"],
        (CommandKind::ApiConnection { .. }, true) => &["host", "authentication", "headers"],
        (_, false) => &["authentication"],
        (_, true) => &["authentication", "headers"],
    };
    match kind {
        CommandKind::Http { inputs } => {
            let mut request = kept(inputs, names);
            request.insert("method", "GET");
            request.insert("uri", address);
            Some(CommandKind::Http { inputs: Value::from(request) })
        }
        CommandKind::ApiConnection { connection, inputs } => {
            let mut request = kept(inputs, names);
            request.insert("method", "get");
            request.insert("path", address);
            Some(CommandKind::ApiConnection { connection: connection.clone(), inputs: Value::from(request) })
        }
        // with the credentials that the inputs hold; keys that the configuration adds are not sent to another address
        CommandKind::Function { inputs, .. } | CommandKind::ApiManagement { inputs, .. } => {
            let mut request = kept(inputs, &["authentication"]);
            request.insert("method", "GET");
            request.insert("uri", address);
            Some(CommandKind::Http { inputs: Value::from(request) })
        }
        _ => None,
    }
}
