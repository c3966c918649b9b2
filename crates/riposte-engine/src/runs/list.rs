//! Lists of runs, the latest first.

use super::history::RunHistory;
use crate::error::Result;
use crate::shared::Shared;
use crate::{Engine, Page};
use riposte_store::{Read, ResourceKey, RunRow};
use std::sync::Arc;

impl Engine {
    /// Runs of a playbook, the latest first.
    pub async fn list_runs(
        &self,
        playbook: &str,
        after: Option<String>,
        top: usize,
        status: Option<String>,
    ) -> Result<Page> {
        let (shared, key) = (Arc::clone(&self.shared), ResourceKey::new(playbook));
        let page = move |tx: &dyn Read| {
            let rows = page_of_runs(top, after, status.as_deref(), |after, n| tx.runs(&key, after, n))?;
            read_page(&shared, tx, rows)
        };
        Ok(self.run_page(self.shared.store.read(move |tx| Ok(page(tx))).await??))
    }

    /// Runs of all playbooks, the latest first.
    pub async fn recent_runs(&self, after: Option<String>, top: usize) -> Result<Page> {
        let shared = Arc::clone(&self.shared);
        let page = move |tx: &dyn Read| {
            let rows = page_of_runs(top, after, None, |after, n| tx.all_runs(after, n))?;
            read_page(&shared, tx, rows)
        };
        Ok(self.run_page(self.shared.store.read(move |tx| Ok(page(tx))).await??))
    }

    fn run_page(&self, (runs, next): (Vec<RunHistory>, Option<String>)) -> Page {
        Page { items: runs.iter().map(|run| run.to_arm(&self.links(&run.row.id))).collect(), next }
    }

    /// The runs that were started for an incident, with every action record, oldest first.
    pub(crate) async fn histories_of_incident(
        &self,
        workspace: riposte_store::WorkspaceKey,
        incident: &str,
    ) -> Result<Vec<RunHistory>> {
        let (shared, incident) = (Arc::clone(&self.shared), incident.to_owned());
        let read = move |tx: &dyn Read| {
            let rows = tx.runs_of_incident(workspace, &incident)?.into_iter().rev();
            rows.map(|row| {
                let records = tx.run_records(&row.id)?;
                RunHistory::read(&shared, tx, row, &records)
            })
            .collect()
        };
        self.shared.store.read(move |tx| Ok(read(tx))).await?
    }
}

/// Collects a page of runs of a status, and whether there are more.
fn page_of_runs(
    top: usize,
    mut after: Option<String>,
    status: Option<&str>,
    next: impl Fn(Option<&str>, usize) -> riposte_store::Result<Vec<RunRow>>,
) -> riposte_store::Result<(Vec<RunRow>, bool)> {
    let top = top.clamp(1, 1000);
    let mut found = Vec::new();
    loop {
        let rows = next(after.as_deref(), top + 1)?;
        let read = rows.len();
        after = rows.last().map(|row| row.id.clone());
        found
            .extend(rows.into_iter().filter(|row| status.is_none_or(|s| row.status.eq_ignore_ascii_case(s))));
        if found.len() > top || read <= top {
            let more = found.len() > top;
            found.truncate(top);
            return Ok((found, more));
        }
    }
}

/// The runs of a page without their records, and the token of the next.
fn read_page(
    shared: &Shared,
    tx: &dyn Read,
    (rows, more): (Vec<RunRow>, bool),
) -> Result<(Vec<RunHistory>, Option<String>)> {
    let next = rows.last().filter(|_| more).map(|row| row.id.clone());
    let runs = rows.into_iter().map(|row| RunHistory::read(shared, tx, row, &[]));
    Ok((runs.collect::<Result<_>>()?, next))
}
