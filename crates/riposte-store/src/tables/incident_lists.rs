//! Lists of incidents, along an index: by number or by the time of the last change, of one status or severity or of
//! all.

use crate::many::ManyRows;
use crate::session::{Session, sql_limit};
use crate::sql::{Param, Row, ToParam as _, params};
use crate::{IncidentList, IncidentOrder, IncidentRow, Result, WorkspaceKey};

/// How many incidents are read at a time, at first and at the most.
const PAGE_FIRST: usize = 64;
const PAGE_MAX: usize = 1024;

/// A walk along one key: `?2`, `?3` are where the page before ended, `?5`, `?6` the bounds of the last change.
macro_rules! walk {
    ($only:literal, number $beyond:literal $direction:literal) => {
        concat!(
            "SELECT number, number, doc FROM incident WHERE workspace = ?1 AND (number, number) ",
            $beyond,
            " (?2, ?3) \
             AND modified >= ?5 AND modified <= ?6",
            $only,
            " ORDER BY number ",
            $direction,
            " LIMIT ?4"
        )
    };
    ($only:literal, modified $beyond:literal $direction:literal) => {
        concat!(
            "SELECT modified, number, doc FROM incident WHERE workspace = ?1 AND (modified, number) ",
            $beyond,
            " (?2, ?3) AND modified >= ?5 AND modified <= ?6",
            $only,
            " ORDER BY modified ",
            $direction,
            ", number ",
            $direction,
            " LIMIT ?4"
        )
    };
}

macro_rules! walks {
    ($only:literal) => {
        [
            walk!($only, number ">" "ASC"),
            walk!($only, number "<" "DESC"),
            walk!($only, modified ">" "ASC"),
            walk!($only, modified "<" "DESC"),
        ]
    };
}

/// By what is asked to be equal, then by order and direction.
const ALL: [&str; 4] = walks!("");
const OF_STATUS: [&str; 4] = walks!(" AND status = ?7");
const OF_SEVERITY: [&str; 4] = walks!(" AND severity = ?7");
const OF_BOTH: [&str; 4] = walks!(" AND status = ?7 AND severity = ?8");

impl Session<'_> {
    pub(crate) fn visit_incidents(
        &self,
        workspace: WorkspaceKey,
        list: &IncidentList,
        visit: &mut dyn FnMut((i64, i64), &str) -> bool,
    ) -> Result<()> {
        let by_modified = list.order == IncidentOrder::Modified;
        let which = usize::from(by_modified) * 2 + usize::from(list.descending);
        let statements = match (&list.status, &list.severity) {
            (None, None) => &ALL,
            (Some(_), None) => &OF_STATUS,
            (None, Some(_)) => &OF_SEVERITY,
            (Some(_), Some(_)) => &OF_BOTH,
        };
        let Some(sql) = statements.get(which) else { return Ok(()) };
        let end = if list.descending { i64::MAX } else { i64::MIN };
        let (mut place, mut page) = (list.after.unwrap_or((end, end)), PAGE_FIRST);
        let (from, to) = list.modified;
        loop {
            let (mut seen, mut wanted) = (0, true);
            let ((first, second), limit) = (place, sql_limit(page));
            let mut each = |row: &Row<'_>| {
                place = (row.get(0)?, row.get(1)?);
                seen += 1;
                wanted = visit(place, &row.get::<String>(2)?);
                Ok(wanted)
            };
            let mut all: Vec<Param<'_>> = params![workspace, first, second, limit, from, to].to_vec();
            let only = [&list.status, &list.severity].into_iter().flatten();
            all.extend(only.map(|only| Param::Text(only.as_str().into())));
            // Page by page: PostgreSQL would send all of them before the first is looked at.
            self.each(sql, all.as_slice(), &mut each)?;
            if !wanted || seen < page {
                return Ok(());
            }
            page = (page * 2).min(PAGE_MAX);
        }
    }
}

impl Session<'_> {
    pub(crate) fn unlisted_incidents(
        &self,
        after: (WorkspaceKey, &str),
        limit: usize,
    ) -> Result<Vec<(WorkspaceKey, String, String)>> {
        let (workspace, name) = after;
        self.all(
            "SELECT workspace, name, doc FROM incident WHERE (workspace, name) > (?1, ?2) AND status = '' \
             ORDER BY workspace, name LIMIT ?3",
            params![workspace, name, sql_limit(limit)],
            |row| Ok((WorkspaceKey(row.get(0)?), row.get(1)?, row.get(2)?)),
        )
    }

    pub(crate) fn changed_incidents(
        &self,
        workspace: WorkspaceKey,
        after: (i64, i64),
        limit: usize,
        visit: &mut dyn FnMut((i64, i64), &str),
    ) -> Result<()> {
        let mut each = |row: &Row<'_>| {
            visit((row.get(0)?, row.get(1)?), &row.get::<String>(2)?);
            Ok(true)
        };
        self.each(
            "SELECT change, number, doc FROM incident WHERE workspace = ?1 AND (change, number) > (?2, ?3) \
             ORDER BY change, number LIMIT ?4",
            params![workspace, after.0, after.1, sql_limit(limit)],
            &mut each,
        )
    }

    pub(crate) fn last_incident_number(&self, workspace: WorkspaceKey) -> Result<i64> {
        let last =
            self.one("SELECT incident_count FROM workspace WHERE key = ?1", [workspace], |row| row.get(0))?;
        Ok(last.unwrap_or(0))
    }

    pub(crate) fn incident_created(
        &self,
        workspace: WorkspaceKey,
        number: i64,
    ) -> Result<Option<(i64, i64)>> {
        self.one(
            "SELECT number, created FROM incident WHERE workspace = ?1 AND number >= ?2 ORDER BY number LIMIT 1",
            params![workspace, number],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn add_incidents(
        &mut self,
        workspace: WorkspaceKey,
        incidents: &[IncidentRow<'_>],
    ) -> Result<()> {
        const ROWS: ManyRows = ManyRows {
            head: "INSERT INTO incident (workspace, name, number, created, modified, status, severity, doc, change) VALUES ",
            row: "(?, ?, ?, ?, ?, ?, ?, ?, (SELECT turn FROM writer WHERE id = 1))",
            tail: "",
        };
        self.take_turn()?;
        let names: Vec<String> = incidents.iter().map(|incident| incident.name.to_lowercase()).collect();
        let rows: Vec<_> = names
            .iter()
            .zip(incidents)
            .map(|(name, incident)| {
                vec![
                    workspace.to_param(),
                    name.to_param(),
                    incident.number.to_param(),
                    incident.created.to_param(),
                    incident.modified.to_param(),
                    incident.status.to_param(),
                    incident.severity.to_param(),
                    incident.doc.to_param(),
                ]
            })
            .collect();
        self.run_many(&ROWS, &rows)
    }

    pub(crate) fn put_incident(&mut self, workspace: WorkspaceKey, incident: &IncidentRow<'_>) -> Result<()> {
        self.take_turn()?;
        let IncidentRow { name, number, created, modified, status, severity, doc } = *incident;
        self.run_statement(
            "INSERT INTO incident (workspace, name, number, created, modified, status, severity, doc, change) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, (SELECT turn FROM writer WHERE id = 1)) \
             ON CONFLICT (workspace, name) DO UPDATE SET modified = excluded.modified, status = excluded.status, \
             severity = excluded.severity, doc = excluded.doc, change = excluded.change",
            params![workspace, name.to_lowercase(), number, created, modified, status, severity, doc],
        )
    }
}
