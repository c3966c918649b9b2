//! The closed vocabularies of analytics rules. Source: the REST interface's enumerations, stable and preview.

use crate::entity::EntityKind;
use crate::names;

names! {
    /// What an analytics rule is.
    AnalyticsKind {
        /// A query that runs at intervals.
        Scheduled = "Scheduled",
        /// A query that runs all the time, near real time.
        Nrt = "NRT",
        /// Makes incidents of the alerts of another Microsoft product.
        MicrosoftSecurityIncidentCreation = "MicrosoftSecurityIncidentCreation",
        /// Microsoft's correlation of alerts.
        Fusion = "Fusion",
        /// Microsoft's behaviour analytics.
        MlBehaviorAnalytics = "MLBehaviorAnalytics",
        /// Microsoft's matching of indicators.
        ThreatIntelligence = "ThreatIntelligence",
    }
}

impl AnalyticsKind {
    /// Whether the rule is a query of its owner's.
    pub const fn is_query(self) -> bool {
        matches!(self, Self::Scheduled | Self::Nrt)
    }
}

names! {
    /// How the number of a query's results is compared with the threshold.
    TriggerOperator {
        /// More results than the threshold.
        GreaterThan = "GreaterThan",
        /// Fewer.
        LessThan = "LessThan",
        /// As many.
        Equal = "Equal",
        /// Not as many.
        NotEqual = "NotEqual",
    }
}

impl TriggerOperator {
    /// Whether so many results are over the threshold.
    pub const fn holds(self, results: i64, threshold: i64) -> bool {
        match self {
            Self::GreaterThan => results > threshold,
            Self::LessThan => results < threshold,
            Self::Equal => results == threshold,
            Self::NotEqual => results != threshold,
        }
    }
}

names! {
    /// How many alerts the results of a query make.
    EventGrouping {
        /// One for all of them.
        SingleAlert = "SingleAlert",
        /// One for each.
        AlertPerResult = "AlertPerResult",
    }
}

names! {
    /// What alerts must have in common to be put into one incident.
    MatchingMethod {
        /// All mapped entities.
        AllEntities = "AllEntities",
        /// Nothing but the rule.
        AnyAlert = "AnyAlert",
        /// The chosen entities, alert details and custom details.
        Selected = "Selected",
    }
}

names! {
    /// A detail of an alert that grouping can go by.
    GroupByDetail {
        /// The title.
        DisplayName = "DisplayName",
        /// The severity.
        Severity = "Severity",
    }
}

names! {
    /// The kinds of entities that columns can be mapped to.
    EntityMappingType {
        /// A user or service account.
        Account = "Account",
        /// A machine.
        Host = "Host",
        /// An IP address.
        Ip = "IP",
        /// Malware.
        Malware = "Malware",
        /// A file.
        File = "File",
        /// A process.
        Process = "Process",
        /// A cloud application.
        CloudApplication = "CloudApplication",
        /// A DNS name.
        Dns = "DNS",
        /// An Azure resource.
        AzureResource = "AzureResource",
        /// The hash of a file.
        FileHash = "FileHash",
        /// A registry key.
        RegistryKey = "RegistryKey",
        /// A registry value.
        RegistryValue = "RegistryValue",
        /// A group of accounts.
        SecurityGroup = "SecurityGroup",
        /// A URL.
        Url = "URL",
        /// A mailbox.
        Mailbox = "Mailbox",
        /// A set of similar mails.
        MailCluster = "MailCluster",
        /// A mail.
        MailMessage = "MailMessage",
        /// A mail that a user reported.
        SubmissionMail = "SubmissionMail",
    }
}

impl EntityMappingType {
    /// The kind of the entities.
    pub fn kind(self) -> EntityKind {
        EntityKind::parse(self.as_str())
    }
}

