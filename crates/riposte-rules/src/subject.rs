//! What a rule is evaluated on, and its values folded for comparison, each when it is first asked for.

use crate::property::{Property, Source};
use riposte_incident::{Actor, Alert, Change, Entity, Incident, fold, same};
use riposte_value::Text;
use std::cell::OnceCell;

/// What a rule is evaluated on.
#[derive(Debug, Clone, Copy)]
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
    let incident = subject.incident;
    let one = |text: Option<Text>| text.into_iter().collect();
    match property {
        Property::IncidentTitle => one(incident.map(|i| i.title.clone())),
        Property::IncidentDescription => one(incident.map(|i| i.description.clone().unwrap_or_default())),
        Property::IncidentSeverity => one(incident.map(|i| Text::new_static(i.severity.as_str()))),
        Property::IncidentStatus => one(incident.map(|i| Text::new_static(i.status.as_str()))),
        Property::IncidentProviderName => one(incident.map(|i| i.provider_name.clone())),
        Property::IncidentRelatedAnalyticRuleIds => {
            incident.map(|i| i.related_analytic_rule_ids.clone()).unwrap_or_default()
        }
        Property::IncidentTactics => incident.map(|i| i.tactics.clone()).unwrap_or_default(),
        Property::IncidentLabel => {
            incident.map(|i| i.labels.iter().map(|label| label.name.clone()).collect()).unwrap_or_default()
        }
        Property::IncidentUpdatedBySource => {
            one(subject.updated_by.map(|by| Text::new_static(by.kind.as_str())))
        }
        Property::AlertProductNames => {
            let mut products = incident.map(|i| i.alert_product_names.clone()).unwrap_or_default();
            extend_unique(
                &mut products,
                subject.alerts.iter().filter_map(|alert| alert.product_name.clone()),
            );
            products
        }
        Property::AlertAnalyticRuleIds => {
            let mut ids = incident.map(|i| i.related_analytic_rule_ids.clone()).unwrap_or_default();
            extend_unique(&mut ids, subject.alerts.iter().flat_map(Alert::analytic_rule_names));
            ids
        }
        Property::IncidentCustomDetectionRuleIds => {
            subject.alerts.iter().flat_map(Alert::custom_detection_rule_ids).collect()
        }
        Property::IncidentAlertTitle => {
            subject.alerts.iter().map(|alert| alert.display_name.clone()).collect()
        }
        // custom details are looked at with their keys and values together; the rest are entities
        _ => Vec::new(),
    }
}

fn extend_unique(list: &mut Vec<Text>, more: impl Iterator<Item = Text>) {
    for text in more {
        if !list.iter().any(|known| same(known, &text)) {
            list.push(text);
        }
    }
}
