//! What a filter says of all that passes it, without looking at a resource: so that a list of incidents reads those
//! along an index, and not all of them.

use super::fields::Field;
use super::parse::{Comparison, Condition, Filter, Operand};
use jiff::Timestamp;
use riposte_value::Value;

/// The fields of free text that an incident's stored document holds as they are shown.
const STORED_TEXTS: [&str; 3] =
    ["properties/title", "properties/description", "properties/classificationComment"];

/// What is known of a condition before all fields are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    True,
    False,
    Maybe,
}

impl Filter {
    /// Whether a resource of which only these fields are known could pass. `known` is a resource with just them.
    pub(crate) fn may_pass(&self, known: &Value, fields: &[&str]) -> bool {
        self.condition.known(known, fields) != Known::False
    }

    /// From when to when the time in a field lies of all that passes; open where the filter does not say.
    pub(crate) fn times(&self, field: &str) -> (Option<Timestamp>, Option<Timestamp>) {
        let (mut from, mut to) = (None, None);
        self.condition.each_demand(&mut |own, comparison, operand| {
            let Operand::Time(time) = operand else { return };
            if own.name != field {
                return;
            }
            if matches!(comparison, Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual) {
                from = from.max(Some(*time));
            }
            if matches!(comparison, Comparison::Equal | Comparison::Less | Comparison::LessOrEqual) {
                to = Some(to.map_or(*time, |to: Timestamp| to.min(*time)));
            }
        });
        (from, to)
    }

    /// Texts that stand as they are in the document of all that passes: the longest part without letters of each text
    /// that a free text must contain or be. Letters may stand there in another case.
    pub(crate) fn texts(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.condition.each_text(&mut |text| {
            let is_plain = |c: char| {
                c.is_ascii() && !c.is_ascii_alphabetic() && !c.is_control() && !matches!(c, '"' | '\\')
            };
            let longest = text.split(|c: char| !is_plain(c)).max_by_key(|part| part.len());
            found.extend(longest.filter(|part| part.len() > 1).map(str::to_owned));
        });
        found
    }

    /// From which to which whole number a field is of all that passes; open where the filter does not say.
    pub(crate) fn numbers(&self, field: &str) -> (Option<i64>, Option<i64>) {
        let (mut from, mut to) = (None, None);
        self.condition.each_demand(&mut |own, comparison, operand| {
            let Operand::Number(number) = operand else { return };
            if own.name != field {
                return;
            }
            // What is compared with a number that is not whole is on one side of it or the other.
            if matches!(comparison, Comparison::Equal | Comparison::Greater | Comparison::GreaterOrEqual) {
                from = from.max(Some(whole(number.ceil())));
            }
            if matches!(comparison, Comparison::Equal | Comparison::Less | Comparison::LessOrEqual) {
                let last = whole(number.floor());
                to = Some(to.map_or(last, |to: i64| to.min(last)));
            }
        });
        (from, to)
    }

    /// The text that a field must be in some case, if the filter asks for one.
    pub(crate) fn name(&self, field: &str) -> Option<String> {
        let mut found = None;
        self.condition.each_demand(&mut |own, comparison, operand| {
            if let (true, Comparison::Equal, Operand::Text(text)) = (own.name == field, comparison, operand) {
                found = Some(text.clone());
            }
        });
        found
    }
}

fn whole(number: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "what is beyond the largest number is cut off there")]
    let whole = number as i64;
    whole
}

impl Condition {
    fn known(&self, resource: &Value, fields: &[&str]) -> Known {
        match self {
            Self::All(inner) => {
                let all: Vec<Known> = inner.iter().map(|one| one.known(resource, fields)).collect();
                if all.contains(&Known::False) {
                    Known::False
                } else if all.contains(&Known::Maybe) {
                    Known::Maybe
                } else {
                    Known::True
                }
            }
            Self::Any(inner) => {
                let all: Vec<Known> = inner.iter().map(|one| one.known(resource, fields)).collect();
                if all.contains(&Known::True) {
                    Known::True
                } else if all.contains(&Known::Maybe) {
                    Known::Maybe
                } else {
                    Known::False
                }
            }
            Self::Not(inner) => match inner.known(resource, fields) {
                Known::True => Known::False,
                Known::False => Known::True,
                Known::Maybe => Known::Maybe,
            },
            Self::Compare(left, _, right) | Self::Test(_, left, right) => {
                let is_known =
                    |operand: &Operand| operand.field().is_none_or(|own| fields.contains(&own.name));
                match (is_known(left) && is_known(right), self.holds(resource)) {
                    (false, _) => Known::Maybe,
                    (true, true) => Known::True,
                    (true, false) => Known::False,
                }
            }
            Self::Elements(..) => Known::Maybe,
            Self::Constant(true) => Known::True,
            Self::Constant(false) => Known::False,
        }
    }

