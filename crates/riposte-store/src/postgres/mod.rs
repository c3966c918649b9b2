//! The store that several nodes share: PostgreSQL 15 or later, and what speaks its protocol. One writer connection
//! with group commit, readers beside it, and a connection that listens for what other nodes have changed.
//!
//! Every writing transaction first changes the one row of `writer`, so that those of all nodes come one after the
//! other; nothing else is locked by hand. What the database tells by `NOTIFY` only saves waiting: without it nodes
//! look once a second.

mod address;
mod link;
mod listener;
mod migrate;
mod passfile;
mod statement;
mod tls;

use crate::Result;
use crate::threads::{Readers, Writer};
use address::Address;
use link::{Link, Role};
use listener::Listener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

/// Reader threads beside the writer. They wait for the network more than they work.
const READERS: usize = 4;

/// An open database.
pub(crate) struct Database {
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    listener: Listener,
}

impl Database {
    /// Opens the database at a URL, on threads of its own; `node` is in whose name batches are committed.
    pub(crate) fn open(url: &str, node: Arc<AtomicI64>) -> Result<Self> {
        let address = Arc::new(Address::read(url)?);
        let era = Arc::new(AtomicU64::new(0));
        let listener = Listener::start(Arc::clone(&address))?;
        let (to, tells, counts) = (Arc::clone(&address), listener.tells(), Arc::clone(&era));
        let writer = Writer::start(move || {
            let role = Role::Writer { node, tells };
            let link = Link::open(to, counts, role)?;
            link.migrate()?;
            Ok(link)
        })?;
        let readers = Readers::start(READERS, move || {
            Link::open(Arc::clone(&address), Arc::clone(&era), Role::Reader)
        })?;
        Ok(Self { readers, writer, listener })
    }

    pub(crate) async fn notified(&self) {
        self.listener.notified().await;
    }

    /// Does what is waiting and takes no more changes.
    pub(crate) fn close(&self) {
        self.writer.close();
        self.listener.close();
    }
}
