//! Evaluating conditions: quickly to a truth value, or slowly with every outcome told.
//!
//! Whether a condition holds cannot always be said: a watchlist that it asks may be gone. Then it neither holds nor does
//! its negation, and a rule whose conditions hang on it does not match.

use super::render::conjunction;
use super::{ChangeTest, Condition, Extended, Needle};
use crate::decision::ConditionOutcome;
use crate::names::{
    ArrayConditionType, ArrayType, BooleanOperator, ChangeType, ChangedArray, ChangedProperty, Operator,
};
use crate::property::Property;
use crate::subject::{Detail, Folded, Prepared};
use riposte_diagnostic::join_index;
use riposte_incident::{ActorKind, Change, FieldChange, IncidentProperty, Owner};
use riposte_value::{Text, Value};

/// How long a value is when it is told, in characters.
const TOLD_MAX: usize = 120;

/// The item of a list that conditions are looking at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Item<'p> {
    pub(super) label: Option<&'p Folded>,
    /// Whether there is no label to look at: the list has none.
    pub(super) no_label: bool,
    pub(super) detail: Option<&'p Detail>,
    pub(super) detail_value: Option<&'p Folded>,
}

/// Whether all conditions hold. No condition holds always.
pub(crate) fn holds_all(conditions: &[Condition], prepared: &Prepared<'_>) -> bool {
    all(conditions, prepared, Item::default()) == Some(true)
}

/// Whether it cannot be said if all of these conditions hold.
pub(crate) fn is_unknown<'c>(
    conditions: impl Iterator<Item = &'c Condition>,
    prepared: &Prepared<'_>,
) -> bool {
    all_hold(conditions.map(|condition| holds(condition, prepared, Item::default()))).is_none()
}

fn all(conditions: &[Condition], prepared: &Prepared<'_>, item: Item<'_>) -> Option<bool> {
    all_hold(conditions.iter().map(|condition| holds(condition, prepared, item)))
}

/// Whether all hold: one that does not decides, whatever is not known of the others.
fn all_hold(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut so_far = Some(true);
    for holds in each {
        match holds {
            Some(true) => {}
            Some(false) => return Some(false),
            None => so_far = None,
        }
    }
    so_far
}

/// Whether one holds: one that does decides, whatever is not known of the others.
fn any_holds(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all_hold(each.map(|holds| holds.map(|holds| !holds))).map(|none_holds| !none_holds)
}

/// Whether a condition holds; none if that cannot be said.
pub(super) fn holds(condition: &Condition, prepared: &Prepared<'_>, item: Item<'_>) -> Option<bool> {
    match condition {
        Condition::Property { property, operator, values } => {
            Some(property_holds(*property, *operator, values, prepared, item))
        }
        Condition::PropertyChanged { property, test } => {
            let field = prepared.subject.change.and_then(|change| property.change_in(change));
            Some(field.is_some_and(|field| test.as_ref().is_none_or(|test| change_holds(test, field))))
        }
        Condition::PropertyArrayChanged { array } => {
            Some(prepared.subject.change.is_some_and(|change| !array.added_in(change).is_empty()))
        }
        Condition::PropertyArray { array, quantifier, items } => {
            let list = list_items(*array, prepared, item);
            if list.is_empty() && *quantifier == ArrayConditionType::AllItems {
                return all(items, prepared, over_nothing(*array, item));
            }
            let each = list.into_iter().map(|item| all(items, prepared, item));
            match quantifier {
                ArrayConditionType::AnyItem => any_holds(each),
                ArrayConditionType::AllItems => all_hold(each),
            }
        }
        Condition::Boolean { operator: BooleanOperator::And, inner } => all(inner, prepared, item),
        Condition::Boolean { operator: BooleanOperator::Or, inner } => {
            any_holds(inner.iter().map(|condition| holds(condition, prepared, item)))
        }
        Condition::Extended(extended) => extended.holds(prepared, item),
    }
}

