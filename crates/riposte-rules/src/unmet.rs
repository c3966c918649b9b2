//! Which condition decided that a rule does not match, found without telling all of them.

use crate::condition::{Condition, Extended, explain_all, holds_all, is_unknown};
use crate::rule::AutomationRule;
use crate::subject::Prepared;
use crate::watchlists::MissingWatchlist;

/// The place of the first of a rule's conditions that does not hold, among [`AutomationRule::all_conditions`]; none if all
/// hold: the rule matches.
pub fn first_unmet(rule: &AutomationRule, prepared: &Prepared<'_>) -> Option<usize> {
    rule.all_conditions().position(|condition| !holds_all(std::slice::from_ref(condition), prepared))
}

/// What is missing where it cannot be said whether a rule matches: it would depend on a watchlist, or on a column, that is
/// not there. Empty where it can be said.
pub fn undecided(rule: &AutomationRule, prepared: &Prepared<'_>) -> Vec<MissingWatchlist> {
    let mut missing: Vec<MissingWatchlist> = Vec::new();
    if !is_unknown(rule.all_conditions(), prepared) {
        return missing;
    }
    let mut note = |condition: &Condition| {
        if let Condition::Extended(Extended::Watchlist { alias, column, .. }) = condition
            && let Err(told) = prepared.column_of(alias, column.as_ref())
            && !missing.contains(&told)
        {
            missing.push(told);
        }
    };
    rule.all_conditions().for_each(|condition| condition.visit(&mut note));
    missing
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
