//! `…/entities`, and playbooks started by hand on entities and alerts.

use super::make_playbook;
use crate::harness::{
    SENTINEL_READER, SENTINEL_RESPONDER, SUBSCRIPTION, Server, group, playbook_id, sentinel, workspace_id,
};
use riposte_value::{Value, value};

const ALERT: &str = "11111111-1111-1111-1111-111111111111";

/// A playbook with a Sentinel trigger.
fn playbook(path: &str) -> Value {
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let connections = value!({"azuresentinel": {
        "connectionId": format!("{scope}/resourceGroups/rg1/providers/Microsoft.Web/connections/azuresentinel"),
        "connectionName": "azuresentinel",
        "id": format!("{scope}/providers/Microsoft.Web/locations/westeurope/managedApis/azuresentinel")}});
    value!({"location": "westeurope", "properties": {"definition": {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
        "triggers": {"start": {"type": "ApiConnectionWebhook", "inputs": {
            "body": {"callback_url": "@{listCallbackUrl()}"},
            "host": {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}},
            "path": path}}},
        "actions": {"Keep": {"type": "Compose", "inputs": "@triggerBody()", "runAfter": {}}}},
        "parameters": {"$connections": {"value": connections}}}})
}

async fn server() -> (Server, String) {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let alert = value!({"SystemAlertId": ALERT, "DisplayName": "a", "AlertSeverity": "High",
        "Entities": [{"$id": "1", "Type": "ip", "Address": "10.0.0.9"}, {"$id": "2", "Type": "host", "HostName": "web"}]});
    owner.post("/api/workspaces/ws1/alerts", &alert).await.expect(200);
    make_playbook(&owner).await;
    for (name, path) in
        [("on-ip", "/entity/IP"), ("on-alert", "/subscribe"), ("on-incident", "/incident-creation")]
    {
        let path_of = group(&format!("/providers/Microsoft.Logic/workflows/{name}"));
        owner.put(&path_of, &playbook(path)).await.expect(201);
    }
    server.grant_automation().await;
    let entities = owner.get(&sentinel("/entities")).await.expect(200).items();
    let ip = entities.iter().find(|entity| entity.str_at(&["kind"]) == Some("Ip")).unwrap();
    let id = ip.str_at(&["name"]).unwrap().to_owned();
    (server, id)
}

async fn output_of(server: &Server, run: &str) -> Value {
    server.engine.wait_for_run(run).await;
    let shown = server.owner().get(&format!("/api/runs/{run}")).await.expect(200).json();
    let text = shown.to_string();
    assert!(text.contains("Succeeded"), "{text}");
    shown
}

#[tokio::test]
async fn entities_are_listed_and_found_by_id() {
    let (server, ip) = server().await;
    let owner = server.owner();
    let found = owner.get(&sentinel(&format!("/entities/{ip}"))).await.expect(200).json();
    assert_eq!(found.str_at(&["properties", "address"]), Some("10.0.0.9"));
    assert_eq!(found.str_at(&["type"]), Some("Microsoft.SecurityInsights/Entities"));
    // The ids are those that the incident's entities have.
    let incident = owner.get("/api/workspaces/ws1/incidents/2/entities").await.expect(200).json();
    assert!(incident.to_string().contains(&ip));
    let alert = owner.get(&sentinel(&format!("/entities/{ALERT}"))).await.expect(200).json();
    assert_eq!(alert.str_at(&["kind"]), Some("SecurityAlert"));
    owner.get(&sentinel("/entities/none")).await.expect(404);
    let page = owner.get(&sentinel("/entities?$top=1")).await.expect(200);
    assert_eq!((page.items().len(), page.json().get("nextLink").is_some()), (1, true));
    // What a later alert names is there at once.
    let later = value!({"SystemAlertId": "later", "DisplayName": "b", "AlertSeverity": "Low",
        "Entities": [{"$id": "1", "Type": "url", "Url": "http://x"}]});
    owner.post("/api/workspaces/ws1/alerts", &later).await.expect(200);
    assert_eq!(owner.get(&sentinel("/entities")).await.items().len(), 3);
}

#[tokio::test]
async fn a_playbook_starts_on_an_entity_with_and_without_an_incident() {
    let (server, ip) = server().await;
    let owner = server.owner();
    let start = value!({"logicAppsResourceId": playbook_id("on-ip"), "tenantId": "t"});
    let reply = owner.post(&sentinel(&format!("/entities/{ip}/runPlaybook")), &start).await.expect(204);
    assert!(reply.body.is_empty());
    let own = format!("/api/workspaces/ws1/entities/{ip}/runPlaybook");
    let run = owner.post(&own, &start).await.expect(200).text(&["runId"]);
    let shown = output_of(&server, &run).await.to_string();
    assert!(shown.contains("\"IncidentArmID\":null") && shown.contains("10.0.0.9"), "{shown}");

    let id = format!("{}/providers/Microsoft.SecurityInsights/Incidents/", workspace_id());
    let incident = owner.get("/api/workspaces/ws1/incidents/2").await.text(&["name"]);
    let with = |id: String| value!({"logicAppsResourceId": playbook_id("on-ip"), "incidentArmId": id});
    let run = owner.post(&own, &with(format!("{id}{incident}"))).await.expect(200).text(&["runId"]);
    assert!(output_of(&server, &run).await.to_string().contains(&incident));
    owner.post(&own, &with(format!("{id}none"))).await.expect(404);
    owner.post(&own, &with("/x".to_owned())).await.expect(400);
    owner.post(&own, &with(id.replace("ws1", "ws2") + "i1")).await.expect(400);
    owner.post(&own, &value!({})).await.expect(400);
    owner.post("/api/workspaces/ws1/entities/none/runPlaybook", &start).await.expect(404);
    // A trigger of another kind does not fit.
    let wrong = value!({"logicAppsResourceId": playbook_id("on-alert")});
    owner.post(&own, &wrong).await.expect(400);
}

