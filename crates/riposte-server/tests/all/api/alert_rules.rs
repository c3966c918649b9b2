//! `POST /api/workspaces/{workspace}/alertRules/{rule}/results`

use crate::client::Client;
use crate::harness::{SENTINEL_READER, Server, workspace_id};
use riposte_value::{Value, value};

const PATH: &str = "/api/workspaces/ws1/alertRules/r1";

async fn with_rule(more: &Value) -> (Server, Client) {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&format!("{}?api-version=2022-10-01", workspace_id()), &value!({})).await.expect(201);
    let mut properties = value!({
        "displayName": "Sign-in from Tor", "enabled": true, "severity": "Medium", "query": "SigninLogs",
        "queryFrequency": "PT1H", "queryPeriod": "PT1H", "triggerOperator": "GreaterThan", "triggerThreshold": 1,
        "suppressionEnabled": false, "suppressionDuration": "PT5H",
        "entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "Ip"}]}]
    });
    let more = more.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone()));
    properties.as_object_mut().unwrap().extend(more);
    owner.put(PATH, &value!({"kind": "Scheduled", "properties": properties})).await.expect(201);
    (server, owner)
}

fn rows(count: usize) -> Value {
    let rows = Value::array((0..count).map(|n| value!({"Ip": format!("10.0.{}.{}", n / 250, n % 250)})));
    value!({"rows": rows, "queryStartTime": "2026-03-01T08:00:00Z", "queryEndTime": "2026-03-01T09:00:00Z"})
}

#[tokio::test]
async fn rows_are_answered_with_what_became_of_their_alerts() {
    let (_server, owner) =
        with_rule(&value!({"eventGroupingSettings": {"aggregationKind": "AlertPerResult"}})).await;
    let results = format!("{PATH}/results");
    assert!(owner.post(&results, &rows(1)).await.expect(200).items().is_empty(), "not over the threshold");
    let items = owner.post(&results, &rows(2)).await.expect(200).items();
    let statuses: Vec<_> = items.iter().filter_map(|item| item.str_at(&["status"])).collect();
    assert_eq!(statuses, ["created", "created"]);
    assert!(items.iter().all(|item| item.at(&["incident", "incidentNumber"]).is_some()));
    assert_eq!(owner.post(&results, &rows(400)).await.expect(200).items().len(), 150);
    let health = owner.get("/api/workspaces/ws1/health?type=Analytics%20rule").await.expect(200).items();
    assert_eq!(health.len(), 3);
}

#[tokio::test]
async fn a_silent_rule_says_until_when() {
    let (_server, owner) = with_rule(&value!({"suppressionEnabled": true})).await;
    let results = format!("{PATH}/results");
    let first = owner.post(&results, &rows(600)).await.expect(200);
    assert_eq!(first.items().len(), 1);
    assert_eq!(
        first.header("riposte-warning"),
        Some("AzureLimit an alert has 600 entities; Azure keeps 500")
    );
    let silent = owner.post(&results, &rows(2)).await.expect(200);
    assert!(silent.items().is_empty());
    assert_eq!(silent.text(&["suppressedUntil"]), "2026-03-01T14:00:00Z");
}

#[tokio::test]
async fn what_is_no_result_is_refused() {
    let (server, owner) = with_rule(&value!({})).await;
    let results = format!("{PATH}/results");
    for body in [&b""[..], b"7", b"[", b"null", b"{}", b"{\"rows\": 7}", b"[7]"] {
        owner.send("POST", &results, &[], body).await.expect(400);
    }
    owner.post("/api/workspaces/ws1/alertRules/none/results", &rows(1)).await.expect(404);
    owner.post("/api/workspaces/none/alertRules/r1/results", &rows(1)).await.expect(404);
    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    reader.post(&results, &rows(2)).await.expect(403);
}
