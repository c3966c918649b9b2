//! The shapes of an alert: ARM entity, row of the table `SecurityAlert`, alert of a trigger body.

use super::Alert;
use crate::entity::ENTITY_TYPE;
use crate::json::{object, put_some, texts, time};
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_value::{Object, Text, Value, json};

impl Alert {
    /// The ARM entity of kind `SecurityAlert`.
    pub fn to_arm(&self, workspace: &WorkspaceRef) -> Value {
        object([
            ("id", workspace.entity_id(&self.system_alert_id).into()),
            ("name", (&self.system_alert_id).into()),
            ("type", ENTITY_TYPE.into()),
            ("kind", "SecurityAlert".into()),
            ("properties", self.arm_properties(workspace).into()),
        ])
    }

    fn arm_properties(&self, workspace: &WorkspaceRef) -> Object {
        let mut properties = Object::with_capacity(24);
        put_some(&mut properties, "systemAlertId", Some(&self.system_alert_id));
        put_some(&mut properties, "tactics", Some(texts(&self.tactics)));
        put_some(&mut properties, "techniques", some_list(&self.techniques));
        put_some(&mut properties, "alertDisplayName", Some(&self.display_name));
        put_some(&mut properties, "description", self.description.as_ref());
        put_some(&mut properties, "confidenceLevel", self.confidence_level);
        put_some(&mut properties, "confidenceScore", self.confidence_score);
        put_some(&mut properties, "severity", Some(self.severity));
        put_some(&mut properties, "vendorName", self.vendor_name.as_ref());
        put_some(&mut properties, "productName", self.product_name.as_ref());
        put_some(&mut properties, "productComponentName", self.product_component_name.as_ref());
        put_some(&mut properties, "alertType", self.alert_type.as_ref());
        put_some(&mut properties, "alertLink", self.alert_link.as_ref());
        put_some(&mut properties, "compromisedEntity", self.compromised_entity.as_ref());
        put_some(&mut properties, "processingEndTime", self.processing_end_time.map(some_time));
        put_some(&mut properties, "status", Some(self.status));
        // Azure's shape lacks these three; who sets them by a rule must be able to read them.
        put_some(&mut properties, "classification", self.classification);
        put_some(&mut properties, "determination", self.determination);
        put_some(&mut properties, "assignee", self.assignee.as_ref());
        put_some(&mut properties, "endTimeUtc", self.end_time.map(some_time));
        put_some(&mut properties, "startTimeUtc", self.start_time.map(some_time));
        put_some(&mut properties, "timeGenerated", self.time_generated.map(some_time));
        put_some(&mut properties, "providerAlertId", self.provider_alert_id.as_ref());
        put_some(&mut properties, "remediationSteps", some_list(&self.remediation_steps));
        put_some(&mut properties, "resourceIdentifiers", Some(self.resources(workspace)));
        put_some(&mut properties, "additionalData", Some(self.additional_data()));
        put_some(&mut properties, "friendlyName", Some(&self.display_name));
        properties
    }

    /// The extended properties as the bag of texts that the ARM entity has.
    fn additional_data(&self) -> Value {
        let text = |value: &Value| match value {
            Value::String(_) => value.clone(),
            other => Value::from(json::to_string(other)),
        };
        Value::object(self.extended_properties.iter().map(|(key, value)| (key, text(value))))
    }

    /// The resources concerned; the workspace itself where the provider named none.
    fn resources(&self, workspace: &WorkspaceRef) -> Value {
        match &self.resource_identifiers {
            Value::Null => Value::array([object([
                ("type", "LogAnalytics".into()),
                ("workspaceId", (&workspace.id).into()),
                ("subscriptionId", (&workspace.subscription).into()),
                ("resourceGroup", (&workspace.resource_group).into()),
            ])]),
            given => given.clone(),
        }
    }

