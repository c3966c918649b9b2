//! Playbooks as ARM resources, and what can be done to them besides saving.

use super::{PlaybookDocument, PlaybookState, PlaybookVersion, document_of, version_name};
use crate::Engine;
use crate::access::Caller;
use crate::audit::Audited;
use crate::clock::time_text;
use crate::document::{decode_some, encode};
use crate::error::{Error, Result};
use crate::transaction::Transaction;
use riposte_store::{PlaybookRow, Read, ResourceKey};
use riposte_value::{Object, Value};

impl Transaction<'_> {
    /// Removes a playbook with its triggers and the keys of its addresses, and cancels its runs; whether it was there.
    pub(crate) fn remove_playbook(&mut self, key: &ResourceKey, caller: &Caller) -> Result<bool> {
        let shown = self.shown_playbook(key)?;
        self.arm_triggers(key, None)?;
        for run in self.tx.open_runs_of(key)? {
            self.cancel_run(&run.id)?;
        }
        self.tx.forget_triggers(key)?;
        let removed = self.tx.delete_playbook(key)?;
        self.audit_playbook(key, caller, shown.as_ref())?;
        Ok(removed)
    }

    /// A playbook as reading it shows it, if it is there.
    pub(crate) fn shown_playbook(&self, key: &ResourceKey) -> Result<Option<Value>> {
        let Some(row) = self.tx.playbook(key)? else { return Ok(None) };
        let definition = self.tx.playbook_definition(key, row.version)?;
        render(&row, definition).map(Some)
    }

    /// Notes a change of a playbook, which was as `before` shows it.
    pub(crate) fn audit_playbook(
        &mut self,
        key: &ResourceKey,
        caller: &Caller,
        before: Option<&Value>,
    ) -> Result<()> {
        let after = self.shown_playbook(key)?;
        let id = after.as_ref().or(before).and_then(|shown| shown.str_at(&["id"])).unwrap_or(key.as_str());
        let object =
            Audited { id, kind: "Microsoft.Logic/workflows", resource_type: "Playbook", workspace: None };
        self.audit(object, caller, before, after.as_ref())
    }
}

impl Engine {
    /// The playbook of an ARM id.
    pub async fn playbook(&self, id: &str) -> Result<Value> {
        let key = ResourceKey::new(id);
        let found = self
            .shared
            .store
            .read(move |tx| {
                let Some(row) = tx.playbook(&key)? else { return Ok(None) };
                let definition = tx.playbook_definition(&key, row.version)?;
                Ok(Some((row, definition)))
            })
            .await?;
        let (row, definition) = found.ok_or_else(|| Error::resource_not_found(id))?;
        render(&row, definition)
    }

    /// The playbooks below a scope, by id.
    pub async fn playbooks(&self, scope: &str) -> Result<Vec<Value>> {
        let scope = ResourceKey::new(scope);
        let rows = self.shared.store.read(move |tx| with_definitions(tx, &scope)).await?;
        rows.into_iter().map(|(row, definition)| render(&row, definition)).collect()
    }

    /// Removes a playbook and cancels its runs; whether it was there.
    pub async fn delete_playbook(&self, id: &str, caller: &Caller) -> Result<bool> {
        let (key, caller) = (ResourceKey::new(id), caller.clone());
        self.shared.transact(move |t| t.remove_playbook(&key, &caller)).await
    }

    /// Enables or disables a playbook. One that cannot be run cannot be enabled.
    pub async fn set_playbook_state(&self, id: &str, state: PlaybookState, caller: &Caller) -> Result<()> {
        let key = ResourceKey::new(id);
        let (id, caller) = (id.to_owned(), caller.clone());
        self.shared
            .transact(move |t| {
                let row = t.tx.playbook(&key)?.ok_or_else(|| Error::resource_not_found(&id))?;
                let mut document = document_of(&row)?;
                if state == PlaybookState::Enabled && riposte_diagnostic::has_errors(&document.diagnostics) {
                    return Err(Error::invalid(document.diagnostics));
                }
                let shown = t.shown_playbook(&key)?;
                document.state = state;
                document.changed = t.now;
                t.tx.put_playbook(&key, row.version, &encode(&document)?)?;
                let playbook = t.shared.startable(&*t.tx, &key)?;
                t.arm_triggers(&key, playbook.ok().as_ref())?;
                t.audit_playbook(&key, &caller, shown.as_ref())
            })
            .await
    }
}

fn with_definitions(
    tx: &dyn Read,
    scope: &ResourceKey,
) -> riposte_store::Result<Vec<(PlaybookRow, Option<String>)>> {
    tx.playbooks(scope)?
        .into_iter()
        .map(|row| {
            let definition = tx.playbook_definition(&row.resource, row.version)?;
            Ok((row, definition))
        })
        .collect()
}

/// A stored version.
pub(super) fn read_version(text: Option<String>) -> Result<PlaybookVersion> {
    Ok(decode_some("playbook version", text)?.unwrap_or_default())
}

fn render(row: &PlaybookRow, definition: Option<String>) -> Result<Value> {
    let document = document_of(row)?;
    let properties = properties(&document, row.version, &read_version(definition)?)?;
    let name = document.id.rsplit('/').next().unwrap_or_default();
    Ok(resource(&document, &document.id, name, "Microsoft.Logic/workflows", properties))
}

/// The properties. Values of secure parameters are left out, as Azure leaves them out.
pub(super) fn properties(
    document: &PlaybookDocument,
    number: i64,
    version: &PlaybookVersion,
) -> Result<Object> {
    let open =
        version.parameters.iter().map(|(name, value)| (name, Value::object([("value", value.clone())])));
    let sealed = version.sealed.keys().map(|name| (name, Value::from(Object::new())));
    let parameters = open.chain(sealed);
    let mut properties = Object::new();
    properties.insert("provisioningState", "Succeeded");
    properties.insert("createdTime", time_text(document.created));
    properties.insert("changedTime", time_text(document.changed));
    properties.insert("state", document.state.as_str());
    properties.insert("version", version_name(number));
    properties.insert("definition", version.definition.clone());
    properties.insert("parameters", Value::object(parameters));
    if !document.diagnostics.is_empty() {
        let diagnostics: Value = riposte_value::json::parse(&encode(&document.diagnostics)?)
            .map_err(|error| Error::internal(error.to_string()))?;
        properties.insert("diagnostics", diagnostics);
    }
    Ok(properties)
}

/// The ARM resource.
pub(super) fn resource(
    document: &PlaybookDocument,
    id: &str,
    name: &str,
    kind: &str,
    properties: Object,
) -> Value {
    let mut resource = Object::new();
    resource.insert("id", id);
    resource.insert("name", name);
    resource.insert("type", kind);
    resource.insert("location", Value::from(document.location.clone()));
    for (name, value) in [("tags", &document.tags), ("identity", &document.identity)] {
        if !value.is_null() {
            resource.insert(name, value.clone());
        }
    }
    resource.insert("properties", Value::from(properties));
    Value::from(resource)
}
