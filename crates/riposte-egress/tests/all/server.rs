//! A server on loopback, and names that resolve to it.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::any;
use futures_util::future::BoxFuture;
use riposte_connector::OutgoingRequest;
use riposte_egress::LookUp;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a server saw of a request.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

/// A server that writes down what it sees.
pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server. `/redirect/{status}?{location}` redirects, `/big/{n}` answers `n` bytes, `/slow` does not answer,
    /// `/trickle` never stops, everything else answers `ok`.
    pub async fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::clone(&seen);
        let router = Router::new().fallback(any(move |request: Request| answer(Arc::clone(&log), request)));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, seen }
    }

    /// The address of a path under a host name.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(log: Arc<Mutex<Vec<Seen>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec();
    let path = head.uri.path().to_owned();
    log.lock().unwrap().push(Seen {
        method: head.method.to_string(),
        path: path.clone(),
        headers: head.headers,
        body,
    });
    let answer = Response::builder();
    if let Some(status) = path.strip_prefix("/redirect/") {
        let status = StatusCode::from_u16(status.parse().unwrap()).unwrap();
        return answer
            .status(status)
            .header("location", head.uri.query().unwrap())
            .body(Body::empty())
            .unwrap();
    }
    if let Some(bytes) = path.strip_prefix("/big/") {
        return answer.body(Body::from(vec![b'x'; bytes.parse().unwrap()])).unwrap();
    }
    if path == "/trickle" {
        let chunks = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, io::Error>(vec![b'x'; 1000]), ()))
        });
        return answer.body(Body::from_stream(chunks)).unwrap();
    }
    if path == "/slow" {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let status = if path == "/teapot" { 418 } else { 200 };
    answer
        .status(status)
        .header("x-twice", "a")
        .header("x-twice", "b")
        .header("connection", "close")
        .body(Body::from("ok"))
        .unwrap()
}

/// Names that resolve to what each look-up in turn is told; the last answer stays.
pub struct Names {
    answers: Vec<Vec<IpAddr>>,
    pub asked: AtomicUsize,
}

impl Names {
    pub fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(read).collect(), asked: AtomicUsize::new(0) })
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl LookUp for Names {
    fn look_up(&self, _: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(turn).or(self.answers.last()).cloned();
        Box::pin(async move { answer.ok_or_else(|| io::Error::other("no such name")) })
    }
}

pub fn get(url: String) -> OutgoingRequest {
    OutgoingRequest { method: "GET".into(), url, ..OutgoingRequest::default() }
}
