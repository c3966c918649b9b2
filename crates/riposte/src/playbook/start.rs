//! What a run without a server starts with: parameters, connections and the trigger's payload.

use super::mock::{Needs, Shape, sample_of_schema};
use super::sample::World;
use super::source::Workflow;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Parameter, Program, RunStart, Trigger, TriggerKind, TriggerOccurrence};

/// Where the trigger's payload comes from.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A sample for the trigger's kind.
    Auto,
    /// What a file holds: the body, or `{"headers", "body"}`.
    Given(Value),
}

/// Puts together what a run starts with, and tells what was made up for it.
pub struct Starter<'a> {
    /// The playbook.
    pub workflow: &'a Workflow,
    /// Its program.
    pub program: &'a Program,
    /// The run's id.
    pub run_id: &'a str,
    /// When it starts.
    pub at: Timestamp,
}

impl Starter<'_> {
    /// The start, and what was made up: `{"parameters","trigger"}`.
    pub fn start(&self, payload: Payload, world: &mut World) -> (RunStart, Object) {
        let mut made = Object::new();
        let needs = Needs::of(self.workflow.definition(), self.workflow.parameters());
        let parameters = self.parameters(&needs, &mut made);
        let trigger = self.program.triggers().first();
        let outputs = match payload {
            Payload::Given(value) => {
                let outputs = outputs_of(value);
                // A payload that tells of no incident leaves the sample to the Sentinel connector.
                if let Some(told) =
                    outputs.get_ignore_case("body").and_then(|body| World::of_incident(body, self.at).ok())
                {
                    *world = told;
                }
                outputs
            }
            Payload::Auto => {
                let outputs = trigger.map_or(Value::Null, |trigger| sample(trigger, world, &needs));
                made.insert("trigger", outputs.clone());
                outputs
            }
        };
        let id = self.run_id;
        let start = RunStart {
            run_id: Text::new(id),
            workflow: self.workflow_value(),
            parameters,
            trigger: TriggerOccurrence {
                name: trigger.map_or_else(|| Text::new_static("manual"), |trigger| trigger.name.clone()),
                inputs: Value::Null,
                outputs,
                start: self.at,
                end: self.at,
                tracking_id: Text::new(id),
                client_tracking_id: Text::new(id),
                history_name: Text::new(id),
            },
            callback_base: Text::new_static("http://localhost/callback/"),
            // Who starts it by a request waits for the Response.
            caller_waits_until: trigger
                .is_some_and(|trigger| trigger.kind == TriggerKind::Request)
                .then_some(Timestamp::MAX),
        };
        (start, made)
    }

    /// `workflow()` as the playbook sees it.
    fn workflow_value(&self) -> Value {
        let resource = &self.workflow.resource;
        let id = resource.id.to_string();
        let run = Value::object([
            ("id", Value::from(format!("{id}/runs/{}", self.run_id))),
            ("name", Value::text(self.run_id)),
            ("type", Value::text("Microsoft.Logic/workflows/runs")),
        ]);
        Value::object([
            ("id", Value::from(id)),
            ("name", Value::from(&resource.name)),
            ("type", Value::text("Microsoft.Logic/workflows")),
            ("location", Value::text(resource.location.as_deref().unwrap_or("local"))),
            ("tags", Value::from(resource.tags.clone())),
            ("run", run),
        ])
    }

    /// The values of the definition's parameters; those that nobody gives and that have no default are made up.
    fn parameters(&self, needs: &Needs, made: &mut Object) -> Object {
        let mut values = Object::new();
        let given =
            self.workflow.resource.properties.get_ignore_case("parameters").and_then(Value::as_object);
        for (name, parameter) in given.into_iter().flatten() {
            if let Some(value) = parameter.get_ignore_case("value") {
                values.insert(name.clone(), value.clone());
            }
        }
        let connections = connections(self.program, values.get_ignore_case("$connections"));
        values.remove_ignore_case("$connections");
        values.insert("$connections", connections);
        let mut samples = Object::new();
        for parameter in self.program.parameters() {
            let known = parameter.default.is_some() || values.get_ignore_case(&parameter.name).is_some();
            if !known {
                let value = needs.parameters().map_or_else(
                    || sample_parameter(parameter),
                    |shape| {
                        shape.part(&parameter.name).complete(sample_parameter(parameter), &parameter.name)
                    },
                );
                samples.insert(parameter.name.clone(), value.clone());
                values.insert(parameter.name.clone(), value);
            }
        }
        // The definition of a Standard workflow declares its parameters in another file.
        if self.program.parameters().is_empty() {
            for (name, value) in needs.parameters().into_iter().flat_map(Shape::parts) {
                if values.get_ignore_case(&name).is_none() {
                    samples.insert(name.clone(), value.clone());
                    values.insert(name, value);
                }
            }
        }
        if !samples.is_empty() {
            made.insert("parameters", samples);
        }
        values
    }
}

