//! Rules of one trigger, filed by what they ask for. Once made it does not change.

use super::bits::Bits;
use super::keys::{Key, keys_of};
use super::networks::Networks;
use super::numbers::Ranges;
use crate::condition::{Needle, address, last_segment, number, watchlist_holds};
use crate::names::{ChangedArray, ChangedProperty};
use crate::property::Property;
use crate::rule::AutomationRule;
use crate::subject::Prepared;
use aho_corasick::{AhoCorasick, MatchKind};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::sync::Arc;

type Table<V> = HashMap<Box<str>, V, FixedState>;

/// A watchlist and a column of it that rules ask about a property.
type Asked = (Property, Needle, Option<Needle>);

/// Rules, in order, by what they ask for.
#[derive(Debug, Default)]
pub(super) struct Filed {
    pub(super) rules: Vec<Arc<AutomationRule>>,
    always: Bits,
    /// By property: the rules for each value.
    exact: Vec<(Property, Table<Vec<u32>>)>,
    /// By property: the rules for each text that is looked for.
    text: Vec<(Property, TextIndex)>,
    /// By property: the rules for each network.
    networks: Vec<(Property, Networks)>,
    /// By property: the rules for each range of numbers.
    numbers: Vec<(Property, Ranges)>,
    /// The rules for each column of a watchlist.
    watchlists: Vec<(Asked, Vec<u32>)>,
    /// The rules that ask whether a property is there.
    present: Vec<(Property, Vec<u32>)>,
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

impl Filed {
    /// Files rules that are in order.
    pub(super) fn new(rules: Vec<Arc<AutomationRule>>) -> Self {
        let mut filed = Self { always: Bits::new(rules.len()), ..Self::default() };
        let mut texts: Vec<(Property, Vec<Sought>)> = Vec::new();
        let mut asked: HashMap<String, usize, FixedState> = HashMap::default();
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
                    Key::Network(property, net) => of(&mut filed.networks, property).insert(net, number),
                    Key::Number(property, low, high) => {
                        of(&mut filed.numbers, property).push(low, high, number);
                    }
                    Key::Watchlist(property, alias, column) => {
                        let name = column.as_ref().map(Needle::folded);
                        let key = format!("{}\0{}\0{name:?}", property.as_str(), alias.folded());
                        let place = *asked.entry(key).or_insert_with(|| {
                            filed.watchlists.push(((property, alias, column), Vec::new()));
                            filed.watchlists.len() - 1
                        });
                        if let Some((_, rules)) = filed.watchlists.get_mut(place) {
                            rules.push(number);
                        }
                    }
                    Key::Present(property) => of(&mut filed.present, property).push(number),
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
        filed.numbers.iter_mut().for_each(|(_, ranges)| ranges.sort());
        filed.rules = rules;
        filed
    }

    /// The rules that the subject could match, by their places.
    pub(super) fn find(&self, prepared: &Prepared<'_>) -> Bits {
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
        self.find_extended(prepared, &mut note);
        if let Some(change) = prepared.subject.change {
            let changed = self.changed.iter().filter(|(property, _)| property.change_in(change).is_some());
            changed.for_each(|(_, rules)| note(rules));
            let added = self.added.iter().filter(|(array, _)| !array.added_in(change).is_empty());
            added.for_each(|(_, rules)| note(rules));
        }
        found
    }

    /// Those that ask with conditions that Sentinel does not have.
    fn find_extended(&self, prepared: &Prepared<'_>, note: &mut impl FnMut(&[u32])) {
        for (property, networks) in &self.networks {
            let members = prepared.members(*property);
            for address in members.iter().filter_map(|member| address(&member.text)) {
                networks.each(address, note);
            }
        }
        for (property, ranges) in &self.numbers {
            let members = prepared.members(*property);
            for value in members.iter().filter_map(|member| number(&member.text)) {
                ranges.each(value, note);
            }
        }
        for ((property, alias, column), rules) in &self.watchlists {
            if watchlist_holds(prepared, *property, alias, column.as_ref()) {
                note(rules);
            }
        }
        for (property, rules) in &self.present {
            if prepared.members(*property).iter().any(|member| !member.text.trim().is_empty()) {
                note(rules);
            }
        }
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

pub(super) fn number_of(number: u32) -> usize {
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
