//! What a rule is evaluated on, and its values folded for comparison, each when it is first asked for.

use crate::property::{Property, Source};
use crate::watchlists::Watchlists;
use jiff::Timestamp;
use riposte_incident::{Actor, Alert, Change, Entity, Incident, Owner, fold, same};
use riposte_value::Text;
use std::cell::OnceCell;

/// What a rule is evaluated on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The incident; none for an alert that is in none (yet).
    pub incident: Option<&'a Incident>,
    /// The incident's alerts, or the one alert.
    pub alerts: &'a [Alert],
    /// The entities of the alerts.
    pub entities: &'a [Entity],
    /// What changed, for an update.
    pub change: Option<&'a Change>,
    /// Who made the change.
    pub updated_by: Option<&'a Actor>,
    /// When it happened: what schedules are compared with. Without it no schedule holds.
    pub now: Option<Timestamp>,
    /// The workspace's watchlists; without them there is none.
    pub watchlists: Option<&'a Watchlists>,
}

/// A subject made ready to evaluate many rules on it.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// The subject.
    pub subject: Subject<'a>,
    values: Vec<OnceCell<Vec<Folded>>>,
    details: OnceCell<Vec<Detail>>,
}

/// A value of the subject, as it stands and folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folded {
    pub text: Text,
    pub folded: Box<str>,
}

/// A custom detail: its key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Detail {
    pub key: Folded,
    pub values: Vec<Folded>,
}

impl Folded {
    pub(crate) fn new(text: Text) -> Self {
        Self { folded: fold(&text).into_boxed_str(), text }
    }
}

impl<'a> Prepared<'a> {
    /// Makes a subject ready.
    pub fn new(subject: Subject<'a>) -> Self {
        let values = Property::ALL.iter().map(|_| OnceCell::new()).collect();
        Self { subject, values, details: OnceCell::new() }
    }

    /// The values that a property has.
    pub(crate) fn values(&self, property: Property) -> &[Folded] {
        // the list has a cell for each property
        let Some(cell) = self.values.get(property as usize) else { return &[] };
        cell.get_or_init(|| texts(&self.subject, property).into_iter().map(Folded::new).collect())
    }

    /// The values that a property has, custom details included.
    pub(crate) fn members(&self, property: Property) -> Vec<&Folded> {
        match property {
            Property::IncidentCustomDetailsKey => self.details().iter().map(|detail| &detail.key).collect(),
            Property::IncidentCustomDetailsValue => {
                self.details().iter().flat_map(|detail| &detail.values).collect()
            }
            _ => self.values(property).iter().collect(),
        }
    }

    /// The custom details of all alerts, keys unique without regard to case.
    pub(crate) fn details(&self) -> &[Detail] {
        self.details.get_or_init(|| {
            let mut details: Vec<Detail> = Vec::new();
            for (key, values) in self.subject.alerts.iter().flat_map(Alert::custom_details) {
                let key = Folded::new(key);
                let place = details.iter().position(|known| known.key.folded == key.folded);
                let place = place.unwrap_or_else(|| {
                    details.push(Detail { key, values: Vec::new() });
                    details.len() - 1
                });
                let Some(known) = details.get_mut(place) else { continue };
                for value in values.into_iter().map(Folded::new) {
                    if !known.values.iter().any(|old| old.folded == value.folded) {
                        known.values.push(value);
                    }
                }
            }
            details
        })
    }
}

fn texts(subject: &Subject<'_>, property: Property) -> Vec<Text> {
    if let Source::Entity(kind, name) = property.source() {
        let of_kind = subject.entities.iter().filter(|entity| entity.kind == kind);
        return of_kind.filter_map(|entity| entity.text(name)).collect();
    }
    match property {
        Property::IncidentUpdatedBySource => {
            subject.updated_by.map(|by| Text::new_static(by.kind.as_str())).into_iter().collect()
        }
        Property::EntityCount => vec![count(subject.entities.len())],
        Property::AlertCount => {
            let known = subject.incident.map_or(0, |incident| incident.alert_ids.len());
            vec![count(known.max(subject.alerts.len()))]
        }
        Property::AlertProductNames => {
            let mut products = subject.incident.map(|i| i.alert_product_names.clone()).unwrap_or_default();
            extend_unique(
                &mut products,
                subject.alerts.iter().filter_map(|alert| alert.product_name.clone()),
            );
            products
        }
        Property::AlertAnalyticRuleIds => {
            let mut ids = subject.incident.map(|i| i.related_analytic_rule_ids.clone()).unwrap_or_default();
            extend_unique(&mut ids, subject.alerts.iter().flat_map(Alert::analytic_rule_names));
            ids
        }
        _ => {
            let of_incident = subject.incident.map(|incident| incident_texts(incident, property));
            of_incident.flatten().unwrap_or_else(|| alert_texts(subject.alerts, property))
        }
    }
}

