//! The kinds of entities, as one table: names, properties in both spellings, nested entities, what identifies one.

use riposte_value::Text;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// What an entity is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A user or service account.
    Account,
    /// A machine.
    Host,
    /// An IP address.
    Ip,
    /// A URL.
    Url,
    /// The hash of a file.
    FileHash,
    /// A file.
    File,
    /// A process.
    Process,
    /// A mail.
    MailMessage,
    /// A set of similar mails.
    MailCluster,
    /// A mailbox.
    Mailbox,
    /// A mail that a user reported.
    SubmissionMail,
    /// An Azure resource.
    AzureResource,
    /// A cloud application.
    CloudApplication,
    /// A DNS name with what it resolves to.
    DnsResolution,
    /// A registry key.
    RegistryKey,
    /// A registry value.
    RegistryValue,
    /// A group of accounts.
    SecurityGroup,
    /// Malware.
    Malware,
    /// A device.
    IoTDevice,
    /// A kind that the table does not know, by the name that it came with.
    Other(Text),
}

/// One row of the table.
pub(super) struct Row {
    pub kind: EntityKind,
    /// The REST kind.
    pub name: &'static str,
    /// The V3 `Type`.
    pub v3: &'static str,
    /// ARM name and V3 name of each property.
    pub properties: &'static [(&'static str, &'static str)],
    /// ARM name, V3 name of each nested entity; the ARM name ends in `Ids` for a list.
    pub nested: &'static [(&'static str, &'static str)],
    /// What identifies one: the first list whose properties (V3 names, or nested ones) all have values.
    pub identity: &'static [&'static [&'static str]],
    /// The V3 names whose first value is the friendly name.
    pub friendly: &'static [&'static str],
}

impl EntityKind {
    /// The REST kind: `Account`, `DnsResolution`.
    pub fn as_str(&self) -> &str {
        match self.row() {
            Some(row) => row.name,
            None => match self {
                Self::Other(name) => name,
                _ => "",
            },
        }
    }

    /// The V3 `Type`: `account`, `dns`.
    pub fn v3(&self) -> &str {
        self.row().map_or_else(|| self.as_str(), |row| row.v3)
    }

    /// The kind that a REST kind, a V3 type or a class name of the connector (`IP`, `UrlEntity`, `DNS`) names,
    /// without regard to case and punctuation.
    pub fn parse(name: &str) -> Self {
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        let plain = if plain == "urlentity" { "url" } else { plain.as_str() };
        let bare = |text: &str| text.replace('-', "").to_lowercase();
        let row = ROWS.iter().find(|row| bare(row.name) == plain || bare(row.v3) == plain);
        row.map_or_else(|| Self::Other(Text::new(name)), |row| row.kind.clone())
    }

    /// The names by which a query's columns can describe one: its properties by V3 names, and `FullName` where one
    /// text can hold several of them.
    pub fn identifiers(&self) -> Vec<&'static str> {
        let row = self.row();
        let own = row.into_iter().flat_map(|row| row.properties.iter().map(|(_, v3)| *v3));
        let more = row.into_iter().flat_map(|row| row.identity.concat());
        let nested = |name: &&str| row.is_some_and(|row| row.nested.iter().any(|(_, v3)| v3 == name));
        let mut names: Vec<&'static str> = own.chain(more.filter(|name| !nested(name))).collect();
        names.extend(match self {
            Self::Account | Self::Host => &["FullName"][..],
            Self::MailMessage => &["Sender"],
            Self::Mailbox => &["RiskLevel"],
            _ => &[],
        });
        names
    }

    /// Whether a property, by its V3 name, identifies or names one, and so is a text.
    pub(super) fn is_identified_by(&self, name: &str) -> bool {
        self.row().is_some_and(|row| {
            let is_nested = row.nested.iter().any(|(_, v3)| v3.eq_ignore_ascii_case(name));
            let names = row.identity.iter().copied().flatten().chain(row.friendly);
            !is_nested && names.into_iter().any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    pub(super) fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.kind == *self)
    }
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EntityKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EntityKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Text::deserialize(deserializer)?))
    }
}

/// What the nested entity of a property is called in the V3 form, for a name of the ARM form, and whether it is a list.
pub(super) fn nested_of_arm(row: Option<&Row>, arm: &str) -> Option<(&'static str, bool)> {
    let found = row?.nested.iter().find(|(name, _)| name.eq_ignore_ascii_case(arm))?;
    Some((found.1, found.0.ends_with("Ids")))
}

