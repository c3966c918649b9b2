//! The writer thread with group commit, and the reader threads.

use super::Session;
use crate::{Error, Read, Result, Write};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Tells a job's caller how the commit went.
pub(crate) type Completion = Box<dyn FnOnce(Result<()>) + Send>;
/// A writing job: answers whether to keep what it wrote, and whom to tell.
pub(crate) type Job = Box<dyn FnOnce(&mut dyn Write) -> (bool, Completion) + Send>;
/// A reading job.
pub(crate) type ReadJob = Box<dyn FnOnce(&dyn Read) + Send>;

/// Jobs in one transaction at the most: bounds how long the first of them waits.
const JOBS_MAX: usize = 1024;
/// How long jobs are taken into one transaction, likewise.
const GATHER_MAX: Duration = Duration::from_millis(20);

pub(super) struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || write_loop(&connection, &queue))
            .map_err(|error| Error::Database(error.to_string()))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn submit(&self, job: Job) -> Result<()> {
        held(&self.jobs).as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)
    }

    /// Does what is waiting, takes nothing more, and ends the thread.
    pub(super) fn close(&self) {
        drop(held(&self.jobs).take());
        let thread = held(&self.thread).take();
        if let Some(thread) = thread {
            // A writer that panicked has said so; there is nothing to add here.
            let _ = thread.join();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_loop(connection: &Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let mut completions: Vec<Completion> = Vec::new();
        let committed = gather(connection, first, queue, &mut completions);
        if committed.is_err() {
            // Nothing of this transaction stands; an open one would stop the next.
            let _ = connection.execute_batch("ROLLBACK");
        }
        for complete in completions {
            complete(committed.clone());
        }
    }
}

/// Runs what is waiting in one transaction and commits it.
fn gather(
    connection: &Connection,
    first: Job,
    queue: &Receiver<Job>,
    completions: &mut Vec<Completion>,
) -> Result<()> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let began = Instant::now();
    let mut next = Some(first);
    while let Some(job) = next {
        run_job(connection, job, completions)?;
        let more = completions.len() < JOBS_MAX && began.elapsed() < GATHER_MAX;
        next = more.then(|| queue.try_recv().ok()).flatten();
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// Runs one job between a savepoint and its release, so that it alone is undone if it refuses or panics.
fn run_job(connection: &Connection, job: Job, completions: &mut Vec<Completion>) -> Result<()> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    let mut session = Session { connection };
    let ran = catch_unwind(AssertUnwindSafe(|| job(&mut session)));
    let keep = match ran {
        Ok((keep, completion)) => {
            completions.push(completion);
            keep
        }
        // The job's caller sees its channel close.
        Err(_) => false,
    };
    if !keep {
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    Ok(())
}

pub(super) struct Readers {
    jobs: Option<Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self> {
        let (jobs, queue) = mpsc::channel::<ReadJob>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = connections
            .into_iter()
            .map(|connection| {
                let queue = Arc::clone(&queue);
                std::thread::Builder::new()
                    .name("store-reader".into())
                    .spawn(move || read_loop(&connection, &queue))
                    .map_err(|error| Error::Database(error.to_string()))
            })
            .collect::<Result<_>>()?;
        Ok(Self { jobs: Some(jobs), threads })
    }

    pub(super) fn submit(&self, job: ReadJob) -> Result<()> {
        self.jobs.as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn read_loop(connection: &Connection, queue: &Mutex<Receiver<ReadJob>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // One transaction a job, so that all its reads see one state.
        if connection.execute_batch("BEGIN").is_err() {
            continue;
        }
        let session = Session { connection };
        // The caller of a job that panics sees its channel close.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&session)));
        let _ = connection.execute_batch("COMMIT");
    }
}
