//! Calls that are let out.

use crate::server::{Server, get};
use riposte_connector::OutgoingRequest;
use riposte_egress::{CallOptions, Egress, EgressError, EgressPolicy, Gate, Redirects};
use std::time::{Duration, Instant};

fn gate(server: &Server) -> Gate {
    Gate::new(EgressPolicy::parse(&[server.address.to_string()]).unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_arrives_and_its_response_returns() {
    let server = Server::start().await;
    let request = OutgoingRequest {
        method: "PATCH".into(),
        headers: vec![
            ("X-Own".into(), "ä".into()),
            ("Content-Type".into(), "text/plain".into()),
            ("Host".into(), "evil.example".into()),
            ("Content-Length".into(), "999".into()),
        ],
        body: b"hello".to_vec(),
        ..get(server.url("127.0.0.1", "/a%2Fb?q=1"))
    };
    let response = gate(&server).send(request, CallOptions::default()).await.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, b"ok".as_slice()));
    let twice: Vec<&str> = response
        .headers
        .iter()
        .filter(|(name, _)| name == "x-twice")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(twice, ["a", "b"]);
    let seen = server.seen().remove(0);
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str(), seen.body.as_slice()),
        ("PATCH", "/a%2Fb", b"hello".as_slice())
    );
    assert_eq!(seen.headers["x-own"].as_bytes(), "ä".as_bytes());
    assert_eq!(seen.headers["content-length"], "5");
    assert_eq!(seen.headers["host"], server.address.to_string());
}

#[tokio::test]
async fn any_status_is_a_response() {
    let server = Server::start().await;
    let response =
        gate(&server).send(get(server.url("127.0.0.1", "/teapot")), CallOptions::default()).await.unwrap();
    assert_eq!(response.status, 418);
}

#[tokio::test]
async fn redirects_are_followed_or_returned() {
    let server = Server::start().await;
    let gate = gate(&server);
    let url = server.url("127.0.0.1", "/redirect/302?/end");
    let response = gate.send(get(url.clone()), CallOptions::default()).await.unwrap();
    assert_eq!(response.status, 200);
    let returned = CallOptions { redirects: Redirects::Return, ..CallOptions::default() };
    assert_eq!(gate.send(get(url), returned).await.unwrap().status, 302);
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let server = Server::start().await;
    // Each location is the rest of the query.
    let chain = "/redirect/302?".repeat(20) + "/end";
    let error =
        gate(&server).send(get(server.url("127.0.0.1", &chain)), CallOptions::default()).await.unwrap_err();
    assert_eq!(error, EgressError::TooManyRedirects(server.address.to_string()));
    assert_eq!(server.seen().len(), 11);
}

#[tokio::test]
async fn credentials_stay_behind_when_the_origin_changes() {
    let (first, second) = (Server::start().await, Server::start().await);
    let allow = [first.address.to_string(), second.address.to_string()];
    let gate = Gate::new(EgressPolicy::parse(&allow).unwrap()).unwrap();
    let request = OutgoingRequest {
        headers: ["Authorization", "Cookie", "X-ApiKey", "Idempotency-Key"]
            .map(|name| (name.into(), "v".into()))
            .to_vec(),
        credential_headers: vec!["x-apikey".into()],
        ..get(first.url("127.0.0.1", &format!("/redirect/302?{}", second.url("127.0.0.1", "/end"))))
    };
    gate.send(request, CallOptions::default()).await.unwrap();
    let had = |server: &Server| {
        let headers = server.seen().remove(0).headers;
        ["authorization", "cookie", "x-apikey", "idempotency-key"].map(|name| headers.contains_key(name))
    };
    assert_eq!((had(&first), had(&second)), ([true; 4], [false, false, false, true]));
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let server = Server::start().await;
    let gate = gate(&server);
    let limit = CallOptions { response_bytes_max: 10_000, ..CallOptions::default() };
    assert_eq!(
        gate.send(get(server.url("127.0.0.1", "/big/10000")), limit).await.unwrap().body.len(),
        10_000
    );
    for path in ["/big/10001", "/trickle"] {
        let error = gate.send(get(server.url("127.0.0.1", path)), limit).await.unwrap_err();
        assert_eq!(
            error,
            EgressError::ResponseTooLarge { host: server.address.to_string(), bytes_max: 10_000 }
        );
    }
}

#[tokio::test]
async fn a_call_has_a_deadline() {
    let server = Server::start().await;
    let gate = gate(&server);
    for path in ["/slow", "/trickle"] {
        let began = Instant::now();
        let limit = CallOptions { timeout: Duration::from_millis(200), ..CallOptions::default() };
        let error = gate.send(get(server.url("127.0.0.1", path)), limit).await.unwrap_err();
        assert_eq!(error.code(), "RequestTimeout", "{path}");
        assert!(error.is_transient() && began.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn nobody_listens() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let gate = Gate::new(EgressPolicy::parse(&["127.0.0.0/8".to_owned()]).unwrap()).unwrap();
    let url = format!("http://user:pass@{address}/path?key=s3cret");
    let error = gate.send(get(url), CallOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "BadGateway");
    let text = format!("{error} {error:?}");
    assert!(text.contains("refused") && !text.contains("s3cret") && !text.contains("pass"), "{text}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls() {
    let server = Server::start().await;
    let url = server.url("127.0.0.1", "/").replace("http:", "https:");
    let error = gate(&server).send(get(url), CallOptions::default()).await.unwrap_err();
    assert_eq!(error.code(), "BadGateway");
}

#[tokio::test]
async fn what_cannot_be_sent() {
    let server = Server::start().await;
    let gate = gate(&server);
    let good = || get(server.url("127.0.0.1", "/"));
    let cases = [
        OutgoingRequest { url: "ftp://127.0.0.1/".to_owned(), ..good() },
        OutgoingRequest { url: "/relative".to_owned(), ..good() },
        OutgoingRequest { method: "G T".into(), ..good() },
        OutgoingRequest { headers: vec![("A B".into(), "x".into())], ..good() },
        OutgoingRequest { headers: vec![("A".into(), "s3cret\r\nB: c".into())], ..good() },
    ];
    for request in cases {
        let error = gate.send(request, CallOptions::default()).await.unwrap_err();
        assert_eq!(error.code(), "BadRequest");
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }
    assert!(server.seen().is_empty());
}
