//! Evidence of Graph's alerts as entities in the V3 form: one table from the type of evidence to what reads it. A type
//! that the table does not know becomes an entity of a kind of its own, so that nothing that a provider told is lost.
//!
//! Files, processes and registry values name the device that they were seen on (`mdeDeviceId`); where the alert has
//! the device itself, their entities refer to it.

use super::plain::{
    account, azure_resource, cloud_application, file_hash, generic, host, ip, is_telling, mail_cluster,
    mail_message, mailbox, picked, security_group, service_principal, submission_mail, text,
};
use riposte_value::{Object, Text, Value};

/// How deep evidence within evidence is followed.
const DEPTH_MAX: usize = 8;

/// Reads one piece of evidence into the properties of an entity.
type Reader = fn(&mut Maker, &Value, usize) -> Object;

/// The type of evidence, the V3 type of the entity, and what reads it.
const KINDS: &[(&str, &str, Reader)] = &[
    ("userEvidence", "account", |_, e, _| account(e.get_ignore_case("userAccount").unwrap_or(e))),
    ("servicePrincipalEvidence", "account", |_, e, _| service_principal(e)),
    ("deviceEvidence", "host", |_, e, _| host(e)),
    ("ipEvidence", "ip", |_, e, _| ip(e)),
    ("urlEvidence", "url", |_, e, _| picked(e, &[("url", "Url")])),
    ("fileHashEvidence", "filehash", |_, e, _| file_hash(e)),
    ("fileEvidence", "file", Maker::file_evidence),
    ("processEvidence", "process", Maker::process),
    ("analyzedMessageEvidence", "mail-message", |_, e, _| mail_message(e)),
    ("mailClusterEvidence", "mail-cluster", |_, e, _| mail_cluster(e)),
    ("mailboxEvidence", "mailbox", |_, e, _| mailbox(e)),
    ("mailboxConfigurationEvidence", "mailbox", |_, e, _| mailbox(e)),
    ("submissionMailEvidence", "SubmissionMail", |_, e, _| submission_mail(e)),
    ("azureResourceEvidence", "azure-resource", |_, e, _| azure_resource(e)),
    ("cloudApplicationEvidence", "cloud-application", |_, e, _| cloud_application(e)),
    ("oauthApplicationEvidence", "cloud-application", |_, e, _| cloud_application(e)),
    ("dnsEvidence", "dns", Maker::dns),
    ("registryKeyEvidence", "registry-key", |_, e, _| registry_key(e)),
    ("registryValueEvidence", "registry-value", Maker::registry_value),
    ("securityGroupEvidence", "security-group", |_, e, _| security_group(e)),
    ("malwareEvidence", "malware", Maker::malware),
    ("ioTDeviceEvidence", "iotdevice", Maker::iot_device),
];

/// What of any evidence stands beside the entity's own properties.
const COMMON: &[(&str, &str)] =
    &[("roles", "Roles"), ("verdict", "Verdict"), ("remediationStatus", "RemediationStatus")];

/// The entities of an alert's evidence as a V3 list; null where there are none.
pub(super) fn entities(evidence: &[Value]) -> Value {
    let mut maker = Maker::default();
    let places: Vec<Text> = evidence.iter().map(|_| maker.next_id()).collect();
    let is_device =
        |item: &Value| kind_of(item).is_some_and(|kind| kind.eq_ignore_ascii_case("deviceEvidence"));
    maker.devices = evidence
        .iter()
        .zip(&places)
        .filter(|(item, _)| is_device(item))
        .filter_map(|(item, id)| Some((text(item, "mdeDeviceId")?, id.clone())))
        .collect();
    let made = evidence.iter().zip(places).filter_map(|(item, id)| {
        let mut entity = maker.entity(item, id, DEPTH_MAX)?;
        entity.extend(picked(item, COMMON));
        Some(Value::from(entity))
    });
    let made: Vec<Value> = made.collect();
    if made.is_empty() { Value::Null } else { Value::array(made) }
}

/// What names the first account, mailbox or host that the evidence calls compromised or attacked.
pub(super) fn compromised(evidence: &[Value]) -> Option<Text> {
    let is_hit = |item: &&Value| {
        let roles = item.get_ignore_case("roles").and_then(Value::as_array).unwrap_or_default();
        roles.iter().filter_map(Value::as_str).any(|role| matches!(role, "compromised" | "attacked"))
    };
    evidence.iter().filter(is_hit).find_map(|item| {
        let user = item.get_ignore_case("userAccount").filter(|user| !user.is_null()).unwrap_or(item);
        let names = ["userPrincipalName", "accountName", "deviceDnsName", "hostName", "primaryAddress"];
        names.iter().find_map(|name| text(user, name))
    })
}

