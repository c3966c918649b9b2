//! Conversions into [`Value`].

use crate::{Decimal, Object, Text, Value};
use std::sync::Arc;

macro_rules! from {
    ($($source:ty => |$name:ident| $made:expr;)+) => {$(
        impl From<$source> for Value {
            fn from($name: $source) -> Self { $made }
        }
    )+};
}

from! {
    bool => |b| Self::Bool(b);
    i64 => |i| Self::Int(i);
    i32 => |i| Self::Int(i64::from(i));
    u32 => |i| Self::Int(i64::from(i));
    u16 => |i| Self::Int(i64::from(i));
    usize => |i| i64::try_from(i).map_or_else(|_| Self::Decimal(Decimal::from(i)), Self::Int);
    u64 => |i| i64::try_from(i).map_or_else(|_| Self::Decimal(Decimal::from(i)), Self::Int);
    f64 => |f| Self::Float(f);
    Decimal => |d| Self::Decimal(d);
    &str => |s| Self::String(Text::new(s));
    &String => |s| Self::String(Text::new(s));
    String => |s| Self::String(Text::from(s));
    Text => |s| Self::String(s);
    &Text => |s| Self::String(s.clone());
    Vec<Value> => |items| Self::Array(Arc::new(items));
    Object => |object| Self::Object(Arc::new(object));
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(b) => Self::Bool(b),
            serde_json::Value::Number(n) => {
                n.as_i64().map(Self::Int).or_else(|| n.as_u64().map(Self::from)).unwrap_or_else(|| {
                    // a number that is neither is a double: `arbitrary_precision` is not enabled
                    Self::Float(n.as_f64().unwrap_or(f64::NAN))
                })
            }
            serde_json::Value::String(s) => Self::from(s),
            serde_json::Value::Array(items) => Self::array(items.into_iter().map(Self::from)),
            serde_json::Value::Object(map) => Self::object(map.into_iter().map(|(k, v)| (k, Self::from(v)))),
        }
    }
}