/// What the conditions on every item look at where there is none: nothing, of which what is positive does not hold and
/// what is negative does, as over every empty set. Details and their values are an empty set of themselves.
fn over_nothing(array: ArrayType, item: Item<'_>) -> Item<'_> {
    Item { no_label: item.no_label || array == ArrayType::IncidentLabels, ..item }
}

/// The items of a list, each as what inner conditions look at.
fn list_items<'p>(array: ArrayType, prepared: &'p Prepared<'_>, item: Item<'p>) -> Vec<Item<'p>> {
    match array {
        ArrayType::IncidentLabels => {
            let labels = prepared.values(Property::IncidentLabel).iter();
            labels.map(|label| Item { label: Some(label), ..item }).collect()
        }
        ArrayType::CustomDetails => {
            prepared.details().iter().map(|detail| Item { detail: Some(detail), ..item }).collect()
        }
        ArrayType::CustomDetailValues => {
            let values = detail_values(prepared, item);
            values.into_iter().map(|value| Item { detail_value: Some(value), ..item }).collect()
        }
    }
}

/// The values of the custom detail that is looked at, or of all.
pub(super) fn detail_values<'p>(prepared: &'p Prepared<'_>, item: Item<'p>) -> Vec<&'p Folded> {
    match item {
        Item { detail_value: Some(value), .. } => vec![value],
        Item { detail: Some(detail), .. } => detail.values.iter().collect(),
        Item { .. } => prepared.details().iter().flat_map(|detail| &detail.values).collect(),
    }
}

fn property_holds(
    property: Property,
    operator: Operator,
    values: &[Needle],
    prepared: &Prepared<'_>,
    item: Item<'_>,
) -> bool {
    let holds_for = |member: &Folded| is_match(property, operator, values, member);
    let found = match (property, item) {
        (Property::IncidentLabel, Item { label: Some(label), .. }) => holds_for(label),
        (Property::IncidentLabel, Item { no_label: true, .. }) => false,
        (Property::IncidentLabel, _) => return labels_hold(operator, values, prepared.values(property)),
        (Property::IncidentCustomDetailsKey, Item { detail: Some(detail), .. }) => holds_for(&detail.key),
        (Property::IncidentCustomDetailsKey, _) => {
            prepared.details().iter().any(|detail| holds_for(&detail.key))
        }
        (Property::IncidentCustomDetailsValue, Item { detail_value: Some(value), .. }) => holds_for(value),
        (Property::IncidentCustomDetailsValue, Item { detail: Some(detail), .. }) => {
            detail.values.iter().any(holds_for)
        }
        (Property::IncidentCustomDetailsValue, _) => {
            prepared.details().iter().flat_map(|detail| &detail.values).any(holds_for)
        }
        _ => prepared.values(property).iter().any(holds_for),
    };
    operator.is_negative() != found
}

/// Labels outside a list condition: `Contains` and `NotContains` look at the collection as a whole, the other operators
/// ask for some label that fulfils them.
fn labels_hold(operator: Operator, values: &[Needle], labels: &[Folded]) -> bool {
    let matches = |label: &Folded| is_match(Property::IncidentLabel, operator, values, label);
    match operator {
        Operator::Contains => labels.iter().any(matches),
        Operator::NotContains => !labels.iter().any(matches),
        _ => labels.iter().any(|label| operator.is_negative() != matches(label)),
    }
}

/// Whether a member fulfils the positive sense of the operator with one of the values.
fn is_match(property: Property, operator: Operator, values: &[Needle], member: &Folded) -> bool {
    if property == Property::IncidentUpdatedBySource {
        return values.iter().any(|value| is_source(operator, value, member));
    }
    let whole = property.is_set_of_names();
    values.iter().any(|value| {
        // a rule that one side names by its last segment alone is compared by that
        if property.is_set_of_ids() && (value.is_segment || !member.folded.contains('/')) {
            return compare(operator, last_segment(&member.folded), last_segment(&value.folded), whole);
        }
        compare(operator, &member.folded, &value.folded, whole)
    })
}

