//! Which of many rules a subject could match, without looking at all of them.
//!
//! Each rule is filed under what must be so for it to match (its keys: a value that one of its conditions asks
//! for); rules without such a key are always looked at. What comes out is a superset of the rules that match, in the
//! order in which rules run: whoever asks evaluates each of them. Text is found by one automaton for each property, so
//! that a thousand rules that look for words in titles cost one pass over the title; of a regular expression, the text that
//! stands in whatever it matches is looked for.
//!
//! Where some rules of many change, the new index goes on with what is filed ([`RuleIndex::renewed`]): the new rules are filed
//! by themselves, and those that are gone lose their place.
//!
//! ```
//! use riposte_rules::{AutomationRule, Prepared, RuleIndex, Subject, Trigger, matches};
//! # fn rules() -> Vec<std::sync::Arc<AutomationRule>> { Vec::new() }
//! let index = RuleIndex::new(rules());
//! let now = "2026-03-01T08:00:00Z".parse().unwrap();
//! let prepared = Prepared::new(Subject::default());
//! for rule in index.candidates(Trigger::INCIDENT_CREATED, &prepared, None, now) {
//!     if matches(rule, &prepared) { /* carry it out */ }
//! }
//! ```

mod bits;
mod filed;
mod keys;
mod literals;
mod networks;
mod numbers;

use crate::order::Cursor;
use crate::rule::{AutomationRule, Trigger};
use crate::subject::Prepared;
use bits::Bits;
use filed::Filed;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;
use std::sync::Arc;

/// So many rules are filed by themselves, and so many more for each square that fits into the number of all.
const RECENT_MIN: usize = 32;
/// The place of a rule that is gone.
const GONE: u32 = u32::MAX;

/// Rules, filed by what they ask for.
#[derive(Debug, Default)]
pub struct RuleIndex {
    triggers: Vec<(Trigger, TriggerIndex)>,
}

/// The enabled rules of one trigger, in order.
#[derive(Debug, Default)]
struct TriggerIndex {
    rules: Vec<Arc<AutomationRule>>,
    cursors: Vec<Cursor>,
    /// The rules as they were filed: most of them, and those that came later.
    parts: Vec<Part>,
}

/// Rules that were filed together.
#[derive(Debug, Clone)]
struct Part {
    filed: Arc<Filed>,
    /// The place of each among all the rules; none if they are all of them.
    places: Option<Vec<u32>>,
}

impl RuleIndex {
    /// Files rules. They need not be in order; those that are turned off are left out.
    pub fn new(rules: impl IntoIterator<Item = Arc<AutomationRule>>) -> Self {
        Self::default().renewed(rules)
    }

    /// The index of these rules, as [`Self::new`] makes it, in less time where most of them are the same ones (the same
    /// in memory) as before.
    pub fn renewed(&self, rules: impl IntoIterator<Item = Arc<AutomationRule>>) -> Self {
        let mut triggers: Vec<(Trigger, Vec<Arc<AutomationRule>>)> = Vec::new();
        for rule in rules.into_iter().filter(|rule| rule.is_enabled) {
            let trigger = rule.trigger();
            match triggers.iter_mut().find(|(known, _)| *known == trigger) {
                Some((_, rules)) => rules.push(rule),
                None => triggers.push((trigger, vec![rule])),
            }
        }
        let filed = triggers.into_iter().map(|(trigger, rules)| {
            let before = self.of(trigger).map(|before| before.parts.as_slice()).unwrap_or_default();
            (trigger, TriggerIndex::new(rules, before))
        });
        Self { triggers: filed.collect() }
    }

