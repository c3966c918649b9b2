//! What all parts of the engine hold in common.

use crate::access::AccessTable;
use crate::analytics::AnalyticsRules;
use crate::clock::Clock;
use crate::dispatch::Queues;
use crate::mirror::Mirror;
use crate::node::NodeConfig;
use crate::playbooks::LoadedVersion;
use crate::playbooks::connections::ConnectionState;
use crate::rules::{Keeper, PlaybookWait, RuleSet};
use crate::runs::{ActiveRuns, AddressKey, Identity, ParkedRuns, Services, Tokens};
use crate::triggers::{Callers, Timer};
use crate::workspaces::Workspace;
use riposte_egress::Egress;
use riposte_rules::Watchlists;
use riposte_store::{ResourceKey, SecretKey, Store, WorkspaceKey};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;
use tokio::sync::watch;

/// A lock that a panic elsewhere does not poison: what it guards is replaced whole, never left half-made.
pub(crate) struct Table<T>(RwLock<T>);

impl<T: Default> Default for Table<T> {
    fn default() -> Self {
        Self(RwLock::new(T::default()))
    }
}

impl<T> Table<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The parts that everything uses. Tables in memory mirror the store: they are changed after the commit that changes
/// the store and before the answer, and are read without it.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) secret: SecretKey,
    /// Signs addresses of callbacks.
    pub(crate) addresses: AddressKey,
    /// Signs addresses of contents of runs.
    pub(crate) contents: AddressKey,
    pub(crate) egress: Arc<dyn Egress>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) public_url: String,
    pub(crate) playbook_wait: PlaybookWait,
    pub(crate) workspaces: Table<BTreeMap<WorkspaceKey, Workspace>>,
    /// What lists of incidents filter by.
    pub(crate) facets: crate::incidents::Facets,
    /// How many incidents a list reads before it goes by those.
    pub(crate) list_walk: usize,
    /// The watchlists that rules ask.
    pub(crate) watchlists: Table<BTreeMap<WorkspaceKey, Arc<Watchlists>>>,
    /// Keeps what rules did not match.
    pub(crate) keeper: Keeper,
    pub(crate) rules: Table<BTreeMap<WorkspaceKey, Arc<RuleSet>>>,
    pub(crate) analytics: Table<BTreeMap<WorkspaceKey, Arc<AnalyticsRules>>>,
    pub(crate) connections: Table<BTreeMap<ResourceKey, Arc<ConnectionState>>>,
    pub(crate) programs: Table<BTreeMap<(ResourceKey, i64), Arc<LoadedVersion>>>,
    pub(crate) access: Table<AccessTable>,
    /// A run whose steps take no longer goes on inside the commit of its operations on incidents.
    pub(crate) inline_step_max: Duration,
    /// What stands for the managed identity of playbooks.
    pub(crate) identity: Option<Identity>,
    /// Where the functions and managed APIs are that playbooks call.
    pub(crate) services: Services,
    pub(crate) tokens: Tokens,
    /// How many tokens programs were given lately.
    pub(crate) issue_rate: crate::tokens::IssueRate,
    /// Which state of the store the tables show.
    pub(crate) mirror: Mirror,
    /// A run that waits for longer leaves the memory.
    pub(crate) park_after: Duration,
    /// How long a run may take.
    pub(crate) run_duration_max: Duration,
    pub(crate) active: ActiveRuns,
    pub(crate) parked: ParkedRuns,
    pub(crate) queues: Queues,
    /// Who waits for the Responses of runs.
    pub(crate) callers: Callers,
    /// Wakes who sees to triggers.
    pub(crate) timer: Timer,
    /// Turns true when the engine shuts down.
    pub(crate) stopping: watch::Sender<bool>,
    /// How this process takes part in a database that nodes share.
    pub(crate) node: NodeConfig,
    /// Counts how often this process has become a node.
    pub(crate) tenure: watch::Sender<u64>,
    /// Wakes who keeps the lease.
    pub(crate) lease_in_doubt: tokio::sync::Notify,
}
