//! What a run starts from when nobody gives it a trigger: an alert with entities of every kind, and its incident.

use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{
    Actor, ActorKind, Alert, Comment, Entity, EntityKind, Incident, IncidentContext, Task, WorkspaceRef,
    alert_trigger_body, entity_trigger_body, incident_trigger_body, read_entities,
};
use riposte_value::{Object, Text, Value, value};

/// The name of the sample incident.
const INCIDENT: &str = "7f0c1a52-0000-4000-8000-000000000007";

/// An incident and what belongs to it, as far as a run without a server has one.
#[derive(Debug, Clone)]
pub struct World {
    /// Where the incident lies.
    pub workspace: WorkspaceRef,
    /// The incident.
    pub incident: Incident,
    /// Its alerts.
    pub alerts: Vec<Alert>,
    /// Its entities.
    pub entities: Vec<Entity>,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// Its tasks.
    pub tasks: Vec<Task>,
}

impl World {
    /// The sample, as it would stand at a time.
    pub fn sample(at: Timestamp) -> Result<Self, Vec<Diagnostic>> {
        let workspace = WorkspaceRef {
            subscription: "11111111-1111-4111-8111-111111111111".into(),
            resource_group: "sample-rg".into(),
            name: "sample-ws".into(),
            id: "22222222-2222-4222-8222-222222222222".into(),
            tenant: "33333333-3333-4333-8333-333333333333".into(),
        };
        let entities = read_entities(&entities(), &workspace.id);
        let alert = Alert::read(&alert(at))?;
        let incident = Incident::from_alert(INCIDENT, 1, &alert, None, &workspace, at);
        Ok(Self {
            workspace,
            incident,
            alerts: vec![alert],
            entities,
            comments: Vec::new(),
            tasks: Vec::new(),
        })
    }

    /// The incident with everything in it.
    pub fn context(&self) -> IncidentContext<'_> {
        IncidentContext {
            workspace: &self.workspace,
            incident: &self.incident,
            alerts: &self.alerts,
            entities: &self.entities,
            comments: &self.comments,
            bookmarks: &[],
        }
    }

    /// The body of the incident trigger.
    pub fn incident_body(&self) -> Value {
        incident_trigger_body(self.context(), "44444444-4444-4444-8444-444444444444", None)
    }

    /// The body of the alert trigger.
    pub fn alert_body(&self) -> Value {
        self.alerts
            .first()
            .map_or_else(|| Value::from(Object::new()), |alert| alert_trigger_body(alert, &self.workspace))
    }

    /// The body of the entity trigger for a kind as the trigger's path names it (`Account`, `IP`, `UrlEntity`, …).
    pub fn entity_body(&self, kind: &str) -> Value {
        let wanted = kind.to_lowercase();
        let wanted = wanted.strip_suffix("entity").unwrap_or(&wanted);
        let wanted = if wanted == "dns" { "dnsresolution" } else { wanted };
        let fits = |entity: &&Entity| {
            let held = &entity.kind;
            held.as_str().eq_ignore_ascii_case(wanted) || held.v3().eq_ignore_ascii_case(wanted)
        };
        let entity = self.entities.iter().find(fits).or_else(|| self.first(&EntityKind::Ip));
        entity.map_or_else(
            || Value::from(Object::new()),
            |entity| entity_trigger_body(entity, Some(&self.incident), &self.workspace),
        )
    }

    fn first(&self, kind: &EntityKind) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.kind == *kind)
    }

    /// What a file tells of an incident: the ARM resource, with `alerts`, `relatedEntities` and `comments` among its
    /// properties where it has them, or the body of an incident trigger.
    ///
    /// # Errors
    /// What is wrong with the incident.
    pub fn of_incident(value: &Value, at: Timestamp) -> Result<Self, Vec<Diagnostic>> {
        let object = value.get_ignore_case("object").unwrap_or(value);
        let put = riposte_incident::from_arm_put(object)?;
        let properties = object.get_ignore_case("properties").unwrap_or(&Value::Null);
        let text = |name: &str| object.get_ignore_case(name).and_then(Value::as_str);
        let name = text("name").or_else(|| text("id")?.rsplit('/').next()).unwrap_or(INCIDENT);
        let number = properties.get_ignore_case("incidentNumber").and_then(Value::as_i64).unwrap_or(1);
        let mut world = Self::sample(at)?;
        world.adopt_workspace(value.get_ignore_case("workspaceInfo").unwrap_or(&Value::Null));
        let actor = Actor::new(ActorKind::Other, "file");
        world.incident = Incident::create(name, number, &put.patch, &actor, at)?;
        world.entities = read_entities(
            properties.get_ignore_case("relatedEntities").unwrap_or(&Value::Null),
            &world.workspace.id,
        );
        let alerts = properties.get_ignore_case("alerts").and_then(Value::as_array).unwrap_or_default();
        world.alerts = alerts.iter().map(Alert::read).collect::<Result<_, _>>()?;
        for alert in &world.alerts {
            world.incident.add_alert(alert, &world.workspace, &actor, at);
            riposte_incident::merge_entities(
                &mut world.entities,
                read_entities(&alert.entities, &world.workspace.id),
            );
        }
        world.take_over(properties);
        world.incident.revision = 1;
        Ok(world)
    }

    /// What only the service writes of an incident.
    fn take_over(&mut self, properties: &Value) {
        let more = properties.get_ignore_case("additionalData").unwrap_or(&Value::Null);
        let texts = |from: &Value, name: &str| -> Vec<Text> {
            let list = from.get_ignore_case(name).and_then(Value::as_array).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(Text::new).collect()
        };
        let incident = &mut self.incident;
        let lists = [
            (&mut incident.tactics, texts(more, "tactics")),
            (&mut incident.techniques, texts(more, "techniques")),
            (&mut incident.alert_product_names, texts(more, "alertProductNames")),
            (&mut incident.related_analytic_rule_ids, texts(properties, "relatedAnalyticRuleIds")),
        ];
        for (held, told) in lists {
            held.extend(told.into_iter().filter(|text| !text.is_empty()));
            held.dedup();
        }
        if let Some(provider) = properties.get_ignore_case("providerName").and_then(Value::as_str) {
            incident.provider_name = Text::new(provider);
        }
    }

    fn adopt_workspace(&mut self, info: &Value) {
        let place = &mut self.workspace;
        let parts = [
            ("SubscriptionId", &mut place.subscription),
            ("ResourceGroupName", &mut place.resource_group),
            ("WorkspaceName", &mut place.name),
        ];
        for (name, part) in parts {
            if let Some(text) =
                info.get_ignore_case(name).and_then(Value::as_str).filter(|text| !text.is_empty())
            {
                *part = Text::new(text);
            }
        }
    }
}

