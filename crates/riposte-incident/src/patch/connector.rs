//! The bodies of the Sentinel connector's `PUT /Incidents` (update) and of its create call: every member may be
//! absent, null or empty, which leaves the property; texts are read without regard to case and blanks, since they
//! come from cards that people fill in.

use super::{Field, IncidentPatch, LabelPatch};
use crate::fields::{Fields, unknown_name};
use crate::incident::Owner;
use crate::names::{Classification, ClassificationReason, Name, OwnerType};
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_value::{Text, Value};

/// A connector body, read.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorWrite {
    /// The ARM id of the incident; empty when one is to be made.
    pub incident_arm_id: Text,
    /// What it asks for.
    pub patch: IncidentPatch,
}

/// Reads the body of an update.
///
/// # Errors
/// A missing `incidentArmId`, wrong types and wrong names.
pub fn from_connector_update(body: &Value) -> Result<ConnectorWrite, Vec<Diagnostic>> {
    let mut told = Vec::new();
    let fields = Fields::of(body, "$", &mut told);
    let id = fields.as_ref().and_then(|fields| fields.required_text("incidentArmId", &mut told));
    finish(fields.as_ref(), id, told)
}

/// Reads the body of a creation.
///
/// # Errors
/// A missing `title`, wrong types and wrong names.
pub fn from_connector_create(body: &Value) -> Result<ConnectorWrite, Vec<Diagnostic>> {
    let mut told = Vec::new();
    let fields = Fields::of(body, "$", &mut told);
    if let Some(fields) = &fields {
        fields.required_text("title", &mut told);
    }
    finish(fields.as_ref(), Some(Text::default()), told)
}

fn finish(
    fields: Option<&Fields<'_>>,
    id: Option<Text>,
    mut told: Vec<Diagnostic>,
) -> Result<ConnectorWrite, Vec<Diagnostic>> {
    let patch = fields.map(|fields| read(fields, &mut told));
    match (id, patch) {
        (Some(incident_arm_id), Some(patch)) if !has_errors(&told) => {
            Ok(ConnectorWrite { incident_arm_id, patch })
        }
        _ => Err(told),
    }
}

