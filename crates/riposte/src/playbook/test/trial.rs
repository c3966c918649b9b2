//! One test: its playbook is read, run on a virtual clock with its mocks, and what came of it is laid out for judging.

use super::suite::{Suite, Test};
use crate::input;
use crate::playbook::mock::{Auto, Fallback, Mocks, Rule};
use crate::playbook::play::play_virtually;
use crate::playbook::sample::World;
use crate::playbook::source::Source;
use crate::playbook::start::{Payload, Starter};
use crate::playbook::{run, vendors};
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, Severity, join_path};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Program, RunStart};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// When a run starts unless its test says otherwise: tests do not depend on the day.
const START: &str = "2026-01-01T00:00:00Z";
/// The shortest text that is worth hiding; a secret of three letters would hide half of every message.
const SECRET_MIN: usize = 4;

/// What came of a run.
#[derive(Debug)]
pub struct Trial {
    /// The run as `playbook run --format json` shows it.
    pub run: Value,
    /// Each call, with the managed API as `connector`.
    pub calls: Vec<Value>,
    /// The incident in the words of an expectation.
    pub incident: Value,
    /// The names of the playbook's actions.
    pub actions: Vec<Text>,
    /// How long the run took on its clock.
    pub took: jiff::SignedDuration,
    /// The mocks, with what was asked of them.
    pub mocks: Mocks,
    /// Texts that are never shown.
    pub secrets: Vec<String>,
}

/// Why a test could not run, with the place in its file.
#[derive(Debug)]
pub struct Refusal {
    /// The JSON path.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

type Result<T> = std::result::Result<T, Refusal>;

impl Trial {
    /// Runs a test.
    pub fn run(suite: &Suite, test: &Test) -> Result<Self> {
        let (source, template) = read_source(suite, test)?;
        let name = suite.setting(test, "workflow");
        let name_text = name.as_ref().and_then(|(value, _)| value.as_str());
        let (workflow, program) = run::chosen(&source.workflows, name_text).map_err(|problem| Refusal {
            path: name.as_ref().map_or_else(|| test.path.clone(), |(_, path)| path.clone()),
            message: told(&problem.diagnostics),
        })?;
        let at = suite.setting(test, "at").and_then(|(value, _)| value.as_str()?.parse().ok());
        let at: Timestamp = at.or_else(|| START.parse().ok()).unwrap_or_default();
        let seed = suite.setting(test, "seed").and_then(|(value, _)| value.as_i64()).unwrap_or(1);
        let sample =
            |diagnostics: Vec<Diagnostic>| Refusal { path: test.path.clone(), message: told(&diagnostics) };
        let mut world = World::sample(at).map_err(sample)?;
        let starter = Starter { workflow, program, run_id: run::RUN_ID, at };
        let payload = payload(suite, test, &starter, &world)?;
        let (mut start, _) = starter.start(payload, &mut world);
        give(suite, test, &mut start, program)?;
        let secrets = secrets(suite, test, program, &start, &template);
        let before = incident(&world);
        let connections = start.parameters.get("$connections").cloned().unwrap_or_default();
        let apis = vendors::apis(&connections);
        let auto = Auto::new(workflow, world, apis.clone());
        let mut mocks = mocks(suite, test, auto)?;
        let journal = play_virtually(program, start, at, u64::try_from(seed).unwrap_or(1), &mut mocks);
        let calls = journal.calls().iter().map(|call| with_connector(call, &apis)).collect();
        Ok(Self {
            calls,
            incident: changed(&incident(mocks.auto().world()), &before),
            actions: program.action_names().cloned().collect(),
            took: journal.last().map_or(jiff::SignedDuration::ZERO, |end| end.duration_since(at)),
            run: Value::from(journal.shown()),
            mocks,
            secrets,
        })
    }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|told| told.severity == Severity::Error);
    errors.map(|told| told.message.clone()).collect::<Vec<_>>().join("; ")
}

