//! All integration tests of the crate, in one binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "these are tests throughout, which read files; clippy sees only the test functions as such"
)]

mod action_vectors;
mod cases;
mod corpus;
mod harness;
mod properties;
mod reopen;
mod run_vectors;
mod triggers;
