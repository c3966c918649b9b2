//! `If-Match`, `If-None-Match` and the etag in a body: all that a writer asks must hold, of every kind of resource.

use crate::client::{Client, Reply};
use crate::harness::{Server, group, playbook, sentinel};
use riposte_value::{Value, value};
use std::collections::BTreeSet;

fn incident() -> Value {
    value!({"properties": {"title": "t", "severity": "Low", "status": "New"}})
}

/// What has etags: where one of it lies, and what makes it.
fn kinds() -> Vec<(String, Value)> {
    let of = |path: &str| sentinel(path);
    vec![
        (of("/incidents/n"), incident()),
        (of("/incidents/i/comments/n"), value!({"properties": {"message": "m"}})),
        (of("/incidents/i/tasks/n"), value!({"properties": {"title": "t", "status": "New"}})),
        (
            of("/incidents/i/relations/n"),
            value!({"properties": {"relatedResourceId": (format!("{}/bookmarks/b", sentinel("").split('?').next().unwrap()))}}),
        ),
        (
            of("/automationRules/n"),
            value!({"properties": {"displayName": "r", "order": 1,
                "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": []},
                "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]}}),
        ),
        (
            of("/alertRules/n"),
            value!({"kind": "MicrosoftSecurityIncidentCreation", "properties": {"displayName": "a", "enabled": true,
                "productFilter": "Microsoft Cloud App Security"}}),
        ),
        (of("/bookmarks/n"), value!({"properties": {"displayName": "b", "query": "q"}})),
        (
            of("/watchlists/n"),
            value!({"properties": {"displayName": "w", "provider": "p", "itemsSearchKey": "k"}}),
        ),
        (of("/onboardingStates/n"), value!({"properties": {}})),
    ]
}

/// What has none.
fn without_etag() -> Vec<(String, Value)> {
    vec![(
        playbook("n", ""),
        value!({"location": "x", "properties": {"definition": {
            "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
            "contentVersion": "1.0.0.0", "triggers": {}, "actions": {}}}}),
    )]
}

async fn put(owner: &Client, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    owner.send("PUT", path, headers, body.to_string().as_bytes()).await
}

fn with_etag(body: &Value, etag: &str) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().insert("etag", etag);
    body
}

async fn with_holder() -> (Server, Client) {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/incidents/i"), &incident()).await.expect(201);
    let bookmark = value!({"properties": {"displayName": "b", "query": "q"}});
    owner.put(&sentinel("/bookmarks/b"), &bookmark).await.expect(201);
    (server, owner)
}

#[tokio::test]
async fn what_is_there_is_written_on_condition() {
    let (_server, owner) = with_holder().await;
    for (path, body) in kinds().into_iter().chain(without_etag()) {
        put(&owner, &path, &[("If-None-Match", "*")], &body).await.expect(201);
        let refused = put(&owner, &path, &[("If-None-Match", "*")], &body).await.expect(412);
        assert_eq!(refused.code(), "PreconditionFailed", "{path}");
        put(&owner, &path, &[("If-Match", "*")], &body).await.expect(200);
    }
    for (path, body) in kinds() {
        let current = owner.get(&path).await.expect(200).text(&["etag"]);
        let among = format!("\"x\", {current}");
        put(&owner, &path, &[("If-Match", &among)], &body).await.expect(200);
        put(&owner, &path, &[("If-Match", "\"x\", \"y\"")], &body).await.expect(409);
        // Both must hold, whichever is stale.
        put(&owner, &path, &[("If-Match", &current)], &with_etag(&body, "\"x\"")).await.expect(409);
        put(&owner, &path, &[("If-Match", "\"x\"")], &with_etag(&body, &current)).await.expect(409);
        put(&owner, &path, &[("If-Match", &current)], &with_etag(&body, &current)).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_there_is_removed_on_condition() {
    let (_server, owner) = with_holder().await;
    for (path, body) in kinds() {
        owner.put(&path, &body).await.expect(201);
        let refused = owner.send("DELETE", &path, &[("If-Match", "\"x\"")], b"").await.expect(409);
        assert_eq!(refused.code(), "Conflict", "{path}");
        let current = owner.get(&path).await.expect(200).text(&["etag"]);
        let status = owner.send("DELETE", &path, &[("If-Match", &current)], b"").await.status;
        assert!(matches!(status, 200 | 204), "{path}: {status}");
        owner.get(&path).await.expect(404);
        owner.send("DELETE", &path, &[("If-Match", &current)], b"").await.expect(204);
    }
}

#[tokio::test]
async fn an_etag_for_what_is_not_there_makes_nothing() {
    let (_server, owner) = with_holder().await;
    for (path, body) in kinds() {
        let refused = put(&owner, &path, &[("If-Match", "\"x\"")], &body).await.expect(409);
        assert_eq!(refused.code(), "Conflict", "{path}");
        let refused = put(&owner, &path, &[("If-Match", "*")], &body).await.expect(412);
        assert_eq!(refused.code(), "PreconditionFailed", "{path}");
        owner.get(&path).await.expect(404);
        // Azure's published examples make resources with an etag in the body.
        put(&owner, &path, &[], &with_etag(&body, "\"x\"")).await.expect(201);
    }
    for (path, body) in without_etag() {
        put(&owner, &path, &[("If-Match", "*")], &body).await.expect(412);
        owner.get(&path).await.expect(404);
    }
    assert_eq!(owner.get(&group("/providers/Microsoft.Logic/workflows")).await.items().len(), 0);
}

#[tokio::test]
async fn no_etag_comes_back_after_a_removal() {
    let (_server, owner) = with_holder().await;
    for (path, body) in kinds() {
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            let made = owner.put(&path, &body).await.expect(201);
            assert!(seen.insert(made.text(&["etag"])), "{path}");
            if path.contains("/incidents/n?") || path.contains("/tasks/") {
                let mut changed = body.clone();
                let properties = changed.as_object_mut().unwrap().get_mut("properties").unwrap();
                properties.as_object_mut().unwrap().insert("title", "changed");
                assert!(seen.insert(owner.put(&path, &changed).await.expect(200).text(&["etag"])), "{path}");
            }
            owner.delete(&path).await;
        }
    }
}
