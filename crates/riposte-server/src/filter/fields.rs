//! Which fields of a resource can be filtered and ordered by.

use super::error::Error;
use riposte_diagnostic::nearest;

/// A field by its `OData` path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// As filters write it: `properties/owner/email`.
    pub(crate) name: &'static str,
    /// The property names that lead to it.
    pub(crate) path: &'static [&'static str],
    pub(super) kind: Kind,
}

/// How a field compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Free text. Case does not count.
    Text,
    /// Names, ids, closed sets. Case does not count.
    Name,
    /// Several of them: what holds for one of them holds.
    Names,
    Number,
    /// A point in time.
    Time,
    /// A list: asked about by `any(x: …)` and `all(x: …)`, over these fields of its elements.
    Each(&'static [Field]),
    /// An object, of which can only be asked whether anything is in it.
    Whole,
}

impl Kind {
    /// What a field of it is, for messages.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Text | Self::Name | Self::Names => "a text",
            Self::Number => "a number",
            Self::Time => "a point in time",
            Self::Each(_) => "a list",
            Self::Whole => "an object",
        }
    }

    pub(super) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Name | Self::Names)
    }
}

impl Field {
    /// Whether a list can be sorted by it.
    pub(crate) const fn has_order(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::Name | Kind::Number | Kind::Time)
    }
}

