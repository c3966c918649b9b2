//! A list that goes by what is kept in memory of all incidents: which of them could pass. Each of those is read in the
//! list's transaction and filtered there, so that the list holds what the store does.

use super::list::{Placed, is_after, place_of, shown};
use crate::ListQuery;
use crate::document::decode;
use crate::error::Result;
use crate::incidents::Narrowing;
use crate::shared::Shared;
use crate::workspaces::Workspace;
use riposte_incident::Incident;
use riposte_store::{IncidentList, IncidentOrder, Read};
use std::cell::Cell;

/// What a list is made from.
pub(super) struct Lister<'l> {
    pub(super) shared: &'l Shared,
    pub(super) tx: &'l dyn Read,
    pub(super) ws: &'l Workspace,
    pub(super) query: &'l ListQuery,
    /// Whether somebody should see to it that the facets follow the store.
    pub(super) wants_facets: Cell<bool>,
}

impl Lister<'_> {
    /// Whether anything is known of what passes.
    pub(super) fn is_narrowing(&self) -> bool {
        self.query.filter.is_some() && !matches!(self.query.narrowing, Narrowing::Unknown)
    }

    /// The first incidents of a list that pass, `top` at most; none if what is kept of them is too far behind.
    pub(super) fn narrowed(
        &self,
        list: &IncidentList,
        last_number: Option<i64>,
        top: usize,
    ) -> Result<Option<Vec<Placed>>> {
        let facets = self.shared.facets.of(self.ws.key);
        if !facets.follow(self.tx, self.ws.key)? {
            self.wants_facets.set(true);
            return Ok(None);
        }
        let mut found = Vec::new();
        if list.order == IncidentOrder::Number {
            let after = list.after.map(|(number, _)| number);
            let numbers = if list.descending {
                last_number.unwrap_or(0)..after.unwrap_or(i64::MAX)
            } else {
                after.map_or(0, |after| after.saturating_add(1))
                    ..last_number.map_or(i64::MAX, |last| last.saturating_add(1))
            };
            facets.visit(&self.query.narrowing, numbers, list.descending, &mut |number| {
                found.extend(self.read(number, list)?);
                Ok(found.len() < top)
            })?;
            return Ok(Some(found));
        }
        for number in facets.by_change(&self.query.narrowing, list.descending, list.after)? {
            found.extend(self.read(number, list)?);
            if found.len() >= top {
                break;
            }
        }
        Ok(Some(found))
    }

    /// The incident of a number, if it passes and is in the list.
    fn read(&self, number: i64, list: &IncidentList) -> Result<Option<Placed>> {
        let Some(doc) = self.tx.incident_by_number(self.ws.key, number)? else { return Ok(None) };
        if !self.query.bounds.texts.iter().all(|text| doc.contains(text.as_str())) {
            return Ok(None);
        }
        let place = match list.order {
            IncidentOrder::Number => (number, number),
            IncidentOrder::Modified => place_of(&decode::<Incident>("incident", &doc)?, list.order),
        };
        if !is_after(place, list) {
            return Ok(None);
        }
        Ok(shown(self.ws, &doc, self.query.filter.as_ref())?.map(|shown| (place, shown)))
    }
}
