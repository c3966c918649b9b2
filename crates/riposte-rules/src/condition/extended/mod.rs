//! The conditions that Riposte adds to Sentinel's: regular expressions, networks, numbers, watchlists, schedules,
//! presence, negation.
//!
//! Over a set of values they mean what Sentinel's mean: a positive operator holds if some value fulfils it, a negative
//! one if none fulfils its positive.

mod bounds;
mod evaluate;
mod read;
mod render;
mod schedule;

pub(super) use bounds::too_many_patterns;
pub(crate) use evaluate::{address, number, watchlist_holds};
pub(super) use read::read_extended;
pub use schedule::Schedule;

use super::{Condition, Needle};
use crate::names::{
    ExtendedCondition, MembershipOperator, NumberOperator, PatternOperator, PresenceOperator,
};
use crate::property::Property;
use ipnet::IpNet;
use regex::Regex;
use riposte_value::Text;

/// A condition that Sentinel does not have.
#[derive(Debug, Clone, PartialEq)]
pub enum Extended {
    /// Text matches regular expressions.
    Regex {
        /// What is looked at.
        operand: Operand,
        /// How.
        operator: PatternOperator,
        /// With what; never empty.
        patterns: Vec<Pattern>,
    },
    /// Addresses lie in networks.
    Cidr {
        /// What is looked at.
        operand: Operand,
        /// How.
        operator: MembershipOperator,
        /// Which networks; never empty.
        networks: Vec<Network>,
    },
    /// Numbers compare.
    Number {
        /// What is looked at.
        operand: Operand,
        /// How.
        operator: NumberOperator,
        /// With what; as many as the operator takes.
        numbers: Vec<f64>,
    },
    /// Values stand in a watchlist. If the workspace has no such list or column, neither operator holds, and neither does
    /// a negation of it.
    Watchlist {
        /// What is looked at.
        operand: Operand,
        /// How.
        operator: MembershipOperator,
        /// The list's alias.
        alias: Needle,
        /// The column; none means the list's search key.
        column: Option<Needle>,
    },
    /// It is, or is not, the time of a schedule.
    Schedule(Schedule),
    /// A property has some value that is more than blanks, or has not.
    Presence {
        /// What is looked at.
        operand: Operand,
        /// How.
        operator: PresenceOperator,
    },
    /// The condition does not hold.
    Not(Box<Condition>),
}

impl Extended {
    /// Its type.
    pub const fn kind(&self) -> ExtendedCondition {
        match self {
            Self::Regex { .. } => ExtendedCondition::Regex,
            Self::Cidr { .. } => ExtendedCondition::Cidr,
            Self::Number { .. } => ExtendedCondition::Number,
            Self::Watchlist { .. } => ExtendedCondition::Watchlist,
            Self::Schedule(_) => ExtendedCondition::Schedule,
            Self::Presence { .. } => ExtendedCondition::Presence,
            Self::Not(_) => ExtendedCondition::Not,
        }
    }

    /// What it looks at; none of a schedule or a negation.
    pub const fn operand(&self) -> Option<&Operand> {
        match self {
            Self::Regex { operand, .. }
            | Self::Cidr { operand, .. }
            | Self::Number { operand, .. }
            | Self::Watchlist { operand, .. }
            | Self::Presence { operand, .. } => Some(operand),
            Self::Schedule(_) | Self::Not(_) => None,
        }
    }
}

/// What an extended condition looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operand {
    /// The property.
    pub property: Property,
    /// The custom detail whose values alone are meant, if the property is `IncidentCustomDetailsValue`.
    pub custom_detail: Option<Needle>,
}

/// A regular expression, compiled: linear in what it searches, without regard to case, anchored nowhere.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: Text,
    regex: Regex,
}

impl Pattern {
    /// As it was written.
    pub const fn text(&self) -> &Text {
        &self.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// A network, or a single address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    text: Text,
    net: IpNet,
}

impl Network {
    /// What it is.
    pub(crate) const fn net(&self) -> IpNet {
        self.net
    }

    /// As it was written.
    pub const fn text(&self) -> &Text {
        &self.text
    }
}
