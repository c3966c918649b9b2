//! Conditions as ARM JSON and in words.

use super::{Condition, Needle};
use crate::json::object;
use crate::names::{
    ArrayChangeType, ArrayConditionType, BooleanOperator, ChangeType, ConditionType, Operator,
};
use riposte_value::Value;

/// The condition as ARM JSON: what the reader reads back to the same condition.
pub(crate) fn condition_to_arm(condition: &Condition) -> Value {
    let needles = |values: &[Needle]| Value::array(values.iter().map(Value::from));
    let list = |conditions: &[Condition]| Value::array(conditions.iter().map(condition_to_arm));
    let (kind, properties) = match condition {
        Condition::Property { property, operator, values } => (
            ConditionType::Property,
            object([
                ("propertyName", (*property).into()),
                ("operator", (*operator).into()),
                ("propertyValues", needles(values)),
            ]),
        ),
        Condition::PropertyChanged { property, test: None } => {
            (ConditionType::PropertyChanged, object([("propertyName", (*property).into())]))
        }
        Condition::PropertyChanged { property, test: Some(test) } => (
            ConditionType::PropertyChanged,
            object([
                ("propertyName", (*property).into()),
                ("changeType", test.side.into()),
                ("operator", test.operator.into()),
                ("propertyValues", needles(&test.values)),
            ]),
        ),
        Condition::PropertyArrayChanged { array } => (
            ConditionType::PropertyArrayChanged,
            object([("arrayType", (*array).into()), ("changeType", ArrayChangeType::Added.into())]),
        ),
        Condition::PropertyArray { array, quantifier, items } => (
            ConditionType::PropertyArray,
            object([
                ("arrayType", (*array).into()),
                ("arrayConditionType", (*quantifier).into()),
                ("itemConditions", list(items)),
            ]),
        ),
        Condition::Boolean { operator, inner } => (
            ConditionType::Boolean,
            object([("operator", (*operator).into()), ("innerConditions", list(inner))]),
        ),
        Condition::Extended(extended) => return extended.to_json(),
    };
    object([("conditionType", kind.into()), ("conditionProperties", properties)])
}

impl Condition {
    /// In words: `IncidentSeverity equals High or Medium`.
    pub fn in_words(&self) -> String {
        match self {
            Self::Property { property, operator, values } => {
                format!("{property} {} {}", operator.phrase(), alternatives(values))
            }
            Self::PropertyChanged { property, test: None } => format!("{property} changed"),
            Self::PropertyChanged { property, test: Some(test) } => {
                let side = match test.side {
                    ChangeType::ChangedFrom => "from",
                    ChangeType::ChangedTo => "to",
                };
                let how = match test.operator {
                    Operator::Equals => String::new(),
                    other => format!("what {} ", other.phrase()),
                };
                format!("{property} changed {side} {how}{}", alternatives(&test.values))
            }
            Self::PropertyArrayChanged { array } => format!("{array} added"),
            Self::PropertyArray { array, quantifier, items } => {
                let quantifier = match quantifier {
                    ArrayConditionType::AnyItem => "any item",
                    ArrayConditionType::AllItems => "every item",
                };
                format!("{quantifier} of {array} ({})", joined(items, " and "))
            }
            Self::Boolean { operator, inner } => {
                format!("({})", joined(inner, conjunction(*operator)))
            }
            Self::Extended(extended) => extended.in_words(),
        }
    }
}

/// ` and `, ` or `.
pub(super) const fn conjunction(operator: BooleanOperator) -> &'static str {
    match operator {
        BooleanOperator::And => " and ",
        BooleanOperator::Or => " or ",
    }
}

fn joined(conditions: &[Condition], by: &str) -> String {
    conditions.iter().map(Condition::in_words).collect::<Vec<_>>().join(by)
}

pub(super) fn alternatives(values: &[Needle]) -> String {
    values.iter().map(|value| value.text().as_str()).collect::<Vec<_>>().join(" or ")
}
