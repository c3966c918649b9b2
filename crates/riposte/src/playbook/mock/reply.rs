//! One mocked answer: read from a file, and given to a call.

use crate::playbook::call::Call;
use crate::playbook::play::Answer;
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_expression::{MapContext, Template};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Command, Outcome};
use std::time::Duration;

/// How long a mocked call takes unless its entry says otherwise.
pub const DELAY_DEFAULT: Duration = Duration::from_millis(50);
/// How long a call may take that no limit of the action bounds (documented: two minutes).
const CALL_MAX: Duration = Duration::from_mins(2);

/// One answer.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Option<Template>,
    body: Option<Template>,
    delay: Duration,
    fault: Option<Fault>,
    callback: Option<Template>,
    /// Nobody calls the callback address.
    unanswered: bool,
    /// Whether it is no failure if nobody asks for it.
    pub optional: bool,
}

#[derive(Debug, Clone, Copy)]
enum Fault {
    Timeout,
    Refused,
    Dns,
    Reset,
}

/// What a call is to a reply: the request, and how many answers were given before.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The command.
    pub command: &'a Command,
    /// What it calls.
    pub call: &'a Call,
    /// How many answers the entry gave before.
    pub before: usize,
}

impl Reply {
    /// Reads an answer that fits its form; adds expressions that are none to `out`.
    pub fn read(value: &Value, path: &str, out: &mut Vec<Diagnostic>) -> Self {
        let mut template = |name: &str| {
            let found = value.get(name)?;
            Template::compile(found)
                .map_err(|errors| {
                    let why = errors.first().map(ToString::to_string).unwrap_or_default();
                    out.push(
                        Diagnostic::error(
                            "InvalidMock",
                            format!("an expression of the answer is faulty: {why}"),
                        )
                        .at(join_path(path, name))
                        .help("text that begins with `@` and is no expression begins with `@@`"),
                    );
                })
                .ok()
        };
        let (headers, body, callback) = (template("headers"), template("body"), template("callback"));
        let fault = value.get("fault").and_then(Value::as_str).and_then(Fault::parse);
        let status =
            value.get("status").and_then(Value::as_i64).and_then(|status| u16::try_from(status).ok());
        Self {
            status: status.unwrap_or(200),
            headers,
            body,
            callback,
            unanswered: value.get("unanswered").and_then(Value::as_bool).unwrap_or_default(),
            delay: value.get("delay").and_then(delay_of).unwrap_or(match fault {
                Some(Fault::Timeout) => CALL_MAX,
                _ => DELAY_DEFAULT,
            }),
            fault,
            optional: value.get("optional").and_then(Value::as_bool).unwrap_or_default(),
        }
    }

    /// The answer to a call.
    ///
    /// # Errors
    /// Why an expression of it has no value.
    pub fn answer(&self, asked: &Asked<'_>, source: String) -> Result<Answer, String> {
        let context = asked.context();
        let value = |template: &Option<Template>| {
            template
                .as_ref()
                .map(|template| template.evaluate(&context).map_err(|error| error.to_string()))
                .transpose()
        };
        let headers = value(&self.headers)?.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let body = value(&self.body)?;
        let waits = asked.call.waits_for_callback();
        let outcome = match self.fault {
            Some(fault) => fault.outcome(&asked.call.address),
            // The answer of an action that waits is what its callback address is called with.
            None if waits && (self.callback.is_none() || self.unanswered) => {
                Outcome::Response { status_code: 200, headers: Object::new(), body: None }
            }
            None => {
                Outcome::Response { status_code: self.status, headers: headers.clone(), body: body.clone() }
            }
        };
        let request = value(&self.callback)?.or(body).unwrap_or_default();
        let callback = (waits && self.fault.is_none() && !self.unanswered)
            .then(|| Value::object([("headers", Value::from(headers)), ("body", request)]));
        Ok(Answer { after: self.delay, outcome, callback, source })
    }
}

impl Asked<'_> {
    /// The request as a playbook sees its trigger.
    fn context(&self) -> MapContext {
        let call = self.call;
        let mut request = Object::new();
        request.insert("action", &self.command.action);
        request.insert("attempt", self.command.attempt);
        request.insert("method", call.method.as_str());
        request.insert(if call.address.starts_with('/') { "path" } else { "url" }, call.address.as_str());
        for name in ["headers", "queries", "body"] {
            request.insert(name, call.inputs.get_ignore_case(name).cloned().unwrap_or_default());
        }
        let repetition = self.command.repetition.iter().map(|index| Value::from(index.index));
        request.insert("repetition", Value::array(repetition));
        let calls = Value::object([("calls", Value::from(self.before))]);
        MapContext::new(Value::object([
            ("trigger", Value::object([("outputs", Value::from(request))])),
            ("iterationIndexes", calls),
        ]))
    }
}

/// A delay as files write it: seconds, or a duration.
pub fn delay_of(value: &Value) -> Option<Duration> {
    match value {
        Value::String(text) => {
            let span: jiff::Span = text.parse().ok()?;
            Duration::try_from(span.to_duration(jiff::civil::date(2026, 1, 1)).ok()?).ok()
        }
        _ => Duration::try_from_secs_f64(value.as_f64()?).ok(),
    }
}

impl Fault {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "timeout" => Self::Timeout,
            "refused" => Self::Refused,
            "dns" => Self::Dns,
            "reset" => Self::Reset,
            _ => return None,
        })
    }

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
