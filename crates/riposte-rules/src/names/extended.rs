//! The closed vocabularies of what Riposte adds to Sentinel's rules.

use riposte_incident::names;

names! {
    /// Whether a rule that matches does anything.
    Mode {
        /// It does what it says.
        Enforce = "enforce",
        /// It is evaluated and recorded, and does nothing.
        Observe = "observe",
    }
}

names! {
    /// How long the next rule waits for the playbooks that a rule has started.
    PlaybookWait {
        /// As Sentinel does: two minutes at the most.
        Sentinel = "sentinel",
        /// Until they have ended.
        Completion = "completion",
        /// Not at all.
        None = "none",
    }
}

names! {
    /// The types of conditions that Riposte adds to Sentinel's five.
    ExtendedCondition {
        /// A property matches a regular expression.
        Regex = "Regex",
        /// An address lies in a network.
        Cidr = "Cidr",
        /// A number is greater, less, between.
        Number = "Number",
        /// A value stands in a watchlist.
        Watchlist = "Watchlist",
        /// It is a certain time of day or day of the week.
        Schedule = "Schedule",
        /// A property has any value at all.
        Presence = "Presence",
        /// Another condition does not hold.
        Not = "Not",
    }
}

names! {
    /// How a text is compared with regular expressions.
    PatternOperator {
        /// Some value matches one of them.
        Matches = "Matches",
        /// No value matches any of them.
        NotMatches = "NotMatches",
    }
}

names! {
    /// Whether something is in a set.
    MembershipOperator {
        /// Some value is in it.
        In = "In",
        /// No value is in it.
        NotIn = "NotIn",
    }
}

names! {
    /// How numbers are compared. Values that are no numbers fulfil no positive operator.
    NumberOperator {
        /// Some value is equal to one of the numbers.
        Equals = "Equals",
        /// No value is equal to any of the numbers.
        NotEquals = "NotEquals",
        /// Some value is greater.
        GreaterThan = "GreaterThan",
        /// Some value is greater or equal.
        GreaterThanOrEquals = "GreaterThanOrEquals",
        /// Some value is less.
        LessThan = "LessThan",
        /// Some value is less or equal.
        LessThanOrEquals = "LessThanOrEquals",
        /// Some value lies between two numbers or is one of them.
        Between = "Between",
        /// No value lies between two numbers or is one of them.
        NotBetween = "NotBetween",
    }
}

impl NumberOperator {
    /// Whether it denies.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEquals | Self::NotBetween)
    }

    /// In words: `is greater than`.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Equals => "is",
            Self::NotEquals => "is not",
            Self::GreaterThan => "is greater than",
            Self::GreaterThanOrEquals => "is at least",
            Self::LessThan => "is less than",
            Self::LessThanOrEquals => "is at most",
            Self::Between => "is between",
            Self::NotBetween => "is not between",
        }
    }
}

names! {
    /// Whether it is the time of a schedule.
    ScheduleOperator {
        /// It is.
        Within = "Within",
        /// It is not.
        Outside = "Outside",
    }
}

names! {
    /// Whether a property has any value; empty text is none.
    PresenceOperator {
        /// It has.
        Exists = "Exists",
        /// It has not.
        NotExists = "NotExists",
    }
}

names! {
    /// A day of the week.
    Weekday {
        /// Monday
        Monday = "Monday",
        /// Tuesday
        Tuesday = "Tuesday",
        /// Wednesday
        Wednesday = "Wednesday",
        /// Thursday
        Thursday = "Thursday",
        /// Friday
        Friday = "Friday",
        /// Saturday
        Saturday = "Saturday",
        /// Sunday
        Sunday = "Sunday",
    }
}

names! {
    /// The actions that Riposte adds to Sentinel's three.
    ExtendedActionType {
        /// Change the alert that an alert rule was started for.
        UpdateAlert = "UpdateAlert",
    }
}
