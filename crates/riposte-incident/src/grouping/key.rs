//! What an alert has in common with those of its incident.

use crate::alert::Alert;
use crate::analytics::{GroupByDetail, GroupingConfiguration, MatchingMethod};
use crate::entity::{Entity, EntityKind};
use crate::text::fold;
use std::fmt::Write as _;

/// What alerts of one rule must have in common to be put together: those with equal keys are. Rules that group
/// differently make different keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey(String);

impl GroupKey {
    /// The key of an alert. `entities` are those of the alert, nested ones too.
    ///
    /// Values are compared without regard to case, lists as sets. An alert that lacks what is grouped by has that in
    /// common with the others that do.
    pub fn of(grouping: &GroupingConfiguration, alert: &Alert, entities: &[Entity]) -> Self {
        let mut key = Writer(grouping.matching.as_str().to_owned());
        match grouping.matching {
            MatchingMethod::AnyAlert => {}
            MatchingMethod::AllEntities => key.entities(entities, |_| true),
            MatchingMethod::Selected => {
                let mut kinds: Vec<EntityKind> =
                    grouping.by_entities.iter().map(|kind| kind.kind()).collect();
                kinds.sort();
                kinds.dedup();
                for kind in kinds {
                    key.part("entity", kind.as_str());
                    key.entities(entities, |other| *other == kind);
                }
                for detail in GroupByDetail::ALL.iter().filter(|d| grouping.by_alert_details.contains(d)) {
                    key.part(
                        detail.as_str(),
                        match detail {
                            GroupByDetail::DisplayName => &alert.display_name,
                            GroupByDetail::Severity => alert.severity.as_str(),
                        },
                    );
                }
                key.custom_details(grouping, alert);
            }
        }
        Self(key.0)
    }

    /// The key as text, of any length.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

struct Writer(String);

impl Writer {
    /// Each part with its length, so that no two lists of parts read the same.
    fn part(&mut self, name: &str, value: &str) {
        let value = fold(value);
        let _ = write!(self.0, "|{name}:{}:{value}", value.len());
    }

    fn set(&mut self, name: &str, mut values: Vec<String>) {
        values.sort();
        values.dedup();
        for value in values {
            self.part(name, &value);
        }
    }

    fn entities(&mut self, entities: &[Entity], wanted: impl Fn(&EntityKind) -> bool) {
        let ids = entities.iter().filter(|entity| wanted(&entity.kind)).map(|entity| fold(&entity.id));
        self.set("id", ids.collect());
    }

    fn custom_details(&mut self, grouping: &GroupingConfiguration, alert: &Alert) {
        let mut names: Vec<String> = grouping.by_custom_details.iter().map(|name| fold(name)).collect();
        if names.is_empty() {
            return;
        }
        names.sort();
        names.dedup();
        let details = alert.custom_details();
        for name in names {
            self.part("detail", &name);
            let values =
                details.iter().filter(|(known, _)| fold(known) == name).flat_map(|(_, values)| values);
            self.set("value", values.map(|value| fold(value)).collect());
        }
    }
}
