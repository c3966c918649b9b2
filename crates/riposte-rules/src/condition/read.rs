//! Reading conditions from ARM JSON.

use super::extended::{read_extended, too_many_patterns};
use super::{ChangeTest, Condition, Extended, Needle};
use crate::names::{
    ArrayChangeType, ArrayConditionType, ArrayType, BooleanOperator, ChangeType, ChangedProperty,
    ConditionType, ExtendedCondition, Operator,
};
use crate::property::Property;
use riposte_diagnostic::{Diagnostic, join_index, nearest};
use riposte_incident::fields::{Fields, wrong_type};
use riposte_incident::{
    ActorKind, AlertStatus, Classification, ClassificationReason, IncidentStatus, Name, Severity,
};
use riposte_value::{Text, Value};

/// How many inner conditions Azure takes in a Boolean one, at least and at most.
const INNER: (usize, usize) = (2, 10);
/// How many conditions Azure takes on the items of a list.
const ITEMS_MAX: usize = 10;

/// Which conditions and properties there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Sentinel's.
    Azure,
    /// Sentinel's and those that Riposte adds.
    Extended,
}

impl Dialect {
    /// What to do about properties that are not known: Sentinel leaves them out; what Riposte adds must be exact.
    fn unknown(self, fields: &Fields<'_>, known: &[&str], told: &mut Vec<Diagnostic>) {
        match self {
            Self::Azure => fields.warn_unknown(known, told),
            Self::Extended => fields.refuse_unknown(known, told),
        }
    }
}

/// Reads a rule's list of conditions that lies at `path`; what is wrong is told. The list holds those that could be read.
pub(crate) fn read_conditions(
    items: &[Value],
    path: &str,
    dialect: Dialect,
    told: &mut Vec<Diagnostic>,
) -> Vec<Condition> {
    if dialect == Dialect::Extended
        && let Some(refused) = too_many_patterns(items)
    {
        told.push(refused.at(path));
        return Vec::new();
    }
    let read = |(at, item)| {
        let path = join_index(path, at);
        let condition = read_condition(item, &path, dialect, told)?;
        refuse_list_in_itself(&condition, &path, &[], told);
        Some(condition)
    };
    items.iter().enumerate().filter_map(read).collect()
}

/// Refuses a condition on the items of a list inside one on the items of the same list, `around` being the lists around
/// it: it would look at every item once for every item, and with each further one inside so many times more.
fn refuse_list_in_itself(
    condition: &Condition,
    path: &str,
    around: &[ArrayType],
    told: &mut Vec<Diagnostic>,
) {
    let path = format!("{path}.conditionProperties");
    match condition {
        Condition::PropertyArray { array, .. } if around.contains(array) => {
            let message = format!("`{array}` stands inside a condition on the items of `{array}`");
            let help =
                "put its `itemConditions` among those of the outer condition: they look at the same item";
            told.push(Diagnostic::error("BadRequest", message).at(format!("{path}.arrayType")).help(help));
        }
        Condition::PropertyArray { array, items, .. } => {
            let around: Vec<ArrayType> = around.iter().copied().chain([*array]).collect();
            let path = format!("{path}.itemConditions");
            for (at, inner) in items.iter().enumerate() {
                refuse_list_in_itself(inner, &join_index(&path, at), &around, told);
            }
        }
        Condition::Boolean { inner, .. } => {
            let path = format!("{path}.innerConditions");
            for (at, inner) in inner.iter().enumerate() {
                refuse_list_in_itself(inner, &join_index(&path, at), around, told);
            }
        }
        Condition::Extended(Extended::Not(inner)) => {
            refuse_list_in_itself(inner, &format!("{path}.condition"), around, told);
        }
        Condition::Property { .. }
        | Condition::PropertyChanged { .. }
        | Condition::PropertyArrayChanged { .. }
        | Condition::Extended(_) => {}
    }
}

pub(super) fn read_condition(
    value: &Value,
    path: &str,
    dialect: Dialect,
    told: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    let fields = Fields::of(value, path, told)?;
    dialect.unknown(&fields, &["conditionType", "conditionProperties"], told);
    let extended = match fields.value("conditionType") {
        Some(Value::String(name)) => ExtendedCondition::parse(name.trim()),
        _ => None,
    };
    if let Some(kind) = extended {
        if dialect == Dialect::Azure {
            let message = format!("Sentinel has no condition `{kind}`");
            let help = "move the condition to `properties.riposte.conditions`, beside `triggeringLogic`";
            let path = fields.path_of("conditionType");
            told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
            return None;
        }
        let inner = fields.required_object("conditionProperties", told)?;
        return read_extended(kind, &inner, told);
    }
    let kind = fields.required_name("conditionType", told);
    let inner = fields.required_object("conditionProperties", told);
    let (kind, inner) = (kind?, inner?);
    match kind {
        ConditionType::Property => property(&inner, dialect, told),
        ConditionType::PropertyChanged => property_changed(&inner, dialect, told),
        ConditionType::PropertyArrayChanged => property_array_changed(&inner, dialect, told),
        ConditionType::PropertyArray => property_array(&inner, dialect, told),
        ConditionType::Boolean => boolean(&inner, dialect, told),
    }
}

