//! `riposte playbook check`.

use crate::process::{Done, Folder, repository, riposte};
use serde_json::{Value, json};

/// A workflow definition with these actions.
fn definition(actions: &Value) -> String {
    json!({"definition": {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "triggers": {"manual": {"type": "Request", "kind": "Http", "inputs": {"schema": {}}}},
        "actions": actions,
        "outputs": {}
    }})
    .to_string()
}

fn check(folder: &Folder, name: &str, text: &str) -> Done {
    let file = folder.write(name, text);
    riposte(["playbook", "check", file.to_str().unwrap(), "--format", "json"])
}

#[test]
fn a_good_file_is_described() {
    let file = repository("examples/enrich-ip/azuredeploy.json");
    let found = riposte(["playbook", "check", &file, "--format", "json"]).expect(0).json();
    assert_eq!(found["file"], json!(file));
    assert_eq!((&found["ok"], &found["automationRules"]), (&json!(true), &json!(0)));
    assert_eq!(found["diagnostics"], json!([]));
    let workflow = &found["workflows"][0];
    assert_eq!(
        (&workflow["name"], &workflow["trigger"]),
        (&json!("Enrich-IP-Reputation"), &json!("incident"))
    );
    assert_eq!(workflow["connectors"], json!(["azuresentinel", "virustotal"]));
    assert!(workflow["actions"].as_u64().is_some_and(|count| count > 10), "{workflow}");

    let text = riposte(["playbook", "check", &file]).expect(0);
    assert!(text.out.starts_with("ok "), "{}", text.out);
    assert!(text.out.contains("incident trigger"), "{}", text.out);
}

#[test]
fn folders_are_walked() {
    let folder = repository("examples/enrich-ip");
    let found = riposte(["playbook", "check", &folder, "--format", "json"]).expect(0).json_lines();
    assert_eq!(found.len(), 2);
    assert_eq!(found.iter().map(|file| file["automationRules"].as_u64().unwrap()).sum::<u64>(), 1);
}

