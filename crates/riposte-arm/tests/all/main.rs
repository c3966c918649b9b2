//! Every test of the crate that is not beside its code, in one binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, its helpers too")]

mod content;
mod corpus;
mod forms;
mod functions;
mod properties;
mod templates;
