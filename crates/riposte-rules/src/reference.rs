//! What the reference page says of properties: where each comes from, and what Azure's portal offers of it.

use crate::names::Operator;
use crate::property::{Property, Source};
use crate::rule::offered;

impl Property {
    /// Where its values come from, in words.
    pub fn about(self) -> String {
        if let Source::Entity(kind, name) = self.source() {
            return format!("`{name}` of the entities of kind {}", kind.v3());
        }
        let text = match self {
            Self::IncidentTitle => "the incident's title",
            Self::IncidentDescription => "the incident's description",
            Self::IncidentSeverity => "the incident's severity",
            Self::IncidentStatus => "the incident's status",
            Self::IncidentRelatedAnalyticRuleIds => "the ARM ids of the analytics rules behind the incident",
            Self::IncidentTactics => "the incident's tactics",
            Self::IncidentLabel => "the incident's tags",
            Self::IncidentProviderName => "the incident's provider",
            Self::IncidentUpdatedBySource => "what made the change",
            Self::IncidentCustomDetailsKey => "the keys of the alerts' custom details",
            Self::IncidentCustomDetailsValue => "the values of the alerts' custom details",
            Self::AlertProductNames => "the products of the alerts",
            Self::AlertAnalyticRuleIds => "the ids of the analytics rules behind the alerts",
            Self::IncidentCustomDetectionRuleIds => "the ids of the custom detection rules behind the alerts",
            Self::IncidentAlertTitle | Self::AlertTitle => "the titles of the alerts",
            Self::IncidentOwner => {
                "the owner's display name, user principal name, mail address and object id"
            }
            Self::IncidentOwnerAssignedTo => "the owner's display name",
            Self::IncidentOwnerEmail => "the owner's mail address",
            Self::IncidentOwnerUserPrincipalName => "the owner's user principal name",
            Self::IncidentOwnerObjectId => "the owner's object id",
            Self::IncidentClassification => "the incident's classification",
            Self::IncidentClassificationReason => "the reason of the classification",
            Self::IncidentTechniques => "the incident's techniques",
            Self::IncidentNumber => "the incident's number",
            Self::AlertCount => "how many alerts there are",
            Self::EntityCount => "how many entities there are",
            Self::CommentCount => "how many comments there are",
            Self::TaskCount => "how many tasks there are",
            Self::LabelCount => "how many tags there are",
            Self::AlertSeverity => "the severities of the alerts",
            Self::AlertStatus => "the states of the alerts",
            Self::AlertDescription => "the descriptions of the alerts",
            Self::AlertProviderName => "the providers of the alerts",
            Self::AlertProductName => "the products of the alerts, as text",
            Self::AlertProductComponentName => "the parts of products that the alerts come from",
            Self::AlertVendorName => "the vendors of the alerts' products",
            Self::AlertTactics => "the tactics of the alerts",
            Self::AlertTechniques => "the techniques of the alerts",
            _ => "a property of entities",
        };
        text.to_owned()
    }

    /// The operators that Azure's portal offers for it in a condition of its own; none where Azure does not say.
    pub fn operators_in_portal(self) -> Option<&'static [Operator]> {
        offered(self)
    }
}
