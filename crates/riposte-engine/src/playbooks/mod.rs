//! Playbooks: Logic Apps workflows (`Microsoft.Logic/workflows`). A playbook that cannot be run is kept, disabled,
//! with its diagnostics, so that its owner sees what is missing; it is never run by itself.

mod change;
pub(crate) mod connections;
mod describe;
mod envelope;
mod fitting;
mod overview;
mod resource;
mod save;
mod versions;

use crate::document::{decode, decode_some};
use crate::error::{Error, Result};
use crate::shared::Shared;
use riposte_diagnostic::Diagnostic;
use riposte_store::{PlaybookRow, Read, ResourceKey};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Program, compile};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tracing::error;

pub use fitting::StartOn;
pub(crate) use save::PreparedPlaybook;
pub(crate) use versions::version_name;

/// Whether a playbook may be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaybookState {
    /// It may.
    Enabled,
    /// It may not.
    Disabled,
}

impl PlaybookState {
    /// The name in the resource's `state`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
        }
    }
}

/// A playbook as the store keeps it, without its definition.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaybookDocument {
    pub(crate) id: String,
    pub(crate) location: Option<Text>,
    #[serde(default)]
    pub(crate) tags: Value,
    #[serde(default)]
    pub(crate) identity: Value,
    pub(crate) state: PlaybookState,
    /// Why it cannot be run, and what else there is to say of it.
    #[serde(default)]
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) created: jiff::Timestamp,
    pub(crate) changed: jiff::Timestamp,
}

/// The part of a playbook that its runs keep: a version.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct PlaybookVersion {
    pub(crate) definition: Value,
    /// Values of parameters that anybody may see who may read the playbook.
    #[serde(default)]
    pub(crate) parameters: Object,
    /// Sealed values of parameters of secure types, as hexadecimal text.
    #[serde(default)]
    pub(crate) sealed: BTreeMap<Text, String>,
    /// When it was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) saved: Option<jiff::Timestamp>,
}

/// A playbook that can be started.
pub(crate) struct Playbook {
    pub(crate) id: String,
    pub(crate) resource: ResourceKey,
    pub(crate) version: i64,
    pub(crate) document: PlaybookDocument,
    pub(crate) program: Arc<Program>,
    pub(crate) parameters: Object,
}

impl Playbook {
    /// The name, as it is spelled.
    pub(crate) fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or_default()
    }

    /// What `workflow()` gives in a run.
    pub(crate) fn workflow_object(&self, run: &str) -> Value {
        let run_id = format!("{}/runs/{run}", self.id);
        Value::object([
            ("id", Value::from(&self.id)),
            ("name", Value::from(self.name())),
            ("type", Value::from("Microsoft.Logic/workflows")),
            ("location", Value::from(self.document.location.clone())),
            ("tags", self.document.tags.clone()),
            (
                "run",
                Value::object([
                    ("id", Value::from(run_id)),
                    ("name", Value::from(run)),
                    ("type", Value::from("Microsoft.Logic/workflows/runs")),
                ]),
            ),
        ])
    }
}

/// Why a playbook cannot be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotStartable {
    /// There is no such playbook.
    NotFound,
    /// It is disabled, by a person or because it cannot be run.
    Disabled,
    /// Its definition does not compile.
    Invalid,
}

impl Shared {
    /// The playbook of an ARM id, ready to be started.
    pub(crate) fn startable(
        &self,
        tx: &dyn Read,
        id: &ResourceKey,
    ) -> Result<std::result::Result<Playbook, NotStartable>> {
        let Some(row) = tx.playbook(id)? else { return Ok(Err(NotStartable::NotFound)) };
        let document: PlaybookDocument = decode("playbook", &row.doc)?;
        if document.state == PlaybookState::Disabled {
            return Ok(Err(NotStartable::Disabled));
        }
        let Some((program, parameters)) = self.load_version(tx, id, row.version)? else {
            return Ok(Err(NotStartable::Invalid));
        };
        let id = document.id.clone();
        Ok(Ok(Playbook { id, resource: row.resource, version: row.version, document, program, parameters }))
    }

    /// A version of a playbook, compiled, with the values of its parameters; none if it does not compile.
    pub(crate) fn load_version(
        &self,
        tx: &dyn Read,
        id: &ResourceKey,
        version: i64,
    ) -> Result<Option<(Arc<Program>, Object)>> {
        let key = (id.clone(), version);
        let cached = self.programs.read().get(&key).cloned();
        if let Some(loaded) = cached {
            return Ok(Some((Arc::clone(&loaded.program), loaded.parameters.clone())));
        }
        let text = tx.playbook_definition(id, version)?;
        let Some(stored) = decode_some::<PlaybookVersion>("playbook version", text)? else { return Ok(None) };
        let (Some(program), _) = compile(&stored.definition) else { return Ok(None) };
        let program = Arc::new(program);
        let parameters = match self.open_parameters(id, &stored) {
            Ok(parameters) => parameters,
            Err(failure) => {
                error!(playbook = %id, error = %failure, "the playbook's parameters cannot be opened; import it again");
                return Ok(None);
            }
        };
        let loaded = LoadedVersion { program: Arc::clone(&program), parameters: parameters.clone() };
        let mut programs = self.programs.write();
        if programs.len() >= PROGRAMS_MAX {
            // Old versions are read again if a run still needs them.
            programs.clear();
        }
        programs.insert(key, Arc::new(loaded));
        Ok(Some((program, parameters)))
    }

    /// All values of parameters, the sealed ones opened.
    fn open_parameters(&self, id: &ResourceKey, version: &PlaybookVersion) -> Result<Object> {
        let mut opened = version.parameters.clone();
        for (name, sealed) in &version.sealed {
            let bytes = from_hex(sealed)
                .ok_or_else(|| Error::internal(format!("the sealed parameter `{name}` is damaged")))?;
            let text = self.secret.open(&format!("{id}#{name}"), &bytes)?;
            let value: Value = decode("parameter", &String::from_utf8_lossy(&text))?;
            opened.insert(name.clone(), value);
        }
        Ok(opened)
    }
}

/// How many compiled versions are kept in memory.
const PROGRAMS_MAX: usize = 2_000;

/// A compiled version in memory.
pub(crate) struct LoadedVersion {
    pub(crate) program: Arc<Program>,
    pub(crate) parameters: Object,
}

pub(crate) fn to_hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}

/// The document of a playbook row.
pub(crate) fn document_of(row: &PlaybookRow) -> Result<PlaybookDocument> {
    decode("playbook", &row.doc)
}
