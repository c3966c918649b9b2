//! The incident.

use crate::actor::Actor;
use crate::names::{Classification, ClassificationReason, IncidentStatus, LabelType, OwnerType, Severity};
use crate::text::same;
use jiff::Timestamp;
use riposte_value::Text;
use serde::{Deserialize, Serialize};

/// How many alerts Azure keeps in one incident; more go into another one.
pub const ALERTS_MAX: usize = 150;

/// An incident as it stands. What hangs on it (alerts, entities, comments, tasks) is kept beside it and counted here.
///
/// The form that serde writes is the store's own; the wire shapes are made by [`Incident::to_arm`] and its like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// The GUID that ends its ARM id.
    pub name: Text,
    /// Its number in the workspace, counted from 1.
    pub number: i64,
    /// How many times it was written; the etag is made from it.
    pub revision: u64,
    /// What a writer must have seen to write; without quotation marks.
    pub etag: Text,
    /// The title; never empty.
    pub title: Text,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Text>,
    /// How grave it is.
    pub severity: Severity,
    /// Where the work stands.
    pub status: IncidentStatus,
    /// What it turned out to be; a closed incident always has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification: Option<Classification>,
    /// Why it is classified so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification_reason: Option<ClassificationReason>,
    /// What the person who closed it wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classification_comment: Option<Text>,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// The labels (tags), unique without regard to case, in the order in which they came.
    #[serde(default)]
    pub labels: Vec<Label>,
    /// When the first event of its alerts happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_activity: Option<Timestamp>,
    /// When the last event of its alerts happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_activity: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub last_modified: Timestamp,
    /// When it was first changed after it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_modified: Option<Timestamp>,
    /// When it was last closed, as long as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// Whose incident it is: `Azure Sentinel` for what this workspace made.
    pub provider_name: Text,
    /// Its id with the provider: the number, for what this workspace made.
    pub provider_incident_id: Text,
    /// The ARM ids of the analytics rules behind its alerts.
    #[serde(default)]
    pub related_analytic_rule_ids: Vec<Text>,
    /// The ids (`SystemAlertId`) of its alerts, in the order in which they came.
    #[serde(default)]
    pub alert_ids: Vec<Text>,
    /// The names of its bookmarks, in the order in which they came.
    #[serde(default)]
    pub bookmark_ids: Vec<Text>,
    /// How many comments it has.
    #[serde(default)]
    pub comments_count: u32,
    /// How many tasks it has.
    #[serde(default)]
    pub tasks_count: u32,
    /// The tactics of its alerts.
    #[serde(default)]
    pub tactics: Vec<Text>,
    /// The techniques of its alerts.
    #[serde(default)]
    pub techniques: Vec<Text>,
    /// The products of its alerts.
    #[serde(default)]
    pub alert_product_names: Vec<Text>,
    /// Who made it.
    pub created_by: Actor,
    /// Who changed it last.
    pub last_modified_by: Actor,
}

/// Who sees to an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Owner {
    /// The object id of the person or group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Text>,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// The display name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<Text>,
    /// The user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<Text>,
    /// What the owner is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_type: Option<OwnerType>,
}

impl Owner {
    /// The owner without names that are blank.
    pub(crate) fn without_blanks(mut self) -> Self {
        for name in [&mut self.object_id, &mut self.email, &mut self.assigned_to, &mut self.upn] {
            *name = name.take().filter(|name| !name.trim().is_empty());
        }
        self
    }

    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.names().next().is_none()
    }

    /// Everything that names the owner: display name, user principal name, mail address, object id.
    pub fn names(&self) -> impl Iterator<Item = &Text> {
        [&self.assigned_to, &self.upn, &self.email, &self.object_id].into_iter().flatten()
    }

    /// Whether it is the same person or group for update rules. Only the object id and the user principal name
    /// count: a change of the rest is not noticed, as documented.
    pub fn is_same(a: Option<&Self>, b: Option<&Self>) -> bool {
        let identity =
            |owner: Option<&Self>| owner.map(|o| (o.object_id.clone(), o.upn.clone())).unwrap_or_default();
        let ((a_id, a_upn), (b_id, b_upn)) = (identity(a), identity(b));
        let equal = |a: Option<Text>, b: Option<Text>| same(&a.unwrap_or_default(), &b.unwrap_or_default());
        equal(a_id, b_id) && equal(a_upn, b_upn)
    }
}

/// A label (tag).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Its text.
    pub name: Text,
    /// Who put it there.
    #[serde(rename = "type")]
    pub kind: LabelType,
}

impl Label {
    /// A label that a person, a rule or a playbook gives.
    pub fn user(name: impl AsRef<str>) -> Self {
        Self { name: Text::new(name), kind: LabelType::User }
    }
}

impl Incident {
    /// Whether it has a label, without regard to case.
    pub fn has_label(&self, name: &str) -> bool {
        self.labels.iter().any(|label| same(&label.name, name))
    }

    /// Whether it has an alert, without regard to case.
    pub fn has_alert(&self, system_alert_id: &str) -> bool {
        self.alert_ids.iter().any(|id| same(id, system_alert_id))
    }

    /// Whether a writer who names this etag (with or without quotation marks) has seen the incident as it stands.
    pub fn etag_is(&self, given: &str) -> bool {
        self.etag == unquote(given)
    }

    /// Azure's words for a write with a stale etag; they go with status 409 and the code `Conflict`.
    pub fn conflict_message(&self) -> String {
        format!("Newer version of resource '{}' exists. Data was not saved", self.name)
    }

    /// Makes a new incident's etags its own: none of another incident of the same name, before or after it, is one of
    /// them. `random` is a GUID that nothing else has.
    pub fn make_etags_unique(&mut self, random: &str) {
        self.etag = next_etag(random, self.revision);
    }

    /// Notes a write: who and when, with the next revision and etag.
    pub(crate) fn touch(&mut self, actor: &Actor, at: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.etag = next_etag(&self.etag, self.revision);
        self.last_modified = self.last_modified.max(at);
        self.first_modified.get_or_insert(at);
        self.last_modified_by = actor.clone();
    }
}

/// The etag of a first revision, in Azure's pattern: revision and second in a GUID's clothes. Whoever keeps what it belongs
/// to puts something in the second's place that no other has.
pub(crate) fn etag(revision: u64, at: Timestamp) -> Text {
    let revision = revision & 0xffff_ffff;
    let second = at.as_second().rem_euclid(1 << 32);
    Text::from(format!("{revision:08x}-0000-0000-0000-{second:08x}0000"))
}

/// The etag of the next revision: what was given to the first one stays behind the revision's number.
pub(crate) fn next_etag(before: &str, revision: u64) -> Text {
    let revision = revision & 0xffff_ffff;
    Text::from(format!("{revision:08x}{}", before.get(8..).unwrap_or("-0000-0000-0000-000000000000")))
}

/// An etag without the quotation marks and the weakness mark that clients send along.
pub(crate) fn unquote(etag: &str) -> &str {
    let etag = etag.trim();
    let etag = etag.strip_prefix("W/").unwrap_or(etag);
    etag.trim_matches('"')
}
