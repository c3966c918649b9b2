//! Evaluating extended conditions.

use super::{Extended, Needle, Network, Operand};
use crate::condition::evaluate::{Item, detail_values, holds, listed};
use crate::names::{MembershipOperator, NumberOperator, PatternOperator, PresenceOperator};
use crate::property::Property;
use crate::subject::{Folded, Prepared};
use std::net::IpAddr;

impl Extended {
    /// Whether it holds; none if that cannot be said.
    pub(in crate::condition) fn holds(&self, prepared: &Prepared<'_>, item: Item<'_>) -> Option<bool> {
        let any = |operand: &Operand, test: &dyn Fn(&Folded) -> bool| {
            operand.members(prepared, item).into_iter().any(test)
        };
        let holds = match self {
            Self::Regex { operand, operator, patterns } => {
                let found = any(operand, &|member| {
                    patterns.iter().any(|pattern| pattern.regex.is_match(&member.text))
                });
                found == (*operator == PatternOperator::Matches)
            }
            Self::Cidr { operand, operator, networks } => {
                let found = any(operand, &|member| {
                    address(&member.text)
                        .is_some_and(|address| networks.iter().any(|network| network.contains(address)))
                });
                found == (*operator == MembershipOperator::In)
            }
            Self::Number { operand, operator, numbers } => {
                let found = any(operand, &|member| {
                    number(&member.text).is_some_and(|value| compare(*operator, value, numbers))
                });
                found != operator.is_negative()
            }
            Self::Watchlist { operand, operator, alias, column } => {
                let column = prepared.column_of(alias, column.as_ref()).ok()?;
                let found = any(operand, &|member| column.contains(member.folded.trim()));
                found == (*operator == MembershipOperator::In)
            }
            Self::Schedule(schedule) => prepared.subject.now.is_some_and(|now| schedule.holds_at(now)),
            Self::Presence { operand, operator } => {
                let found = any(operand, &|member| !member.text.trim().is_empty());
                found == (*operator == PresenceOperator::Exists)
            }
            Self::Not(inner) => !holds(inner, prepared, item)?,
        };
        Some(holds)
    }

    /// What it looked at, in one line; empty of a negation.
    pub(in crate::condition) fn actual(&self, prepared: &Prepared<'_>) -> String {
        match self {
            Self::Schedule(schedule) => match prepared.subject.now {
                Some(now) => schedule.clock(now),
                None => "the time is not known".to_owned(),
            },
            Self::Not(_) => String::new(),
            _ => self.missing(prepared).unwrap_or_else(|| self.members_listed(prepared)),
        }
    }

    /// The watchlist or the column that it asks and that there is not.
    pub(in crate::condition) fn missing(&self, prepared: &Prepared<'_>) -> Option<String> {
        let Self::Watchlist { alias, column, .. } = self else { return None };
        prepared.column_of(alias, column.as_ref()).err().map(|missing| missing.to_string())
    }

    fn members_listed(&self, prepared: &Prepared<'_>) -> String {
        let members = self.operand().map(|operand| operand.members(prepared, Item::default()));
        listed(members.into_iter().flatten().map(|member| member.text.clone()))
    }
}

impl Operand {
    /// The values it has, given the item of a list that is being looked at.
    fn members<'p>(&self, prepared: &'p Prepared<'_>, item: Item<'p>) -> Vec<&'p Folded> {
        match (self.property, &self.custom_detail) {
            (Property::IncidentLabel, _) => match item.label {
                Some(label) => vec![label],
                None => prepared.values(Property::IncidentLabel).iter().collect(),
            },
            (Property::IncidentCustomDetailsKey, _) => match item.detail {
                Some(detail) => vec![&detail.key],
                None => prepared.details().iter().map(|detail| &detail.key).collect(),
            },
            (Property::IncidentCustomDetailsValue, Some(key)) => {
                let named = prepared.details().iter().filter(|detail| *detail.key.folded == *key.folded());
                named.flat_map(|detail| &detail.values).collect()
            }
            (Property::IncidentCustomDetailsValue, None) => detail_values(prepared, item),
            (property, _) => prepared.values(property).iter().collect(),
        }
    }
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address)
    }
}

/// The address that a text is; an IPv4 address inside an IPv6 one counts as what it is.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// The number that a text is.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    // the parser of the standard library takes `inf` and `nan` as well
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

fn compare(operator: NumberOperator, value: f64, numbers: &[f64]) -> bool {
    let first = numbers.first().copied();
    let against = |test: fn(f64, f64) -> bool| first.is_some_and(|bound| test(value, bound));
    match operator {
        NumberOperator::Equals | NumberOperator::NotEquals => numbers.contains(&value),
        NumberOperator::GreaterThan => against(|value, bound| value > bound),
        NumberOperator::GreaterThanOrEquals => against(|value, bound| value >= bound),
        NumberOperator::LessThan => against(|value, bound| value < bound),
        NumberOperator::LessThanOrEquals => against(|value, bound| value <= bound),
        NumberOperator::Between | NumberOperator::NotBetween => {
            matches!(numbers, [low, high] if (*low..=*high).contains(&value))
        }
    }
}

/// Whether a value of a property stands in a column of a watchlist, or there is no such list or column: the rules that
/// ask for one that is missing are to be told of.
pub(crate) fn watchlist_holds(
    prepared: &Prepared<'_>,
    property: Property,
    alias: &Needle,
    column: Option<&Needle>,
) -> bool {
    prepared.column_of(alias, column).map_or(true, |column| {
        prepared.members(property).iter().any(|member| column.contains(member.folded.trim()))
    })
}