    /// Shows each comparison of a field with a literal that must hold for the whole to hold.
    fn each_demand(&self, show: &mut dyn FnMut(&Field, Comparison, &Operand)) {
        match self {
            Self::All(inner) => inner.iter().for_each(|one| one.each_demand(show)),
            Self::Compare(Operand::Field(field), comparison, literal) if literal.field().is_none() => {
                show(field, *comparison, literal);
            }
            _ => {}
        }
    }

    /// Shows each text that a field of free text must contain or be.
    fn each_text(&self, show: &mut dyn FnMut(&str)) {
        match self {
            Self::All(inner) => inner.iter().for_each(|one| one.each_text(show)),
            Self::Compare(Operand::Field(field), Comparison::Equal, Operand::Text(text))
            | Self::Test(_, Operand::Field(field), Operand::Text(text))
                if STORED_TEXTS.contains(&field.name) =>
            {
                show(text);
            }
            _ => {}
        }
    }
}

impl Operand {
    pub(super) fn field(&self) -> Option<&'static Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Lower(inner) | Self::Upper(inner) => inner.field(),
            Self::Text(_) | Self::Number(_) | Self::Bool(_) | Self::Time(_) | Self::Null => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::INCIDENT_FIELDS;
    use riposte_value::value;

    fn filter(text: &str) -> Filter {
        Filter::parse(text, INCIDENT_FIELDS).unwrap()
    }

    #[test]
    fn what_could_pass_is_told_from_the_fields_that_are_known() {
        let cases = [
            ("properties/status eq 'new'", "New"),
            ("properties/status ne 'Closed'", "New Active"),
            ("not (properties/status eq 'Closed')", "New Active"),
            ("not (properties/status eq 'Closed' and properties/title eq 'x')", "New Active Closed"),
            ("properties/status eq 'New' or properties/status eq 'Active'", "New Active"),
            ("properties/status eq 'New' or contains(properties/title, 'x')", "New Active Closed"),
            ("properties/status eq 'New' and contains(properties/title, 'x')", "New"),
            ("contains(tolower(properties/status), 'e')", "New Active Closed"),
            ("startswith(properties/status, 'a')", "Active"),
            ("properties/status eq 'none'", ""),
            ("properties/severity eq 'High'", "New Active Closed"),
            ("false", ""),
        ];
        for (text, expected) in cases {
            let passing = ["New", "Active", "Closed"].into_iter().filter(|status| {
                let known = value!({"properties": {"status": (*status)}});
                filter(text).may_pass(&known, &["properties/status"])
            });
            assert_eq!(passing.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }

    #[test]
    fn texts_that_must_stand_in_a_document_are_found() {
        let cases = [
            ("properties/title eq 'from 10.0.0.1 on'", " 10.0.0.1 "),
            ("contains(properties/title, '12') and startswith(properties/description, 'ü--x-')", "12,--"),
            ("contains(properties/title, 'ab')", ""),
            ("contains(properties/title, '12') or true", ""),
            ("contains(tolower(properties/title), '12')", ""),
            ("properties/title ne '12'", ""),
            ("not contains(properties/title, '12')", ""),
            ("contains(properties/title, '1\"22')", "22"),
            ("contains(properties/title, '1\\2')", ""),
            ("properties/owner/email eq 'ana'", ""),
            ("contains(properties/incidentUrl, 'workspaces')", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(filter(text).texts().join(","), expected, "{text}");
        }
    }

    #[test]
    fn times_and_numbers_that_must_hold_are_found() {
        let time = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        let of = |text: &str| filter(text).times("properties/createdTimeUtc");
        assert_eq!(of(&format!("properties/createdTimeUtc ge {early}")), (time(early), None));
        let both = format!("properties/createdTimeUtc gt {early} and properties/createdTimeUtc le {late}");
        assert_eq!(of(&both), (time(early), time(late)));
        assert_eq!(
            of(&format!("{both} and properties/createdTimeUtc le {early}")),
            (time(early), time(early))
        );
        assert_eq!(of(&format!("properties/createdTimeUtc ge {early} or true")), (None, None));
        assert_eq!(of(&format!("not (properties/createdTimeUtc ge {early})")), (None, None));
        assert_eq!(of(&format!("properties/lastModifiedTimeUtc ge {early}")), (None, None));
        let numbers = |text: &str| filter(text).numbers("properties/incidentNumber");
        assert_eq!(numbers("properties/incidentNumber eq 7"), (Some(7), Some(7)));
        assert_eq!(
            numbers("properties/incidentNumber gt 7 and properties/incidentNumber lt 9.5"),
            (Some(7), Some(9))
        );
        assert_eq!(numbers("properties/incidentNumber ge 6.5"), (Some(7), None));
        assert_eq!(numbers("properties/incidentNumber ne 7"), (None, None));
        assert_eq!(numbers("properties/incidentNumber eq 7 or true"), (None, None));
        assert_eq!(filter("name eq 'A' and true").name("name").as_deref(), Some("A"));
        assert_eq!(filter("name ne 'A'").name("name"), None);
    }
}
