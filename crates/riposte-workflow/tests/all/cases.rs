//! Our own cases, as data: `conformance/workflow/*.json`, each a list of workflows with answers and expectations.
//!
//! Every case runs five times: plainly, restarted between any two events, with every event given twice, both, and with
//! outcomes in another order where it makes no more than one call at a time. All must come out the same.

use super::harness::{Answered, Runner, Seen, Trouble, response, start};
use riposte_testing::Cases;
use riposte_value::{Object, Value};
use riposte_workflow::{ActionRecord, Command, CommandKind, Outcome};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    name: String,
    /// Where the rule is from.
    #[serde(rename = "source")]
    _source: String,
    /// The whole definition, or:
    definition: Option<Value>,
    /// the actions of one that has a Request trigger, and `staticResults`, `outputs`, `parameters` beside them.
    actions: Option<Value>,
    #[serde(default)]
    more: Option<Value>,
    /// The trigger's outputs.
    #[serde(default)]
    trigger: Value,
    #[serde(default)]
    parameters: Object,
    /// Whether a caller waits for a Response.
    #[serde(default)]
    caller: bool,
    /// By action: the answers to its calls, in order; the last one goes on. What is not named is answered 200.
    #[serde(default)]
    answers: BTreeMap<String, Vec<Answer>>,
    /// The run is cancelled after so many events.
    cancel_after: Option<usize>,
    expect: Option<Expect>,
    /// What compiling reports, all of it.
    diagnostics: Option<Vec<Reported>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: Object,
    body: Option<Value>,
    no_response: Option<String>,
    /// The call back that follows, for webhooks.
    callback: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Expect {
    run: String,
    code: Option<String>,
    error: Option<Value>,
    outputs: Option<Value>,
    /// By action: its status, or properties of its record; null stands for one that is absent.
    #[serde(default)]
    actions: BTreeMap<String, Value>,
    /// By action: the same for each repetition, in order.
    #[serde(default)]
    repetitions: BTreeMap<String, Vec<Value>>,
    /// The ids of all calls, in order.
    calls: Option<Vec<String>>,
    /// Properties of what calls ask for, by id.
    #[serde(default)]
    requests: BTreeMap<String, Value>,
    /// How long each timer was set for, in seconds: a number, or bounds.
    waits: Option<Vec<Value>>,
    response: Option<Value>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Reported {
    code: String,
    path: String,
    message: Option<String>,
    help: Option<String>,
    severity: Option<String>,
}

#[test]
fn cases() {
    let cases = Cases::<Case>::load("conformance/workflow");
    assert!(cases.count() >= 60, "only {} cases", cases.count());
    cases.check(check);
}

/// Runs the case of a name as [`cases`] does; gives what was seen of it.
pub fn run_named(name: &str) -> Result<Seen, String> {
    let cases = Cases::<Case>::load("conformance/workflow");
    let (_, case) = cases.iter().find(|(_, case)| case.name == name).ok_or("there is no such case")?;
    checked(case)?.ok_or_else(|| format!("{name} expects no run"))
}

fn check(case: &Case) -> Result<(), String> {
    checked(case).map(drop)
}

fn checked(case: &Case) -> Result<Option<Seen>, String> {
    let definition = definition(case);
    let (program, diagnostics) = riposte_workflow::compile(&definition);
    if let Some(wanted) = &case.diagnostics {
        let given: Vec<Reported> = diagnostics
            .iter()
            .zip(wanted.iter().map(Some).chain(std::iter::repeat(None)))
            .map(|(diagnostic, wanted)| Reported {
                code: diagnostic.code.to_string(),
                path: diagnostic.location.path.clone().unwrap_or_default(),
                message: wanted.and_then(|w| w.message.as_ref()).map(|_| diagnostic.message.clone()),
                help: wanted
                    .and_then(|w| w.help.as_ref())
                    .map(|_| diagnostic.help.clone().unwrap_or_default()),
                severity: wanted
                    .and_then(|w| w.severity.as_ref())
                    .map(|_| diagnostic.severity.as_str().to_owned()),
            })
            .collect();
        if given != *wanted {
            return Err(format!("diagnostics: {diagnostics:#?}"));
        }
    } else if !diagnostics.is_empty() {
        return Err(format!("diagnostics: {diagnostics:#?}"));
    }
    let Some(expect) = &case.expect else { return Ok(None) };
    let program = program.ok_or("there is no program")?;
    let run = |trouble: Trouble| {
        let mut begin = start(case.trigger.clone());
        begin.parameters = case.parameters.clone();
        begin.caller_waits_until = case.caller.then_some(jiff::Timestamp::MAX);
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        let mut answer = |command: &Command| answer(case, &mut counts, command);
        Runner::new(&program, trouble).run(begin, &mut answer, case.cancel_after)
    };
    let seen = run(Trouble::default());
    compare(expect, &seen)?;
    for trouble in [
        Trouble { restart: true, ..Trouble::default() },
        Trouble { repeat: true, ..Trouble::default() },
        Trouble { restart: true, repeat: true, shuffle: 0 },
    ] {
        let other = run(trouble);
        // an event that comes twice shifts no seed: the number of the event is what it was
        if other != seen {
            return Err(format!("{trouble:?} changes the run:\n{seen:#?}\n{other:#?}"));
        }
    }
    Ok(Some(seen))
}

fn definition(case: &Case) -> Value {
    if let Some(definition) = &case.definition {
        return definition.clone();
    }
    let mut definition = Object::new();
    definition.insert(
        "triggers",
        Value::object([("manual", riposte_value::value!({ "type": "Request", "kind": "Http" }))]),
    );
    definition.insert("actions", case.actions.clone().expect("a definition or actions"));
    for (name, value) in case.more.as_ref().and_then(Value::as_object).into_iter().flatten() {
        definition.insert(name.clone(), value.clone());
    }
    Value::from(definition)
}

fn answer(case: &Case, counts: &mut BTreeMap<String, usize>, command: &Command) -> Answered {
    assert!(!matches!(command.kind, CommandKind::Timer { .. }));
    let count = counts.entry(command.action.to_string()).or_default();
    let answers = case.answers.get(command.action.as_str());
    let chosen = answers.and_then(|answers| answers.get(*count).or(answers.last()));
    *count += 1;
    let Some(chosen) = chosen else { return Answered::Outcome(response(200, Object::new(), None)) };
    let outcome = match &chosen.no_response {
        Some(code) => {
            Outcome::NoResponse { code: code.as_str().into(), message: format!("because of {code}") }
        }
        None => response(chosen.status, chosen.headers.clone(), chosen.body.clone()),
    };
    let webhook = command.kind.awaits_callback();
    if webhook {
        return Answered::Callback { outcome, request: chosen.callback.clone() };
    }
    Answered::Outcome(outcome)
}

fn compare(expect: &Expect, seen: &Seen) -> Result<(), String> {
    equal("run", &Value::text(seen.end.status.as_str()), &Value::text(&expect.run))?;
    if let Some(code) = &expect.code {
        equal("run code", &Value::from(seen.end.code.clone()), &Value::text(code))?;
    }
    if let Some(error) = &expect.error {
        equal("run error", &as_value(&seen.end.error), error)?;
    }
    if let Some(outputs) = &expect.outputs {
        equal("run outputs", &seen.end.outputs, outputs)?;
    }
    for (name, wanted) in &expect.actions {
        let record = seen.record(name).ok_or_else(|| format!("{name} has no record; {:#?}", seen.records))?;
        matches(name, record, wanted)?;
    }
    for (name, wanted) in &expect.repetitions {
        let mut records: Vec<_> = seen
            .records
            .iter()
            .filter(|record| record.name == *name && !record.repetition.is_empty())
            .collect();
        records.sort_by(|a, b| a.repetition.cmp(&b.repetition));
        if records.len() != wanted.len() {
            return Err(format!("{name} has {} repetitions: {records:#?}", records.len()));
        }
        for (index, (record, wanted)) in records.into_iter().zip(wanted).enumerate() {
            matches(&format!("{name}[{index}]"), record, wanted)?;
        }
    }
    compare_calls(expect, seen)
}

fn compare_calls(expect: &Expect, seen: &Seen) -> Result<(), String> {
    if let Some(calls) = &expect.calls {
        let given: Vec<String> = seen.calls.iter().map(|call| call.id.to_string()).collect();
        if given != *calls {
            return Err(format!("calls: {given:?} instead of {calls:?}"));
        }
    }
    for (id, wanted) in &expect.requests {
        let call =
            seen.calls.iter().find(|call| call.id.as_str() == id).ok_or_else(|| format!("no call {id}"))?;
        contains(id, &as_value(call), wanted)?;
    }
    if let Some(waits) = &expect.waits {
        let fits = |given: f64, wanted: &Value| match wanted.as_array() {
            Some([low, high]) => (low.as_f64().unwrap()..=high.as_f64().unwrap()).contains(&given),
            _ => (wanted.as_f64().unwrap() - given).abs() < 1e-9,
        };
        let right =
            seen.waits.len() == waits.len() && seen.waits.iter().zip(waits).all(|(given, w)| fits(*given, w));
        if !right {
            return Err(format!("waits: {:?}", seen.waits));
        }
    }
    if let Some(response) = &expect.response {
        equal("response", &as_value(&seen.response), response)?;
    }
    Ok(())
}

fn as_value(thing: &impl serde::Serialize) -> Value {
    Value::from(serde_json::to_value(thing).unwrap())
}

fn matches(name: &str, record: &ActionRecord, wanted: &Value) -> Result<(), String> {
    let given = as_value(record);
    if let Some(status) = wanted.as_str() {
        return equal(
            &format!("{name} {}", as_value(&record.error)),
            given.get("status").unwrap(),
            &Value::text(status),
        );
    }
    for (property, wanted) in wanted.as_object().unwrap() {
        let given = given.get(property).cloned().unwrap_or_default();
        equal(&format!("{name}.{property} of {record:#?}"), &given, wanted)?;
    }
    Ok(())
}

/// Objects may hold more than is asked for.
fn contains(what: &str, given: &Value, wanted: &Value) -> Result<(), String> {
    match wanted.as_object() {
        Some(properties) => properties.iter().try_for_each(|(name, wanted)| {
            contains(&format!("{what}.{name}"), &given.get(name).cloned().unwrap_or_default(), wanted)
        }),
        None => equal(what, given, wanted),
    }
}

/// As JSON text; the order of properties does not count.
fn equal(what: &str, given: &Value, wanted: &Value) -> Result<(), String> {
    let normal = |value: &Value| Value::from(serde_json::to_value(value).unwrap());
    if normal(given) == normal(wanted) { Ok(()) } else { Err(format!("{what}: {given} instead of {wanted}")) }
}
