//! Which condition decided that a rule does not match, found without telling all of them.

use crate::condition::{Condition, explain_all, holds_all};
use crate::rule::AutomationRule;
use crate::subject::Prepared;

/// The place of the first of a rule's conditions that does not hold, among [`AutomationRule::all_conditions`]; none if all
/// hold: the rule matches.
pub fn first_unmet(rule: &AutomationRule, prepared: &Prepared<'_>) -> Option<usize> {
    rule.all_conditions().position(|condition| !holds_all(std::slice::from_ref(condition), prepared))
}

/// What a condition looked at, in one line; of conditions that are joined, what each of those that decided looked at.
pub fn looked_at(condition: &Condition, prepared: &Prepared<'_>) -> String {
    let mut outcomes = Vec::new();
    let told = explain_all(std::slice::from_ref(condition), "$", prepared, &mut outcomes);
    match outcomes.into_iter().next() {
        Some(outcome) if !outcome.actual.is_empty() => outcome.actual,
        _ => told.into_iter().next().map(|(_, why)| why).unwrap_or_default(),
    }
}
