//! What must be so in a subject for a rule to match: keys that an index can look up.
//!
//! A rule matches only if all of its conditions hold, so any one of them will do, and the one that is likely to hold
//! least often does best. The keys of a condition are alternatives: if it holds, at least one of them is in the subject.
//! The converse need not be true; what the index yields is evaluated in full.

use super::literals;
use crate::condition::{Condition, Extended, Needle, last_segment};
use crate::names::{
    BooleanOperator, ChangedArray, ChangedProperty, MembershipOperator, NumberOperator, Operator,
    PatternOperator, PresenceOperator,
};
use crate::property::{Property, Source};
use crate::rule::AutomationRule;
use ipnet::IpNet;

/// Something that can be looked up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    /// A value of the property is this, folded; of ids, the last segment is.
    Exact(Property, Box<str>),
    /// A value of the property contains this, folded and not empty.
    Text(Property, Box<str>),
    /// A value of the property is an address in this network.
    Network(Property, IpNet),
    /// A value of the property is a number from the first to the second.
    Number(Property, f64, f64),
    /// A value of the property stands in a column of the watchlist with this alias; none is its search key.
    Watchlist(Property, Needle, Option<Needle>),
    /// The property has a value that is more than blanks.
    Present(Property),
    /// The property changed.
    Changed(ChangedProperty),
    /// The list grew.
    Added(ChangedArray),
}

/// The keys of a rule: those of its condition that is likely to hold least often; none if no condition has any.
pub(super) fn keys_of(rule: &AutomationRule) -> Option<Vec<Key>> {
    best(rule.all_conditions())
}

fn best<'c>(conditions: impl IntoIterator<Item = &'c Condition>) -> Option<Vec<Key>> {
    let keys = conditions.into_iter().filter_map(keys);
    keys.min_by_key(|keys| keys.iter().map(Key::weight).sum::<u32>())
}

/// Alternatives of which one is in the subject if the condition holds; none if nothing can be said.
fn keys(condition: &Condition) -> Option<Vec<Key>> {
    match condition {
        Condition::Property { property, operator, values } => property_keys(*property, *operator, values),
        Condition::PropertyChanged { property, .. } => Some(vec![Key::Changed(*property)]),
        Condition::PropertyArrayChanged { array } => Some(vec![Key::Added(*array)]),
        Condition::Extended(extended) => extended_keys(extended),
        // of a list without items neither holds what is positive, which alone has keys
        Condition::PropertyArray { items, .. } => best(items),
        Condition::Boolean { operator: BooleanOperator::And, inner } => best(inner),
        Condition::Boolean { operator: BooleanOperator::Or, inner } => {
            let each: Option<Vec<Vec<Key>>> = inner.iter().map(keys).collect();
            each.map(|each| each.into_iter().flatten().collect())
        }
    }
}

fn property_keys(property: Property, operator: Operator, values: &[Needle]) -> Option<Vec<Key>> {
    // sources go by several names
    if property == Property::IncidentUpdatedBySource {
        return None;
    }
    let exact = || Some(values.iter().map(|value| exact(property, value.folded())).collect());
    match operator {
        Operator::Equals => exact(),
        Operator::Contains if property.is_set_of_names() => exact(),
        Operator::Contains | Operator::StartsWith | Operator::EndsWith => {
            values.iter().map(|value| text(property, value.folded())).collect()
        }
        Operator::NotEquals | Operator::NotContains | Operator::NotStartsWith | Operator::NotEndsWith => None,
    }
}

/// The keys of a condition that Sentinel does not have. A named custom detail is looked for among all of them.
fn extended_keys(extended: &Extended) -> Option<Vec<Key>> {
    match extended {
        Extended::Regex { operand, operator: PatternOperator::Matches, patterns } => {
            let each = patterns.iter().map(|pattern| literals::required(pattern.text()));
            let texts = each.collect::<Option<Vec<_>>>()?.into_iter().flatten();
            Some(texts.map(|text| Key::Text(operand.property, text)).collect())
        }
        Extended::Cidr { operand, operator: MembershipOperator::In, networks } => {
            Some(networks.iter().map(|network| Key::Network(operand.property, network.net())).collect())
        }
        Extended::Number { operand, operator, numbers } => {
            let range = |low, high| Key::Number(operand.property, low, high);
            match (operator, numbers.as_slice()) {
                (NumberOperator::Equals, _) => Some(numbers.iter().map(|is| range(*is, *is)).collect()),
                (NumberOperator::GreaterThan | NumberOperator::GreaterThanOrEquals, [low, ..]) => {
                    Some(vec![range(*low, f64::INFINITY)])
                }
                (NumberOperator::LessThan | NumberOperator::LessThanOrEquals, [high, ..]) => {
                    Some(vec![range(f64::NEG_INFINITY, *high)])
                }
                (NumberOperator::Between, [low, high]) => Some(vec![range(*low, *high)]),
                _ => None,
            }
        }
        Extended::Watchlist { operand, operator: MembershipOperator::In, alias, column } => {
            Some(vec![Key::Watchlist(operand.property, alias.clone(), column.clone())])
        }
        Extended::Presence { operand, operator: PresenceOperator::Exists } => {
            Some(vec![Key::Present(operand.property)])
        }
        Extended::Regex { .. }
        | Extended::Cidr { .. }
        | Extended::Watchlist { .. }
        | Extended::Presence { .. }
        | Extended::Schedule(_)
        | Extended::Not(_) => None,
    }
}

fn exact(property: Property, folded: &str) -> Key {
    let value = if property.is_set_of_ids() { last_segment(folded) } else { folded };
    Key::Exact(property, value.into())
}

fn text(property: Property, folded: &str) -> Option<Key> {
    // an id may be compared by its last segment, and then what it starts with is not a part of the whole
    let usable = !folded.is_empty() && !property.is_set_of_ids();
    usable.then(|| Key::Text(property, folded.into()))
}

impl Key {
    /// How often it is likely to be in a subject, as a number without a unit: the less, the better.
    fn weight(&self) -> u32 {
        match self {
            Self::Exact(property, _) => match property {
                Property::IncidentSeverity
                | Property::IncidentStatus
                | Property::AlertSeverity
                | Property::AlertStatus => 300,
                Property::IncidentProviderName
                | Property::AlertProviderName
                | Property::AlertVendorName
                | Property::AlertProductName
                | Property::AlertProductNames
                | Property::AlertProductComponentName
                | Property::IncidentClassification
                | Property::IncidentClassificationReason => 200,
                Property::IncidentTactics | Property::AlertTactics | Property::IncidentCustomDetailsKey => {
                    100
                }
                Property::IncidentLabel | Property::IncidentTechniques | Property::AlertTechniques => 20,
                property if matches!(property.source(), Source::Entity(..)) => 2,
                _ => 4,
            },
            Self::Text(property, text) => {
                let long = matches!(property, Property::IncidentDescription | Property::AlertDescription);
                let length = match text.len() {
                    1..=2 => 150,
                    3..=5 => 15,
                    _ => 6,
                };
                if long { length * 4 } else { length }
            }
            Self::Network(_, net) => match net.prefix_len() {
                0 => 400,
                1..=8 => 40,
                _ => 5,
            },
            Self::Number(_, low, high) => {
                if low >= high {
                    10
                } else {
                    150
                }
            }
            Self::Watchlist(..) => 30,
            Self::Present(_) => 350,
            Self::Changed(_) | Self::Added(_) => 120,
        }
    }
}
