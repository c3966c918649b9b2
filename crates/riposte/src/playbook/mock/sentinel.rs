//! The Sentinel connector of a run without a server: it works on the incident that the run started from.
//!
//! Entity getters, comments, updates and tasks do what they do on a server; what would need more than this one
//! incident (watchlists, bookmarks, threat intelligence) answers with an empty success.

use crate::playbook::call::Call;
use crate::playbook::sample::World;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{
    Actor, ActorKind, Comment, EntityGetter, Incident, IncidentContext, Task, TaskStatus, apply,
    entities_get, from_connector_create, from_connector_update,
};
use riposte_value::{Object, Value};

/// What an operation answers: a status and a body.
type Reply = (u16, Value);

/// Answers an operation of the Sentinel connector.
pub fn answer(world: &mut World, call: &Call, at: Timestamp) -> Reply {
    let actor = Actor::new(ActorKind::Playbook, "playbook");
    let body = call.inputs.get_ignore_case("body").unwrap_or(&Value::Null);
    let path = call.address.trim_end_matches('/').to_lowercase();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["entities", getter]) => match EntityGetter::parse(getter) {
            Some(getter) => (200, entities_get(getter, body)),
            None => refused("NotFound", 404, &format!("there are no entities of kind `{getter}`")),
        },
        ("POST", ["incidents", "comment"]) => comment(world, body, &actor, at),
        ("PUT", ["incidents"]) => update(world, body, &actor, at),
        ("POST", ["incidents", "createtask"]) => create_task(world, body, &actor, at),
        ("POST", ["incidents", "completetask"]) => complete_task(world, body, &actor, at),
        ("PUT", ["incidents", "subscriptions", ..]) => create(world, body, &actor, at),
        ("POST", ["incidents"]) | ("GET", ["incidents", ..]) => (200, world.context().to_arm()),
        ("GET", ["cases", ..]) => (200, legacy(&world.incident)),
        ("POST", ["incidents", "relation", ..]) => (200, Value::from(Object::new())),
        ("PUT", ["comment" | "case", ..]) | ("DELETE", ["watchlists" | "bookmarks" | "v2", ..]) => {
            (200, Value::text(""))
        }
        ("GET", [.., "watchlistitems" | "bookmarkslist"] | [.., "bookmarkslist", _]) => {
            (200, Value::object([("value", Value::array([]))]))
        }
        ("GET" | "PUT", ["watchlists" | "bookmarks" | "v2", ..]) => {
            (200, Value::object([("properties", Value::from(Object::new()))]))
        }
        ("POST", [.., "uploadindicators" | "uploadstixobjects"]) => {
            (200, Value::object([("errors", Value::array([])), ("recordIndex", Value::Int(0))]))
        }
        (method, _) => {
            refused("NotFound", 404, &format!("the Sentinel connector has no operation `{method} {path}`"))
        }
    }
}

fn refused(code: &str, status: u16, message: &str) -> Reply {
    let error = Value::object([("code", Value::text(code)), ("message", Value::text(message))]);
    (status, Value::object([("error", error)]))
}

fn invalid(diagnostics: &[Diagnostic]) -> Reply {
    let message = diagnostics.first().map_or("the request is not valid", |first| first.message.as_str());
    refused("BadRequest", 400, message)
}

fn comment(world: &mut World, body: &Value, actor: &Actor, at: Timestamp) -> Reply {
    match Comment::from_connector(body) {
        Ok((_, message)) => {
            let name = format!("c0000000-0000-4000-8000-{:012}", world.comments.len() + 1);
            let comment = Comment::new(name, message, actor, at);
            let shown = comment.to_arm(&world.workspace, &world.incident.name);
            world.incident.comment_added(&comment);
            world.comments.push(comment);
            (200, shown)
        }
        Err(diagnostics) => invalid(&diagnostics),
    }
}

fn update(world: &mut World, body: &Value, actor: &Actor, at: Timestamp) -> Reply {
    let written =
        from_connector_update(body).and_then(|write| apply(&mut world.incident, &write.patch, actor, at));
    match written {
        Ok(_) => (200, world.context().to_arm()),
        Err(diagnostics) => invalid(&diagnostics),
    }
}

fn create(world: &World, body: &Value, actor: &Actor, at: Timestamp) -> Reply {
    let number = world.incident.number + 1;
    let made = from_connector_create(body).and_then(|write| {
        Incident::create("7f0c1a52-0000-4000-8000-000000000008", number, &write.patch, actor, at)
    });
    match made {
        Ok(incident) => {
            let context = IncidentContext {
                incident: &incident,
                alerts: &[],
                entities: &[],
                comments: &[],
                ..world.context()
            };
            (200, context.to_arm())
        }
        Err(diagnostics) => invalid(&diagnostics),
    }
}

fn create_task(world: &mut World, body: &Value, actor: &Actor, at: Timestamp) -> Reply {
    match riposte_incident::TaskWrite::from_connector(body) {
        Ok((_, write)) => {
            let name = format!("d0000000-0000-4000-8000-{:012}", world.tasks.len() + 1);
            let task = Task::new(name, write, actor, at);
            let shown = task.to_arm(&world.workspace, &world.incident.name);
            world.tasks.push(task);
            (200, shown)
        }
        Err(diagnostics) => invalid(&diagnostics),
    }
}

fn complete_task(world: &mut World, body: &Value, actor: &Actor, at: Timestamp) -> Reply {
    let id = body.get_ignore_case("taskArmId").and_then(Value::as_str).unwrap_or_default();
    let name = id.rsplit('/').next().unwrap_or_default();
    let (workspace, incident) = (&world.workspace, &world.incident.name);
    match world.tasks.iter_mut().find(|task| task.name.eq_ignore_ascii_case(name)) {
        Some(task) => {
            let write = riposte_incident::TaskWrite {
                status: TaskStatus::Completed,
                ..riposte_incident::TaskWrite::new(&task.title, task.description.clone())
            };
            task.write(write, actor, at);
            (200, task.to_arm(workspace, incident))
        }
        None => refused("NotFound", 404, &format!("there is no task `{id}`")),
    }
}

/// An incident in the words of the connector's first version.
fn legacy(incident: &Incident) -> Value {
    let description = incident.description.as_ref().map_or(Value::Null, Value::from);
    let properties = Value::object([
        ("Title", Value::from(&incident.title)),
        ("Description", description),
        ("CaseNumber", Value::from(incident.number.to_string())),
        ("Severity", Value::text(incident.severity.as_str())),
        ("Status", Value::text(incident.status.as_str())),
        ("CreatedTimeUtc", Value::from(incident.created.to_string())),
        ("RelatedAlertIds", Value::array(incident.alert_ids.iter().map(Value::from))),
        ("Labels", Value::array(incident.labels.iter().map(|label| Value::from(&label.name)))),
    ]);
    Value::object([("properties", properties)])
}