/// The playbook's file, and the template as it is written.
fn read_source(suite: &Suite, test: &Test) -> Result<(Source, Value)> {
    let (name, path) = match suite.setting(test, "playbook") {
        Some((value, path)) => (value.as_str().unwrap_or_default().to_owned(), path),
        None => ("azuredeploy.json".to_owned(), test.path.clone()),
    };
    let file: PathBuf = suite.folder.join(name);
    let text = input::text(&file)
        .map_err(|problem| Refusal { path: path.clone(), message: told(&problem.diagnostics) })?;
    let source = Source::read(&text, &file, &suite.merged(test, "parameters"));
    if source.is_ok() {
        let template = riposte_value::json::parse_lenient(&text).unwrap_or_default();
        return Ok((source, template));
    }
    let why = told(&source.diagnostics);
    Err(Refusal { path, message: format!("the playbook {} has errors: {why}", file.display()) })
}

/// What starts the run.
fn payload(suite: &Suite, test: &Test, starter: &Starter<'_>, world: &World) -> Result<Payload> {
    let Some((trigger, path)) = suite.setting(test, "trigger") else { return Ok(Payload::Auto) };
    let Some(object) = trigger.as_object() else { return Ok(Payload::Auto) };
    if let Some(file) = object.get("file").and_then(Value::as_str) {
        let value = input::value(&suite.folder.join(file)).map_err(|problem| Refusal {
            path: join_path(&path, "file"),
            message: told(&problem.diagnostics),
        })?;
        return Ok(Payload::Given(value));
    }
    if let Some(change) = object.get("override") {
        let mut sample = world.clone();
        let (start, _) = starter.start(Payload::Auto, &mut sample);
        return Ok(Payload::Given(patched(&start.trigger.outputs, change)));
    }
    let mut outputs = object.clone();
    if outputs.get("body").is_none() {
        outputs.insert("body", Value::Null);
    }
    Ok(Payload::Given(Value::from(outputs)))
}

/// A JSON merge patch (RFC 7396).
fn patched(value: &Value, patch: &Value) -> Value {
    let Some(changes) = patch.as_object() else { return patch.clone() };
    let mut object = value.as_object().cloned().unwrap_or_default();
    for (name, change) in changes.iter() {
        match change {
            Value::Null => drop(object.remove(name)),
            change => {
                let held = object.get(name).cloned().unwrap_or_default();
                object.insert(name.clone(), patched(&held, change));
            }
        }
    }
    Value::from(object)
}

/// Puts in the definition's own parameters and the connections that the test gives.
fn give(suite: &Suite, test: &Test, start: &mut RunStart, program: &Program) -> Result<()> {
    for (name, value) in suite.merged(test, "workflowParameters").iter() {
        let Some(parameter) = program.parameters().iter().find(|known| known.name.eq_ignore_ascii_case(name))
        else {
            let names = program.parameters().iter().map(|parameter| parameter.name.as_str());
            let near = riposte_diagnostic::nearest(name, names);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let path =
                suite.setting(test, "workflowParameters").map_or_else(|| test.path.clone(), |(_, path)| path);
            return Err(Refusal {
                path: join_path(&path, name),
                message: format!("the definition has no parameter `{name}`{near}"),
            });
        };
        start.parameters.remove_ignore_case(name);
        start.parameters.insert(parameter.name.clone(), value.clone());
    }
    let given = suite.merged(test, "connections");
    if !given.is_empty() {
        let mut connections =
            start.parameters.get("$connections").and_then(Value::as_object).cloned().unwrap_or_default();
        for (key, entry) in given.iter() {
            let held = connections.get(key).cloned().unwrap_or_default();
            connections.insert(key.clone(), patched(&held, entry));
        }
        start.parameters.insert("$connections", connections);
    }
    Ok(())
}

