//! What Azure would not take of a rule, and what surely is not meant. Nothing here refuses: Riposte carries it all out.
//!
//! Sources: the capacities of the REST specification and of the page on service limits; the portal's operators are in
//! [`super::portal`].

use super::{
    ACTIONS_MAX, Action, ActionKind, AutomationRule, CONDITIONS_MAX, DISPLAY_NAME_MAX, EXTENSION, RULES_MAX,
    TASK_TITLE_MAX, portal,
};
use crate::condition::{Condition, azure_limit};
use crate::names::{ArrayConditionType, ArrayType, BooleanOperator, TriggersOn, TriggersWhen};
use crate::order::Cursor;
use crate::property::Property;
use riposte_diagnostic::{Diagnostic, join_index};
use riposte_incident::{IncidentPatch, IncidentStatus, same};

const CONDITIONS: &str = "$.triggeringLogic.conditions";

/// Tells of one rule.
pub(super) fn lint(rule: &AutomationRule, told: &mut Vec<Diagnostic>) {
    capacities(rule, told);
    if rule.triggers_on == TriggersOn::Alerts && rule.triggers_when == TriggersWhen::Updated {
        let message = "Azure has no rules for updated alerts";
        told.push(azure_limit(message).at("$.triggeringLogic.triggersWhen"));
    }
    for (list, conditions) in lists(rule) {
        for (at, condition) in conditions.iter().enumerate() {
            let path = join_index(&list, at);
            what_never_holds(rule, condition, &path, told);
            condition.visit(&mut |inner| any_value_denied(inner, &path, told));
        }
    }
    portal::lint(rule, told);
    let (extended, azure): (Vec<&Action>, Vec<&Action>) =
        rule.actions.iter().partition(|action| action.kind.is_extended());
    for (list, actions) in [("$.actions", azure), ("$.riposte.actions", extended)] {
        for (at, action) in actions.into_iter().enumerate() {
            let path = format!("{}.actionConfiguration", join_index(list, at));
            lint_action(rule, &action.kind, &path, told);
        }
    }
}

/// Tells of the rules of a workspace together: how many there are, and which of them share an order.
pub fn lint_set<'r>(rules: impl IntoIterator<Item = &'r AutomationRule>) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    let mut rules: Vec<&AutomationRule> = rules.into_iter().collect();
    if rules.len() > RULES_MAX {
        let message =
            format!("Azure takes at most {RULES_MAX} rules in a workspace; these are {}", rules.len());
        told.push(azure_limit(message));
    }
    rules.sort_by_cached_key(|rule| (rule.triggers_on, rule.triggers_when, Cursor::of(rule)));
    let together = rules.chunk_by(|a, b| a.trigger() == b.trigger() && a.order == b.order);
    for tie in together.filter(|tie| tie.len() > 1) {
        let names: Vec<String> = tie.iter().map(|rule| format!("`{}`", rule.name)).collect();
        let order = tie.first().map(|rule| rule.order).unwrap_or_default();
        let message = format!("rules {} have the same order {order}", names.join(", "));
        let help = "Azure runs them in an order left to chance; Riposte runs them by name, as listed";
        told.push(Diagnostic::info("SameOrder", message).help(help));
    }
    told
}

/// The rule's two lists of conditions, with their paths.
fn lists(rule: &AutomationRule) -> [(String, &[Condition]); 2] {
    let extended = format!("$.{EXTENSION}.conditions");
    [(CONDITIONS.to_owned(), &rule.conditions), (extended, &rule.extended_conditions)]
}

fn capacities(rule: &AutomationRule, told: &mut Vec<Diagnostic>) {
    let mut limit = |over: bool, path: &str, message: String| {
        if over {
            told.push(azure_limit(message).at(path));
        }
    };
    let name_length = rule.display_name.chars().count();
    let message = format!("Azure takes at most {DISPLAY_NAME_MAX} characters in `displayName`");
    limit(name_length > DISPLAY_NAME_MAX, "$.displayName", message);
    let actions = rule.actions.iter().filter(|action| !action.kind.is_extended()).count();
    let message = format!("Azure takes at most {ACTIONS_MAX} actions in a rule");
    limit(actions > ACTIONS_MAX, "$.actions", message);
    let message = format!("Azure takes at most {CONDITIONS_MAX} conditions in a rule");
    let outer = rule.conditions.len();
    limit(outer > CONDITIONS_MAX, CONDITIONS, message);
    let mut all = 0;
    rule.conditions.iter().for_each(|condition| condition.visit(&mut |_| all += 1));
    let message = format!(
        "Azure takes at most {CONDITIONS_MAX} conditions in a rule, and does not say whether those inside others count; \
         with them there are {all}"
    );
    limit(outer <= CONDITIONS_MAX && all > CONDITIONS_MAX, CONDITIONS, message);
}

/// Warns of conditions that can never hold for what the rule is started by, or that always hold.
fn what_never_holds(rule: &AutomationRule, condition: &Condition, path: &str, told: &mut Vec<Diagnostic>) {
    if rule.triggers_when == TriggersWhen::Created && asks_for_change(condition) {
        let message = format!("`{}` never holds when something is created", condition.in_words());
        let diagnostic = Diagnostic::warning("NeverMatches", message).at(path);
        told.push(diagnostic.help("set `triggersWhen` to `Updated`"));
    }
    if rule.triggers_on == TriggersOn::Alerts
        && let Condition::Property { property, operator, .. } = condition
        && property.is_of_incident()
    {
        let words = condition.in_words();
        let diagnostic = if operator.is_negative() {
            Diagnostic::warning("AlwaysMatches", format!("`{words}` always holds in a rule for alerts"))
        } else {
            Diagnostic::warning("NeverMatches", format!("`{words}` never holds in a rule for alerts"))
        };
        let diagnostic = diagnostic.at(path);
        told.push(diagnostic.help(format!("`{property}` is a property of incidents; an alert has none")));
    }
}

