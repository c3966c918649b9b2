//! Evidence that holds no other evidence: which of its properties are which of the entity's.

use crate::alert::scalar_text;
use riposte_value::{Object, Text, Value};

/// The text of a property that says something.
pub(super) fn text(item: &Value, name: &str) -> Option<Text> {
    let value = item.get_ignore_case(name).filter(|value| is_telling(value))?;
    scalar_text(value)
}

/// Whether a value says something: null, empty text, empty lists and `unknown` do not.
pub(super) fn is_telling(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => {
            !(text.trim().is_empty()
                || text.eq_ignore_ascii_case("unknown")
                || text.eq_ignore_ascii_case("unknownFutureValue"))
        }
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

/// Properties under other names, those that say something.
pub(super) fn picked(item: &Value, names: &[(&'static str, &'static str)]) -> Object {
    let mut object = Object::with_capacity(names.len());
    for (name, here) in names {
        if let Some(value) = item.get_ignore_case(name).filter(|value| is_telling(value)) {
            object.insert(Text::new_static(here), value.clone());
        }
    }
    object
}

/// A `userAccount`. The domain of the user principal name is the account's suffix; where its first part is not the
/// account's name, the whole is kept beside it.
pub(super) fn account(user: &Value) -> Object {
    let mut account = picked(
        user,
        &[
            ("accountName", "Name"),
            ("domainName", "NTDomain"),
            ("userSid", "Sid"),
            ("azureAdUserId", "AadUserId"),
            ("activeDirectoryObjectGuid", "ObjectGuid"),
            ("displayName", "DisplayName"),
            ("userPrincipalName", "UserPrincipalName"),
        ],
    );
    if let Some((name, suffix)) =
        text(user, "userPrincipalName").as_deref().and_then(|upn| upn.rsplit_once('@'))
    {
        let known = account.get("Name").and_then(Value::as_str);
        if known.is_none_or(|known| crate::text::same(known, name)) {
            account.insert(Text::new_static("Name"), name);
            account.insert(Text::new_static("UPNSuffix"), suffix);
        }
    }
    account
}

pub(super) fn service_principal(item: &Value) -> Object {
    picked(
        item,
        &[
            ("servicePrincipalName", "Name"),
            ("servicePrincipalObjectId", "AadUserId"),
            ("tenantId", "AadTenantId"),
            ("appId", "AppId"),
            ("servicePrincipalType", "ServicePrincipalType"),
        ],
    )
}

/// A device. Its name is the `hostName`, else the first label of its DNS name.
pub(super) fn host(item: &Value) -> Object {
    let mut host = picked(
        item,
        &[
            ("hostName", "HostName"),
            ("dnsDomain", "DnsDomain"),
            ("ntDomain", "NTDomain"),
            ("mdeDeviceId", "MdatpDeviceId"),
            ("azureAdDeviceId", "AadDeviceId"),
            ("osPlatform", "OSVersion"),
            ("deviceDnsName", "FQDN"),
            ("lastIpAddress", "LastIpAddress"),
            ("lastExternalIpAddress", "LastExternalIpAddress"),
            ("healthStatus", "HealthStatus"),
            ("riskScore", "RiskScore"),
            ("rbacGroupName", "RbacGroupName"),
        ],
    );
    let dns_name = text(item, "deviceDnsName").unwrap_or_default();
    let (label, domain) = dns_name.split_once('.').unwrap_or((&dns_name, ""));
    for (name, value) in [("HostName", label), ("DnsDomain", domain)] {
        if !value.is_empty() && !host.contains_key(name) {
            host.insert(Text::new_static(name), value);
        }
    }
    let platform = text(item, "osPlatform").unwrap_or_default();
    if let Some(version) = text(item, "version").filter(|version| !version.eq_ignore_ascii_case("other")) {
        let version = format!("{platform} {version}");
        host.insert(Text::new_static("OSVersion"), version.trim());
    }
    let plain = platform.to_ascii_lowercase();
    let family =
        [("windows", "Windows"), ("linux", "Linux"), ("android", "Android"), ("ios", "IOS"), ("mac", "Mac")]
            .into_iter()
            .find(|(beginning, _)| plain.starts_with(beginning));
    if let Some((_, family)) = family {
        host.insert(Text::new_static("OSFamily"), family);
    }
    if let Some(machine) = item.get_ignore_case("vmMetadata").and_then(|machine| text(machine, "resourceId"))
    {
        host.insert(Text::new_static("AzureID"), machine);
    }
    host
}

pub(super) fn ip(item: &Value) -> Object {
    let mut ip = picked(item, &[("ipAddress", "Address")]);
    let mut location = picked(item, &[("countryLetterCode", "CountryCode")]);
    if let Some(place) = item.get_ignore_case("location") {
        let names = [
            ("countryName", "CountryName"),
            ("state", "State"),
            ("city", "City"),
            ("latitude", "Latitude"),
            ("longitude", "Longitude"),
        ];
        location.extend(picked(place, &names));
    }
    if !location.is_empty() {
        ip.insert(Text::new_static("Location"), location);
    }
    ip
}

/// The algorithm as the V3 form spells it: `SHA256`.
pub(super) fn file_hash(item: &Value) -> Object {
    let mut hash = picked(item, &[("value", "Value")]);
    if let Some(algorithm) = text(item, "algorithm") {
        hash.insert(Text::new_static("Algorithm"), algorithm.to_ascii_uppercase());
    }
    hash
}

pub(super) fn mail_message(item: &Value) -> Object {
    let mut mail = picked(
        item,
        &[
            ("recipientEmailAddress", "Recipient"),
            ("urls", "Urls"),
            ("threats", "Threats"),
            ("senderIp", "SenderIP"),
            ("receivedDateTime", "ReceivedDate"),
            ("networkMessageId", "NetworkMessageId"),
            ("internetMessageId", "InternetMessageId"),
            ("subject", "Subject"),
            ("language", "Language"),
            ("threatDetectionMethods", "ThreatDetectionMethods"),
            ("antiSpamDirection", "AntispamDirection"),
            ("deliveryAction", "DeliveryAction"),
            ("deliveryLocation", "DeliveryLocation"),
            ("urn", "Urn"),
        ],
    );
    let senders: [(&str, &[(&'static str, &'static str)]); 2] = [
        (
            "p1Sender",
            &[
                ("emailAddress", "P1Sender"),
                ("displayName", "P1SenderDisplayName"),
                ("domainName", "P1SenderDomain"),
            ],
        ),
        (
            "p2Sender",
            &[
                ("emailAddress", "P2Sender"),
                ("displayName", "P2SenderDisplayName"),
                ("domainName", "P2SenderDomain"),
            ],
        ),
    ];
    for (sender, names) in senders {
        if let Some(sender) = item.get_ignore_case(sender) {
            mail.extend(picked(sender, names));
        }
    }
    mail
}

pub(super) fn mail_cluster(item: &Value) -> Object {
    picked(
        item,
        &[
            ("networkMessageIds", "NetworkMessageIds"),
            ("query", "Query"),
            ("emailCount", "MailCount"),
            ("clusterBy", "ClusterSourceType"),
            ("clusterByValue", "ClusterSourceIdentifier"),
            ("urn", "Urn"),
        ],
    )
}

pub(super) fn mailbox(item: &Value) -> Object {
    let mut mailbox = picked(
        item,
        &[
            ("primaryAddress", "MailboxPrimaryAddress"),
            ("mailboxPrimaryAddress", "MailboxPrimaryAddress"),
            ("displayName", "DisplayName"),
            ("upn", "Upn"),
            ("externalDirectoryObjectId", "ExternalDirectoryObjectId"),
        ],
    );
    let user = item.get_ignore_case("userAccount").and_then(|user| text(user, "azureAdUserId"));
    if let Some(user) = user
        && !mailbox.contains_key("ExternalDirectoryObjectId")
    {
        mailbox.insert(Text::new_static("ExternalDirectoryObjectId"), user);
    }
    mailbox
}

pub(super) fn submission_mail(item: &Value) -> Object {
    picked(
        item,
        &[
            ("networkMessageId", "NetworkMessageId"),
            ("submissionId", "SubmissionId"),
            ("submitter", "Submitter"),
            ("submissionDateTime", "SubmissionDate"),
            ("recipient", "Recipient"),
            ("sender", "Sender"),
            ("senderIp", "SenderIp"),
            ("subject", "Subject"),
            ("reportType", "ReportType"),
        ],
    )
}

pub(super) fn azure_resource(item: &Value) -> Object {
    let names =
        [("resourceId", "ResourceId"), ("resourceName", "ResourceName"), ("resourceType", "ResourceType")];
    let mut resource = picked(item, &names);
    let id = text(item, "resourceId").unwrap_or_default();
    let mut segments = id.split('/');
    let subscription =
        segments.find(|segment| segment.eq_ignore_ascii_case("subscriptions")).and_then(|_| segments.next());
    if let Some(subscription) = subscription.filter(|subscription| !subscription.is_empty()) {
        resource.insert(Text::new_static("SubscriptionId"), subscription);
    }
    resource
}

pub(super) fn cloud_application(item: &Value) -> Object {
    picked(
        item,
        &[
            ("appId", "AppId"),
            ("displayName", "Name"),
            ("instanceName", "InstanceName"),
            ("instanceId", "InstanceId"),
            ("saasAppId", "SaasId"),
            ("objectId", "ObjectId"),
            ("publisher", "Publisher"),
        ],
    )
}

pub(super) fn security_group(item: &Value) -> Object {
    picked(
        item,
        &[
            ("distinguishedName", "DistinguishedName"),
            ("sid", "SID"),
            ("activeDirectoryObjectGuid", "ObjectGuid"),
            ("securityGroupId", "ObjectGuid"),
            ("displayName", "DisplayName"),
            ("friendlyName", "FriendlyName"),
        ],
    )
}

/// What every piece of evidence tells, and no entity.
const ENVELOPE: [&str; 8] = [
    "createdDateTime",
    "detailedRoles",
    "remediationStatus",
    "remediationStatusDetails",
    "roles",
    "tags",
    "verdict",
    "@odata.type",
];

/// Evidence of a type that the table does not know: its properties in Pascal case. `inner` makes entities of evidence
/// within it.
pub(super) fn generic(item: &Value, inner: &mut dyn FnMut(&Value) -> Option<Value>) -> Object {
    let mut entity = Object::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        if !is_telling(value)
            || name.contains("@odata.")
            || ENVELOPE.iter().any(|known| known.eq_ignore_ascii_case(name))
        {
            continue;
        }
        let value = match value {
            Value::Array(items) => Value::array(
                items.iter().map(|value| inner(value).unwrap_or_else(|| value.clone())).collect::<Vec<_>>(),
            ),
            single => inner(single).unwrap_or_else(|| single.clone()),
        };
        entity.insert(pascal(name), value);
    }
    entity
}

fn pascal(name: &str) -> Text {
    let mut letters = name.chars();
    let first = letters.next().map(char::to_uppercase).into_iter().flatten();
    Text::from(first.chain(letters).collect::<String>())
}
