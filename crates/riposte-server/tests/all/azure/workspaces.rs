//! `…/providers/Microsoft.OperationalInsights/workspaces`

use crate::harness::{SUBSCRIPTION, Server, group, sentinel};
use riposte_value::value;

const WORKSPACES: &str = "/providers/Microsoft.OperationalInsights/workspaces";

#[tokio::test]
async fn made_read_and_listed() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = group(&format!("{WORKSPACES}/ws1"));
    owner.get(&path).await.expect(404);
    let made = owner.put(&path, &value!({"location": "westeurope"})).await.expect(201);
    assert_eq!(made.text(&["type"]), "Microsoft.OperationalInsights/workspaces");
    let guid = made.text(&["properties", "customerId"]);
    owner.put(&path, &value!({})).await.expect(200);
    assert_eq!(owner.get(&path).await.expect(200).text(&["properties", "customerId"]), guid);
    assert_eq!(owner.get(&group(WORKSPACES)).await.expect(200).names(), ["ws1"]);
    let subscription = format!("/subscriptions/{SUBSCRIPTION}{WORKSPACES}?api-version=2022-10-01");
    assert_eq!(owner.get(&subscription).await.expect(200).names(), ["ws1"]);
    for name in ["ws1", "WS1", guid.as_str()] {
        owner.get(&format!("/api/workspaces/{name}")).await.expect(200);
    }
    owner.put(&group(&format!("{WORKSPACES}/-bad-")), &value!({})).await.expect(400);
}

#[tokio::test]
async fn a_name_that_two_groups_share_is_refused_on_api_paths() {
    let server = Server::start().await;
    let owner = server.owner();
    let mut guids = Vec::new();
    for rg in ["rg1", "rg2"] {
        let path = group(&format!("{WORKSPACES}/ws1")).replace("/rg1/", &format!("/{rg}/"));
        guids.push(owner.put(&path, &value!({})).await.expect(201).text(&["properties", "customerId"]));
    }
    let refused = owner.get("/api/workspaces/ws1/incidents").await.expect(409);
    assert!(guids.iter().all(|guid| refused.message().contains(guid)), "{refused:?}");
    owner.get(&format!("/api/workspaces/{}/incidents", guids[0])).await.expect(200);
    owner.get(&sentinel("/incidents")).await.expect(200);
}

#[tokio::test]
async fn a_write_that_is_refused_makes_no_workspace() {
    let server = Server::start().await;
    let owner = server.owner();
    let bad =
        value!({"kind": "Scheduled", "properties": {"displayName": "x", "severity": "Awful", "title": ""}});
    for path in [
        "/incidents/i1",
        "/automationRules/r1",
        "/alertRules/a1",
        "/watchlists/w1",
        "/watchlists/none/watchlistItems/i1",
        "/bookmarks/b1",
        "/threatIntelligence/main/indicators/i1",
    ] {
        let reply = owner.put(&sentinel(path), &bad).await;
        assert!(matches!(reply.status, 400 | 404), "{path}: {reply:?}");
    }
    owner.put(&sentinel("/dataConnectors/d1"), &value!({"properties": {}})).await.expect(400);
    let nameless = value!({"properties": {"confidence": "high"}});
    owner.post(&sentinel("/threatIntelligence/main/createIndicator"), &nameless).await.expect(400);
    assert!(owner.get("/api/workspaces").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn an_empty_workspace_is_removed_and_its_past_does_not_come_back() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = group(&format!("{WORKSPACES}/ws1"));
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let refused = owner.delete(&path).await.expect(409);
    assert_eq!(refused.code(), "WorkspaceNotEmpty");
    assert!(refused.message().contains("incidents"), "{refused:?}");
    owner.delete(&sentinel("/incidents/i1")).await.expect(200);
    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
    assert!(owner.get("/api/workspaces").await.expect(200).items().is_empty());
    owner.put(&path, &value!({})).await.expect(201);
    let made = owner.put(&sentinel("/incidents/i2"), &incident).await.expect(201).json();
    assert_eq!(made.at(&["properties", "incidentNumber"]), Some(&value!(1)));
    let rows = owner.get("/api/workspaces/ws1/tables/SecurityIncident").await.expect(200).items();
    assert_eq!(rows.len(), 1, "{rows:?}");
}
