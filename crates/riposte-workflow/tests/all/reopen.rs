//! Going on with a run that did not succeed: what is easily opened twice, or without its limits.

use super::harness::{Answered, Attempt, Runner, Trouble, program, response, start};
use riposte_value::{Object, Value, value};
use riposte_workflow::{Command, Status};

/// Two attempts at a run of these actions, all of whose calls are answered 200.
fn attempts(actions: &Value) -> [Attempt; 2] {
    let definition = Value::object([("triggers", Value::from(Object::new())), ("actions", actions.clone())]);
    let program = program(&definition).unwrap();
    let answer = |_: &Command| Answered::Outcome(response(200, Object::new(), None));
    let runner = Runner::new(&program, Trouble::default());
    runner.run_again(start(Value::Null), &mut { answer }, &mut { answer }).expect("the run opens again")
}

fn status(attempt: &Attempt, name: &str) -> Status {
    attempt.records.iter().find(|record| record.name == name).unwrap().status
}

#[test]
fn a_switch_that_could_not_choose_is_asked_again_and_enters_no_branch() {
    let [_, second] = attempts(&value!({
        "Sw": { "type": "Switch", "expression": "@add(1, 1)",
            "cases": { "Two": { "case": "2", "actions": { "In_case": { "type": "Compose", "inputs": 1 } } } },
            "default": { "actions": { "In_default": { "type": "Compose", "inputs": 1 } } } },
        "Wait": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } }, "runAfter": { "Sw": ["Failed"] } },
        // so that both branches are kept
        "Seen": { "type": "Compose", "inputs": "@concat(string(outputs('In_case')), string(outputs('In_default')))", "runAfter": { "Sw": ["Succeeded"] } }
    }));
    assert_eq!(second.end.status, Status::Failed);
    for (name, expected) in [
        ("Sw", Status::Failed),
        ("In_case", Status::Failed),
        ("In_default", Status::Failed),
        ("Wait", Status::Succeeded),
    ] {
        assert_eq!(status(&second, name), expected, "{name}");
    }
}

#[test]
fn a_scope_that_timed_out_has_its_time_again() {
    let [first, second] = attempts(&value!({
        "S": { "type": "Scope", "limit": { "timeout": "PT1M" }, "actions": {
            "Call": { "type": "Http", "inputs": { "method": "GET", "uri": "https://e.example" } },
            "Long": { "type": "Wait", "inputs": { "interval": { "count": 2, "unit": "Minute" } }, "runAfter": { "Call": ["Succeeded"] } }
        } }
    }));
    for attempt in [&first, &second] {
        assert_eq!(attempt.end.status, Status::TimedOut);
        assert_eq!((status(attempt, "S"), status(attempt, "Long")), (Status::TimedOut, Status::Cancelled));
    }
    assert_eq!((first.calls.len(), second.calls.len()), (1, 0), "what succeeded is not done again");
}
