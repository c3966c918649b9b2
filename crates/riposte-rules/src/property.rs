//! The properties that conditions can look at, and where each comes from.

use riposte_incident::{EntityKind, names};

names! {
    /// A property of an incident, its alerts or its entities: the 58 of the interface, two of a preview of it, and those
    /// that Riposte adds, from `IncidentOwner` on.
    Property {
        /// The title.
        IncidentTitle = "IncidentTitle",
        /// The description.
        IncidentDescription = "IncidentDescription",
        /// The severity.
        IncidentSeverity = "IncidentSeverity",
        /// The status.
        IncidentStatus = "IncidentStatus",
        /// The ARM ids of the analytics rules behind the incident.
        IncidentRelatedAnalyticRuleIds = "IncidentRelatedAnalyticRuleIds",
        /// The tactics.
        IncidentTactics = "IncidentTactics",
        /// The labels (tags).
        IncidentLabel = "IncidentLabel",
        /// The provider.
        IncidentProviderName = "IncidentProviderName",
        /// What made the change.
        IncidentUpdatedBySource = "IncidentUpdatedBySource",
        /// The keys of the custom details.
        IncidentCustomDetailsKey = "IncidentCustomDetailsKey",
        /// The values of the custom details.
        IncidentCustomDetailsValue = "IncidentCustomDetailsValue",
        /// `Account.AadTenantId`
        AccountAadTenantId = "AccountAadTenantId",
        /// `Account.AadUserId`
        AccountAadUserId = "AccountAadUserId",
        /// `Account.Name`
        AccountName = "AccountName",
        /// `Account.NTDomain`
        AccountNTDomain = "AccountNTDomain",
        /// `Account.PUID`
        AccountPUID = "AccountPUID",
        /// `Account.Sid`
        AccountSid = "AccountSid",
        /// `Account.ObjectGuid`
        AccountObjectGuid = "AccountObjectGuid",
        /// `Account.UPNSuffix`
        AccountUPNSuffix = "AccountUPNSuffix",
        /// The products of the alerts.
        AlertProductNames = "AlertProductNames",
        /// The ids of the analytics rules behind the alerts.
        AlertAnalyticRuleIds = "AlertAnalyticRuleIds",
        /// `AzureResource.ResourceId`
        AzureResourceResourceId = "AzureResourceResourceId",
        /// `AzureResource.SubscriptionId`
        AzureResourceSubscriptionId = "AzureResourceSubscriptionId",
        /// `CloudApplication.AppId`
        CloudApplicationAppId = "CloudApplicationAppId",
        /// `CloudApplication.Name`
        CloudApplicationAppName = "CloudApplicationAppName",
        /// `DNS.DomainName`
        DNSDomainName = "DNSDomainName",
        /// `File.Directory`
        FileDirectory = "FileDirectory",
        /// `File.Name`
        FileName = "FileName",
        /// `FileHash.Value`
        FileHashValue = "FileHashValue",
        /// `Host.AzureID`
        HostAzureID = "HostAzureID",
        /// `Host.HostName`
        HostName = "HostName",
        /// `Host.NetBiosName`
        HostNetBiosName = "HostNetBiosName",
        /// `Host.NTDomain`
        HostNTDomain = "HostNTDomain",
        /// `Host.OSVersion`
        HostOSVersion = "HostOSVersion",
        /// `IoTDevice.DeviceId`
        IoTDeviceId = "IoTDeviceId",
        /// `IoTDevice.DeviceName`
        IoTDeviceName = "IoTDeviceName",
        /// `IoTDevice.DeviceType`
        IoTDeviceType = "IoTDeviceType",
        /// `IoTDevice.Manufacturer`
        IoTDeviceVendor = "IoTDeviceVendor",
        /// `IoTDevice.Model`
        IoTDeviceModel = "IoTDeviceModel",
        /// `IoTDevice.OperatingSystem`
        IoTDeviceOperatingSystem = "IoTDeviceOperatingSystem",
        /// `IP.Address`
        IPAddress = "IPAddress",
        /// `Mailbox.DisplayName`
        MailboxDisplayName = "MailboxDisplayName",
        /// `Mailbox.MailboxPrimaryAddress`
        MailboxPrimaryAddress = "MailboxPrimaryAddress",
        /// `Mailbox.Upn`
        MailboxUPN = "MailboxUPN",
        /// `MailMessage.DeliveryAction`
        MailMessageDeliveryAction = "MailMessageDeliveryAction",
        /// `MailMessage.DeliveryLocation`
        MailMessageDeliveryLocation = "MailMessageDeliveryLocation",
        /// `MailMessage.Recipient`
        MailMessageRecipient = "MailMessageRecipient",
        /// `MailMessage.SenderIP`
        MailMessageSenderIP = "MailMessageSenderIP",
        /// `MailMessage.Subject`
        MailMessageSubject = "MailMessageSubject",
        /// `MailMessage.P1Sender`
        MailMessageP1Sender = "MailMessageP1Sender",
        /// `MailMessage.P2Sender`
        MailMessageP2Sender = "MailMessageP2Sender",
        /// `Malware.Category`
        MalwareCategory = "MalwareCategory",
        /// `Malware.Name`
        MalwareName = "MalwareName",
        /// `Process.CommandLine`
        ProcessCommandLine = "ProcessCommandLine",
        /// `Process.ProcessId`
        ProcessId = "ProcessId",
        /// `RegistryKey.Key`
        RegistryKey = "RegistryKey",
        /// `RegistryValue.Value`
        RegistryValueData = "RegistryValueData",
        /// `Url.Url`
        Url = "Url",
        /// The ids of the custom detection rules behind the alerts.
        IncidentCustomDetectionRuleIds = "IncidentCustomDetectionRuleIds",
        /// The titles of the alerts.
        IncidentAlertTitle = "IncidentAlertTitle",
        /// Every name of the owner: display name, mail address, user principal name, object id.
        IncidentOwner = "IncidentOwner",
        /// The owner's display name.
        IncidentOwnerAssignedTo = "IncidentOwnerAssignedTo",
        /// The owner's mail address.
        IncidentOwnerEmail = "IncidentOwnerEmail",
        /// The owner's user principal name.
        IncidentOwnerUserPrincipalName = "IncidentOwnerUserPrincipalName",
        /// The owner's object id.
        IncidentOwnerObjectId = "IncidentOwnerObjectId",
        /// The classification.
        IncidentClassification = "IncidentClassification",
        /// The reason of the classification.
        IncidentClassificationReason = "IncidentClassificationReason",
        /// The techniques.
        IncidentTechniques = "IncidentTechniques",
        /// The number.
        IncidentNumber = "IncidentNumber",
        /// How many alerts there are.
        AlertCount = "AlertCount",
        /// How many entities there are.
        EntityCount = "EntityCount",
        /// How many comments there are.
        CommentCount = "CommentCount",
        /// How many tasks there are.
        TaskCount = "TaskCount",
        /// How many labels (tags) there are.
        LabelCount = "LabelCount",
        /// The titles of the alerts.
        AlertTitle = "AlertTitle",
        /// The severities of the alerts.
        AlertSeverity = "AlertSeverity",
        /// The states of the alerts.
        AlertStatus = "AlertStatus",
        /// The descriptions of the alerts.
        AlertDescription = "AlertDescription",
        /// The providers of the alerts.
        AlertProviderName = "AlertProviderName",
        /// The products of the alerts, as text.
        AlertProductName = "AlertProductName",
        /// The parts of products that the alerts come from.
        AlertProductComponentName = "AlertProductComponentName",
        /// The vendors of the products.
        AlertVendorName = "AlertVendorName",
        /// The tactics of the alerts.
        AlertTactics = "AlertTactics",
        /// The techniques of the alerts.
        AlertTechniques = "AlertTechniques",
    }
}

