//! This process as one of the nodes that share a database: its lease, what it takes over from nodes that are gone, and
//! what becomes of it when another has taken it for dead.
//!
//! A node renews its lease every few seconds. Whoever finds a lease lapsed ends it and makes the node's runs and events
//! its own, in one transaction; from then on the store refuses whatever the other would still commit of them. A node
//! that learns of this leaves off everything that it has in hand and comes back as a new node.

use crate::error::Result;
use crate::shared::Shared;
use riposte_store::{Kind, TakenOver};
use std::sync::Arc;
use std::time::Duration;
use tracing::{error, info, warn};

/// How long to wait before what the store refused is tried again.
const RETRY: Duration = Duration::from_millis(500);

/// How a node takes part.
#[derive(Debug, Clone)]
pub struct NodeConfig {
    /// What people know it by; it stands in logs and in the table of nodes.
    pub name: String,
    /// How long it may be silent before another takes over.
    pub lease: Duration,
    /// How often it renews its lease.
    pub renewal: Duration,
}

impl Default for NodeConfig {
    fn default() -> Self {
        let host = std::env::var("HOSTNAME").ok().or_else(|| std::fs::read_to_string("/etc/hostname").ok());
        let host = host.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let name = format!("{}-{}", host.as_deref().unwrap_or("node"), std::process::id());
        Self { name, lease: Duration::from_secs(15), renewal: Duration::from_secs(3) }
    }
}

impl Shared {
    /// Becomes a node, and takes up what is its own and what was nobody's.
    pub(crate) async fn join(self: &Arc<Self>) -> Result<()> {
        let node = self.store.register_node(&self.node.name, self.node.lease).await?;
        if self.store.is_shared() {
            info!(%node, name = %self.node.name, "joined");
        }
        self.refresh().await?;
        self.store.write(|tx| tx.take_over()).await?;
        self.find_parked().await?;
        self.recover_runs().await?;
        let events = self.store.read(|tx| tx.events()).await?;
        if !events.is_empty() {
            info!(events = events.len(), "took up events whose rules had not all been seen to");
        }
        for event in events {
            self.dispatch(event.subject);
        }
        Ok(())
    }

    /// Starts what keeps a node of a shared database going.
    pub(crate) fn take_part(self: &Arc<Self>) {
        if !self.store.is_shared() {
            return;
        }
        for task in [Task::Lease, Task::News] {
            let shared = Arc::clone(self);
            let mut stopping = self.stopping.subscribe();
            tokio::spawn(async move {
                let work = async {
                    match task {
                        Task::Lease => keep_lease(&shared).await,
                        Task::News => follow_news(&shared).await,
                    }
                };
                tokio::select! {
                    _ = stopping.wait_for(|stopping| *stopping) => {}
                    () = work => {}
                }
            });
        }
    }

    /// Gives the lease back, so that other nodes need not wait for it to lapse.
    pub(crate) async fn leave(&self) {
        if let Err(error) = self.store.write(|tx| tx.leave()).await {
            warn!(%error, "the lease cannot be given back; it lapses by itself");
        }
    }

    /// Ends when what this process has in hand is not its own any more: the engine stops, or another node has taken
    /// over.
    pub(crate) fn left_off(&self) -> impl Future<Output = ()> + use<> {
        let (mut stopping, mut tenure) = (self.stopping.subscribe(), self.tenure.subscribe());
        let mine = *tenure.borrow_and_update();
        async move {
            tokio::select! {
                _ = stopping.wait_for(|stopping| *stopping) => {}
                _ = tenure.wait_for(|tenure| *tenure != mine) => {}
            }
        }
    }

    /// Which of this process's times as a node it is.
    pub(crate) fn tenure(&self) -> u64 {
        *self.tenure.borrow()
    }

    /// Has the lease looked at: the store has refused something for its sake.
    pub(crate) fn doubt_lease(&self) {
        self.lease_in_doubt.notify_one();
    }

    /// Takes up what came from nodes that are gone, in a task of its own: the lease must not wait for it.
    fn take_up_surely(self: &Arc<Self>, taken: TakenOver) {
        for name in &taken.lapsed {
            warn!(node = %name, "the lease of a node has lapsed");
        }
        if taken.runs.is_empty() && taken.events.is_empty() {
            return;
        }
        info!(runs = taken.runs.len(), events = taken.events.len(), "took over from nodes that are gone");
        let (shared, left_off) = (Arc::clone(self), self.left_off());
        tokio::spawn(async move {
            let work = async {
                while let Err(error) = shared.take_up(&taken).await {
                    warn!(%error, "what was taken over cannot be read; trying again");
                    tokio::time::sleep(RETRY).await;
                }
            };
            tokio::select! {
                () = left_off => {}
                () = work => {}
            }
        });
    }

    async fn take_up(self: &Arc<Self>, taken: &TakenOver) -> Result<()> {
        self.take_up_runs(&taken.runs).await?;
        for event in self.store.read(|tx| tx.events()).await? {
            if taken.events.contains(&event.seq) {
                self.dispatch(event.subject);
            }
        }
        Ok(())
    }

    /// Leaves off everything, and comes back as a new node.
    async fn come_back(self: &Arc<Self>) {
        error!(name = %self.node.name, "another node has taken over from this one; it begins anew");
        self.tenure.send_modify(|tenure| *tenure += 1);
        while !(self.active.len() == 0 && self.is_idle()) {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.parked.clear();
        while let Err(error) = self.join().await {
            warn!(%error, "this node cannot come back yet; trying again");
            tokio::time::sleep(RETRY).await;
        }
    }
}

enum Task {
    Lease,
    News,
}

/// Renews the lease, and takes over what is nobody's.
async fn keep_lease(shared: &Arc<Shared>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(shared.node.renewal) => {}
            () = shared.lease_in_doubt.notified() => {}
        }
        let lease = shared.node.lease;
        let renewed = shared
            .store
            .write(move |tx| {
                tx.renew_node(lease)?;
                tx.take_over()
            })
            .await;
        match renewed {
            Ok(taken) => shared.take_up_surely(taken),
            Err(riposte_store::Error::LostOwnership) => shared.come_back().await,
            // The lease holds until another node takes it.
            Err(error) => warn!(%error, "the lease cannot be renewed"),
        }
    }
}

/// Follows what other nodes have changed.
async fn follow_news(shared: &Arc<Shared>) {
    let mut mail = None;
    loop {
        shared.store.notified().await;
        if let Err(error) = shared.refresh().await {
            warn!(%error, "what other nodes have changed cannot be read; trying again");
            continue;
        }
        match shared.store.read(|tx| Ok((tx.generations()?.of(Kind::Mail), tx.mail()?))).await {
            Ok((count, letters)) => {
                if mail.is_some_and(|before| before != count) {
                    // A node may have left.
                    shared.doubt_lease();
                }
                mail = Some(count);
                shared.deliver(letters).await;
            }
            Err(error) => warn!(%error, "what other nodes have left for runs cannot be read; trying again"),
        }
    }
}