    /// The row of the table `SecurityAlert`: `Entities`, `ExtendedProperties` and `ExtendedLinks` are texts that hold
    /// JSON, tactics and techniques texts with commas.
    pub fn to_row(&self, workspace: &WorkspaceRef) -> Value {
        let packed = |value: &Value| match value {
            Value::Null => Value::from(""),
            other => Value::from(json::to_string(other)),
        };
        let joined = |list: &[Text]| Value::from(list.join(", "));
        let text = |text: &Option<Text>| Value::from(text.clone().unwrap_or_default());
        object([
            ("TenantId", (&workspace.id).into()),
            ("TimeGenerated", time(self.time_generated)),
            ("DisplayName", (&self.display_name).into()),
            ("AlertName", (&self.display_name).into()),
            ("AlertSeverity", self.severity.into()),
            ("Description", text(&self.description)),
            ("ProviderName", text(&self.provider_name)),
            ("VendorName", text(&self.vendor_name)),
            ("VendorOriginalId", text(&self.provider_alert_id)),
            ("SystemAlertId", (&self.system_alert_id).into()),
            ("ResourceId", text(&self.resource_id)),
            ("SourceComputerId", text(&self.source_computer_id)),
            ("AlertType", text(&self.alert_type)),
            ("ConfidenceLevel", self.confidence_level.into()),
            ("ConfidenceScore", self.confidence_score.into()),
            ("IsIncident", false.into()),
            ("StartTime", time(self.start_time)),
            ("EndTime", time(self.end_time)),
            ("ProcessingEndTime", time(self.processing_end_time)),
            ("RemediationSteps", json::to_string(&texts(&self.remediation_steps)).into()),
            ("ExtendedProperties", packed(&Value::from(self.extended_properties.clone()))),
            ("Entities", packed(&self.entities)),
            ("SourceSystem", "Detection".into()),
            ("WorkspaceSubscriptionId", (&workspace.subscription).into()),
            ("WorkspaceResourceGroup", (&workspace.resource_group).into()),
            ("ExtendedLinks", packed(&self.extended_links)),
            ("ProductName", text(&self.product_name)),
            ("ProductComponentName", text(&self.product_component_name)),
            ("AlertLink", text(&self.alert_link)),
            ("Status", self.status.into()),
            ("CompromisedEntity", text(&self.compromised_entity)),
            ("Tactics", joined(&self.tactics)),
            ("Techniques", joined(&self.techniques)),
            ("SubTechniques", joined(&self.sub_techniques)),
            ("Type", "SecurityAlert".into()),
            ("_BilledSize", 0.into()),
            ("_IsBillable", "False".into()),
        ])
    }

    /// The body of the connector's alert trigger: flat, with names in Pascal case.
    pub fn trigger_body(&self, workspace: &WorkspaceRef) -> Value {
        let list = |value: &Value| if value.is_null() { Value::array([]) } else { value.clone() };
        object([
            ("VendorName", self.vendor_name.as_ref().into()),
            ("ProductName", self.product_name.as_ref().into()),
            ("ProductComponentName", self.product_component_name.as_ref().into()),
            ("ProviderName", self.provider_name.as_ref().into()),
            ("AlertType", self.alert_type.as_ref().into()),
            ("AlertDisplayName", (&self.display_name).into()),
            ("Description", self.description.as_ref().into()),
            ("Severity", self.severity.into()),
            ("Status", self.status.into()),
            ("StartTimeUtc", time(self.start_time)),
            ("EndTimeUtc", time(self.end_time)),
            ("ProcessingEndTime", time(self.processing_end_time)),
            ("TimeGenerated", time(self.time_generated)),
            ("SystemAlertId", (&self.system_alert_id).into()),
            ("ProviderAlertId", self.provider_alert_id.as_ref().into()),
            ("CompromisedEntity", self.compromised_entity.as_ref().into()),
            ("ConfidenceLevel", self.confidence_level.into()),
            ("ConfidenceScore", self.confidence_score.into()),
            ("Tactics", self.tactics.join(", ").into()),
            ("Techniques", self.techniques.join(", ").into()),
            ("Intent", self.tactics.join(", ").into()),
            ("RemediationSteps", texts(&self.remediation_steps)),
            ("AlertUri", self.alert_link.as_ref().into()),
            ("ExtendedProperties", self.extended_properties.clone().into()),
            ("ExtendedLinks", list(&self.extended_links)),
            ("Entities", list(&self.entities)),
            ("ResourceIdentifiers", self.resources(workspace)),
            ("IsIncident", false.into()),
            ("WorkspaceId", (&workspace.id).into()),
            ("WorkspaceSubscriptionId", (&workspace.subscription).into()),
            ("WorkspaceResourceGroup", (&workspace.resource_group).into()),
        ])
    }
}

fn some_time(at: Timestamp) -> Value {
    time(Some(at))
}

fn some_list(list: &[Text]) -> Option<Value> {
    (!list.is_empty()).then(|| texts(list))
}