names! {
    /// A property of an alert that can come from a column.
    AlertProperty {
        /// Where the provider shows the alert.
        AlertLink = "AlertLink",
        /// How sure the provider is.
        ConfidenceLevel = "ConfidenceLevel",
        /// How sure the provider is, as a number.
        ConfidenceScore = "ConfidenceScore",
        /// More links.
        ExtendedLinks = "ExtendedLinks",
        /// The product.
        ProductName = "ProductName",
        /// Who raised it.
        ProviderName = "ProviderName",
        /// The part of the product.
        ProductComponentName = "ProductComponentName",
        /// What to do.
        RemediationSteps = "RemediationSteps",
        /// MITRE techniques.
        Techniques = "Techniques",
        /// MITRE sub-techniques.
        SubTechniques = "SubTechniques",
    }
}

names! {
    /// A Microsoft product whose alerts can become incidents.
    SecurityProduct {
        /// Defender for Cloud Apps.
        CloudAppSecurity = "Microsoft Cloud App Security",
        /// Defender for Cloud.
        SecurityCenter = "Azure Security Center",
        /// Defender for Identity.
        AdvancedThreatProtection = "Azure Advanced Threat Protection",
        /// Entra ID Protection.
        IdentityProtection = "Azure Active Directory Identity Protection",
        /// Defender for the internet of things.
        SecurityCenterForIot = "Azure Security Center for IoT",
        /// Defender for Office 365.
        Office365 = "Office 365 Advanced Threat Protection",
        /// Defender for Endpoint.
        Endpoint = "Microsoft Defender Advanced Threat Protection",
    }
}

impl SecurityProduct {
    /// The names under which its alerts come: the one of the filter, and those that the product has had since.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::CloudAppSecurity => &["Microsoft Cloud App Security", "Microsoft Defender for Cloud Apps"],
            Self::SecurityCenter => {
                &["Azure Security Center", "Microsoft Defender for Cloud", "Azure Defender"]
            }
            Self::AdvancedThreatProtection => {
                &["Azure Advanced Threat Protection", "Microsoft Defender for Identity"]
            }
            Self::IdentityProtection => &[
                "Azure Active Directory Identity Protection",
                "Azure AD Identity Protection",
                "Microsoft Entra ID Protection",
            ],
            Self::SecurityCenterForIot => {
                &["Azure Security Center for IoT", "Azure Defender for IoT", "Microsoft Defender for IoT"]
            }
            Self::Office365 => {
                &["Office 365 Advanced Threat Protection", "Microsoft Defender for Office 365"]
            }
            Self::Endpoint => {
                &["Microsoft Defender Advanced Threat Protection", "Microsoft Defender for Endpoint"]
            }
        }
    }
}

names! {
    /// MITRE's tactics, as rules name them.
    Tactic {
        /// Reconnaissance.
        Reconnaissance = "Reconnaissance",
        /// Resource development.
        ResourceDevelopment = "ResourceDevelopment",
        /// Initial access.
        InitialAccess = "InitialAccess",
        /// Execution.
        Execution = "Execution",
        /// Persistence.
        Persistence = "Persistence",
        /// Privilege escalation.
        PrivilegeEscalation = "PrivilegeEscalation",
        /// Defense evasion.
        DefenseEvasion = "DefenseEvasion",
        /// Credential access.
        CredentialAccess = "CredentialAccess",
        /// Discovery.
        Discovery = "Discovery",
        /// Lateral movement.
        LateralMovement = "LateralMovement",
        /// Collection.
        Collection = "Collection",
        /// Exfiltration.
        Exfiltration = "Exfiltration",
        /// Command and control.
        CommandAndControl = "CommandAndControl",
        /// Impact.
        Impact = "Impact",
        /// Pre attack.
        PreAttack = "PreAttack",
        /// Impair process control.
        ImpairProcessControl = "ImpairProcessControl",
        /// Inhibit response function.
        InhibitResponseFunction = "InhibitResponseFunction",
    }
}

impl Tactic {
    /// The tactic of a name that people write: blanks and hyphens do not count (`Command and Control`).
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        Self::parse(&plain)
    }
}