/// The type of a piece of evidence: `ipEvidence` of `#microsoft.graph.security.ipEvidence`.
fn kind_of(item: &Value) -> Option<&str> {
    let kind = item.get_ignore_case("@odata.type").and_then(Value::as_str)?;
    kind.rsplit('.').next().filter(|kind| !kind.is_empty())
}

/// What the reading of one alert shares.
#[derive(Default)]
struct Maker {
    /// The `mdeDeviceId` of each device among the evidence, and the `$id` of its entity.
    devices: Vec<(Text, Text)>,
    ids: u32,
}

impl Maker {
    fn next_id(&mut self) -> Text {
        self.ids = self.ids.saturating_add(1);
        Text::from(self.ids.to_string())
    }

    /// The entity of a piece of evidence; none of what does not say what it is.
    fn entity(&mut self, item: &Value, id: Text, depth: usize) -> Option<Object> {
        let kind = kind_of(item)?;
        let depth = depth.checked_sub(1)?;
        Some(match KINDS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(kind)) {
            Some((_, v3, read)) => {
                let properties = read(self, item, depth);
                headed(id, v3, properties)
            }
            None => {
                let mut inner = |value: &Value| self.inner(value, depth);
                let properties = generic(item, &mut inner);
                headed(id, &kebab(kind.strip_suffix("Evidence").unwrap_or(kind)), properties)
            }
        })
    }

    /// The entity that a property of evidence holds, if it is evidence.
    fn inner(&mut self, value: &Value, depth: usize) -> Option<Value> {
        kind_of(value)?;
        let id = self.next_id();
        self.entity(value, id, depth).map(Value::from)
    }

    /// An entity within another one.
    fn nested(&mut self, kind: &str, properties: Object) -> Option<Value> {
        if properties.is_empty() {
            return None;
        }
        Some(Value::from(headed(self.next_id(), kind, properties)))
    }

    /// The evidence that a property holds, read as `kind` whether it says its type or not.
    fn part(&mut self, item: &Value, name: &str, kind: &str, depth: usize) -> Option<Value> {
        let value = item.get_ignore_case(name).filter(|value| value.as_object().is_some())?;
        let (_, v3, read) = KINDS.iter().find(|(known, ..)| *known == kind)?;
        let properties = read(self, value, depth.checked_sub(1)?);
        self.nested(v3, properties)
    }

    /// As [`Self::part`], of a property that holds a list.
    fn parts(&mut self, item: &Value, name: &str, kind: &str, depth: usize) -> Option<Value> {
        let (_, v3, read) = KINDS.iter().find(|(known, ..)| *known == kind)?;
        let depth = depth.checked_sub(1)?;
        let items = item.get_ignore_case(name).and_then(Value::as_array)?;
        let made: Vec<Value> = items
            .iter()
            .filter_map(|value| {
                let properties = read(self, value, depth);
                self.nested(v3, properties)
            })
            .collect();
        (!made.is_empty()).then(|| Value::array(made))
    }

    /// A reference to the device that evidence was seen on.
    fn device(&self, item: &Value) -> Option<Value> {
        let device = text(item, "mdeDeviceId")?;
        let (_, id) = self.devices.iter().find(|(known, _)| known.eq_ignore_ascii_case(&device))?;
        Some(Value::object([("$ref", Value::from(id))]))
    }

    fn file_evidence(&mut self, item: &Value, _depth: usize) -> Object {
        let details =
            item.get_ignore_case("fileDetails").filter(|details| !details.is_null()).unwrap_or(item);
        let mut file = self.file(details);
        put(&mut file, "Host", self.device(item));
        file
    }

    /// A file of its `fileDetails`.
    fn file(&mut self, details: &Value) -> Object {
        let names = [("fileName", "Name"), ("filePath", "Directory"), ("fileSize", "SizeInBytes")];
        let mut file = picked(details, &names);
        let hashes = [("md5", "MD5"), ("sha1", "SHA1"), ("sha256", "SHA256"), ("sha256Ac", "SHA256AC")];
        let made: Vec<Value> = hashes
            .iter()
            .filter_map(|(name, algorithm)| {
                let mut hash = Object::with_capacity(4);
                hash.insert("Algorithm", *algorithm);
                hash.insert("Value", text(details, name)?);
                self.nested("filehash", hash)
            })
            .collect();
        put(&mut file, "FileHashes", (!made.is_empty()).then(|| Value::array(made)));
        file
    }

    fn process(&mut self, item: &Value, _depth: usize) -> Object {
        let mut process = picked(
            item,
            &[
                ("processId", "ProcessId"),
                ("processCommandLine", "CommandLine"),
                ("processCreationDateTime", "CreationTimeUtc"),
            ],
        );
        as_text(&mut process, "ProcessId");
        let image = self.image(item, "imageFile");
        put(&mut process, "ImageFile", image);
        let mut parent = picked(
            item,
            &[("parentProcessId", "ProcessId"), ("parentProcessCreationDateTime", "CreationTimeUtc")],
        );
        as_text(&mut parent, "ProcessId");
        let image = self.image(item, "parentProcessImageFile");
        put(&mut parent, "ImageFile", image);
        let parent = self.nested("process", parent);
        put(&mut process, "ParentProcess", parent);
        let user = item.get_ignore_case("userAccount").map(account).unwrap_or_default();
        let user = self.nested("account", user);
        put(&mut process, "Account", user);
        put(&mut process, "Host", self.device(item));
        process
    }

    fn image(&mut self, item: &Value, name: &str) -> Option<Value> {
        let details = item.get_ignore_case(name).filter(|details| details.as_object().is_some())?;
        let file = self.file(details);
        self.nested("file", file)
    }

    fn dns(&mut self, item: &Value, depth: usize) -> Object {
        let mut dns = picked(item, &[("domainName", "DomainName")]);
        put(&mut dns, "IpAddress", self.parts(item, "ipAddresses", "ipEvidence", depth));
        put(&mut dns, "DnsServerIp", self.part(item, "dnsServerIp", "ipEvidence", depth));
        put(&mut dns, "HostIpAddress", self.part(item, "hostIpAddress", "ipEvidence", depth));
        dns
    }

    fn registry_value(&mut self, item: &Value, _depth: usize) -> Object {
        let mut value = picked(
            item,
            &[("registryValueName", "Name"), ("registryValue", "Value"), ("registryValueType", "ValueType")],
        );
        let key = self.nested("registry-key", registry_key(item));
        put(&mut value, "Key", key);
        put(&mut value, "Host", self.device(item));
        value
    }

    fn malware(&mut self, item: &Value, depth: usize) -> Object {
        let mut malware = picked(item, &[("name", "Name"), ("category", "Category")]);
        put(&mut malware, "Files", self.parts(item, "files", "fileEvidence", depth));
        put(&mut malware, "Processes", self.parts(item, "processes", "processEvidence", depth));
        malware
    }

    fn iot_device(&mut self, item: &Value, depth: usize) -> Object {
        let names = [
            ("deviceId", "DeviceId"),
            ("deviceName", "DeviceName"),
            ("source", "Source"),
            ("ioTSecurityAgentId", "IoTSecurityAgentId"),
            ("deviceType", "DeviceType"),
            ("manufacturer", "Manufacturer"),
            ("macAddress", "MacAddress"),
            ("model", "Model"),
            ("serialNumber", "SerialNumber"),
            ("operatingSystem", "OperatingSystem"),
            ("protocols", "Protocols"),
            ("importance", "Importance"),
            ("purdueLayer", "PurdueLayer"),
            ("site", "Site"),
            ("zone", "Zone"),
        ];
        let mut device = picked(item, &names);
        put(&mut device, "IoTHub", self.part(item, "ioTHub", "azureResourceEvidence", depth));
        put(&mut device, "IpAddress", self.part(item, "ipAddress", "ipEvidence", depth));
        device
    }
}

fn registry_key(item: &Value) -> Object {
    picked(item, &[("registryHive", "Hive"), ("registryKey", "Key")])
}

/// The properties behind an entity's `$id` and `Type`.
fn headed(id: Text, kind: &str, properties: Object) -> Object {
    let mut entity = Object::with_capacity(properties.len() + 2);
    entity.insert(Text::new_static("$id"), id);
    entity.extend(properties.into_iter().filter(|(_, value)| is_telling(value)));
    entity.insert(Text::new_static("Type"), kind);
    entity
}

fn put(into: &mut Object, name: &'static str, value: Option<Value>) {
    crate::json::put_some(into, name, value);
}

/// Numbers that are texts in the V3 form.
fn as_text(object: &mut Object, name: &str) {
    if let Some(number @ Value::Int(_)) = object.get(name) {
        let text = Value::from(number.to_string());
        object.insert(Text::new(name), text);
    }
}

/// `amazonResource` as `amazon-resource`.
fn kebab(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (at, c) in name.chars().enumerate() {
        if c.is_uppercase() && at > 0 {
            text.push('-');
        }
        text.extend(c.to_lowercase());
    }
    text
}
