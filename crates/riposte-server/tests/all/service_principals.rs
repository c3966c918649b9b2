//! Programs that sign in: registered, given tokens, sent away.

use crate::client::{Client, Reply};
use crate::harness::{SENTINEL_READER, Server, sentinel, workspace_id};
use base64::Engine as _;
use riposte_value::{Value, value};

const TENANT: &str = "5e9d1e11-0000-4000-8000-5ec0a7000000";

async fn ask(client: &Client, path: &str, form: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    client.send("POST", path, &all, form.as_bytes()).await
}

async fn register(server: &Server, body: &Value) -> (String, String, String) {
    let made = server.owner().post("/api/servicePrincipals", body).await.expect(201);
    (made.text(&["id"]), made.text(&["appId"]), made.text(&["secretText"]))
}

fn form(id: &str, secret: &str) -> String {
    format!(
        "client_id={id}&grant_type=client_credentials&client_info=1&client_secret={secret}&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
    )
}

async fn grant(server: &Server, principal: &str) {
    let body = value!({"properties": {
        "principalId": principal,
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{SENTINEL_READER}"),
    }});
    let path = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/sp?api-version=2022-04-01",
        workspace_id()
    );
    server.owner().put(&path, &body).await.expect(201);
}

#[tokio::test]
async fn a_program_signs_in_and_is_an_application() {
    let server = Server::start().await;
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    server.owner().put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let (id, app, secret) = register(&server, &value!({"displayName": "pipeline"})).await;
    grant(&server, &id).await;
    let anonymous = server.anonymous();
    for (path, is_text) in [
        (format!("/{TENANT}/oauth2/v2.0/token"), false),
        ("/common/oauth2/v2.0/token".to_owned(), false),
        (format!("/{TENANT}/oauth2/token"), true),
    ] {
        let reply = ask(&anonymous, &path, &form(&app, &secret), &[]).await.expect(200);
        let answer = reply.json();
        assert_eq!(answer.str_at(&["token_type"]), Some("Bearer"));
        assert_eq!(answer.get("expires_in"), Some(&if is_text { value!("3600") } else { value!(3600) }));
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let client = Client { token: Some(reply.text(&["access_token"])), ..anonymous.clone() };
        client.get(&sentinel("/incidents/i1")).await.expect(200);
        let refused = client.put(&sentinel("/incidents/i1"), &incident).await.expect(403);
        assert!(refused.message().contains(&id) && refused.message().contains("pipeline"));
    }
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{app}:{secret}"));
    let header = format!("Basic {basic}");
    let headers = [("Authorization", header.as_str())];
    let form = "grant_type=client_credentials";
    ask(&anonymous, "/common/oauth2/v2.0/token", form, &headers).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_is_said_in_oauths_form() {
    let server = Server::start().await;
    let (_, app, secret) = register(&server, &value!({"displayName": "p"})).await;
    let anonymous = server.anonymous();
    let path = "/common/oauth2/v2.0/token";
    for (body, status, error) in [
        (form(&app, "wrong"), 401, "invalid_client"),
        (form("00000000-0000-0000-0000-000000000000", &secret), 401, "invalid_client"),
        ("grant_type=password".to_owned(), 400, "unsupported_grant_type"),
        (format!("client_id={app}&client_secret={secret}"), 400, "invalid_request"),
        (form(&app, ""), 400, "invalid_request"),
    ] {
        let reply = ask(&anonymous, path, &body, &[]).await.expect(status);
        assert_eq!(reply.text(&["error"]), error, "{body}");
        assert!(!reply.text(&["error_description"]).is_empty());
        assert!(!reply.body.contains(&secret), "no secret in an answer");
    }
    let wrong = [("Authorization", "Bearer abc")];
    ask(&anonymous, path, "grant_type=client_credentials", &wrong).await.expect(401);
    let long = form(&app, &"x".repeat(20_000));
    ask(&anonymous, path, &long, &[]).await.expect(413);
    anonymous.get(path).await.expect(401);
}

#[tokio::test]
async fn tokens_end_with_a_revocation_with_their_principal_and_by_themselves() {
    let server = Server::start().await;
    let (id, app, secret) = register(&server, &value!({"displayName": "p"})).await;
    let owner = server.owner();
    let anonymous = server.anonymous();
    let token = async || {
        let reply = ask(&anonymous, "/common/oauth2/v2.0/token", &form(&app, &secret), &[]).await.expect(200);
        Client { token: Some(reply.text(&["access_token"])), ..anonymous.clone() }
    };
    let first = token().await;
    first.get("/api/workspaces").await.expect(200);
    owner.send("POST", &format!("/api/servicePrincipals/{app}/revokeTokens"), &[], b"").await.expect(204);
    first.get("/api/workspaces").await.expect(401);
    let second = token().await;
    second.get("/api/workspaces").await.expect(200);
    second.delete("/api/token").await.expect(200);
    second.get("/api/workspaces").await.expect(401);
    let third = token().await;
    owner.delete(&format!("/api/servicePrincipals/{id}")).await.expect(200);
    third.get("/api/workspaces").await.expect(401);
    ask(&anonymous, "/common/oauth2/v2.0/token", &form(&app, &secret), &[]).await.expect(401);
    owner.get(&format!("/api/servicePrincipals/{id}")).await.expect(404);
}

#[tokio::test]
async fn secrets_are_shown_once_and_exchanged() {
    let server = Server::start().await;
    let owner = server.owner();
    let app = "77777777-0000-4000-8000-000000000001";
    let (id, _, first) = register(&server, &value!({"displayName": "p", "appId": app})).await;
    let taken = owner.post("/api/servicePrincipals", &value!({"displayName": "q", "appId": app})).await;
    taken.expect(409);
    for body in [
        value!({}),
        value!({"displayName": "p", "appId": "x"}),
        value!({"displayName": "p", "endDateTime": "2020-01-01"}),
    ] {
        owner.post("/api/servicePrincipals", &body).await.expect(400);
    }
    let more = owner.post(&format!("/api/servicePrincipals/{id}/secrets"), &value!({})).await.expect(201);
    let second = more.text(&["secretText"]);
    let shown = owner.get("/api/servicePrincipals").await.expect(200);
    assert!(!shown.body.contains(&first) && !shown.body.contains(&second));
    let keys = shown.items()[0].at(&["passwordCredentials"]).unwrap().clone();
    let first_key = keys.item(0).unwrap().str_at(&["keyId"]).unwrap().to_owned();
    for secret in [&first, &second] {
        ask(&server.anonymous(), "/x/oauth2/v2.0/token", &form(app, secret), &[]).await.expect(200);
    }
    owner.delete(&format!("/api/servicePrincipals/{id}/secrets/{first_key}")).await.expect(200);
    ask(&server.anonymous(), "/x/oauth2/v2.0/token", &form(app, &first), &[]).await.expect(401);
    ask(&server.anonymous(), "/x/oauth2/v2.0/token", &form(app, &second), &[]).await.expect(200);
}

#[tokio::test]
async fn a_token_of_riposte_may_stand_in_the_secrets_place() {
    let server = Server::start().await;
    let owner = server.owner().token.unwrap();
    let reply = ask(&server.anonymous(), "/common/oauth2/v2.0/token", &form("anything", &owner), &[])
        .await
        .expect(200);
    let client = Client { token: Some(reply.text(&["access_token"])), ..server.anonymous() };
    client.get("/api/servicePrincipals").await.expect(200);
}

#[tokio::test]
async fn only_who_may_assign_roles_registers_programs() {
    let server = Server::start().await;
    // Contributor: everything but authorization.
    let contributor = server.with_role("b24988ac-6180-42a0-ab88-20f7382dd24c", "/subscriptions/s").await;
    contributor.post("/api/servicePrincipals", &value!({"displayName": "p"})).await.expect(403);
    contributor.get("/api/servicePrincipals").await.expect(403);
}

#[tokio::test]
async fn the_documents_lead_to_the_token_endpoint_of_this_host() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    for (path, token) in [
        (format!("/{TENANT}/v2.0/.well-known/openid-configuration"), "oauth2/v2.0/token"),
        (format!("/{TENANT}/.well-known/openid-configuration"), "oauth2/token"),
    ] {
        let document = anonymous.get(&path).await.expect(200);
        assert_eq!(document.text(&["token_endpoint"]), format!("{}/{TENANT}/{token}", server.url));
        assert!(document.text(&["issuer"]).starts_with(&server.url));
    }
    let found = anonymous.get("/common/discovery/instance?api-version=1.1").await.expect(200);
    assert!(
        found.text(&["tenant_discovery_endpoint"]).ends_with("/common/v2.0/.well-known/openid-configuration")
    );
}

#[tokio::test]
async fn who_holds_no_role_learns_of_no_workspace_and_no_run() {
    let server = Server::start().await;
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    server.owner().put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let nobody = server.nobody().await;
    for (there, absent) in [
        ("/api/workspaces/ws1", "/api/workspaces/ws2"),
        ("/api/workspaces/ws1/incidents", "/api/workspaces/ws2/incidents"),
        ("/api/workspaces/ws1/incidents/i1", "/api/workspaces/ws2/incidents/i1"),
        ("/api/workspaces/ws1/alerts", "/api/workspaces/ws2/alerts"),
    ] {
        let there = nobody.get(there).await.expect(403);
        let absent = nobody.get(absent).await.expect(403);
        assert_eq!(there.message().replace("ws1", "ws2"), absent.message());
        assert!(!there.message().contains("subscriptions"), "where it lies is not told either");
    }
    nobody.get("/api/runs/08584").await.expect(403);
    server.owner().get("/api/runs/08584").await.expect(404);
    server.owner().get("/api/workspaces/ws2").await.expect(404);
}
