//! What a workspace keeps by name: analytics rules, watchlists, bookmarks and the like.

use crate::session::{Session, sql_limit};
use crate::sql::params;
use crate::{Item, Result, WorkspaceKey};

impl Session<'_> {
    pub(crate) fn item(
        &self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        name: &str,
    ) -> Result<Option<String>> {
        self.doc(
            "SELECT doc FROM workspace_item WHERE workspace = ?1 AND kind = ?2 AND parent = ?3 AND name = ?4",
            params![workspace, kind.as_str(), parent.to_lowercase(), name.to_lowercase()],
        )
    }

    pub(crate) fn items(
        &self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, String)>> {
        self.all(
            "SELECT name, doc FROM workspace_item WHERE workspace = ?1 AND kind = ?2 AND parent = ?3 AND name > ?4 \
             ORDER BY name LIMIT ?5",
            params![workspace, kind.as_str(), parent.to_lowercase(), after.to_lowercase(), sql_limit(limit)],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    pub(crate) fn put_item(
        &mut self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        name: &str,
        doc: &str,
    ) -> Result<()> {
        self.run_statement(
            "INSERT INTO workspace_item (workspace, kind, parent, name, doc) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (workspace, kind, parent, name) DO UPDATE SET doc = excluded.doc",
            params![workspace, kind.as_str(), parent.to_lowercase(), name.to_lowercase(), doc],
        )?;
        self.item_changed(kind)
    }

    pub(crate) fn delete_item(
        &mut self,
        workspace: WorkspaceKey,
        kind: Item,
        parent: &str,
        name: &str,
    ) -> Result<bool> {
        self.item_changed(kind)?;
        self.changes(
            "DELETE FROM workspace_item WHERE workspace = ?1 AND kind = ?2 AND parent = ?3 AND name = ?4",
            params![workspace, kind.as_str(), parent.to_lowercase(), name.to_lowercase()],
        )
    }

    pub(crate) fn delete_items(&mut self, workspace: WorkspaceKey, kind: Item, parent: &str) -> Result<()> {
        self.item_changed(kind)?;
        self.run_statement(
            "DELETE FROM workspace_item WHERE workspace = ?1 AND kind = ?2 AND parent = ?3",
            params![workspace, kind.as_str(), parent.to_lowercase()],
        )
    }

    fn item_changed(&self, kind: Item) -> Result<()> {
        match kind.kept_in_memory() {
            Some(kept) => self.changed(kept),
            None => Ok(()),
        }
    }
}