    /// The rules for a trigger, turned on and not expired, that the subject could match, in order; only those after a
    /// place if one is given. All that match are among them.
    pub fn candidates<'i>(
        &'i self,
        trigger: Trigger,
        prepared: &Prepared<'_>,
        after: Option<&Cursor>,
        now: Timestamp,
    ) -> impl Iterator<Item = &'i Arc<AutomationRule>> + use<'i> {
        let filed = self.of(trigger);
        let found = filed.map(|filed| filed.find(prepared)).unwrap_or_default();
        let mut from = filed.map_or(0, |filed| filed.first_after(after));
        std::iter::from_fn(move || {
            loop {
                let at = found.next(from)?;
                from = at + 1;
                let rule = filed?.rules.get(at)?;
                if !rule.is_expired(now) {
                    return Some(rule);
                }
            }
        })
    }

    /// As [`Self::candidates`], by their places among the rules of the trigger that are turned on, in order, from one on;
    /// those that have expired as well.
    pub fn places<'i>(
        &'i self,
        trigger: Trigger,
        prepared: &Prepared<'_>,
        mut from: usize,
    ) -> impl Iterator<Item = usize> + use<'i> {
        let found = self.of(trigger).map(|filed| filed.find(prepared)).unwrap_or_default();
        std::iter::from_fn(move || {
            let at = found.next(from)?;
            from = at + 1;
            Some(at)
        })
    }

    /// The rules for a trigger, turned on and not expired, in order; only those after a place if one is given.
    pub fn rules(
        &self,
        trigger: Trigger,
        after: Option<&Cursor>,
        now: Timestamp,
    ) -> impl Iterator<Item = &Arc<AutomationRule>> {
        let filed = self.of(trigger);
        let from = filed.map_or(0, |filed| filed.first_after(after));
        let rules = filed.map(|filed| filed.rules.as_slice()).unwrap_or_default();
        rules.iter().skip(from).filter(move |rule| !rule.is_expired(now))
    }

    fn of(&self, trigger: Trigger) -> Option<&TriggerIndex> {
        self.triggers.iter().find(|(known, _)| *known == trigger).map(|(_, filed)| filed)
    }
}

impl TriggerIndex {
    /// Files rules; those that are in parts that were filed before stay there as long as others are few.
    fn new(mut rules: Vec<Arc<AutomationRule>>, before: &[Part]) -> Self {
        rules.sort_by_cached_key(|rule| Cursor::of(rule));
        let cursors = rules.iter().map(|rule| Cursor::of(rule)).collect();
        let parts = Self::continued(&rules, before)
            .unwrap_or_else(|| vec![Part { filed: Arc::new(Filed::new(rules.clone())), places: None }]);
        Self { rules, cursors, parts }
    }

    /// The part with most of the rules, with their places now, and one with the others; none if these are too many.
    fn continued(rules: &[Arc<AutomationRule>], before: &[Part]) -> Option<Vec<Part>> {
        let most = before.first()?;
        let mut by_address: HashMap<*const AutomationRule, u32, FixedState> = HashMap::default();
        by_address.reserve(rules.len());
        for (place, rule) in (0..).zip(rules) {
            by_address.insert(Arc::as_ptr(rule), place);
        }
        let mut is_filed = vec![false; rules.len()];
        let mut kept = 0;
        let places = most.filed.rules.iter().map(|rule| {
            let Some(place) = by_address.get(&Arc::as_ptr(rule)) else { return GONE };
            if let Some(is_filed) = is_filed.get_mut(filed::number_of(*place)) {
                *is_filed = true;
                kept += 1;
            }
            *place
        });
        let most = Part { places: Some(places.collect()), filed: Arc::clone(&most.filed) };
        let others = (0..).zip(rules).zip(&is_filed).filter(|(_, is_filed)| !**is_filed);
        let (places, others): (Vec<u32>, Vec<_>) =
            others.map(|((place, rule), _)| (place, Arc::clone(rule))).unzip();
        let few = RECENT_MIN.max(2 * rules.len().isqrt());
        // Those that are gone are found and left out each time.
        if others.len() > few || most.filed.rules.len() - kept > rules.len() / 4 + RECENT_MIN {
            return None;
        }
        if others.is_empty() {
            return Some(vec![most]);
        }
        Some(vec![most, Part { filed: Arc::new(Filed::new(others)), places: Some(places) }])
    }

    /// The place of the first rule after a cursor.
    fn first_after(&self, after: Option<&Cursor>) -> usize {
        after.map_or(0, |after| self.cursors.partition_point(|place| place <= after))
    }

    /// The rules that the subject could match, by their places.
    fn find(&self, prepared: &Prepared<'_>) -> Bits {
        if let [Part { filed, places: None }] = self.parts.as_slice() {
            return filed.find(prepared);
        }
        let mut found = Bits::new(self.rules.len());
        for part in &self.parts {
            let own = part.filed.find(prepared);
            let places = part.places.as_deref().unwrap_or_default();
            let mut from = 0;
            while let Some(at) = own.next(from) {
                from = at + 1;
                // One that is gone has no place among them.
                found.insert(places.get(at).map_or(at, |place| filed::number_of(*place)));
            }
        }
        found
    }
}
