//! What Riposte adds around automation rules: how they fare, why they did not match, what they would have done, and rules
//! for several workspaces.

use crate::harness::{Server, playbook_id, sentinel, workspace_id};
use riposte_value::{Value, value};
use std::time::Duration;

#[expect(clippy::needless_pass_by_value, reason = "calls read better with a value")]
fn rule(triggers_on: &str, severity: &str, actions: Value) -> Value {
    let conditions = if triggers_on == "Incidents" {
        value!([{ "conditionType": "Property", "conditionProperties":
            { "propertyName": "IncidentSeverity", "operator": "Equals", "propertyValues": [severity] } }])
    } else {
        value!([])
    };
    value!({ "properties": {
        "displayName": "raise", "order": 1,
        "triggeringLogic": {
            "isEnabled": true, "triggersOn": triggers_on, "triggersWhen": "Created", "conditions": conditions
        },
        "actions": actions,
    }})
}

fn raise() -> Value {
    value!([{ "order": 1, "actionType": "ModifyProperties", "actionConfiguration": { "severity": "High" } }])
}

async fn incident(server: &Server, name: &str, severity: &str) {
    let body = value!({ "properties": { "title": name, "severity": severity, "status": "New" } });
    server.owner().put(&sentinel(&format!("/incidents/{name}")), &body).await.expect(201);
    assert!(server.engine.settle(Duration::from_mins(1)).await);
}

#[tokio::test]
async fn a_rule_that_cannot_do_what_it_says_names_what_is_missing() {
    let server = Server::start().await;
    let owner = server.owner();
    incident(&server, "i0", "Low").await;
    let run = value!([{ "order": 1, "actionType": "RunPlaybook", "actionConfiguration":
        { "logicAppResourceId": playbook_id("absent"), "tenantId": "00000000-0000-0000-0000-000000000002" } }]);
    owner.put(&sentinel("/automationRules/r1"), &rule("Incidents", "Low", run)).await.expect(201);
    let checked = owner.get("/api/workspaces/ws1/automationRules/R1/check").await.expect(200).json();
    assert_eq!(checked.str_at(&["health", "status"]), Some("Unhealthy"), "{checked}");
    let problem = checked.at(&["health", "problems"]).and_then(|p| p.item(0)).unwrap();
    assert_eq!(
        problem.str_at(&["message"]),
        Some(
            "Could not trigger playbook: absent. Either the playbook was not found, or Microsoft Sentinel was missing \
             permissions on it."
        )
    );
    for path in ["/api/workspaces/ws1/automationRules/r1".to_owned(), sentinel("/automationRules/r1")] {
        let shown = owner.get(&path).await.expect(200);
        assert_eq!(shown.text(&["riposte", "health", "status"]), "Unhealthy");
        assert_eq!(
            shown.json().at(&["properties", "riposte"]),
            None,
            "Azure's fields are as they were written"
        );
    }
    owner.get("/api/workspaces/ws1/automationRules/none/check").await.expect(404);
}

#[tokio::test]
async fn rules_are_tried_on_what_is_on_record() {
    let server = Server::start().await;
    let owner = server.owner();
    incident(&server, "i1", "Low").await;
    incident(&server, "i2", "Medium").await;
    let path = "/api/workspaces/ws1/automationRules/backtest";
    let answer =
        owner.post(path, &value!({ "rule": rule("Incidents", "Low", raise()) })).await.expect(200).json();
    assert_eq!(answer.get("matched"), Some(&value!(1)), "{answer}");
    let one = answer.get("matches").and_then(|matches| matches.item(0)).unwrap();
    assert_eq!(one.str_at(&["title"]), Some("i1"));
    assert_eq!(
        one.get("actions").and_then(|a| a.item(0)).and_then(|a| a.str_at(&["text"])),
        Some("severity Low → High")
    );
    assert!(!answer.get("basedOn").and_then(Value::as_array).unwrap().is_empty());
    let bare = rule("Incidents", "Low", raise()).get("properties").cloned().unwrap();
    let long_ago = value!({ "rule": bare, "from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z" });
    let answer = owner.post(path, &long_ago).await.expect(200).json();
    assert_eq!(answer.get("evaluated"), Some(&value!(0)));
    for wrong in [
        value!({}),
        value!({ "rule": {} }),
        value!({ "rule": rule("Incidents", "Low", raise()), "from": "yesterday" }),
        value!({ "rule": rule("Incidents", "Low", raise()), "from": "2021-01-01T00:00:00Z", "to": "2020-01-01T00:00:00Z" }),
    ] {
        owner.post(path, &wrong).await.expect(400);
    }
    // It tells of incidents, so who may not read those may not ask.
    server
        .nobody()
        .await
        .post(path, &value!({ "rule": rule("Incidents", "Low", raise()) }))
        .await
        .expect(403);
}

