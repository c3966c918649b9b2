//! What is kept in memory of the store: rules, analytics rules, connections, role assignments, workspaces. It follows the store's
//! counters of changes: after a change of this node's own, when another node has told of one, and at the latest a
//! second after it. Over a database that nodes share, each transaction looks at the counters first, so that a change
//! that was acknowledged anywhere counts in all that are committed after it.

use crate::error::Result;
use crate::shared::Shared;
use riposte_store::{Generations, Kind, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// The state of the store that the tables in memory show.
#[derive(Default)]
pub(crate) struct Mirror(Mutex<Option<Generations>>);

impl Shared {
    /// Brings the tables in memory up to what is committed.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<()> {
        let shared = Arc::clone(self);
        self.store.read(move |tx| Ok(shared.follow(tx))).await?
    }

    /// Brings the tables in memory up to what a transaction sees.
    pub(crate) fn follow(&self, tx: &dyn Read) -> Result<()> {
        // Held until the tables are changed, so that a state that was read earlier does not replace a later one.
        let mut shown = self.mirror.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = tx.generations()?;
        if shown.as_ref() == Some(&found) {
            return Ok(());
        }
        let is_newer = |kind: Kind| shown.as_ref().is_none_or(|shown| found.of(kind) > shown.of(kind));
        if is_newer(Kind::Workspaces) {
            self.workspaces.write().clear();
        }
        if is_newer(Kind::Access) {
            self.load_access(tx)?;
        }
        if is_newer(Kind::Connections) {
            self.load_connections(tx)?;
        }
        // A workspace that is new has the rules that hold for several.
        if is_newer(Kind::Rules) || is_newer(Kind::Workspaces) {
            self.load_rules(tx)?;
        }
        if is_newer(Kind::Analytics) {
            self.load_analytics(tx)?;
        }
        if [Kind::Watchlists, Kind::Rules, Kind::Workspaces].into_iter().any(is_newer) {
            self.load_watchlists(tx)?;
        }
        *shown = Some(match shown.take() {
            Some(before) => before.latest(&found),
            None => found,
        });
        Ok(())
    }
}
