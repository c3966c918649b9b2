//! `POST /api/import`

use crate::harness::{SENTINEL_READER, SUBSCRIPTION, Server, group, workspace_id};
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
    let told = |answer: &Value| -> (String, bool) {
        let resources = answer.get("resources").and_then(Value::as_array).unwrap();
        assert_eq!(resources.len(), 1, "{answer}");
        let result = resources[0].str_at(&["result"]).unwrap().to_owned();
        (result, resources[0].to_string().contains("there is no workspace `ws1` yet; it is made"))
    };
    let made = ("created".to_owned(), true);
    assert_eq!(told(&planned), made, "the workspace that it makes is told");
    assert!(owner.get("/api/workspaces").await.expect(200).items().is_empty());
    body.as_object_mut().unwrap().insert("plan", false);
    for expected in [made, ("unchanged".to_owned(), false)] {
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

#[tokio::test]
async fn who_may_deploy_at_one_place_imports_there_and_nowhere_else() {
    // Microsoft Sentinel Contributor.
    let contributor = "ab8e14d6-4a74-4a29-9ba8-549422addade";
    for scope in [format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1"), workspace_id()] {
        let server = Server::start().await;
        let owner = server.owner();
        for rg in ["rg2", "rg1"] {
            let path = group("/providers/Microsoft.OperationalInsights/workspaces/ws1");
            owner.put(&path.replace("/rg1/", &format!("/{rg}/")), &value!({})).await.expect(201);
        }
        let client = server.with_role(contributor, &scope).await;
        let body = |group: Option<&str>| {
            value!({"files": [{"name": "rule.json", "text": RULE}], "workspace": "ws1", "resourceGroup": group,
                "parameters": {"severity": "High"}})
        };
        // Unnamed, it goes to the workspace that the caller may read.
        for group in [Some("rg1"), None] {
            let done = client.post("/api/import", &body(group)).await.expect(200);
            assert!(!done.body.contains("failed"), "{done:?}");
            assert!(done.body.contains("/rg1/") || done.body.contains("/resourceGroups/rg1"), "{done:?}");
        }
        let refused = client.post("/api/import", &body(Some("rg2"))).await.expect(403);
        assert_eq!(refused.code(), "AuthorizationFailed");
        assert!(owner.get(&group("/providers/Microsoft.OperationalInsights/workspaces/ws1/providers/Microsoft.SecurityInsights/automationRules").replace("/rg1/", "/rg2/")).await.expect(200).items().is_empty());
    }
    let server = Server::start().await;
    let reader = server.with_role(SENTINEL_READER, "").await;
    reader.post("/api/import", &value!({"files": []})).await.expect(403);
}