#[tokio::test]
async fn a_playbook_starts_on_an_alert() {
    let (server, _) = server().await;
    let owner = server.owner();
    let start = value!({"logicAppsResourceId": playbook_id("on-alert")});
    let run =
        owner.post(&format!("/api/workspaces/ws1/alerts/{ALERT}/runPlaybook"), &start).await.expect(200);
    assert!(output_of(&server, &run.text(&["runId"])).await.to_string().contains(ALERT));
    owner.post(&sentinel(&format!("/entities/{ALERT}/runPlaybook")), &start).await.expect(204);
    owner.post("/api/workspaces/ws1/alerts/none/runPlaybook", &start).await.expect(404);
    let listed = owner.get("/api/workspaces/ws1/alerts").await.expect(200).items();
    assert_eq!(listed.len(), 1);
    let one = owner.get(&format!("/api/workspaces/ws1/alerts/{ALERT}")).await.expect(200).json();
    assert!(one.str_at(&["incident", "id"]).unwrap().contains("/Incidents/"));
    owner.get("/api/workspaces/ws1/alerts/none").await.expect(404);
}

#[tokio::test]
async fn who_starts_a_playbook_holds_a_role_on_both() {
    let (server, ip) = server().await;
    let start = value!({"logicAppsResourceId": playbook_id("on-ip")});
    let target = sentinel(&format!("/entities/{ip}/runPlaybook"));
    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    let refused = reader.post(&target, &start).await.expect(403);
    assert!(refused.message().contains("Microsoft.SecurityInsights/entities/runPlaybook/action"));
    let responder = server.with_role(SENTINEL_RESPONDER, &workspace_id()).await;
    let refused = responder.post(&target, &start).await.expect(403);
    assert!(refused.message().contains("Microsoft.Logic/workflows/triggers/listCallbackUrl/action"));
    // Microsoft Sentinel Playbook Operator.
    let operator = server.with_role("51d6186e-6489-4900-b93f-92e23144cca5", &playbook_id("on-ip")).await;
    operator.post(&target, &start).await.expect(204);
}

#[tokio::test]
async fn playbooks_that_fit() {
    let (server, _) = server().await;
    let owner = server.owner();
    let names = async |query: &str| {
        owner.get(&format!("/api/workspaces/ws1/playbooks{query}")).await.expect(200).names()
    };
    assert_eq!(names("").await, ["on-alert", "on-incident", "on-ip", "pb"]);
    assert_eq!(names("?trigger=Incident").await, ["on-incident", "pb"]);
    assert_eq!(names("?trigger=alert").await, ["on-alert"]);
    assert_eq!(names("?trigger=entity").await, ["on-ip"]);
    assert_eq!(names("?trigger=entity&entityType=Ip").await, ["on-ip"]);
    assert!(names("?trigger=entity&entityType=Host").await.is_empty());
    owner.get("/api/playbooks?trigger=other").await.expect(400);
    let all = owner.get("/api/playbooks?trigger=any").await.expect(200).items();
    let on_ip = all.iter().find(|one| one.str_at(&["name"]) == Some("on-ip")).unwrap();
    let trigger = on_ip.at(&["properties", "triggers"]).and_then(|all| all.item(0)).unwrap();
    assert_eq!(trigger.str_at(&["kind"]), Some("entity"), "{on_ip}");
    assert_eq!(on_ip.str_at(&["properties", "state"]), Some("Enabled"));
    let shown = owner.get("/api/playbooks?trigger=entity").await.items();
    assert_eq!(shown[0].at(&["properties", "canRun"]), Some(&value!(true)));
    let role = format!("/subscriptions/{}/resourceGroups/rg1", crate::harness::SUBSCRIPTION);
    owner
        .delete(&format!(
            "{role}/providers/Microsoft.Authorization/roleAssignments/r1?api-version=2022-04-01"
        ))
        .await
        .expect(200);
    let shown = owner.get("/api/playbooks?trigger=entity").await.items();
    assert_eq!(shown[0].at(&["properties", "canRun"]), Some(&value!(false)));
    assert_eq!(
        shown[0].str_at(&["properties", "missingRoleAssignment", "scope"]).map(str::to_lowercase),
        Some(role.to_lowercase())
    );
    // Nor does a page tell who may not read them that there are more.
    let none = server.nobody().await.get("/api/playbooks?$top=1").await.expect(200).json();
    assert_eq!(none.to_string(), r#"{"value":[]}"#);
}
