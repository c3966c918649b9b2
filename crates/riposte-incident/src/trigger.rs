//! The bodies that start playbooks.

use crate::actor::Actor;
use crate::alert::Alert;
use crate::change::Change;
use crate::comment::Comment;
use crate::entity::Entity;
use crate::incident::{Incident, Label};
use crate::json::{object, put_some, texts};
use crate::text::same;
use crate::workspace::WorkspaceRef;
use riposte_value::{Object, Text, Value};

/// An incident with everything that its trigger body tells.
#[derive(Debug, Clone, Copy)]
pub struct IncidentContext<'a> {
    /// Where it lies.
    pub workspace: &'a WorkspaceRef,
    /// The incident.
    pub incident: &'a Incident,
    /// Its alerts, in its order.
    pub alerts: &'a [Alert],
    /// Its entities.
    pub entities: &'a [Entity],
    /// Its comments, oldest first.
    pub comments: &'a [Comment],
    /// Its bookmarks as ARM resources.
    pub bookmarks: &'a [Value],
}

/// The body of the connector's incident trigger. With a change it is an `Update` and tells what changed and by whom,
/// without one a `Create`. `event` is an id of the event, of the caller's making.
pub fn incident_trigger_body(
    context: IncidentContext<'_>,
    event: &str,
    change: Option<(&Change, &Actor)>,
) -> Value {
    let mut body = Object::with_capacity(7);
    put_some(&mut body, "eventUniqueId", Some(event));
    put_some(&mut body, "objectSchemaType", Some("Incident"));
    put_some(&mut body, "objectEventType", Some(if change.is_some() { "Update" } else { "Create" }));
    put_some(&mut body, "workspaceInfo", Some(context.workspace.info()));
    put_some(&mut body, "workspaceId", Some(&context.workspace.id));
    let updates = change.map(|(change, by)| incident_updates(context, change, by));
    put_some(&mut body, "incidentUpdates", updates);
    put_some(&mut body, "object", Some(context.to_arm()));
    Value::from(body)
}

impl IncidentContext<'_> {
    /// The ARM resource with `alerts`, `bookmarks`, `relatedEntities` and `comments` among its properties, as the
    /// connector shows an incident.
    pub fn to_arm(&self) -> Value {
        let workspace = self.workspace;
        let mut more = Object::with_capacity(4);
        let list = |items: Vec<Value>| Some(Value::from(items));
        put_some(
            &mut more,
            "alerts",
            list(self.alerts.iter().map(|alert| alert.to_arm(workspace)).collect()),
        );
        put_some(&mut more, "bookmarks", list(self.bookmarks.to_vec()));
        let entities = self.entities.iter().map(|entity| entity.to_arm(workspace)).collect();
        put_some(&mut more, "relatedEntities", list(entities));
        put_some(&mut more, "comments", list(self.comments.iter().map(|c| self.comment(c)).collect()));
        self.incident.resource(workspace, more)
    }

    fn comment(&self, comment: &Comment) -> Value {
        comment.to_arm(self.workspace, &self.incident.name)
    }
}

fn incident_updates(context: IncidentContext<'_>, change: &Change, by: &Actor) -> Value {
    let has = |list: &[Text], name: &str| list.iter().any(|item| same(item, name));
    let alerts = context.alerts.iter().filter(|alert| has(&change.alerts_added, &alert.system_alert_id));
    let comments = context.comments.iter().filter(|comment| has(&change.comments_added, &comment.name));
    let label = |name: &Text| {
        let known = context.incident.labels.iter().find(|label| same(&label.name, name));
        known.map_or_else(|| Label::named(name), Label::to_value)
    };
    object([
        ("updatedFields", Value::array(change.updated_fields().into_iter().map(Value::from))),
        ("updatedBy", by.client_info()),
        ("alerts", Value::array(alerts.map(|alert| alert.to_arm(context.workspace)))),
        ("comments", Value::array(comments.map(|comment| context.comment(comment)))),
        ("labels", Value::array(change.labels_added.iter().map(label))),
        ("tactics", texts(&change.tactics_added)),
    ])
}

/// The body of the connector's alert trigger.
pub fn alert_trigger_body(alert: &Alert, workspace: &WorkspaceRef) -> Value {
    alert.trigger_body(workspace)
}

/// The body of the connector's entity trigger. Without an incident (`IncidentArmID` is then null) it comes from a hunt.
pub fn entity_trigger_body(entity: &Entity, incident: Option<&Incident>, workspace: &WorkspaceRef) -> Value {
    object([
        ("IncidentArmID", incident.map(|incident| workspace.incident_id(&incident.name)).into()),
        ("workspaceInfo", workspace.info()),
        ("workspaceId", (&workspace.id).into()),
        ("Entity", entity.to_trigger(workspace)),
    ])
}
