//! `--mock auto`: every outside call is answered with a plausible success.
//!
//! The Sentinel connector works on the incident of the run. Other answers are made from the schema of the `ParseJson`
//! that reads them, and from what the playbook's expressions go on with; else they are `{}`.

use super::needs::Needs;
use super::{schema, sentinel};
use crate::playbook::call::Call;
use crate::playbook::play::{Answer, Answers};
use crate::playbook::sample::World;
use crate::playbook::source::Workflow;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Command, Outcome};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a made-up answer takes.
const DELAY: Duration = Duration::from_millis(50);

/// Makes answers up.
#[derive(Debug, Clone)]
pub struct Auto {
    needs: Needs,
    world: World,
    /// The managed API of each connection, by the connection's id in lower case.
    apis: BTreeMap<String, String>,
    made: Vec<Value>,
}

impl Auto {
    /// For a playbook, with the incident that its run is about and the managed APIs of its connections.
    pub fn new(workflow: &Workflow, world: World, apis: BTreeMap<String, String>) -> Self {
        let needs = Needs::of(workflow.definition(), workflow.parameters());
        Self { needs, world, apis, made: Vec::new() }
    }

    /// The incident as the run has left it.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The answers that were made up: `{"action","status","body","from"}`.
    pub fn made(&self) -> &[Value] {
        &self.made
    }

    /// The managed API that a call is for.
    pub fn api(&self, call: &Call) -> Option<&str> {
        self.apis.get(&call.connection.as_ref()?.to_lowercase()).map(String::as_str)
    }

    /// Whether a call is one of the Sentinel connector, which needs nobody outside.
    pub fn is_sentinel(&self, call: &Call) -> bool {
        self.api(call).is_some_and(|api| api.eq_ignore_ascii_case("azuresentinel"))
    }

    fn body(&self, action: &str, call: &Call) -> (Value, &'static str) {
        if let Some(body) = approval(call) {
            return (body, "the first of the options");
        }
        let shape = self.needs.shape(action);
        match (self.needs.schema(action), shape) {
            (Some(schema), Some(shape)) => {
                (shape.complete(schema::sample(schema), ""), "the schema of the ParseJson that reads it")
            }
            (Some(schema), None) => (schema::sample(schema), "the schema of the ParseJson that reads it"),
            (None, Some(shape)) if *shape != super::shape::Shape::default() => {
                (shape.sample(""), "the expressions that use it")
            }
            (None, _) => (Value::from(Object::new()), "nothing: it is empty"),
        }
    }
}

/// The answer of somebody who is asked to choose: the first option, or `Approve`.
fn approval(call: &Call) -> Option<Value> {
    if !call.waits_for_callback() {
        return None;
    }
    let path = call.address.to_lowercase();
    let asks = ["approvalmail", "mailwithoptions"].iter().any(|word| path.contains(word));
    let options = call.inputs.get_ignore_case("body")?.get_ignore_case("Message")?.get_ignore_case("Options");
    let first = options.and_then(Value::as_str).and_then(|text| text.split(',').next()).map(str::trim);
    asks.then(|| Value::object([("SelectedOption", Value::text(first.unwrap_or("Approve")))]))
}

impl Answers for Auto {
    fn answer(&mut self, command: &Command, at: Timestamp) -> Answer {
        let call = Call::of(command);
        if self.is_sentinel(&call) {
            let (status, body) = sentinel::answer(&mut self.world, &call, at);
            return reply(status, Object::new(), Some(body), None, "the Sentinel connector");
        }
        let (body, from) = self.body(&command.action, &call);
        let mut made = Object::new();
        made.insert("action", &command.action);
        made.insert("status", 200);
        made.insert("body", body.clone());
        made.insert("from", from);
        let made = Value::from(made);
        if !self.made.contains(&made) {
            self.made.push(made);
        }
        let source = format!("auto: {from}");
        let headers = self.needs.headers(&command.action);
        let headers: Object = headers.map(|name| (name.clone(), schema::sample_text(name))).collect();
        if call.waits_for_callback() {
            let request = Value::object([("headers", Value::from(Object::new())), ("body", body)]);
            return reply(200, headers, None, Some(request), &source);
        }
        reply(200, headers, Some(body), None, &source)
    }
}

fn reply(
    status_code: u16,
    mut headers: Object,
    body: Option<Value>,
    callback: Option<Value>,
    source: &str,
) -> Answer {
    if body.is_some() {
        headers.remove_ignore_case("Content-Type");
        headers.insert("Content-Type", Text::new_static("application/json; charset=utf-8"));
    }
    let outcome = Outcome::Response { status_code, headers, body };
    Answer { after: DELAY, outcome, callback, source: source.to_owned() }
}
