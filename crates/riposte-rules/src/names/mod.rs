//! The closed vocabularies of automation rules.

mod extended;

pub use extended::{
    ExtendedActionType, ExtendedCondition, MembershipOperator, Mode, NumberOperator, PatternOperator,
    PlaybookWait, PresenceOperator, ScheduleOperator, Weekday,
};

use riposte_incident::names;

names! {
    /// What a rule looks at.
    TriggersOn {
        /// Incidents.
        Incidents = "Incidents",
        /// Alerts.
        Alerts = "Alerts",
    }
}

names! {
    /// What must have happened to it.
    TriggersWhen {
        /// It was made.
        Created = "Created",
        /// It was changed.
        Updated = "Updated",
    }
}

names! {
    /// The five types of conditions.
    ConditionType {
        /// A property has a value.
        Property = "Property",
        /// Some or all items of a list fulfil conditions.
        PropertyArray = "PropertyArray",
        /// A property changed.
        PropertyChanged = "PropertyChanged",
        /// Something was added to a list.
        PropertyArrayChanged = "PropertyArrayChanged",
        /// Conditions joined by and, or.
        Boolean = "Boolean",
    }
}

names! {
    /// How a property is compared. With several values, a positive operator holds if it holds for one of them, a
    /// negative one if its positive holds for none.
    Operator {
        /// Equal to one.
        Equals = "Equals",
        /// Equal to none.
        NotEquals = "NotEquals",
        /// Contains one.
        Contains = "Contains",
        /// Contains none.
        NotContains = "NotContains",
        /// Starts with one.
        StartsWith = "StartsWith",
        /// Starts with none.
        NotStartsWith = "NotStartsWith",
        /// Ends with one.
        EndsWith = "EndsWith",
        /// Ends with none.
        NotEndsWith = "NotEndsWith",
    }
}

impl Operator {
    /// Whether it is one of the four that deny.
    pub const fn is_negative(self) -> bool {
        matches!(self, Self::NotEquals | Self::NotContains | Self::NotStartsWith | Self::NotEndsWith)
    }

    /// In words: `does not start with`.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEquals => "does not equal",
            Self::Contains => "contains",
            Self::NotContains => "does not contain",
            Self::StartsWith => "starts with",
            Self::NotStartsWith => "does not start with",
            Self::EndsWith => "ends with",
            Self::NotEndsWith => "does not end with",
        }
    }
}

names! {
    /// How a Boolean condition joins its inner ones.
    BooleanOperator {
        /// All of them.
        And = "And",
        /// One of them.
        Or = "Or",
    }
}

names! {
    /// Properties whose change a condition can ask for.
    ChangedProperty {
        /// The severity.
        IncidentSeverity = "IncidentSeverity",
        /// The status.
        IncidentStatus = "IncidentStatus",
        /// The owner.
        IncidentOwner = "IncidentOwner",
    }
}

names! {
    /// Which side of a change a condition looks at.
    ChangeType {
        /// What it was.
        ChangedFrom = "ChangedFrom",
        /// What it is.
        ChangedTo = "ChangedTo",
    }
}

names! {
    /// Lists whose growth a condition can ask for.
    ChangedArray {
        /// Alerts.
        Alerts = "Alerts",
        /// Labels (tags).
        Labels = "Labels",
        /// Tactics.
        Tactics = "Tactics",
        /// Comments.
        Comments = "Comments",
    }
}

names! {
    /// How a list must have changed; there is only the one way.
    ArrayChangeType {
        /// It grew.
        Added = "Added",
    }
}

names! {
    /// Lists whose items a condition can look at.
    ArrayType {
        /// The keys of the custom details, with their values.
        CustomDetails = "CustomDetails",
        /// The values of the custom detail that is being looked at, or of all.
        CustomDetailValues = "CustomDetailValues",
        /// The labels (tags), one by one.
        IncidentLabels = "IncidentLabels",
    }
}

names! {
    /// How many items must fulfil the conditions.
    ArrayConditionType {
        /// At least one.
        AnyItem = "AnyItem",
        /// Every one; an empty list has none that does not.
        AllItems = "AllItems",
    }
}

names! {
    /// What a rule can do.
    ActionType {
        /// Change the incident.
        ModifyProperties = "ModifyProperties",
        /// Start a playbook.
        RunPlaybook = "RunPlaybook",
        /// Add a task.
        AddIncidentTask = "AddIncidentTask",
    }
}