#[tokio::test]
async fn why_rules_did_not_match_can_be_asked() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/automationRules/r1"), &rule("Incidents", "High", raise())).await.expect(201);
    incident(&server, "i1", "Low").await;
    let told = owner.get("/api/workspaces/ws1/incidents/1/evaluations").await.expect(200).items();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].str_at(&["why"]), Some("IncidentSeverity equals High (was Low)"));
    assert!(owner.get("/api/workspaces/ws1/incidents/1/evaluations?rule=other").await.items().is_empty());
    let timeline = owner.get("/api/workspaces/ws1/incidents/1/timeline").await.expect(200).items();
    assert!(timeline.iter().any(|entry| entry.str_at(&["kind"]) == Some("ruleNotMatched")));
    assert!(owner.get("/api/workspaces/ws1/alerts/none/evaluations").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn rules_for_several_workspaces_need_the_permission_over_everything() {
    let server = Server::start().await;
    let owner = server.owner();
    incident(&server, "i0", "Low").await;
    let path = "/api/alertAutomationRules/resolve";
    let mut wide = rule("Alerts", "", value!([]));
    let properties = wide.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert(
        "riposte",
        value!({ "workspaces": ["*"], "actions": [
            { "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": "Resolved" } }] }),
    );
    let made = owner.put(path, &wide).await.expect(201);
    assert_eq!(made.text(&["id"]), path);
    assert_eq!(owner.get("/api/alertAutomationRules").await.expect(200).names(), ["resolve"]);
    assert_eq!(owner.get(path).await.expect(200).text(&["properties", "displayName"]), "raise");
    let local = server.with_role("ab8e14d6-4a74-4a29-9ba8-549422addade", &workspace_id()).await;
    local.put(path, &wide).await.expect(403);
    local.get(path).await.expect(403);
    local.delete(path).await.expect(403);
    local.put(&sentinel("/automationRules/r1"), &wide).await.expect(400);
    assert_eq!(owner.delete(path).await.expect(200).json(), value!({}));
    owner.delete(path).await.expect(204);
}

#[tokio::test]
async fn refused_writes_of_rules_are_on_record_with_the_callers_address() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/automationRules/r1"), &rule("Incidents", "Low", raise())).await.expect(201);
    let wrong = value!({ "properties": { "displayName": "x" } });
    owner.put(&sentinel("/automationRules/r2"), &wrong).await.expect(400);
    let reader = server.with_role("8d289c81-5878-46d4-8554-54e1e3d8b5cb", &workspace_id()).await;
    reader.put(&sentinel("/automationRules/r1"), &rule("Incidents", "High", raise())).await.expect(403);
    let mut stale = rule("Incidents", "High", raise());
    stale.as_object_mut().unwrap().insert("etag", "\"old\"");
    owner.put(&sentinel("/automationRules/r1"), &stale).await.expect(409);
    server.anonymous().put(&sentinel("/automationRules/r1"), &wrong).await.expect(401);
    let rows = owner.get("/api/workspaces/ws1/audit").await.expect(200).items();
    let told: Vec<(&str, &str)> = rows
        .iter()
        .filter(|row| row.str_at(&["SentinelResourceType"]) == Some("Automation rule"))
        .map(|row| (row.str_at(&["SentinelResourceName"]).unwrap(), row.str_at(&["Status"]).unwrap()))
        .collect();
    assert_eq!(told, [("r1", "Failure"), ("r1", "Failure"), ("r2", "Failure"), ("raise", "Success")]);
    for row in &rows[..4] {
        assert_eq!(row.str_at(&["ExtendedProperties", "CallerIpAddress"]), Some("127.0.0.1"), "{row}");
    }
    assert!(!rows[0].str_at(&["ExtendedProperties", "Reason"]).unwrap().is_empty());
}

#[tokio::test]
async fn what_is_merely_unusual_is_told_of_tasks_comments_and_descriptions() {
    let server = Server::start().await;
    let owner = server.owner();
    let long = value!({ "properties": { "title": "i", "severity": "Low", "status": "New", "description": "d".repeat(5_001) } });
    let made = owner.put(&sentinel("/incidents/i1"), &long).await.expect(201);
    assert!(made.header("riposte-warning").unwrap().starts_with("AzureLimit"), "{made:?}");
    let task = value!({ "properties": { "title": "t", "status": "New" } });
    for number in 1..=41 {
        let made = owner.put(&sentinel(&format!("/incidents/i1/tasks/t{number}")), &task).await.expect(201);
        assert_eq!(made.header("riposte-warning").is_some(), number > 40, "{number}");
    }
    let comment = value!({ "properties": { "message": "m" } });
    for number in 1..=101 {
        let made =
            owner.put(&sentinel(&format!("/incidents/i1/comments/c{number}")), &comment).await.expect(201);
        assert_eq!(made.header("riposte-warning").is_some(), number > 100, "{number}");
    }
}

#[tokio::test]
async fn alerts_of_any_id_have_an_address_and_windows_begin_with_a_date() {
    let server = Server::start().await;
    let owner = server.owner();
    incident(&server, "i0", "Low").await;
    let alert = value!({ "SystemAlertId": "ü/ x?%", "DisplayName": "odd" });
    owner.post("/api/workspaces/ws1/alerts", &alert).await.expect(200);
    let shown = owner.get("/api/workspaces/ws1/alerts/%C3%BC%2F%20x%3F%25").await.expect(200);
    assert!(shown.json().to_string().contains("odd"), "{shown:?}");
    let mut asked = value!({ "from": "2026-11-01", "to": "2026-11-02T00:00:00Z" });
    asked.as_object_mut().unwrap().insert("rule", rule("Incidents", "Low", raise()));
    let answer = owner.post("/api/workspaces/ws1/automationRules/backtest", &asked).await.expect(200).json();
    assert_eq!(answer.str_at(&["from"]), Some("2026-11-01T00:00:00.0000000Z"), "{answer}");
}