/// The mocks of the test, then those of its file.
fn mocks(suite: &Suite, test: &Test, auto: Auto) -> Result<Mocks> {
    let mut faults = Vec::new();
    let mut rules = Vec::new();
    let mut default = None;
    let of_test = (test.value.get("mocks"), join_path(&test.path, "mocks"), false);
    let of_file = (suite.document.value.get("mocks"), "$.mocks".to_owned(), true);
    for (mocks, path, shared) in [of_test, of_file] {
        let Some(mocks) = mocks else { continue };
        rules.extend(Rule::read_all(mocks, &path, shared, &mut faults));
        default = default.or(Fallback::read(mocks, &path, &mut faults));
    }
    match faults.into_iter().next() {
        None => Ok(Mocks::new(rules, default.unwrap_or_default(), auto)),
        Some(fault) => {
            let help = fault.help.map_or_else(String::new, |help| format!(" ({help})"));
            let path = fault.location.path.unwrap_or_else(|| test.path.clone());
            Err(Refusal { path, message: format!("{}{help}", fault.message) })
        }
    }
}

/// A call with the name of its managed API.
fn with_connector(call: &Value, apis: &BTreeMap<String, String>) -> Value {
    let api = call.str_at(&["connection"]).and_then(|id| apis.get(&id.to_lowercase()));
    let mut call = call.as_object().cloned().unwrap_or_default();
    if let Some(api) = api {
        call.insert("connector", api.as_str());
    }
    Value::from(call)
}

/// The incident in the words of an expectation.
fn incident(world: &World) -> Value {
    let shown = world.context().to_arm();
    let mut view = Object::new();
    let names = [
        "title",
        "description",
        "status",
        "severity",
        "classification",
        "classificationReason",
        "classificationComment",
        "owner",
    ];
    for name in names {
        if let Some(value) = shown.at(&["properties", name]).filter(|value| !value.is_null()) {
            view.insert(name, value.clone());
        }
    }
    let labels = world.incident.labels.iter().map(|label| Value::from(&label.name));
    view.insert("labels", Value::array(labels));
    view.insert("comments", Value::array(world.comments.iter().map(|comment| Value::text(&comment.message))));
    let tasks = world.tasks.iter().map(|task| {
        Value::object([
            ("title", Value::text(&task.title)),
            ("description", task.description.as_ref().map_or(Value::Null, Value::text)),
            ("status", Value::text(task.status.as_str())),
        ])
    });
    view.insert("tasks", Value::array(tasks));
    Value::from(view)
}

fn changed(after: &Value, before: &Value) -> Value {
    let is_changed = after != before;
    let mut view = after.as_object().cloned().unwrap_or_default();
    view.insert("changed", is_changed);
    Value::from(view)
}

/// The texts of secure parameters that the test gives.
fn secrets(suite: &Suite, test: &Test, program: &Program, start: &RunStart, template: &Value) -> Vec<String> {
    let mut secrets = Vec::new();
    let declared = template.get_ignore_case("parameters").and_then(Value::as_object);
    let given = suite.merged(test, "parameters");
    let is_secure = |kind: &str| kind.to_lowercase().starts_with("secure");
    for (name, value) in given.iter() {
        let kind = declared.and_then(|declared| declared.get_ignore_case(name)?.str_at(&["type"]));
        if kind.is_some_and(is_secure) {
            texts(value, &mut secrets);
        }
    }
    let own = suite.merged(test, "workflowParameters");
    for parameter in program.parameters().iter().filter(|parameter| is_secure(&parameter.parameter_type)) {
        let value = start.parameters.get_ignore_case(&parameter.name);
        if let Some(value) = value.filter(|_| own.get_ignore_case(&parameter.name).is_some()) {
            texts(value, &mut secrets);
        }
    }
    secrets.sort_by_key(|text| std::cmp::Reverse(text.len()));
    secrets
}

fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() >= SECRET_MIN => out.push(text.to_string()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(object) => object.values().for_each(|value| texts(value, out)),
        _ => {}
    }
}
