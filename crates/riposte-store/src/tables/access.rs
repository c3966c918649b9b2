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

    pub(crate) fn lasting_tokens(&self) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM token WHERE expires IS NULL ORDER BY hash", [])
    }

    pub(crate) fn put_token(&mut self, hash: &str, expires: Option<i64>, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO token (hash, expires, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (hash) DO UPDATE SET expires = excluded.expires, doc = excluded.doc",
            params![hash, expires, doc],
        )
    }

    pub(crate) fn delete_token(&mut self, hash: &str) -> Result<bool> {
        self.changes("DELETE FROM token WHERE hash = ?1", [hash])
    }

    pub(crate) fn delete_tokens_expired(&mut self, before: i64) -> Result<()> {
        self.run_statement("DELETE FROM token WHERE expires < ?1", [before])
    }

    pub(crate) fn service_principal(&self, id: &str) -> Result<Option<String>> {
        self.doc("SELECT doc FROM service_principal WHERE id = ?1", [id.to_lowercase()])
    }

    pub(crate) fn service_principal_of_app(&self, app: &str) -> Result<Option<String>> {
        self.doc("SELECT doc FROM service_principal WHERE app = ?1", [app.to_lowercase()])
    }

    pub(crate) fn service_principals(&self) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM service_principal ORDER BY id", [])
    }

    pub(crate) fn put_service_principal(&mut self, id: &str, app: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO service_principal (id, app, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (id) DO UPDATE SET app = excluded.app, doc = excluded.doc",
            params![id.to_lowercase(), app.to_lowercase(), doc],
        )
    }

    pub(crate) fn delete_service_principal(&mut self, id: &str) -> Result<bool> {
        self.changes("DELETE FROM service_principal WHERE id = ?1", [id.to_lowercase()])
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
