//! Records that a state keeps because an expression may ask for them. Serialised, such a record is a mark: the record
//! itself is stored elsewhere. What JSON cannot bring back as it is (decimals, numbers that are not finite) stands
//! beside the mark.

use crate::ActionRecord;
use riposte_value::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::OnceLock;

/// A record that a slot keeps.
#[derive(Debug, Clone, Default)]
pub(crate) enum Kept {
    #[default]
    Nothing,
    Record(Box<Held>),
    /// To be put back, with these values in place of its own.
    Missing(Box<Exact>),
}

/// A record, and whether its stored form is not enough. That is found out once: a state is written after every step.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    record: ActionRecord,
    exact: OnceLock<Exact>,
}

/// Values of a record that its stored form does not hold exactly.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Exact {
    #[serde(rename = "i", skip_serializing_if = "Option::is_none", default, with = "crate::exact::option")]
    inputs: Option<Value>,
    #[serde(rename = "o", skip_serializing_if = "Option::is_none", default, with = "crate::exact::option")]
    outputs: Option<Value>,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none", default, with = "crate::exact::option")]
    tracked: Option<Value>,
}

impl Kept {
    pub fn record(record: ActionRecord) -> Self {
        Self::Record(Box::new(Held { record, exact: OnceLock::new() }))
    }

    /// The record, if there is one.
    pub fn take(&mut self) -> Option<ActionRecord> {
        match std::mem::take(self) {
            Self::Record(held) => Some(held.record),
            _ => None,
        }
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Nothing)
    }

    pub fn get(&self) -> Option<&ActionRecord> {
        match self {
            Self::Record(held) => Some(&held.record),
            _ => None,
        }
    }

    pub fn get_mut(&mut self) -> Option<&mut ActionRecord> {
        match self {
            Self::Record(held) => {
                held.exact = OnceLock::new();
                Some(&mut held.record)
            }
            _ => None,
        }
    }

    /// Puts the stored record back, if there is one.
    pub fn put_back(&mut self, record: Option<ActionRecord>) {
        *self = match (std::mem::take(self), record) {
            (Self::Missing(exact), Some(mut record)) => {
                record.inputs = exact.inputs.or(record.inputs);
                record.outputs = exact.outputs.or(record.outputs);
                record.tracked_properties = exact.tracked.or(record.tracked_properties);
                Self::record(record)
            }
            (Self::Missing(_), None) => Self::Nothing,
            (there, _) => there,
        };
    }
}

impl Exact {
    fn of(record: &ActionRecord) -> Self {
        let inexact =
            |value: &Option<Value>| value.as_ref().filter(|value| crate::exact::needs_marks(value)).cloned();
        Self {
            inputs: inexact(&record.inputs),
            outputs: inexact(&record.outputs),
            tracked: inexact(&record.tracked_properties),
        }
    }

    fn is_empty(&self) -> bool {
        self.inputs.is_none() && self.outputs.is_none() && self.tracked.is_none()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let exact = match self {
            Self::Nothing => return serializer.serialize_bool(false),
            Self::Record(held) => held.exact.get_or_init(|| Exact::of(&held.record)),
            Self::Missing(exact) => exact,
        };
        if exact.is_empty() { serializer.serialize_bool(true) } else { exact.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Mark {
            Plain(bool),
            Exact(Box<Exact>),
        }
        Ok(match Mark::deserialize(deserializer)? {
            Mark::Plain(false) => Self::Nothing,
            Mark::Plain(true) => Self::Missing(Box::default()),
            Mark::Exact(exact) => Self::Missing(exact),
        })
    }
}