/// The values of a property of the incident itself; none of other properties.
fn incident_texts(incident: &Incident, property: Property) -> Option<Vec<Text>> {
    let one = |text: &Text| vec![text.clone()];
    let name = |name: &'static str| vec![Text::new_static(name)];
    let owner = |of: fn(&Owner) -> Option<&Text>| {
        let text = incident.owner.as_ref().and_then(of).filter(|text| !text.is_empty());
        text.into_iter().cloned().collect()
    };
    Some(match property {
        Property::IncidentTitle => one(&incident.title),
        Property::IncidentDescription => vec![incident.description.clone().unwrap_or_default()],
        Property::IncidentSeverity => name(incident.severity.as_str()),
        Property::IncidentStatus => name(incident.status.as_str()),
        Property::IncidentProviderName => one(&incident.provider_name),
        Property::IncidentRelatedAnalyticRuleIds => incident.related_analytic_rule_ids.clone(),
        Property::IncidentTactics => incident.tactics.clone(),
        Property::IncidentTechniques => incident.techniques.clone(),
        Property::IncidentLabel => incident.labels.iter().map(|label| label.name.clone()).collect(),
        Property::IncidentOwner => {
            incident.owner.iter().flat_map(Owner::names).filter(|name| !name.is_empty()).cloned().collect()
        }
        Property::IncidentOwnerAssignedTo => owner(|owner| owner.assigned_to.as_ref()),
        Property::IncidentOwnerEmail => owner(|owner| owner.email.as_ref()),
        Property::IncidentOwnerUserPrincipalName => owner(|owner| owner.upn.as_ref()),
        Property::IncidentOwnerObjectId => owner(|owner| owner.object_id.as_ref()),
        Property::IncidentClassification => {
            incident.classification.into_iter().flat_map(|is| name(is.as_str())).collect()
        }
        Property::IncidentClassificationReason => {
            incident.classification_reason.into_iter().flat_map(|is| name(is.as_str())).collect()
        }
        Property::IncidentNumber => vec![count(incident.number)],
        Property::CommentCount => vec![count(incident.comments_count)],
        Property::TaskCount => vec![count(incident.tasks_count)],
        Property::LabelCount => vec![count(incident.labels.len())],
        _ => return None,
    })
}

/// The values of a property of alerts, each once; none of other properties. Custom details are looked at with their keys
/// and values together, elsewhere.
fn alert_texts(alerts: &[Alert], property: Property) -> Vec<Text> {
    let each = |of: fn(&Alert) -> Option<Text>| {
        let mut texts = Vec::new();
        extend_unique(&mut texts, alerts.iter().filter_map(of));
        texts
    };
    let all = |of: fn(&Alert) -> &Vec<Text>| {
        let mut texts = Vec::new();
        extend_unique(&mut texts, alerts.iter().flat_map(|alert| of(alert).iter().cloned()));
        texts
    };
    match property {
        Property::IncidentCustomDetectionRuleIds => {
            alerts.iter().flat_map(Alert::custom_detection_rule_ids).collect()
        }
        Property::IncidentAlertTitle | Property::AlertTitle => each(|alert| Some(alert.display_name.clone())),
        Property::AlertSeverity => each(|alert| Some(Text::new_static(alert.severity.as_str()))),
        Property::AlertStatus => each(|alert| Some(Text::new_static(alert.status.as_str()))),
        Property::AlertDescription => each(|alert| alert.description.clone()),
        Property::AlertProviderName => each(|alert| alert.provider_name.clone()),
        Property::AlertProductName => each(|alert| alert.product_name.clone()),
        Property::AlertProductComponentName => each(|alert| alert.product_component_name.clone()),
        Property::AlertVendorName => each(|alert| alert.vendor_name.clone()),
        Property::AlertTactics => all(|alert| &alert.tactics),
        Property::AlertTechniques => all(|alert| &alert.techniques),
        _ => Vec::new(),
    }
}

fn count(number: impl std::fmt::Display) -> Text {
    Text::from(number.to_string())
}

fn extend_unique(list: &mut Vec<Text>, more: impl Iterator<Item = Text>) {
    for text in more {
        if !list.iter().any(|known| same(known, &text)) {
            list.push(text);
        }
    }
}
