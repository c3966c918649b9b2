//! Single actions as documented and as measured on the service; and triggers, whose vectors stand in the same file.

use super::cases;
use super::harness::{Answered, Runner, Seen, Trouble, program, read_json, response, start};
use riposte_testing::{Cases, KnownFailures, shared};
use riposte_value::{Object, Value, value};
use riposte_workflow::CommandKind;
use riposte_workflow::trigger::{Firing, Occurrence, Surroundings, read_recurrence};

#[test]
fn action_vectors() {
    let Some(path) = shared("conformance/wdl_action_vectors.json") else { return };
    let name = |(index, case): (usize, &Value)| {
        (case.str_at(&["name"]).map_or_else(|| format!("#{index}"), str::to_owned), case.clone())
    };
    let vectors: Vec<_> = read_json(&path).as_array().unwrap().iter().enumerate().map(name).collect();
    assert!(vectors.len() >= 50);
    Cases::of("action vectors", vectors, KnownFailures::default()).check(|case| {
        match case.str_at(&["name"]) {
            Some("retry_default_waits") => retry_waits(case),
            Some("http_code_names") => code_names(case),
            Some("pagination_whole_pages") => pages(case),
            _ if case.get("retry").is_some() => retry_ranges(case),
            _ if case.get("recurrence").is_some() => recurrence(case),
            _ if case.get("splitOn").is_some() => split_on(case),
            _ if case.get("workflow").is_some() => restated(case),
            _ if case.get("action").is_some() || case.get("inputs").is_some() => single(case),
            _ => Err("a vector of a kind that is not known".to_owned()),
        }
    });
}

/// An action by itself, after variables have been set.
fn single(case: &Value) -> Result<(), String> {
    let action = case.get("action").cloned().unwrap_or_else(|| {
        let mut action = Object::new();
        action.insert("type", case.get("type").unwrap().clone());
        action.insert("inputs", case.get("inputs").unwrap().clone());
        Value::from(action)
    });
    let name = if case.str_at(&["name"]) == Some("parsejson_empty") { "Empty" } else { "Tested" };
    let mut actions = Object::new();
    let mut action = action.as_object().unwrap().clone();
    if let Some(variables) = case.at(&["context", "variables"]).and_then(Value::as_object) {
        let mut declared = Vec::new();
        for (name, value) in variables {
            let kind = value.kind().as_str();
            declared.push(value!({ "name": name.as_str(), "type": kind }));
            let entry = declared.last_mut().unwrap().as_object_mut().unwrap();
            entry.insert("value", value.clone());
        }
        let init = Value::object([
            ("type", Value::text("InitializeVariable")),
            ("inputs", Value::object([("variables", Value::from(declared))])),
        ]);
        actions.insert("Init", init);
        action.insert("runAfter", value!({ "Init": ["Succeeded"] }));
    }
    actions.insert(name, Value::from(action));
    let seen = run(Value::from(actions), &mut |_| Err("no call is expected".to_owned()))?;
    let record = seen.record(name).ok_or("no record")?;
    equal("status", record.status.as_str(), case.str_at(&["status"]).unwrap_or("Succeeded"))?;
    if let Some(code) = case.str_at(&["code"]) {
        equal("code", record.code.as_deref().unwrap_or_default(), code)?;
    }
    if let Some(outputs) = case.get("outputs") {
        equal("outputs", &record.outputs.clone().unwrap_or_default().to_string(), &outputs.to_string())?;
    }
    if let Some(message) = case.str_at(&["error_message"]) {
        equal("message", record.error.as_ref().map_or("", |error| &error.message), message)?;
    }
    if let Some(error) = case.get("error") {
        let given =
            record.error.as_ref().map(|e| value!({ "code": e.code.as_str(), "message": e.message.as_str() }));
        equal("error", &given.unwrap_or_default().to_string(), &error.to_string())?;
    }
    Ok(())
}

