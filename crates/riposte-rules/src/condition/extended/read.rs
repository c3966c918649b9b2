//! Reading extended conditions. A property that is not known is an error here, not a warning: a slip of the pen must not
//! quietly widen a rule.

use super::schedule::{DAY, Schedule, parse_clock};
use super::{Extended, Network, Operand, Pattern};
use crate::condition::read::{Dialect, property_name, read_condition, values};
use crate::condition::{Condition, Needle};
use crate::names::{
    ExtendedCondition, MembershipOperator, NumberOperator, PatternOperator, PresenceOperator,
    ScheduleOperator, Weekday,
};
use crate::property::Property;
use ipnet::IpNet;
use regex::RegexBuilder;
use riposte_diagnostic::{Diagnostic, join_index, nearest};
use riposte_incident::Name;
use riposte_incident::fields::Fields;
use riposte_value::{Text, Value};
use std::net::IpAddr;

/// How long a regular expression may be, in characters.
const PATTERN_MAX: usize = 2_000;
/// How much memory a compiled regular expression may take, in bytes.
const PATTERN_SIZE_MAX: usize = 1 << 20;

const OPERAND: [&str; 3] = ["propertyName", "customDetail", "operator"];

/// Reads the properties of an extended condition.
pub(in crate::condition) fn read_extended(
    kind: ExtendedCondition,
    fields: &Fields<'_>,
    told: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    let read = match kind {
        ExtendedCondition::Regex => regex,
        ExtendedCondition::Cidr => cidr,
        ExtendedCondition::Number => number,
        ExtendedCondition::Watchlist => watchlist,
        ExtendedCondition::Schedule => schedule,
        ExtendedCondition::Presence => presence,
        ExtendedCondition::Not => not,
    };
    let before = told.len();
    let extended = read(fields, told)?;
    let failed = told.iter().skip(before).any(Diagnostic::is_error);
    (!failed).then_some(Condition::Extended(extended))
}

fn error(message: impl Into<String>, path: impl Into<String>) -> Diagnostic {
    Diagnostic::error("BadRequest", message).at(path)
}

fn known<'k>(more: &[&'k str]) -> Vec<&'k str> {
    OPERAND.iter().chain(more).copied().collect()
}

/// What is looked at; `default` where no property is named.
fn operand(fields: &Fields<'_>, default: Option<Property>, told: &mut Vec<Diagnostic>) -> Option<Operand> {
    let custom_detail = fields.text("customDetail", told).map(Needle::new);
    let default = custom_detail.as_ref().map(|_| Property::IncidentCustomDetailsValue).or(default);
    let property = match (fields.value("propertyName"), default) {
        (None, Some(default)) => default,
        _ => property_name(fields, Dialect::Extended, told)?,
    };
    if custom_detail.is_some() && property != Property::IncidentCustomDetailsValue {
        let message = format!("`customDetail` names a custom detail, and `{property}` has none");
        let help = "leave `propertyName` out, or set it to `IncidentCustomDetailsValue`";
        told.push(error(message, fields.path_of("customDetail")).help(help));
        return None;
    }
    Some(Operand { property, custom_detail })
}

/// The values, of which there must be one at least; whatever is wrong with them is told.
fn some_values(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<Needle> {
    let before = told.len();
    let values = values(fields, told);
    if values.as_ref().is_none_or(Vec::is_empty) && told.len() == before {
        told.push(fields.missing("propertyValues").help("give at least one value"));
    }
    values.unwrap_or_default()
}

fn each_value<T>(
    fields: &Fields<'_>,
    told: &mut Vec<Diagnostic>,
    read: impl Fn(&Text) -> Result<T, Box<Diagnostic>>,
) -> Vec<T> {
    let path = fields.path_of("propertyValues");
    let mut done = Vec::new();
    for (at, value) in some_values(fields, told).iter().enumerate() {
        match read(value.text()) {
            Ok(value) => done.push(value),
            Err(diagnostic) => told.push(diagnostic.at(join_index(&path, at))),
        }
    }
    done
}

fn regex(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&known(&["propertyValues"]), told);
    let operand = operand(fields, None, told);
    let operator: Option<PatternOperator> = fields.required_name("operator", told);
    let patterns = each_value(fields, told, pattern);
    Some(Extended::Regex { operand: operand?, operator: operator?, patterns })
}

