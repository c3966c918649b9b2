//! Status propagation as seen on the real service.

use super::harness::{Answered, Runner, Seen, Trouble, program, read_json, response, start};
use riposte_testing::{Cases, KnownFailures, shared};
use riposte_value::{Object, Value, value};
use riposte_workflow::CommandKind;

#[test]
fn run_vectors() {
    let Some(path) = shared("conformance/wdl_run_vectors.json") else { return };
    let vectors = read_json(&path);
    let vectors = vectors.as_array().unwrap().iter();
    let vectors: Vec<_> =
        vectors.map(|case| (case.str_at(&["name"]).unwrap().to_owned(), case.clone())).collect();
    assert!(vectors.len() >= 12);
    Cases::of("run vectors", vectors, KnownFailures::default()).check(|case| match case.str_at(&["name"]) {
        Some("until_last_iteration_decides") => last_turn_decides(),
        Some("switch_type_mismatch") => mixed_types(),
        _ => check(case),
    });
}

/// Told in prose: in turns with n = 1, 2, 3 the division by 2 - n fails in the second.
fn last_turn_decides() -> Result<(), String> {
    for (condition, status, code) in [
        ("@greaterOrEquals(variables('n'), 3)", "Succeeded", "NotSpecified"),
        ("@greaterOrEquals(variables('n'), 2)", "Failed", "ActionFailed"),
    ] {
        let seen = pure(&value!({
            "Init": { "type": "InitializeVariable", "inputs": { "variables": [{ "name": "n", "type": "integer", "value": 0 }] } },
            "Until": { "type": "Until", "expression": condition, "runAfter": { "Init": ["Succeeded"] }, "actions": {
                "Count": { "type": "IncrementVariable", "inputs": { "name": "n" } },
                "Divide": { "type": "Compose", "inputs": "@div(10, sub(2, variables('n')))", "runAfter": { "Count": ["Succeeded"] } }
            } }
        }))?;
        let record = seen.record("Until").ok_or("no record")?;
        equal(condition, record.status.as_str(), status)?;
        equal(condition, record.code.as_deref().unwrap_or_default(), code)?;
    }
    Ok(())
}

/// Told in prose: the value is 2, the case is `'2'`.
fn mixed_types() -> Result<(), String> {
    let seen = pure(&value!({
        "Sw": { "type": "Switch", "expression": "@add(1, 1)",
            "cases": { "Two": { "case": "2", "actions": { "In_case": { "type": "Compose", "inputs": 1 } } } },
            "default": { "actions": { "In_default": { "type": "Compose", "inputs": 1 } } } }
    }))?;
    equal("switch", seen.record("Sw").ok_or("no record")?.status.as_str(), "Failed")?;
    for name in ["In_case", "In_default"] {
        let record = seen.record(name).ok_or("no record")?;
        equal(name, record.status.as_str(), "Failed")?;
        equal(name, record.code.as_deref().unwrap_or_default(), "InternalServerError")?;
        let message = record.error.as_ref().map_or("", |error| &error.message);
        if !message.contains("'strongEquals' expects parameters of same type") {
            return Err(format!("{name}: {message}"));
        }
    }
    Ok(())
}

/// A run that calls nothing.
fn pure(actions: &Value) -> Result<Seen, String> {
    let program =
        program(&Value::object([("triggers", Value::from(Object::new())), ("actions", actions.clone())]))?;
    let mut answer = |command: &riposte_workflow::Command| panic!("{} is called", command.id);
    Ok(Runner::new(&program, Trouble::default()).run(start(Value::Null), &mut answer, None))
}

