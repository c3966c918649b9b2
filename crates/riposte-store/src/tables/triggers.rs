//! Triggers: what they wait for, their occurrences without a run, those that wait, batches, keys.

use crate::session::{Session, sql_limit};
use crate::sql::{Row, params};
use crate::{ResourceKey, Result, TriggerRow};

/// How many occurrences without a run are kept of a trigger: a poll leaves one each time it finds nothing.
const KEPT_MAX: i64 = 1_000;

fn trigger_row(row: &Row<'_>) -> Result<TriggerRow> {
    Ok(TriggerRow {
        resource: ResourceKey::new(&row.get::<String>(0)?),
        name: row.get(1)?,
        due: row.get(2)?,
        doc: row.get(3)?,
        secret: row.get(4)?,
    })
}

impl Session<'_> {
    pub(crate) fn trigger_state(&self, resource: &ResourceKey, name: &str) -> Result<Option<TriggerRow>> {
        self.one(
            "SELECT resource, name, due, doc, secret FROM trigger_state WHERE resource = ?1 AND name = ?2",
            params![resource.as_str(), name.to_lowercase()],
            trigger_row,
        )
    }

    pub(crate) fn trigger_states(&self, resource: &ResourceKey) -> Result<Vec<TriggerRow>> {
        self.all(
            "SELECT resource, name, due, doc, secret FROM trigger_state WHERE resource = ?1 ORDER BY name",
            [resource.as_str()],
            trigger_row,
        )
    }

    pub(crate) fn due_triggers(&self, now: i64, limit: usize) -> Result<Vec<TriggerRow>> {
        self.all(
            "SELECT resource, name, due, doc, secret FROM trigger_state WHERE due IS NOT NULL AND due <= ?1 \
             ORDER BY due LIMIT ?2",
            params![now, sql_limit(limit)],
            trigger_row,
        )
    }

    pub(crate) fn next_trigger_due(&self) -> Result<Option<i64>> {
        self.one("SELECT due FROM trigger_state WHERE due IS NOT NULL ORDER BY due LIMIT 1", [], |row| {
            row.get(0)
        })
    }

    pub(crate) fn put_trigger_state(&mut self, row: &TriggerRow) -> Result<()> {
        self.run_statement(
            "INSERT INTO trigger_state (resource, name, due, doc, secret) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (resource, name) DO UPDATE SET due = excluded.due, doc = excluded.doc, secret = excluded.secret",
            params![
                row.resource.as_str(),
                row.name.to_lowercase(),
                row.due,
                row.doc,
                row.secret.as_deref()
            ],
        )
    }

    pub(crate) fn delete_trigger_state(&mut self, resource: &ResourceKey, name: &str) -> Result<bool> {
        self.changes(
            "DELETE FROM trigger_state WHERE resource = ?1 AND name = ?2",
            params![resource.as_str(), name.to_lowercase()],
        )
    }

    pub(crate) fn trigger_history(
        &self,
        resource: &ResourceKey,
        trigger: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>> {
        // Names of later occurrences come first in the order of text.
        self.all(
            "SELECT name, doc FROM trigger_history WHERE resource = ?1 AND trigger_name = ?2 AND name > ?3 \
             ORDER BY name LIMIT ?4",
            params![resource.as_str(), trigger.to_lowercase(), after, sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn add_trigger_history(
        &mut self,
        resource: &ResourceKey,
        trigger: &str,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        let trigger = trigger.to_lowercase();
        self.run_statement(
            "INSERT INTO trigger_history (resource, trigger_name, name, doc) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (resource, trigger_name, name) DO UPDATE SET doc = excluded.doc",
            params![resource.as_str(), trigger, name, doc],
        )?;
        self.run_statement(
            "DELETE FROM trigger_history WHERE resource = ?1 AND trigger_name = ?2 AND name > \
             (SELECT name FROM trigger_history WHERE resource = ?1 AND trigger_name = ?2 \
             ORDER BY name LIMIT 1 OFFSET ?3)",
            params![resource.as_str(), trigger, KEPT_MAX],
        )
    }

    pub(crate) fn waiting_triggers(&self) -> Result<Vec<(ResourceKey, String)>> {
        self.all("SELECT DISTINCT resource, trigger_name FROM trigger_waiting", [], |row| {
            Ok((ResourceKey::new(row.get::<String>(0)?.as_str()), row.get(1)?))
        })
    }

    pub(crate) fn all_waiting_runs(&self, resource: &ResourceKey) -> Result<i64> {
        let sql = "SELECT count(*) FROM trigger_waiting WHERE resource = ?1";
        Ok(self.one(sql, [resource.as_str()], |row| row.get(0))?.unwrap_or(0))
    }

    pub(crate) fn waiting_runs(&self, resource: &ResourceKey, trigger: &str) -> Result<i64> {
        let count = self.one(
            "SELECT count(*) FROM trigger_waiting WHERE resource = ?1 AND trigger_name = ?2",
            params![resource.as_str(), trigger.to_lowercase()],
            |row| row.get(0),
        )?;
        Ok(count.unwrap_or(0))
    }

    pub(crate) fn add_waiting_run(&mut self, resource: &ResourceKey, trigger: &str, run: &str) -> Result<()> {
        self.run_statement(
            "INSERT INTO trigger_waiting (resource, trigger_name, run) VALUES (?1, ?2, ?3)",
            params![resource.as_str(), trigger.to_lowercase(), run],
        )
    }

    pub(crate) fn take_waiting_run(
        &mut self,
        resource: &ResourceKey,
        trigger: &str,
        now: i64,
    ) -> Result<Option<String>> {
        let run: Option<String> = self.one(
            "DELETE FROM trigger_waiting WHERE seq = (SELECT seq FROM trigger_waiting WHERE resource = ?1 \
             AND trigger_name = ?2 ORDER BY seq LIMIT 1) RETURNING run",
            params![resource.as_str(), trigger.to_lowercase()],
            |row| row.get(0),
        )?;
        if let Some(run) = &run {
            self.own_lease()?;
            let params = params![run, now, self.node];
            self.changes("UPDATE run SET due = ?2, node = ?3 WHERE id = ?1 AND ended IS NULL", params)?;
        }
        Ok(run)
    }

    pub(crate) fn forget_waiting_run(&mut self, run: &str) -> Result<bool> {
        self.changes("DELETE FROM trigger_waiting WHERE run = ?1", [run])
    }

    pub(crate) fn batch_total(&self, resource: &ResourceKey, batch: &str, part: &str) -> Result<(i64, i64)> {
        let total = self.one(
            "SELECT count(*), CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM batch_item \
             WHERE resource = ?1 AND batch = ?2 AND part = ?3",
            params![resource.as_str(), batch, part],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(total.unwrap_or((0, 0)))
    }

    pub(crate) fn batch_parts(&self, resource: &ResourceKey, batch: &str) -> Result<Vec<String>> {
        self.docs(
            "SELECT DISTINCT part FROM batch_item WHERE resource = ?1 AND batch = ?2 ORDER BY part",
            params![resource.as_str(), batch],
        )
    }

    pub(crate) fn add_batch_item(
        &mut self,
        resource: &ResourceKey,
        batch: &str,
        part: &str,
        bytes: i64,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO batch_item (resource, batch, part, bytes, doc) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![resource.as_str(), batch, part, bytes, doc],
        )
    }

    pub(crate) fn take_batch(
        &mut self,
        resource: &ResourceKey,
        batch: &str,
        part: &str,
    ) -> Result<Vec<String>> {
        let items = self.docs(
            "SELECT doc FROM batch_item WHERE resource = ?1 AND batch = ?2 AND part = ?3 ORDER BY seq",
            params![resource.as_str(), batch, part],
        )?;
        self.run_statement(
            "DELETE FROM batch_item WHERE resource = ?1 AND batch = ?2 AND part = ?3",
            params![resource.as_str(), batch, part],
        )?;
        Ok(items)
    }

    pub(crate) fn workflow_key(&self, resource: &ResourceKey) -> Result<Option<(String, Vec<u8>)>> {
        self.one("SELECT id, secret FROM workflow_key WHERE resource = ?1", [resource.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
    }

    pub(crate) fn workflow_of_key(&self, id: &str) -> Result<Option<ResourceKey>> {
        let id = id.to_lowercase();
        let found: Option<String> =
            self.one("SELECT resource FROM workflow_key WHERE id = ?1", [id.as_str()], |row| row.get(0))?;
        Ok(found.map(|resource| ResourceKey::new(&resource)))
    }

    pub(crate) fn put_workflow_key(&mut self, resource: &ResourceKey, id: &str, secret: &[u8]) -> Result<()> {
        self.run_statement(
            "INSERT INTO workflow_key (resource, id, secret) VALUES (?1, ?2, ?3) \
             ON CONFLICT (resource) DO UPDATE SET secret = excluded.secret",
            params![resource.as_str(), id.to_lowercase(), secret],
        )
    }

    pub(crate) fn forget_triggers(&mut self, resource: &ResourceKey) -> Result<()> {
        let resource = resource.as_str();
        self.run_statement("DELETE FROM trigger_history WHERE resource = ?1", [resource])?;
        self.run_statement("DELETE FROM trigger_waiting WHERE resource = ?1", [resource])?;
        self.run_statement("DELETE FROM batch_item WHERE resource = ?1", [resource])?;
        self.run_statement("DELETE FROM workflow_key WHERE resource = ?1", [resource])
    }
}
