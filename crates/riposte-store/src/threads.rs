//! The writer thread with group commit, and the reader threads. They are the same over both databases.

use crate::session::Session;
use crate::sql::Transactional;
use crate::{Error, NodeKey, Read, Result, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Tells a job's caller how the commit went.
pub(crate) type Completion = Box<dyn FnOnce(Result<()>) + Send>;
/// A writing job: answers whether to keep what it wrote, and whom to tell. It is given an error where there is no
/// transaction to be had.
pub(crate) type Work = Box<dyn FnOnce(Result<&mut dyn Write>) -> (bool, Completion) + Send>;
/// A reading job, likewise.
pub(crate) type ReadWork = Box<dyn FnOnce(Result<&dyn Read>) + Send>;

/// A writing job and in whose name it is.
pub(crate) struct Job {
    pub(crate) node: NodeKey,
    pub(crate) work: Work,
}

/// A reading job and in whose name it is.
pub(crate) struct ReadJob {
    pub(crate) node: NodeKey,
    pub(crate) work: ReadWork,
}

/// Jobs in one transaction at the most: bounds how long the first of them waits.
const JOBS_MAX: usize = 1024;
/// How long jobs are taken into one transaction, likewise.
const GATHER_MAX: Duration = Duration::from_millis(20);

pub(crate) struct Writer {
    jobs: Mutex<Option<Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread; the connection is made on it, and a failure to make it is answered here.
    pub(crate) fn start<C, M>(connect: M) -> Result<Self>
    where
        C: Transactional,
        M: FnOnce() -> Result<C> + Send + 'static,
    {
        let (jobs, queue) = mpsc::channel();
        let thread =
            spawn("store-writer", connect, move |mut connection| write_loop(&mut connection, &queue))?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), thread: Mutex::new(Some(thread)) })
    }

    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        held(&self.jobs).as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)
    }

    /// Does what is waiting, takes nothing more, and ends the thread.
    pub(crate) fn close(&self) {
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

pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a thread that makes its own connection and then works with it.
fn spawn<C, M, W>(name: &str, connect: M, work: W) -> Result<JoinHandle<()>>
where
    M: FnOnce() -> Result<C> + Send + 'static,
    W: FnOnce(C) + Send + 'static,
{
    let (tell, made) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name(name.into())
        .spawn(move || match connect() {
            Ok(connection) => {
                let _ = tell.send(Ok(()));
                drop(tell);
                work(connection);
            }
            Err(error) => {
                let _ = tell.send(Err(error));
            }
        })
        .map_err(|error| Error::Database(error.to_string()))?;
    made.recv().map_err(|_| Error::Closed)??;
    Ok(thread)
}

fn write_loop(connection: &mut dyn Transactional, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let (completions, committed) = write_some(connection, first, &mut || queue.try_recv().ok());
        for complete in completions {
            complete(committed.clone());
        }
    }
}

/// Does what is waiting in one transaction: whom to tell, and how the commit went.
pub(crate) fn write_some(
    connection: &mut dyn Transactional,
    first: Job,
    next: &mut dyn FnMut() -> Option<Job>,
) -> (Vec<Completion>, Result<()>) {
    if let Err(error) = connection.begin() {
        refuse_all(first, next, &error);
        return (Vec::new(), Err(error));
    }
    let mut completions: Vec<Completion> = Vec::new();
    let gathered = gather(connection, first, next, &mut completions);
    let committed = gathered.and_then(|()| connection.commit());
    if committed.is_err() {
        // Nothing of this transaction stands; an open one would stop the next.
        connection.rollback();
    }
    (completions, committed)
}

/// Answers all who wait that there is no transaction to be had.
fn refuse_all(first: Job, more: &mut dyn FnMut() -> Option<Job>, error: &Error) {
    let mut next = Some(first);
    while let Some(job) = next {
        refuse(job, error);
        next = more();
    }
}

fn refuse(job: Job, error: &Error) {
    // A job that panics over being refused has nobody else to tell.
    let told = catch_unwind(AssertUnwindSafe(|| (job.work)(Err(error.clone()))));
    if let Ok((_, complete)) = told {
        complete(Err(error.clone()));
    }
}

/// Runs what is waiting in the transaction.
fn gather(
    connection: &mut dyn Transactional,
    first: Job,
    queue: &mut dyn FnMut() -> Option<Job>,
    completions: &mut Vec<Completion>,
) -> Result<()> {
    let began = Instant::now();
    let mut next = Some(first);
    while let Some(job) = next {
        run_job(connection, job, completions)?;
        let more = completions.len() < JOBS_MAX && began.elapsed() < GATHER_MAX;
        next = if more { queue() } else { None };
    }
    Ok(())
}

/// Runs one job between a savepoint and its release, so that it alone is undone if it refuses or panics.
fn run_job(connection: &mut dyn Transactional, job: Job, completions: &mut Vec<Completion>) -> Result<()> {
    if let Err(error) = connection.run("SAVEPOINT job", &[]) {
        refuse(job, &error);
        return Err(error);
    }
    let mut session = Session::new(connection, job.node);
    let ran = catch_unwind(AssertUnwindSafe(|| (job.work)(Ok(&mut session))));
    let finished = session.finish();
    let keep = match ran {
        Ok((keep, completion)) => match &finished {
            Ok(()) => {
                completions.push(completion);
                keep
            }
            Err(failure) => {
                // Its own refusal, if it has one, is what it tells.
                completion(Err(failure.clone()));
                false
            }
        },
        // The job's caller sees its channel close.
        Err(_) => false,
    };
    if !keep {
        connection.undo()?;
    }
    connection.run("RELEASE SAVEPOINT job", &[])
}

pub(crate) struct Readers {
    jobs: Mutex<Option<Sender<ReadJob>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts `count` threads, each with a connection of its own.
    pub(crate) fn start<C, M>(count: usize, connect: M) -> Result<Self>
    where
        C: Transactional,
        M: Fn() -> Result<C> + Clone + Send + 'static,
    {
        let (jobs, queue) = mpsc::channel::<ReadJob>();
        let queue = Arc::new(Mutex::new(queue));
        let threads = (0..count)
            .map(|_| {
                let queue = Arc::clone(&queue);
                let work = move |mut connection| read_loop(&mut connection, &queue);
                spawn::<C, _, _>("store-reader", connect.clone(), work)
            })
            .collect::<Result<_>>()?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), threads: Mutex::new(threads) })
    }

    pub(crate) fn submit(&self, job: ReadJob) -> Result<()> {
        held(&self.jobs).as_ref().ok_or(Error::Closed)?.send(job).map_err(|_| Error::Closed)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(held(&self.jobs).take());
        for thread in held(&self.threads).drain(..) {
            let _ = thread.join();
        }
    }
}

fn read_loop(connection: &mut dyn Transactional, queue: &Mutex<Receiver<ReadJob>>) {
    loop {
        let job = held(queue).recv();
        let Ok(job) = job else { return };
        // One transaction a job, so that all its reads see one state.
        if let Err(error) = connection.begin() {
            let _ = catch_unwind(AssertUnwindSafe(|| (job.work)(Err(error))));
            continue;
        }
        let session = Session::new(connection, job.node);
        // The caller of a job that panics sees its channel close.
        let _ = catch_unwind(AssertUnwindSafe(|| (job.work)(Ok(&session))));
        if session.finish().and_then(|()| connection.commit()).is_err() {
            connection.rollback();
        }
    }
}
