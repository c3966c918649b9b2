//! `…/providers/Microsoft.Logic/workflows`

use crate::client::Client;
use crate::harness::{SUBSCRIPTION, Server, group, playbook, playbook_id, sentinel};
use riposte_value::{Value, value};

/// A playbook with the incident trigger, a Compose and a loop over two items.
pub fn incident_playbook() -> Value {
    let connection = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.Web/connections/azuresentinel"
    );
    value!({
        "location": "westeurope", "tags": {"a": "b"},
        "properties": {
            "state": "Enabled",
            "definition": {
                "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
                "contentVersion": "1.0.0.0",
                "parameters": {"$connections": {"type": "Object", "defaultValue": {}}},
                "triggers": {"Microsoft_Sentinel_incident": {
                    "type": "ApiConnectionWebhook",
                    "inputs": {
                        "body": {"callback_url": "@{listCallbackUrl()}"},
                        "host": {"connection": {"name": "@parameters('$connections')['azuresentinel']['connectionId']"}},
                        "path": "/incident-creation"}}},
                "actions": {
                    "Title": {"type": "Compose", "runAfter": {}, "inputs": "@triggerBody()?['object']?['properties']?['title']"},
                    "Each": {"type": "Foreach", "foreach": [1, 2], "runAfter": {"Title": ["Succeeded"]},
                        "actions": {"Item": {"type": "Compose", "inputs": "@item()"}}}},
                "outputs": {}},
            "parameters": {"$connections": {"value": {"azuresentinel": {
                "connectionId": connection, "connectionName": "azuresentinel",
                "id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/azuresentinel")}}}}
        }
    })
}

/// Makes the connection and the playbook `pb`.
pub async fn make_playbook(owner: &Client) {
    let connection = value!({"location": "westeurope", "properties": {
        "displayName": "azuresentinel",
        "api": {"id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/azuresentinel")}}});
    let path = group("/providers/Microsoft.Web/connections/azuresentinel");
    let reply = owner.put(&path, &connection).await;
    assert!(matches!(reply.status, 200 | 201), "{reply:?}");
    let reply = owner.put(&playbook("pb", ""), &incident_playbook()).await.expect(201);
    assert_eq!(reply.header("riposte-warning"), None, "{reply:?}");
}

#[tokio::test]
async fn created_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    make_playbook(&owner).await;
    let read = owner.get(&playbook("pb", "")).await.expect(200);
    assert_eq!(read.text(&["id"]), playbook_id("pb"));
    assert_eq!(read.text(&["type"]), "Microsoft.Logic/workflows");
    assert_eq!(read.text(&["properties", "state"]), "Enabled");
    owner.put(&playbook("pb", ""), &incident_playbook()).await.expect(200);

    let subscription = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Logic/workflows");
    for list in
        [group("/providers/Microsoft.Logic/workflows"), format!("{subscription}?api-version=2019-05-01")]
    {
        assert_eq!(owner.get(&list).await.expect(200).names(), ["pb"]);
        let filtered = owner.get(&format!("{list}&$filter=State%20eq%20'Disabled'&$top=5")).await.expect(200);
        assert!(filtered.items().is_empty());
    }
    assert_eq!(owner.delete(&playbook("pb", "")).await.expect(200).json(), value!({}));
    owner.delete(&playbook("pb", "")).await.expect(204);
    owner.get(&playbook("pb", "")).await.expect(404);
    owner.put(&playbook("pb", ""), &incident_playbook()).await.expect(201);
}

#[tokio::test]
async fn enabled_and_disabled() {
    let server = Server::start().await;
    let owner = server.owner();
    make_playbook(&owner).await;
    assert_eq!(owner.post_nothing(&playbook("pb", "/disable")).await.expect(200).body, "");
    assert_eq!(owner.get(&playbook("pb", "")).await.text(&["properties", "state"]), "Disabled");
    owner.post_nothing(&playbook("pb", "/enable")).await.expect(200);
    assert_eq!(owner.get(&playbook("pb", "")).await.text(&["properties", "state"]), "Enabled");
    owner.post_nothing(&playbook("none", "/enable")).await.expect(404);
}