#[test]
fn faults_name_their_place() {
    let compose =
        |inputs: &str, after: Value| json!({"type": "Compose", "inputs": inputs, "runAfter": after});
    let cases = [
        (
            "unknown-type",
            json!({"Call": {"type": "Htpp", "inputs": {}, "runAfter": {}}}),
            "$.definition.actions.Call.type",
        ),
        ("expression", json!({"A": compose("@ad(1", json!({}))}), "$.definition.actions.A.inputs"),
        ("unknown-action", json!({"A": compose("@body('B')", json!({}))}), "$.definition.actions.A.inputs"),
        (
            "cycle",
            json!({"A": compose("1", json!({"B": ["Succeeded"]})), "B": compose("1", json!({"A": ["Succeeded"]}))}),
            "$.definition.actions",
        ),
    ];
    let folder = Folder::new();
    for (name, actions, path) in cases {
        let found = check(&folder, &format!("{name}.json"), &definition(&actions)).expect(1).json();
        assert_eq!(found["ok"], json!(false), "{name}");
        let errors: Vec<&Value> = found["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|diagnostic| diagnostic["severity"] == json!("error"))
            .collect();
        assert!(!errors.is_empty(), "{name}: {found}");
        assert!(
            errors.iter().any(|error| error["path"].as_str().is_some_and(|at| at.starts_with(path))),
            "{name}: {path} is not in {errors:?}"
        );
        assert!(
            errors.iter().all(|error| error["code"].is_string() && error["message"].is_string()),
            "{errors:?}"
        );
    }
}

#[test]
fn what_only_fails_when_it_runs_is_a_warning() {
    let folder = Folder::new();
    let actions = json!({"A": {"type": "Compose", "inputs": "@fooo(1)", "runAfter": {}}});
    let found = check(&folder, "unknown-function.json", &definition(&actions)).expect(0).json();
    assert_eq!(found["ok"], json!(true));
    let told =
        found["diagnostics"].as_array().unwrap().iter().find(|told| told["code"] == json!("UnknownFunction"));
    let told = told.unwrap_or_else(|| panic!("nothing is told of the function: {found}"));
    assert_eq!(told["severity"], json!("warning"), "{found}");
    assert_eq!(told["path"], json!("$.definition.actions.A.inputs"));
}

#[test]
fn a_call_of_another_playbook_is_in_order_if_it_names_it() {
    let folder = Folder::new();
    for (id, status) in [
        ("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/other", 0),
        ("@triggerBody()?['playbook']", 1),
    ] {
        let actions = json!({"Ask": {"type": "Workflow", "runAfter": {},
            "inputs": {"host": {"triggerName": "manual", "workflow": {"id": id}}}}});
        let found = check(&folder, "child.json", &definition(&actions)).expect(status).json();
        let told = found["diagnostics"].as_array().unwrap().iter().filter(|told| told["severity"] == "error");
        let codes: Vec<_> = told.map(|told| told["code"].as_str().unwrap()).collect();
        assert_eq!(codes, if status == 0 { vec![] } else { vec!["InvalidWorkflowReference"] }, "{found}");
    }
}

#[test]
fn what_is_no_playbook_is_an_error() {
    let folder = Folder::new();
    for (name, text) in
        [("number", "1"), ("other", "{\"a\": [1, 2]}"), ("empty-template", "{\"resources\": []}")]
    {
        let found = check(&folder, &format!("{name}.json"), text).expect(1).json();
        assert_eq!(found["ok"], json!(false), "{name}: {found}");
    }
}

#[test]
fn unreadable_files_are_told_apart() {
    let folder = Folder::new();
    let broken = check(&folder, "broken.json", "{\"a\": ").expect(2).json();
    assert_eq!(broken["diagnostics"][0]["code"], json!("InvalidJson"), "{broken}");
    assert_eq!(broken["diagnostics"][0]["line"], json!(1));
    riposte(["playbook", "check", "/nowhere/at-all.json", "--format", "json"]).expect(2);
    folder.write("latin.json", [0x7b, 0xff, 0x7d]);
    riposte(["playbook", "check", folder.path("latin.json").to_str().unwrap()]).expect(2);
    // one that can be read among them: 1, and an object for each
    let good = repository("examples/enrich-ip/azuredeploy.json");
    let broken = folder.path("broken.json");
    let found = riposte(["playbook", "check", &good, broken.to_str().unwrap(), "--format", "json"]).expect(1);
    assert_eq!(found.json_lines().len(), 2);
    let empty = Folder::new();
    riposte(["playbook", "check", empty.path("").to_str().unwrap()]).expect(2);
}

#[test]
fn deep_nesting_is_refused() {
    let folder = Folder::new();
    let text = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let done = check(&folder, "deep.json", &text);
    assert!(done.code == 1 || done.code == 2, "{done:?}");
    assert_eq!(done.json()["ok"], json!(false));
}

#[test]
fn names_given_twice_are_told() {
    let folder = Folder::new();
    let text = definition(&json!({"A": {"type": "Compose", "inputs": 1, "runAfter": {}}}));
    let twice = text.replacen(
        "\"actions\":{",
        "\"actions\":{\"A\":{\"type\":\"Compose\",\"inputs\":2,\"runAfter\":{}},",
        1,
    );
    assert_ne!(text, twice);
    let found = check(&folder, "twice.json", &twice).json();
    assert!(!found["diagnostics"].as_array().unwrap().is_empty(), "{found}");
}

#[test]
fn playbooks_by_others_are_read() {
    let Some(corpus) = riposte_testing::shared("corpus/sentinel") else { return };
    let done = riposte(["playbook", "check", corpus.to_str().unwrap(), "--format", "json"]);
    assert!(done.code == 0 || done.code == 1, "{}", done.err);
    let files = done.json_lines();
    let is_wrong =
        |told: &Value| told["severity"] == json!("error") && told["code"] != json!("UnsupportedActionType");
    let good =
        files.iter().filter(|file| !file["diagnostics"].as_array().unwrap().iter().any(is_wrong)).count();
    assert!(files.len() > 300, "{}", files.len());
    assert!(good * 10 > files.len() * 9, "{good} of {} are understood", files.len());
}
