//! `POST /api/workspaces/{workspace}/alerts`

use crate::harness::{Server, sentinel};
use riposte_value::{Value, value};

fn alert(id: &str) -> Value {
    value!({"SystemAlertId": id, "DisplayName": "Tor sign-in", "AlertSeverity": "Medium", "ProviderName": "test",
        "TimeGenerated": "2024-01-01T00:00:00Z", "StartTime": "2024-01-01T00:00:00Z", "EndTime": "2024-01-01T00:00:00Z",
        "Entities": "[{\"$id\":\"1\",\"Address\":\"10.0.0.1\",\"Type\":\"ip\"}]"})
}

async fn with_workspace() -> Server {
    let server = Server::start().await;
    let path = format!("{}?api-version=2022-10-01", crate::harness::workspace_id());
    server.owner().put(&path, &value!({})).await.expect(201);
    server
}

fn statuses(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|item| item.str_at(&["status"])).collect()
}

#[tokio::test]
async fn each_alert_is_answered_in_order() {
    let server = with_workspace().await;
    let owner = server.owner();
    let path = "/api/workspaces/ws1/alerts";
    let (a, b) = ("11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222");
    let all = owner.post(path, &value!([alert(a), alert(b)])).await.expect(200).items();
    assert_eq!(statuses(&all), ["created", "created"]);
    let incident = all[0].str_at(&["incident", "id"]).unwrap().rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        owner
            .post_nothing(&sentinel(&format!("/incidents/{incident}/alerts")))
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    let entities =
        owner.get(&format!("/api/workspaces/ws1/incidents/{incident}/entities")).await.expect(200).json();
    assert_eq!(entities.get("entities").and_then(Value::as_array).map(<[Value]>::len), Some(1));

    let again = owner.post(path, &alert(&a.to_uppercase())).await.expect(200).items();
    assert_eq!(statuses(&again), ["duplicate"]);
    let some =
        owner.post(path, &value!({"value": [alert(b), {"SystemAlertId": ["x"]}]})).await.expect(207).items();
    assert_eq!(statuses(&some), ["duplicate", "rejected"]);
    assert!(some[1].at(&["error", "message"]).is_some());
    let none = owner.post(path, &value!([7])).await.expect(400);
    assert_eq!(none.code(), "AlertsRejected");
    let message = none.json().str_at(&["error", "message"]).unwrap().to_owned();
    assert_eq!(message, "the alert was rejected: $[0]: the body must be an object, not a number");
    assert_eq!(statuses(&none.items()), ["rejected"]);
}

#[tokio::test]
async fn what_is_no_list_of_alerts_is_refused() {
    let server = with_workspace().await;
    let owner = server.owner();
    for body in [&b""[..], b"7", b"\"x\"", b"[", b"null"] {
        owner.send("POST", "/api/workspaces/ws1/alerts", &[], body).await.expect(400);
    }
    assert!(owner.post("/api/workspaces/ws1/alerts", &value!([])).await.expect(200).items().is_empty());
    owner.post("/api/workspaces/none/alerts", &value!([])).await.expect(404);
}

#[tokio::test]
async fn graphs_alerts_are_taken_and_the_workspace_says_what_ungoverned_ones_become() {
    let server = with_workspace().await;
    let owner = server.owner();
    let path = "/api/workspaces/ws1/alerts";
    let graph = |id: &str| {
        value!({"@odata.type": "#microsoft.graph.security.alert", "id": id, "title": "Tor sign-in", "severity": "high",
            "status": "new", "serviceSource": "azureAdIdentityProtection", "createdDateTime": "2024-01-01T00:00:00Z",
            "evidence": [{"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "203.0.113.7"}]})
    };
    let taken = owner.post(path, &graph("g1")).await.expect(200).items();
    let incident = taken[0].str_at(&["incident", "id"]).unwrap().rsplit('/').next().unwrap().to_owned();
    let shown = owner.get(&format!("/api/workspaces/ws1/incidents/{incident}")).await.expect(200).json();
    assert_eq!(shown.str_at(&["properties", "title"]), Some("Tor sign-in"));
    assert_eq!(shown.str_at(&["properties", "severity"]), Some("High"));
    let entities =
        owner.get(&format!("/api/workspaces/ws1/incidents/{incident}/entities")).await.expect(200).json();
    let first = entities.get("entities").and_then(|entities| entities.item(0)).unwrap();
    assert_eq!(first.str_at(&["properties", "address"]), Some("203.0.113.7"));
    let mixed =
        owner.post(path, &value!([graph("g2"), {"id": "g3", "evidence": 7}])).await.expect(207).items();
    assert_eq!(statuses(&mixed), ["created", "rejected"]);
    assert_eq!(mixed[1].str_at(&["systemAlertId"]), Some("g3"));

    let settings = "/api/workspaces/ws1/settings";
    let on = value!({"incidentsFromUngovernedAlerts": true});
    assert_eq!(owner.get(settings).await.expect(200).json(), on);
    let off = value!({"incidentsFromUngovernedAlerts": false});
    assert_eq!(owner.put(settings, &off).await.expect(200).json(), off);
    let taken = owner.post(path, &graph("g4")).await.expect(200).items();
    assert_eq!((statuses(&taken), taken[0].get("incident")), (vec!["created"], Some(&Value::Null)));
    owner.put(settings, &value!({"incidentsFromUngoverned": false})).await.expect(400);
    assert_eq!(
        owner.put(settings, &value!({})).await.expect(200).json(),
        on,
        "what is left out has its default"
    );
}
