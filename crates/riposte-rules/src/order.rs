//! Which rules apply, in which order, and what a rule does in which order.

use crate::rule::{ActionKind, AutomationRule, Trigger};
use jiff::Timestamp;
use riposte_value::Text;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// A place in the order of rules: order first, then the name in lower case, compared ordinally. Azure leaves ties to
/// chance; here they are stable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The rule's order.
    pub order: u16,
    /// The rule's name in lower case.
    pub name: Text,
}

impl Cursor {
    /// The place of a rule.
    pub fn of(rule: &AutomationRule) -> Self {
        Self { order: rule.order, name: Text::from(rule.name.to_lowercase()) }
    }
}

/// Puts rules into the order in which they run.
pub fn order<R: Borrow<AutomationRule>>(rules: &mut [R]) {
    rules.sort_by_cached_key(|rule| Cursor::of(rule.borrow()));
}

/// The first rule after a place, or the first of all. The rules need not be in order.
pub fn next_after<'r>(
    rules: impl IntoIterator<Item = &'r AutomationRule>,
    cursor: Option<&Cursor>,
) -> Option<&'r AutomationRule> {
    let places = rules.into_iter().map(|rule| (Cursor::of(rule), rule));
    let after = places.filter(|(place, _)| cursor.is_none_or(|cursor| place > cursor));
    after.min_by(|(a, _), (b, _)| a.cmp(b)).map(|(_, rule)| rule)
}

/// Whether a rule is to be evaluated: it is on, has not expired, and asks for what happened.
pub fn applicable(rule: &AutomationRule, trigger: Trigger, now: Timestamp) -> bool {
    rule.is_enabled && !rule.is_expired(now) && rule.trigger() == trigger
}

/// One action to carry out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedAction {
    /// Its place in the rule's list, counted from 0: names the action in records.
    pub index: usize,
    /// What to do.
    pub action: ActionKind,
}

/// The actions of a rule in the order in which they are carried out: by their `order`, those of the same order as
/// they are written.
pub fn plan(rule: &AutomationRule) -> Vec<PlannedAction> {
    let mut actions: Vec<_> = rule.actions.iter().enumerate().collect();
    actions.sort_by_key(|(_, action)| action.order);
    actions.into_iter().map(|(index, action)| PlannedAction { index, action: action.kind.clone() }).collect()
}
