//! A connection to SQLite, and how it is set up.

use crate::migrations;
use crate::sql::{Param, Row, Sql, Transactional};
use crate::{Error, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{OpenFlags, params_from_iter};
use std::cell::Cell;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 192;
/// How many pages the log gathers before they are copied into the database: 64 MiB.
const CHECKPOINT_PAGES: i64 = 16_384;
/// To which size the log is cut after that.
const JOURNAL_BYTES: i64 = 64 << 20;

pub(super) struct Connection {
    sqlite: rusqlite::Connection,
    begin: &'static str,
    /// The last turn that was taken; none is taken twice, also not by what comes after something that was undone.
    turn: Cell<Option<i64>>,
    /// Whether the transaction has taken its turn.
    has_turn: Cell<bool>,
}

impl Connection {
    fn new(sqlite: rusqlite::Connection, begin: &'static str) -> Self {
        Self { sqlite, begin, turn: Cell::new(None), has_turn: Cell::new(false) }
    }

    /// The one that writes; the schema is brought up to date.
    pub(super) fn writer(path: &Path) -> Result<Self> {
        let mut sqlite = rusqlite::Connection::open(path)?;
        prepare(&sqlite)?;
        migrate(&mut sqlite)?;
        Ok(Self::new(sqlite, "BEGIN IMMEDIATE"))
    }

    /// One that reads.
    pub(super) fn reader(path: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let sqlite = rusqlite::Connection::open_with_flags(path, flags)?;
        sqlite.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        sqlite.busy_timeout(std::time::Duration::from_secs(30))?;
        Ok(Self::new(sqlite, "BEGIN"))
    }

    /// One that reads a database in memory.
    pub(super) fn memory_reader(uri: &Path) -> Result<Self> {
        let sqlite = rusqlite::Connection::open(uri)?;
        prepare(&sqlite)?;
        // Shared-cache readers would meet the writer's table locks; they read what is not yet committed instead.
        // Only tests and runs without a server use this form.
        sqlite.pragma_update(None, "read_uncommitted", true)?;
        Ok(Self::new(sqlite, "BEGIN"))
    }
}

fn prepare(connection: &rusqlite::Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "journal_mode", "wal")?;
    // FULL: each commit is synchronised to disk before it is acknowledged.
    connection.pragma_update(None, "synchronous", "full")?;
    // A page that many commits touch is copied into the database once for all of them.
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", JOURNAL_BYTES)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    Ok(())
}

/// Brings the schema up to date, each step in a transaction of its own.
fn migrate(connection: &mut rusqlite::Connection) -> Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for (version, sql) in migrations::after(found)? {
        let transaction = connection.transaction()?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Sql for Connection {
    fn run(&self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        self.count(sql, params).map(drop)
    }

    fn require(&self, sql: &'static str, params: &[Param<'_>], otherwise: Error) -> Result<()> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let touched = if statement.column_count() > 0 {
            statement.exists(params_from_iter(params))?
        } else {
            statement.execute(params_from_iter(params))? > 0
        };
        if touched { Ok(()) } else { Err(otherwise) }
    }

    fn count(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        let changed = self.sqlite.prepare_cached(sql)?.execute(params_from_iter(params))?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn rows(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let mut statement = self.sqlite.prepare_cached(sql)?;
        let mut rows = statement.query(params_from_iter(params))?;
        while let Some(row) = rows.next()? {
            if !each(&Row::Sqlite(row))? {
                break;
            }
        }
        Ok(())
    }

    fn settle(&self) -> Result<()> {
        Ok(())
    }

    fn clock(&self) -> Result<i64> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn take_turn(&self) -> Result<()> {
        if self.has_turn.replace(true) {
            return Ok(());
        }
        let last = match self.turn.get() {
            Some(last) => last,
            None => {
                let sql = "SELECT turn FROM writer WHERE id = 1";
                self.sqlite.query_row(sql, [], |row| row.get(0))?
            }
        };
        self.turn.set(Some(last + 1));
        self.run("UPDATE writer SET turn = ?1 WHERE id = 1", &[Param::Int(last + 1)])
    }
}

impl Transactional for Connection {
    fn begin(&mut self) -> Result<()> {
        self.has_turn.set(false);
        self.run(self.begin, &[])
    }

    fn commit(&mut self) -> Result<()> {
        self.run("COMMIT", &[])
    }

    fn undo(&mut self) -> Result<()> {
        // What is undone may be the turn.
        self.has_turn.set(false);
        self.run("ROLLBACK TO job", &[])
    }

    fn rollback(&mut self) {
        // Without an open transaction there is nothing to leave.
        let _ = self.sqlite.execute_batch("ROLLBACK");
    }
}