fn pattern(text: &Text) -> Result<Pattern, Box<Diagnostic>> {
    let refuse =
        |message: String, help: &str| Err(Box::new(Diagnostic::error("InvalidRegex", message).help(help)));
    if text.chars().count() > PATTERN_MAX {
        let message = format!("the regular expression is longer than {PATTERN_MAX} characters");
        return refuse(message, "write several shorter ones; one that matches is enough");
    }
    let built = RegexBuilder::new(text)
        .case_insensitive(true)
        .size_limit(PATTERN_SIZE_MAX)
        .dfa_size_limit(PATTERN_SIZE_MAX)
        .build();
    match built {
        Ok(regex) => Ok(Pattern { text: text.clone(), regex }),
        Err(regex::Error::CompiledTooBig(_)) => refuse(
            format!("`{text}` takes too much memory"),
            "make its repetitions smaller, such as `{1,100}` instead of `{1,100000}`",
        ),
        Err(problem) => {
            // the parser draws a picture of several lines; its last line says what is wrong
            let problem = problem.to_string();
            let last = problem.lines().last().unwrap_or_default().trim_start_matches("error: ");
            refuse(
                format!("`{text}` is no regular expression: {last}"),
                "look-around and back-references are not offered: matching takes linear time",
            )
        }
    }
}

fn cidr(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&known(&["propertyValues"]), told);
    let operand = operand(fields, Some(Property::IPAddress), told);
    let operator: Option<MembershipOperator> = fields.required_name("operator", told);
    let networks = each_value(fields, told, network);
    Some(Extended::Cidr { operand: operand?, operator: operator?, networks })
}

fn network(text: &Text) -> Result<Network, Box<Diagnostic>> {
    let trimmed = text.trim();
    let one = trimmed.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
    match one.or_else(|_| trimmed.parse::<IpNet>()) {
        Ok(net) => Ok(Network { text: text.clone(), net }),
        Err(_) => {
            let refused = Diagnostic::error("InvalidNetwork", format!("`{text}` is no network"));
            Err(Box::new(refused.help("write it as `10.0.0.0/8`, `2001:db8::/32`, or a single address")))
        }
    }
}

fn number(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&known(&["propertyValues"]), told);
    let operand = operand(fields, None, told);
    let operator: Option<NumberOperator> = fields.required_name("operator", told);
    let numbers = numbers(fields, told);
    let (operand, operator, numbers) = (operand?, operator?, numbers?);
    let problem = match (operator, numbers.as_slice()) {
        (NumberOperator::Equals | NumberOperator::NotEquals, [_, ..]) => None,
        (NumberOperator::Equals | NumberOperator::NotEquals, _) => Some("at least one number"),
        (NumberOperator::Between | NumberOperator::NotBetween, [low, high]) if low <= high => None,
        (NumberOperator::Between | NumberOperator::NotBetween, _) => {
            Some("two numbers, the lesser one first")
        }
        (_, [_]) => None,
        _ => Some("one number"),
    };
    if let Some(wanted) = problem {
        let message = format!("`{operator}` needs {wanted}");
        told.push(error(message, fields.path_of("propertyValues")));
        return None;
    }
    Some(Extended::Number { operand, operator, numbers })
}

/// Numbers, or texts that are numbers.
fn numbers(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
    let Some(_) = fields.value("propertyValues") else {
        told.push(fields.missing("propertyValues").help("give numbers"));
        return None;
    };
    let items = fields.array("propertyValues", told)?;
    let path = fields.path_of("propertyValues");
    let mut numbers = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let number = match item {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        match number.filter(|number: &f64| number.is_finite()) {
            Some(number) => numbers.push(number),
            None => told.push(error(format!("`{item}` is no number"), join_index(&path, at))),
        }
    }
    (numbers.len() == items.len()).then_some(numbers)
}

