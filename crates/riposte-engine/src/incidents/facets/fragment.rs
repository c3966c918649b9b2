//! What is kept of an incident's facets: short texts, of which many incidents have the same, and the part of the
//! resource that each stands for.

use riposte_incident::Incident;
use riposte_value::{Value, json};

/// Properties that are kept and asked about together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentFacet {
    /// `title`.
    Title,
    /// `description`.
    Description,
    /// `classificationComment`.
    ClassificationComment,
    /// `providerIncidentId`.
    ProviderIncidentId,
    /// `severity`, `status`, `classification`, `classificationReason`, `providerName` and the counts of alerts, bookmarks
    /// and comments.
    State,
    /// `owner` with all its members.
    Owner,
    /// `labels`, `relatedAnalyticRuleIds`, and of `additionalData` `tactics` and `alertProductNames`.
    Lists,
}

impl IncidentFacet {
    /// All of them.
    pub(super) const ALL: [Self; 7] = [
        Self::Title,
        Self::Description,
        Self::ClassificationComment,
        Self::ProviderIncidentId,
        Self::State,
        Self::Owner,
        Self::Lists,
    ];

    /// The property, of a facet that is one text.
    const fn text_property(self) -> Option<&'static str> {
        match self {
            Self::Title => Some("title"),
            Self::Description => Some("description"),
            Self::ClassificationComment => Some("classificationComment"),
            Self::ProviderIncidentId => Some("providerIncidentId"),
            Self::State | Self::Owner | Self::Lists => None,
        }
    }

    /// What is kept of an incident: the text itself, or the JSON text of several properties; none where there is none.
    pub(super) fn of(self, incident: &Incident) -> Option<String> {
        let json = match self {
            Self::Title => return Some(incident.title.to_string()),
            Self::Description => return incident.description.as_ref().map(ToString::to_string),
            Self::ClassificationComment => {
                return incident.classification_comment.as_ref().map(ToString::to_string);
            }
            Self::ProviderIncidentId => return Some(incident.provider_incident_id.to_string()),
            Self::State => serde_json::to_string(&(
                incident.severity.as_str(),
                incident.status.as_str(),
                incident.classification,
                incident.classification_reason,
                &incident.provider_name,
                incident.alert_ids.len(),
                incident.bookmark_ids.len(),
                incident.comments_count,
            )),
            Self::Owner => {
                let owner = incident.owner.clone().unwrap_or_default();
                serde_json::to_string(&[
                    owner.object_id.as_deref(),
                    owner.email.as_deref(),
                    owner.assigned_to.as_deref(),
                    owner.upn.as_deref(),
                    owner.owner_type.map(riposte_incident::OwnerType::as_str),
                ])
            }
            Self::Lists => {
                let labels: Vec<(&str, &str)> =
                    incident.labels.iter().map(|label| (label.name.as_str(), label.kind.as_str())).collect();
                serde_json::to_string(&(
                    labels,
                    &incident.related_analytic_rule_ids,
                    &incident.tactics,
                    &incident.alert_product_names,
                ))
            }
        };
        json.ok()
    }

    /// The part of the resource that a kept text stands for; none stands for an incident without the property.
    pub(super) fn fragment(self, kept: Option<&str>) -> Value {
        let properties = match (self.text_property(), kept) {
            (Some(name), Some(text)) => Value::object([(name, Value::text(text))]),
            (_, None) => Value::object::<&str>([]),
            (None, Some(kept)) => self.assembled(&json::parse(kept).unwrap_or_default()),
        };
        Value::object([("properties", properties)])
    }

    fn assembled(self, kept: &Value) -> Value {
        let at = |place: usize| kept.as_array().and_then(|all| all.get(place)).cloned().unwrap_or_default();
        match self {
            Self::State => Value::object([
                ("severity", at(0)),
                ("status", at(1)),
                ("classification", at(2)),
                ("classificationReason", at(3)),
                ("providerName", at(4)),
                (
                    "additionalData",
                    Value::object([
                        ("alertsCount", at(5)),
                        ("bookmarksCount", at(6)),
                        ("commentsCount", at(7)),
                    ]),
                ),
            ]),
            Self::Owner => Value::object([(
                "owner",
                Value::object([
                    ("objectId", at(0)),
                    ("email", at(1)),
                    ("assignedTo", at(2)),
                    ("userPrincipalName", at(3)),
                    ("ownerType", at(4)),
                ]),
            )]),
            _ => Value::object([
                ("labels", Value::array(at(0).as_array().unwrap_or_default().iter().map(label))),
                ("relatedAnalyticRuleIds", at(1)),
                ("additionalData", Value::object([("tactics", at(2)), ("alertProductNames", at(3))])),
            ]),
        }
    }
}

fn label(kept: &Value) -> Value {
    let at = |place: usize| kept.as_array().and_then(|pair| pair.get(place)).cloned().unwrap_or_default();
    Value::object([("labelName", at(0)), ("labelType", at(1))])
}

#[cfg(test)]
mod tests {
    use super::IncidentFacet;
    use riposte_incident::{Actor, ActorKind, Incident, WorkspaceRef};
    use riposte_value::{Text, Value};

    /// Each leaf of a fragment with the way to it.
    fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, Value)>) {
        match value.as_object() {
            Some(object) => {
                for (name, inner) in object {
                    path.push(name.to_string());
                    leaves(inner, path, found);
                    path.pop();
                }
            }
            None => found.push((path.clone(), value.clone())),
        }
    }

    #[test]
    fn a_fragment_is_what_the_resource_shows() {
        let name = Text::from("w");
        let ws = WorkspaceRef {
            subscription: name.clone(),
            resource_group: name.clone(),
            name: name.clone(),
            id: name.clone(),
            tenant: name,
        };
        let bare = r#"{"name":"n","number":1,"revision":1,"etag":"e","title":"Ü \"x\"","severity":"High","status":"New",
            "created":"2026-01-01T00:00:00Z","lastModified":"2026-01-01T00:00:00Z","providerName":"p",
            "providerIncidentId":"1","createdBy":CREATED,"lastModifiedBy":CREATED MORE}"#;
        let actor = serde_json::to_string(&Actor::new(ActorKind::User, "ana")).unwrap();
        let more = r#","description":"d","classification":"TruePositive","classificationReason":"SuspiciousActivity",
            "classificationComment":"c\n","owner":{"objectId":"o","email":"e@x","assignedTo":"A","upn":"u",
            "ownerType":"User"},"labels":[{"name":"vip","type":"User"}],"relatedAnalyticRuleIds":["/r"],
            "alertIds":["a","b"],"bookmarkIds":["k"],"commentsCount":3,"tactics":["Impact"],"alertProductNames":["P"]"#;
        for more in ["", more] {
            let text = bare.replace("CREATED", &actor).replace("MORE", more);
            let incident: Incident = serde_json::from_str(&text).unwrap();
            let shown = incident.to_arm(&ws);
            for facet in IncidentFacet::ALL {
                let mut found = Vec::new();
                leaves(&facet.fragment(facet.of(&incident).as_deref()), &mut Vec::new(), &mut found);
                for (path, value) in found {
                    let path: Vec<&str> = path.iter().map(String::as_str).collect();
                    // A property that is absent is null to a filter.
                    assert_eq!(shown.at(&path).cloned().unwrap_or_default(), value, "{facet:?} {path:?}");
                }
            }
        }
    }
}
