//! Values in a stored state keep their kind. JSON knows no decimals, so they are written as `{"$decimal": "1.50"}`; nor
//! does it know what is no finite number, so that is written as `{"$float": "NaN"}`. An object that looks like such a
//! mark by itself is written inside `{"$literal": …}`.

use riposte_value::{Decimal, Object, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

const DECIMAL: &str = "$decimal";
const FLOAT: &str = "$float";
const LITERAL: &str = "$literal";

/// For `#[serde(with = "crate::exact")]`.
pub(crate) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    marked(value).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Value::deserialize(deserializer).map(unmarked)
}

/// The same for values that may be absent.
pub(crate) mod option {
    use super::{Value, marked, unmarked};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(marked).serialize(serializer)
    }

    /// What is there is there, null included.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(|value| Some(unmarked(value)))
    }
}

/// The same for values that lie apart and may be absent.
pub(crate) mod boxed {
    use super::{Value, marked, unmarked};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub fn serialize<S: Serializer>(value: &Option<Box<Value>>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_deref().map(marked).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Value>>, D::Error> {
        Value::deserialize(deserializer).map(|value| Some(Box::new(unmarked(value))))
    }
}

/// The same for lists. An absent item is written as an empty list, one that is there as a list of one.
pub(crate) mod list {
    use super::{Cow, Value, marked, unmarked};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(values: &[Option<Value>], serializer: S) -> Result<S::Ok, S::Error> {
        serializer
            .collect_seq(values.iter().map(|value| value.iter().map(marked).collect::<Vec<Cow<'_, Value>>>()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Option<Value>>, D::Error> {
        let values = Vec::<Vec<Value>>::deserialize(deserializer)?;
        Ok(values.into_iter().map(|value| value.into_iter().next().map(unmarked)).collect())
    }
}

/// Whether an object is a mark, or would be taken for one.
fn is_mark(object: &Object) -> bool {
    object.len() == 1 && [DECIMAL, FLOAT, LITERAL].iter().any(|mark| object.contains_key(mark))
}

/// Whether JSON by itself would not bring a value back as it is.
pub(crate) fn needs_marks(value: &Value) -> bool {
    match value {
        Value::Decimal(_) => true,
        Value::Float(float) => !float.is_finite(),
        Value::Array(items) => items.iter().any(needs_marks),
        Value::Object(object) => is_mark(object) || object.values().any(needs_marks),
        _ => false,
    }
}

fn marked(value: &Value) -> Cow<'_, Value> {
    if needs_marks(value) { Cow::Owned(with_marks(value)) } else { Cow::Borrowed(value) }
}

fn with_marks(value: &Value) -> Value {
    match value {
        Value::Decimal(decimal) => Value::object([(DECIMAL, Value::from(decimal.to_string()))]),
        Value::Float(float) if !float.is_finite() => Value::object([(FLOAT, Value::from(float.to_string()))]),
        Value::Array(items) => Value::array(items.iter().map(with_marks)),
        Value::Object(object) => {
            let inner: Object =
                object.iter().map(|(name, value)| (name.clone(), with_marks(value))).collect();
            let inner = Value::from(inner);
            if is_mark(object) { Value::object([(LITERAL, inner)]) } else { inner }
        }
        other => other.clone(),
    }
}

fn unmarked(value: Value) -> Value {
    if !holds_marks(&value) {
        return value;
    }
    match &value {
        Value::Array(items) => Value::array(items.iter().cloned().map(unmarked)),
        Value::Object(object) if object.len() == 1 => {
            if let Some(decimal) = object.get(DECIMAL).and_then(Value::as_str) {
                return decimal.parse::<Decimal>().map_or_else(|_| value.clone(), Value::Decimal);
            }
            if let Some(float) = object.get(FLOAT).and_then(Value::as_str) {
                return float.parse::<f64>().map_or_else(|_| value.clone(), Value::Float);
            }
            match object.get(LITERAL).and_then(Value::as_object) {
                Some(inner) => without_marks(inner),
                None => without_marks(object),
            }
        }
        Value::Object(object) => without_marks(object),
        _ => value,
    }
}

fn without_marks(object: &Object) -> Value {
    let inner: Object = object.iter().map(|(name, value)| (name.clone(), unmarked(value.clone()))).collect();
    Value::from(inner)
}

fn holds_marks(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(holds_marks),
        Value::Object(object) => is_mark(object) || object.values().any(holds_marks),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Held {
        #[serde(with = "crate::exact")]
        one: Value,
        #[serde(with = "crate::exact::list")]
        many: Vec<Option<Value>>,
    }

    #[test]
    fn kinds_survive() {
        let decimal = Value::Decimal("1.50".parse().unwrap());
        for one in [
            decimal.clone(),
            value!(1.5),
            Value::Null,
            Value::Float(f64::NAN),
            Value::array([Value::Float(f64::INFINITY), Value::Float(f64::NEG_INFINITY), Value::Float(-0.0)]),
            value!([1.0, 1, 9_223_372_036_854_775_807_i64, 1.797_693_134_862_315_7e308]),
            value!({ "$float": "NaN" }),
            Value::array([decimal.clone(), value!({ "a": 1 })]),
            Value::object([("a", decimal.clone()), ("$decimal", value!("1"))]),
            value!({ "$decimal": "1.5" }),
            value!({ "$literal": { "$literal": 1 } }),
            Value::object([("$literal", decimal.clone())]),
        ] {
            let held = Held { one: one.clone(), many: vec![None, Some(Value::Null), Some(one)] };
            let written = serde_json::to_string(&held).unwrap();
            let read: Held = serde_json::from_str(&written).unwrap();
            assert_eq!(format!("{read:?}"), format!("{held:?}"), "{written}");
        }
    }
}
