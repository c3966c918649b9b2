//! Workspaces, incidents and what hangs on them, automation rules, events, timeline and logs.

use super::{Session, sql_limit};
use crate::{EventRow, Log, Part, ResourceKey, Result, WorkspaceKey, WorkspaceRow};
use rusqlite::{Row, params};

fn workspace_row(row: &Row<'_>) -> rusqlite::Result<WorkspaceRow> {
    Ok(WorkspaceRow {
        key: WorkspaceKey(row.get(0)?),
        resource: ResourceKey::new(&row.get::<_, String>(1)?),
        id: row.get(2)?,
        doc: row.get(3)?,
    })
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        seq: row.get(0)?,
        workspace: WorkspaceKey(row.get(1)?),
        incident: row.get(2)?,
        doc: row.get(3)?,
    })
}

impl Session<'_> {
    pub(super) fn workspaces(&self) -> Result<Vec<WorkspaceRow>> {
        self.all("SELECT key, resource, id, doc FROM workspace ORDER BY key", [], workspace_row)
    }

    pub(super) fn workspace_by_resource(&self, resource: &ResourceKey) -> Result<Option<WorkspaceRow>> {
        self.one(
            "SELECT key, resource, id, doc FROM workspace WHERE resource = ?1",
            [resource.as_str()],
            workspace_row,
        )
    }

    pub(super) fn workspaces_by_name(&self, guid_or_name: &str) -> Result<Vec<WorkspaceRow>> {
        self.all(
            "SELECT key, resource, id, doc FROM workspace WHERE id = ?1 OR name = ?1 ORDER BY key",
            [guid_or_name.to_lowercase()],
            workspace_row,
        )
    }

    pub(super) fn put_workspace(
        &mut self,
        resource: &ResourceKey,
        id: &str,
        name: &str,
        doc: &str,
    ) -> Result<WorkspaceKey> {
        self.run_statement(
            "INSERT INTO workspace (resource, id, name, doc) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (resource) DO UPDATE SET doc = excluded.doc",
            params![resource.as_str(), id.to_lowercase(), name.to_lowercase(), doc],
        )?;
        let key =
            self.one("SELECT key FROM workspace WHERE resource = ?1", [resource.as_str()], |row| row.get(0))?;
        key.map(WorkspaceKey).ok_or(crate::Error::Refused)
    }

    pub(super) fn incident(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM incident WHERE workspace = ?1 AND name = ?2",
            params![workspace.0, name.to_lowercase()],
        )
    }

    pub(super) fn incident_by_number(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM incident WHERE workspace = ?1 AND number = ?2",
            params![workspace.0, number],
        )
    }

    pub(super) fn visit_incidents(
        &self,
        workspace: WorkspaceKey,
        before: Option<i64>,
        visit: &mut dyn FnMut(i64, &str) -> bool,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, doc FROM incident INDEXED BY incident_number \
             WHERE workspace = ?1 AND number < ?2 ORDER BY number DESC",
        )?;
        let mut rows = statement.query(params![workspace.0, before.unwrap_or(i64::MAX)])?;
        while let Some(row) = rows.next()? {
            let doc: String = row.get(1)?;
            if !visit(row.get(0)?, &doc) {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn next_incident_number(&mut self, workspace: WorkspaceKey) -> Result<i64> {
        self.one(
            "UPDATE workspace SET incident_count = incident_count + 1 WHERE key = ?1 RETURNING incident_count",
            [workspace.0],
            |row| row.get(0),
        )?
        .ok_or(crate::Error::Refused)
    }

    pub(super) fn put_incident(
        &mut self,
        workspace: WorkspaceKey,
        name: &str,
        number: i64,
        created: i64,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO incident (workspace, name, number, created, doc) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (workspace, name) DO UPDATE SET doc = excluded.doc",
            params![workspace.0, name.to_lowercase(), number, created, doc],
        )
    }

    pub(super) fn delete_incident(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool> {
        let name = name.to_lowercase();
        self.run_statement(
            "DELETE FROM incident_part WHERE workspace = ?1 AND incident = ?2",
            params![workspace.0, name],
        )?;
        self.run_statement(
            "DELETE FROM timeline WHERE workspace = ?1 AND incident = ?2",
            params![workspace.0, name],
        )?;
        self.changes("DELETE FROM incident WHERE workspace = ?1 AND name = ?2", params![workspace.0, name])
    }

    pub(super) fn part(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
    ) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 AND name = ?4",
            params![workspace.0, incident.to_lowercase(), kind.as_str(), name.to_lowercase()],
        )
    }

    pub(super) fn parts(&self, workspace: WorkspaceKey, incident: &str, kind: Part) -> Result<Vec<String>> {
        self.docs(
            "SELECT doc FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 ORDER BY seq",
            params![workspace.0, incident.to_lowercase(), kind.as_str()],
        )
    }

    pub(super) fn put_part(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO incident_part (workspace, incident, kind, name, seq, doc) VALUES (?1, ?2, ?3, ?4, \
             (SELECT coalesce(max(seq), 0) + 1 FROM incident_part WHERE workspace = ?1 AND incident = ?2), ?5) \
             ON CONFLICT (workspace, incident, kind, name) DO UPDATE SET doc = excluded.doc",
            params![workspace.0, incident.to_lowercase(), kind.as_str(), name.to_lowercase(), doc],
        )
    }

    pub(super) fn delete_part(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
    ) -> Result<bool> {
        self.changes(
            "DELETE FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 AND name = ?4",
            params![workspace.0, incident.to_lowercase(), kind.as_str(), name.to_lowercase()],
        )
    }

    pub(super) fn alert(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM alert WHERE workspace = ?1 AND id = ?2",
            params![workspace.0, id.to_lowercase()],
        )
    }

    pub(super) fn put_alert(&mut self, workspace: WorkspaceKey, id: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO alert (workspace, id, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (workspace, id) DO UPDATE SET doc = excluded.doc",
            params![workspace.0, id.to_lowercase(), doc],
        )
    }

    pub(super) fn timeline(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM timeline WHERE workspace = ?1 AND incident = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
            params![workspace.0, incident.to_lowercase(), after.unwrap_or(0), sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(super) fn append_timeline(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO timeline (workspace, incident, seq, doc) VALUES (?1, ?2, \
             (SELECT coalesce(max(seq), 0) + 1 FROM timeline WHERE workspace = ?1 AND incident = ?2), ?3)",
            params![workspace.0, incident.to_lowercase(), doc],
        )
    }

    pub(super) fn log_rows(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        since: i64,
        limit: usize,
    ) -> Result<Vec<String>> {
        self.docs(
            "SELECT doc FROM log_row WHERE workspace = ?1 AND log = ?2 AND time >= ?3 ORDER BY seq DESC LIMIT ?4",
            params![workspace.0, log.as_str(), since, sql_limit(limit)],
        )
    }

    pub(super) fn append_log(
        &mut self,
        workspace: WorkspaceKey,
        log: Log,
        time: i64,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO log_row (workspace, log, time, doc) VALUES (?1, ?2, ?3, ?4)",
            params![workspace.0, log.as_str(), time, doc],
        )
    }

    pub(super) fn automation_rule(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM automation_rule WHERE workspace = ?1 AND name = ?2",
            params![workspace.0, name.to_lowercase()],
        )
    }

    pub(super) fn automation_rules(&self, workspace: WorkspaceKey) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM automation_rule WHERE workspace = ?1 ORDER BY name", [workspace.0])
    }

    pub(super) fn put_automation_rule(
        &mut self,
        workspace: WorkspaceKey,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO automation_rule (workspace, name, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (workspace, name) DO UPDATE SET doc = excluded.doc",
            params![workspace.0, name.to_lowercase(), doc],
        )
    }

    pub(super) fn delete_automation_rule(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool> {
        self.changes(
            "DELETE FROM automation_rule WHERE workspace = ?1 AND name = ?2",
            params![workspace.0, name.to_lowercase()],
        )
    }

    pub(super) fn events(&self) -> Result<Vec<EventRow>> {
        self.all("SELECT seq, workspace, incident, doc FROM event ORDER BY seq", [], event_row)
    }

    pub(super) fn first_event(&self, workspace: WorkspaceKey, incident: &str) -> Result<Option<i64>> {
        let first: Option<Option<i64>> = self.one(
            "SELECT min(seq) FROM event WHERE workspace = ?1 AND incident = ?2",
            params![workspace.0, incident.to_lowercase()],
            |row| row.get(0),
        )?;
        Ok(first.flatten())
    }

    pub(super) fn event(&self, seq: i64) -> Result<Option<EventRow>> {
        self.one("SELECT seq, workspace, incident, doc FROM event WHERE seq = ?1", [seq], event_row)
    }

    pub(super) fn add_event(&mut self, workspace: WorkspaceKey, incident: &str, doc: &str) -> Result<i64> {
        self.run_statement(
            "INSERT INTO event (workspace, incident, doc) VALUES (?1, ?2, ?3)",
            params![workspace.0, incident.to_lowercase(), doc],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    pub(super) fn put_event(&mut self, seq: i64, doc: &str) -> Result<()> {
        self.run_statement("UPDATE event SET doc = ?2 WHERE seq = ?1", params![seq, doc])
    }

    pub(super) fn delete_event(&mut self, seq: i64) -> Result<()> {
        self.run_statement("DELETE FROM event WHERE seq = ?1", [seq])
    }
}
