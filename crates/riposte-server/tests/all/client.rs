//! A small HTTP/1.1 client: one request a connection, bytes as given.

use riposte_value::{Value, json};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        json::parse(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The text at a path in the body.
    pub fn text(&self, path: &[&str]) -> String {
        self.json().str_at(path).unwrap_or_else(|| panic!("no text at {path:?} in {self:?}")).to_owned()
    }

    /// `error.code`
    pub fn code(&self) -> String {
        self.text(&["error", "code"])
    }

    /// `error.message`
    pub fn message(&self) -> String {
        self.text(&["error", "message"])
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Value> {
        let body = self.json();
        body.get("value").and_then(Value::as_array).unwrap_or_else(|| panic!("no list in {self:?}")).to_vec()
    }

    /// The names of the items of a list.
    pub fn names(&self) -> Vec<String> {
        self.items().iter().filter_map(|item| item.str_at(&["name"]).map(str::to_owned)).collect()
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A caller: where to, and with which token.
#[derive(Debug, Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub token: Option<String>,
}

impl Client {
    pub async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, &[], b"").await
    }

    pub async fn delete(&self, target: &str) -> Reply {
        self.send("DELETE", target, &[], b"").await
    }

    pub async fn put(&self, target: &str, body: &Value) -> Reply {
        self.send("PUT", target, &[], body.to_string().as_bytes()).await
    }

    pub async fn post(&self, target: &str, body: &Value) -> Reply {
        self.send("POST", target, &[], body.to_string().as_bytes()).await
    }

    /// A POST without a body, as clients ask for an incident's alerts.
    pub async fn post_nothing(&self, target: &str) -> Reply {
        self.send("POST", target, &[], b"").await
    }

    /// Any request.
    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let head = self.head(method, target, headers, Some(body.len()));
        exchange(stream, head.as_bytes(), body).await
    }

    /// The head of a request.
    pub fn head(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        length: Option<usize>,
    ) -> String {
        let mut head =
            format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        if let Some(token) = &self.token {
            write!(head, "Authorization: Bearer {token}\r\n").unwrap();
        }
        if let Some(length) = length {
            write!(head, "Content-Length: {length}\r\n").unwrap();
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head.push_str("\r\n");
        head
    }
}

/// Sends head and body, and reads the answer while sending.
pub async fn exchange(stream: impl AsyncRead + AsyncWrite, head: &[u8], body: &[u8]) -> Reply {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let send = async {
        writer.write_all(head).await?;
        writer.write_all(body).await?;
        writer.flush().await
    };
    let receive = async {
        let mut bytes = Vec::new();
        let _ = reader.read_to_end(&mut bytes).await;
        bytes
    };
    let both = async { tokio::join!(send, receive) };
    let (_, bytes) =
        tokio::time::timeout(Duration::from_mins(1), both).await.expect("an answer within a minute");
    read_reply(&bytes)
}

/// Reads an answer whose end is the end of the connection.
pub fn read_reply(bytes: &[u8]) -> Reply {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Reply { status, headers, body: body.to_owned() }
}
