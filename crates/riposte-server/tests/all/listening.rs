//! Starting, refusing to start, and stopping.

use crate::client::read_reply;
use crate::harness::Server;
use riposte_engine::{Config, Engine};
use riposte_server::{Error, Options, serve};
use std::future::pending;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn refusal(options: Options) -> Error {
    let engine = Engine::open(Config::default()).await.unwrap();
    serve(engine, options, |url| panic!("listening on {url}"), pending()).await.unwrap_err()
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let server = Server::start().await;
    let error = refusal(Options::new(server.address)).await;
    assert!(error.to_string().starts_with(&format!("cannot listen on `{}`: ", server.address)), "{error}");
}

#[tokio::test]
async fn tokens_do_not_cross_the_network_in_clear() {
    for address in [([0, 0, 0, 0], 0).into(), "[::]:0".parse().unwrap()] {
        let error = refusal(Options::new(address)).await;
        assert!(matches!(error, Error::Insecure { .. }), "{error}");
    }
    let meant = Options { insecure: true, ..Options::new(([0, 0, 0, 0], 0).into()) };
    Server::start_with(meant).await.stop().await;
}

#[tokio::test]
async fn stopping_lets_an_open_request_finish_and_takes_no_new_ones() {
    let server = Server::start().await;
    let (address, owner) = (server.address, server.owner());
    let head = owner.head("POST", "/api/import", &[], Some(2));
    let mut open = TcpStream::connect(address).await.unwrap();
    open.write_all(head.as_bytes()).await.unwrap();
    // An answer on another connection shows that the server has had time to take up the first.
    owner.get("/healthz").await.expect(200);
    let stopping = tokio::spawn(server.stop());
    while TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    open.write_all(b"{}").await.unwrap();
    let mut bytes = Vec::new();
    open.read_to_end(&mut bytes).await.unwrap();
    read_reply(&bytes).expect(400);
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for last in [false, false, true] {
        let connection = if last { "close" } else { "keep-alive" };
        let head = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3);
}
