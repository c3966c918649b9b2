//! Cases as data, the shipped definitions, other people's definitions, and properties that hold for every input.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and reads its cases from files"
)]

mod calls;
mod catalogue;
mod content;
mod corpus;
mod definitions;
mod masks;
mod properties;
mod service_calls;

use riposte_value::{Text, Value};
use serde::Deserialize;

/// The request that a case wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedRequest {
    method: Text,
    url: String,
    #[serde(default)]
    headers: std::collections::BTreeMap<String, Option<String>>,
    body: Option<String>,
}

/// The error that a case wants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedError {
    code: String,
    message: String,
}

/// Text from a value, for messages.
fn shown(value: &Value) -> String {
    riposte_value::json::to_string(value)
}
