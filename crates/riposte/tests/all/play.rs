//! `riposte playbook run`.

use crate::process::{Folder, repository, riposte};
use serde_json::{Value, json};

fn example() -> String {
    repository("examples/enrich-ip/azuredeploy.json")
}

#[test]
fn the_example_runs_with_everything_made_up() {
    let run =
        riposte(["playbook", "run", &example(), "--trigger", "auto", "--mock", "auto", "--format", "json"]);
    let run = run.expect(0).json();
    assert_eq!((&run["status"], &run["error"]), (&json!("Succeeded"), &Value::Null));
    let report = &run["actions"]["Get_IP_report"];
    assert_eq!((&report["status"], &report["code"]), (&json!("Succeeded"), &json!("OK")));
    let repetitions = report["repetitions"].as_array().unwrap();
    assert_eq!(repetitions.len(), 1);
    assert!(repetitions[0]["inputs"].is_object() && repetitions[0]["outputs"].is_object());
    let calls = run["calls"].as_array().unwrap();
    assert!(calls.iter().any(|call| call["path"] == json!("/api/v3/ip_addresses/203.0.113.7")), "{calls:?}");
    assert!(run["made"]["trigger"]["body"]["object"]["id"].is_string(), "what was made up is told");
    assert!(run["made"]["answers"][0]["body"]["data"].is_object());
    let comments = &run["incident"]["properties"]["comments"];
    assert!(comments[0]["properties"]["message"].as_str().unwrap().contains("203.0.113.7"), "{comments}");
}

#[test]
fn text_shows_the_run_as_a_tree() {
    let run = riposte(["playbook", "run", &example(), "--mock", "auto"]).expect(0);
    assert!(run.out.contains("Enrich-IP-Reputation  Succeeded"), "{}", run.out);
    assert!(run.out.contains("✓ For_each_IP"), "{}", run.out);
    assert!(run.out.contains("└─ [0]") && run.out.contains("made up: trigger"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}'), "no colours where nobody looks");
}

/// The incident of one malicious address, as a trigger's payload.
fn trigger(folder: &Folder) -> String {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/Microsoft.SecurityInsights/Incidents/one";
    let payload = json!({"object": {"id": id, "name": "one", "properties": {
        "title": "AiTM", "severity": "Medium", "status": "New", "incidentNumber": 7,
        "relatedEntities": [{"kind": "Ip", "properties": {"address": "198.51.100.9"}}]
    }}});
    folder.write("trigger.json", payload.to_string()).to_str().unwrap().to_owned()
}

fn with_mocks(mocks: &Value) -> Value {
    let folder = Folder::new();
    let file = folder.write("mocks.json", mocks.to_string());
    let trigger = trigger(&folder);
    let done = riposte([
        "playbook",
        "run",
        &example(),
        "--trigger",
        &trigger,
        "--mock",
        file.to_str().unwrap(),
        "--format",
        "json",
    ]);
    let run = done.json();
    assert_eq!(done.code == 0, run["status"] == json!("Succeeded"), "{}", done.err);
    run
}

fn report(malicious: u32) -> Value {
    json!({"data": {"attributes": {"last_analysis_stats": {"malicious": malicious}, "country": "NL"}}})
}

#[test]
fn mocks_answer_by_action_or_address() {
    let by_action = json!({"actions": {"Get_IP_report": {"body": report(9), "delay": "PT3S"}}});
    let run = with_mocks(&by_action);
    assert_eq!(run["status"], json!("Succeeded"), "{run}");
    assert_eq!(run["incident"]["name"], json!("one"));
    assert_eq!(run["incident"]["properties"]["labels"][0]["labelName"], json!("malicious-ip"));

    let by_address = json!({"calls": [{"method": "get", "url": "*/ip_addresses/198.51.100.*", "answer": {"body": report(0)}}]});
    let run = with_mocks(&by_address);
    assert_eq!(run["status"], json!("Succeeded"), "{run}");
    assert_eq!(run["incident"]["properties"]["labels"], json!([]));
}

#[test]
fn sequences_show_retries() {
    let mocks =
        json!({"actions": {"Get IP report": [{"status": 503}, {"fault": "reset"}, {"body": report(1)}]}});
    let run = with_mocks(&mocks);
    assert_eq!(run["status"], json!("Succeeded"), "{run}");
    let history = &run["actions"]["Get_IP_report"]["repetitions"][0]["retryHistory"];
    assert!(history.as_array().is_some_and(|attempts| attempts.len() >= 2), "{run}");
    let answers: Vec<&Value> = run["calls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|call| call["action"] == json!("Get_IP_report"))
        .map(|call| &call["answer"]["status"])
        .collect();
    assert_eq!(answers, [&json!(503), &Value::Null, &json!(200)]);
}

#[test]
fn what_no_mock_answers_fails() {
    let run = with_mocks(&json!({}));
    assert_eq!(run["status"], json!("Failed"), "{run}");
    assert!(run.to_string().contains("no mock answers"), "{run}");
    let run = with_mocks(&json!({"default": {"status": 404, "body": {"error": {}}}}));
    assert_eq!(run["actions"]["Get_IP_report"]["code"], json!("NotFound"), "{run}");
    let run = with_mocks(&json!({"default": "auto"}));
    assert_eq!(run["status"], json!("Succeeded"), "{run}");
}

#[test]
fn a_run_with_mocks_can_be_repeated() {
    let arguments = [
        "playbook",
        "run",
        &example(),
        "--mock",
        "auto",
        "--at",
        "2026-11-21T10:00:00Z",
        "--seed",
        "5",
        "--format",
        "json",
    ];
    let (first, second) = (riposte(arguments).expect(0), riposte(arguments).expect(0));
    assert_eq!(first.out, second.out);
}

#[test]
fn without_mocks_calls_pass_the_gate() {
    let folder = Folder::new();
    let definition = json!({"definition": {
        "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {}}},
        "actions": {"Call": {"type": "Http", "runAfter": {}, "inputs": {
            "method": "GET", "uri": "http://127.0.0.1:9/", "retryPolicy": {"type": "none"}
        }}}
    }});
    let file = folder.write("call.json", definition.to_string());
    let run = riposte(["playbook", "run", file.to_str().unwrap(), "--format", "json"]).expect(1).json();
    assert_eq!(run["status"], json!("Failed"));
    assert_eq!(run["calls"][0]["answer"]["code"], json!("EgressRefused"), "{run}");
}

#[test]
fn faulty_mocks_and_playbooks_are_refused() {
    let folder = Folder::new();
    let refuse = |name: &str, text: &str, code: i32| {
        let file = folder.write(name, text);
        riposte(["playbook", "run", &example(), "--mock", file.to_str().unwrap()]).expect(code)
    };
    let done = refuse("typo.json", r#"{"action": {}}"#, 2);
    assert!(done.err.contains("unknown field `action`"), "{}", done.err);
    refuse("empty.json", r#"{"actions": {"A": []}}"#, 2);
    refuse("delay.json", r#"{"actions": {"A": {"delay": "soon"}}}"#, 2);
    refuse("default.json", r#"{"default": "magic"}"#, 2);
    refuse("broken.json", "{", 2);
    riposte(["playbook", "run", "/nowhere.json", "--mock", "auto"]).expect(2);
    let faulty = folder
        .write("faulty.json", r#"{"definition": {"triggers": {}, "actions": {"A": {"type": "Htpp"}}}}"#);
    let done = riposte(["playbook", "run", faulty.to_str().unwrap(), "--mock", "auto"]).expect(1);
    assert!(done.err.contains("Htpp"), "{}", done.err);
}
