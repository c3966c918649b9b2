//! The store: typed tables of JSON documents, over SQLite or PostgreSQL.
//!
//! A change is a *job*: a plain closure over [`Write`] that runs on the one writer thread. The writer drains what is
//! waiting into one transaction and one disk synchronisation, and only then tells the callers, so that an answer
//! means that the data is on disk and a thousand small changes cost one flush. A job that refuses or panics is
//! rolled back alone; its neighbours in the same transaction are not touched.
//!
//! Over PostgreSQL several nodes share one database. Their writing transactions come one after the other, since each
//! begins by changing the same row; so a job that reads and then writes needs no thought of the other nodes. A node
//! holds a lease ([`Store::register_node`]) and owns runs and events; once another node has taken them over
//! ([`Write::take_over`]), nothing of them that the first would still commit is kept.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! use riposte_store::{ResourceKey, Store};
//!
//! let store = Store::in_memory().unwrap();
//! let key = ResourceKey::new("/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w");
//! let made = store
//!     .write(move |tx| tx.put_workspace(&key, "5a1e0000-0000-4000-8000-000000000001", "w", "{}"))
//!     .await
//!     .unwrap();
//! assert_eq!(store.read(|tx| tx.workspaces()).await.unwrap()[0].key, made);
//! # });
//! ```

mod error;
mod handle;
mod keys;
mod many;
mod migrations;
mod nodes;
mod postgres;
mod rows;
mod secret;
mod session;
mod sql;
mod sqlite;
mod tables;
mod threads;
mod transaction;

pub use error::{Error, Result};
pub use handle::Store;
pub use keys::{ResourceKey, WorkspaceKey};
pub use nodes::{Generations, Kind, NodeKey, TakenOver};
pub use rows::{
    ConnectionRow, EvaluationRow, EventRow, EventSubject, GroupRow, IncidentList, IncidentOrder, IncidentRow,
    Item, Log, Part, PlaybookRow, RunProgress, RunRow, SubjectKind, TriggerRow, WorkspaceRow,
};
pub use secret::{Existing, SecretKey};
pub use sqlite::simulated::{Commit, Disk, Fate, Faults, Reading};
pub use transaction::{Read, Write};