/// Where the values of a property come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A property of the incident, its alerts or the change.
    Incident,
    /// A property (V3 name) of the entities of a kind.
    Entity(EntityKind, &'static str),
}

impl Property {
    /// Whether `Contains` asks for a whole member (ids, products, tactics) and not for part of a text.
    pub const fn is_set_of_names(self) -> bool {
        self.is_set_of_ids()
            || matches!(
                self,
                Self::IncidentTactics
                    | Self::AlertProductNames
                    | Self::IncidentTechniques
                    | Self::AlertTactics
                    | Self::AlertTechniques
            )
    }

    /// Whether Riposte adds it to Sentinel's: it can be used in the extension of a rule alone.
    pub const fn is_extended(self) -> bool {
        self as usize >= Self::IncidentOwner as usize
    }

    /// Whether it is a property of incidents alone, so that an alert by itself has none of it.
    pub const fn is_of_incident(self) -> bool {
        matches!(
            self,
            Self::IncidentTitle
                | Self::IncidentDescription
                | Self::IncidentSeverity
                | Self::IncidentStatus
                | Self::IncidentRelatedAnalyticRuleIds
                | Self::IncidentTactics
                | Self::IncidentLabel
                | Self::IncidentProviderName
                | Self::IncidentUpdatedBySource
                | Self::IncidentOwner
                | Self::IncidentOwnerAssignedTo
                | Self::IncidentOwnerEmail
                | Self::IncidentOwnerUserPrincipalName
                | Self::IncidentOwnerObjectId
                | Self::IncidentClassification
                | Self::IncidentClassificationReason
                | Self::IncidentTechniques
                | Self::IncidentNumber
                | Self::CommentCount
                | Self::TaskCount
                | Self::LabelCount
        )
    }

