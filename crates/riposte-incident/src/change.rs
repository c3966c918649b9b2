//! What a write changed.

use crate::incident::{Incident, Label, Owner};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

crate::names! {
    /// A property of an incident that a write can change.
    IncidentProperty {
        /// The title.
        Title = "Title",
        /// The description.
        Description = "Description",
        /// The severity.
        Severity = "Severity",
        /// The status.
        Status = "Status",
        /// The classification.
        Classification = "Classification",
        /// The reason of the classification.
        ClassificationReason = "ClassificationReason",
        /// The comment on the classification.
        ClassificationComment = "ClassificationComment",
        /// The owner.
        Owner = "Owner",
        /// When the first event happened.
        FirstActivityTime = "FirstActivityTime",
        /// When the last event happened.
        LastActivityTime = "LastActivityTime",
    }
}

/// One property before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which one.
    pub property: IncidentProperty,
    /// What it was; null if it had no value.
    pub old: Value,
    /// What it is; null if it has no value.
    pub new: Value,
}

/// Everything that one write changed. A write that changed nothing is no event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Change {
    /// Properties, each at most once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
    /// Labels that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels_added: Vec<Text>,
    /// Labels that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels_removed: Vec<Text>,
    /// Ids of alerts that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts_added: Vec<Text>,
    /// Ids of alerts that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts_removed: Vec<Text>,
    /// Ids of alerts whose provider has told something else of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alerts_edited: Vec<Text>,
    /// Names of bookmarks that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bookmarks_added: Vec<Text>,
    /// Names of bookmarks that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bookmarks_removed: Vec<Text>,
    /// Names of comments that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments_added: Vec<Text>,
    /// Names of comments that were edited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments_edited: Vec<Text>,
    /// Names of comments that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments_removed: Vec<Text>,
    /// Names of tasks that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks_added: Vec<Text>,
    /// Names of tasks that were edited or completed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks_edited: Vec<Text>,
    /// Names of tasks that are gone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tasks_removed: Vec<Text>,
    /// Tactics that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tactics_added: Vec<Text>,
    /// Techniques that are new.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub techniques_added: Vec<Text>,
}

impl Change {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.lists().into_iter().all(|(_, list)| list.is_empty())
    }

    /// The change of a property.
    pub fn field(&self, property: IncidentProperty) -> Option<&FieldChange> {
        self.fields.iter().find(|field| field.property == property)
    }

    /// Whether it is an update in the sense of the trigger "incident updated": status, owner or severity changed, or
    /// alerts, comments, labels or tactics were added. Other edits are recorded and start no rule.
    pub fn triggers_update_rules(&self) -> bool {
        !self.updated_fields().is_empty()
    }

    /// The `updatedFields` of a trigger body: `Severity`, `Status`, `Owner`, `Alerts`, `Comments`, `Labels`,
    /// `Tactics`.
    pub fn updated_fields(&self) -> Vec<&'static str> {
        let changed = |property| self.field(property).is_some();
        [
            (changed(IncidentProperty::Severity), "Severity"),
            (changed(IncidentProperty::Status), "Status"),
            (self.owner_changed(), "Owner"),
            (!self.alerts_added.is_empty(), "Alerts"),
            (!self.comments_added.is_empty(), "Comments"),
            (!self.labels_added.is_empty(), "Labels"),
            (!self.tactics_added.is_empty(), "Tactics"),
        ]
        .into_iter()
        .filter_map(|(holds, name)| holds.then_some(name))
        .collect()
    }

    /// Whether the owner changed so that update rules notice: by object id or user principal name.
    pub fn owner_changed(&self) -> bool {
        self.field(IncidentProperty::Owner).is_some_and(|field| {
            let (old, new) = (Owner::from_value(&field.old), Owner::from_value(&field.new));
            !Owner::is_same(old.as_ref(), new.as_ref())
        })
    }

    /// One line: `severity Medium → High; owner → ana@contoso.com; labels + vip`.
    pub fn summary(&self) -> String {
        let mut parts: Vec<String> = self.fields.iter().map(FieldChange::summary).collect();
        for (name, list) in self.lists() {
            let (what, sign) = name.split_once(' ').unwrap_or((name, ""));
            match (list, what) {
                ([], _) => {}
                (list, "labels" | "tactics" | "techniques") => {
                    parts.push(format!("{what} {sign} {}", list.join(", ")));
                }
                ([_], _) => parts.push(format!("{} {sign}", what.strip_suffix('s').unwrap_or(what))),
                (list, _) => parts.push(format!("{} {what} {sign}", list.len())),
            }
        }
        parts.join("; ")
    }

    /// Takes in a later change of the same incident, as if both were one write.
    pub fn merge(&mut self, later: Self) {
        for field in later.fields {
            match self.fields.iter().position(|known| known.property == field.property) {
                Some(at) => {
                    if let Some(known) = self.fields.get_mut(at) {
                        known.new = field.new;
                        if known.new == known.old {
                            self.fields.remove(at);
                        }
                    }
                }
                None => self.fields.push(field),
            }
        }
        merge_lists(
            &mut self.labels_added,
            &mut self.labels_removed,
            later.labels_added,
            later.labels_removed,
        );
        merge_lists(
            &mut self.alerts_added,
            &mut self.alerts_removed,
            later.alerts_added,
            later.alerts_removed,
        );
        merge_lists(
            &mut self.bookmarks_added,
            &mut self.bookmarks_removed,
            later.bookmarks_added,
            later.bookmarks_removed,
        );
        merge_lists(
            &mut self.comments_added,
            &mut self.comments_removed,
            later.comments_added,
            later.comments_removed,
        );
        merge_lists(&mut self.tasks_added, &mut self.tasks_removed, later.tasks_added, later.tasks_removed);
        merge_list(&mut self.alerts_edited, later.alerts_edited);
        merge_list(&mut self.comments_edited, later.comments_edited);
        merge_list(&mut self.tasks_edited, later.tasks_edited);
        merge_list(&mut self.tactics_added, later.tactics_added);
        merge_list(&mut self.techniques_added, later.techniques_added);
    }

    /// The lists with what they hold and how it changed, in the order of the summary.
    fn lists(&self) -> [(&'static str, &[Text]); 15] {
        [
            ("labels +", &self.labels_added),
            ("labels -", &self.labels_removed),
            ("alerts added", &self.alerts_added),
            ("alerts removed", &self.alerts_removed),
            ("alerts updated", &self.alerts_edited),
            ("bookmarks added", &self.bookmarks_added),
            ("bookmarks removed", &self.bookmarks_removed),
            ("comments added", &self.comments_added),
            ("comments edited", &self.comments_edited),
            ("comments removed", &self.comments_removed),
            ("tasks added", &self.tasks_added),
            ("tasks edited", &self.tasks_edited),
            ("tasks removed", &self.tasks_removed),
            ("tactics +", &self.tactics_added),
            ("techniques +", &self.techniques_added),
        ]
    }
}

