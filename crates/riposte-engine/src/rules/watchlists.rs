//! The watchlists that rules ask, in memory: those alone, since a workspace's watchlists may hold millions of rows.

use crate::error::{Error, Result};
use crate::shared::Shared;
use riposte_rules::{Watchlist, Watchlists};
use riposte_store::{Item, Read, WorkspaceKey};
use riposte_value::{Object, Text, Value, json};
use std::sync::Arc;

/// Rows that are read at a time.
const ROWS: usize = 1_000;

impl Shared {
    /// Reads the watchlists that rules ask into memory.
    pub(crate) fn load_watchlists(&self, tx: &dyn Read) -> Result<()> {
        for workspace in tx.workspaces()? {
            let asked = self.rules_of(workspace.key).watchlists();
            let lists = watchlists(tx, workspace.key, &asked)?;
            self.watchlists.write().insert(workspace.key, Arc::new(lists));
        }
        Ok(())
    }

    /// The watchlists of a workspace that its rules ask.
    pub(crate) fn watchlists_of(&self, workspace: WorkspaceKey) -> Arc<Watchlists> {
        self.watchlists.read().get(&workspace).cloned().unwrap_or_default()
    }
}

/// The watchlists of a workspace that have these aliases.
pub(super) fn watchlists(tx: &dyn Read, workspace: WorkspaceKey, asked: &[Text]) -> Result<Watchlists> {
    let mut lists = Watchlists::default();
    if asked.is_empty() {
        return Ok(lists);
    }
    for (name, doc) in tx.items(workspace, Item::Watchlist, "", "", usize::MAX)? {
        let list = parsed(&doc)?;
        let text = |member: &str| list.str_at(&["properties", member]).map(str::to_owned);
        let alias = text("watchlistAlias").unwrap_or_else(|| name.clone());
        if asked.iter().any(|wanted| riposte_incident::same(wanted.trim(), alias.trim())) {
            let key = text("itemsSearchKey").unwrap_or_default();
            let rows = rows(tx, workspace, &name)?;
            lists.insert(&alias, Arc::new(Watchlist::from_rows(&key, &rows)));
        }
    }
    Ok(lists)
}

fn rows(tx: &dyn Read, workspace: WorkspaceKey, list: &str) -> Result<Vec<Object>> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let page = tx.items(workspace, Item::WatchlistItem, list, &after, ROWS)?;
        let Some((last, _)) = page.last() else { return Ok(rows) };
        after.clone_from(last);
        for (_, doc) in &page {
            let item = parsed(doc)?;
            rows.extend(item.at(&["properties", "itemsKeyValue"]).and_then(Value::as_object).cloned());
        }
    }
}

fn parsed(doc: &str) -> Result<Value> {
    json::parse(doc).map_err(|error| Error::internal(format!("a watchlist cannot be read: {error}")))
}
