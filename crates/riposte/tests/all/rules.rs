//! `riposte rule`.

use crate::process::{Folder, repository, riposte};
use serde_json::{Value, json};

fn rule(trigger: &str, conditions: &Value) -> String {
    json!({"name": "r1", "properties": {
        "displayName": "Escalate", "order": 1,
        "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": trigger, "conditions": conditions},
        "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]
    }})
    .to_string()
}

fn equals(property: &str, values: &[&str]) -> Value {
    json!({"conditionType": "Property", "conditionProperties": {
        "propertyName": property, "operator": "Equals", "propertyValues": values
    }})
}

fn incident(severity: &str) -> String {
    json!({"properties": {"title": "AiTM sign-in", "severity": severity, "status": "New",
        "relatedEntities": [{"kind": "Ip", "properties": {"address": "203.0.113.9"}}]}})
    .to_string()
}

#[test]
fn rules_are_told_in_words() {
    let file = repository("examples/enrich-ip/automation-rule.json");
    let found = riposte(["rule", "check", &file, "--format", "json"]).expect(0).json();
    let rule = &found["rules"][0];
    assert_eq!(rule["trigger"], json!("Incidents Created"));
    assert_eq!(rule["conditions"], json!(["IncidentTitle contains AiTM", "IncidentSeverity equals Medium"]));
    assert_eq!(rule["actions"].as_array().map(Vec::len), Some(3), "{rule}");
    let text = riposte(["rule", "check", &file]).expect(0);
    assert!(text.out.contains("if   IncidentTitle contains AiTM"), "{}", text.out);
}

#[test]
fn the_condition_that_decided_is_named() {
    let folder = Folder::new();
    let conditions =
        json!([equals("IncidentSeverity", &["Medium"]), equals("IPAddress", &["203.0.113.9", "x"])]);
    let file = folder.write("rule.json", rule("Created", &conditions));
    let test = |severity: &str, format: &str| {
        let incident = folder.write("incident.json", incident(severity));
        let (file, incident) = (file.to_str().unwrap(), incident.to_str().unwrap());
        riposte(["rule", "test", file, "--incident", incident, "--format", format])
    };
    let found = test("Medium", "json").expect(0).json();
    assert_eq!(found["rules"][0]["matched"], json!(true));
    assert_eq!(found["rules"][0]["conditions"][1]["actual"], json!("203.0.113.9"));
    let found = test("Low", "json").expect(1).json();
    assert_eq!(found["rules"][0]["why"], json!("not matched: IncidentSeverity equals Medium (was Low)"));
    assert!(test("Low", "text").out.contains("✗ IncidentSeverity equals Medium  (was Low)"));
}

#[test]
fn updates_need_the_incident_as_it_was() {
    let folder = Folder::new();
    let changed = json!([{"conditionType": "PropertyChanged", "conditionProperties": {
        "propertyName": "IncidentSeverity", "changeType": "ChangedTo", "operator": "Equals", "propertyValues": ["High"]
    }}]);
    let file = folder.write("rule.json", rule("Updated", &changed));
    let (low, high) =
        (folder.write("low.json", incident("Low")), folder.write("high.json", incident("High")));
    let (file, low, high) = (file.to_str().unwrap(), low.to_str().unwrap(), high.to_str().unwrap());
    riposte(["rule", "test", file, "--incident", high, "--before", low]).expect(0);
    riposte(["rule", "test", file, "--incident", low, "--before", high]).expect(1);
    let done = riposte(["rule", "test", file, "--incident", high]).expect(1);
    assert!(done.out.contains("--before"), "{}", done.out);
}

#[test]
fn faulty_rules_are_refused() {
    let folder = Folder::new();
    let wrong = folder.write("wrong.json", rule("Created", &json!([equals("IncidentColour", &["red"])])));
    let found = riposte(["rule", "check", wrong.to_str().unwrap(), "--format", "json"]).expect(1).json();
    assert_eq!(found["ok"], json!(false));
    let path = found["diagnostics"][0]["path"].as_str().unwrap();
    assert!(path.starts_with("$.properties.triggeringLogic.conditions[0]"), "{path}");
    riposte(["rule", "check", "/nowhere.json"]).expect(2);
    let playbook = repository("examples/enrich-ip/azuredeploy.json");
    riposte(["rule", "check", &playbook]).expect(1);
    let incident = folder.write("incident.json", "{\"properties\": {}}");
    let good = folder.write("good.json", rule("Created", &json!([])));
    riposte(["rule", "test", good.to_str().unwrap(), "--incident", incident.to_str().unwrap()]).expect(2);
}