fn watchlist(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&known(&["watchlistAlias", "column"]), told);
    let operand = operand(fields, None, told);
    let operator: Option<MembershipOperator> = fields.required_name("operator", told);
    let alias = fields.required_text("watchlistAlias", told).map(|text| Needle::new(text.trim()));
    let column = fields.text("column", told).map(|text| Needle::new(text.trim()));
    Some(Extended::Watchlist { operand: operand?, operator: operator?, alias: alias?, column })
}

fn schedule(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&["operator", "timeZone", "from", "to", "days"], told);
    let operator = match fields.value("operator") {
        Some(_) => fields.name("operator", told),
        None => Some(ScheduleOperator::Within),
    };
    let zone_name = fields.text("timeZone", told).unwrap_or(Text::new_static("UTC"));
    let zone = riposte_expression::time::time_zone(zone_name.trim());
    if zone.is_none() {
        let help = "name an IANA time zone such as `Europe/Berlin`, or a Windows one such as `W. Europe Standard Time`";
        told.push(error(format!("`{zone_name}` is no time zone"), fields.path_of("timeZone")).help(help));
    }
    let from = clock(fields, "from", 0, told);
    let to = clock(fields, "to", DAY, told);
    let days = days(fields, told);
    let (from, to) = (from?, to?);
    // midnight at the end is the end of the day
    let to = if to == 0 && from != 0 { DAY } else { to };
    if from == to || from == DAY {
        let message = "`from` and `to` leave no time between them";
        let help = "leave both out for the whole day; a window may go over midnight: `22:00` to `06:00`, and `24:00` \
                    is the end of the day";
        told.push(error(message, fields.path()).help(help));
        return None;
    }
    Some(Extended::Schedule(Schedule { operator: operator?, zone_name, from, to, days, zone: zone? }))
}

fn clock(fields: &Fields<'_>, name: &str, default: u32, told: &mut Vec<Diagnostic>) -> Option<u32> {
    if fields.value(name).is_none() {
        return Some(default);
    }
    let text = fields.text(name, told)?;
    let second = parse_clock(&text);
    if second.is_none() {
        let message = format!("`{text}` is no time of day");
        told.push(error(message, fields.path_of(name)).help("write it as `08:30`"));
    }
    second
}

/// The days, in the order of the week, each once; whole names or their first three letters.
fn days(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<Weekday> {
    let path = fields.path_of("days");
    let mut days = Vec::new();
    for (at, item) in fields.array("days", told).unwrap_or_default().iter().enumerate() {
        let text = item.as_str().map(str::trim).unwrap_or_default();
        let short =
            |day: &&Weekday| day.as_str().get(..3).is_some_and(|name| name.eq_ignore_ascii_case(text));
        match Weekday::parse(text).or_else(|| Weekday::ALL.iter().find(short).copied()) {
            Some(day) => days.push(day),
            None => {
                let diagnostic = error(format!("`{item}` is no day of the week"), join_index(&path, at));
                let near = nearest(text, Weekday::ALL.iter().map(|day| day.as_str()));
                let help = near.map_or_else(
                    || format!("one of {}", Weekday::allowed()),
                    |near| format!("did you mean `{near}`?"),
                );
                told.push(diagnostic.help(help));
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

fn presence(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&OPERAND, told);
    let operand = operand(fields, None, told);
    let operator: Option<PresenceOperator> = fields.required_name("operator", told);
    Some(Extended::Presence { operand: operand?, operator: operator? })
}

fn not(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Extended> {
    fields.refuse_unknown(&["condition"], told);
    let Some(inner) = fields.value("condition") else {
        let help = "give the one condition that must not hold; join several with `Boolean`";
        told.push(fields.missing("condition").help(help));
        return None;
    };
    let inner = read_condition(inner, &fields.path_of("condition"), Dialect::Extended, told)?;
    Some(Extended::Not(Box::new(inner)))
}
