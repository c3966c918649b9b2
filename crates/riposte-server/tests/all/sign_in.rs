//! Who has no valid token learns nothing; roles open what they say and nothing else.

use crate::client::Client;
use crate::harness::{SENTINEL_READER, SENTINEL_RESPONDER, Server, sentinel, workspace_id};
use riposte_value::value;

#[tokio::test]
async fn unknown_paths_and_methods_are_401_too() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    for target in ["/", "/nothing", "/api/nothing", "/subscriptions/x", "/%2e%2e/x", "/healthz/more"] {
        anonymous.get(target).await.expect(401);
    }
    anonymous.send("POST", "/healthz", &[], b"").await.expect(401);
    anonymous.send("PATCH", &sentinel("/incidents/x"), &[], b"{}").await.expect(401);
    anonymous.send("OPTIONS", "*", &[], b"").await.expect(401);
}

#[tokio::test]
async fn a_token_is_one_bearer_header() {
    let server = Server::start().await;
    let token = server.owner().token.unwrap();
    let anonymous = server.anonymous();
    let target = "/api/workspaces";
    let bearer = format!("bearer {token}");
    anonymous.send("GET", target, &[("Authorization", &bearer)], b"").await.expect(200);
    for wrong in [format!("Basic {token}"), token.clone(), "Bearer".into(), format!("Bearer {token}x")] {
        anonymous.send("GET", target, &[("Authorization", &wrong)], b"").await.expect(401);
    }
    let twice = [("Authorization", bearer.as_str()), ("Authorization", "Bearer other")];
    anonymous.send("GET", target, &twice, b"").await.expect(401);
    anonymous.get(&format!("{target}?access_token={token}")).await.expect(401);
}

#[tokio::test]
async fn a_role_opens_what_it_says() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);

    let reader: Client = server.with_role(SENTINEL_READER, &workspace_id()).await;
    reader.get(&sentinel("/incidents/i1")).await.expect(200);
    reader.get("/api/workspaces/ws1/incidents/i1/timeline").await.expect(200);
    reader.get("/api/workspaces/ws1/health").await.expect(200);
    assert_eq!(reader.get("/api/workspaces").await.expect(200).names(), ["ws1"]);
    reader.get("/api/workspaces/ws1").await.expect(200);
    reader.put(&sentinel("/incidents/i1"), &incident).await.expect(403);
    reader
        .put(&sentinel("/incidents/i1/comments/c1"), &value!({"properties": {"message": "m"}}))
        .await
        .expect(403);
    reader.post("/api/workspaces/ws1/alerts", &value!([])).await.expect(403);
    reader.post("/api/import", &value!({"files": []})).await.expect(403);
    let elsewhere = sentinel("/incidents/i1").replace("/rg1/", "/rg2/");
    reader.get(&elsewhere).await.expect(403);

    let responder = server.with_role(SENTINEL_RESPONDER, &workspace_id()).await;
    responder.put(&sentinel("/incidents/i1"), &incident).await.expect(200);
    responder.delete(&sentinel("/incidents/i1")).await.expect(403);
    // The role says nothing about playbooks.
    let playbook = value!({"logicAppsResourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p"});
    responder.post(&sentinel("/incidents/i1/runPlaybook"), &playbook).await.expect(403);
}

#[tokio::test]
async fn the_first_write_of_an_owner_makes_the_workspace_and_of_nobody_else() {
    let server = Server::start().await;
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    let responder = server.with_role(SENTINEL_RESPONDER, &workspace_id()).await;
    responder.put(&sentinel("/incidents/i1"), &incident).await.expect(404);
    assert!(server.owner().get("/api/workspaces").await.expect(200).items().is_empty());
    server.owner().get(&sentinel("/incidents")).await.expect(404);
    server.owner().put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    responder.put(&sentinel("/incidents/i2"), &incident).await.expect(201);
}