#[tokio::test]
async fn one_that_cannot_run_is_kept_disabled_with_the_reason_in_a_header() {
    let server = Server::start().await;
    let owner = server.owner();
    let reply = owner.put(&playbook("pb", ""), &incident_playbook()).await.expect(201);
    let warning = reply.header("riposte-warning").expect("no connection, so a warning");
    assert!(warning.starts_with("UnknownConnection "), "{warning}");
    assert_eq!(reply.text(&["properties", "state"]), "Disabled");
    owner.post_nothing(&playbook("pb", "/enable")).await.expect(400);
    owner.put(&playbook("pb", ""), &value!({"properties": {}})).await.expect(400);
}

/// What Azure refuses to save is refused, and what was there runs on.
#[tokio::test]
async fn what_azure_refuses_changes_nothing() {
    let server = Server::start().await;
    let owner = server.owner();
    let flow = |inputs: &str| {
        value!({ "location": "x", "properties": { "definition": {
            "triggers": { "m": { "type": "Request" } },
            "actions": { "A": { "type": "Compose", "inputs": inputs } }
        } } })
    };
    owner.put(&playbook("pb", ""), &flow("1")).await.expect(201);
    let before = owner.get(&playbook("pb", "")).await.expect(200).json();
    let part = |name: &str, value: Value| {
        let mut whole = flow("1");
        whole.as_object_mut().unwrap().insert(name, value);
        whole
    };
    let property = |name: &str, value: Value| {
        let mut whole = flow("1");
        let properties = whole.as_object_mut().unwrap().get_mut("properties").unwrap();
        properties.as_object_mut().unwrap().insert(name, value);
        whole
    };
    let cyclic = value!({ "actions": { "A": { "type": "Compose", "inputs": 1, "runAfter": { "A": ["Succeeded"] } } } });
    for (whole, code, place) in [
        (flow("@foo("), "InvalidTemplate", "definition.actions.A"),
        (property("definition", cyclic), "InvalidTemplate", "definition.actions.A"),
        (property("state", value!("Bogus")), "BadRequest", "properties.state"),
        (property("state", value!("")), "BadRequest", "properties.state"),
        (property("state", value!(false)), "BadRequest", "properties.state"),
        (property("parameters", value!([1])), "BadRequest", "properties.parameters"),
        (property("parameters", value!({ "p": 1 })), "BadRequest", "parameters.p"),
        (part("tags", value!("text")), "BadRequest", "tags"),
        (part("tags", value!({ "a": { "b": 1 } })), "BadRequest", "tags.a"),
        (part("location", value!(5)), "BadRequest", "location"),
        (part("identity", value!("none")), "BadRequest", "identity"),
        (part("properties", value!("x")), "BadRequest", "properties"),
    ] {
        let given = whole.to_string();
        for method in ["PUT", "PATCH"] {
            let reply = owner.send(method, &playbook("pb", ""), &[], given.as_bytes()).await.expect(400);
            assert_eq!(reply.code(), code, "{method} {given}: {reply:?}");
            assert!(reply.text(&["error", "message"]).contains(place), "{method} {given}: {reply:?}");
        }
        owner.put(&playbook("new", ""), &whole).await.expect(400);
    }
    assert_eq!(owner.get(&playbook("pb", "")).await.expect(200).json(), before);
    owner.get(&playbook("new", "")).await.expect(404);
    for (state, kept) in [("suspended", "Disabled"), ("Completed", "Disabled"), ("NotSpecified", "Enabled")] {
        let reply = owner.put(&playbook("pb", ""), &property("state", value!(state))).await.expect(200);
        assert_eq!(reply.text(&["properties", "state"]), kept, "{state}");
    }
}

#[tokio::test]
async fn started_on_an_incident_by_hand() {
    let server = Server::start().await;
    let owner = server.owner();
    make_playbook(&owner).await;
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let path = sentinel("/incidents/i1/runPlaybook");
    let body = value!({"tenantId": "00000000-0000-0000-0000-000000000002", "logicAppsResourceId": playbook_id("pb")});
    assert_eq!(owner.post(&path, &body).await.expect(400).code(), "PlaybookNotTriggered");
    server.grant_automation().await;
    assert_eq!(owner.post(&path, &body).await.expect(204).body, "");
    let singular = owner.post(&path, &value!({"logicAppResourceId": playbook_id("pb")})).await.expect(400);
    assert!(singular.body.contains("plural"), "{singular:?}");
    let absent = owner.post(&path, &value!({"logicAppsResourceId": playbook_id("none")})).await;
    assert!(matches!(absent.status, 400 | 404), "{absent:?}");
    owner.post(&sentinel("/incidents/none/runPlaybook"), &body).await.expect(404);
}
