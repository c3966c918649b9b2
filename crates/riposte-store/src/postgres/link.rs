//! A connection that comes back: statements are prepared once, those without an answer are sent off together, a lost
//! connection is opened again at the next transaction, and what became of a commit is found out.

use super::address::Address;
use super::listener::{CHANNEL, Tells};
use super::statement::{Pending, Statements, explain, failed};
use crate::sql::{Param, Row, Sql, Transactional, params};
use crate::{Error, Generations, NodeKey, Result};
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use tracing::{info, warn};

/// How long the database may take over one thing; a writer may wait that long for the other nodes' turns.
const ANSWER_MAX: Duration = Duration::from_mins(1);
/// How long the fate of a commit is looked for.
const FATE_MAX: Duration = Duration::from_secs(30);
/// The pauses between tries to connect, at first and at the most.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// A connection that was used so lately is taken to be alive.
const FRESH: Duration = Duration::from_millis(500);

/// What every connection is told: a commit is on disk before it is answered, and a transaction whose node has gone
/// does not hold up the others for long.
const SETTINGS: &str = "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '10s'; \
                        SET lock_timeout = '30s'; SET client_min_messages = warning";

/// What a connection is for.
pub(super) enum Role {
    /// It takes its turn among the writers of all nodes.
    Writer {
        /// In whose name batches are committed.
        node: Arc<AtomicI64>,
        /// Whether the database tells others of changes.
        tells: Tells,
    },
    /// It reads one state in each transaction.
    Reader,
}

/// A connection that comes back.
pub(super) struct Link {
    pub(super) runtime: Runtime,
    address: Arc<Address>,
    role: Role,
    era: Arc<AtomicU64>,
    open: Option<Open>,
    /// No try to connect before this.
    not_before: Instant,
    pause: Duration,
    /// Numbers this node's batches.
    batch: i64,
}

/// A connection that is open.
struct Open {
    client: Arc<Client>,
    statements: Statements,
    pending: RefCell<Vec<Pending>>,
    /// Whether the transaction has something to tell the other nodes.
    telling: Cell<bool>,
    generations: Cell<Option<Generations>>,
    used: Instant,
}

