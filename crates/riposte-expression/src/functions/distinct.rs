//! Values told apart by `equals`, in the order in which they came.

use super::Invocation;
use crate::compare::{equal, fingerprint};
use crate::error::Failure;
use riposte_value::Value;
use std::cell::Cell;
use std::collections::BTreeMap;

/// The most values that are compared each with each. Most arrays in playbooks are shorter; fingerprints and the tree of
/// them were a third of the time of a union of three numbers and two.
const COMPARED_MAX: usize = 16;

/// How often values may have one fingerprint and yet differ. Numbers of many digits do, as a double of the same size is
/// equal to each of them; hundreds of thousands that are all alike would be compared each with each.
const ALIKE_MAX: usize = 10_000_000;

pub(super) struct Distinct<'i> {
    items: &'i mut Vec<Value>,
    /// Where the values of a fingerprint stand; kept from [`COMPARED_MAX`] values on.
    places: Option<BTreeMap<u64, Vec<usize>>>,
    alike: Cell<usize>,
}

impl<'i> Distinct<'i> {
    /// Puts what is told apart into an array that is empty.
    pub fn filling(items: &'i mut Vec<Value>) -> Self {
        Self { items, places: None, alike: Cell::new(0) }
    }

    pub fn with<'v>(mut self, items: impl IntoIterator<Item = &'v Value>) -> Self {
        items.into_iter().for_each(|item| self.add(item));
        self
    }

    pub fn add(&mut self, item: &Value) {
        if self.has(item) {
            return;
        }
        if let Some(places) = &mut self.places {
            places.entry(fingerprint(item)).or_default().push(self.items.len());
        }
        self.items.push(item.clone());
        if self.places.is_none() && self.items.len() > COMPARED_MAX {
            let mut places: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (place, item) in self.items.iter().enumerate() {
                places.entry(fingerprint(item)).or_default().push(place);
            }
            self.places = Some(places);
        }
    }

    pub fn has(&self, item: &Value) -> bool {
        let is_at = |place: &usize| {
            let found = self.items.get(*place).is_some_and(|there| equal(there, item));
            self.alike.set(self.alike.get() + usize::from(!found));
            // Once there were too many, nothing is looked at any more.
            found || self.alike.get() > ALIKE_MAX
        };
        match &self.places {
            None => match item {
                // Without a call for each pair.
                Value::Int(i) => self.items.iter().any(|there| match there {
                    Value::Int(other) => other == i,
                    there => equal(there, item),
                }),
                _ => self.items.iter().any(|there| equal(there, item)),
            },
            Some(places) => places.get(&fingerprint(item)).is_some_and(|places| places.iter().any(is_at)),
        }
    }

    /// Fails if telling the values apart took too much work.
    pub fn check(&self, call: &Invocation<'_, '_>) -> Result<(), Failure> {
        if self.alike.get() <= ALIKE_MAX {
            return Ok(());
        }
        Err(call.fails(format_args!(
            "was invoked with too many numbers that are alike: more than '{ALIKE_MAX}' comparisons are needed."
        )))
    }
}
