//! Addresses of triggers: given out, with a signature, and checked when they are called.

use super::keys::{Signed, WorkflowKeys};
use crate::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::Playbook;
use crate::transaction::Transaction;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_store::ResourceKey;
use riposte_value::{Object, Text, Value};
use riposte_workflow::Trigger;

/// Which of the two keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyType {
    /// The first.
    #[default]
    Primary,
    /// The second.
    Secondary,
}

/// What an address is asked for.
#[derive(Debug, Clone, Default)]
pub struct CallbackRequest {
    /// The key to sign it with.
    pub key: KeyType,
    /// Until when it is good; for ever without it.
    pub not_after: Option<Timestamp>,
    /// The version of the playbook that it is good for; whichever is the current one without it.
    pub version: Option<i64>,
    /// What it begins with: `scheme://host`.
    pub base_url: String,
}

/// The version of the scheme, as the service writes it.
pub(super) const SCHEME: &str = "1.0";
const API_VERSION: &str = "2016-10-01";
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// What an address allows.
pub(super) fn permission(version: Option<i64>, trigger: &str) -> String {
    match version {
        Some(version) => format!("/versions/{version:020}/triggers/{trigger}/run"),
        None => format!("/triggers/{trigger}/run"),
    }
}

/// The parts of a trigger's address.
struct Address {
    base: String,
    relative: String,
    queries: Vec<(&'static str, String)>,
}

impl Address {
    fn new(keys: &WorkflowKeys, resource: &ResourceKey, trigger: &Trigger, asked: &CallbackRequest) -> Self {
        let permission = permission(asked.version, &trigger.name);
        let expiry = asked.not_after.map_or_else(String::new, |at| at.as_second().to_string());
        let signed = Signed { resource, permission: &permission, version: SCHEME, expiry: &expiry };
        let signature = keys.sign(asked.key, &signed);
        let version = asked.version.map_or_else(String::new, |version| format!("/versions/{version:020}"));
        let base = format!(
            "{}/workflows/{}{version}/triggers/{}/paths/invoke",
            asked.base_url.trim_end_matches('/'),
            keys.id,
            encoded(&trigger.name)
        );
        let template = trigger.definition.get_ignore_case("inputs").and_then(|inputs| {
            Some(inputs.get_ignore_case("relativePath")?.as_str()?.trim_matches('/').to_owned())
        });
        let mut queries = vec![("api-version", API_VERSION.to_owned())];
        if !expiry.is_empty() {
            queries.push(("se", expiry));
        }
        queries.extend([("sp", permission), ("sv", SCHEME.to_owned()), ("sig", signature)]);
        Self { base, relative: template.unwrap_or_default(), queries }
    }

    fn url(&self) -> String {
        let query: Vec<String> =
            self.queries.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let slash = if self.relative.is_empty() { "" } else { "/" };
        format!("{}{slash}{}?{}", self.base, self.relative, query.join("&"))
    }

    fn to_arm(&self, method: &str) -> Value {
        let names = self.relative.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut shown = Object::new();
        shown.insert("value", self.url());
        shown.insert("method", method);
        shown.insert("basePath", &self.base);
        if !self.relative.is_empty() {
            shown.insert("relativePath", format!("/{}", self.relative));
            shown.insert("relativePathParameters", Value::array(names.map(Value::from)));
        }
        let queries = self.queries.iter().map(|(name, value)| (*name, Value::from(value)));
        shown.insert("queries", Value::object(queries));
        Value::from(shown)
    }
}

impl Transaction<'_> {
    /// What `listCallbackUrl()` gives in a trigger's inputs.
    pub(super) fn callback_url(&mut self, playbook: &Playbook, trigger: &Trigger) -> Result<Text> {
        let keys = self.workflow_keys(&playbook.resource)?;
        let asked =
            CallbackRequest { base_url: self.shared.public_url.clone(), ..CallbackRequest::default() };
        Ok(Text::from(Address::new(&keys, &playbook.resource, trigger, &asked).url()))
    }
}

impl Engine {
    /// The address of a trigger, as `listCallbackUrl` shows it; of the playbook's only one without a name.
    pub async fn trigger_callback_url(
        &self,
        playbook: &str,
        trigger: Option<&str>,
        asked: CallbackRequest,
    ) -> Result<Value> {
        let (key, id) = (ResourceKey::new(playbook), playbook.to_owned());
        let name = trigger.map(str::to_owned);
        self.shared
            .transact(move |t| {
                let row = t.tx.playbook(&key)?.ok_or_else(|| Error::resource_not_found(&id))?;
                let version = asked.version.unwrap_or(row.version);
                let Some((program, _)) = t.shared.load_version(&*t.tx, &key, version)? else {
                    return Err(Error::resource_not_found(&id));
                };
                let trigger = match &name {
                    Some(name) => program.trigger(name),
                    None => program.triggers().first(),
                };
                let wanted = name.as_deref().unwrap_or("manual");
                let trigger = trigger.ok_or_else(|| trigger_not_found(wanted))?;
                let keys = t.workflow_keys(&key)?;
                let method = trigger
                    .definition
                    .get_ignore_case("inputs")
                    .and_then(|inputs| inputs.get_ignore_case("method"))
                    .and_then(Value::as_str)
                    .map_or_else(|| "POST".to_owned(), str::to_uppercase);
                Ok(Address::new(&keys, &key, trigger, &asked).to_arm(&method))
            })
            .await
    }

    /// Makes a key of a playbook anew.
    pub async fn regenerate_access_key(&self, playbook: &str, which: KeyType) -> Result<()> {
        let (key, id) = (ResourceKey::new(playbook), playbook.to_owned());
        self.shared
            .transact(move |t| {
                t.tx.playbook(&key)?.ok_or_else(|| Error::resource_not_found(&id))?;
                t.regenerate_key(&key, which)
            })
            .await
    }
}

/// There is no such trigger, in the service's words.
pub(super) fn trigger_not_found(name: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        "WorkflowTriggerNotFound",
        format!("The workflow trigger '{name}' could not be found."),
    )
}
