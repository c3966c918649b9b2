//! The row that every write of an incident appends to the table `SecurityIncident`.

use crate::comment::Comment;
use crate::incident::Incident;
use crate::json::{object, texts, time};
use crate::task::Task;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_value::Value;

/// The row of an incident as it stands; `at` is when the record is made.
pub fn security_incident_row(
    incident: &Incident,
    comments: &[Comment],
    tasks: &[Task],
    workspace: &WorkspaceRef,
    at: Timestamp,
) -> Value {
    object([
        ("TenantId", (&workspace.id).into()),
        ("TimeGenerated", time(Some(at))),
        ("IncidentName", (&incident.name).into()),
        ("Title", (&incident.title).into()),
        ("Description", incident.description.as_ref().into()),
        ("Severity", incident.severity.into()),
        ("Status", incident.status.into()),
        ("Classification", incident.classification.into()),
        ("ClassificationComment", incident.classification_comment.as_ref().into()),
        ("ClassificationReason", incident.classification_reason.into()),
        ("Owner", incident.owner_value()),
        ("ProviderName", (&incident.provider_name).into()),
        ("ProviderIncidentId", (&incident.provider_incident_id).into()),
        ("FirstActivityTime", time(incident.first_activity)),
        ("LastActivityTime", time(incident.last_activity)),
        ("FirstModifiedTime", time(incident.first_modified)),
        ("LastModifiedTime", time(Some(incident.last_modified))),
        ("CreatedTime", time(Some(incident.created))),
        ("ClosedTime", time(incident.closed)),
        ("IncidentNumber", incident.number.into()),
        ("RelatedAnalyticRuleIds", texts(&incident.related_analytic_rule_ids)),
        ("AlertIds", texts(&incident.alert_ids)),
        ("BookmarkIds", texts(&incident.bookmark_ids)),
        ("Comments", Value::array(comments.iter().map(comment))),
        ("Tasks", Value::array(tasks.iter().map(task))),
        ("Labels", incident.labels_value()),
        ("IncidentUrl", workspace.incident_url(&incident.name).into()),
        ("AdditionalData", incident.additional_data()),
        ("ModifiedBy", incident.last_modified_by.modified_by().into()),
        ("SourceSystem", "Azure".into()),
        ("Type", "SecurityIncident".into()),
        // Nobody is billed for rows here.
        ("_BilledSize", 0.into()),
        ("_IsBillable", "False".into()),
    ])
}

fn comment(comment: &Comment) -> Value {
    object([
        ("name", (&comment.name).into()),
        ("message", (&comment.message).into()),
        ("createdTimeUtc", time(Some(comment.created))),
        ("lastModifiedTimeUtc", time(Some(comment.last_modified))),
        ("author", comment.author.client_info()),
    ])
}

fn task(task: &Task) -> Value {
    object([
        ("name", (&task.name).into()),
        ("title", (&task.title).into()),
        ("description", task.description.as_ref().into()),
        ("status", task.status.into()),
        ("createdTimeUtc", time(Some(task.created))),
        ("lastModifiedTimeUtc", time(Some(task.last_modified))),
        ("createdBy", task.created_by.client_info()),
        ("lastModifiedBy", task.last_modified_by.client_info()),
    ])
}
