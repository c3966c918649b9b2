//! Events that wait for their automation rules, and what became of the rules: their last runs, and those that did not
//! match.

use crate::session::{Session, sql_limit};
use crate::sql::{Row, params};
use crate::{EvaluationRow, EventRow, EventSubject, Kind, Result, SubjectKind, WorkspaceKey};

fn event_row(row: &Row<'_>) -> Result<EventRow> {
    let subject = EventSubject {
        workspace: WorkspaceKey(row.get(1)?),
        kind: SubjectKind::parse(&row.get::<String>(2)?),
        name: row.get(3)?,
    };
    Ok(EventRow { seq: row.get(0)?, subject, doc: row.get(4)? })
}

impl Session<'_> {
    pub(crate) fn events(&self) -> Result<Vec<EventRow>> {
        self.all(
            "SELECT seq, workspace, kind, incident, doc FROM event WHERE node = ?1 ORDER BY seq",
            [self.node],
            event_row,
        )
    }

    pub(crate) fn first_event(&self, subject: &EventSubject) -> Result<Option<i64>> {
        let EventSubject { workspace, kind, name } = subject;
        let first: Option<Option<i64>> = self.one(
            "SELECT min(seq) FROM event WHERE workspace = ?1 AND kind = ?2 AND incident = ?3 AND node = ?4",
            params![*workspace, kind.as_str(), name.as_str(), self.node],
            |row| row.get(0),
        )?;
        Ok(first.flatten())
    }

    pub(crate) fn event(&self, seq: i64) -> Result<Option<EventRow>> {
        self.one(
            "SELECT seq, workspace, kind, incident, doc FROM event WHERE seq = ?1 AND node = ?2",
            params![seq, self.node],
            event_row,
        )
    }

    pub(crate) fn add_event(&mut self, subject: &EventSubject, doc: &str) -> Result<i64> {
        self.own_lease()?;
        let EventSubject { workspace, kind, name } = subject;
        // Events of one subject come one after the other, so all that wait are one node's.
        let seq = self.one(
            "INSERT INTO event (workspace, kind, incident, doc, node) VALUES (?1, ?2, ?3, ?4, coalesce(\
             (SELECT node FROM event WHERE workspace = ?1 AND kind = ?2 AND incident = ?3 ORDER BY seq LIMIT 1), ?5)) \
             RETURNING seq",
            params![*workspace, kind.as_str(), name.as_str(), doc, self.node],
            |row| row.get(0),
        )?;
        seq.ok_or(crate::Error::Refused)
    }

    pub(crate) fn put_event(&mut self, seq: i64, doc: &str) -> Result<()> {
        self.run_statement("UPDATE event SET doc = ?2 WHERE seq = ?1", params![seq, doc])
    }

    pub(crate) fn delete_event(&mut self, seq: i64) -> Result<()> {
        self.run_statement("DELETE FROM event WHERE seq = ?1", [seq])
    }

    pub(crate) fn tenant_rule(&self, name: &str) -> Result<Option<String>> {
        self.doc("SELECT doc FROM tenant_rule WHERE name = ?1", [name.to_lowercase()])
    }

    pub(crate) fn tenant_rules(&self) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM tenant_rule ORDER BY name", [])
    }

    pub(crate) fn put_tenant_rule(&mut self, name: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO tenant_rule (name, doc) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc",
            params![name.to_lowercase(), doc],
        )?;
        self.changed(Kind::Rules)
    }

    pub(crate) fn delete_tenant_rule(&mut self, name: &str) -> Result<bool> {
        self.changed(Kind::Rules)?;
        let runs = format!("/{}", name.to_lowercase());
        self.run_statement("DELETE FROM rule_run WHERE rule = ?1", [runs.as_str()])?;
        self.changes("DELETE FROM tenant_rule WHERE name = ?1", [name.to_lowercase()])
    }

    pub(crate) fn rule_runs(
        &self,
        workspace: WorkspaceKey,
        rule: Option<&str>,
    ) -> Result<Vec<(String, String)>> {
        let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        match rule {
            Some(rule) => self.all(
                "SELECT rule, doc FROM rule_run WHERE workspace = ?1 AND rule = ?2",
                params![workspace, rule.to_lowercase()],
                pair,
            ),
            None => self.all(
                "SELECT rule, doc FROM rule_run WHERE workspace = ?1 ORDER BY rule",
                [workspace],
                pair,
            ),
        }
    }

    pub(crate) fn put_rule_run(
        &mut self,
        workspace: WorkspaceKey,
        rule: &str,
        status: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO rule_run (workspace, rule, status, doc) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (workspace, rule, status) DO UPDATE SET doc = excluded.doc",
            params![workspace, rule.to_lowercase(), status, doc],
        )
    }

    pub(super) fn forget_rule_runs(&mut self, workspace: WorkspaceKey, rule: &str) -> Result<()> {
        self.run_statement(
            "DELETE FROM rule_run WHERE workspace = ?1 AND rule = ?2",
            params![workspace, rule.to_lowercase()],
        )
    }

    pub(crate) fn evaluations(&self, subject: &EventSubject, limit: usize) -> Result<Vec<(String, String)>> {
        self.all(
            "SELECT rules, doc FROM evaluation WHERE workspace = ?1 AND kind = ?2 AND subject = ?3 \
             ORDER BY time DESC, position DESC, seq DESC LIMIT ?4",
            params![subject.workspace, subject.kind.as_str(), subject.name.as_str(), sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn evaluations_after(
        &self,
        subject: &EventSubject,
        (time, position, seq): (i64, i64, i64),
        limit: usize,
    ) -> Result<Vec<EvaluationRow>> {
        self.all(
            "SELECT time, position, seq, rules, doc FROM evaluation WHERE workspace = ?1 AND kind = ?2 \
             AND subject = ?3 AND (time, position, seq) > (?4, ?5, ?6) ORDER BY time, position, seq LIMIT ?7",
            params![
                subject.workspace,
                subject.kind.as_str(),
                subject.name.as_str(),
                time,
                position,
                seq,
                sql_limit(limit)
            ],
            |row| {
                let place = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(EvaluationRow { place, rules: row.get(3)?, doc: row.get(4)? })
            },
        )
    }

    pub(crate) fn evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>> {
        self.doc("SELECT doc FROM evaluated_rules WHERE workspace = ?1 AND id = ?2", params![workspace, id])
    }

    pub(crate) fn knows_evaluated_rules(&self, workspace: WorkspaceKey, id: &str) -> Result<bool> {
        let found: Option<i64> = self.one(
            "SELECT count(*) FROM evaluated_rules WHERE workspace = ?1 AND id = ?2",
            params![workspace, id],
            |row| row.get(0),
        )?;
        Ok(found.is_some_and(|count| count > 0))
    }

    pub(crate) fn put_evaluated_rules(
        &mut self,
        workspace: WorkspaceKey,
        id: &str,
        time: i64,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO evaluated_rules (workspace, id, time, doc) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![workspace, id, time, doc],
        )
    }

    pub(crate) fn add_evaluation(
        &mut self,
        subject: &EventSubject,
        time: i64,
        rules: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO evaluation (workspace, kind, subject, time, rules, doc, position) VALUES \
             (?1, ?2, ?3, ?4, ?5, ?6, \
             (SELECT coalesce(max(seq), 0) FROM timeline WHERE workspace = ?1 AND incident = ?3))",
            params![subject.workspace, subject.kind.as_str(), subject.name.as_str(), time, rules, doc],
        )
    }

    pub(crate) fn prune_evaluations(&mut self, before: i64, kept: usize, limit: usize) -> Result<()> {
        self.run_statement(
            "DELETE FROM evaluation WHERE seq IN (SELECT seq FROM \
             (SELECT seq, time FROM evaluation ORDER BY seq LIMIT ?3) AS oldest \
             WHERE time < ?1 OR seq <= (SELECT max(seq) FROM evaluation) - ?2)",
            params![before, sql_limit(kept), sql_limit(limit)],
        )
    }

    pub(crate) fn prune_evaluated_rules(&mut self, before: i64) -> Result<()> {
        self.run_statement(
            "DELETE FROM evaluated_rules WHERE time < ?1 AND id NOT IN (SELECT DISTINCT rules FROM evaluation)",
            [before],
        )
    }

    pub(super) fn forget_evaluations(&mut self, workspace: WorkspaceKey, incident: &str) -> Result<()> {
        self.run_statement(
            "DELETE FROM evaluation WHERE workspace = ?1 AND kind = ?2 AND subject = ?3",
            params![workspace, SubjectKind::Incident.as_str(), incident.to_lowercase()],
        )
    }
}
