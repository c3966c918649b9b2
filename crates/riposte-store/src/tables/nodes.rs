//! Nodes: who works on which runs and events.

use crate::session::Session;
use crate::sql::params;
use crate::{Error, NodeKey, Result, TakenOver};
use std::time::Duration;

impl Session<'_> {
    pub(crate) fn register_node(&mut self, name: &str, lease: Duration) -> Result<NodeKey> {
        let until = self.lease_until(lease)?;
        if !self.sql.is_shared() {
            // Nobody else is there: the predecessor's name and what it owned go on as they are.
            let known = self.one("SELECT id FROM node ORDER BY id LIMIT 1", [], |row| row.get(0))?;
            if let Some(id) = known {
                self.run_statement("UPDATE node SET name = ?2 WHERE id = ?1", params![id, name])?;
                return Ok(NodeKey(id));
            }
        }
        let id = self.one(
            "INSERT INTO node (name, until) VALUES (?1, ?2) RETURNING id",
            params![name, until],
            |row| row.get(0),
        )?;
        id.map(NodeKey).ok_or(Error::Refused)
    }

    pub(crate) fn renew_node(&mut self, lease: Duration) -> Result<()> {
        let until = self.lease_until(lease)?;
        self.require(
            "UPDATE node SET until = ?2 WHERE id = ?1",
            params![self.node, until],
            Error::LostOwnership,
        )
    }

    pub(crate) fn take_over(&mut self) -> Result<TakenOver> {
        self.require("SELECT id FROM node WHERE id = ?1", [self.node], Error::LostOwnership)?;
        let now = self.sql.clock()?;
        let lapsed = self.all(
            "DELETE FROM node WHERE until < ?1 AND id <> ?2 RETURNING name",
            params![now, self.node],
            |row| row.get(0),
        )?;
        let mut runs = Vec::new();
        for node in self.gone_nodes()? {
            // Who takes a run up reads its whole inbox.
            self.run_statement(
                "UPDATE run_inbox SET posted = 0 WHERE posted = 1 AND run IN \
                 (SELECT id FROM run WHERE ended IS NULL AND node = ?1)",
                [node],
            )?;
            let taken = self.all(
                "UPDATE run SET node = ?1 WHERE ended IS NULL AND node = ?2 RETURNING id",
                params![self.node, node],
                |row| row.get(0),
            )?;
            runs.extend::<Vec<String>>(taken);
        }
        let events = self.all(
            "UPDATE event SET node = ?1 WHERE node NOT IN (SELECT id FROM node) RETURNING seq",
            [self.node],
            |row| row.get(0),
        )?;
        Ok(TakenOver { lapsed, runs, events })
    }

    /// The nodes that have open runs and are no nodes any more. Each is found with one look into the index of open runs:
    /// a hundred thousand of them cost no more than one.
    fn gone_nodes(&self) -> Result<Vec<i64>> {
        let (mut gone, mut after) = (Vec::new(), i64::MIN);
        while let Some(node) = self.one::<i64>(
            "SELECT node FROM run WHERE ended IS NULL AND node > ?1 ORDER BY node LIMIT 1",
            [after],
            |row| row.get(0),
        )? {
            after = node;
            let known = self.one("SELECT id FROM node WHERE id = ?1", [node], |row| row.get::<i64>(0))?;
            if known.is_none() {
                gone.push(node);
            }
        }
        Ok(gone)
    }

    pub(crate) fn leave(&mut self) -> Result<()> {
        if self.sql.is_shared() && self.changes("DELETE FROM node WHERE id = ?1", [self.node])? {
            self.changed(crate::Kind::Mail)?;
        }
        Ok(())
    }

    /// Refuses the job if this node's lease is gone: what it begins would have no owner.
    pub(super) fn own_lease(&self) -> Result<()> {
        if self.sql.is_shared() && self.node != NodeKey::NOBODY {
            self.require("SELECT id FROM node WHERE id = ?1", [self.node], Error::LostOwnership)?;
        }
        Ok(())
    }

    fn lease_until(&self, lease: Duration) -> Result<i64> {
        let lease = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX);
        Ok(self.sql.clock()?.saturating_add(lease))
    }
}
