//! Promise 7: every route names the permission it needs. Each row is called without a token, with a false one, and
//! with one that holds no role.

use crate::client::Client;
use crate::harness::{SUBSCRIPTION, Server, sentinel};
use riposte_server::{RouteSummary, route_summaries};
use riposte_value::value;

/// A path of the row, with values for its variables.
fn target(route: &RouteSummary) -> String {
    let path = route
        .path
        .replace("{subscription}", SUBSCRIPTION)
        .replace("{group}", "rg1")
        .replace("{workspace}", "ws1")
        .replace("{incident}", "00000000-0000-0000-0000-000000000005");
    let segments: Vec<&str> =
        path.split('/').map(|part| if part.starts_with('{') { "x1" } else { part }).collect();
    format!("{}?api-version=2024-09-01", segments.join("/"))
}

/// What a public row answers who has nothing in hand: where the address is the permission, it is missing.
fn public_status(route: &RouteSummary) -> u16 {
    let is_signed = ["/callbacks/", "/runs/"].iter().any(|beginning| route.path.starts_with(beginning));
    match route.path {
        path if is_signed || path.contains("/paths/invoke") => 401,
        // Nobody asks for a token with an empty object.
        path if path.ends_with("/token") => 400,
        _ => 200,
    }
}

async fn call(client: &Client, route: &RouteSummary) -> crate::client::Reply {
    let body: &[u8] = if matches!(route.method.as_str(), "PUT" | "POST") { b"{}" } else { b"" };
    client.send(&route.method, &target(route), &[], body).await
}

async fn server_with_an_incident() -> Server {
    let server = Server::start().await;
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    server
        .owner()
        .put(&sentinel("/incidents/00000000-0000-0000-0000-000000000005"), &incident)
        .await
        .expect(201);
    server
}

#[tokio::test]
async fn no_row_answers_without_a_token_but_the_public_ones() {
    let server = server_with_an_incident().await;
    let impostor = Client { token: Some("not-a-token-of-this-server".into()), ..server.anonymous() };
    for route in route_summaries() {
        for client in [&server.anonymous(), &impostor] {
            let reply = call(client, &route).await;
            if route.public {
                assert_eq!(reply.status, public_status(&route), "{} {}", route.method, route.path);
                continue;
            }
            assert_eq!(reply.status, 401, "{} {}", route.method, route.path);
            assert!(reply.header("www-authenticate").unwrap().starts_with("Bearer"));
            let code = reply.code();
            assert!(matches!(code.as_str(), "AuthenticationFailed" | "InvalidAuthenticationToken"), "{code}");
        }
    }
}

#[tokio::test]
async fn no_row_answers_without_a_role_but_those_that_say_so() {
    let server = server_with_an_incident().await;
    let nobody = server.nobody().await;
    for route in route_summaries() {
        let what = format!("{} {}", route.method, route.path);
        let reply = call(&nobody, &route).await;
        match route.action {
            // Who ends the own token ends it.
            None if route.path == "/api/token" => assert_eq!(reply.status, 200, "{what}"),
            None => assert_eq!(reply.status, public_status(&route), "{what}"),
            Some(_) if route.filtered && reply.status == 200 => assert!(reply.items().is_empty(), "{what}"),
            Some(action) => {
                assert_eq!(reply.status, 403, "{what}: {reply:?}");
                assert_eq!(reply.code(), "AuthorizationFailed", "{what}");
                let named = if route.filtered { "Microsoft.SecurityInsights/incidents/read" } else { action };
                assert!(reply.message().contains(named), "{what}: {}", reply.message());
            }
        }
    }
}

#[tokio::test]
async fn no_row_fails_on_an_empty_object() {
    let server = server_with_an_incident().await;
    for route in route_summaries() {
        let reply = call(&server.owner(), &route).await;
        assert!(reply.status < 500, "{} {}: {reply:?}", route.method, route.path);
        assert!(reply.header("x-ms-request-id").is_some());
        if reply.status >= 400 && route.path.ends_with("/token") {
            // OAuth's form.
            assert!(!reply.text(&["error"]).is_empty() && !reply.text(&["error_description"]).is_empty());
        } else if reply.status >= 400 {
            assert!(!reply.code().is_empty() && !reply.message().is_empty());
        }
    }
}
