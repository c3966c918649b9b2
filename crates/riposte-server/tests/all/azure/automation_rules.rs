//! `…/providers/Microsoft.SecurityInsights/automationRules`

use crate::harness::{Server, playbook_id, sentinel};
use riposte_value::{Value, value};
use std::time::Duration;

fn rule(order: i64, actions: &Value) -> Value {
    value!({"properties": {
        "displayName": "raise", "order": order,
        "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": [
            {"conditionType": "Property", "conditionProperties":
                {"propertyName": "IncidentSeverity", "operator": "Equals", "propertyValues": ["Medium"]}}]},
        "actions": actions,
    }})
}

fn raise() -> Value {
    value!([{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}])
}

async fn with_workspace() -> Server {
    let server = Server::start().await;
    let incident = value!({"properties": {"title": "t", "severity": "Low", "status": "New"}});
    server.owner().put(&sentinel("/incidents/i0"), &incident).await.expect(201);
    server
}

#[tokio::test]
async fn created_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel("/automationRules/r1");
    let made = owner.put(&path, &rule(1, &raise())).await.expect(201);
    assert_eq!(made.text(&["type"]), "Microsoft.SecurityInsights/automationRules");
    assert_eq!(made.header("riposte-warning"), None);
    assert_eq!(owner.get(&path).await.expect(200).json(), made.json());
    assert_eq!(owner.get(&sentinel("/automationRules")).await.expect(200).names(), ["r1"]);
    assert_eq!(owner.get("/api/workspaces/ws1/automationRules").await.expect(200).names(), ["r1"]);
    owner.put(&path, &rule(2, &raise())).await.expect(200);

    let mut stale = rule(3, &raise());
    stale.as_object_mut().unwrap().insert("etag", made.json().get("etag").cloned().unwrap());
    let conflict = owner.put(&path, &stale).await.expect(409);
    assert_eq!(conflict.message(), "Newer version of resource 'r1' exists. Data was not saved");
    let etag = made.text(&["etag"]);
    let body = rule(3, &raise()).to_string();
    owner.send("PUT", &path, &[("If-Match", &etag)], body.as_bytes()).await.expect(409);

    assert_eq!(owner.delete(&path).await.expect(200).json(), value!({}));
    assert_eq!(owner.delete(&path).await.expect(204).body, "");
    owner.get(&path).await.expect(404);
    assert!(owner.get(&sentinel("/automationRules")).await.items().is_empty());
}

#[tokio::test]
async fn walls_are_refused_with_their_place() {
    let server = with_workspace().await;
    let owner = server.owner();
    let path = sentinel("/automationRules/r1");
    for wrong in [
        rule(0, &raise()),
        rule(1001, &raise()),
        rule(1, &value!([{"order": 1, "actionType": "Explode"}])),
        value!({}),
    ] {
        let refused = owner.put(&path, &wrong).await.expect(400);
        let details = refused.json().at(&["error", "details"]).cloned().unwrap();
        assert!(details.item(0).unwrap().str_at(&["target"]).unwrap().starts_with('$'), "{refused:?}");
    }
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn what_is_only_remarkable_is_told_in_a_header() {
    let server = with_workspace().await;
    let owner = server.owner();
    let run = value!([{"order": 1, "actionType": "RunPlaybook", "actionConfiguration":
        {"logicAppResourceId": playbook_id("absent-ü"), "tenantId": "00000000-0000-0000-0000-000000000002"}}]);
    let reply = owner.put(&sentinel("/automationRules/r1"), &rule(1, &run)).await.expect(201);
    let warning = reply.header("riposte-warning").expect("a warning");
    assert!(warning.starts_with("PlaybookNotFound $.properties.actions: "), "{warning}");
    assert!(warning.is_ascii() && warning.contains("absent-\\u00fc"), "{warning}");
}

#[tokio::test]
async fn a_rule_changes_the_incident_that_comes_after_it() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/automationRules/r1"), &rule(1, &raise())).await.expect(201);
    let incident = value!({"properties": {"title": "t", "severity": "Medium", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    assert!(server.engine.settle(Duration::from_mins(1)).await);
    assert_eq!(owner.get(&sentinel("/incidents/i1")).await.text(&["properties", "severity"]), "High");
    let timeline = owner.get("/api/workspaces/ws1/incidents/i1/timeline").await.expect(200).items();
    let kinds: Vec<_> = timeline.iter().filter_map(|entry| entry.str_at(&["kind"])).collect();
    assert!(kinds.contains(&"incidentCreated") && kinds.contains(&"ruleMatched"), "{kinds:?}");
    assert!(!owner.get("/api/workspaces/ws1/health").await.expect(200).items().is_empty());
    assert!(owner.get("/api/workspaces/ws1/health?since=2999-01-01T00:00:00Z").await.items().is_empty());
    owner.get("/api/workspaces/ws1/health?since=now").await.expect(400);
}
