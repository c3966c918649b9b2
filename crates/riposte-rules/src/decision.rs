//! What evaluating a rule found.

use crate::condition::{explain_all, holds_all};
use crate::rule::AutomationRule;
use crate::subject::{Prepared, Subject};
use serde::{Deserialize, Serialize};

/// Where a rule's conditions lie in its `properties`.
const CONDITIONS_PATH: &str = "$.triggeringLogic.conditions";
/// Where those lie that Riposte adds.
pub(crate) const EXTENDED_PATH: &str = "$.riposte.conditions";

/// What evaluating a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether all conditions hold.
    pub matched: bool,
    /// Every condition in order, Sentinel's before those of the extension, a Boolean one or a negation before its inner
    /// ones.
    pub explanation: Vec<ConditionOutcome>,
    why: String,
}

/// What one condition came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionOutcome {
    /// Where it lies in the rule's `properties`.
    pub path: String,
    /// The condition in words.
    pub text: String,
    /// What it looked at, in one line; empty for a Boolean condition.
    pub actual: String,
    /// Whether it holds; not if that cannot be said, as without the watchlist that it asks.
    pub matched: bool,
}

impl Decision {
    /// Why, in one line: `IncidentSeverity equals Medium (was Medium) and IncidentTitle contains AiTM (was …)`, or
    /// `not matched:` and the condition that decided.
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The condition that decided that the rule does not match: the first of its own (not of those inside others) that
    /// does not hold. None if it matches.
    pub fn decided_by(&self) -> Option<&ConditionOutcome> {
        let outer = |outcome: &&ConditionOutcome| !outcome.path.contains(".conditionProperties.");
        self.explanation.iter().filter(outer).find(|outcome| !outcome.matched)
    }
}

/// Evaluates a rule's conditions and explains the outcome. Whether the rule applies at all (enabled, not expired, the
/// right trigger) is [`crate::applicable`].
pub fn evaluate(rule: &AutomationRule, subject: &Subject<'_>) -> Decision {
    evaluate_prepared(rule, &Prepared::new(*subject))
}

/// As [`evaluate`], for a subject that many rules are evaluated on.
pub fn evaluate_prepared(rule: &AutomationRule, prepared: &Prepared<'_>) -> Decision {
    let mut explanation = Vec::new();
    let mut told = explain_all(&rule.conditions, CONDITIONS_PATH, prepared, &mut explanation);
    told.extend(explain_all(&rule.extended_conditions, EXTENDED_PATH, prepared, &mut explanation));
    let (matched, why) = match told.iter().find(|(holds, _)| *holds != Some(true)) {
        Some((_, why)) => (false, format!("not matched: {why}")),
        None if told.is_empty() => (true, "the rule has no conditions".to_owned()),
        None => (true, told.into_iter().map(|(_, why)| why).collect::<Vec<_>>().join(" and ")),
    };
    Decision { matched, explanation, why }
}

/// Only whether a rule's conditions hold: what [`evaluate_prepared`] decides, without the explanation.
pub fn matches(rule: &AutomationRule, prepared: &Prepared<'_>) -> bool {
    holds_all(&rule.conditions, prepared) && holds_all(&rule.extended_conditions, prepared)
}
