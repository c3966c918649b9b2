//! The groups that a chunk of alerts meets: read once, written once.

use super::incoming::{Grouped, Incoming};
use crate::clock::{from_nanoseconds, nanoseconds};
use crate::error::Result;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_incident::Window;
use riposte_store::GroupRow;
use std::collections::BTreeMap;

/// A group: an incident that takes alerts, and when they were.
pub(super) struct Group {
    /// The incident's name, lower case.
    pub(super) incident: String,
    pub(super) window: Window,
    /// As the store has it, if it does.
    stored: Option<GroupRow>,
}

impl Group {
    fn of(row: GroupRow) -> Self {
        let window = Window { first: from_nanoseconds(row.first), last: from_nanoseconds(row.last) };
        Self { incident: row.incident.clone(), window, stored: Some(row) }
    }

    fn row(&self) -> GroupRow {
        GroupRow {
            incident: self.incident.clone(),
            first: nanoseconds(self.window.first),
            last: nanoseconds(self.window.last),
        }
    }
}

type Key<'b> = (&'b str, &'b str);

/// All groups that the alerts of a chunk may fall into, by rule and key.
pub(super) struct Groups<'b> {
    /// From when to when the alerts of each key are.
    spans: BTreeMap<Key<'b>, Window>,
    loaded: BTreeMap<Key<'b>, Vec<Group>>,
    /// Rows whose groups are gone.
    gone: Vec<(Key<'b>, GroupRow)>,
}

impl<'b> Groups<'b> {
    pub(super) fn new(alerts: &'b [Incoming]) -> Self {
        let mut spans: BTreeMap<Key<'b>, Window> = BTreeMap::new();
        for alert in alerts {
            if let Some(group) = &alert.group {
                let span = spans.entry(key_of(group)).or_insert(Window::of(alert.at));
                *span = span.with(alert.at);
            }
        }
        Self { spans, loaded: BTreeMap::new(), gone: Vec::new() }
    }

    /// The groups of an alert's key.
    pub(super) fn of(
        &mut self,
        t: &Transaction<'_>,
        ws: &Workspace,
        grouped: &'b Grouped,
    ) -> Result<&mut Vec<Group>> {
        let key = key_of(grouped);
        let span = self.spans.get(&key).copied();
        match self.loaded.entry(key) {
            std::collections::btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(place) => {
                let lookback = grouped.configuration.lookback.duration();
                let (first, last) = span.map(|span| (span.first, span.last)).unwrap_or_default();
                let from = first.checked_sub(lookback).unwrap_or(Timestamp::MIN);
                let to = last.checked_add(lookback).unwrap_or(Timestamp::MAX);
                let (from, to) = (nanoseconds(from), nanoseconds(to));
                let rows = t.tx.alert_groups(ws.key, &grouped.rule, &grouped.key, from, to)?;
                Ok(place.insert(rows.into_iter().map(Group::of).collect()))
            }
        }
    }

    /// Begins a group with an alert, in the place of another one if that is given.
    pub(super) fn begin(
        &mut self,
        grouped: &'b Grouped,
        at: Timestamp,
        incident: &str,
        instead_of: Option<usize>,
    ) {
        let key = key_of(grouped);
        let groups = self.loaded.entry(key).or_default();
        let group = Group { incident: incident.to_owned(), window: Window::of(at), stored: None };
        match instead_of.and_then(|place| groups.get_mut(place)) {
            Some(place) => {
                let replaced = std::mem::replace(place, group);
                self.gone.extend(replaced.stored.map(|row| (key, row)));
            }
            None => groups.push(group),
        }
    }

    /// Forgets the groups whose incidents are gone.
    pub(super) fn forget(&mut self, grouped: &'b Grouped, is_gone: impl Fn(&str) -> bool) {
        let key = key_of(grouped);
        let Some(groups) = self.loaded.get_mut(&key) else { return };
        for group in groups.extract_if(.., |group| is_gone(&group.incident)) {
            self.gone.extend(group.stored.map(|row| (key, row)));
        }
    }

    /// Writes what has changed.
    pub(super) fn write(&mut self, t: &mut Transaction<'_>, ws: &Workspace) -> Result<()> {
        for ((rule, key), row) in self.gone.drain(..) {
            t.tx.delete_alert_group(ws.key, rule, key, &row)?;
        }
        for ((rule, key), groups) in &mut self.loaded {
            for group in groups {
                let row = group.row();
                if group.stored.as_ref() == Some(&row) {
                    continue;
                }
                // The time of the first alert is a part of what the row is found by.
                if let Some(stored) = group.stored.take().filter(|stored| stored.first != row.first) {
                    t.tx.delete_alert_group(ws.key, rule, key, &stored)?;
                }
                t.tx.put_alert_group(ws.key, rule, key, &row)?;
                group.stored = Some(row);
            }
        }
        Ok(())
    }
}

fn key_of(grouped: &Grouped) -> Key<'_> {
    (&grouped.rule, &grouped.key)
}