    /// Whether its values are ids of analytics rules, which may be given in full or by their last segment.
    pub(crate) const fn is_set_of_ids(self) -> bool {
        matches!(
            self,
            Self::IncidentRelatedAnalyticRuleIds
                | Self::AlertAnalyticRuleIds
                | Self::IncidentCustomDetectionRuleIds
        )
    }

    /// Whether its values are ids of the workspace's analytics rules.
    pub(crate) const fn is_set_of_analytics_rules(self) -> bool {
        matches!(self, Self::IncidentRelatedAnalyticRuleIds | Self::AlertAnalyticRuleIds)
    }

    pub(crate) const fn source(self) -> Source {
        use EntityKind as K;
        let (kind, name) = match self {
            Self::AccountAadTenantId => (K::Account, "AadTenantId"),
            Self::AccountAadUserId => (K::Account, "AadUserId"),
            Self::AccountName => (K::Account, "Name"),
            Self::AccountNTDomain => (K::Account, "NTDomain"),
            Self::AccountPUID => (K::Account, "PUID"),
            Self::AccountSid => (K::Account, "Sid"),
            Self::AccountObjectGuid => (K::Account, "ObjectGuid"),
            Self::AccountUPNSuffix => (K::Account, "UPNSuffix"),
            Self::AzureResourceResourceId => (K::AzureResource, "ResourceId"),
            Self::AzureResourceSubscriptionId => (K::AzureResource, "SubscriptionId"),
            Self::CloudApplicationAppId => (K::CloudApplication, "AppId"),
            Self::CloudApplicationAppName => (K::CloudApplication, "Name"),
            Self::DNSDomainName => (K::DnsResolution, "DomainName"),
            Self::FileDirectory => (K::File, "Directory"),
            Self::FileName => (K::File, "Name"),
            Self::FileHashValue => (K::FileHash, "Value"),
            Self::HostAzureID => (K::Host, "AzureID"),
            Self::HostName => (K::Host, "HostName"),
            Self::HostNetBiosName => (K::Host, "NetBiosName"),
            Self::HostNTDomain => (K::Host, "NTDomain"),
            Self::HostOSVersion => (K::Host, "OSVersion"),
            Self::IoTDeviceId => (K::IoTDevice, "DeviceId"),
            Self::IoTDeviceName => (K::IoTDevice, "DeviceName"),
            Self::IoTDeviceType => (K::IoTDevice, "DeviceType"),
            Self::IoTDeviceVendor => (K::IoTDevice, "Manufacturer"),
            Self::IoTDeviceModel => (K::IoTDevice, "Model"),
            Self::IoTDeviceOperatingSystem => (K::IoTDevice, "OperatingSystem"),
            Self::IPAddress => (K::Ip, "Address"),
            Self::MailboxDisplayName => (K::Mailbox, "DisplayName"),
            Self::MailboxPrimaryAddress => (K::Mailbox, "MailboxPrimaryAddress"),
            Self::MailboxUPN => (K::Mailbox, "Upn"),
            Self::MailMessageDeliveryAction => (K::MailMessage, "DeliveryAction"),
            Self::MailMessageDeliveryLocation => (K::MailMessage, "DeliveryLocation"),
            Self::MailMessageRecipient => (K::MailMessage, "Recipient"),
            Self::MailMessageSenderIP => (K::MailMessage, "SenderIP"),
            Self::MailMessageSubject => (K::MailMessage, "Subject"),
            Self::MailMessageP1Sender => (K::MailMessage, "P1Sender"),
            Self::MailMessageP2Sender => (K::MailMessage, "P2Sender"),
            Self::MalwareCategory => (K::Malware, "Category"),
            Self::MalwareName => (K::Malware, "Name"),
            Self::ProcessCommandLine => (K::Process, "CommandLine"),
            Self::ProcessId => (K::Process, "ProcessId"),
            Self::RegistryKey => (K::RegistryKey, "Key"),
            Self::RegistryValueData => (K::RegistryValue, "Value"),
            Self::Url => (K::Url, "Url"),
            _ => return Source::Incident,
        };
        Source::Entity(kind, name)
    }
}