fn property(fields: &Fields<'_>, dialect: Dialect, told: &mut Vec<Diagnostic>) -> Option<Condition> {
    dialect.unknown(fields, &["propertyName", "operator", "propertyValues"], told);
    let property = property_name(fields, dialect, told);
    let operator = fields.required_name("operator", told);
    let values = values(fields, told);
    if values.is_none() {
        told.push(fields.missing("propertyValues").help("give at least one value"));
    }
    let (property, operator, values) = (property?, operator?, values?);
    if values.is_empty() {
        empty("propertyValues", fields, told);
        return None;
    }
    warn_values(property, operator, &values, fields, told);
    Some(Condition::Property { property, operator, values })
}

pub(super) fn property_name(
    fields: &Fields<'_>,
    dialect: Dialect,
    told: &mut Vec<Diagnostic>,
) -> Option<Property> {
    let name = fields.required_text("propertyName", told)?;
    let property = Property::parse(name.trim());
    if let Some(property) = property.filter(|property| property.is_extended() && dialect == Dialect::Azure) {
        let message = format!("Sentinel has no property `{property}`");
        let help = "move the condition to `properties.riposte.conditions`, beside `triggeringLogic`";
        let path = fields.path_of("propertyName");
        told.push(Diagnostic::error("BadRequest", message).at(path).help(help));
        return None;
    }
    if property.is_none() {
        let diagnostic = Diagnostic::error("BadRequest", format!("`{name}` is no property of a condition"))
            .at(fields.path_of("propertyName"));
        let offered = |property: &&Property| !property.is_extended() || dialect == Dialect::Extended;
        let names = Property::ALL.iter().filter(offered).map(|property| property.as_str());
        let near = nearest(&name, names);
        told.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic,
        });
    }
    property
}