/// The last segment of an id.
pub(crate) fn last_segment(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}

fn compare(operator: Operator, subject: &str, value: &str, whole: bool) -> bool {
    match operator {
        Operator::Equals | Operator::NotEquals => subject == value,
        Operator::Contains | Operator::NotContains if whole => subject == value,
        Operator::Contains | Operator::NotContains => subject.contains(value),
        Operator::StartsWith | Operator::NotStartsWith => subject.starts_with(value),
        Operator::EndsWith | Operator::NotEndsWith => subject.ends_with(value),
    }
}

/// A source can be named by its short form and by the labels of the portal.
fn is_source(operator: Operator, value: &Needle, member: &Folded) -> bool {
    let kind = ActorKind::parse(&member.text);
    if kind.is_some() && ActorKind::from_source(value.text()) == kind {
        return true;
    }
    let label = kind.map(|kind| riposte_incident::fold(kind.label())).unwrap_or_default();
    compare(operator, &member.folded, &value.folded, false) || compare(operator, &label, &value.folded, false)
}

impl ChangedProperty {
    /// The change of the property, if it changed so that rules notice.
    pub(crate) fn change_in(self, change: &Change) -> Option<&FieldChange> {
        match self {
            Self::IncidentSeverity => change.field(IncidentProperty::Severity),
            Self::IncidentStatus => change.field(IncidentProperty::Status),
            Self::IncidentOwner => change.field(IncidentProperty::Owner).filter(|_| change.owner_changed()),
        }
    }
}

impl ChangedArray {
    /// What was added to the list.
    pub(crate) const fn added_in(self, change: &Change) -> &Vec<Text> {
        match self {
            Self::Alerts => &change.alerts_added,
            Self::Labels => &change.labels_added,
            Self::Tactics => &change.tactics_added,
            Self::Comments => &change.comments_added,
        }
    }
}

fn change_holds(test: &ChangeTest, field: &FieldChange) -> bool {
    let side = match test.side {
        ChangeType::ChangedFrom => &field.old,
        ChangeType::ChangedTo => &field.new,
    };
    let found = side_texts(side).into_iter().map(Folded::new).any(|member| {
        test.values.iter().any(|value| compare(test.operator, &member.folded, &value.folded, false))
    });
    test.operator.is_negative() != found
}

