//! Tests of the expression language, one binary.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    clippy::disallowed_methods,
    reason = "a test reads its cases from files and says what is wrong by panicking"
)]

mod cases;
mod conformance;
mod corpus;
mod dates;
mod evaluation;
mod hostile_xml;
mod limits;
mod peer;
mod properties;
mod shared;
