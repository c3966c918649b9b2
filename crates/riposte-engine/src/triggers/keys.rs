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
use crate::transaction::Transaction;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use riposte_store::{Read, ResourceKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The bytes of a block of SHA-256.
const BLOCK: usize = 64;

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

    pub(super) fn sign(&self, key: KeyType, signed: &Signed<'_>) -> String {
        let key = match key {
            KeyType::Primary => &self.primary,
            KeyType::Secondary => &self.secondary,
        };
        let permission = signed.permission.to_lowercase();
        let text = [signed.resource.as_str(), &permission, signed.version, signed.expiry];
        URL_SAFE_NO_PAD.encode(hmac_sha256(key.as_bytes(), text.join("\n").as_bytes()))
    }

    /// Whether a signature is by one of the keys. Takes as long for a wrong one as for a right one.
    pub(super) fn is_signature(&self, signature: &str, signed: &Signed<'_>) -> bool {
        let by = |key| same(self.sign(key, signed).as_bytes(), signature.as_bytes());
        by(KeyType::Primary) | by(KeyType::Secondary)
    }
}

/// Compares in a time that depends on the lengths alone.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// HMAC (RFC 2104) with SHA-256.
fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    let hashed: [u8; 32] = Sha256::digest(key).into();
    let short = if key.len() > BLOCK { hashed.as_slice() } else { key };
    for (place, byte) in block.iter_mut().zip(short) {
        *place = *byte;
    }
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
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

    /// RFC 4231, cases 2 and 6.
    #[test]
    fn the_vectors_of_the_rfc() {
        let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        assert_eq!(
            hex(hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        let long = [0xaa_u8; 131];
        assert_eq!(
            hex(hmac_sha256(&long, b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

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
