//! The embedded store: SQLite in WAL mode with full synchronisation, one writer thread, readers beside it. A folder
//! belongs to one process.

mod checkpoints;
mod connection;
pub(crate) mod simulated;

use crate::threads::{Readers, Writer, held};
use crate::{Error, Result};
use checkpoints::Checkpoints;
use connection::Connection;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Reader threads beside the writer.
const READERS: usize = 2;

/// An open database.
pub(crate) struct Database {
    // Readers go first, so that the writer's last checkpoint is not held up by them.
    pub(crate) readers: Readers,
    checkpoints: Mutex<Option<Checkpoints>>,
    pub(crate) writer: Writer,
    /// Held as long as the folder is this process's own.
    lock: Mutex<Option<File>>,
}

impl Database {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        make_folder(folder)?;
        let lock = lock_folder(folder)?;
        let path = folder.join("riposte.db");
        make_private(&path)?;
        let written = path.clone();
        let writer = Writer::start(move || Connection::writer(&written))?;
        let checkpoints = Mutex::new(Some(Checkpoints::start(&path)?));
        let readers = Readers::start(READERS, move || Connection::reader(&path))?;
        Ok(Self { readers, checkpoints, writer, lock: Mutex::new(Some(lock)) })
    }

    pub(crate) fn in_memory() -> Result<Self> {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let uri =
            PathBuf::from(format!("file:riposte-{}-{number}?mode=memory&cache=shared", std::process::id()));
        let written = uri.clone();
        let writer = Writer::start(move || Connection::writer(&written))?;
        let readers = Readers::start(1, move || Connection::memory_reader(&uri))?;
        Ok(Self { readers, checkpoints: Mutex::default(), writer, lock: Mutex::new(None) })
    }

    /// Does what is waiting, takes no more changes, and gives the folder free.
    pub(crate) fn close(&self) {
        drop(held(&self.checkpoints).take());
        self.writer.close();
        drop(held(&self.lock).take());
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
