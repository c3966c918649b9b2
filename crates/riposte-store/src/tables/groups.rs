//! Groups of alerts: which incident takes the next alert of a rule.

use crate::session::Session;
use crate::sql::params;
use crate::{GroupRow, Result, WorkspaceKey};

impl Session<'_> {
    pub(crate) fn alert_groups(
        &self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        from: i64,
        to: i64,
    ) -> Result<Vec<GroupRow>> {
        self.all(
            "SELECT incident, first, last FROM alert_group WHERE workspace = ?1 AND rule = ?2 AND key = ?3 \
             AND first BETWEEN ?4 AND ?5 ORDER BY first, incident",
            params![workspace, rule.to_lowercase(), key, from, to],
            |row| Ok(GroupRow { incident: row.get(0)?, first: row.get(1)?, last: row.get(2)? }),
        )
    }

    pub(crate) fn put_alert_group(
        &mut self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        row: &GroupRow,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO alert_group (workspace, rule, key, first, incident, last) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
             ON CONFLICT (workspace, rule, key, first, incident) DO UPDATE SET last = excluded.last",
            params![workspace, rule.to_lowercase(), key, row.first, row.incident.to_lowercase(), row.last],
        )
    }

    pub(crate) fn delete_alert_group(
        &mut self,
        workspace: WorkspaceKey,
        rule: &str,
        key: &str,
        row: &GroupRow,
    ) -> Result<()> {
        self.run_statement(
            "DELETE FROM alert_group WHERE workspace = ?1 AND rule = ?2 AND key = ?3 AND first = ?4 AND incident = ?5",
            params![workspace, rule.to_lowercase(), key, row.first, row.incident.to_lowercase()],
        )
    }
}
