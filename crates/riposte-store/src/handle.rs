//! The handle that the engine holds: jobs go to the writer thread or to a reader thread, and their results come back
//! when they count.

use crate::sqlite::simulated::{Disk, Faults, Simulated};
use crate::threads::{Job, ReadJob, ReadWork, Work};
use crate::{Error, NodeKey, Read, Result, Write, postgres, sqlite};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// A store. Cheap to clone; the last clone that goes closes it.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    /// The node in whose name jobs are done.
    node: Arc<AtomicI64>,
}

enum Database {
    Sqlite(sqlite::Database),
    Postgres(postgres::Database),
    Simulated(Arc<Simulated>),
}

impl Store {
    /// Opens the store at a URL: `postgres://user@host/name`, or `sqlite:FOLDER`, or a folder. The schema is brought
    /// up to date first.
    pub async fn connect(url: &str) -> Result<Self> {
        let url = url.to_owned();
        let opened = tokio::task::spawn_blocking(move || match place(&url) {
            Place::Memory => Self::in_memory(),
            Place::Folder(folder) => Self::open(Path::new(folder)),
            Place::Postgres => {
                let node = Arc::new(AtomicI64::new(NodeKey::NOBODY.0));
                let database = postgres::Database::open(&url, Arc::clone(&node))?;
                Ok(Self { database: Arc::new(Database::Postgres(database)), node })
            }
        });
        opened.await.unwrap_or(Err(Error::Closed))
    }

    /// Opens the store in a folder, made if it is not there, and brings its schema up to date.
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self::of_sqlite(sqlite::Database::open(folder)?))
    }

    /// Makes a store's folder, closed to others, if it is not there.
    pub fn make_folder(folder: &Path) -> Result<()> {
        sqlite::make_folder(folder)
    }

    /// Whether there is a store in a folder.
    pub fn exists(folder: &Path) -> bool {
        folder.join("riposte.db").exists()
    }

    /// A store that is gone when it is closed, for tests and for runs without a server.
    pub fn in_memory() -> Result<Self> {
        Ok(Self::of_sqlite(sqlite::Database::in_memory()?))
    }

    fn of_sqlite(database: sqlite::Database) -> Self {
        let node = Arc::new(AtomicI64::new(NodeKey::NOBODY.0));
        Self { database: Arc::new(Database::Sqlite(database)), node }
    }

    /// A store on a simulated disk, for tests of what becomes of work when the store fails or the power goes.
    pub fn simulated(disk: &Disk, faults: Arc<dyn Faults>) -> Self {
        let node = Arc::new(AtomicI64::new(NodeKey::NOBODY.0));
        Self { database: Arc::new(Database::Simulated(Simulated::new(disk, faults))), node }
    }

    /// Whether other nodes may have the same data open.
    pub fn is_shared(&self) -> bool {
        matches!(*self.database, Database::Postgres(_))
    }

    /// Makes this process a node: from now on what it begins is its own, until its lease has lapsed and another node
    /// has taken over. Where no other node can be, it goes on as the node that was there before.
    pub async fn register_node(&self, name: &str, lease: Duration) -> Result<NodeKey> {
        let name = name.to_owned();
        let node = self.write(move |tx| tx.register_node(&name, lease)).await?;
        self.node.store(node.0, Ordering::SeqCst);
        Ok(node)
    }

    /// The node in whose name jobs are done.
    pub fn node(&self) -> NodeKey {
        NodeKey(self.node.load(Ordering::SeqCst))
    }

    /// Waits until another node may have changed something that this one should look at: told by the database, or
    /// after a second at the latest. Where no other node can be, this waits for ever.
    pub async fn notified(&self) {
        match &*self.database {
            Database::Sqlite(_) | Database::Simulated(_) => std::future::pending().await,
            Database::Postgres(database) => database.notified().await,
        }
    }

    /// Runs a job and answers when what it wrote is on disk. A job that answers an error changes nothing.
    pub async fn write<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Write) -> Result<T> + Send + 'static,
    {
        self.write_with(job, |refused| refused).await
    }

    /// As [`Self::write`], for jobs that refuse with an error of their own.
    pub async fn write_with<T, E, F>(&self, job: F, from_store: fn(Error) -> E) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut dyn Write) -> std::result::Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: Work = Box::new(move |tx| {
            let result = match tx {
                Ok(tx) => job(tx),
                Err(error) => Err(from_store(error)),
            };
            let keep = result.is_ok();
            (
                keep,
                Box::new(move |committed: Result<()>| {
                    let answer = match (result, committed) {
                        (Ok(value), Ok(())) => Ok(value),
                        (Ok(_), Err(error)) => Err(from_store(error)),
                        (Err(refused), _) => Err(refused),
                    };
                    // The caller may have gone; the change stands all the same.
                    let _ = reply.send(answer);
                }),
            )
        });
        let job = Job { node: self.node(), work };
        let submitted = match &*self.database {
            Database::Sqlite(database) => database.writer.submit(job),
            Database::Postgres(database) => database.writer.submit(job),
            Database::Simulated(database) => database.submit(job),
        };
        submitted.map_err(from_store)?;
        let answer = answer.await.unwrap_or_else(|_| Err(from_store(Error::Closed)));
        self.delay().await;
        answer
    }

    /// Does what is waiting, takes no more changes, and gives the folder free. Later changes answer [`Error::Closed`].
    pub async fn close(&self) {
        let database = Arc::clone(&self.database);
        // A closing that panicked has left the threads to the end of the process.
        let _ = tokio::task::spawn_blocking(move || match &*database {
            Database::Sqlite(database) => database.close(),
            Database::Postgres(database) => database.close(),
            Database::Simulated(database) => database.close(),
        })
        .await;
    }

    /// Runs a reading job on a reader thread.
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let work: ReadWork = Box::new(move |tx| {
            // The caller may have gone.
            let _ = reply.send(tx.and_then(job));
        });
        let job = ReadJob { node: self.node(), work };
        match &*self.database {
            Database::Sqlite(database) => database.readers.submit(job)?,
            Database::Postgres(database) => database.readers.submit(job)?,
            Database::Simulated(database) => database.read(job)?,
        }
        let answer = answer.await.unwrap_or(Err(Error::Closed));
        self.delay().await;
        answer
    }

    /// Holds an answer up where that is simulated.
    async fn delay(&self) {
        if let Database::Simulated(database) = &*self.database {
            database.delay().await;
        }
    }
}

/// Where a URL leads.
enum Place<'u> {
    Memory,
    Folder(&'u str),
    Postgres,
}

fn place(url: &str) -> Place<'_> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match (scheme.as_deref(), url.get("sqlite:".len()..)) {
        (Some("postgres" | "postgresql"), _) => Place::Postgres,
        (Some("sqlite"), Some(":memory:")) => Place::Memory,
        (Some("sqlite"), Some(folder)) => Place::Folder(folder.strip_prefix("//").unwrap_or(folder)),
        _ => Place::Folder(url),
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
