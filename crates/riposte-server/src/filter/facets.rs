//! A filter over incidents as far as their facets tell, which the engine keeps in memory.
//!
//! Each condition is evaluated as it is, over a resource that has one facet alone; one that asks about several at once,
//! or about what is in none, is left to the whole resource.

use super::fields::{Field, INCIDENT_FIELDS};
use super::parse::{Comparison, Condition, Filter, Operand};
use riposte_engine::{FacetTest, Fold, IncidentFacet, IncidentTime, Narrowing};
use riposte_value::Value;

/// What a field is kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Facet(IncidentFacet),
    Time(IncidentTime),
    Number,
    Nowhere,
}

impl Filter {
    /// The same as far as facets tell.
    pub(crate) fn narrowing(&self) -> Narrowing {
        narrowing(&self.condition)
    }
}

fn narrowing(condition: &Condition) -> Narrowing {
    match condition {
        Condition::All(inner) => Narrowing::All(inner.iter().map(narrowing).collect()),
        Condition::Any(inner) => Narrowing::Any(inner.iter().map(narrowing).collect()),
        Condition::Not(inner) => Narrowing::Not(Box::new(narrowing(inner))),
        Condition::Constant(true) => Narrowing::All(Vec::new()),
        Condition::Constant(false) => Narrowing::Any(Vec::new()),
        Condition::Compare(left, _, right) | Condition::Test(_, left, right) => {
            of_fields(condition, [left, right].into_iter().filter_map(Operand::field))
        }
        Condition::Elements(field, ..) => of_fields(condition, std::iter::once(*field)),
    }
}

fn of_fields(condition: &Condition, fields: impl Iterator<Item = &'static Field>) -> Narrowing {
    let mut places: Vec<Place> = fields.map(place).collect();
    places.dedup();
    match places.as_slice() {
        [Place::Facet(facet)] => {
            let own = condition.clone();
            let passes = Box::new(move |part: &Value| own.holds(part));
            Narrowing::Facet(FacetTest { facet: *facet, passes, holds: held(condition) })
        }
        [Place::Time(time)] => match condition.clone() {
            Condition::Compare(Operand::Field(_), comparison, Operand::Time(bound)) => Narrowing::Time(
                *time,
                Box::new(move |time| comparison.holds_of(time.map(|time| time.cmp(&bound)))),
            ),
            _ => Narrowing::Unknown,
        },
        [Place::Number] => match condition.clone() {
            Condition::Compare(Operand::Field(_), comparison, Operand::Number(bound)) => {
                #[expect(clippy::cast_precision_loss, reason = "numbers of incidents are small")]
                let test = move |number: i64| comparison.holds_of((number as f64).partial_cmp(&bound));
                Narrowing::Number(Box::new(test))
            }
            _ => Narrowing::Unknown,
        },
        _ => Narrowing::Unknown,
    }
}

fn place(field: &'static Field) -> Place {
    match field.name {
        _ if !INCIDENT_FIELDS.contains(field) => Place::Nowhere,
        "properties/title" => Place::Facet(IncidentFacet::Title),
        "properties/description" => Place::Facet(IncidentFacet::Description),
        "properties/classificationComment" => Place::Facet(IncidentFacet::ClassificationComment),
        "properties/providerIncidentId" => Place::Facet(IncidentFacet::ProviderIncidentId),
        "properties/severity"
        | "properties/status"
        | "properties/classification"
        | "properties/classificationReason"
        | "properties/providerName"
        | "properties/additionalData/alertsCount"
        | "properties/additionalData/bookmarksCount"
        | "properties/additionalData/commentsCount" => Place::Facet(IncidentFacet::State),
        "properties/labels"
        | "properties/relatedAnalyticRuleIds"
        | "properties/additionalData/tactics"
        | "properties/additionalData/alertProductNames" => Place::Facet(IncidentFacet::Lists),
        "properties/createdTimeUtc" => Place::Time(IncidentTime::Created),
        "properties/lastModifiedTimeUtc" => Place::Time(IncidentTime::LastModified),
        "properties/firstActivityTimeUtc" => Place::Time(IncidentTime::FirstActivity),
        "properties/lastActivityTimeUtc" => Place::Time(IncidentTime::LastActivity),
        "properties/incidentNumber" => Place::Number,
        name if name.starts_with("properties/owner/") => Place::Facet(IncidentFacet::Owner),
        _ => Place::Nowhere,
    }
}

/// The text that a field must contain or be for a condition to hold, and in which case it stands there.
fn held(condition: &Condition) -> Option<(String, Fold)> {
    let (field, text) = match condition {
        Condition::Compare(field, Comparison::Equal, Operand::Text(text))
        | Condition::Test(_, field, Operand::Text(text)) => (field, text),
        Condition::Elements(_, super::parse::Quantifier::One, inner) => return held(inner),
        _ => return None,
    };
    // Facets of several properties are kept as JSON text, in which other letters are written in another way.
    let is_plain = |c: char| !matches!(c, '"' | '\\') && !c.is_control();
    if text.is_empty() || !text.chars().all(is_plain) {
        return None;
    }
    let fold = match field {
        Operand::Field(_) => Fold::Lower,
        Operand::Lower(inner) => match **inner {
            Operand::Field(_) => Fold::Lower,
            _ => return None,
        },
        Operand::Upper(inner) => match **inner {
            Operand::Field(_) => Fold::Upper,
            _ => return None,
        },
        _ => return None,
    };
    Some((text.clone(), fold))
}

#[cfg(test)]
mod tests {
    use super::held;
    use crate::filter::{Filter, INCIDENT_FIELDS};
    use riposte_engine::{Fold, Narrowing};

    #[test]
    fn texts_that_must_be_held_are_found() {
        let lists = "properties/additionalData/tactics";
        let cases = [
            ("contains(properties/title, 'aB')".to_owned(), Some(("aB", Fold::Lower))),
            ("endswith(tolower(properties/title), 'ab')".to_owned(), Some(("ab", Fold::Lower))),
            ("toupper(properties/title) eq 'AB'".to_owned(), Some(("AB", Fold::Upper))),
            ("properties/owner/email eq 'Ana'".to_owned(), Some(("Ana", Fold::Lower))),
            (format!("{lists}/any(t: t eq 'Impact')"), Some(("Impact", Fold::Lower))),
            (format!("{lists}/all(t: t eq 'Impact')"), None),
            ("properties/title ne 'a'".to_owned(), None),
            ("contains(properties/title, '\"')".to_owned(), None),
            ("contains(properties/title, '')".to_owned(), None),
            ("contains(tolower(toupper(properties/title)), 'a')".to_owned(), None),
            ("properties/title gt 'a'".to_owned(), None),
        ];
        for (text, expected) in cases {
            let filter = Filter::parse(&text, INCIDENT_FIELDS).unwrap();
            assert_eq!(
                held(&filter.condition).as_ref().map(|(text, fold)| (text.as_str(), *fold)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_in_no_facet_is_left_to_the_resource() {
        for (text, is_known) in [
            ("properties/title eq properties/description", false),
            ("properties/severity ne properties/status", true),
            ("properties/owner/email eq properties/owner/userPrincipalName", true),
            ("contains(properties/incidentUrl, 'x')", false),
            ("properties/incidentNumber gt 3", true),
            ("properties/firstActivityTimeUtc gt 2026-01-01T00:00:00Z", true),
            ("true", true),
        ] {
            let filter = Filter::parse(text, INCIDENT_FIELDS).unwrap();
            assert_eq!(!matches!(filter.narrowing(), Narrowing::Unknown), is_known, "{text}");
        }
    }
}
