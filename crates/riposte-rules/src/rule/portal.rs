//! What Azure's portal offers of conditions: fewer operators than the interface takes.
//!
//! Source: the table of conditions and operators on the page *Create and use automation rules*. What the portal does not
//! offer the interface may take all the same, so that this is information; only the conditions of alert rules are a
//! limit.

use super::AutomationRule;
use crate::condition::{Condition, azure_limit};
use crate::names::{ArrayType, Operator, TriggersOn};
use crate::property::{Property, Source};
use riposte_diagnostic::{Diagnostic, join_index};

const EQUALITY: &[Operator] = &[Operator::Equals, Operator::NotEquals];
const CONTAINMENT: &[Operator] = &[Operator::Contains, Operator::NotContains];

/// How deep the portal shows conditions: or-groups with and-groups inside.
const DEPTH_MAX: usize = 2;

/// The operators that the portal offers for a property in a condition of its own; none where the page says nothing of it.
pub(crate) fn offered(property: Property) -> Option<&'static [Operator]> {
    match property {
        Property::IncidentSeverity
        | Property::IncidentStatus
        | Property::IncidentCustomDetailsKey
        | Property::IncidentUpdatedBySource => Some(EQUALITY),
        Property::IncidentTactics
        | Property::AlertProductNames
        | Property::IncidentCustomDetailsValue
        | Property::IncidentRelatedAnalyticRuleIds
        | Property::AlertAnalyticRuleIds
        | Property::IncidentLabel => Some(CONTAINMENT),
        Property::IncidentTitle | Property::IncidentDescription => Some(Operator::ALL),
        property if matches!(property.source(), Source::Entity(..)) => Some(Operator::ALL),
        _ => None,
    }
}

/// Tells what the portal, or in rules for alerts Azure, does not offer.
pub(super) fn lint(rule: &AutomationRule, told: &mut Vec<Diagnostic>) {
    for (at, condition) in rule.conditions.iter().enumerate() {
        let path = join_index("$.triggeringLogic.conditions", at);
        if rule.triggers_on == TriggersOn::Alerts {
            alert_condition(condition, &path, told);
            continue;
        }
        if depth(condition) > DEPTH_MAX {
            let message = format!("Azure's portal shows no more than {DEPTH_MAX} levels of conditions");
            told.push(Diagnostic::info("NotInPortal", message).at(&path));
        }
        look(condition, None, &path, told);
    }
}

/// Rules for alerts take conditions on the analytics rule alone.
fn alert_condition(condition: &Condition, path: &str, told: &mut Vec<Diagnostic>) {
    let fine = matches!(
        condition,
        Condition::Property { property: Property::AlertAnalyticRuleIds, operator, .. } if CONTAINMENT.contains(operator)
    );
    if !fine {
        let message =
            "in rules for alerts Azure takes only `Contains` and `NotContains` on `AlertAnalyticRuleIds`";
        told.push(azure_limit(message).at(path));
    }
}

/// How many groups lie in one another.
fn depth(condition: &Condition) -> usize {
    match condition {
        Condition::Boolean { inner, .. } => 1 + inner.iter().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

fn look(condition: &Condition, array: Option<ArrayType>, path: &str, told: &mut Vec<Diagnostic>) {
    let inner = |told: &mut Vec<Diagnostic>, list: &[Condition], name: &str, array| {
        for (at, condition) in list.iter().enumerate() {
            let path = join_index(&format!("{path}.conditionProperties.{name}"), at);
            look(condition, array, &path, told);
        }
    };
    match condition {
        Condition::Property { property, operator, .. } => {
            // tags one by one have them all
            let one_by_one = array == Some(ArrayType::IncidentLabels) && *property == Property::IncidentLabel;
            let offered = offered(*property).filter(|_| !one_by_one);
            if let Some(operators) = offered.filter(|operators| !operators.contains(operator)) {
                let message = format!("Azure's portal does not offer `{operator}` on `{property}`");
                let names: Vec<String> = operators.iter().map(|operator| format!("`{operator}`")).collect();
                let help = format!("it offers {}", names.join(", "));
                let path = format!("{path}.conditionProperties.operator");
                told.push(Diagnostic::info("NotInPortal", message).at(path).help(help));
            }
        }
        Condition::PropertyChanged { property: crate::ChangedProperty::IncidentOwner, test: Some(test) } => {
            let message = format!("Azure's portal does not offer `{}` on `IncidentOwner`", test.side);
            let help =
                "it offers only that the owner changed; leave `changeType` and `propertyValues` out for that";
            let path = format!("{path}.conditionProperties.changeType");
            told.push(Diagnostic::info("NotInPortal", message).at(path).help(help));
        }
        Condition::PropertyArray { array, items, .. } => inner(told, items, "itemConditions", Some(*array)),
        Condition::Boolean { inner: list, .. } => inner(told, list, "innerConditions", array),
        Condition::PropertyChanged { .. }
        | Condition::PropertyArrayChanged { .. }
        | Condition::Extended(_) => {}
    }
}
