//! The mock file: reading it, and finding the answer to a call.

use super::Auto;
use crate::exit::Problem;
use crate::playbook::call::Call;
use crate::playbook::play::{Answer, Answers};
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value, json};
use riposte_workflow::{Command, Outcome};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How long a mocked call takes unless its entry says otherwise.
const DELAY_DEFAULT: Duration = Duration::from_millis(50);

/// A mock file, and how far each of its sequences has come.
#[derive(Debug)]
pub struct MockFile {
    definition: Definition,
    auto: Auto,
    given: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    #[serde(default)]
    actions: BTreeMap<String, Entry>,
    #[serde(default)]
    calls: Vec<Pattern>,
    default: Option<Fallback>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Entry {
    Sequence(Vec<Reply>),
    One(Box<Reply>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    method: Option<String>,
    url: String,
    answer: Entry,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Fallback {
    Named(String),
    Reply(Box<Reply>),
}

/// One answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    status: Option<u16>,
    #[serde(default)]
    headers: Object,
    body: Option<Value>,
    delay: Option<Delay>,
    fault: Option<Fault>,
    /// What the callback address is called with, for actions that wait for it.
    callback: Option<Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Delay {
    Seconds(f64),
    Text(String),
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fault {
    /// No answer within the action's time.
    Timeout,
    /// Nobody listens.
    Refused,
    /// The host's name is not known.
    Dns,
    /// The connection broke off.
    Reset,
}

impl MockFile {
    /// Reads a mock file. `auto` answers where the file says so.
    pub fn read(path: &Path, auto: Auto) -> Result<Self, Problem> {
        let value = crate::input::value(path)?;
        let refuse = |message: String| {
            Problem::usage(
                Diagnostic::error("InvalidMock", message).in_file(path.display().to_string()).help(
                    "a mock file holds `actions`, `calls` and `default`; see `riposte playbook run --help`",
                ),
            )
        };
        let definition: Definition = serde_json::from_str(&json::to_string(&value)).map_err(|error| {
            let text = error.to_string();
            refuse(text.split(" at line ").next().unwrap_or(&text).to_owned())
        })?;
        if let Some(Fallback::Named(name)) = &definition.default
            && name != "auto"
        {
            return Err(refuse(format!("`default` is `auto` or an answer, not `{name}`")));
        }
        definition.check().map_err(refuse)?;
        Ok(Self { definition, auto, given: BTreeMap::new() })
    }

    /// What made up the answers that the file left to it.
    pub fn into_auto(self) -> Auto {
        self.auto
    }

    /// The next reply of the entry for a call, and what the entry is called.
    fn reply(&mut self, action: &str, call: &Call) -> Option<(Reply, String)> {
        let by_name = self.definition.actions.iter().find(|(name, _)| same_action(name, action));
        let (entry, source) = if let Some((name, entry)) = by_name {
            (entry, format!("mock action {name}"))
        } else {
            let pattern = self.definition.calls.iter().find(|pattern| pattern.fits(call))?;
            (&pattern.answer, format!("mock call {}", pattern.url))
        };
        let given = self.given.entry(source.clone()).or_default();
        let reply = match entry {
            Entry::One(reply) => reply.as_ref().clone(),
            Entry::Sequence(replies) => replies.get(*given).or(replies.last())?.clone(),
        };
        *given += 1;
        Some((reply, source))
    }
}

impl Answers for MockFile {
    fn answer(&mut self, command: &Command, at: Timestamp) -> Answer {
        let call = Call::of(command);
        if let Some((reply, source)) = self.reply(&command.action, &call) {
            return reply.answer(&call, source);
        }
        if self.auto.is_sentinel(&call) {
            return self.auto.answer(command, at);
        }
        match &self.definition.default {
            Some(Fallback::Reply(reply)) => reply.answer(&call, "mock default".to_owned()),
            Some(Fallback::Named(_)) => self.auto.answer(command, at),
            None => unanswered(&call, &command.action),
        }
    }
}

/// A call that nothing in the file fits: it fails, so that a forgotten mock shows.
fn unanswered(call: &Call, action: &str) -> Answer {
    let message = format!("no mock answers `{} {}` of action `{action}`", call.method, call.address);
    let outcome = Outcome::NoResponse { code: Text::new_static("NotSupported"), message };
    Answer { after: Duration::ZERO, outcome, callback: None, source: "nothing".to_owned() }
}

/// Names as the designer shows them have blanks where definitions have underscores.
fn same_action(a: &str, b: &str) -> bool {
    a.replace(' ', "_").eq_ignore_ascii_case(&b.replace(' ', "_"))
}

impl Definition {
    fn check(&self) -> Result<(), String> {
        let entries = self.actions.iter().map(|(name, entry)| (name.as_str(), entry));
        let patterns = self.calls.iter().map(|pattern| (pattern.url.as_str(), &pattern.answer));
        for (name, entry) in entries.chain(patterns) {
            let replies = match entry {
                Entry::One(reply) => std::slice::from_ref(reply.as_ref()),
                Entry::Sequence(replies) => replies.as_slice(),
            };
            if replies.is_empty() {
                return Err(format!("the list of answers of `{name}` is empty"));
            }
            for reply in replies {
                reply.delay().map_err(|problem| format!("`{name}`: {problem}"))?;
                if reply.status.is_some_and(|status| !(100..=999).contains(&status)) {
                    return Err(format!("`{name}`: a status lies between 100 and 999"));
                }
            }
        }
        Ok(())
    }
}

impl Pattern {
    fn fits(&self, call: &Call) -> bool {
        let method = self
            .method
            .as_deref()
            .is_none_or(|method| method == "*" || method.eq_ignore_ascii_case(&call.method));
        let without_query = call.address.split('?').next().unwrap_or_default();
        method && (wildcard(&self.url, &call.address) || wildcard(&self.url, without_query))
    }
}

/// Whether text fits a pattern in which `*` stands for any text, without regard to case.
fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

impl Reply {
    fn delay(&self) -> Result<Duration, String> {
        match &self.delay {
            None => Ok(DELAY_DEFAULT),
            Some(Delay::Seconds(seconds)) => Duration::try_from_secs_f64(*seconds)
                .map_err(|_| format!("`{seconds}` is no delay in seconds")),
            Some(Delay::Text(text)) => text
                .parse::<jiff::Span>()
                .ok()
                .and_then(|span| span.to_duration(jiff::civil::date(2026, 1, 1)).ok())
                .and_then(|duration| Duration::try_from(duration).ok())
                .ok_or_else(|| format!("`{text}` is no delay such as `PT5S`")),
        }
    }

    fn answer(&self, call: &Call, source: String) -> Answer {
        let after = self.delay().unwrap_or(DELAY_DEFAULT);
        let outcome = match self.fault {
            Some(fault) => fault.outcome(&call.address),
            // The answer of an action that waits is what its callback address is called with.
            None if call.waits_for_callback() && self.callback.is_none() => {
                Outcome::Response { status_code: 200, headers: Object::new(), body: None }
            }
            None => Outcome::Response {
                status_code: self.status.unwrap_or(200),
                headers: self.headers.clone(),
                body: self.body.clone(),
            },
        };
        let callback = call.waits_for_callback().then(|| {
            let body = self.callback.clone().or_else(|| self.body.clone()).unwrap_or(Value::Null);
            Value::object([("headers", Value::from(self.headers.clone())), ("body", body)])
        });
        Answer { after, outcome, callback: callback.filter(|_| self.fault.is_none()), source }
    }
}

impl Fault {
    fn outcome(self, address: &str) -> Outcome {
        let (code, message) = match self {
            Self::Timeout => ("ActionTimedOut", "the mock gave no answer in time".to_owned()),
            Self::Refused => ("BadGateway", format!("the mock refused the connection to `{address}`")),
            Self::Dns => ("UnresolvableHostName", format!("the mock does not know the host of `{address}`")),
            Self::Reset => ("BadGateway", format!("the mock broke the connection to `{address}` off")),
        };
        Outcome::NoResponse { code: Text::new_static(code), message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("https://a.example/ip/*", "https://A.example/ip/203.0.113.7", true),
            ("https://a.example/ip/*", "https://b.example/ip/1", false),
            ("*", "", true),
            ("/comment", "/comment", true),
            ("/comment", "/comments", false),
            ("*/ip/*/report", "https://a.example/ip/1/report", true),
            ("*/ip/*/report", "https://a.example/ip/1/reports", false),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
    }
}
