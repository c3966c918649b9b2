//! Cases as data, the shipped definitions, other people's definitions, and properties that hold for every input.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
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

use riposte_value::{Text, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases<T> {
    #[expect(dead_code, reason = "for readers of the file")]
    description: String,
    cases: Vec<T>,
}

fn repository() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn cases<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = repository().join("conformance/connector").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let read: Cases<T> =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!read.cases.is_empty());
    read.cases
}

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
