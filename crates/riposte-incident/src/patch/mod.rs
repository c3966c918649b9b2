//! Changes of an incident's properties: what to leave, set and clear, and the one function that applies it.

mod arm;
mod connector;
mod rule;

pub use arm::{ArmPut, from_arm_put};
pub use connector::{ConnectorWrite, from_connector_create, from_connector_update};
pub use rule::{from_modify_properties, modify_properties_to_arm};

use crate::actor::Actor;
use crate::change::{Change, compare};
use crate::incident::{Incident, Label, Owner, etag};
use crate::names::{Classification, ClassificationReason, IncidentStatus, LabelType, Severity};
use crate::text::same;
use crate::time::truncate;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::Text;

/// What to do with one property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Field<T> {
    /// Nothing.
    #[default]
    Leave,
    /// Give it this value.
    Set(T),
    /// Take its value away.
    Clear,
}

impl<T> Field<T> {
    /// Sets what is given, clears what is not: what a full replacement means.
    pub fn replace(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }

    /// Sets what is given, leaves what is not.
    pub fn set_if(value: Option<T>) -> Self {
        value.map_or(Self::Leave, Self::Set)
    }

    /// The value to set.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Leave | Self::Clear => None,
        }
    }

    fn onto(&self, target: &mut Option<T>)
    where
        T: Clone,
    {
        match self {
            Self::Leave => {}
            Self::Set(value) => *target = Some(value.clone()),
            Self::Clear => *target = None,
        }
    }
}

/// What to do with the labels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum LabelPatch {
    /// Nothing.
    #[default]
    Leave,
    /// These and no others.
    Replace(Vec<Label>),
    /// Remove some, then add some.
    Edit {
        /// Labels to add.
        add: Vec<Text>,
        /// Labels to remove.
        remove: Vec<Text>,
    },
}

/// What to do with each property of an incident. The default leaves everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentPatch {
    /// The title.
    pub title: Field<Text>,
    /// The description.
    pub description: Field<Text>,
    /// The severity.
    pub severity: Field<Severity>,
    /// The status.
    pub status: Field<IncidentStatus>,
    /// The classification.
    pub classification: Field<Classification>,
    /// The reason of the classification.
    pub classification_reason: Field<ClassificationReason>,
    /// The comment on the classification.
    pub classification_comment: Field<Text>,
    /// The owner.
    pub owner: Field<Owner>,
    /// The labels.
    pub labels: LabelPatch,
    /// When the first event happened.
    pub first_activity: Field<Timestamp>,
    /// When the last event happened.
    pub last_activity: Field<Timestamp>,
}

/// Changes an incident as a patch says, and tells what changed. Applying the same patch again changes nothing.
///
/// Closing without a classification gives `Undetermined`; reopening takes classification, reason and comment away
/// unless the patch sets them; a new classification takes away a reason that does not go with it.
///
/// # Errors
/// If the patch takes away or empties title, severity or status. The incident is then as it was.
pub fn apply(
    incident: &mut Incident,
    patch: &IncidentPatch,
    actor: &Actor,
    at: Timestamp,
) -> Result<Change, Vec<Diagnostic>> {
    let refused = refuse(patch);
    if !refused.is_empty() {
        return Err(refused);
    }
    let at = truncate(at);
    let mut next = incident.clone();
    write_properties(&mut next, patch, at);
    write_labels(&mut next, &patch.labels);
    let change = compare(incident, &next);
    if !change.is_empty() {
        next.touch(actor, at);
        *incident = next;
    }
    Ok(change)
}

