//! The keys that addresses of triggers are signed with: two for each playbook, sealed at rest, so that one can be
//! exchanged while the other goes on.
//!
//! The service's text to be signed is not published; ours is the playbook, the trigger's permission, the version of the
//! scheme and the expiry, each on a line, under HMAC-SHA256.

use super::access::KeyType;
use crate::clock::new_guid;
use crate::document::{decode, encode};
use crate::error::Result;
use crate::shared::Shared;
use crate::signature;
use crate::transaction::Transaction;
use riposte_store::{Read, ResourceKey};
use serde::{Deserialize, Serialize};

/// The keys of a playbook, opened.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct WorkflowKeys {
    /// What stands for the playbook in addresses.
    #[serde(skip)]
    pub(super) id: String,
    primary: String,
    secondary: String,
}

/// What a signature is over.
pub(super) struct Signed<'a> {
    pub(super) resource: &'a ResourceKey,
    /// `/triggers/manual/run`, or `/versions/…/triggers/manual/run`.
    pub(super) permission: &'a str,
    pub(super) version: &'a str,
    /// Seconds since 1970 UTC; empty without an expiry.
    pub(super) expiry: &'a str,
}

impl WorkflowKeys {
    fn new(id: String) -> Self {
        let key = || format!("{}{}", new_guid(), new_guid()).replace('-', "");
        Self { id, primary: key(), secondary: key() }
    }

    fn key(&self, key: KeyType) -> &[u8] {
        match key {
            KeyType::Primary => self.primary.as_bytes(),
            KeyType::Secondary => self.secondary.as_bytes(),
        }
    }

    pub(super) fn sign(&self, key: KeyType, signed: &Signed<'_>) -> String {
        signature::sign(self.key(key), &signed.text())
    }

    /// Whether a signature is by one of the keys. Takes as long for a wrong one as for a right one.
    pub(super) fn is_signature(&self, signature: &str, signed: &Signed<'_>) -> bool {
        let by = |key| signature::is_signed(self.key(key), &signed.text(), signature);
        by(KeyType::Primary) | by(KeyType::Secondary)
    }
}

impl Signed<'_> {
    fn text(&self) -> String {
        let permission = self.permission.to_lowercase();
        [self.resource.as_str(), &permission, self.version, self.expiry].join("\n")
    }
}

fn place(key: &ResourceKey) -> String {
    format!("{key}#accessKeys")
}

impl Shared {
    /// The keys of a playbook, if it has any.
    pub(super) fn known_keys(&self, tx: &dyn Read, key: &ResourceKey) -> Result<Option<WorkflowKeys>> {
        let Some((id, sealed)) = tx.workflow_key(key)? else { return Ok(None) };
        let text = self.secret.open(&place(key), &sealed)?;
        let keys: WorkflowKeys = decode("access keys", &String::from_utf8_lossy(&text))?;
        Ok(Some(WorkflowKeys { id, ..keys }))
    }
}

impl Transaction<'_> {
    /// The keys of a playbook; made if it has none.
    pub(super) fn workflow_keys(&mut self, key: &ResourceKey) -> Result<WorkflowKeys> {
        if let Some(keys) = self.shared.known_keys(&*self.tx, key)? {
            return Ok(keys);
        }
        let keys = WorkflowKeys::new(new_guid().replace('-', ""));
        self.put_keys(key, &keys)?;
        Ok(keys)
    }

    /// Makes one of the keys anew: what was signed with it is good no more.
    pub(super) fn regenerate_key(&mut self, key: &ResourceKey, which: KeyType) -> Result<()> {
        let mut keys = self.workflow_keys(key)?;
        let new = WorkflowKeys::new(String::new());
        match which {
            KeyType::Primary => keys.primary = new.primary,
            KeyType::Secondary => keys.secondary = new.secondary,
        }
        self.put_keys(key, &keys)
    }

    fn put_keys(&mut self, key: &ResourceKey, keys: &WorkflowKeys) -> Result<()> {
        let sealed = self.shared.secret.seal(&place(key), encode(keys)?.as_bytes())?;
        Ok(self.tx.put_workflow_key(key, &keys.id, &sealed)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_key_signs_and_anything_else_changes_the_signature() {
        let keys = WorkflowKeys::new("w".into());
        let resource = ResourceKey::new("/a");
        let signed =
            Signed { resource: &resource, permission: "/triggers/T/run", version: "1.0", expiry: "" };
        let primary = keys.sign(KeyType::Primary, &signed);
        assert_eq!(primary.len(), 43);
        assert!(keys.is_signature(&primary, &signed));
        assert!(keys.is_signature(&keys.sign(KeyType::Secondary, &signed), &signed));
        let other = ResourceKey::new("/b");
        for changed in [
            Signed { resource: &other, ..signed },
            Signed { permission: "/triggers/U/run", resource: &resource, ..signed },
            Signed { expiry: "1", resource: &resource, ..signed },
        ] {
            assert!(!keys.is_signature(&primary, &changed));
        }
        assert!(!keys.is_signature("", &signed));
    }
}
