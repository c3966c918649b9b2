//! Equality and order of values.
//!
//! Equality is strict about kinds, except that numbers are compared as numbers; it looks into arrays and objects, and
//! tells text and property names apart by case. Order is between numbers, or between texts whatever their case
//! (measured on the service).

use riposte_value::{Decimal, Value};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// Whether two values are equal as `equals` has it.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::String(a), Value::String(b)) => a.as_str() == b.as_str(),
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| equal(a, b)))
        }
        _ => compare_numbers(a, b) == Some(Ordering::Equal),
    }
}

/// The order of two numbers; `None` if one is no number, or not a number.
pub(crate) fn compare_numbers(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Int(b)) => Some(a.cmp(&Decimal::from(*b))),
        (Value::Int(a), Value::Decimal(b)) => Some(Decimal::from(*a).cmp(b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// The order of two values, numbers or texts; `None` if they have none.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(compare_ignore_case(a, b)),
        _ => compare_numbers(a, b),
    }
}

/// Ordinal order of UTF-16 units in upper case, as .NET's `OrdinalIgnoreCase`.
pub(crate) fn compare_ignore_case(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|b| b.to_ascii_uppercase()).cmp(b.bytes().map(|b| b.to_ascii_uppercase()));
    }
    folded_units(a).cmp(folded_units(b))
}

/// The UTF-16 units of a text in upper case, one for one.
pub(crate) fn folded_units(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.chars().flat_map(|c| {
        let mut units = [0; 2];
        let length = crate::casing::folded(c).encode_utf16(&mut units).len();
        units.into_iter().take(length)
    })
}

/// A number that equal values share, for finding duplicates without comparing each with each.
pub(crate) fn fingerprint(value: &Value) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hash(value, &mut hasher);
    hasher.finish()
}

fn hash(value: &Value, hasher: &mut std::hash::DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(b) => b.hash(hasher),
        Value::String(text) => text.as_str().hash(hasher),
        // with the length, or else `[[1], []]` and `[[], [1]]` would be alike
        Value::Array(items) => {
            items.len().hash(hasher);
            items.iter().for_each(|item| hash(item, hasher));
        }
        // the order of properties does not matter
        Value::Object(object) => {
            let sum = object.iter().fold(0_u64, |sum, (name, item)| {
                let mut each = std::hash::DefaultHasher::new();
                name.as_str().hash(&mut each);
                hash(item, &mut each);
                sum.wrapping_add(each.finish())
            });
            sum.hash(hasher);
        }
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => {
            // zero has two signs
            let number = value.as_f64().filter(|f| *f != 0.0).unwrap_or(0.0);
            number.to_bits().hash(hasher);
        }
    }
}