impl FieldChange {
    fn summary(&self) -> String {
        use IncidentProperty as P;
        let name = match self.property {
            P::Title => "title",
            P::Description => return "description edited".to_owned(),
            P::Severity => "severity",
            P::Status => "status",
            P::Classification => "classification",
            P::ClassificationReason => "classification reason",
            P::ClassificationComment => return "classification comment edited".to_owned(),
            P::Owner => "owner",
            P::FirstActivityTime => "first activity",
            P::LastActivityTime => "last activity",
        };
        let text = |value: &Value| match (self.property, value) {
            (_, Value::Null) => None,
            (P::Owner, owner) => {
                Owner::from_value(owner).and_then(|owner| owner.names().next().map(ToString::to_string))
            }
            (_, Value::String(text)) => Some(text.to_string()),
            (_, other) => Some(other.to_string()),
        };
        match (text(&self.old), text(&self.new)) {
            (Some(old), Some(new)) => format!("{name} {old} → {new}"),
            (None, Some(new)) => format!("{name} → {new}"),
            (Some(old), None) => format!("{name} {old} → none"),
            (None, None) => format!("{name} edited"),
        }
    }
}

/// Compares two states of an incident: the change of every property and of the labels.
pub(crate) fn compare(old: &Incident, new: &Incident) -> Change {
    let mut change = Change::default();
    let mut field = |property, old: Value, new: Value| {
        if old != new {
            change.fields.push(FieldChange { property, old, new });
        }
    };
    let owner = |incident: &Incident| incident.owner.as_ref().map(Owner::to_value);
    field(IncidentProperty::Title, (&old.title).into(), (&new.title).into());
    field(IncidentProperty::Description, old.description.as_ref().into(), new.description.as_ref().into());
    field(IncidentProperty::Severity, old.severity.into(), new.severity.into());
    field(IncidentProperty::Status, old.status.into(), new.status.into());
    field(IncidentProperty::Classification, old.classification.into(), new.classification.into());
    field(
        IncidentProperty::ClassificationReason,
        old.classification_reason.into(),
        new.classification_reason.into(),
    );
    field(
        IncidentProperty::ClassificationComment,
        old.classification_comment.as_ref().into(),
        new.classification_comment.as_ref().into(),
    );
    field(IncidentProperty::Owner, owner(old).into(), owner(new).into());
    let time = crate::json::time;
    field(IncidentProperty::FirstActivityTime, time(old.first_activity), time(new.first_activity));
    field(IncidentProperty::LastActivityTime, time(old.last_activity), time(new.last_activity));
    let missing = |labels: &[Label], from: &Incident| -> Vec<Text> {
        labels.iter().filter(|label| !from.has_label(&label.name)).map(|label| label.name.clone()).collect()
    };
    change.labels_added = missing(&new.labels, old);
    change.labels_removed = missing(&old.labels, new);
    change
}

fn merge_list(into: &mut Vec<Text>, later: Vec<Text>) {
    for item in later {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}

/// Added and then removed, or removed and then added, is as if nothing had happened.
fn merge_lists(
    added: &mut Vec<Text>,
    removed: &mut Vec<Text>,
    later_added: Vec<Text>,
    later_removed: Vec<Text>,
) {
    let cancel = |item: &Text, in_list: &mut Vec<Text>| {
        let at = in_list.iter().position(|known| crate::text::same(known, item));
        if let Some(at) = at {
            in_list.remove(at);
        }
        at.is_some()
    };
    let later_added = later_added.into_iter().filter(|item| !cancel(item, removed)).collect();
    merge_list(added, later_added);
    let later_removed = later_removed.into_iter().filter(|item| !cancel(item, added)).collect();
    merge_list(removed, later_removed);
}
