//! The incident as the REST interface shows it.

use crate::incident::{Incident, Label, Owner};
use crate::json::{object, put_some, texts, time};
use crate::names::{LabelType, OwnerType};
use crate::workspace::WorkspaceRef;
use riposte_value::{Object, Text, Value};

/// The resource type of incidents as the service writes it.
pub const INCIDENT_TYPE: &str = "Microsoft.SecurityInsights/Incidents";

impl Incident {
    /// The ARM resource: `{id, name, etag, type, properties}`. The etag is a text with quotation marks in it.
    pub fn to_arm(&self, workspace: &WorkspaceRef) -> Value {
        self.resource(workspace, Object::new())
    }

    /// As [`Self::to_arm`], with more properties after the incident's own.
    pub(crate) fn resource(&self, workspace: &WorkspaceRef, more: Object) -> Value {
        let mut properties = self.properties(workspace);
        properties.extend(more);
        object([
            ("id", workspace.incident_id(&self.name).into()),
            ("name", (&self.name).into()),
            ("etag", format!("\"{}\"", self.etag).into()),
            ("type", INCIDENT_TYPE.into()),
            ("properties", properties.into()),
        ])
    }

    /// The `properties` of the ARM resource.
    fn properties(&self, workspace: &WorkspaceRef) -> Object {
        let mut properties = Object::with_capacity(24);
        put_some(&mut properties, "title", Some(&self.title));
        put_some(&mut properties, "description", self.description.as_ref());
        put_some(&mut properties, "severity", Some(self.severity));
        put_some(&mut properties, "status", Some(self.status));
        put_some(&mut properties, "classification", self.classification);
        put_some(&mut properties, "classificationReason", self.classification_reason);
        put_some(&mut properties, "classificationComment", self.classification_comment.as_ref());
        put_some(&mut properties, "owner", Some(self.owner_value()));
        put_some(&mut properties, "labels", Some(self.labels_value()));
        put_some(&mut properties, "firstActivityTimeUtc", self.first_activity.map(|at| time(Some(at))));
        put_some(&mut properties, "lastActivityTimeUtc", self.last_activity.map(|at| time(Some(at))));
        put_some(&mut properties, "lastModifiedTimeUtc", Some(time(Some(self.last_modified))));
        put_some(&mut properties, "createdTimeUtc", Some(time(Some(self.created))));
        put_some(&mut properties, "incidentNumber", Some(self.number));
        put_some(&mut properties, "additionalData", Some(self.additional_data()));
        put_some(&mut properties, "relatedAnalyticRuleIds", Some(texts(&self.related_analytic_rule_ids)));
        put_some(&mut properties, "incidentUrl", Some(workspace.incident_url(&self.name)));
        put_some(&mut properties, "providerName", Some(&self.provider_name));
        put_some(&mut properties, "providerIncidentId", Some(&self.provider_incident_id));
        properties
    }

    /// The owner with all its members, null where nobody sees to the incident.
    pub(crate) fn owner_value(&self) -> Value {
        self.owner.clone().unwrap_or_default().to_value()
    }

    /// The labels as `[{labelName, labelType}]`.
    pub(crate) fn labels_value(&self) -> Value {
        Value::array(self.labels.iter().map(Label::to_value))
    }

    /// The counts, and what the incident took over from its alerts.
    pub(crate) fn additional_data(&self) -> Value {
        object([
            ("alertsCount", self.alert_ids.len().into()),
            ("bookmarksCount", self.bookmark_ids.len().into()),
            ("commentsCount", self.comments_count.into()),
            ("alertProductNames", texts(&self.alert_product_names)),
            ("tactics", texts(&self.tactics)),
            ("techniques", texts(&self.techniques)),
        ])
    }
}

impl Owner {
    /// `{objectId, email, assignedTo, userPrincipalName, ownerType?}`.
    pub fn to_value(&self) -> Value {
        let mut owner = Object::with_capacity(5);
        let mut put = |name, text: &Option<Text>| owner.insert(Text::new_static(name), text.as_ref());
        put("objectId", &self.object_id);
        put("email", &self.email);
        put("assignedTo", &self.assigned_to);
        put("userPrincipalName", &self.upn);
        put_some(&mut owner, "ownerType", self.owner_type);
        Value::from(owner)
    }

    /// Reads what [`Self::to_value`] wrote; none from anything but an object.
    pub fn from_value(value: &Value) -> Option<Self> {
        value.as_object()?;
        let text = |name| value.get_ignore_case(name).and_then(Value::as_str).map(Text::new);
        Some(Self {
            object_id: text("objectId"),
            email: text("email"),
            assigned_to: text("assignedTo"),
            upn: text("userPrincipalName"),
            owner_type: text("ownerType").and_then(|text| OwnerType::parse(&text)),
        })
    }
}

impl Label {
    /// `{labelName, labelType}`.
    pub fn to_value(&self) -> Value {
        object([("labelName", (&self.name).into()), ("labelType", self.kind.into())])
    }

    /// `{labelName, labelType}` of a label of which the name alone is known.
    pub(crate) fn named(name: &Text) -> Value {
        object([("labelName", name.into()), ("labelType", LabelType::User.into())])
    }
}
