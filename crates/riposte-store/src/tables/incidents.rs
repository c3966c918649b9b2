//! Workspaces, incidents and what hangs on them, automation rules, timeline and logs.

use crate::many::ManyRows;
use crate::session::{Session, sql_limit};
use crate::sql::{Param, Row, ToParam as _, params};
use crate::{Kind, Log, Part, ResourceKey, Result, WorkspaceKey, WorkspaceRow};

fn workspace_row(row: &Row<'_>) -> Result<WorkspaceRow> {
    Ok(WorkspaceRow {
        key: WorkspaceKey(row.get(0)?),
        resource: ResourceKey::new(&row.get::<String>(1)?),
        id: row.get(2)?,
        doc: row.get(3)?,
    })
}

impl Session<'_> {
    pub(crate) fn workspaces(&self) -> Result<Vec<WorkspaceRow>> {
        self.all(
            "SELECT key, resource, id, doc FROM workspace WHERE name <> '' ORDER BY key",
            [],
            workspace_row,
        )
    }

    pub(crate) fn workspace_by_resource(&self, resource: &ResourceKey) -> Result<Option<WorkspaceRow>> {
        self.one(
            "SELECT key, resource, id, doc FROM workspace WHERE resource = ?1",
            [resource.as_str()],
            workspace_row,
        )
    }

    pub(crate) fn workspaces_by_name(&self, guid_or_name: &str) -> Result<Vec<WorkspaceRow>> {
        self.all(
            "SELECT key, resource, id, doc FROM workspace WHERE name <> '' AND (id = ?1 OR name = ?1) ORDER BY key",
            [guid_or_name.to_lowercase()],
            workspace_row,
        )
    }

    pub(crate) fn put_workspace(
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
        self.changed(Kind::Workspaces)?;
        let key =
            self.one("SELECT key FROM workspace WHERE resource = ?1", [resource.as_str()], |row| row.get(0))?;
        key.map(WorkspaceKey).ok_or(crate::Error::Refused)
    }

    pub(crate) fn workspace_contents(&self, workspace: WorkspaceKey) -> Result<Vec<&'static str>> {
        const LOOKS: [(&str, &str); 5] = [
            ("incidents", "SELECT workspace FROM incident WHERE workspace = ?1 LIMIT 1"),
            ("alerts", "SELECT workspace FROM alert WHERE workspace = ?1 LIMIT 1"),
            ("automation rules", "SELECT workspace FROM automation_rule WHERE workspace = ?1 LIMIT 1"),
            (
                "analytics rules, watchlists or the like",
                "SELECT workspace FROM workspace_item WHERE workspace = ?1 AND kind <> 'entity' LIMIT 1",
            ),
            ("runs under way", "SELECT workspace FROM run WHERE ended IS NULL AND workspace = ?1 LIMIT 1"),
        ];
        let mut held = Vec::new();
        for (what, sql) in LOOKS {
            if self.one(sql, [workspace], |row| row.get::<i64>(0))?.is_some() {
                held.push(what);
            }
        }
        Ok(held)
    }

    /// The row stays under a name that nothing asks for, so that no other workspace gets the key.
    pub(crate) fn delete_workspace(&mut self, workspace: WorkspaceKey) -> Result<()> {
        const WITH_IT: [&str; 8] = [
            "DELETE FROM event WHERE workspace = ?1",
            "DELETE FROM timeline WHERE workspace = ?1",
            "DELETE FROM log_row WHERE workspace = ?1",
            "DELETE FROM rule_run WHERE workspace = ?1",
            "DELETE FROM evaluation WHERE workspace = ?1",
            "DELETE FROM evaluated_rules WHERE workspace = ?1",
            "DELETE FROM alert_group WHERE workspace = ?1",
            "DELETE FROM workspace_item WHERE workspace = ?1",
        ];
        for sql in WITH_IT {
            self.run_statement(sql, [workspace])?;
        }
        let removed = format!("removed:{}", workspace.0);
        self.run_statement(
            "UPDATE workspace SET resource = ?2, id = ?2, name = '', doc = '' WHERE key = ?1",
            params![workspace, removed],
        )?;
        self.changed(Kind::Workspaces)
    }

    pub(crate) fn incident(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM incident WHERE workspace = ?1 AND name = ?2",
            params![workspace, name.to_lowercase()],
        )
    }

    pub(crate) fn incident_by_number(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<String>> {
        self.doc("SELECT doc FROM incident WHERE workspace = ?1 AND number = ?2", params![workspace, number])
    }

    pub(crate) fn next_incident_number(&mut self, workspace: WorkspaceKey) -> Result<i64> {
        self.one(
            "UPDATE workspace SET incident_count = incident_count + 1 WHERE key = ?1 RETURNING incident_count",
            [workspace],
            |row| row.get(0),
        )?
        .ok_or(crate::Error::Refused)
    }

    pub(crate) fn put_incident_count(&mut self, workspace: WorkspaceKey, count: i64) -> Result<()> {
        self.run_statement(
            "UPDATE workspace SET incident_count = ?2 WHERE key = ?1",
            params![workspace, count],
        )
    }

    pub(crate) fn delete_incident(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool> {
        let name = name.to_lowercase();
        self.run_statement(
            "DELETE FROM incident_part WHERE workspace = ?1 AND incident = ?2",
            params![workspace, name],
        )?;
        self.run_statement(
            "DELETE FROM timeline WHERE workspace = ?1 AND incident = ?2",
            params![workspace, name],
        )?;
        self.forget_evaluations(workspace, &name)?;
        self.changes("DELETE FROM incident WHERE workspace = ?1 AND name = ?2", params![workspace, name])
    }

    pub(crate) fn part(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
    ) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 AND name = ?4",
            params![workspace, incident.to_lowercase(), kind.as_str(), name.to_lowercase()],
        )
    }

    pub(crate) fn parts(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 ORDER BY seq",
            params![workspace, incident.to_lowercase(), kind.as_str()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn put_part(
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
            params![workspace, incident.to_lowercase(), kind.as_str(), name.to_lowercase(), doc],
        )
    }

    pub(crate) fn delete_part(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        kind: Part,
        name: &str,
    ) -> Result<bool> {
        self.changes(
            "DELETE FROM incident_part WHERE workspace = ?1 AND incident = ?2 AND kind = ?3 AND name = ?4",
            params![workspace, incident.to_lowercase(), kind.as_str(), name.to_lowercase()],
        )
    }

    pub(crate) fn alert(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM alert WHERE workspace = ?1 AND id = ?2",
            params![workspace, id.to_lowercase()],
        )
    }

    pub(crate) fn known_alerts(&self, workspace: WorkspaceKey, ids: &[&str]) -> Result<Vec<String>> {
        const AT_ONCE: usize = 8;
        let mut found = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let ids: Vec<String> = ids.iter().map(|id| id.to_lowercase()).collect();
            // Where fewer are left, the first is asked for again.
            let again = ids.first().cloned().unwrap_or_default();
            let all = ids.iter().chain(std::iter::repeat(&again)).take(AT_ONCE);
            let params: Vec<Param<'_>> =
                std::iter::once(workspace.to_param()).chain(all.map(|id| id.to_param())).collect();
            let known = self.docs(
                "SELECT id FROM alert WHERE workspace = ?1 AND id IN (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params.as_slice(),
            )?;
            found.extend(known);
        }
        Ok(found)
    }

    pub(crate) fn add_alerts(&mut self, workspace: WorkspaceKey, alerts: &[(&str, String)]) -> Result<()> {
        const ROWS: ManyRows =
            ManyRows { head: "INSERT INTO alert (workspace, id, doc) VALUES ", row: "(?, ?, ?)", tail: "" };
        let ids: Vec<String> = alerts.iter().map(|(id, _)| id.to_lowercase()).collect();
        let rows: Vec<_> = ids
            .iter()
            .zip(alerts)
            .map(|(id, (_, doc))| vec![workspace.to_param(), id.to_param(), doc.to_param()])
            .collect();
        self.run_many(&ROWS, &rows)
    }

    pub(crate) fn put_alert(&mut self, workspace: WorkspaceKey, id: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO alert (workspace, id, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (workspace, id) DO UPDATE SET doc = excluded.doc",
            params![workspace, id.to_lowercase(), doc],
        )
    }

    pub(crate) fn timeline(
        &self,
        workspace: WorkspaceKey,
        incident: &str,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM timeline WHERE workspace = ?1 AND incident = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
            params![workspace, incident.to_lowercase(), after.unwrap_or(0), sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn begin_timelines(
        &mut self,
        workspace: WorkspaceKey,
        entries: &[(String, String)],
    ) -> Result<()> {
        const ROWS: ManyRows = ManyRows {
            head: "INSERT INTO timeline (workspace, incident, seq, doc) VALUES ",
            row: "(?, ?, 1, ?)",
            tail: "",
        };
        let rows: Vec<_> = entries
            .iter()
            .map(|(incident, doc)| vec![workspace.to_param(), incident.to_param(), doc.to_param()])
            .collect();
        self.run_many(&ROWS, &rows)
    }

    pub(crate) fn append_timeline(
        &mut self,
        workspace: WorkspaceKey,
        incident: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO timeline (workspace, incident, seq, doc) VALUES (?1, ?2, \
             (SELECT coalesce(max(seq), 0) + 1 FROM timeline WHERE workspace = ?1 AND incident = ?2), ?3)",
            params![workspace, incident.to_lowercase(), doc],
        )
    }

    pub(crate) fn log_rows(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        since: i64,
        limit: usize,
    ) -> Result<Vec<String>> {
        self.docs(
            "SELECT doc FROM log_row WHERE workspace = ?1 AND log = ?2 AND time >= ?3 ORDER BY seq DESC LIMIT ?4",
            params![workspace, log.as_str(), since, sql_limit(limit)],
        )
    }

    pub(crate) fn log_rows_back(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        since: i64,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM log_row WHERE workspace = ?1 AND log = ?2 AND time >= ?3 AND seq < ?4 \
             ORDER BY seq DESC LIMIT ?5",
            params![workspace, log.as_str(), since, before, sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn log_rows_after(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        after: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM log_row WHERE workspace = ?1 AND log = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
            params![workspace, log.as_str(), after, sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn log_rows_before(
        &self,
        workspace: WorkspaceKey,
        log: Log,
        before: i64,
        limit: usize,
    ) -> Result<Vec<(i64, String)>> {
        self.all(
            "SELECT seq, doc FROM log_row WHERE workspace = ?1 AND log = ?2 AND seq < ?3 ORDER BY seq DESC LIMIT ?4",
            params![workspace, log.as_str(), before, sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn append_log(
        &mut self,
        workspace: WorkspaceKey,
        log: Log,
        time: i64,
        doc: &str,
    ) -> Result<()> {
        self.append_logs(workspace, log, time, &[doc])
    }

    pub(crate) fn append_logs(
        &mut self,
        workspace: WorkspaceKey,
        log: Log,
        time: i64,
        docs: &[&str],
    ) -> Result<()> {
        const ROWS: ManyRows = ManyRows {
            head: "INSERT INTO log_row (workspace, log, time, doc) VALUES ",
            row: "(?, ?, ?, ?)",
            tail: "",
        };
        let rows: Vec<_> = docs
            .iter()
            .map(|doc| vec![workspace.to_param(), log.as_str().to_param(), time.to_param(), doc.to_param()])
            .collect();
        self.run_many(&ROWS, &rows)
    }

    pub(crate) fn automation_rule(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM automation_rule WHERE workspace = ?1 AND name = ?2",
            params![workspace, name.to_lowercase()],
        )
    }

    pub(crate) fn automation_rules(&self, workspace: WorkspaceKey) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM automation_rule WHERE workspace = ?1 ORDER BY name", [workspace])
    }

    pub(crate) fn automation_rule_count(&self, workspace: WorkspaceKey, most: i64) -> Result<i64> {
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM automation_rule WHERE workspace = ?1 LIMIT ?2) AS known";
        Ok(self.one(sql, params![workspace, most], |row| row.get(0))?.unwrap_or(0))
    }

    pub(crate) fn put_automation_rule(
        &mut self,
        workspace: WorkspaceKey,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO automation_rule (workspace, name, doc) VALUES (?1, ?2, ?3) \
             ON CONFLICT (workspace, name) DO UPDATE SET doc = excluded.doc",
            params![workspace, name.to_lowercase(), doc],
        )?;
        self.changed(Kind::Rules)
    }

    pub(crate) fn delete_automation_rule(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool> {
        self.changed(Kind::Rules)?;
        self.forget_rule_runs(workspace, name)?;
        self.changes(
            "DELETE FROM automation_rule WHERE workspace = ?1 AND name = ?2",
            params![workspace, name.to_lowercase()],
        )
    }
}