fn entities() -> Value {
    value!([
        { "$id": "1", "Type": "ip", "Address": "203.0.113.7" },
        { "$id": "2", "Type": "host", "HostName": "web-1", "DnsDomain": "sample.example", "OSFamily": "Windows",
          "AzureID": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/sample-rg/providers/Microsoft.Compute/virtualMachines/web-1" },
        { "$id": "3", "Type": "account", "Name": "ana", "UPNSuffix": "sample.example",
          "AadUserId": "55555555-5555-4555-8555-555555555555", "DisplayName": "Ana Sample" },
        { "$id": "4", "Type": "url", "Url": "https://bad.sample.example/login" },
        { "$id": "5", "Type": "filehash", "Algorithm": "SHA256",
          "Value": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "$id": "6", "Type": "file", "Name": "invoice.exe", "Directory": "C:\\Users\\ana\\Downloads",
          "FileHashes": [{ "$ref": "5" }] },
        { "$id": "7", "Type": "dns", "DomainName": "bad.sample.example" },
        { "$id": "8", "Type": "process", "ProcessId": "4711", "CommandLine": "invoice.exe /quiet" },
        { "$id": "9", "Type": "mailbox", "MailboxPrimaryAddress": "ana@sample.example", "Upn": "ana@sample.example",
          "DisplayName": "Ana Sample" },
        { "$id": "10", "Type": "mailmessage", "Recipient": "ana@sample.example", "Sender": "billing@bad.sample.example",
          "P1Sender": "billing@bad.sample.example", "Subject": "Your invoice", "SenderIP": "203.0.113.7",
          "NetworkMessageId": "66666666-6666-4666-8666-666666666666", "InternetMessageId": "<1@bad.sample.example>" },
        { "$id": "11", "Type": "malware", "Name": "Sample.A", "Category": "Trojan" },
        { "$id": "12", "Type": "azure-resource",
          "ResourceId": "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/sample-rg/providers/Microsoft.Storage/storageAccounts/sample" },
        { "$id": "13", "Type": "cloud-application", "AppId": 11161, "Name": "Office 365" },
        { "$id": "14", "Type": "registry-key", "Hive": "HKEY_LOCAL_MACHINE", "Key": "SOFTWARE\\Sample" },
        { "$id": "15", "Type": "registry-value", "Name": "Run", "Value": "invoice.exe", "ValueType": "String",
          "Key": { "$ref": "14" } },
        { "$id": "16", "Type": "security-group", "DistinguishedName": "CN=Admins,DC=sample,DC=example" },
        { "$id": "17", "Type": "iotdevice", "DeviceId": "camera-1", "DeviceName": "Camera 1", "DeviceType": "Camera" }
    ])
}

fn alert(at: Timestamp) -> Value {
    let time = at.to_string();
    value!({
        "SystemAlertId": "88888888-8888-4888-8888-888888888888",
        "DisplayName": "Sample alert",
        "Description": "An alert made up for a trial run.",
        "AlertSeverity": "Medium",
        "Status": "New",
        "ProductName": "Azure Sentinel",
        "ProductComponentName": "Scheduled Alerts",
        "VendorName": "Microsoft",
        "ProviderName": "ASI Scheduled Alerts",
        "AlertType": "99999999-9999-4999-8999-999999999999",
        "StartTime": time, "EndTime": time, "ProcessingEndTime": time, "TimeGenerated": time,
        "Tactics": "InitialAccess",
        "Techniques": ["T1078"],
        "ExtendedProperties": {
            "Query": "SigninLogs | where IPAddress == '203.0.113.7'",
            "Analytic Rule Ids": "[\"99999999-9999-4999-8999-999999999999\"]",
            "Custom Details": "{\"Source\":[\"sample\"]}"
        },
        "Entities": entities()
    })
}
