//! The embedded store: SQLite in WAL mode with full synchronisation, one writer thread, readers beside it.

mod access;
mod incidents;
mod migrate;
mod playbooks;
mod runs;
mod threads;

use crate::{
    ConnectionRow, Error, EventRow, Log, Part, PlaybookRow, Read, ResourceKey, Result, RunProgress, RunRow,
    WorkspaceKey, WorkspaceRow, Write,
};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Params, Row};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
pub(crate) use threads::{Job, ReadJob};
use threads::{Readers, Writer};

/// Prepared statements that a connection keeps.
const STATEMENTS_KEPT: usize = 128;
/// How many pages the log gathers before they are copied into the database: 64 MiB.
const CHECKPOINT_PAGES: i64 = 16_384;
/// To which size the log is cut after that.
const JOURNAL_BYTES: i64 = 64 << 20;
/// Reader threads beside the writer.
const READERS: usize = 2;

/// The threads of an open database.
pub(crate) struct Database {
    // Readers go first, so that the writer's last checkpoint is not held up by them.
    readers: Readers,
    writer: Writer,
    /// Held as long as the folder is this process's own.
    lock: Mutex<Option<File>>,
}

impl Database {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let lock = lock_folder(folder)?;
        let path = folder.join("riposte.db");
        make_private(&path)?;
        let mut connection = Connection::open(&path)?;
        prepare(&connection)?;
        migrate::migrate(&mut connection)?;
        let readers = (0..READERS).map(|_| open_reader(&path)).collect::<Result<_>>()?;
        let (readers, writer) = (Readers::start(readers)?, Writer::start(connection)?);
        Ok(Self { readers, writer, lock: Mutex::new(Some(lock)) })
    }

    pub(crate) fn in_memory() -> Result<Self> {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let uri =
            PathBuf::from(format!("file:riposte-{}-{number}?mode=memory&cache=shared", std::process::id()));
        let mut connection = Connection::open(&uri)?;
        prepare(&connection)?;
        migrate::migrate(&mut connection)?;
        let reader = Connection::open(&uri)?;
        prepare(&reader)?;
        // Shared-cache readers would meet the writer's table locks; they read what is not yet committed instead.
        // Only tests and runs without a server use this form.
        reader.pragma_update(None, "read_uncommitted", true)?;
        let (readers, writer) = (Readers::start(vec![reader])?, Writer::start(connection)?);
        Ok(Self { readers, writer, lock: Mutex::new(None) })
    }

    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        self.writer.submit(job)
    }

    pub(crate) fn submit_read(&self, job: ReadJob) -> Result<()> {
        self.readers.submit(job)
    }

    /// Does what is waiting, takes no more changes, and gives the folder free.
    pub(crate) fn close(&self) {
        self.writer.close();
        drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Makes the folder so that nobody else may look into it: what is not sealed in the database is protected by this.
pub(crate) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Error::Database(format!("`{}` cannot be made: {error}", folder.display())))
}

/// Makes the database's file readable for its owner alone, also in a folder that somebody else made; SQLite gives its
/// log the same mode.
fn make_private(path: &Path) -> Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::Database(format!("`{}` cannot be made: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Two processes over one folder would each do the other's work again, so the folder is locked. The lock goes with
/// the process, however that ends.
fn lock_folder(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let fail = |error: &dyn std::fmt::Display| Error::Database(format!("`{}`: {error}", path.display()));
    let file = File::create(&path).map_err(|error| fail(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.display().to_string())),
        Err(TryLockError::Error(error)) => Err(fail(&error)),
    }
}

fn prepare(connection: &Connection) -> Result<()> {
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

fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    Ok(connection)
}

/// A job's view of the database: the methods are in this module's files, one file a group of tables.
pub(crate) struct Session<'c> {
    connection: &'c Connection,
}

impl Session<'_> {
    /// Runs a statement.
    fn run_statement(&self, sql: &'static str, params: impl Params) -> Result<()> {
        self.connection.prepare_cached(sql)?.execute(params)?;
        Ok(())
    }

    /// Runs a statement; whether it changed anything.
    fn changes(&self, sql: &'static str, params: impl Params) -> Result<bool> {
        Ok(self.connection.prepare_cached(sql)?.execute(params)? > 0)
    }

    fn one<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        map: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.connection.prepare_cached(sql)?.query_row(params, map).optional()?)
    }

    fn all<T>(
        &self,
        sql: &'static str,
        params: impl Params,
        map: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, map)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn doc(&self, sql: &'static str, params: impl Params) -> Result<Option<String>> {
        self.one(sql, params, |row| row.get(0))
    }

    fn docs(&self, sql: &'static str, params: impl Params) -> Result<Vec<String>> {
        self.all(sql, params, |row| row.get(0))
    }
}

/// A count for SQL.
fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The traits are one list of methods; each forwards to the group of tables that it belongs to.
macro_rules! forward {
    ($(fn $name:ident(&self $(, $arg:ident: $type:ty)*) -> $out:ty;)+) => {
        $(fn $name(&self $(, $arg: $type)*) -> $out { Session::$name(self $(, $arg)*) })+
    };
}
macro_rules! forward_mut {
    ($(fn $name:ident(&mut self $(, $arg:ident: $type:ty)*) -> $out:ty;)+) => {
        $(fn $name(&mut self $(, $arg: $type)*) -> $out { Session::$name(self $(, $arg)*) })+
    };
}

