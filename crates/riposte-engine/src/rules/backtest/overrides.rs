//! Where a rule would have set what a person decided otherwise, before it or after.

use super::replay::Moment;
use crate::clock::time_text;
use riposte_incident::{ActorKind, Change, FieldChange, IncidentProperty, Owner};
use riposte_value::{Object, Value};

/// What is a person's decision.
const DECISIONS: [IncidentProperty; 5] = [
    IncidentProperty::Severity,
    IncidentProperty::Status,
    IncidentProperty::Owner,
    IncidentProperty::Classification,
    IncidentProperty::ClassificationReason,
];

/// The decisions of people that a rule's change at a moment would have overridden: what was set before it and is changed
/// by it, and what was set after it to something else.
pub(super) fn overrides(moments: &[Moment], at: usize, would: &Change) -> Vec<Value> {
    let decided = would.fields.iter().filter(|field| DECISIONS.contains(&field.property));
    decided
        .filter_map(|field| {
            let before = moments.iter().take(at + 1).rev().find_map(|moment| set_by(moment, field.property));
            let after = moments.iter().skip(at + 1).find_map(|moment| set_by(moment, field.property));
            let earlier = before.filter(|(person, _)| person.is_some());
            let later = after.filter(|(person, set)| person.is_some() && !is_same(&set.new, &field.new));
            match (earlier, later) {
                (None, None) => None,
                (Some((person, _)), _) => Some(told(field, person, &field.old, "before")),
                (None, Some((person, set))) => Some(told(field, person, &set.new, "after")),
            }
        })
        .collect()
}

/// The change of a property at a moment, and the moment if a person made it.
fn set_by(moment: &Moment, property: IncidentProperty) -> Option<(Option<&Moment>, &FieldChange)> {
    let field = moment.change.field(property)?;
    Some(((moment.actor.kind == ActorKind::User).then_some(moment), field))
}

fn is_same(a: &Value, b: &Value) -> bool {
    match (Owner::from_value(a), Owner::from_value(b)) {
        (Some(a), Some(b)) => Owner::is_same(Some(&a), Some(&b)),
        _ => a == b,
    }
}

fn told(field: &FieldChange, person: Option<&Moment>, decision: &Value, when: &str) -> Value {
    let mut told = Object::new();
    told.insert("property", field.property.as_str());
    told.insert("decided", decision.clone());
    told.insert("would", field.new.clone());
    told.insert("when", when);
    if let Some(moment) = person {
        told.insert("person", &moment.actor.name);
        told.insert("time", time_text(moment.at));
    }
    Value::from(told)
}
