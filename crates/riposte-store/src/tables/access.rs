//! Role assignments, tokens and settings.

use crate::session::Session;
use crate::sql::params;
use crate::{Kind, ResourceKey, Result};

impl Session<'_> {
    pub(crate) fn role_assignments(&self) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM role_assignment ORDER BY resource", [])
    }

    pub(crate) fn put_role_assignment(&mut self, resource: &ResourceKey, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO role_assignment (resource, doc) VALUES (?1, ?2) \
             ON CONFLICT (resource) DO UPDATE SET doc = excluded.doc",
            params![resource.as_str(), doc],
        )?;
        self.changed(Kind::Access)
    }

    pub(crate) fn delete_role_assignment(&mut self, resource: &ResourceKey) -> Result<bool> {
        self.changed(Kind::Access)?;
        self.changes("DELETE FROM role_assignment WHERE resource = ?1", [resource.as_str()])
    }

    pub(crate) fn token(&self, hash: &str) -> Result<Option<String>> {
        self.doc("SELECT doc FROM token WHERE hash = ?1", [hash])
    }

    pub(crate) fn put_token(&mut self, hash: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO token (hash, doc) VALUES (?1, ?2) ON CONFLICT (hash) DO UPDATE SET doc = excluded.doc",
            params![hash, doc],
        )
    }

    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>> {
        self.doc("SELECT value FROM meta WHERE key = ?1", [key])
    }

    pub(crate) fn put_meta(&mut self, key: &str, value: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value],
        )
    }
}
