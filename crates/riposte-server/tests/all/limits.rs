//! Errors that come before any handler: unknown paths, methods, versions, lengths, slowness.

use crate::client::exchange;
use crate::harness::{Server, sentinel};
use riposte_server::{Limits, Options};
use riposte_value::value;
use std::time::Duration;
use tokio::net::TcpStream;

async fn server_with(limits: Limits) -> Server {
    Server::start_with(Options { limits, ..Options::new(([127, 0, 0, 1], 0).into()) }).await
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = Server::start().await;
    let owner = server.owner();
    let unknown = owner.get("/nothing/here?x=1").await.expect(404);
    assert_eq!(
        (unknown.code().as_str(), unknown.message().as_str()),
        ("NotFound", "there is nothing at `/nothing/here`")
    );
    owner.get(&sentinel("/incidents/a%2Fb")).await.expect(400);

    let method = owner.send("PATCH", &sentinel("/incidents/x"), &[], b"{}").await.expect(405);
    assert_eq!(method.code(), "MethodNotAllowed");
    assert_eq!(method.header("allow"), Some("GET, HEAD, PUT, DELETE"));
    let head = owner.send("HEAD", "/api/workspaces", &[], b"").await.expect(200);
    assert_eq!(head.body, "");
}

#[tokio::test]
async fn api_versions() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel("/incidents/x");
    let (bare, _) = path.split_once('?').unwrap();
    assert_eq!(owner.get(bare).await.expect(400).code(), "MissingApiVersionParameter");
    let wrong = owner.get(&format!("{bare}?api-version=soon")).await.expect(400);
    assert_eq!(wrong.code(), "InvalidApiVersionParameter");
    assert!(wrong.message().starts_with("The api-version 'soon' is invalid. The supported versions are '"));
    for version in ["2021-10-01", "2025-10-01-preview", "2030-01-01"] {
        owner.get(&format!("{bare}?Api-Version={version}")).await.expect(404);
    }
    // Riposte's own paths ask for none.
    owner.get("/api/workspaces").await.expect(200);
}

#[tokio::test]
async fn long_urls_and_headers() {
    let server = Server::start().await;
    let owner = server.owner();
    let url = owner.get(&format!("/api/workspaces?x={}", "y".repeat(17_000))).await.expect(414);
    assert_eq!(url.code(), "RequestUriTooLong");
    let long = "y".repeat(40_000);
    let headers = owner.send("GET", "/api/workspaces", &[("X-Long", &long)], b"").await.expect(431);
    assert_eq!(headers.code(), "RequestHeaderFieldsTooLarge");
}

#[tokio::test]
async fn long_bodies() {
    let server = Server::start().await;
    let owner = server.owner();
    // 50 MB to a row that takes 30: told from the length alone, and the client gets to read it while it still sends.
    let body = vec![b' '; 50_000_000];
    let reply = owner.send("PUT", &sentinel("/incidents/x"), &[], &body).await.expect(413);
    assert_eq!(reply.code(), "RequestEntityTooLarge");
    // The same to a row that takes 100: read, and refused for what it says.
    let reply = owner.send("POST", "/api/import", &[], &body).await.expect(400);
    assert_eq!(reply.message(), "`files` must be a list");
    // A stranger's body is not even looked at.
    server.anonymous().send("PUT", &sentinel("/incidents/x"), &[], &body).await.expect(401);
}

#[tokio::test]
async fn a_body_without_a_length_is_counted() {
    let server = server_with(Limits { body_bytes_max: 1_000, ..Limits::default() }).await;
    let owner = server.owner();
    let head = owner.head("PUT", &sentinel("/incidents/x"), &[("Transfer-Encoding", "chunked")], None);
    let chunk = format!("1f4\r\n{}\r\n", " ".repeat(500));
    let body = format!("{}0\r\n\r\n", chunk.repeat(3));
    let stream = TcpStream::connect(server.address).await.unwrap();
    exchange(stream, head.as_bytes(), body.as_bytes()).await.expect(413);
}

#[tokio::test]
async fn encoded_bodies_are_refused_as_such() {
    let server = Server::start().await;
    let reply = server
        .owner()
        .send("PUT", &sentinel("/incidents/x"), &[("Content-Encoding", "gzip")], b"x")
        .await
        .expect(415);
    assert_eq!(reply.code(), "UnsupportedMediaType");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let server = server_with(Limits { idle_max: Duration::from_millis(200), ..Limits::default() }).await;
    let head = server.owner().head("PUT", &sentinel("/incidents/x"), &[], Some(100));
    let stream = TcpStream::connect(server.address).await.unwrap();
    let reply = exchange(stream, head.as_bytes(), b"{").await.expect(408);
    assert_eq!(reply.code(), "RequestTimeout");
}

#[tokio::test]
async fn bodies_are_read_as_azure_reads_them() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel("/incidents/i1");
    let lenient: &[u8] =
        b"{'properties': {'title': 'it''s', /* why */ \"severity\": 'High', 'status': 'New',},}";
    let reply = owner.send("PUT", &path, &[], lenient).await;
    assert_eq!(reply.status, 400, "a doubled quote is no escape: {reply:?}");
    let lenient: &[u8] =
        b"\xef\xbb\xbf{'properties': {'title': 'mst', /* why */ \"severity\": 'High', 'status': 'New',},}";
    owner.send("PUT", &path, &[], lenient).await.expect(201);
    assert_eq!(owner.get(&path).await.text(&["properties", "title"]), "mst");

    let broken = owner.send("PUT", &path, &[], b"{\"properties\": ").await.expect(400);
    assert_eq!(broken.code(), "InvalidRequestContent");
    assert!(broken.message().starts_with("The request content was invalid and could not be deserialized: '"));
    for body in ["[1]", "\"text\"", "7", &"[".repeat(100_000), "\u{0}"] {
        owner.send("PUT", &path, &[], body.as_bytes()).await.expect(400);
    }
    owner.send("PUT", &path, &[], b"{\"properties\": {\"title\": \"\xff\"}}").await.expect(400);
    owner.send("PUT", &path, &[], b"").await.expect(400);
    let list = value!({"properties": {"title": ["a"], "severity": "High", "status": "New"}});
    owner.put(&path, &list).await.expect(400);
    assert_eq!(owner.get(&path).await.text(&["properties", "title"]), "mst");
}

#[tokio::test]
async fn answers_carry_the_ids_of_the_request() {
    let server = Server::start().await;
    let owner = server.owner();
    let asked = [("x-ms-client-request-id", "abc-1"), ("x-ms-return-client-request-id", "true")];
    let reply = owner.send("GET", "/api/workspaces", &asked, b"").await;
    assert_eq!(reply.header("x-ms-client-request-id"), Some("abc-1"));
    let id = reply.header("x-ms-request-id").unwrap().to_owned();
    assert_eq!(id.len(), 36);
    let other = owner.send("GET", "/api/workspaces", &asked[..1], b"").await;
    assert_eq!(other.header("x-ms-client-request-id"), None);
    assert_ne!(other.header("x-ms-request-id"), Some(id.as_str()));
    assert_eq!(other.header("content-type"), Some("application/json; charset=utf-8"));
}
