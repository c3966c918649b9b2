//! Playbooks, their versions, and connections.

use crate::session::{Session, sql_limit};
use crate::sql::{Row, params};
use crate::{ConnectionRow, Kind, PlaybookRow, ResourceKey, Result};

fn playbook_row(row: &Row<'_>) -> Result<PlaybookRow> {
    Ok(PlaybookRow {
        resource: ResourceKey::new(&row.get::<String>(0)?),
        version: row.get(1)?,
        doc: row.get(2)?,
    })
}

fn connection_row(row: &Row<'_>) -> Result<ConnectionRow> {
    Ok(ConnectionRow {
        resource: ResourceKey::new(&row.get::<String>(0)?),
        doc: row.get(1)?,
        secret: row.get(2)?,
    })
}

/// The ids below a scope lie between `scope/` and `scope0`, as `0` is the character after the slash.
fn below(scope: &ResourceKey) -> (String, String) {
    let scope = scope.as_str().trim_end_matches('/');
    (format!("{scope}/"), format!("{scope}0"))
}

impl Session<'_> {
    pub(crate) fn playbook(&self, resource: &ResourceKey) -> Result<Option<PlaybookRow>> {
        self.one(
            "SELECT resource, version, doc FROM playbook WHERE resource = ?1",
            [resource.as_str()],
            playbook_row,
        )
    }

    pub(crate) fn playbooks(&self, scope: &ResourceKey) -> Result<Vec<PlaybookRow>> {
        let (from, to) = below(scope);
        self.all(
            "SELECT resource, version, doc FROM playbook WHERE resource >= ?1 AND resource < ?2 ORDER BY resource",
            [from, to],
            playbook_row,
        )
    }

    pub(crate) fn playbook_definition(&self, resource: &ResourceKey, version: i64) -> Result<Option<String>> {
        self.doc(
            "SELECT definition FROM playbook_version WHERE resource = ?1 AND version = ?2",
            params![resource.as_str(), version],
        )
    }

    pub(crate) fn last_playbook_version(&self, resource: &ResourceKey) -> Result<Option<i64>> {
        let last: Option<Option<i64>> = self.one(
            "SELECT max(version) FROM playbook_version WHERE resource = ?1",
            [resource.as_str()],
            |row| row.get(0),
        )?;
        Ok(last.flatten())
    }

    pub(crate) fn playbook_versions(
        &self,
        resource: &ResourceKey,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT version, definition FROM playbook_version WHERE resource = ?1 AND version < ?2 \
             ORDER BY version DESC LIMIT ?3",
            params![resource.as_str(), before.unwrap_or(i64::MAX), sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn put_playbook(&mut self, resource: &ResourceKey, version: i64, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO playbook (resource, version, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (resource) DO UPDATE SET version = excluded.version, doc = excluded.doc",
            params![resource.as_str(), version, doc],
        )?;
        self.changed(Kind::Playbooks)
    }

    pub(crate) fn put_playbook_version(
        &mut self,
        resource: &ResourceKey,
        version: i64,
        definition: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO playbook_version (resource, version, definition) VALUES (?1, ?2, ?3)",
            params![resource.as_str(), version, definition],
        )
    }

    pub(crate) fn delete_playbook(&mut self, resource: &ResourceKey) -> Result<bool> {
        self.changed(Kind::Playbooks)?;
        self.changes("DELETE FROM playbook WHERE resource = ?1", [resource.as_str()])
    }

    pub(crate) fn connection(&self, resource: &ResourceKey) -> Result<Option<ConnectionRow>> {
        self.one(
            "SELECT resource, doc, secret FROM connection WHERE resource = ?1",
            [resource.as_str()],
            connection_row,
        )
    }

    pub(crate) fn connections(&self, scope: &ResourceKey) -> Result<Vec<ConnectionRow>> {
        let (from, to) = below(scope);
        self.all(
            "SELECT resource, doc, secret FROM connection WHERE resource >= ?1 AND resource < ?2 ORDER BY resource",
            [from, to],
            connection_row,
        )
    }

    pub(crate) fn put_connection(
        &mut self,
        resource: &ResourceKey,
        doc: &str,
        secret: Option<&[u8]>,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO connection (resource, doc, secret) VALUES (?1, ?2, ?3) ON CONFLICT (resource) \
             DO UPDATE SET doc = excluded.doc, secret = excluded.secret",
            params![resource.as_str(), doc, secret],
        )?;
        self.changed(Kind::Connections)
    }

    pub(crate) fn delete_connection(&mut self, resource: &ResourceKey) -> Result<bool> {
        self.changed(Kind::Connections)?;
        self.changes("DELETE FROM connection WHERE resource = ?1", [resource.as_str()])
    }
}