/// The texts that one side of a change can be compared by: an owner has several names.
fn side_texts(side: &Value) -> Vec<Text> {
    match (side, Owner::from_value(side)) {
        (_, Some(owner)) => owner.names().cloned().collect(),
        (Value::String(text), None) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// Evaluates conditions that must all hold, and tells every outcome: for each whether it holds, none if that cannot be
/// said, and why.
pub(crate) fn explain_all(
    conditions: &[Condition],
    path: &str,
    prepared: &Prepared<'_>,
    outcomes: &mut Vec<ConditionOutcome>,
) -> Vec<(Option<bool>, String)> {
    let each = conditions.iter().enumerate();
    each.map(|(at, condition)| explain(condition, &join_index(path, at), prepared, outcomes)).collect()
}

fn explain(
    condition: &Condition,
    path: &str,
    prepared: &Prepared<'_>,
    outcomes: &mut Vec<ConditionOutcome>,
) -> (Option<bool>, String) {
    let outcome = holds(condition, prepared, Item::default());
    let text = condition.in_words();
    let actual = match (outcome, condition) {
        // nothing else tells what is inside a condition on a list
        (None, Condition::PropertyArray { .. }) => missing_in(condition, prepared),
        _ => actual(condition, prepared),
    };
    let why = format!("{text} (was {actual})");
    let matched = outcome == Some(true);
    outcomes.push(ConditionOutcome { path: path.to_owned(), text, actual, matched });
    match condition {
        Condition::Boolean { operator, inner } => {
            let inner_path = format!("{path}.conditionProperties.innerConditions");
            let told = explain_all(inner, &inner_path, prepared, outcomes);
            // what decided: the ones that hold in an Or that holds, the ones that do not in an And that does not, and
            // where nothing can be said, the ones of which nothing can be
            let decided = told.iter().filter(|(inner, _)| *inner == outcome).map(|(_, why)| why.as_str());
            let why = decided.collect::<Vec<_>>().join(conjunction(*operator));
            (outcome, if inner.len() > 1 { format!("({why})") } else { why })
        }
        Condition::Extended(Extended::Not(inner)) => {
            let path = format!("{path}.conditionProperties.condition");
            let (_, why) = explain(inner, &path, prepared, outcomes);
            (outcome, format!("not {why}"))
        }
        _ => (outcome, why),
    }
}

/// What is missing for a condition inside another one.
fn missing_in(condition: &Condition, prepared: &Prepared<'_>) -> String {
    let mut missing = None;
    condition.visit(&mut |inner| {
        if missing.is_none()
            && let Condition::Extended(extended) = inner
        {
            missing = extended.missing(prepared);
        }
    });
    missing.unwrap_or_default()
}

/// What the condition looked at.
fn actual(condition: &Condition, prepared: &Prepared<'_>) -> String {
    let change = prepared.subject.change;
    match condition {
        Condition::Property { property: Property::IncidentCustomDetailsKey, .. } => {
            listed(prepared.details().iter().map(|detail| detail.key.text.clone()))
        }
        Condition::Property { property: Property::IncidentCustomDetailsValue, .. } => {
            listed(detail_values(prepared, Item::default()).into_iter().map(|value| value.text.clone()))
        }
        Condition::Property { property, .. } => {
            listed(prepared.values(*property).iter().map(|value| value.text.clone()))
        }
        Condition::PropertyChanged { property, .. } => {
            match change.and_then(|change| property.change_in(change)) {
                Some(field) => {
                    let side =
                        |side: &Value| side_texts(side).into_iter().next().unwrap_or_else(|| "none".into());
                    format!("{} → {}", side(&field.old), side(&field.new))
                }
                None => "unchanged".to_owned(),
            }
        }
        Condition::PropertyArrayChanged { array } => {
            listed(change.map(|change| array.added_in(change).clone()).unwrap_or_default())
        }
        Condition::PropertyArray { array: ArrayType::IncidentLabels, .. } => {
            listed(prepared.values(Property::IncidentLabel).iter().map(|value| value.text.clone()))
        }
        Condition::PropertyArray { array: ArrayType::CustomDetails, .. } => {
            listed(prepared.details().iter().map(|detail| {
                let values: Vec<&str> = detail.values.iter().map(|value| value.text.as_str()).collect();
                Text::from(format!("{}={}", detail.key.text, values.join("|")))
            }))
        }
        Condition::PropertyArray { array: ArrayType::CustomDetailValues, .. } => {
            listed(detail_values(prepared, Item::default()).into_iter().map(|value| value.text.clone()))
        }
        Condition::Extended(extended) => extended.actual(prepared),
        Condition::Boolean { .. } => String::new(),
    }
}

/// Values in one line, cut where they become long.
pub(super) fn listed(values: impl IntoIterator<Item = Text>) -> String {
    let mut line = String::new();
    for value in values {
        if !line.is_empty() {
            line.push_str(", ");
        }
        if line.len() > TOLD_MAX {
            line.push('…');
            return line;
        }
        let one_line = value.chars().map(|c| if c.is_control() { ' ' } else { c });
        if value.is_empty() {
            line.push_str("empty");
        }
        line.extend(one_line.take(TOLD_MAX));
        if value.chars().count() > TOLD_MAX {
            line.push('…');
        }
    }
    if line.is_empty() { "none".to_owned() } else { line }
}
