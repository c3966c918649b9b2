//! A store for simulations of the engine: SQLite in memory whose jobs are done by tasks of the runtime that asks, in the
//! order in which they came, with a plan that says how long each commit takes and what becomes of it. Nothing here waits
//! for another thread or for the real clock, so that under a paused clock the same plan gives the same history.
//!
//! A [`Disk`] outlives the stores that are opened on it. When the plan says that the power goes, the store answers
//! nobody any more: who simulates drops the runtime, as a machine loses its memory, and opens another store on the disk.
//! What was committed is there; that a disk keeps what it has confirmed is SQLite's promise and is not simulated.

use super::connection::Connection;
use crate::session::Session;
use crate::sql::{Param, Row, Sql, Transactional};
use crate::threads::{Completion, Job, ReadJob, held, write_some};
use crate::{Error, Result};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is left when the power goes.
#[derive(Clone)]
pub struct Disk(Arc<Mutex<Connection>>);

impl Disk {
    /// An empty one, with the schema of today.
    pub fn new() -> Result<Self> {
        Ok(Self(Arc::new(Mutex::new(Connection::writer(Path::new(":memory:"))?))))
    }
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Disk")
    }
}

/// What becomes of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is on the disk, and its callers are told.
    Kept,
    /// There is no transaction to be had; nothing is done.
    Refused,
    /// It fails: nothing of it is on the disk, and its callers are told.
    Failed,
    /// The answer is lost: it is on the disk or not, and its callers are told that it is not known.
    Unknown {
        /// Whether it is on the disk.
        kept: bool,
    },
    /// The power goes before or after it: nobody is told anything any more.
    PowerLoss {
        /// Whether it is on the disk.
        kept: bool,
    },
}

/// A commit that is about to be made.
#[derive(Debug, Clone, Copy)]
pub struct Commit {
    /// How long it takes; what comes meanwhile goes along.
    pub takes: Duration,
    /// What becomes of it.
    pub fate: Fate,
}

/// A reading job that is about to be done.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// How long it takes.
    pub takes: Duration,
    /// Whether the database cannot be reached.
    pub fails: bool,
}

/// The plan of a simulation.
pub trait Faults: Send + Sync + 'static {
    /// Asked before each commit.
    fn commit(&self) -> Commit;
    /// Asked before each reading job.
    fn read(&self) -> Reading;
    /// Asked with each job: how long its answer takes to reach who waits for it, once it is done.
    fn answer(&self) -> Duration;
    /// Told when the power is gone.
    fn power_lost(&self);
}

/// An open simulated store.
pub(crate) struct Simulated {
    disk: Disk,
    faults: Arc<dyn Faults>,
    jobs: Mutex<VecDeque<Job>>,
    /// Whether a task does the jobs.
    at_work: AtomicBool,
    gone: AtomicBool,
    closed: AtomicBool,
    /// Those whom nobody tells anything: as long as they are here, they wait.
    buried: Mutex<Vec<Completion>>,
    buried_jobs: Mutex<(Vec<Job>, Vec<ReadJob>)>,
}

impl Simulated {
    pub(crate) fn new(disk: &Disk, faults: Arc<dyn Faults>) -> Arc<Self> {
        Arc::new(Self {
            disk: disk.clone(),
            faults,
            jobs: Mutex::default(),
            at_work: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            buried: Mutex::default(),
            buried_jobs: Mutex::default(),
        })
    }

    pub(crate) fn submit(self: &Arc<Self>, job: Job) -> Result<()> {
        if self.gone.load(Ordering::SeqCst) {
            held(&self.buried_jobs).0.push(job);
            return Ok(());
        }
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        held(&self.jobs).push_back(job);
        if !self.at_work.swap(true, Ordering::SeqCst) {
            let store = Arc::clone(self);
            tokio::spawn(async move { store.work().await });
        }
        Ok(())
    }

    /// Does what is waiting, one transaction after the other.
    async fn work(&self) {
        while !held(&self.jobs).is_empty() {
            let Commit { takes, fate } = self.faults.commit();
            pause(takes).await;
            self.commit(fate);
            if self.gone.load(Ordering::SeqCst) {
                self.faults.power_lost();
                return;
            }
        }
        self.at_work.store(false, Ordering::SeqCst);
    }

    fn commit(&self, fate: Fate) {
        let Some(first) = held(&self.jobs).pop_front() else { return };
        let mut connection = held(&self.disk.0);
        let mut faulty = Faulty { inner: &mut connection, fate };
        let (completions, committed) = write_some(&mut faulty, first, &mut || held(&self.jobs).pop_front());
        drop(connection);
        if matches!(fate, Fate::PowerLoss { .. }) {
            self.gone.store(true, Ordering::SeqCst);
            held(&self.buried).extend(completions);
            held(&self.buried_jobs).0.extend(held(&self.jobs).drain(..));
            return;
        }
        for complete in completions {
            complete(committed.clone());
        }
    }

    pub(crate) fn read(self: &Arc<Self>, job: ReadJob) -> Result<()> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Error::Closed);
        }
        let store = Arc::clone(self);
        tokio::spawn(async move {
            let Reading { takes, fails } = store.faults.read();
            pause(takes).await;
            if store.gone.load(Ordering::SeqCst) {
                held(&store.buried_jobs).1.push(job);
                return;
            }
            if fails {
                (job.work)(Err(Error::Unreachable("simulated".to_owned())));
                return;
            }
            let connection = held(&store.disk.0);
            (job.work)(Ok(&Session::new(&*connection, job.node)));
        });
        Ok(())
    }

    /// Holds an answer up on its way.
    pub(crate) async fn delay(&self) {
        let takes = self.faults.answer();
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
    }

    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

/// Lets others go first, or time pass.
async fn pause(takes: Duration) {
    if takes.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(takes).await;
    }
}

/// A connection whose next commit has a fate.
struct Faulty<'c> {
    inner: &'c mut Connection,
    fate: Fate,
}

impl Faulty<'_> {
    fn end(&mut self, kept: bool, told: Error) -> Result<()> {
        if kept {
            self.inner.commit()?;
        } else {
            self.inner.rollback();
        }
        Err(told)
    }
}

impl Sql for Faulty<'_> {
    fn run(&self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        self.inner.run(sql, params)
    }

    fn require(&self, sql: &'static str, params: &[Param<'_>], otherwise: Error) -> Result<()> {
        self.inner.require(sql, params, otherwise)
    }

    fn count(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        self.inner.count(sql, params)
    }

    fn rows(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        self.inner.rows(sql, params, each)
    }

    fn settle(&self) -> Result<()> {
        self.inner.settle()
    }

    fn clock(&self) -> Result<i64> {
        self.inner.clock()
    }

    fn is_shared(&self) -> bool {
        false
    }

    fn take_turn(&self) -> Result<()> {
        self.inner.take_turn()
    }
}

impl Transactional for Faulty<'_> {
    fn begin(&mut self) -> Result<()> {
        match self.fate {
            Fate::Refused => Err(Error::Unreachable("simulated".to_owned())),
            _ => self.inner.begin(),
        }
    }

    fn undo(&mut self) -> Result<()> {
        self.inner.undo()
    }

    fn commit(&mut self) -> Result<()> {
        match self.fate {
            Fate::Kept | Fate::Refused => self.inner.commit(),
            Fate::Failed => self.end(false, Error::Database("simulated".to_owned())),
            Fate::Unknown { kept } | Fate::PowerLoss { kept } => self.end(kept, Error::Unknown),
        }
    }

    fn rollback(&mut self) {
        self.inner.rollback();
    }
}