fn run(actions: Value, status: &mut dyn FnMut(usize) -> Result<u16, String>) -> Result<Seen, String> {
    let mut definition = Object::new();
    definition.insert("triggers", Object::new());
    definition.insert("actions", actions);
    let program = program(&Value::from(definition))?;
    let mut count = 0;
    let mut failed = None;
    let mut answer = |command: &riposte_workflow::Command| {
        assert!(!matches!(command.kind, CommandKind::Timer { .. }));
        let status = status(count).unwrap_or_else(|why| {
            failed = Some(why);
            200
        });
        count += 1;
        Answered::Outcome(response(status, Object::new(), None))
    };
    let seen = Runner::new(&program, Trouble::default()).run(start(Value::Null), &mut answer, None);
    failed.map_or(Ok(seen), Err)
}

fn http(policy: Option<&Value>) -> Value {
    let mut inputs = value!({ "method": "GET", "uri": "https://example.com" });
    if let Some(policy) = policy {
        inputs.as_object_mut().unwrap().insert("retryPolicy", policy.clone());
    }
    let action = Value::object([("type", Value::text("Http")), ("inputs", inputs)]);
    Value::object([("Call", action)])
}

/// The service jitters; the vector gives upper bounds.
fn retry_waits(case: &Value) -> Result<(), String> {
    let responses = case.get("responses").and_then(Value::as_array).unwrap();
    let seen = run(http(None), &mut |n| {
        Ok(u16::try_from(responses.get(n).and_then(Value::as_i64).ok_or("too many attempts")?).unwrap())
    })?;
    equal("attempts", &seen.calls.len().to_string(), &case.get("attempts").unwrap().to_string())?;
    equal("status", seen.record("Call").unwrap().status.as_str(), case.str_at(&["status"]).unwrap())?;
    for (wait, bound) in seen.waits.iter().zip(case.get("waits_s").and_then(Value::as_array).unwrap()) {
        let bound = bound.as_f64().unwrap();
        if *wait > bound || *wait < bound / 2.0 {
            return Err(format!("waited {wait} s, bound {bound} s"));
        }
    }
    Ok(())
}

fn retry_ranges(case: &Value) -> Result<(), String> {
    let ranges = case.get("ranges_seconds").and_then(Value::as_array).unwrap();
    let seen = run(http(case.get("retry")), &mut |_| Ok(503))?;
    equal("waits", &seen.waits.len().to_string(), &ranges.len().to_string())?;
    for (wait, range) in seen.waits.iter().zip(ranges) {
        let (low, high) =
            (range.item(0).and_then(Value::as_f64).unwrap(), range.item(1).and_then(Value::as_f64).unwrap());
        if !(low..=high).contains(wait) {
            return Err(format!("waited {wait} s, outside {low}..{high} s"));
        }
    }
    Ok(())
}

fn code_names(case: &Value) -> Result<(), String> {
    let none = value!({ "type": "none" });
    for (status, name) in case.get("map").and_then(Value::as_object).unwrap() {
        let seen = run(http(Some(&none)), &mut |_| Ok(status.parse().unwrap()))?;
        let record = seen.record("Call").unwrap();
        equal(status, record.code.as_deref().unwrap_or_default(), name.as_str().unwrap())?;
        if record.error.is_some() {
            return Err(format!("{status}: an answer needs no error beside it"));
        }
    }
    Ok(())
}