impl Link {
    /// Connects.
    pub(super) fn open(address: Arc<Address>, era: Arc<AtomicU64>, role: Role) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Error::Database(error.to_string()))?;
        let mut link = Self {
            runtime,
            address,
            role,
            era,
            open: None,
            not_before: Instant::now(),
            pause: PAUSE_FIRST,
            batch: 0,
        };
        link.connect()?;
        Ok(link)
    }

    /// The client of the open connection.
    pub(super) fn client(&self) -> Result<Arc<Client>> {
        Ok(Arc::clone(&self.now()?.client))
    }

    fn now(&self) -> Result<&Open> {
        self.open.as_ref().ok_or_else(|| Error::Unreachable("the connection was lost".to_owned()))
    }

    fn connect(&mut self) -> Result<()> {
        self.open = None;
        std::thread::sleep(self.not_before.saturating_duration_since(Instant::now()));
        let address = Arc::clone(&self.address);
        let connected = self.runtime.block_on(async move {
            let connect = address.config.connect(address.tls.clone());
            let (client, connection) = tokio::time::timeout(ANSWER_MAX, connect)
                .await
                .map_err(|_| "it does not answer".to_owned())?
                .map_err(|error| explain(&error))?;
            // It ends with the client, or with the server; whoever asks next is told.
            tokio::spawn(connection);
            client.batch_execute(SETTINGS).await.map_err(|error| explain(&error))?;
            Ok::<_, String>(client)
        });
        match connected {
            Ok(client) => {
                if self.pause > PAUSE_FIRST {
                    info!(database = %self.address.shown(), "connected again");
                }
                self.pause = PAUSE_FIRST;
                self.open = Some(Open {
                    client: Arc::new(client),
                    statements: Statements::default(),
                    pending: RefCell::default(),
                    telling: Cell::new(false),
                    generations: Cell::new(None),
                    used: Instant::now(),
                });
                Ok(())
            }
            Err(why) => {
                let why = format!("{}: {why}", self.address.shown());
                if self.pause == PAUSE_FIRST {
                    warn!(%why, "the database cannot be reached");
                }
                self.not_before = Instant::now() + self.pause;
                self.pause = (self.pause * 2).min(PAUSE_MAX);
                Err(Error::Unreachable(why))
            }
        }
    }

    /// Carries something out on the connection; one that takes too long is given up.
    fn wait<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let bounded = async { tokio::time::timeout(ANSWER_MAX, work).await };
        match self.runtime.block_on(bounded) {
            Ok(done) => done,
            Err(_) => Err(Error::Unreachable("it does not answer".to_owned())),
        }
    }

    /// Opens the transaction on the connection as it is.
    fn enter(&mut self) -> Result<()> {
        match &self.role {
            Role::Writer { .. } => {
                self.run("BEGIN ISOLATION LEVEL READ COMMITTED", &[])?;
                // Whoever holds the row is the only one who writes; each later statement sees what was committed before.
                self.require("UPDATE writer SET turn = turn + 1 WHERE id = 1", &[], Error::Refused)?;
                self.settle()
            }
            Role::Reader => {
                self.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &[])?;
                let fresh = self.now()?.used.elapsed() < FRESH;
                if fresh { Ok(()) } else { self.settle() }
            }
        }
    }

    /// Sends off the end of a writing transaction; whether its node's mark was among it.
    fn send_commit(&mut self) -> Result<NodeKey> {
        let Role::Writer { node, tells } = &self.role else {
            self.run("COMMIT", &[])?;
            return Ok(NodeKey::NOBODY);
        };
        let node = NodeKey(node.load(Ordering::SeqCst));
        if tells.are_told() && self.now()?.telling.get() {
            self.require("SELECT pg_notify(?1, '')", params![CHANNEL], Error::Refused)?;
        }
        if node != NodeKey::NOBODY {
            self.run("UPDATE node SET batch = ?2 WHERE id = ?1", params![node, self.batch])?;
        }
        self.run("COMMIT", &[])?;
        Ok(node)
    }

    /// Finds out whether the batch was committed while the connection went away: the turn of this node's old connection
    /// is over when a new one gets it, and the mark in the node's row tells.
    fn find_fate(&mut self, node: NodeKey, lost: &Error) -> Result<()> {
        if node == NodeKey::NOBODY {
            return Err(Error::Unknown);
        }
        let since = Instant::now();
        warn!(%lost, "the database went away during a commit; finding out what became of it");
        let found = loop {
            match self.read_mark(node) {
                Ok(mark) => break mark,
                Err(Error::Unreachable(_)) if since.elapsed() < FATE_MAX => {}
                Err(_) => return Err(Error::Unknown),
            }
        };
        match found {
            Some(mark) if mark == self.batch => Ok(()),
            Some(_) => Err(lost.clone()),
            // The node's row is gone: another has taken over, and the mark went with it.
            None => Err(Error::Unknown),
        }
    }

    fn read_mark(&mut self, node: NodeKey) -> Result<Option<i64>> {
        self.connect()?;
        self.enter()?;
        let mut mark = None;
        self.rows("SELECT batch FROM node WHERE id = ?1", params![node], &mut |row| {
            mark = Some(row.get(0)?);
            Ok(false)
        })?;
        self.rollback();
        Ok(mark)
    }
}

