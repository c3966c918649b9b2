//! The engine: opened over a store, recovering what was under way.

use crate::access::AccessTable;
use crate::clock::{Clock, SystemClock};
use crate::dispatch::Queues;
use crate::error::{Error, Result};
use crate::mirror::Mirror;
use crate::node::NodeConfig;
use crate::rules::{KeepEvaluations, Keeper, PlaybookWait};
use crate::runs::{ActiveRuns, AddressKey, Identity, ParkedRuns, Services, Tokens};
use crate::shared::{Shared, Table};
use crate::triggers::{Callers, Timer};
use riposte_egress::{Egress, EgressPolicy, Gate};
use riposte_store::{SecretKey, Store};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Documented: a run takes 90 days at the most.
const RUN_DURATION_MAX: Duration = Duration::from_hours(90 * 24);

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder of the store; in memory without it.
    pub data: Option<PathBuf>,
    /// The URL of a database that nodes share (`postgres://…`), in place of a store in the folder, which then holds
    /// the key alone.
    pub store: Option<String>,
    /// How this process takes part in a database that nodes share.
    pub node: NodeConfig,
    /// The key that seals credentials, as hexadecimal text; without it the file `secret.key` in the folder, made at
    /// the first start.
    pub secret_key: Option<String>,
    /// What may be called outside.
    pub egress: EgressPolicy,
    /// What addresses of callbacks begin with.
    pub public_url: String,
    /// The credentials that stand for the managed identity of playbooks; without them calls that need it fail.
    pub identity: Option<Identity>,
    /// Where the functions and managed APIs are that playbooks call.
    pub services: Services,
    /// How long a rule waits for the playbooks that it has started.
    pub playbook_wait: PlaybookWait,
    /// How long it is kept why rules did not match.
    pub evaluations: KeepEvaluations,
    /// A run whose steps take no longer than this goes on inside the commit of its operations on incidents, which saves
    /// a commit; one with longer steps must not hold up the writer, and goes on beside it.
    pub inline_step_max: Duration,
    /// A run that waits for longer than this leaves the memory until then.
    pub park_after: Duration,
    /// How long a run may take; then it has timed out.
    pub run_duration_max: Duration,
    /// How many incidents a list reads along an index; where these do not fill its page, what is kept in memory of all of
    /// them tells which to read.
    pub list_walk: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: None,
            store: None,
            node: NodeConfig::default(),
            secret_key: None,
            egress: EgressPolicy::default(),
            public_url: String::new(),
            identity: None,
            services: Services::default(),
            playbook_wait: PlaybookWait::default(),
            evaluations: KeepEvaluations::default(),
            inline_step_max: Duration::from_millis(2),
            park_after: Duration::from_secs(5),
            run_duration_max: RUN_DURATION_MAX,
            list_walk: 1_000,
        }
    }
}

/// The engine. Cheap to clone; [`Engine::shutdown`] stops what is under way.
#[derive(Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
    /// What links in its answers begin with.
    pub(crate) base_url: Arc<str>,
}

impl Engine {
    /// Opens the store, reads what is kept in memory, and takes up runs and events that were under way.
    pub async fn open(config: Config) -> Result<Self> {
        let gate = Gate::new(config.egress.clone())
            .map_err(|error| Error::internal(format!("the egress gate cannot be built: {error}")))?;
        Self::open_with(config, Arc::new(gate), Arc::new(SystemClock)).await
    }

    /// As [`Self::open`], with another way out and another clock.
    pub async fn open_with(config: Config, egress: Arc<dyn Egress>, clock: Arc<dyn Clock>) -> Result<Self> {
        let (store, secret) = crate::opening::open(&config).await?;
        Self::start(config, store, &secret, egress, clock).await
    }

    /// As [`Self::open_with`], over a store that is open already; the configuration must name the key.
    pub async fn open_over(
        store: Store,
        config: Config,
        egress: Arc<dyn Egress>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let secret = SecretKey::from_hex(config.secret_key.as_deref().unwrap_or_default())?;
        Self::start(config, store, &secret, egress, clock).await
    }

    async fn start(
        config: Config,
        store: Store,
        secret: &SecretKey,
        egress: Arc<dyn Egress>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let (stopping, _) = watch::channel(false);
        let shared = Arc::new(Shared {
            store,
            addresses: AddressKey::new(secret)?,
            contents: AddressKey::of_contents(secret)?,
            secret: secret.clone(),
            egress,
            clock,
            public_url: config.public_url.clone(),
            playbook_wait: config.playbook_wait,
            keeper: Keeper::new(config.evaluations),
            workspaces: Table::default(),
            rules: Table::default(),
            analytics: Table::default(),
            watchlists: Table::default(),
            facets: crate::incidents::Facets::default(),
            list_walk: config.list_walk,
            connections: Table::default(),
            programs: Table::default(),
            access: Table::<AccessTable>::default(),
            inline_step_max: config.inline_step_max,
            park_after: config.park_after,
            run_duration_max: config.run_duration_max,
            identity: config.identity,
            services: config.services,
            tokens: Tokens::default(),
            issue_rate: crate::tokens::IssueRate::default(),
            mirror: Mirror::default(),
            active: ActiveRuns::default(),
            parked: ParkedRuns::default(),
            queues: Queues::default(),
            callers: Callers::default(),
            timer: Timer::default(),
            stopping,
            node: config.node,
            tenure: watch::channel(0).0,
            lease_in_doubt: tokio::sync::Notify::new(),
        });
        let engine = Self { shared, base_url: config.public_url.into() };
        engine.shared.join().await?;
        engine.shared.take_part();
        engine.shared.keep_time();
        engine.shared.start_timer();
        engine.shared.list_older_incidents().await?;
        Ok(engine)
    }

    /// The same engine for somebody who reaches it at another address: links in its answers begin with that.
    #[must_use]
    pub fn at(&self, base_url: &str) -> Self {
        Self { shared: Arc::clone(&self.shared), base_url: base_url.trim_end_matches('/').into() }
    }

    /// Waits until nothing is under way: no event without its rules, no run without its end. For tests and for
    /// orderly stops; answers whether that came about in time.
    pub async fn settle(&self, within: Duration) -> bool {
        let settled = async {
            while !self.shared.is_settled() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(within, settled).await.is_ok()
    }

    /// How many runs are under way in memory, and how many are parked.
    pub fn counts(&self) -> (usize, usize) {
        (self.shared.active.len(), self.shared.parked.len())
    }

    /// Stops runs and events where they are; the next start takes them up.
    pub async fn shutdown(&self) {
        // Tasks that have ended are no receivers any more.
        let _ = self.shared.stopping.send(true);
        let stopped = async {
            while self.shared.active.len() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(5), stopped).await;
        self.shared.leave().await;
        self.shared.store.close().await;
    }
}

impl Shared {
    /// Whether nothing is under way. Each table is looked at by itself; as nothing was added to any of them from before
    /// the first look until after the last, and what moves is added before it leaves, what was empty is so still.
    fn is_settled(&self) -> bool {
        let added = || self.queues.added() + self.active.added() + self.parked.added();
        let before = added();
        self.is_idle() && self.active.len() == 0 && self.parked.len() == 0 && added() == before
    }
}
