//! The handle that the engine holds: jobs go to the writer thread or to a reader thread, and their results come back
//! when they count.

use crate::sqlite::{Database, Job, ReadJob};
use crate::{Error, Read, Result, Write};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A store. Cheap to clone; the last clone that goes closes it.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
}

impl Store {
    /// Opens the store in a folder, made if it is not there, and brings its schema up to date.
    pub fn open(folder: &Path) -> Result<Self> {
        Ok(Self { database: Arc::new(Database::open(folder)?) })
    }

    /// Makes a store's folder, closed to others, if it is not there.
    pub fn make_folder(folder: &Path) -> Result<()> {
        crate::sqlite::make_folder(folder)
    }

    /// Whether there is a store in a folder.
    pub fn exists(folder: &Path) -> bool {
        folder.join("riposte.db").exists()
    }

    /// A store that is gone when it is closed, for tests and for runs without a server.
    pub fn in_memory() -> Result<Self> {
        Ok(Self { database: Arc::new(Database::in_memory()?) })
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
        let job: Job = Box::new(move |tx| {
            let result = job(tx);
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
        self.database.submit(job).map_err(from_store)?;
        answer.await.unwrap_or_else(|_| Err(from_store(Error::Closed)))
    }

    /// Does what is waiting, takes no more changes, and gives the folder free. Later changes answer [`Error::Closed`].
    pub async fn close(&self) {
        let database = Arc::clone(&self.database);
        // A closing that panicked has left the threads to the end of the process.
        let _ = tokio::task::spawn_blocking(move || database.close()).await;
    }

    /// Runs a reading job on a reader thread.
    pub async fn read<T, F>(&self, job: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Read) -> Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |tx| {
            // The caller may have gone.
            let _ = reply.send(job(tx));
        });
        self.database.submit_read(job)?;
        answer.await.unwrap_or(Err(Error::Closed))
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
