//! What the calls of a run's actions sent and got back.

use crate::Result;
use crate::session::{Session, sql_limit};
use crate::sql::params;

/// How many requests of one action and repetition are kept: an operation may be polled for weeks.
const KEPT_MAX: i64 = 100;

impl Session<'_> {
    pub(crate) fn run_requests(
        &self,
        run: &str,
        action: &str,
        repetition: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>> {
        self.all(
            "SELECT name, doc FROM run_request WHERE run = ?1 AND action = ?2 AND repetition = ?3 AND name > ?4 \
             ORDER BY name LIMIT ?5",
            params![run, action.to_lowercase(), repetition, after, sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn run_request(
        &self,
        run: &str,
        action: &str,
        repetition: &str,
        name: &str,
    ) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM run_request WHERE run = ?1 AND action = ?2 AND repetition = ?3 AND name = ?4",
            params![run, action.to_lowercase(), repetition, name],
        )
    }

    pub(crate) fn add_run_request(
        &mut self,
        run: &str,
        action: &str,
        repetition: &str,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        let action = action.to_lowercase();
        self.run_statement(
            "INSERT INTO run_request (run, action, repetition, name, doc) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (run, action, repetition, name) DO UPDATE SET doc = excluded.doc",
            params![run, action, repetition, name, doc],
        )?;
        self.run_statement(
            "DELETE FROM run_request WHERE run = ?1 AND action = ?2 AND repetition = ?3 AND name > \
             (SELECT name FROM run_request WHERE run = ?1 AND action = ?2 AND repetition = ?3 \
             ORDER BY name LIMIT 1 OFFSET ?4)",
            params![run, action, repetition, KEPT_MAX - 1],
        )
    }
}