impl Sql for Link {
    fn run(&self, sql: &'static str, params: &[Param<'_>]) -> Result<()> {
        self.send(sql, params, None)
    }

    fn require(&self, sql: &'static str, params: &[Param<'_>], otherwise: Error) -> Result<()> {
        self.send(sql, params, Some(otherwise))
    }

    fn count(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64> {
        let statement = self.prepared(sql)?;
        let client = self.client()?;
        let done = self.wait(async { client.execute_raw(&statement, params).await.map_err(|e| failed(&e)) });
        self.first_failure(done)
    }

    fn rows(
        &self,
        sql: &'static str,
        params: &[Param<'_>],
        each: &mut dyn FnMut(&Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        let statement = self.prepared(sql)?;
        let client = self.client()?;
        let found = self.wait(async {
            let params: Vec<_> = params.iter().map(super::statement::as_sql).collect();
            client.query(&statement, &params).await.map_err(|error| failed(&error))
        });
        for row in &self.first_failure(found)? {
            if !each(&Row::Postgres(row))? {
                break;
            }
        }
        Ok(())
    }

    fn settle(&self) -> Result<()> {
        let pending = self.now()?.pending.take();
        if pending.is_empty() {
            return Ok(());
        }
        self.wait(async {
            let mut first = Ok(());
            for sent in pending {
                let done = sent.await;
                first = first.and(done);
            }
            first
        })
    }

    fn clock(&self) -> Result<i64> {
        let mut now = 0;
        let sql = "SELECT CAST(floor(extract(epoch FROM clock_timestamp()) * 1000) AS BIGINT)";
        self.rows(sql, &[], &mut |row| {
            now = row.get(0)?;
            Ok(false)
        })?;
        Ok(now)
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn tell_others(&self) {
        if let Some(open) = &self.open {
            open.telling.set(true);
            open.generations.set(None);
        }
    }

    fn known_generations(&self) -> Option<Generations> {
        self.open.as_ref().and_then(|open| open.generations.get())
    }

    fn know_generations(&self, found: &Generations) {
        if let Some(open) = &self.open {
            open.generations.set(Some(*found));
        }
    }

    fn era(&self) -> u64 {
        self.era.load(Ordering::SeqCst)
    }
}

impl Link {
    fn prepared(&self, sql: &'static str) -> Result<tokio_postgres::Statement> {
        let open = self.now()?;
        if let Some(known) = open.statements.get(sql) {
            return Ok(known);
        }
        let client = Arc::clone(&open.client);
        let prepared = self.wait(async move {
            client.prepare(&super::statement::numbered(sql)).await.map_err(|error| failed(&error))
        });
        let statement = self.first_failure(prepared)?;
        open.statements.keep(sql, &statement);
        Ok(statement)
    }

    /// Sends a statement off; what comes of it is told by [`Sql::settle`] or the next statement with an answer.
    fn send(&self, sql: &'static str, params: &[Param<'_>], otherwise: Option<Error>) -> Result<()> {
        let statement = self.prepared(sql)?;
        let open = self.now()?;
        let sent = super::statement::send(Arc::clone(&open.client), statement, params, otherwise);
        open.pending.borrow_mut().push(sent);
        Ok(())
    }

    /// What was sent off before a statement comes first; its failure is why the statement failed.
    fn first_failure<T>(&self, done: Result<T>) -> Result<T> {
        let sent = self.settle();
        match done {
            Ok(value) => sent.map(|()| value),
            Err(error) => Err(sent.err().unwrap_or(error)),
        }
    }
}

impl Transactional for Link {
    fn begin(&mut self) -> Result<()> {
        if self.open.is_none() {
            self.connect()?;
        }
        if let Some(open) = &self.open {
            open.generations.set(None);
        }
        let entered = match self.enter() {
            // Nothing was asked for yet, so that a connection that was lost while it was idle costs nothing.
            Err(Error::Unreachable(_)) => self.connect().and_then(|()| self.enter()),
            entered => entered,
        };
        if entered.is_err() {
            self.rollback();
        }
        entered
    }

    fn commit(&mut self) -> Result<()> {
        self.batch += 1;
        let committed = match self.send_commit() {
            Err(error) => Err(error),
            Ok(node) => match self.settle() {
                Err(lost @ Error::Unreachable(_)) => {
                    self.open = None;
                    if matches!(self.role, Role::Writer { .. }) {
                        self.find_fate(node, &lost)
                    } else {
                        Err(lost)
                    }
                }
                settled => settled,
            },
        };
        if let Some(open) = &mut self.open {
            open.used = Instant::now();
            open.telling.set(false);
        }
        committed
    }

    fn undo(&mut self) -> Result<()> {
        if let Some(open) = &self.open {
            open.generations.set(None);
        }
        // What was sent off has been waited for, and its failure is why this is done.
        self.run("ROLLBACK TO SAVEPOINT job", &[])?;
        self.settle()
    }

    fn rollback(&mut self) {
        if matches!(self.role, Role::Writer { .. }) {
            self.era.fetch_add(1, Ordering::SeqCst);
        }
        let Some(open) = &self.open else { return };
        open.telling.set(false);
        drop(open.pending.take());
        let client = Arc::clone(&open.client);
        let left =
            self.wait(async move { client.batch_execute("ROLLBACK").await.map_err(|error| failed(&error)) });
        if left.is_err() {
            self.open = None;
        }
    }
}
