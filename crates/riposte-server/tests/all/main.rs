//! The server over a real socket: an engine in memory, callers by role, and a small HTTP client that sends what real
//! clients would not. The modules mirror the tree of URLs.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of a test that panics fails the test"
)]

mod api;
mod azure;
mod client;
mod harness;
mod limits;
mod listening;
mod metadata;
mod reference;
mod sdk_requests;
mod service_principals;
mod sign_in;
mod table;
mod tls;