/// `$connections` as given, with an entry for every connector that the playbook uses.
fn connections(program: &Program, given: Option<&Value>) -> Value {
    const SCOPE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";
    let mut connections = given.and_then(Value::as_object).cloned().unwrap_or_default();
    for key in program.connectors() {
        if connections.get_ignore_case(key).is_some() {
            continue;
        }
        let api = key.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', '_']);
        let entry = Value::object([
            (
                "connectionId",
                Value::from(format!(
                    "{SCOPE}/resourceGroups/riposte/providers/Microsoft.Web/connections/{key}"
                )),
            ),
            ("connectionName", Value::from(key)),
            ("id", Value::from(format!("{SCOPE}/providers/Microsoft.Web/locations/local/managedApis/{api}"))),
        ]);
        connections.insert(key.clone(), entry);
    }
    Value::from(connections)
}

fn sample_parameter(parameter: &Parameter) -> Value {
    match parameter.parameter_type.as_str() {
        "int" => Value::Int(1),
        "float" => Value::Float(1.0),
        "bool" => Value::Bool(true),
        "array" => Value::array([]),
        "object" | "secureobject" => Value::from(Object::new()),
        _ => Value::text("sample"),
    }
}

/// A payload as a file holds it: whole outputs (`{"headers","body"}`) or the body alone.
fn outputs_of(value: Value) -> Value {
    let is_outputs = value.as_object().is_some_and(|object| {
        object.get_ignore_case("body").is_some()
            && object.keys().all(|name| {
                ["headers", "body", "queries", "relativePathParameters", "statusCode"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name))
            })
    });
    if is_outputs { value } else { with_body(value) }
}

fn with_body(body: Value) -> Value {
    let headers = Value::object([("Content-Type", Value::text("application/json; charset=utf-8"))]);
    Value::object([("headers", headers), ("body", body)])
}

/// A payload for a trigger of this kind.
fn sample(trigger: &Trigger, world: &World, needs: &Needs) -> Value {
    let complete = |outputs: Value| match needs.trigger() {
        Some(shape) => shape.complete(outputs, ""),
        None => outputs,
    };
    match &trigger.kind {
        TriggerKind::SentinelIncident => with_body(world.incident_body()),
        TriggerKind::SentinelAlert => with_body(world.alert_body()),
        TriggerKind::SentinelEntity { entity } => with_body(world.entity_body(entity)),
        TriggerKind::Recurrence => Value::Null,
        TriggerKind::Request => {
            let schema = trigger
                .definition
                .get_ignore_case("inputs")
                .and_then(|inputs| inputs.get_ignore_case("schema"))
                .filter(|schema| schema.as_object().is_some_and(|schema| !schema.is_empty()));
            match schema {
                Some(schema) => complete(with_body(sample_of_schema(schema))),
                None => unknown(needs),
            }
        }
        TriggerKind::Other(_) => unknown(needs),
    }
}

/// Outputs of which nothing is known but what the playbook goes on with.
fn unknown(needs: &Needs) -> Value {
    let empty = with_body(Value::from(Object::new()));
    let Some(shape) = needs.trigger() else { return empty };
    let body =
        shape.sample("").get_ignore_case("body").filter(|body| body.as_str() != Some("sample")).cloned();
    shape.complete(body.map_or(empty, with_body), "")
}