impl Read for Session<'_> {
    forward! {
        fn workspaces(&self) -> Result<Vec<WorkspaceRow>>;
        fn workspace_by_resource(&self, resource: &ResourceKey) -> Result<Option<WorkspaceRow>>;
        fn workspaces_by_name(&self, guid_or_name: &str) -> Result<Vec<WorkspaceRow>>;
        fn incident(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
        fn incident_by_number(&self, workspace: WorkspaceKey, number: i64) -> Result<Option<String>>;
        fn visit_incidents(&self, workspace: WorkspaceKey, before: Option<i64>, visit: &mut dyn FnMut(i64, &str) -> bool) -> Result<()>;
        fn part(&self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str) -> Result<Option<String>>;
        fn parts(&self, workspace: WorkspaceKey, incident: &str, kind: Part) -> Result<Vec<String>>;
        fn alert(&self, workspace: WorkspaceKey, id: &str) -> Result<Option<String>>;
        fn timeline(&self, workspace: WorkspaceKey, incident: &str, after: Option<i64>, limit: usize) -> Result<Vec<(i64, String)>>;
        fn log_rows(&self, workspace: WorkspaceKey, log: Log, since: i64, limit: usize) -> Result<Vec<String>>;
        fn automation_rule(&self, workspace: WorkspaceKey, name: &str) -> Result<Option<String>>;
        fn automation_rules(&self, workspace: WorkspaceKey) -> Result<Vec<String>>;
        fn events(&self) -> Result<Vec<EventRow>>;
        fn first_event(&self, workspace: WorkspaceKey, incident: &str) -> Result<Option<i64>>;
        fn event(&self, seq: i64) -> Result<Option<EventRow>>;
        fn playbook(&self, resource: &ResourceKey) -> Result<Option<PlaybookRow>>;
        fn playbooks(&self, scope: &ResourceKey) -> Result<Vec<PlaybookRow>>;
        fn playbook_definition(&self, resource: &ResourceKey, version: i64) -> Result<Option<String>>;
        fn last_playbook_version(&self, resource: &ResourceKey) -> Result<Option<i64>>;
        fn connection(&self, resource: &ResourceKey) -> Result<Option<ConnectionRow>>;
        fn connections(&self, scope: &ResourceKey) -> Result<Vec<ConnectionRow>>;
        fn run(&self, id: &str) -> Result<Option<RunRow>>;
        fn runs(&self, resource: &ResourceKey, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
        fn runs_of_incident(&self, workspace: WorkspaceKey, incident: &str) -> Result<Vec<RunRow>>;
        fn all_runs(&self, after: Option<&str>, limit: usize) -> Result<Vec<RunRow>>;
        fn open_runs(&self) -> Result<Vec<RunRow>>;
        fn run_progress(&self, id: &str) -> Result<RunProgress>;
        fn run_records(&self, id: &str) -> Result<Vec<String>>;
        fn role_assignments(&self) -> Result<Vec<String>>;
        fn token(&self, hash: &str) -> Result<Option<String>>;
        fn meta(&self, key: &str) -> Result<Option<String>>;
    }
}

impl Write for Session<'_> {
    forward_mut! {
        fn put_workspace(&mut self, resource: &ResourceKey, id: &str, name: &str, doc: &str) -> Result<WorkspaceKey>;
        fn next_incident_number(&mut self, workspace: WorkspaceKey) -> Result<i64>;
        fn put_incident(&mut self, workspace: WorkspaceKey, name: &str, number: i64, created: i64, doc: &str) -> Result<()>;
        fn delete_incident(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
        fn put_part(&mut self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str, doc: &str) -> Result<()>;
        fn delete_part(&mut self, workspace: WorkspaceKey, incident: &str, kind: Part, name: &str) -> Result<bool>;
        fn put_alert(&mut self, workspace: WorkspaceKey, id: &str, doc: &str) -> Result<()>;
        fn append_timeline(&mut self, workspace: WorkspaceKey, incident: &str, doc: &str) -> Result<()>;
        fn append_log(&mut self, workspace: WorkspaceKey, log: Log, time: i64, doc: &str) -> Result<()>;
        fn put_automation_rule(&mut self, workspace: WorkspaceKey, name: &str, doc: &str) -> Result<()>;
        fn delete_automation_rule(&mut self, workspace: WorkspaceKey, name: &str) -> Result<bool>;
        fn add_event(&mut self, workspace: WorkspaceKey, incident: &str, doc: &str) -> Result<i64>;
        fn put_event(&mut self, seq: i64, doc: &str) -> Result<()>;
        fn delete_event(&mut self, seq: i64) -> Result<()>;
        fn put_playbook(&mut self, resource: &ResourceKey, version: i64, doc: &str) -> Result<()>;
        fn put_playbook_version(&mut self, resource: &ResourceKey, version: i64, definition: &str) -> Result<()>;
        fn delete_playbook(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn put_connection(&mut self, resource: &ResourceKey, doc: &str, secret: Option<&[u8]>) -> Result<()>;
        fn delete_connection(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn add_run(&mut self, run: &RunRow) -> Result<()>;
        fn put_run_state(&mut self, id: &str, status: &str, state: &[u8], records: Option<&str>) -> Result<()>;
        fn put_inbox(&mut self, run: &str, command: &str, doc: &str) -> Result<()>;
        fn delete_inbox(&mut self, run: &str, command: &str) -> Result<()>;
        fn end_run(&mut self, id: &str, status: &str, ended: i64, records: Option<&str>, outcome: &str) -> Result<()>;
        fn put_role_assignment(&mut self, resource: &ResourceKey, doc: &str) -> Result<()>;
        fn delete_role_assignment(&mut self, resource: &ResourceKey) -> Result<bool>;
        fn put_token(&mut self, hash: &str, doc: &str) -> Result<()>;
        fn put_meta(&mut self, key: &str, value: &str) -> Result<()>;
    }
}
