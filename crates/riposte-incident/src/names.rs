//! The closed vocabularies: each a list of names, read without regard to case and written in one spelling.

/// A closed list of names.
pub trait Name: Copy + 'static {
    /// Every value, in the order of the documentation.
    const ALL: &'static [Self];
    /// The canonical spelling.
    fn name(self) -> &'static str;
    /// The value of this name, without regard to case.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.name().eq_ignore_ascii_case(text))
    }
    /// The allowed names for a help text: `` `A`, `B`, `C` ``.
    fn allowed() -> String {
        let names: Vec<String> = Self::ALL.iter().map(|value| format!("`{}`", value.name())).collect();
        names.join(", ")
    }
}

/// Declares a closed list of names as an enum that reads any case, writes one spelling, and knows its list: in JSON
/// (serde), as a [`riposte_value::Value`], as text. The crate that uses it needs `serde` and `riposte-value`.
#[macro_export]
macro_rules! names {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$doc])* $variant,)+ }

        impl $type {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The canonical spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The value of this name, without regard to case.
            pub fn parse(text: &str) -> Option<Self> {
                <Self as $crate::Name>::parse(text)
            }
        }

        impl $crate::Name for $type {
            const ALL: &'static [Self] = Self::ALL;
            fn name(self) -> &'static str { self.as_str() }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$type> for riposte_value::Value {
            fn from(value: $type) -> Self { Self::text(value.as_str()) }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text)
                    .ok_or_else(|| serde::de::Error::unknown_variant(&text, &[$($name,)+]))
            }
        }
    };
}

crate::names! {
    /// How grave an incident or alert is.
    Severity {
        /// `High`
        High = "High",
        /// `Medium`
        Medium = "Medium",
        /// `Low`
        Low = "Low",
        /// `Informational`
        Informational = "Informational",
    }
}

crate::names! {
    /// Where the work on an incident stands.
    IncidentStatus {
        /// Nobody works on it yet.
        New = "New",
        /// Somebody works on it.
        Active = "Active",
        /// Done with.
        Closed = "Closed",
    }
}

crate::names! {
    /// What a closed incident turned out to be.
    Classification {
        /// Nobody said.
        Undetermined = "Undetermined",
        /// An attack.
        TruePositive = "TruePositive",
        /// Real, and harmless.
        BenignPositive = "BenignPositive",
        /// Not what it seemed.
        FalsePositive = "FalsePositive",
    }
}

crate::names! {
    /// Why a closed incident is classified so.
    ClassificationReason {
        /// Goes with `TruePositive`.
        SuspiciousActivity = "SuspiciousActivity",
        /// Goes with `BenignPositive`.
        SuspiciousButExpected = "SuspiciousButExpected",
        /// Goes with `FalsePositive`.
        IncorrectAlertLogic = "IncorrectAlertLogic",
        /// Goes with `FalsePositive`.
        InaccurateData = "InaccurateData",
    }
}

impl ClassificationReason {
    /// The classification that the portal offers this reason with.
    pub const fn classification(self) -> Classification {
        match self {
            Self::SuspiciousActivity => Classification::TruePositive,
            Self::SuspiciousButExpected => Classification::BenignPositive,
            Self::IncorrectAlertLogic | Self::InaccurateData => Classification::FalsePositive,
        }
    }
}

crate::names! {
    /// What an owner is.
    OwnerType {
        /// Not known.
        Unknown = "Unknown",
        /// A person.
        User = "User",
        /// A group.
        Group = "Group",
    }
}

crate::names! {
    /// Who put a label on an incident.
    LabelType {
        /// A person, a rule or a playbook.
        User = "User",
        /// The system.
        AutoAssigned = "AutoAssigned",
    }
}

crate::names! {
    /// Where the work on an alert stands.
    AlertStatus {
        /// Not known.
        Unknown = "Unknown",
        /// Nobody works on it yet.
        New = "New",
        /// Closed as harmful and dealt with.
        Resolved = "Resolved",
        /// Closed as harmless.
        Dismissed = "Dismissed",
        /// Somebody works on it.
        InProgress = "InProgress",
    }
}

crate::names! {
    /// What an alert turned out to be.
    AlertClassification {
        /// Nobody said.
        Unknown = "Unknown",
        /// Not what it seemed.
        FalsePositive = "FalsePositive",
        /// An attack.
        TruePositive = "TruePositive",
        /// Real, expected and harmless.
        InformationalExpectedActivity = "InformationalExpectedActivity",
    }
}

crate::names! {
    /// What kind of thing an alert was about.
    AlertDetermination {
        /// Nobody said.
        Unknown = "Unknown",
        /// An advanced persistent threat.
        Apt = "Apt",
        /// Malware.
        Malware = "Malware",
        /// Security staff at work.
        SecurityPersonnel = "SecurityPersonnel",
        /// A test of security.
        SecurityTesting = "SecurityTesting",
        /// Software that nobody wants.
        UnwantedSoftware = "UnwantedSoftware",
        /// Something else.
        Other = "Other",
        /// An attack in several stages.
        MultiStagedAttack = "MultiStagedAttack",
        /// An account in foreign hands.
        CompromisedAccount = "CompromisedAccount",
        /// Phishing.
        Phishing = "Phishing",
        /// A person who does harm.
        MaliciousUserActivity = "MaliciousUserActivity",
        /// Harmless.
        NotMalicious = "NotMalicious",
        /// Too little is known.
        NotEnoughDataToValidate = "NotEnoughDataToValidate",
        /// A person confirmed that it was meant.
        ConfirmedActivity = "ConfirmedActivity",
        /// An application of the business.
        LineOfBusinessApplication = "LineOfBusinessApplication",
    }
}

crate::names! {
    /// How sure a provider is of its alert.
    ConfidenceLevel {
        /// Not known.
        Unknown = "Unknown",
        /// Low.
        Low = "Low",
        /// High.
        High = "High",
    }
}

crate::names! {
    /// Where a task stands.
    TaskStatus {
        /// To do.
        New = "New",
        /// Done.
        Completed = "Completed",
    }
}

crate::names! {
    /// What made a change: the sources of `IncidentUpdatedBySource`.
    ActorKind {
        /// A person.
        User = "User",
        /// A service principal.
        Application = "Application",
        /// Grouping of alerts into incidents.
        AlertGrouping = "AlertGrouping",
        /// A playbook.
        Playbook = "Playbook",
        /// An automation rule.
        AutomationRule = "AutomationRule",
        /// Synchronisation with Microsoft Defender XDR.
        MicrosoftDefenderXdr = "MicrosoftDefenderXDR",
        /// Something else.
        Other = "Other",
    }
}