/// Remarks that "some value of a custom detail does not contain" holds beside a value that does. Sentinel documents that its
/// "does not contain" can go wrong over several values.
fn any_value_denied(condition: &Condition, path: &str, told: &mut Vec<Diagnostic>) {
    let Condition::PropertyArray {
        array: ArrayType::CustomDetailValues,
        quantifier: ArrayConditionType::AnyItem,
        items,
    } = condition
    else {
        return;
    };
    let denies =
        |item: &Condition| matches!(item, Condition::Property { operator, .. } if operator.is_negative());
    if items.iter().any(denies) {
        let message = format!(
            "`{}` holds as soon as one value fulfils it, whatever the others are",
            condition.in_words()
        );
        let help = "to ask that no value does, write `AllItems`, or the condition without `CustomDetailValues` around it";
        told.push(Diagnostic::info("SomeValueDenied", message).at(path).help(help));
    }
}

/// Whether a condition can only hold for an update.
fn asks_for_change(condition: &Condition) -> bool {
    match condition {
        Condition::PropertyChanged { .. } | Condition::PropertyArrayChanged { .. } => true,
        Condition::Property { property: Property::IncidentUpdatedBySource, operator, .. } => {
            !operator.is_negative()
        }
        // what a negation denies may well not hold for something new
        Condition::Property { .. } | Condition::Extended(_) => false,
        Condition::PropertyArray { items, .. } => items.iter().any(asks_for_change),
        Condition::Boolean { operator, inner } => match operator {
            BooleanOperator::And => inner.iter().any(asks_for_change),
            BooleanOperator::Or => inner.iter().all(asks_for_change),
        },
    }
}

fn lint_action(rule: &AutomationRule, action: &ActionKind, path: &str, told: &mut Vec<Diagnostic>) {
    let needs_incident =
        matches!(action, ActionKind::ModifyProperties(_) | ActionKind::AddIncidentTask { .. });
    if rule.triggers_on == TriggersOn::Alerts && needs_incident {
        let message =
            format!("`{}` needs an incident; a rule for alerts can only run playbooks", action.action_type());
        told.push(azure_limit(message).at(path));
    }
    let nothing = || Diagnostic::warning("ChangesNothing", "the action changes nothing").at(path);
    match action {
        ActionKind::RunPlaybook { logic_app_resource_id, .. } if !is_playbook_id(logic_app_resource_id) => {
            let message = format!("`{logic_app_resource_id}` is not the ARM id of a playbook");
            let help = "write `/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/\
                        workflows/{name}`";
            let path = format!("{path}.logicAppResourceId");
            told.push(Diagnostic::warning("PlaybookIdInvalid", message).at(path).help(help));
        }
        ActionKind::UpdateAlert(changes) if changes.is_empty() => told.push(nothing()),
        ActionKind::ModifyProperties(changes) if **changes == IncidentPatch::default() => {
            told.push(nothing());
        }
        ActionKind::ModifyProperties(changes) => closing(changes, path, told),
        ActionKind::AddIncidentTask { title, .. } if title.chars().count() > TASK_TITLE_MAX => {
            let message =
                format!("Azure is said to take at most {TASK_TITLE_MAX} characters in the title of a task");
            told.push(azure_limit(message).at(format!("{path}.title")));
        }
        _ => {}
    }
}

/// What the portal demands of a rule that closes incidents.
fn closing(changes: &IncidentPatch, path: &str, told: &mut Vec<Diagnostic>) {
    let closes = changes.status.value() == Some(&IncidentStatus::Closed);
    if closes && changes.classification.value().is_none() {
        let message = "Azure's portal demands a classification of incidents that a rule closes";
        let help = "without one they are classified as `Undetermined`";
        told.push(Diagnostic::info("NotInPortal", message).at(path).help(help));
    }
    if let (Some(is), Some(reason)) = (changes.classification.value(), changes.classification_reason.value())
        && reason.classification() != *is
    {
        let message = format!("Azure's portal does not offer the reason `{reason}` for `{is}`");
        let help = format!("`{reason}` goes with `{}`", reason.classification());
        let path = format!("{path}.classificationReason");
        told.push(Diagnostic::info("NotInPortal", message).at(path).help(help));
    }
}

/// Whether an id is that of a Consumption or Standard playbook.
fn is_playbook_id(id: &str) -> bool {
    let segments: Vec<&str> = id.trim_end_matches('/').split('/').collect();
    match segments.as_slice() {
        ["", s, _, g, _, p, provider, kind, name, rest @ ..] => {
            let is = |pairs: &[(&str, &str)]| pairs.iter().all(|(a, b)| same(a, b));
            is(&[(s, "subscriptions"), (g, "resourceGroups"), (p, "providers")])
                && !name.is_empty()
                && ((is(&[(provider, "Microsoft.Logic"), (kind, "workflows")]) && rest.is_empty())
                    || is(&[(provider, "Microsoft.Web"), (kind, "sites")]))
        }
        _ => false,
    }
}