fn read(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> IncidentPatch {
    let (classification, classification_reason, classification_comment) = read_classification(fields, told);
    IncidentPatch {
        title: Field::set_if(filled(fields, "title", told)),
        description: Field::set_if(filled(fields, "description", told)),
        severity: Field::set_if(loose_name(fields, "severity", told)),
        status: Field::set_if(loose_name(fields, "status", told)),
        classification,
        classification_reason,
        classification_comment,
        owner: read_owner(fields, told),
        labels: read_tags(fields, told),
        ..IncidentPatch::default()
    }
}

fn filled(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Option<Text> {
    fields.text(name, told).filter(|text| !text.trim().is_empty())
}

/// A name that may have blanks in it (`True Positive`).
fn loose_name<N: Name>(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Option<N> {
    let text = filled(fields, name, told)?;
    let value = N::parse(&letters(&text));
    if value.is_none() {
        told.push(unknown_name::<N>(name, &text).at(fields.path_of(name)));
    }
    value
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

type ReadClassification = (Field<Classification>, Field<ClassificationReason>, Field<Text>);

/// `{"ClassificationAndReason": "TruePositive - SuspiciousActivity", "ClassificationReasonText": "…"}`, or the first
/// text alone.
fn read_classification(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> ReadClassification {
    let (text, path, comment) = match fields.value("classification") {
        Some(Value::String(text)) => (Some(text.clone()), fields.path_of("classification"), None),
        Some(_) => {
            let Some(inner) = fields.object("classification", told) else {
                return ReadClassification::default();
            };
            let path = inner.path_of("ClassificationAndReason");
            let text = inner.text("ClassificationAndReason", told);
            (text, path, filled(&inner, "ClassificationReasonText", told))
        }
        None => return ReadClassification::default(),
    };
    let comment = Field::set_if(comment);
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return (Field::Leave, Field::Leave, comment);
    };
    let Some((classification, reason)) = classification_and_reason(&text) else {
        let message = format!("`{text}` is no classification");
        told.push(Diagnostic::error("BadRequest", message).at(path).help(
            "one of `Undetermined`, `TruePositive - SuspiciousActivity`, `BenignPositive - \
             SuspiciousButExpected`, `FalsePositive - IncorrectAlertLogic`, `FalsePositive - InaccurateData`",
        ));
        return ReadClassification::default();
    };
    (Field::Set(classification), reason.map_or(Field::Clear, Field::Set), comment)
}

/// The classification and the reason that a text such as `True Positive - Suspicious Activity` names.
fn classification_and_reason(text: &str) -> Option<(Classification, Option<ClassificationReason>)> {
    let plain = letters(text);
    Classification::ALL.iter().copied().find_map(|classification| {
        let (head, tail) = plain.split_at_checked(classification.as_str().len())?;
        if !head.eq_ignore_ascii_case(classification.as_str()) {
            return None;
        }
        if tail.is_empty() {
            return Some((classification, None));
        }
        ClassificationReason::parse(tail).map(|reason| (classification, Some(reason)))
    })
}

/// `owner` is an object id or a user principal name; `ownerAction` says whether to assign or to unassign.
fn read_owner(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Field<Owner> {
    let action = filled(fields, "ownerAction", told);
    let owner = filled(fields, "owner", told);
    match (action.as_deref().map(letters).map(|text| text.to_ascii_lowercase()).as_deref(), owner) {
        (Some("unassign"), _) => Field::Clear,
        (Some("assign") | None, Some(owner)) => Field::Set(owner_of(owner.trim())),
        (Some("assign"), None) => {
            let message = "`ownerAction` is `Assign`, and there is no `owner`";
            told.push(Diagnostic::error("BadRequest", message).at(fields.path_of("owner")));
            Field::Leave
        }
        (None, None) => Field::Leave,
        (Some(_), _) => {
            let text = action.unwrap_or_default();
            let diagnostic =
                Diagnostic::error("BadRequest", format!("`{text}` is no value of `ownerAction`"));
            told.push(diagnostic.at(fields.path_of("ownerAction")).help("one of `Assign`, `Unassign`"));
            Field::Leave
        }
    }
}

/// The owner that one text names: a GUID is an object id, what holds an `@` a user principal name and mail address,
/// and the rest a display name that is taken for a user principal name too, so that update rules notice it.
fn owner_of(text: &str) -> Owner {
    if uuid::Uuid::try_parse(text).is_ok() {
        return Owner { object_id: Some(Text::new(text)), ..Owner::default() };
    }
    Owner {
        object_id: None,
        email: text.contains('@').then(|| Text::new(text)),
        assigned_to: Some(Text::new(text)),
        upn: Some(Text::new(text)),
        owner_type: text.contains('@').then_some(OwnerType::User),
    }
}

/// `{"tagsToAdd": {"TagsToAdd": [{"Tag": "x"}]}, "tagsToRemove": …}`; the inner list or plain texts alone will do.
fn read_tags(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> LabelPatch {
    let add = tag_list(fields, "tagsToAdd", told);
    let remove = tag_list(fields, "tagsToRemove", told);
    if add.is_empty() && remove.is_empty() { LabelPatch::Leave } else { LabelPatch::Edit { add, remove } }
}

fn tag_list(fields: &Fields<'_>, name: &str, told: &mut Vec<Diagnostic>) -> Vec<Text> {
    let (items, path) = match fields.value(name) {
        None => return Vec::new(),
        Some(Value::Array(items)) => (items.as_slice(), fields.path_of(name)),
        Some(_) => {
            let Some(inner) = fields.object(name, told) else { return Vec::new() };
            (inner.array(name, told).unwrap_or_default(), inner.path_of(name))
        }
    };
    let mut tags = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match item {
            Value::Null => {}
            Value::String(tag) if tag.trim().is_empty() => {}
            Value::String(tag) => tags.push(tag.clone()),
            other => {
                let path = join_index(&path, at);
                let tag = Fields::of(other, &path, told).and_then(|tag| filled(&tag, "Tag", told));
                tags.extend(tag);
            }
        }
    }
    tags
}
