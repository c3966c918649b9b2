//! Runs: what they began with, how far they have come, their action records.

use crate::session::{Session, sql_limit};
use crate::sql::{Row, params};
use crate::{Error, Kind, ResourceKey, Result, RunProgress, RunRow, WorkspaceKey};

fn run_row(row: &Row<'_>) -> Result<RunRow> {
    let workspace: Option<i64> = row.get(3)?;
    let incident: Option<String> = row.get(4)?;
    Ok(RunRow {
        id: row.get(0)?,
        resource: ResourceKey::new(&row.get::<String>(1)?),
        version: row.get(2)?,
        incident: workspace.map(WorkspaceKey).zip(incident),
        status: row.get(5)?,
        started: row.get(6)?,
        ended: row.get(7)?,
        doc: row.get(8)?,
        outcome: row.get(9)?,
    })
}

macro_rules! select_run {
    ($rest:literal) => {
        concat!("SELECT id, resource, version, workspace, incident, status, started, ended, doc, outcome FROM run ", $rest)
    };
}

impl Session<'_> {
    pub(crate) fn run(&self, id: &str) -> Result<Option<RunRow>> {
        self.one(select_run!("WHERE id = ?1"), [id], run_row)
    }

    pub(crate) fn runs(
        &self,
        resource: &ResourceKey,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<RunRow>> {
        // Names of later runs come first in the order of text.
        self.all(
            select_run!("WHERE resource = ?1 AND id > ?2 ORDER BY id LIMIT ?3"),
            params![resource.as_str(), after.unwrap_or(""), sql_limit(limit)],
            run_row,
        )
    }

    pub(crate) fn runs_of_incident(&self, workspace: WorkspaceKey, incident: &str) -> Result<Vec<RunRow>> {
        self.all(
            select_run!("WHERE workspace = ?1 AND incident = ?2 ORDER BY id"),
            params![workspace.0, incident.to_lowercase()],
            run_row,
        )
    }

    pub(crate) fn all_runs(&self, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>> {
        self.all(
            select_run!("WHERE id > ?1 ORDER BY id LIMIT ?2"),
            params![after.unwrap_or(""), sql_limit(limit)],
            run_row,
        )
    }

    pub(crate) fn open_runs(&self) -> Result<Vec<RunRow>> {
        self.all(
            select_run!("WHERE ended IS NULL AND node = ?1 AND due IS NULL ORDER BY id DESC"),
            [self.node],
            run_row,
        )
    }

    pub(crate) fn parked_runs(&self) -> Result<Vec<(String, i64)>> {
        self.all(
            "SELECT id, CASE WHEN EXISTS (SELECT 1 FROM run_inbox WHERE run_inbox.run = run.id) THEN 0 ELSE due END \
             FROM run WHERE ended IS NULL AND node = ?1 AND due IS NOT NULL",
            [self.node],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn run_due(&self, id: &str) -> Result<Option<i64>> {
        self.one(
            "SELECT due FROM run WHERE id = ?1 AND node = ?2 AND ended IS NULL AND due IS NOT NULL",
            params![id, self.node],
            |row| row.get(0),
        )
    }

    pub(crate) fn open_runs_of(&self, resource: &ResourceKey) -> Result<Vec<RunRow>> {
        self.all(
            select_run!("WHERE resource = ?1 AND ended IS NULL ORDER BY id DESC"),
            [resource.as_str()],
            run_row,
        )
    }

    pub(crate) fn open_run_count(&self, resource: &ResourceKey) -> Result<i64> {
        let sql = "SELECT count(*) FROM run WHERE resource = ?1 AND ended IS NULL";
        Ok(self.one(sql, [resource.as_str()], |row| row.get(0))?.unwrap_or(0))
    }

    pub(crate) fn run_progress(&self, id: &str) -> Result<RunProgress> {
        Ok(RunProgress {
            state: self.one("SELECT state FROM run_state WHERE run = ?1", [id], |row| row.get(0))?,
            records: self.run_records(id)?,
            inbox: self.all(
                "SELECT command, doc FROM run_inbox WHERE run = ?1 ORDER BY command",
                [id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
        })
    }

    pub(crate) fn run_records(&self, id: &str) -> Result<Vec<String>> {
        self.docs("SELECT doc FROM run_record WHERE run = ?1 ORDER BY seq", [id])
    }

    pub(crate) fn add_run(&mut self, run: &RunRow) -> Result<()> {
        self.own_lease()?;
        let incident = run.incident.as_ref();
        self.run_statement(
            "INSERT INTO run (id, resource, version, workspace, incident, status, started, ended, doc, outcome, \
             node) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                run.id,
                run.resource.as_str(),
                run.version,
                incident.map(|(workspace, _)| workspace.0),
                incident.map(|(_, name)| name.to_lowercase()),
                run.status,
                run.started,
                run.ended,
                run.doc,
                run.outcome,
                self.node
            ],
        )
    }

    pub(crate) fn put_run_state(
        &mut self,
        id: &str,
        status: &str,
        state: &[u8],
        records: Option<&str>,
    ) -> Result<()> {
        self.own_run(id)?;
        self.run_statement(
            "UPDATE run SET status = ?2, due = NULL WHERE id = ?1 AND (status <> ?2 OR due IS NOT NULL)",
            params![id, status],
        )?;
        self.run_statement(
            "INSERT INTO run_state (run, state) VALUES (?1, ?2) ON CONFLICT (run) DO UPDATE SET state = excluded.state",
            params![id, state],
        )?;
        self.add_records(id, records)
    }

    pub(crate) fn park_run(&mut self, id: &str, due: i64) -> Result<()> {
        let params = params![id, due, self.node];
        self.require("UPDATE run SET due = ?2 WHERE id = ?1 AND node = ?3", params, Error::LostOwnership)
    }

    pub(crate) fn inbox(&self, run: &str, command: &str) -> Result<Option<String>> {
        self.one("SELECT doc FROM run_inbox WHERE run = ?1 AND command = ?2", [run, command], |row| {
            row.get(0)
        })
    }

    pub(crate) fn run_state(&self, id: &str) -> Result<Option<Vec<u8>>> {
        self.one("SELECT state FROM run_state WHERE run = ?1", [id], |row| row.get(0))
    }

    pub(crate) fn put_inbox(&mut self, run: &str, command: &str, doc: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO run_inbox (run, command, doc, posted) \
             SELECT id, ?2, ?3, CASE WHEN node = ?4 THEN 0 ELSE 1 END FROM run WHERE id = ?1 AND ended IS NULL \
             ON CONFLICT (run, command) DO NOTHING",
            params![run, command, doc, self.node],
        )?;
        if self.sql.is_shared()
            && self.changes(
                "UPDATE generation SET value = value + 1 \
                 WHERE kind = ?1 AND EXISTS (SELECT 1 FROM run WHERE id = ?2 AND node <> ?3)",
                params![Kind::Mail.as_str(), run, self.node],
            )?
        {
            self.sql.tell_others();
        }
        Ok(())
    }

    pub(crate) fn mail(&self) -> Result<Vec<(String, String, String)>> {
        self.all(
            "SELECT run_inbox.run, run_inbox.command, run_inbox.doc FROM run_inbox \
             JOIN run ON run.id = run_inbox.run WHERE run_inbox.posted = 1 AND run.node = ?1 \
             ORDER BY run_inbox.run, run_inbox.command",
            [self.node],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    pub(crate) fn received(&mut self, run: &str, command: &str) -> Result<()> {
        self.run_statement("UPDATE run_inbox SET posted = 0 WHERE run = ?1 AND command = ?2", [run, command])
    }

    pub(crate) fn delete_inbox(&mut self, run: &str, command: &str) -> Result<()> {
        self.run_statement("DELETE FROM run_inbox WHERE run = ?1 AND command = ?2", params![run, command])
    }

    pub(crate) fn end_run(
        &mut self,
        id: &str,
        status: &str,
        ended: i64,
        records: Option<&str>,
        outcome: &str,
    ) -> Result<()> {
        self.require(
            "UPDATE run SET status = ?2, ended = ?3, outcome = ?4, due = NULL WHERE id = ?1 AND node = ?5",
            params![id, status, ended, outcome, self.node],
            Error::LostOwnership,
        )?;
        self.run_statement("DELETE FROM run_state WHERE run = ?1", [id])?;
        self.run_statement("DELETE FROM run_inbox WHERE run = ?1", [id])?;
        self.add_records(id, records)
    }

    pub(crate) fn keep_run_state(&mut self, id: &str, state: &[u8]) -> Result<()> {
        self.run_statement("INSERT INTO run_state (run, state) VALUES (?1, ?2)", params![id, state])
    }

    pub(crate) fn reopen_run(&mut self, id: &str, state: &[u8], attempt: &str) -> Result<()> {
        self.own_lease()?;
        self.run_statement(
            "INSERT INTO run_attempt (run, attempt, last_record, doc) VALUES (?1, \
             (SELECT coalesce(max(attempt), 0) + 1 FROM run_attempt WHERE run = ?1), \
             (SELECT coalesce(max(seq), 0) FROM run_record WHERE run = ?1), ?2)",
            params![id, attempt],
        )?;
        self.run_statement("UPDATE run_state SET state = ?2 WHERE run = ?1", params![id, state])?;
        self.require(
            "UPDATE run SET status = 'Running', ended = NULL, outcome = NULL, due = NULL, node = ?2 \
             WHERE id = ?1 AND ended IS NOT NULL",
            params![id, self.node],
            Error::Refused,
        )
    }

    pub(crate) fn run_attempts(&self, id: &str) -> Result<Vec<(i64, String)>> {
        self.all("SELECT last_record, doc FROM run_attempt WHERE run = ?1 ORDER BY attempt", [id], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    pub(crate) fn add_child(&mut self, parent: &str, command: &str, child: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO run_child (parent, command, child) VALUES (?1, ?2, ?3)",
            [parent, command, child],
        )
    }

    pub(crate) fn child(&self, parent: &str, command: &str) -> Result<Option<String>> {
        self.one("SELECT child FROM run_child WHERE parent = ?1 AND command = ?2", [parent, command], |row| {
            row.get(0)
        })
    }

    pub(crate) fn forget_child(&mut self, parent: &str, command: &str) -> Result<bool> {
        self.changes("DELETE FROM run_child WHERE parent = ?1 AND command = ?2", [parent, command])
    }

    /// Refuses the job if the run is another node's.
    fn own_run(&self, id: &str) -> Result<()> {
        let params = params![id, self.node];
        self.require("SELECT id FROM run WHERE id = ?1 AND node = ?2", params, Error::LostOwnership)
    }

    fn add_records(&mut self, id: &str, records: Option<&str>) -> Result<()> {
        let Some(records) = records else { return Ok(()) };
        self.run_statement(
            "INSERT INTO run_record (run, seq, doc) VALUES (?1, \
             (SELECT coalesce(max(seq), 0) + 1 FROM run_record WHERE run = ?1), ?2)",
            params![id, records],
        )
    }
}
