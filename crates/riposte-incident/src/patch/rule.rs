//! The configuration of the rule action `ModifyProperties`: what is null or absent stays, labels are added.

use super::arm::{read_labels, read_owner};
use super::{Field, IncidentPatch, LabelPatch};
use crate::fields::Fields;
use crate::incident::Owner;
use crate::json::{object, put_some};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value};

const KNOWN: &[&str] = &[
    "severity",
    "status",
    "classification",
    "classificationReason",
    "classificationComment",
    "owner",
    "labels",
];

/// Reads the action's configuration, which lies at `path`; what is wrong is told.
pub fn from_modify_properties(
    configuration: &Value,
    path: &str,
    told: &mut Vec<Diagnostic>,
) -> IncidentPatch {
    let Some(fields) = Fields::of(configuration, path, told) else { return IncidentPatch::default() };
    fields.warn_unknown(KNOWN, told);
    let labels = read_labels(&fields, told).into_iter().map(|label| label.name).collect::<Vec<_>>();
    // an owner whose members are all null leaves the owner, as any null does
    let owner = Field::set_if(read_owner(&fields, told));
    IncidentPatch {
        severity: Field::set_if(fields.name("severity", told)),
        status: Field::set_if(fields.name("status", told)),
        classification: Field::set_if(fields.name("classification", told)),
        classification_reason: Field::set_if(fields.name("classificationReason", told)),
        classification_comment: Field::set_if(fields.text("classificationComment", told)),
        owner,
        labels: if labels.is_empty() {
            LabelPatch::Leave
        } else {
            LabelPatch::Edit { add: labels, remove: Vec::new() }
        },
        ..IncidentPatch::default()
    }
}

/// Writes the action's configuration: what [`from_modify_properties`] reads back to the same patch.
pub fn modify_properties_to_arm(patch: &IncidentPatch) -> Value {
    let mut configuration = Object::new();
    put_some(&mut configuration, "severity", patch.severity.value().copied());
    put_some(&mut configuration, "status", patch.status.value().copied());
    put_some(&mut configuration, "classification", patch.classification.value().copied());
    put_some(&mut configuration, "classificationReason", patch.classification_reason.value().copied());
    put_some(&mut configuration, "classificationComment", patch.classification_comment.value());
    put_some(&mut configuration, "owner", patch.owner.value().map(Owner::to_value));
    if let LabelPatch::Edit { add, .. } = &patch.labels {
        let labels = add.iter().map(|name| object([("labelName", name.into())]));
        put_some(&mut configuration, "labels", Some(Value::array(labels)));
    }
    Value::from(configuration)
}
