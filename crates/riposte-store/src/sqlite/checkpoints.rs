//! Copying the log into the database beside the writer, so that no commit waits for it. SQLite's passive checkpoint takes
//! what it can get without holding up writers or readers. If it falls behind, the writer does a checkpoint itself when
//! the log has grown to its limit.

use crate::{Error, Result};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long to wait between looks at whether anything was written.
const PAUSE: Duration = Duration::from_millis(500);

/// The thread that copies; it ends when this is dropped.
pub(super) struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    pub(super) fn start(path: &Path) -> Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let connection = connect(path)?;
        let work = move || {
            let mut seen = -1;
            while stopped.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                if let Err(error) = copy(&connection, &mut seen) {
                    tracing::warn!(%error, "the log cannot be copied into the database; the writer will do it");
                }
            }
        };
        let thread = std::thread::Builder::new().name("store-checkpoints".to_owned()).spawn(work);
        let thread =
            thread.map_err(|error| Error::Database(format!("a thread cannot be started: {error}")))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // One that panicked has copied nothing that is not in the log.
            let _ = thread.join();
        }
    }
}

fn connect(path: &Path) -> Result<rusqlite::Connection> {
    let connection = rusqlite::Connection::open(path)?;
    // As the writer: the log is on disk before the database is changed, the database before the log is written anew.
    connection.pragma_update(None, "synchronous", "full")?;
    Ok(connection)
}

/// Copies, if another connection has committed since the version `seen`.
fn copy(connection: &rusqlite::Connection, seen: &mut i64) -> rusqlite::Result<()> {
    let version: i64 = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
    if version != *seen {
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        *seen = version;
    }
    Ok(())
}