/// Pages of so many items each, and how many are kept.
fn pages(case: &Value) -> Result<(), String> {
    let sizes: Vec<i64> =
        case.get("pages").and_then(Value::as_array).unwrap().iter().filter_map(Value::as_i64).collect();
    let mut action = value!({ "type": "ApiConnection", "inputs": { "host": { "connection": { "name": "c" } }, "method": "get", "path": "/items" } });
    let policy = Value::object([("minimumItemCount", case.get("minimumItemCount").unwrap().clone())]);
    let runtime = Value::object([("paginationPolicy", policy)]);
    action.as_object_mut().unwrap().insert("runtimeConfiguration", runtime);
    let definition = Value::object([
        ("triggers", Value::from(Object::new())),
        ("actions", Value::object([("List", action)])),
    ]);
    let program = program(&definition)?;
    let mut sent = 0;
    let mut answer = |_: &riposte_workflow::Command| {
        let items = (0..sizes[sent]).map(Value::from);
        sent += 1;
        let mut body = Object::new();
        body.insert("value", Value::array(items));
        body.insert("@odata.context", "c");
        if sent < sizes.len() {
            body.insert("nextLink", format!("https://e.example/items?page={sent}"));
        }
        Answered::Outcome(response(200, Object::new(), Some(Value::from(body))))
    };
    let seen = Runner::new(&program, Trouble::default()).run(start(Value::Null), &mut answer, None);
    let outputs = seen.record("List").unwrap().outputs.clone().unwrap_or_default();
    let body = outputs.get("body").and_then(Value::as_object).ok_or("no body")?;
    let keys = Value::array(body.keys().map(Value::text));
    equal("keys", &keys.to_string(), &case.get("expect_body_keys").unwrap().to_string())?;
    let count = body.get("value").and_then(Value::as_array).map_or(0, <[Value]>::len);
    equal("items", &count.to_string(), &case.get("expect_items").unwrap().to_string())
}

fn equal(what: &str, given: &str, wanted: &str) -> Result<(), String> {
    if given == wanted { Ok(()) } else { Err(format!("{what}: {given} instead of {wanted}")) }
}

/// When a recurrence fires, from now on. A sliding window takes up what was missed: its slots count from the start.
fn recurrence(case: &Value) -> Result<(), String> {
    let recurrence = case.get("recurrence").unwrap();
    let now: jiff::Timestamp = case.str_at(&["now"]).unwrap().parse().unwrap();
    let sliding = recurrence.str_at(&["type"]) == Some("SlidingWindow");
    let recurrence = read_recurrence(recurrence, "$").map_err(|faults| format!("{faults:?}"))?;
    let anchor = recurrence.anchor(now);
    let mut slot = if sliding { recurrence.start } else { recurrence.first(now) };
    for expected in case.get("runs").and_then(Value::as_array).unwrap() {
        let given = slot.ok_or("there is no further slot")?;
        equal("slot", &given.to_string(), expected.as_str().unwrap())?;
        slot = recurrence.next(anchor, given);
    }
    Ok(())
}

/// The runs that one occurrence of a trigger is split into.
fn split_on(case: &Value) -> Result<(), String> {
    let trigger =
        Value::object([("type", Value::text("Request")), ("splitOn", case.get("splitOn").unwrap().clone())]);
    let program = program(&Value::object([
        ("triggers", Value::object([("T", trigger)])),
        ("actions", Value::from(Object::new())),
    ]))?;
    let outputs = Value::object([("body", case.get("triggerBody").unwrap().clone())]);
    let occurrence = Occurrence::with_outputs(outputs);
    let Firing::Runs(runs) = program.triggers()[0].fire(&program, &occurrence, &Surroundings::default())
    else {
        return Err("it starts no runs".to_owned());
    };
    let given = Value::array(runs.into_iter().map(|(outputs, _)| outputs));
    equal("runs", &given.to_string(), &case.get("runs").unwrap().to_string())
}

/// Vectors that name a published workflow or run: its structure and what was seen of it stand among our own cases.
const RESTATED: [(&str, &str); 2] = [
    ("IllogicApps TestWorkflows/FailurePropagationTest/workflow.json", "failure_propagates_through_scopes"),
    ("LogicAppsUX __mocks__/runs/MonitoringViewConditional/normalState.json", "statuses_of_a_real_run"),
];

fn restated(case: &Value) -> Result<(), String> {
    let workflow = case.str_at(&["workflow"]).unwrap();
    let (_, name) = RESTATED.iter().find(|(there, _)| *there == workflow).ok_or("no case restates it")?;
    let seen = cases::run_named(name)?;
    for group in ["scopes", "actions"] {
        for (action, status) in case.get(group).and_then(Value::as_object).into_iter().flatten() {
            let record = seen.record(action).ok_or_else(|| format!("{action} has no record"))?;
            equal(action, record.status.as_str(), status.as_str().unwrap())?;
        }
    }
    Ok(())
}
