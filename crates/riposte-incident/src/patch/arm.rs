//! The body of `PUT …/incidents/{name}`: it replaces everything that a client may write, but for the times of activity.
//!
//! A property that is left out, or null, is taken away, as the service does. The times of activity are what the alerts
//! of the incident told: they are changed by who gives others, and are never taken away.

use super::{Field, IncidentPatch, LabelPatch};
use crate::fields::Fields;
use crate::incident::{Label, Owner, unquote};
use crate::names::LabelType;
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_value::{Text, Value};

/// The longest description that Azure keeps, in characters.
const DESCRIPTION_MAX: usize = 5_000;

/// A PUT body, read.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmPut {
    /// What it asks for.
    pub patch: IncidentPatch,
    /// The etag that the writer saw, without quotation marks.
    pub etag: Option<Text>,
    /// What Azure would not have taken.
    pub warnings: Vec<Diagnostic>,
}

/// Reads a PUT body. Properties that only the service writes are passed over, as the service does.
///
/// # Errors
/// Every wrong type, wrong name and missing `title`, `severity` or `status`.
pub fn from_arm_put(body: &Value) -> Result<ArmPut, Vec<Diagnostic>> {
    let mut told = Vec::new();
    let read = read(body, &mut told);
    match read {
        Some((patch, etag)) if !has_errors(&told) => Ok(ArmPut { patch, etag, warnings: told }),
        _ => Err(told),
    }
}

fn read(body: &Value, told: &mut Vec<Diagnostic>) -> Option<(IncidentPatch, Option<Text>)> {
    let envelope = Fields::of(body, "$", told)?;
    let etag = envelope.text("etag", told).map(|etag| Text::new(unquote(&etag)));
    let fields = envelope.required_object("properties", told)?;
    let patch = IncidentPatch {
        title: Field::set_if(fields.required_text("title", told)),
        description: Field::replace(fields.text("description", told)),
        severity: Field::set_if(fields.required_name("severity", told)),
        status: Field::set_if(fields.required_name("status", told)),
        classification: Field::replace(fields.name("classification", told)),
        classification_reason: Field::replace(fields.name("classificationReason", told)),
        classification_comment: Field::replace(fields.text("classificationComment", told)),
        owner: Field::replace(read_owner(&fields, told)),
        labels: LabelPatch::Replace(read_labels(&fields, told)),
        first_activity: Field::set_if(fields.time("firstActivityTimeUtc", told)),
        last_activity: Field::set_if(fields.time("lastActivityTimeUtc", told)),
    };
    if patch.description.value().is_some_and(|text| text.chars().count() > DESCRIPTION_MAX) {
        let message =
            format!("the description is longer than the {DESCRIPTION_MAX} characters that Azure keeps");
        told.push(Diagnostic::warning("AzureLimit", message).at("$.properties.description"));
    }
    Some((patch, etag.filter(|etag| !etag.is_empty())))
}

/// The property `owner`, also of a rule's action; none if it names nobody.
pub(super) fn read_owner(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Option<Owner> {
    let owner = fields.object("owner", told)?;
    let mut text = |name| owner.text(name, told);
    let owner = Owner {
        object_id: text("objectId"),
        email: text("email"),
        assigned_to: text("assignedTo"),
        upn: text("userPrincipalName"),
        owner_type: owner.name("ownerType", told),
    }
    .without_blanks();
    (!owner.is_empty()).then_some(owner)
}

/// The property `labels`, also of a rule's action: a list of `{labelName}`.
pub(super) fn read_labels(fields: &Fields<'_>, told: &mut Vec<Diagnostic>) -> Vec<Label> {
    let mut labels = Vec::new();
    for (at, item) in fields.array("labels", told).unwrap_or_default().iter().enumerate() {
        let path = join_index(&fields.path_of("labels"), at);
        let Some(label) = Fields::of(item, &path, told) else { continue };
        // `labelType` is read-only: what is sent is a person's, and a label that the incident has keeps its own.
        if let Some(name) = label.required_text("labelName", told) {
            labels.push(Label { name, kind: LabelType::User });
        }
    }
    labels
}
