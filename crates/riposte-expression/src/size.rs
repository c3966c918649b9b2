//! How large a value is. Values share their parts, so a short expression repeated in a loop can make one that takes
//! little memory and yet has no end when it is written out; what is made is therefore measured as it would be written.

use crate::limits::{Bound, Limits};
use riposte_value::Value;

/// The bound that a value exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooLarge {
    Deep(usize),
    Long(usize),
}

impl TooLarge {
    /// The limit that it exceeds.
    pub fn bound(self) -> Bound {
        match self {
            Self::Deep(_) => Bound::Depth,
            Self::Long(_) => Bound::Text,
        }
    }
}

/// Says that the bound is exceeded, in a sentence.
impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deep(max) => write!(f, "The value is nested deeper than the limit of '{max}' levels."),
            Self::Long(max) => write!(f, "The value exceeds the limit of '{max}' characters."),
        }
    }
}

/// Whether a value is within the bounds. Takes no longer than the bounds are wide.
pub(crate) fn check(value: &Value, limits: &Limits) -> Result<(), TooLarge> {
    if !matches!(value, Value::Array(_) | Value::Object(_)) {
        return Ok(());
    }
    let mut left = Left::within(limits);
    left.take_value(value, limits.depth_max).map_err(|over| over.of(limits))
}

/// The bound that was met first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Over {
    Depth,
    Length,
}

impl Over {
    pub fn of(self, limits: &Limits) -> TooLarge {
        match self {
            Self::Depth => TooLarge::Deep(limits.depth_max),
            Self::Length => TooLarge::Long(limits.text_bytes_max),
        }
    }
}

/// How large a value is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extent {
    pub length: usize,
    pub depth: usize,
}

impl Extent {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null | Value::Bool(_) => Self { length: 4, depth: 0 },
            Value::Int(_) | Value::Float(_) | Value::Decimal(_) => Self { length: 1, depth: 0 },
            Value::String(text) => Self { length: text.len() + 2, depth: 0 },
            Value::Array(items) => {
                items.iter().fold(Self { length: 2, depth: 1 }, |sum, item| sum.with(1, Self::of(item)))
            }
            Value::Object(object) => object.iter().fold(Self { length: 2, depth: 1 }, |sum, (name, item)| {
                sum.with(name.len() + 4, Self::of(item))
            }),
        }
    }

    /// With one more part in it, and so much around that.
    pub fn with(self, around: usize, part: Self) -> Self {
        Self {
            length: self.length.saturating_add(around).saturating_add(part.length),
            depth: self.depth.max(part.depth.saturating_add(1)),
        }
    }
}

/// How much longer a value may become.
pub(crate) struct Left(usize);

impl Left {
    pub fn within(limits: &Limits) -> Self {
        Self(limits.text_bytes_max)
    }

    /// Takes a length off.
    pub fn take(&mut self, bytes: usize) -> Result<(), Over> {
        self.0 = self.0.checked_sub(bytes).ok_or(Over::Length)?;
        Ok(())
    }

    /// Takes off the length of what was measured before.
    pub fn take_extent(&mut self, extent: Extent, limits: &Limits) -> Result<(), Over> {
        if extent.depth > limits.depth_max {
            return Err(Over::Depth);
        }
        self.take(extent.length)
    }

    /// Takes off the length of a value, in which so many levels may nest.
    pub fn take_value(&mut self, value: &Value, levels: usize) -> Result<(), Over> {
        match value {
            Value::Array(items) => {
                let below = levels.checked_sub(1).ok_or(Over::Depth)?;
                self.take(2 + items.len())?;
                items.iter().try_for_each(|item| self.take_item(item, below))
            }
            Value::Object(object) => {
                let below = levels.checked_sub(1).ok_or(Over::Depth)?;
                self.take(2)?;
                object.iter().try_for_each(|(name, item)| {
                    self.take(name.len() + 4)?;
                    self.take_item(item, below)
                })
            }
            _ => self.take_item(value, levels),
        }
    }

    /// As [`Self::take_value`], without a call for the items that most arrays and objects have.
    #[inline]
    fn take_item(&mut self, item: &Value, levels: usize) -> Result<(), Over> {
        match item {
            Value::Null | Value::Bool(_) => self.take(4),
            Value::Int(_) | Value::Float(_) | Value::Decimal(_) => self.take(1),
            Value::String(text) => self.take(text.len() + 2),
            Value::Array(_) | Value::Object(_) => self.take_value(item, levels),
        }
    }
}
