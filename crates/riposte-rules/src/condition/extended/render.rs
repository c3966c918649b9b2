//! Extended conditions as JSON and in words.

use super::schedule::{DAY, clock_text};
use super::{Extended, Operand, Schedule};
use crate::condition::render::{alternatives, condition_to_arm};
use crate::json::object;
use crate::names::{MembershipOperator, NumberOperator, PatternOperator, PresenceOperator, ScheduleOperator};
use riposte_value::{Object, Text, Value};

impl Extended {
    /// The envelope: what the reader reads back to the same condition.
    pub(in crate::condition) fn to_json(&self) -> Value {
        let mut properties = self.operand().map_or_else(Object::new, Operand::to_object);
        let mut put = |name: &'static str, value: Value| properties.insert(Text::new_static(name), value);
        match self {
            Self::Regex { operator, patterns, .. } => {
                put("operator", (*operator).into());
                put("propertyValues", Value::array(patterns.iter().map(|pattern| pattern.text().into())));
            }
            Self::Cidr { operator, networks, .. } => {
                put("operator", (*operator).into());
                put("propertyValues", Value::array(networks.iter().map(|network| network.text().into())));
            }
            Self::Number { operator, numbers, .. } => {
                put("operator", (*operator).into());
                put("propertyValues", Value::array(numbers.iter().copied().map(number_value)));
            }
            Self::Watchlist { operator, alias, column, .. } => {
                put("operator", (*operator).into());
                put("watchlistAlias", alias.into());
                if let Some(column) = column {
                    put("column", column.into());
                }
            }
            Self::Schedule(schedule) => {
                put("operator", schedule.operator.into());
                put("timeZone", (&schedule.zone_name).into());
                put("from", clock_text(schedule.from).into());
                put("to", clock_text(schedule.to).into());
                if !schedule.days.is_empty() {
                    put("days", Value::array(schedule.days.iter().copied().map(Value::from)));
                }
            }
            Self::Presence { operator, .. } => {
                put("operator", (*operator).into());
            }
            Self::Not(inner) => {
                put("condition", condition_to_arm(inner));
            }
        }
        object([("conditionType", self.kind().into()), ("conditionProperties", properties.into())])
    }

    pub(in crate::condition) fn in_words(&self) -> String {
        let list = |texts: Vec<&str>| texts.join(" or ");
        match self {
            Self::Regex { operand, operator, patterns } => {
                let verb = match operator {
                    PatternOperator::Matches => "matches",
                    PatternOperator::NotMatches => "does not match",
                };
                let patterns = list(patterns.iter().map(|pattern| pattern.text.as_str()).collect());
                format!("{} {verb} {patterns}", operand.in_words())
            }
            Self::Cidr { operand, operator, networks } => {
                let networks = list(networks.iter().map(|network| network.text.as_str()).collect());
                format!("{} is {} {networks}", operand.in_words(), inside(*operator))
            }
            Self::Number { operand, operator, numbers } => {
                let between = matches!(operator, NumberOperator::Between | NumberOperator::NotBetween);
                let numbers: Vec<String> = numbers.iter().map(f64::to_string).collect();
                let numbers = numbers.join(if between { " and " } else { " or " });
                format!("{} {} {numbers}", operand.in_words(), operator.phrase())
            }
            Self::Watchlist { operand, operator, alias, column } => {
                let column = column.as_ref().map(|column| format!(" column {}", column.text()));
                let words = operand.in_words();
                format!(
                    "{words} is {} watchlist {}{}",
                    inside(*operator),
                    alias.text(),
                    column.unwrap_or_default()
                )
            }
            Self::Schedule(schedule) => schedule.in_words(),
            Self::Presence { operand, operator: PresenceOperator::Exists } => {
                format!("{} has a value", operand.in_words())
            }
            Self::Presence { operand, operator: PresenceOperator::NotExists } => {
                format!("{} has no value", operand.in_words())
            }
            Self::Not(inner) => format!("not {}", inner.in_words()),
        }
    }
}

impl Operand {
    fn to_object(&self) -> Object {
        let mut properties = Object::with_capacity(4);
        properties.insert(Text::new_static("propertyName"), self.property);
        if let Some(key) = &self.custom_detail {
            properties.insert(Text::new_static("customDetail"), key);
        }
        properties
    }

    fn in_words(&self) -> String {
        match &self.custom_detail {
            Some(key) => format!("custom detail {}", alternatives(std::slice::from_ref(key))),
            None => self.property.to_string(),
        }
    }
}

impl Schedule {
    fn in_words(&self) -> String {
        let verb = match self.operator {
            ScheduleOperator::Within => "the time is",
            ScheduleOperator::Outside => "the time is not",
        };
        let hours = match (self.from, self.to) {
            (0, DAY) => String::new(),
            (from, to) => format!(" {}–{}", clock_text(from), clock_text(to)),
        };
        let days: Vec<&str> = self.days.iter().map(|day| day.as_str()).collect();
        let days = if days.is_empty() { String::new() } else { format!(" on {}", days.join(", ")) };
        let any = if hours.is_empty() && days.is_empty() { " any" } else { "" };
        format!("{verb}{any}{hours}{days} ({})", self.zone_name)
    }
}

const fn inside(operator: MembershipOperator) -> &'static str {
    match operator {
        MembershipOperator::In => "in",
        MembershipOperator::NotIn => "not in",
    }
}

/// A whole number without a fraction.
#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
