//! Which of many rules a subject could match, without looking at all of them.
//!
//! Each rule is filed under what must be so for it to match (its keys: a value that one of its conditions asks
//! for); rules without such a key are always looked at. What comes out is a superset of the rules that match, in the
//! order in which rules run: whoever asks evaluates each of them. Text is found by one automaton for each property, so
//! that a thousand rules that look for words in titles cost one pass over the title.
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
mod keys;

use crate::condition::last_segment;
use crate::names::{ChangedArray, ChangedProperty};
use crate::order::Cursor;
use crate::property::Property;
use crate::rule::{AutomationRule, Trigger};
use crate::subject::Prepared;
use aho_corasick::{AhoCorasick, MatchKind};
use bits::Bits;
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use jiff::Timestamp;
use keys::{Key, keys_of};
use std::sync::Arc;

type Table<V> = HashMap<Box<str>, V, FixedState>;

/// Rules, filed by what they ask for.
#[derive(Debug, Default)]
pub struct RuleIndex {
    triggers: Vec<(Trigger, TriggerIndex)>,
}

/// The enabled rules of one trigger, in order.
#[derive(Debug, Default)]
struct TriggerIndex {
    rules: Vec<Arc<AutomationRule>>,
    places: Vec<Cursor>,
    always: Bits,
    /// By property: the rules for each value.
    exact: Vec<(Property, Table<Vec<u32>>)>,
    /// By property: the rules for each text that is looked for.
    text: Vec<(Property, TextIndex)>,
    changed: Vec<(ChangedProperty, Vec<u32>)>,
    added: Vec<(ChangedArray, Vec<u32>)>,
}

/// A text, and the rule that looks for it.
type Sought = (Box<str>, u32);

#[derive(Debug)]
struct TextIndex {
    automaton: AhoCorasick,
    /// By pattern.
    rules: Vec<Vec<u32>>,
}

impl RuleIndex {
    /// Files rules. They need not be in order; those that are turned off are left out.
    pub fn new(rules: impl IntoIterator<Item = Arc<AutomationRule>>) -> Self {
        let mut triggers: Vec<(Trigger, Vec<Arc<AutomationRule>>)> = Vec::new();
        for rule in rules.into_iter().filter(|rule| rule.is_enabled) {
            let trigger = rule.trigger();
            match triggers.iter_mut().find(|(known, _)| *known == trigger) {
                Some((_, rules)) => rules.push(rule),
                None => triggers.push((trigger, vec![rule])),
            }
        }
        let filed = triggers.into_iter().map(|(trigger, rules)| (trigger, TriggerIndex::new(rules)));
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
    fn new(mut rules: Vec<Arc<AutomationRule>>) -> Self {
        rules.sort_by_cached_key(|rule| Cursor::of(rule));
        let places = rules.iter().map(|rule| Cursor::of(rule)).collect();
        let mut filed = Self { always: Bits::new(rules.len()), places, ..Self::default() };
        let mut texts: Vec<(Property, Vec<Sought>)> = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            let (Some(keys), Ok(number)) = (keys_of(rule), u32::try_from(at)) else {
                filed.always.insert(at);
                continue;
            };
            for key in keys {
                match key {
                    Key::Exact(property, value) => {
                        of(&mut filed.exact, property).entry(value).or_default().push(number);
                    }
                    Key::Text(property, text) => of(&mut texts, property).push((text, number)),
                    Key::Changed(property) => of(&mut filed.changed, property).push(number),
                    Key::Added(array) => of(&mut filed.added, array).push(number),
                }
            }
        }
        for (property, patterns) in texts {
            match TextIndex::new(&patterns) {
                Some(index) => filed.text.push((property, index)),
                // too much for an automaton: those rules are always looked at
                None => patterns.iter().for_each(|(_, number)| {
                    filed.always.insert(number_of(*number));
                }),
            }
        }
        filed.rules = rules;
        filed
    }

    /// The place of the first rule after a cursor.
    fn first_after(&self, after: Option<&Cursor>) -> usize {
        after.map_or(0, |after| self.places.partition_point(|place| place <= after))
    }

    /// The rules that the subject could match, by their places.
    fn find(&self, prepared: &Prepared<'_>) -> Bits {
        let mut found = self.always.clone();
        let mut note = |rules: &[u32]| {
            for number in rules {
                found.insert(number_of(*number));
            }
        };
        for (property, table) in &self.exact {
            let by_segment = property.is_set_of_ids();
            for member in prepared.members(*property) {
                let value = if by_segment { last_segment(&member.folded) } else { &*member.folded };
                if let Some(rules) = table.get(value) {
                    note(rules);
                }
            }
        }
        for (property, index) in &self.text {
            let mut seen = Bits::new(index.rules.len());
            for member in prepared.members(*property) {
                for hit in index.automaton.find_overlapping_iter(&*member.folded) {
                    let pattern = hit.pattern().as_usize();
                    if seen.insert(pattern) {
                        note(index.rules.get(pattern).map(Vec::as_slice).unwrap_or_default());
                    }
                }
            }
        }
        if let Some(change) = prepared.subject.change {
            let changed = self.changed.iter().filter(|(property, _)| property.change_in(change).is_some());
            changed.for_each(|(_, rules)| note(rules));
            let added = self.added.iter().filter(|(array, _)| !array.added_in(change).is_empty());
            added.for_each(|(_, rules)| note(rules));
        }
        found
    }
}

impl TextIndex {
    fn new(patterns: &[Sought]) -> Option<Self> {
        let mut places: Table<usize> = Table::default();
        let mut texts: Vec<&str> = Vec::new();
        let mut rules: Vec<Vec<u32>> = Vec::new();
        for (text, number) in patterns {
            let at = *places.entry(text.clone()).or_insert_with(|| {
                texts.push(text);
                rules.push(Vec::new());
                rules.len() - 1
            });
            if let Some(rules) = rules.get_mut(at) {
                rules.push(*number);
            }
        }
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&texts).ok()?;
        Some(Self { automaton, rules })
    }
}

fn number_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The entry of a key, made if there is none.
fn of<K: PartialEq, V: Default>(list: &mut Vec<(K, V)>, key: K) -> &mut V {
    let at = list.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
        list.push((key, V::default()));
        list.len() - 1
    });
    #[expect(clippy::indexing_slicing, reason = "the place was found or made just now")]
    &mut list[at].1
}
