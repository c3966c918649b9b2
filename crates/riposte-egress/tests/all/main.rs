//! The gate against servers on loopback.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod denials;
mod properties;
mod server;
