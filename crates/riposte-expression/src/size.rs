//! How large a value is. Values share their parts, so a short expression repeated in a loop can make one that takes
//! little memory and yet has no end when it is written out; what is made is therefore measured as it would be written.

use crate::limits::Limits;
use riposte_value::Value;

/// The bound that a value exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TooLarge {
    Deep(usize),
    Long(usize),
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
    let mut left = limits.text_bytes_max;
    measure(value, limits.depth_max, &mut left).map_err(|deep| {
        if deep { TooLarge::Deep(limits.depth_max) } else { TooLarge::Long(limits.text_bytes_max) }
    })
}

/// Takes the length of a value off what is left; the error says whether depth was the trouble.
fn measure(value: &Value, levels: usize, left: &mut usize) -> Result<(), bool> {
    let mut take = |bytes: usize| {
        *left = left.checked_sub(bytes).ok_or(false)?;
        Ok(())
    };
    match value {
        Value::Null | Value::Bool(_) => take(4),
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => take(1),
        Value::String(text) => take(text.len() + 2),
        Value::Array(items) => {
            let below = levels.checked_sub(1).ok_or(true)?;
            take(2 + items.len())?;
            items.iter().try_for_each(|item| measure(item, below, left))
        }
        Value::Object(object) => {
            let below = levels.checked_sub(1).ok_or(true)?;
            take(2)?;
            object.iter().try_for_each(|(name, item)| {
                *left = left.checked_sub(name.len() + 4).ok_or(false)?;
                measure(item, below, left)
            })
        }
    }
}
