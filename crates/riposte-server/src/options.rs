//! What the server is told at its start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

const MEBIBYTE: usize = 1024 * 1024;

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Whether and with what to speak TLS.
    pub tls: Tls,
    /// Accept an address other than loopback without TLS. Tokens then cross the network in clear.
    pub insecure: bool,
    /// Believe `X-Forwarded-Proto`, because a proxy of one's own sets it. It decides only the scheme of `nextLink`.
    pub trust_forwarded_proto: bool,
    /// The address under which clients reach the server through a proxy. Who asks at its host is given it in `nextLink`
    /// and in what the server tells of itself.
    pub public_url: Option<String>,
    /// How much one client may ask for.
    pub limits: Limits,
}

impl Options {
    /// Plain HTTP on this address, with the limits as they are by default.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            tls: Tls::Off,
            insecure: false,
            trust_forwarded_proto: false,
            public_url: None,
            limits: Limits::default(),
        }
    }
}

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP.
    Off,
    /// A certificate chain and its key, both PEM.
    Files {
        /// The chain, the server's own certificate first.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A certificate authority of one's own, made once in this folder (`ca.pem`, `ca.key`), and a server certificate
    /// signed by it at each start. Clients are given `ca.pem`.
    Auto {
        /// The folder; it is made if it is not there.
        folder: PathBuf,
    },
}

/// What a client may ask for before it is refused.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request body; more is answered 413.
    pub body_bytes_max: usize,
    /// Bytes of the body of an ingestion or an import.
    pub large_body_bytes_max: usize,
    /// Bytes of path and query; more is answered 414. Azure takes 16,384.
    pub url_bytes_max: usize,
    /// Bytes of all header names and values; more is answered 431.
    pub header_bytes_max: usize,
    /// How long the next bytes of a body, or a request's head, may be awaited; then 408.
    pub idle_max: Duration,
    /// How long a whole body may take.
    pub body_time_max: Duration,
    /// Connections at a time; further ones wait to be accepted.
    pub connections_max: usize,
    /// Requests in work at a time; further ones wait.
    pub requests_max: usize,
    /// How long a request waits for others to be done before it is answered 503.
    pub turn_wait_max: Duration,
    /// How many bodies of more than one mebibyte are held in memory at a time.
    pub large_bodies_max: usize,
    /// How long open requests may go on after the server is told to stop.
    pub shutdown_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 30 * MEBIBYTE,
            large_body_bytes_max: 100 * MEBIBYTE,
            url_bytes_max: 16_384,
            header_bytes_max: 32 * 1024,
            idle_max: Duration::from_secs(30),
            body_time_max: Duration::from_mins(10),
            connections_max: 4_096,
            requests_max: 512,
            turn_wait_max: Duration::from_secs(10),
            large_bodies_max: 8,
            shutdown_max: Duration::from_secs(10),
        }
    }
}