const fn row(name: &'static str, path: &'static [&'static str], kind: Kind) -> Field {
    Field { name, path, kind }
}

/// An element of a list of texts, under the name that stands for it while its condition is evaluated.
const TEXT_ELEMENT: &[Field] = &[row("it", &["it"], Kind::Name)];

/// A label.
const LABEL_ELEMENT: &[Field] = &[
    row("it/labelName", &["it", "labelName"], Kind::Name),
    row("it/labelType", &["it", "labelType"], Kind::Name),
];

/// An incident's.
pub(crate) const INCIDENT_FIELDS: &[Field] = &[
    row("id", &["id"], Kind::Name),
    row("name", &["name"], Kind::Name),
    row("properties/title", &["properties", "title"], Kind::Text),
    row("properties/description", &["properties", "description"], Kind::Text),
    row("properties/severity", &["properties", "severity"], Kind::Name),
    row("properties/status", &["properties", "status"], Kind::Name),
    row("properties/classification", &["properties", "classification"], Kind::Name),
    row("properties/classificationReason", &["properties", "classificationReason"], Kind::Name),
    row("properties/classificationComment", &["properties", "classificationComment"], Kind::Text),
    row("properties/owner", &["properties", "owner"], Kind::Whole),
    row("properties/owner/email", &["properties", "owner", "email"], Kind::Name),
    row("properties/owner/assignedTo", &["properties", "owner", "assignedTo"], Kind::Name),
    row("properties/owner/objectId", &["properties", "owner", "objectId"], Kind::Name),
    row("properties/owner/userPrincipalName", &["properties", "owner", "userPrincipalName"], Kind::Name),
    row("properties/owner/ownerType", &["properties", "owner", "ownerType"], Kind::Name),
    row("properties/createdTimeUtc", &["properties", "createdTimeUtc"], Kind::Time),
    row("properties/lastModifiedTimeUtc", &["properties", "lastModifiedTimeUtc"], Kind::Time),
    row("properties/firstActivityTimeUtc", &["properties", "firstActivityTimeUtc"], Kind::Time),
    row("properties/lastActivityTimeUtc", &["properties", "lastActivityTimeUtc"], Kind::Time),
    row("properties/incidentNumber", &["properties", "incidentNumber"], Kind::Number),
    row("properties/incidentUrl", &["properties", "incidentUrl"], Kind::Text),
    row("properties/providerName", &["properties", "providerName"], Kind::Name),
    row("properties/providerIncidentId", &["properties", "providerIncidentId"], Kind::Name),
    row(
        "properties/additionalData/alertsCount",
        &["properties", "additionalData", "alertsCount"],
        Kind::Number,
    ),
    row(
        "properties/additionalData/bookmarksCount",
        &["properties", "additionalData", "bookmarksCount"],
        Kind::Number,
    ),
    row(
        "properties/additionalData/commentsCount",
        &["properties", "additionalData", "commentsCount"],
        Kind::Number,
    ),
    row("properties/labels", &["properties", "labels"], Kind::Each(LABEL_ELEMENT)),
    row(
        "properties/additionalData/tactics",
        &["properties", "additionalData", "tactics"],
        Kind::Each(TEXT_ELEMENT),
    ),
    row(
        "properties/additionalData/alertProductNames",
        &["properties", "additionalData", "alertProductNames"],
        Kind::Each(TEXT_ELEMENT),
    ),
    row(
        "properties/relatedAnalyticRuleIds",
        &["properties", "relatedAnalyticRuleIds"],
        Kind::Each(TEXT_ELEMENT),
    ),
];

/// What stands for an element of a list in the fields of its kind.
pub(super) const ELEMENT: &str = "it";

/// A comment's.
pub(crate) const COMMENT_FIELDS: &[Field] = &[
    row("id", &["id"], Kind::Name),
    row("name", &["name"], Kind::Name),
    row("properties/message", &["properties", "message"], Kind::Text),
    row("properties/createdTimeUtc", &["properties", "createdTimeUtc"], Kind::Time),
    row("properties/lastModifiedTimeUtc", &["properties", "lastModifiedTimeUtc"], Kind::Time),
    row("properties/author/email", &["properties", "author", "email"], Kind::Name),
    row("properties/author/name", &["properties", "author", "name"], Kind::Name),
    row("properties/author/objectId", &["properties", "author", "objectId"], Kind::Name),
    row("properties/author/userPrincipalName", &["properties", "author", "userPrincipalName"], Kind::Name),
];

/// A relation's.
pub(crate) const RELATION_FIELDS: &[Field] = &[
    row("id", &["id"], Kind::Name),
    row("name", &["name"], Kind::Name),
    row("properties/relatedResourceId", &["properties", "relatedResourceId"], Kind::Name),
    row("properties/relatedResourceName", &["properties", "relatedResourceName"], Kind::Name),
    row("properties/relatedResourceType", &["properties", "relatedResourceType"], Kind::Name),
    row("properties/relatedResourceKind", &["properties", "relatedResourceKind"], Kind::Name),
];

/// A run's; Logic Apps names them without `properties/`.
pub(crate) const RUN_FIELDS: &[Field] = &[
    row("name", &["name"], Kind::Name),
    row("status", &["properties", "status"], Kind::Name),
    row("startTime", &["properties", "startTime"], Kind::Time),
    row("endTime", &["properties", "endTime"], Kind::Time),
    row("clientTrackingId", &["properties", "correlation", "clientTrackingId"], Kind::Name),
    row("properties/status", &["properties", "status"], Kind::Name),
    row("properties/startTime", &["properties", "startTime"], Kind::Time),
    row("properties/endTime", &["properties", "endTime"], Kind::Time),
];

/// A workflow's; Logic Apps names them without `properties/`.
pub(crate) const WORKFLOW_FIELDS: &[Field] = &[
    row("name", &["name"], Kind::Name),
    row("location", &["location"], Kind::Name),
    row("State", &["properties", "state"], Kind::Name),
    // What `routes/workflows.rs` makes for the search and does not answer.
    row("Trigger", &["$triggers"], Kind::Names),
    row("ReferencedResourceId", &["$references"], Kind::Names),
    row("properties/state", &["properties", "state"], Kind::Name),
    row("properties/createdTime", &["properties", "createdTime"], Kind::Time),
    row("properties/changedTime", &["properties", "changedTime"], Kind::Time),
];

/// A role assignment's; the authorization service names them without `properties/`.
pub(crate) const ROLE_ASSIGNMENT_FIELDS: &[Field] = &[
    row("name", &["name"], Kind::Name),
    row("principalId", &["properties", "principalId"], Kind::Name),
    row("roleDefinitionId", &["properties", "roleDefinitionId"], Kind::Name),
];

/// A role definition's; the authorization service names them without `properties/`.
pub(crate) const ROLE_DEFINITION_FIELDS: &[Field] = &[
    row("name", &["name"], Kind::Name),
    row("roleName", &["properties", "roleName"], Kind::Name),
    row("type", &["properties", "type"], Kind::Name),
];

/// What every ARM resource has.
pub(crate) const RESOURCE_FIELDS: &[Field] = &[
    row("id", &["id"], Kind::Name),
    row("name", &["name"], Kind::Name),
    row("location", &["location"], Kind::Name),
];

/// The field of this name, whatever the case.
pub(crate) fn field(name: &str, fields: &'static [Field]) -> Result<&'static Field, Error> {
    fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let shown: String = name.chars().take(100).collect();
        let error = Error::new(format!("unknown field `{shown}`"), 0);
        match nearest(name, fields.iter().map(|field| field.name)) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error.help("the field is not one of this resource's, or cannot be filtered by"),
        }
    })
}