impl Incident {
    /// Makes an incident from a patch. Severity `Medium` and status `New` where the patch says nothing.
    ///
    /// # Errors
    /// If the patch has no title.
    pub fn create(
        name: impl AsRef<str>,
        number: i64,
        patch: &IncidentPatch,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Self, Vec<Diagnostic>> {
        let at = truncate(at);
        let mut refused = refuse(patch);
        if patch.title == Field::Leave {
            refused.push(Diagnostic::error("BadRequest", "`title` is missing").at("$.properties"));
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        let mut incident = Self::blank(name.as_ref(), number, actor, at);
        write_properties(&mut incident, patch, at);
        write_labels(&mut incident, &patch.labels);
        Ok(incident)
    }

    pub(crate) fn blank(name: &str, number: i64, actor: &Actor, at: Timestamp) -> Self {
        Self {
            name: Text::new(name),
            number,
            revision: 1,
            etag: etag(1, at),
            title: Text::default(),
            description: None,
            severity: Severity::Medium,
            status: IncidentStatus::New,
            classification: None,
            classification_reason: None,
            classification_comment: None,
            owner: None,
            labels: Vec::new(),
            first_activity: None,
            last_activity: None,
            created: at,
            last_modified: at,
            first_modified: None,
            closed: None,
            provider_name: Text::new_static("Azure Sentinel"),
            provider_incident_id: Text::from(number.to_string()),
            related_analytic_rule_ids: Vec::new(),
            alert_ids: Vec::new(),
            bookmark_ids: Vec::new(),
            comments_count: 0,
            tasks_count: 0,
            tactics: Vec::new(),
            techniques: Vec::new(),
            alert_product_names: Vec::new(),
            created_by: actor.clone(),
            last_modified_by: actor.clone(),
        }
    }
}

fn refuse(patch: &IncidentPatch) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    let mut refuse = |holds: bool, name: &str, what: &str| {
        if holds {
            let diagnostic = Diagnostic::error("BadRequest", format!("`{name}` {what}"));
            refused.push(diagnostic.at(format!("$.properties.{name}")));
        }
    };
    refuse(patch.title == Field::Clear, "title", "cannot be removed");
    refuse(patch.title.value().is_some_and(|title| title.trim().is_empty()), "title", "is empty");
    refuse(patch.severity == Field::Clear, "severity", "cannot be removed");
    refuse(patch.status == Field::Clear, "status", "cannot be removed");
    refused
}

fn write_properties(incident: &mut Incident, patch: &IncidentPatch, at: Timestamp) {
    let was_closed = incident.status == IncidentStatus::Closed;
    if let Field::Set(title) = &patch.title {
        incident.title = title.clone();
    }
    if let Field::Set(severity) = patch.severity {
        incident.severity = severity;
    }
    if let Field::Set(status) = patch.status {
        incident.status = status;
    }
    patch.description.onto(&mut incident.description);
    incident.description = incident.description.take().filter(|text| !text.is_empty());
    patch.owner.onto(&mut incident.owner);
    incident.owner = incident.owner.take().map(Owner::without_blanks).filter(|owner| !owner.is_empty());
    patch.first_activity.onto(&mut incident.first_activity);
    patch.last_activity.onto(&mut incident.last_activity);
    incident.first_activity = incident.first_activity.map(truncate);
    incident.last_activity = incident.last_activity.map(truncate);
    let is_closed = incident.status == IncidentStatus::Closed;
    if was_closed && !is_closed {
        incident.classification = None;
        incident.classification_reason = None;
        incident.classification_comment = None;
    }
    write_classification(incident, patch);
    if is_closed {
        incident.classification.get_or_insert(Classification::Undetermined);
        incident.closed.get_or_insert(at);
    } else {
        incident.closed = None;
    }
}

fn write_classification(incident: &mut Incident, patch: &IncidentPatch) {
    patch.classification.onto(&mut incident.classification);
    patch.classification_reason.onto(&mut incident.classification_reason);
    patch.classification_comment.onto(&mut incident.classification_comment);
    incident.classification_comment = incident.classification_comment.take().filter(|text| !text.is_empty());
    let stale = |reason: ClassificationReason| Some(reason.classification()) != incident.classification;
    if patch.classification != Field::Leave
        && patch.classification_reason == Field::Leave
        && incident.classification_reason.is_some_and(stale)
    {
        incident.classification_reason = None;
    }
}

fn write_labels(incident: &mut Incident, patch: &LabelPatch) {
    match patch {
        LabelPatch::Leave => {}
        LabelPatch::Replace(labels) => {
            let old = std::mem::take(&mut incident.labels);
            for label in labels {
                // a label that was there stays as it was, spelling and kind
                let kept = old.iter().find(|known| same(&known.name, &label.name));
                add_label(incident, kept.unwrap_or(label));
            }
        }
        LabelPatch::Edit { add, remove } => {
            let keep = |label: &Label| {
                !remove.iter().any(|name| same(name.trim(), &label.name))
                    || add.iter().any(|name| same(name.trim(), &label.name))
            };
            incident.labels.retain(keep);
            for name in add {
                add_label(incident, &Label { name: name.clone(), kind: LabelType::User });
            }
        }
    }
}

fn add_label(incident: &mut Incident, label: &Label) {
    let name = label.name.trim();
    if !name.is_empty() && !incident.has_label(name) {
        incident.labels.push(Label { name: Text::new(name), kind: label.kind });
    }
}
