//! Conditions: the model, which is compiled as it is read (what is compared is folded once).

mod evaluate;
mod extended;
mod read;
mod render;

pub(crate) use evaluate::{explain_all, holds_all, is_unknown, last_segment};
pub use extended::{Extended, Network, Operand, Pattern, Schedule};
pub(crate) use extended::{address, number, watchlist_holds};
pub(crate) use read::{Dialect, azure_limit, read_conditions};
pub(crate) use render::condition_to_arm;

use crate::names::{
    ArrayConditionType, ArrayType, BooleanOperator, ChangeType, ChangedArray, ChangedProperty, Operator,
};
use crate::property::Property;
use riposte_diagnostic::join_index;
use riposte_incident::fold;
use riposte_value::Text;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// A property has a value.
    Property {
        /// Which one.
        property: Property,
        /// How it is compared.
        operator: Operator,
        /// With what; never empty.
        values: Vec<Needle>,
    },
    /// A property changed, to or from some value or at all.
    PropertyChanged {
        /// Which one.
        property: ChangedProperty,
        /// What it must have been or become; none asks for any change.
        test: Option<ChangeTest>,
    },
    /// Something was added to a list.
    PropertyArrayChanged {
        /// Which one.
        array: ChangedArray,
    },
    /// Some or all items of a list fulfil conditions.
    PropertyArray {
        /// Which list.
        array: ArrayType,
        /// How many items.
        quantifier: ArrayConditionType,
        /// What an item must fulfil, all of it; never empty.
        items: Vec<Condition>,
    },
    /// Conditions joined.
    Boolean {
        /// How.
        operator: BooleanOperator,
        /// What; never empty.
        inner: Vec<Condition>,
    },
    /// One that Sentinel does not have.
    Extended(Extended),
}

/// What one side of a change must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeTest {
    /// Which side.
    pub side: ChangeType,
    /// How it is compared.
    pub operator: Operator,
    /// With what; never empty.
    pub values: Vec<Needle>,
}

/// A value to compare with, as it was written and folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    text: Text,
    folded: Box<str>,
    /// It names a rule by its last segment alone.
    is_segment: bool,
}

impl Needle {
    /// Folds a value.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = Text::new(text);
        let folded = fold(&text).into_boxed_str();
        Self { is_segment: !text.contains('/'), text, folded }
    }

    /// The value as it was written.
    pub const fn text(&self) -> &Text {
        &self.text
    }

    /// The value folded.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

impl Condition {
    /// Shows itself and everything that is nested in it, outer before inner.
    pub fn visit<'c>(&'c self, see: &mut impl FnMut(&'c Self)) {
        self.visit_at("", &mut |condition, _| see(condition));
    }

    /// As [`Self::visit`], each with where it lies; this one lies at `path`.
    pub fn visit_at<'c>(&'c self, path: &str, see: &mut impl FnMut(&'c Self, &str)) {
        see(self, path);
        let (member, inner) = match self {
            Self::PropertyArray { items: inner, .. } => ("itemConditions", inner),
            Self::Boolean { inner, .. } => ("innerConditions", inner),
            Self::Extended(Extended::Not(inner)) => {
                return inner.visit_at(&format!("{path}.conditionProperties.condition"), see);
            }
            Self::Property { .. }
            | Self::PropertyChanged { .. }
            | Self::PropertyArrayChanged { .. }
            | Self::Extended(_) => return,
        };
        let path = format!("{path}.conditionProperties.{member}");
        for (at, inner) in inner.iter().enumerate() {
            inner.visit_at(&join_index(&path, at), see);
        }
    }
}