/// The values; none if there is no such property.
pub(super) fn values(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Vec<Needle>> {
    fields.value("propertyValues")?;
    let path = fields.path_of("propertyValues");
    let mut values = Vec::new();
    for (at, item) in fields.array("propertyValues", told).unwrap_or_default().iter().enumerate() {
        match item {
            Value::String(text) => values.push(Needle::new(text)),
            other => told.push(wrong_type(&join_index(&path, at), "a text", other)),
        }
    }
    Some(values)
}

fn empty(name: &str, fields: &Fields<'_>, told: &mut Vec<Diagnostic>) {
    // items of a wrong type were told, and then the list is not what is wrong
    let path = fields.path_of(name);
    let inside = |diagnostic: &Diagnostic| {
        diagnostic.is_error() && diagnostic.location.path.as_ref().is_some_and(|at| at.starts_with(&path))
    };
    if !told.iter().any(inside) {
        told.push(Diagnostic::error("BadRequest", format!("`{name}` is empty")).at(path));
    }
}

/// Warns of values that the property never has.
fn warn_values(
    property: Property,
    operator: Operator,
    values: &[Needle],
    fields: &Fields<'_>,
    told: &mut Vec<Diagnostic>,
) {
    if !matches!(operator, Operator::Equals | Operator::NotEquals) {
        return;
    }
    let (known, help): (fn(&str) -> bool, String) = match property {
        Property::IncidentSeverity => (|text| Severity::parse(text).is_some(), Severity::allowed()),
        Property::IncidentStatus => (|text| IncidentStatus::parse(text).is_some(), IncidentStatus::allowed()),
        Property::AlertSeverity => (|text| Severity::parse(text).is_some(), Severity::allowed()),
        Property::AlertStatus => (|text| AlertStatus::parse(text).is_some(), AlertStatus::allowed()),
        Property::IncidentClassification => {
            (|text| Classification::parse(text).is_some(), Classification::allowed())
        }
        Property::IncidentClassificationReason => {
            (|text| ClassificationReason::parse(text).is_some(), ClassificationReason::allowed())
        }
        Property::IncidentUpdatedBySource => {
            (|text| ActorKind::from_source(text).is_some(), ActorKind::allowed())
        }
        _ => return,
    };
    for (at, value) in values.iter().enumerate().filter(|(_, value)| !known(value.text())) {
        let message = format!("`{}` is a value that `{property}` never has", value.text());
        let path = join_index(&fields.path_of("propertyValues"), at);
        told.push(Diagnostic::warning("NeverMatches", message).at(path).help(format!("one of {help}")));
    }
}

/// `changeType`, `operator` and `propertyValues` may all be absent: then any change will do. An operator that is absent
/// beside values means `Equals`, as rules in the field rely on.
fn property_changed(fields: &Fields<'_>, dialect: Dialect, told: &mut Vec<Diagnostic>) -> Option<Condition> {
    dialect.unknown(fields, &["propertyName", "changeType", "operator", "propertyValues"], told);
    let property: Option<ChangedProperty> = fields.required_name("propertyName", told);
    let before = told.len();
    let side: Option<ChangeType> = fields.name("changeType", told);
    let operator: Option<Operator> = fields.name("operator", told);
    let values = values(fields, told).unwrap_or_default();
    if told.len() > before {
        return None;
    }
    let property = property?;
    let test = match (side, values.is_empty()) {
        (None, true) => None,
        (Some(side), true) => {
            let message = format!("`{side}` needs values to compare with");
            let help = "give `propertyValues`, or leave `changeType` out to ask for any change";
            told.push(Diagnostic::error("BadRequest", message).at(fields.path()).help(help));
            return None;
        }
        (side, false) => {
            if side.is_none() {
                let message = "`propertyValues` without `changeType` is read as `ChangedTo`";
                told.push(Diagnostic::warning("AssumedChangedTo", message).at(fields.path()));
            }
            let side = side.unwrap_or(ChangeType::ChangedTo);
            Some(ChangeTest { side, operator: operator.unwrap_or(Operator::Equals), values })
        }
    };
    Some(Condition::PropertyChanged { property, test })
}

fn property_array_changed(
    fields: &Fields<'_>,
    dialect: Dialect,
    told: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    dialect.unknown(fields, &["arrayType", "changeType"], told);
    let array = fields.required_name("arrayType", told);
    let change: Option<ArrayChangeType> = fields.required_name("changeType", told);
    change.and(Some(Condition::PropertyArrayChanged { array: array? }))
}

fn property_array(fields: &Fields<'_>, dialect: Dialect, told: &mut Vec<Diagnostic>) -> Option<Condition> {
    dialect.unknown(fields, &["arrayType", "arrayConditionType", "itemConditions"], told);
    let array = fields.required_name("arrayType", told);
    let quantifier: Option<ArrayConditionType> = fields.required_name("arrayConditionType", told);
    let items = inner_conditions("itemConditions", fields, dialect, told);
    let (array, quantifier, items) = (array?, quantifier?, items?);
    if dialect == Dialect::Azure && items.len() > ITEMS_MAX {
        let path = fields.path_of("itemConditions");
        told.push(azure_limit(format!("Azure takes at most {ITEMS_MAX} `itemConditions`")).at(path));
    }
    Some(Condition::PropertyArray { array, quantifier, items })
}

fn boolean(fields: &Fields<'_>, dialect: Dialect, told: &mut Vec<Diagnostic>) -> Option<Condition> {
    dialect.unknown(fields, &["operator", "innerConditions"], told);
    let operator: Option<BooleanOperator> = fields.required_name("operator", told);
    let inner = inner_conditions("innerConditions", fields, dialect, told);
    let (operator, inner) = (operator?, inner?);
    let (min, max) = INNER;
    if dialect == Dialect::Azure && !(min..=max).contains(&inner.len()) {
        // Azure's own words
        let message = format!("'InnerConditions' must have between {min} and {max} items");
        told.push(azure_limit(message).at(fields.path_of("innerConditions")));
    }
    Some(Condition::Boolean { operator, inner })
}

/// A list of conditions that must not be empty.
fn inner_conditions(
    name: &str,
    fields: &Fields<'_>,
    dialect: Dialect,
    told: &mut Vec<Diagnostic>,
) -> Option<Vec<Condition>> {
    if fields.value(name).is_none() {
        told.push(fields.missing(name));
        return None;
    }
    let items = fields.array(name, told)?;
    if items.is_empty() {
        empty(name, fields, told);
        return None;
    }
    let path = fields.path_of(name);
    let read = |(at, item)| read_condition(item, &join_index(&path, at), dialect, told);
    let read: Vec<Condition> = items.iter().enumerate().filter_map(read).collect();
    (read.len() == items.len()).then_some(read)
}

/// That Azure would not take what works here.
pub(crate) fn azure_limit(message: impl Into<String>) -> Diagnostic {
    Diagnostic::warning("AzureLimit", message)
}

impl From<&Needle> for Value {
    fn from(needle: &Needle) -> Self {
        Self::from(Text::clone(needle.text()))
    }
}
