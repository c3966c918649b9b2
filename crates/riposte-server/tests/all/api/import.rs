//! `POST /api/import`

use crate::harness::Server;
use riposte_value::{Value, value};

const RULE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": { "severity": { "type": "string" } },
  "resources": [{
    "type": "Microsoft.OperationalInsights/workspaces/providers/automationRules",
    "apiVersion": "2023-02-01",
    "name": "ws1/Microsoft.SecurityInsights/raise",
    "properties": {
      "displayName": "raise", "order": 1,
      "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [] },
      "actions": [{ "order": 1, "actionType": "ModifyProperties",
        "actionConfiguration": { "severity": "[parameters('severity')]" } }]
    }
  }]
}"#;

#[tokio::test]
async fn a_plan_changes_nothing_and_an_import_does() {
    let server = Server::start().await;
    let owner = server.owner();
    let mut body = value!({"files": [{"name": "rule.json", "text": RULE}], "workspace": "ws1",
        "parameters": {"severity": "High"}, "plan": true});
    let planned = owner.post("/api/import", &body).await.expect(200).json();
    let told = |answer: &Value| -> Vec<(String, String)> {
        let text = |one: &Value, name| one.str_at(&[name]).unwrap().to_owned();
        let resources = answer.get("resources").and_then(Value::as_array).unwrap();
        resources
            .iter()
            .map(|one| (text(one, "id").rsplit('/').next().unwrap().to_owned(), text(one, "result")))
            .collect()
    };
    let pair = |name: &str, result: &str| (name.to_owned(), result.to_owned());
    let made = [pair("ws1", "created"), pair("raise", "created")];
    assert_eq!(told(&planned), made, "the workspace that it makes is told");
    assert!(owner.get("/api/workspaces").await.expect(200).items().is_empty());
    body.as_object_mut().unwrap().insert("plan", false);
    for expected in [made.as_slice(), &[pair("raise", "unchanged")]] {
        let done = owner.post("/api/import", &body).await.expect(200).json();
        assert_eq!(told(&done), expected, "{done}");
    }
    assert_eq!(owner.get("/api/workspaces/ws1/automationRules").await.expect(200).names(), ["raise"]);
}

#[tokio::test]
async fn a_faulty_file_is_told_with_its_name() {
    let server = Server::start().await;
    let owner = server.owner();
    let body = value!({"files": [{"name": "broken.json", "text": "{"}]});
    let told = owner.post("/api/import", &body).await.expect(200);
    assert_eq!(told.json().get("resources").unwrap().item(0).unwrap().str_at(&["result"]), Some("failed"));
    assert!(told.body.contains("broken.json"), "{told:?}");
    let missing = owner
        .post("/api/import", &value!({"files": [{"name": "rule.json", "text": RULE}]}))
        .await
        .expect(200);
    assert!(missing.body.contains("severity"), "a missing parameter is named: {missing:?}");
}
