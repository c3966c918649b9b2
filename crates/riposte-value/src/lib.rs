//! The JSON value that everything in Riposte passes around.
//!
//! Cheap to clone (text, arrays and objects are shared and immutable), with 64-bit integers, floats and decimals
//! kept apart as the Logic Apps runtime keeps them, and objects that remember the order of their properties.
//!
//! ```
//! use riposte_value::{Value, json, value};
//!
//! let incident = json::parse(r#"{"Title": "Sign-in from Tor", "severity": "Medium", "alerts": [1, 2.0]}"#).unwrap();
//! assert_eq!(incident.get("severity").and_then(Value::as_str), Some("Medium"));
//! assert_eq!(incident.get_ignore_case("title").and_then(Value::as_str), Some("Sign-in from Tor"));
//! assert_eq!(json::to_string(&incident), r#"{"Title":"Sign-in from Tor","severity":"Medium","alerts":[1,2.0]}"#);
//! assert_eq!(value!({ "a": [1, null] }), json::parse(r#"{"a":[1,null]}"#).unwrap());
//! ```

mod convert;
mod difference;
pub mod json;
pub mod number;
mod object;
mod serde_impls;

pub use difference::{Difference, differences};
pub use object::{LastPlace, Object};
#[doc(hidden)]
pub use serde_json;
pub use smol_str::SmolStr;
use std::fmt;
use std::sync::Arc;

/// The decimal number type: 96 bits and a scale, as `System.Decimal` has them.
pub type Decimal = rust_decimal::Decimal;

/// Shared, immutable text.
pub type Text = SmolStr;

/// A JSON value.
#[derive(Clone, Default)]
pub enum Value {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double. May be infinite or not a number, as arithmetic can make it so; JSON text then holds a string.
    Float(f64),
    /// A decimal: only `decimal()` makes one, and integers in JSON text that exceed 64 bits.
    Decimal(Decimal),
    /// Text.
    String(Text),
    /// An array.
    Array(Arc<Vec<Value>>),
    /// An object.
    Object(Arc<Object>),
}

/// The kind of a [`Value`], named as the Logic Apps runtime names token types in its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Null`
    Null,
    /// `Boolean`
    Boolean,
    /// `Integer`
    Integer,
    /// `Float` (floats and decimals)
    Float,
    /// `String`
    String,
    /// `Array`
    Array,
    /// `Object`
    Object,
}

impl Kind {
    /// The name in messages: `Null`, `Boolean`, `Integer`, `Float`, `String`, `Array`, `Object`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Boolean => "Boolean",
            Self::Integer => "Integer",
            Self::Float => "Float",
            Self::String => "String",
            Self::Array => "Array",
            Self::Object => "Object",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Value {
    /// Text from anything that can become it.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::String(Text::new(text))
    }

    /// An array of what the iterator gives.
    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Array(Arc::new(items.into_iter().collect()))
    }

    /// An object with these properties; a name given twice keeps the last value.
    pub fn object<K: AsRef<str>>(properties: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(Arc::new(properties.into_iter().map(|(k, v)| (Text::new(k), v)).collect()))
    }

    /// What kind of value it is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Boolean,
            Self::Int(_) => Kind::Integer,
            Self::Float(_) | Self::Decimal(_) => Kind::Float,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// Whether it is `null`.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The boolean, if it is one.
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The integer, if it is one. A float is none, even when whole.
    pub const fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// The number as a double: integers, floats and decimals.
    #[expect(clippy::cast_precision_loss, reason = "a double is what the caller asks for")]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(i) => Some(*i as f64),
            Self::Float(f) => Some(*f),
            Self::Decimal(d) => number::decimal_to_f64(*d),
            _ => None,
        }
    }

    /// The text, if it is text.
    #[inline]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) => Some(s.as_str()),
            _ => None,
        }
    }

    /// The items, if it is an array.
    #[inline]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[inline]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The property of exactly this name, if it is an object that has it.
    #[inline]
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The property of this name: the exact spelling first, else the first that differs only in case.
    #[inline]
    pub fn get_ignore_case(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get_ignore_case(name)
    }

    /// The value at a path of property names, exact spelling.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text at a path of property names, exact spelling.
    pub fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The item at an index, if it is an array that has it.
    pub fn item(&self, index: usize) -> Option<&Self> {
        self.as_array()?.get(index)
    }

    /// The object for changing in place; copied first if it is shared. `None` if it is no object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(Arc::make_mut(object)),
            _ => None,
        }
    }

    /// The items for changing in place; copied first if they are shared. `None` if it is no array.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Array(items) => Some(Arc::make_mut(items)),
            _ => None,
        }
    }

    /// Roughly how many bytes it takes in memory, counting shared parts as often as they are reached.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::String(s) if s.is_heap_allocated() => s.len(),
                Self::Array(items) => items.iter().map(Self::weight).sum(),
                Self::Object(object) => object.iter().map(|(k, v)| 16 + k.len() + v.weight()).sum(),
                _ => 0,
            }
    }
}

/// Structural equality: kinds are told apart (`1` is not `1.0`), objects are equal whatever the order of their
/// properties. The expression language has an `equals` of its own.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
            (Self::Decimal(a), Self::Decimal(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

/// Compact JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json::to_string(self))
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&json::to_string(self))
    }
}

/// A [`Value`] written as JSON, with Rust expressions in it. Meant for tests and for literals of some size;
/// code on a hot path calls [`Value::object`].
#[macro_export]
macro_rules! value {
    ($($json:tt)+) => { $crate::Value::from($crate::serde_json::json!($($json)+)) };
}