fn check(case: &Value) -> Result<(), String> {
    let stubs = case.get("stubs").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut actions = filled(case.get("actions").unwrap(), &stubs);
    let init = value!({ "type": "InitializeVariable", "inputs": { "variables": [{ "name": "n", "type": "integer" }] } });
    actions.as_object_mut().unwrap().insert("Init_n", init);
    let program = program(
        &value!({ "triggers": {}, "actions": {} })
            .as_object()
            .cloned()
            .map(|mut definition| {
                definition.insert("actions", actions);
                Value::from(definition)
            })
            .unwrap(),
    )?;
    let mut begin = start(Value::Null);
    begin.caller_waits_until = Some(jiff::Timestamp::MAX);
    let mut answer = |command: &riposte_workflow::Command| {
        assert!(!matches!(command.kind, CommandKind::Timer { .. }));
        let failed =
            stubs.get(&command.action).is_some_and(|stub| stub.str_at(&["status"]) == Some("Failed"));
        Answered::Outcome(response(
            if failed { 500 } else { 200 },
            Object::new(),
            Some(Value::text(&command.action)),
        ))
    };
    let seen = Runner::new(&program, Trouble::default()).run(begin, &mut answer, None);
    let expect = case.get("expect").unwrap();
    equal("run", seen.end.status.as_str(), expect.str_at(&["run"]).unwrap())?;
    if let Some(error) = expect.get("run_error") {
        let given = seen
            .end
            .error
            .as_ref()
            .map(|e| value!({ "code": e.code.as_str(), "message": e.message.as_str() }));
        equal("run error", &given.unwrap_or_default().to_string(), &error.to_string())?;
    }
    for (group, pick) in GROUPS {
        for (action, wanted) in expect.get(group).and_then(Value::as_object).into_iter().flatten() {
            let record = seen.record(action).ok_or_else(|| format!("{action} has no record"))?;
            equal(&format!("{group} {action}"), &pick(record), wanted.as_str().unwrap())?;
        }
    }
    if let Some(from) = expect.str_at(&["response", "from"]) {
        equal("response", if seen.response.is_some() { from } else { "nobody" }, from)?;
    }
    Ok(())
}

type Pick = fn(&riposte_workflow::ActionRecord) -> String;

const GROUPS: [(&str, Pick); 3] = [
    ("actions", |record| record.status.to_string()),
    ("codes", |record| record.code.clone().unwrap_or_default().to_string()),
    ("error_codes", |record| record.error.as_ref().map(|error| error.code.to_string()).unwrap_or_default()),
];

fn equal(what: &str, given: &str, wanted: &str) -> Result<(), String> {
    if given == wanted { Ok(()) } else { Err(format!("{what}: {given} instead of {wanted}")) }
}

/// The actions of a vector, which gives no inputs, made complete. A pure action that must fail gets inputs that fail.
fn filled(actions: &Value, stubs: &Object) -> Value {
    let mut filled = Object::new();
    for (name, action) in actions.as_object().unwrap() {
        let mut action = action.as_object().unwrap().clone();
        let fails = stubs.get(name).is_some();
        let inputs = match action.get("type").and_then(Value::as_str).unwrap() {
            "Http" => Some(
                value!({ "method": "GET", "uri": "https://example.com", "retryPolicy": { "type": "none" } }),
            ),
            "ApiConnection" => Some(value!({
                "host": { "connection": { "name": "c" } }, "method": "get", "path": "/", "retryPolicy": { "type": "none" }
            })),
            "Compose" => Some(if fails { value!("@int('x')") } else { value!("fine") }),
            "Response" => Some(value!({ "statusCode": 200, "body": "b" })),
            "IncrementVariable" => Some(value!({ "name": "n" })),
            _ => None,
        };
        if let Some(inputs) = inputs {
            action.insert("inputs", inputs);
        }
        if let Some(inner) = action.get("actions").cloned() {
            action.insert("actions", self::filled(&inner, stubs));
        }
        if let Some(inner) = action.get("else").and_then(|branch| branch.get("actions")).cloned() {
            action.insert("else", Value::object([("actions", self::filled(&inner, stubs))]));
        }
        filled.insert(name.clone(), Value::from(action));
    }
    Value::from(filled)
}