static ROWS: &[Row] = &[
    Row {
        kind: EntityKind::Account,
        name: "Account",
        v3: "account",
        properties: &[
            ("accountName", "Name"),
            ("ntDomain", "NTDomain"),
            ("dnsDomain", "DnsDomain"),
            ("upnSuffix", "UPNSuffix"),
            ("sid", "Sid"),
            ("aadTenantId", "AadTenantId"),
            ("aadUserId", "AadUserId"),
            ("puid", "PUID"),
            ("isDomainJoined", "IsDomainJoined"),
            ("objectGuid", "ObjectGuid"),
            ("displayName", "DisplayName"),
        ],
        nested: &[("hostEntityId", "Host")],
        identity: &[
            &["AadUserId"],
            &["ObjectGuid"],
            &["PUID"],
            &["Sid", "Host"],
            &["Sid"],
            &["Name", "UPNSuffix"],
            &["Name", "NTDomain"],
            &["Name", "DnsDomain"],
            &["Name", "Host"],
            &["Name"],
            &["DisplayName"],
        ],
        friendly: &["Name", "DisplayName", "AadUserId", "Sid", "ObjectGuid", "PUID"],
    },
    Row {
        kind: EntityKind::Host,
        name: "Host",
        v3: "host",
        properties: &[
            ("dnsDomain", "DnsDomain"),
            ("ntDomain", "NTDomain"),
            ("hostName", "HostName"),
            ("netBiosName", "NetBiosName"),
            ("azureID", "AzureID"),
            ("omsAgentID", "OMSAgentID"),
            ("osFamily", "OSFamily"),
            ("osVersion", "OSVersion"),
            ("isDomainJoined", "IsDomainJoined"),
        ],
        nested: &[],
        identity: &[
            &["AzureID"],
            &["OMSAgentID"],
            &["MdatpDeviceId"],
            &["HostName", "DnsDomain"],
            &["HostName", "NTDomain"],
            &["NetBiosName", "DnsDomain"],
            &["NetBiosName", "NTDomain"],
            &["HostName"],
            &["NetBiosName"],
            &["FQDN"],
        ],
        friendly: &["HostName", "NetBiosName", "FQDN", "AzureID", "OMSAgentID"],
    },
    Row {
        kind: EntityKind::Ip,
        name: "Ip",
        v3: "ip",
        properties: &[
            ("address", "Address"),
            ("location", "Location"),
            ("threatIntelligence", "ThreatIntelligence"),
        ],
        nested: &[],
        identity: &[&["Address", "AddressScope"], &["Address"]],
        friendly: &["Address"],
    },
    Row {
        kind: EntityKind::Url,
        name: "Url",
        v3: "url",
        properties: &[("url", "Url")],
        nested: &[],
        identity: &[&["Url"]],
        friendly: &["Url"],
    },
    Row {
        kind: EntityKind::FileHash,
        name: "FileHash",
        v3: "filehash",
        properties: &[("hashValue", "Value"), ("algorithm", "Algorithm")],
        nested: &[],
        identity: &[&["Value", "Algorithm"], &["Value"]],
        friendly: &["Value"],
    },
    Row {
        kind: EntityKind::File,
        name: "File",
        v3: "file",
        properties: &[("fileName", "Name"), ("directory", "Directory")],
        nested: &[("fileHashEntityIds", "FileHashes"), ("hostEntityId", "Host")],
        identity: &[
            &["Name", "Directory", "Host"],
            &["Name", "Directory"],
            &["Name", "FileHashes"],
            &["Name"],
            &["FileHashes"],
        ],
        friendly: &["Name"],
    },
    Row {
        kind: EntityKind::Process,
        name: "Process",
        v3: "process",
        properties: &[
            ("processId", "ProcessId"),
            ("commandLine", "CommandLine"),
            ("creationTimeUtc", "CreationTimeUtc"),
            ("elevationToken", "ElevationToken"),
        ],
        nested: &[
            ("imageFileEntityId", "ImageFile"),
            ("parentProcessEntityId", "ParentProcess"),
            ("accountEntityId", "Account"),
            ("hostEntityId", "Host"),
            ("hostLogonSessionEntityId", "LogonSession"),
        ],
        identity: &[
            &["ProcessId", "CreationTimeUtc", "Host"],
            &["ProcessId", "CommandLine", "Host"],
            &["ProcessId", "CreationTimeUtc", "CommandLine"],
            &["ProcessId", "CommandLine"],
            &["ProcessId", "ImageFile"],
            &["CommandLine"],
            &["ProcessId"],
        ],
        friendly: &["CommandLine", "ProcessId"],
    },
    Row {
        kind: EntityKind::MailMessage,
        name: "MailMessage",
        v3: "mail-message",
        properties: &[
            ("recipient", "Recipient"),
            ("urls", "Urls"),
            ("threats", "Threats"),
            ("p1Sender", "P1Sender"),
            ("p1SenderDisplayName", "P1SenderDisplayName"),
            ("p1SenderDomain", "P1SenderDomain"),
            ("p2Sender", "P2Sender"),
            ("p2SenderDisplayName", "P2SenderDisplayName"),
            ("p2SenderDomain", "P2SenderDomain"),
            ("senderIP", "SenderIP"),
            ("receiveDate", "ReceivedDate"),
            ("networkMessageId", "NetworkMessageId"),
            ("internetMessageId", "InternetMessageId"),
            ("subject", "Subject"),
            ("language", "Language"),
            ("threatDetectionMethods", "ThreatDetectionMethods"),
            ("bodyFingerprintBin1", "BodyFingerprintBin1"),
            ("bodyFingerprintBin2", "BodyFingerprintBin2"),
            ("bodyFingerprintBin3", "BodyFingerprintBin3"),
            ("bodyFingerprintBin4", "BodyFingerprintBin4"),
            ("bodyFingerprintBin5", "BodyFingerprintBin5"),
            ("antispamDirection", "AntispamDirection"),
            ("deliveryAction", "DeliveryAction"),
            ("deliveryLocation", "DeliveryLocation"),
        ],
        nested: &[("fileEntityIds", "Files")],
        identity: &[
            &["NetworkMessageId", "Recipient"],
            &["NetworkMessageId"],
            &["InternetMessageId", "Recipient"],
            &["InternetMessageId"],
        ],
        friendly: &["Subject", "Recipient", "NetworkMessageId"],
    },
    Row {
        kind: EntityKind::MailCluster,
        name: "MailCluster",
        v3: "mail-cluster",
        properties: &[
            ("networkMessageIds", "NetworkMessageIds"),
            ("countByDeliveryStatus", "CountByDeliveryStatus"),
            ("countByThreatType", "CountByThreatType"),
            ("countByProtectionStatus", "CountByProtectionStatus"),
            ("threats", "Threats"),
            ("query", "Query"),
            ("queryTime", "QueryTime"),
            ("mailCount", "MailCount"),
            ("isVolumeAnomaly", "IsVolumeAnomaly"),
            ("source", "Source"),
            ("clusterSourceIdentifier", "ClusterSourceIdentifier"),
            ("clusterSourceType", "ClusterSourceType"),
            ("clusterQueryStartTime", "ClusterQueryStartTime"),
            ("clusterQueryEndTime", "ClusterQueryEndTime"),
            ("clusterGroup", "ClusterGroup"),
        ],
        nested: &[],
        identity: &[&["Query", "Source"], &["Query"]],
        friendly: &["Query", "Source"],
    },
    Row {
        kind: EntityKind::Mailbox,
        name: "Mailbox",
        v3: "mailbox",
        properties: &[
            ("mailboxPrimaryAddress", "MailboxPrimaryAddress"),
            ("displayName", "DisplayName"),
            ("upn", "Upn"),
            ("externalDirectoryObjectId", "ExternalDirectoryObjectId"),
        ],
        nested: &[],
        identity: &[&["MailboxPrimaryAddress"], &["Upn"], &["ExternalDirectoryObjectId"]],
        friendly: &["DisplayName", "MailboxPrimaryAddress", "Upn"],
    },
    Row {
        kind: EntityKind::SubmissionMail,
        name: "SubmissionMail",
        v3: "SubmissionMail",
        properties: &[
            ("networkMessageId", "NetworkMessageId"),
            ("submissionId", "SubmissionId"),
            ("submitter", "Submitter"),
            ("submissionDate", "SubmissionDate"),
            ("timestamp", "Timestamp"),
            ("recipient", "Recipient"),
            ("sender", "Sender"),
            ("senderIp", "SenderIp"),
            ("subject", "Subject"),
            ("reportType", "ReportType"),
        ],
        nested: &[],
        identity: &[&["SubmissionId"], &["NetworkMessageId", "Submitter"], &["NetworkMessageId"]],
        friendly: &["Subject", "SubmissionId"],
    },
    Row {
        kind: EntityKind::AzureResource,
        name: "AzureResource",
        v3: "azure-resource",
        properties: &[("resourceId", "ResourceId"), ("subscriptionId", "SubscriptionId")],
        nested: &[],
        identity: &[&["ResourceId"]],
        friendly: &["ResourceName", "ResourceId"],
    },
    Row {
        kind: EntityKind::CloudApplication,
        name: "CloudApplication",
        v3: "cloud-application",
        properties: &[("appId", "AppId"), ("appName", "Name"), ("instanceName", "InstanceName")],
        nested: &[],
        identity: &[
            &["AppId", "InstanceName"],
            &["AppId"],
            &["SaasId"],
            &["Name", "InstanceName"],
            &["Name"],
        ],
        friendly: &["Name", "AppId", "SaasId"],
    },
    Row {
        kind: EntityKind::DnsResolution,
        name: "DnsResolution",
        v3: "dns",
        properties: &[("domainName", "DomainName")],
        nested: &[
            ("ipAddressEntityIds", "IpAddress"),
            ("dnsServerIpEntityId", "DnsServerIp"),
            ("hostIpAddressEntityId", "HostIpAddress"),
        ],
        identity: &[&["DomainName"]],
        friendly: &["DomainName"],
    },
    Row {
        kind: EntityKind::RegistryKey,
        name: "RegistryKey",
        v3: "registry-key",
        properties: &[("hive", "Hive"), ("key", "Key")],
        nested: &[],
        identity: &[&["Hive", "Key"], &["Key"]],
        friendly: &["Key", "Hive"],
    },
    Row {
        kind: EntityKind::RegistryValue,
        name: "RegistryValue",
        v3: "registry-value",
        properties: &[("valueName", "Name"), ("valueData", "Value"), ("valueType", "ValueType")],
        nested: &[("keyEntityId", "Key"), ("hostEntityId", "Host")],
        identity: &[&["Key", "Name"], &["Name", "Value"], &["Name"]],
        friendly: &["Name", "Value"],
    },
    Row {
        kind: EntityKind::SecurityGroup,
        name: "SecurityGroup",
        v3: "security-group",
        properties: &[
            ("distinguishedName", "DistinguishedName"),
            ("sid", "SID"),
            ("objectGuid", "ObjectGuid"),
        ],
        nested: &[],
        identity: &[&["ObjectGuid"], &["SID"], &["DistinguishedName"]],
        friendly: &["DistinguishedName", "SID", "ObjectGuid"],
    },
    Row {
        kind: EntityKind::Malware,
        name: "Malware",
        v3: "malware",
        properties: &[("malwareName", "Name"), ("category", "Category")],
        nested: &[("fileEntityIds", "Files"), ("processEntityIds", "Processes")],
        identity: &[&["Name", "Category"], &["Name"]],
        friendly: &["Name", "Category"],
    },
    Row {
        kind: EntityKind::IoTDevice,
        name: "IoTDevice",
        v3: "iotdevice",
        properties: &[
            ("deviceId", "DeviceId"),
            ("deviceName", "DeviceName"),
            ("source", "Source"),
            ("iotSecurityAgentId", "IoTSecurityAgentId"),
            ("deviceType", "DeviceType"),
            ("vendor", "Manufacturer"),
            ("edgeId", "EdgeId"),
            ("macAddress", "MacAddress"),
            ("model", "Model"),
            ("serialNumber", "SerialNumber"),
            ("firmwareVersion", "FirmwareVersion"),
            ("operatingSystem", "OperatingSystem"),
            ("threatIntelligence", "ThreatIntelligence"),
            ("protocols", "Protocols"),
        ],
        nested: &[("iotHubEntityId", "IoTHub"), ("hostEntityId", "Host"), ("ipAddressEntityId", "IpAddress")],
        identity: &[&["IoTHub", "DeviceId"], &["DeviceId"], &["DeviceName"]],
        friendly: &["DeviceName", "DeviceId"],
    },
];
