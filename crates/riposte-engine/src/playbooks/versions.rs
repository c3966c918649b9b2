//! Versions of playbooks as ARM resources: each save that changes the definition or its parameters adds one, and runs
//! keep the one that they began with.

use super::resource::{properties, read_version, resource};
use super::{PlaybookDocument, document_of};
use crate::error::{Error, ErrorKind, Result};
use crate::{Engine, Page};
use riposte_store::{Read, ResourceKey};
use riposte_value::Value;

const KIND: &str = "Microsoft.Logic/workflows/versions";

/// The name of a version.
pub(crate) fn version_name(version: i64) -> String {
    format!("{version:020}")
}

fn to_arm(document: &PlaybookDocument, number: i64, definition: &str) -> Result<Value> {
    let version = read_version(Some(definition.to_owned()))?;
    let name = version_name(number);
    let mut shown = properties(document, number, &version)?;
    if let Some(saved) = version.saved {
        let saved = crate::clock::time_text(saved);
        shown.insert("createdTime", &saved);
        shown.insert("changedTime", saved);
    }
    Ok(resource(document, &format!("{}/versions/{name}", document.id), &name, KIND, shown))
}

fn version_not_found(name: &str) -> Error {
    let why = format!("The workflow version '{name}' could not be found.");
    Error::new(ErrorKind::NotFound, "WorkflowVersionNotFound", why)
}

/// The number in a version's name.
fn number(name: &str) -> Result<i64> {
    name.parse().map_err(|_| version_not_found(name))
}

fn document(tx: &dyn Read, key: &ResourceKey, id: &str) -> Result<PlaybookDocument> {
    document_of(&tx.playbook(key)?.ok_or_else(|| Error::resource_not_found(id))?)
}

impl Engine {
    /// A page of the versions of a playbook, newest first, after the one named `after`.
    pub async fn playbook_versions(&self, playbook: &str, after: Option<String>, top: usize) -> Result<Page> {
        let (key, id) = (ResourceKey::new(playbook), playbook.to_owned());
        let top = top.clamp(1, 1000);
        let before = after.as_deref().map(number).transpose()?;
        let page = move |tx: &dyn Read| {
            let document = document(tx, &key, &id)?;
            let mut rows = tx.playbook_versions(&key, before, top + 1)?;
            let more = rows.len() > top;
            rows.truncate(top);
            let next = rows.last().filter(|_| more).map(|(number, _)| version_name(*number));
            let items = rows.iter().map(|(number, text)| to_arm(&document, *number, text));
            Ok(Page { items: items.collect::<Result<_>>()?, next })
        };
        self.shared.store.read(move |tx| Ok(page(tx))).await?
    }

    /// A version of a playbook.
    pub async fn playbook_version(&self, playbook: &str, name: &str) -> Result<Value> {
        let found = self.playbook_version_of(playbook, number(name)?).await?;
        found.ok_or_else(|| version_not_found(name))
    }

    /// A version of a playbook by its number; none if there is no such version.
    pub(crate) async fn playbook_version_of(&self, playbook: &str, number: i64) -> Result<Option<Value>> {
        let (key, id) = (ResourceKey::new(playbook), playbook.to_owned());
        let read = move |tx: &dyn Read| {
            let document = document(tx, &key, &id)?;
            let text = tx.playbook_definition(&key, number)?;
            text.map(|text| to_arm(&document, number, &text)).transpose()
        };
        self.shared.store.read(move |tx| Ok(read(tx))).await?
    }
}
