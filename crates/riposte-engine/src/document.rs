//! Documents in the store: JSON text of typed values.

use crate::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The JSON text of a value that the engine itself made.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::internal(format!("a document cannot be written: {error}")))
}

/// Reads what [`encode`] wrote.
pub(crate) fn decode<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text)
        .map_err(|error| Error::from(riposte_store::Error::Corrupt { what, reason: error.to_string() }))
}

/// Reads a document if there is one.
pub(crate) fn decode_some<T: DeserializeOwned>(
    what: &'static str,
    text: Option<String>,
) -> Result<Option<T>> {
    text.map(|text| decode(what, &text)).transpose()
}
