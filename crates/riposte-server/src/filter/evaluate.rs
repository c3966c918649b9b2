//! Whether a resource passes a filter.
//!
//! A property that is absent is `null`. `null` equals `null` alone and is neither greater nor less than anything;
//! values of different kinds are not equal.

use super::fields::{ELEMENT, Kind};
use super::parse::{Comparison, Condition, Filter, Operand, Quantifier, Test, time};
use jiff::Timestamp;
use riposte_value::Value;
use std::borrow::Cow;
use std::cmp::Ordering;

impl Filter {
    /// Whether the resource passes.
    pub(crate) fn passes(&self, resource: &Value) -> bool {
        self.condition.holds(resource)
    }
}

impl Condition {
    pub(super) fn holds(&self, resource: &Value) -> bool {
        match self {
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(resource)),
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(resource)),
            Self::Not(condition) => !condition.holds(resource),
            Self::Compare(Operand::Field(field), comparison, right) if field.kind == Kind::Names => {
                let names = resource.at(field.path).and_then(Value::as_array).unwrap_or_default();
                let right = right.value(resource);
                let is = |name: &Value| compares(&scalar(Some(name), Kind::Name), Comparison::Equal, &right);
                match comparison {
                    Comparison::NotEqual => !names.iter().any(is),
                    Comparison::Equal => names.iter().any(is),
                    _ => false,
                }
            }
            Self::Compare(left, comparison, right) => {
                compares(&left.value(resource), *comparison, &right.value(resource))
            }
            Self::Test(test, left, right) => tests(*test, &left.value(resource), &right.value(resource)),
            Self::Elements(list, quantifier, condition) => {
                let elements = resource.at(list.path).and_then(Value::as_array).unwrap_or_default();
                let holds = |element: &Value| condition.holds(&Value::object([(ELEMENT, element.clone())]));
                match quantifier {
                    Quantifier::One => elements.iter().any(holds),
                    Quantifier::Each => elements.iter().all(holds),
                }
            }
            Self::Constant(constant) => *constant,
        }
    }
}

/// A value while it is compared.
enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Time(Timestamp),
    Text {
        text: Cow<'a, str>,
        /// Compared without regard to case.
        folded: bool,
    },
}

impl Operand {
    fn value<'a>(&'a self, resource: &'a Value) -> Scalar<'a> {
        match self {
            Self::Field(field) => scalar(resource.at(field.path), field.kind),
            Self::Text(text) => Scalar::Text { text: Cow::Borrowed(text), folded: false },
            Self::Number(number) => Scalar::Number(*number),
            Self::Bool(bool) => Scalar::Bool(*bool),
            Self::Time(time) => Scalar::Time(*time),
            Self::Null => Scalar::Null,
            Self::Lower(inner) => inner.value(resource).mapped(str::to_lowercase),
            Self::Upper(inner) => inner.value(resource).mapped(str::to_uppercase),
        }
    }
}

impl Scalar<'_> {
    fn mapped(self, change: fn(&str) -> String) -> Self {
        match self {
            Scalar::Text { text, .. } => Scalar::Text { text: Cow::Owned(change(&text)), folded: false },
            other => other,
        }
    }
}

fn scalar(value: Option<&Value>, kind: Kind) -> Scalar<'_> {
    match (value, kind) {
        (Some(Value::Bool(bool)), _) => Scalar::Bool(*bool),
        (Some(Value::String(text)), Kind::Time) => match time(text) {
            Some(time) => Scalar::Time(time),
            None => Scalar::Null,
        },
        (Some(Value::String(text)), _) => Scalar::Text { text: Cow::Borrowed(text), folded: true },
        (Some(Value::Object(members)), Kind::Whole) if !members.values().all(Value::is_null) => {
            Scalar::Bool(true)
        }
        (Some(number), _) => number.as_f64().map_or(Scalar::Null, Scalar::Number),
        (None, _) => Scalar::Null,
    }
}

fn compares(left: &Scalar<'_>, comparison: Comparison, right: &Scalar<'_>) -> bool {
    match comparison {
        Comparison::Equal | Comparison::NotEqual => comparison.holds_of(order(left, right)),
        _ if matches!((left, right), (Scalar::Null, _) | (_, Scalar::Null)) => false,
        _ => comparison.holds_of(order(left, right)),
    }
}

impl Comparison {
    /// Whether it holds of two values in this order; none if they cannot be compared.
    pub(super) fn holds_of(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        }
    }
}

fn order(left: &Scalar<'_>, right: &Scalar<'_>) -> Option<Ordering> {
    match (left, right) {
        (Scalar::Null, Scalar::Null) => Some(Ordering::Equal),
        (Scalar::Bool(a), Scalar::Bool(b)) => Some(a.cmp(b)),
        (Scalar::Number(a), Scalar::Number(b)) => a.partial_cmp(b),
        (Scalar::Time(a), Scalar::Time(b)) => Some(a.cmp(b)),
        (Scalar::Text { text: a, folded: x }, Scalar::Text { text: b, folded: y }) => {
            Some(if *x || *y { a.to_lowercase().cmp(&b.to_lowercase()) } else { a.cmp(b) })
        }
        _ => None,
    }
}

fn tests(test: Test, whole: &Scalar<'_>, part: &Scalar<'_>) -> bool {
    let (Scalar::Text { text: whole, folded: x }, Scalar::Text { text: part, folded: y }) = (whole, part)
    else {
        return false;
    };
    let fold = |text: &Cow<'_, str>| if *x || *y { text.to_lowercase() } else { text.to_string() };
    let (whole, part) = (fold(whole), fold(part));
    match test {
        Test::Contains => whole.contains(&part),
        Test::StartsWith => whole.starts_with(&part),
        Test::EndsWith => whole.ends_with(&part),
    }
}
