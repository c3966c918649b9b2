//! Files that are no template: one resource, one workflow definition, one automation rule. Names and ids that such a
//! file does not have come from the deployment.

use crate::deployment::Deployment;
use crate::expression::Evaluator;
use crate::fault::Fault;
use crate::template;
use crate::{Resource, ResourceId};
use riposte_diagnostic::{Diagnostic, join_index};
use riposte_value::{Object, Text, Value};
use uuid::Uuid;

const WORKFLOW: &str = "Microsoft.Logic/workflows";
const AUTOMATION_RULE: &str = "Microsoft.SecurityInsights/automationRules";

/// Reads an object of one of the bare forms; `None` if it has none of them. Faults are told.
///
/// * A resource (`type` and `properties`). With an `id` it is what Azure's API gave, and its strings are taken as they
///   are; without, it was cut from a template, and expressions in it are evaluated.
/// * A workflow: `{"definition": {…}}` as the portal's code view shows it, the definition itself, or anything with
///   `properties.definition` (a flow, a gallery template), or the record of a run.
/// * The properties of an automation rule (`triggeringLogic` and `actions`), alone or under `properties`.
///
/// A rule without a name gets a GUID made from its `displayName`, so that reading it again replaces it; a workflow
/// without a name gets the deployment's.
pub fn read(
    evaluator: &Evaluator<'_>,
    object: &Object,
    path: &str,
    index: Option<usize>,
) -> Option<Vec<Resource>> {
    let properties = object.get_ignore_case("properties").and_then(Value::as_object);
    let kind = text(object, "type").filter(|kind| kind.contains('/'));
    let body = properties.unwrap_or(object);
    let workflow = workflow(body).or_else(|| recorded(body));
    let is_rule = is_rule(body);
    // Flows, gallery templates and records of runs hold a definition under a type of their own.
    let other = workflow.is_some() && kind.is_some_and(|kind| !kind.eq_ignore_ascii_case(WORKFLOW));
    match (kind, properties) {
        (Some(kind), Some(_)) if !other => {
            if text(object, "id").is_some_and(|id| id.starts_with('/')) {
                return literal(evaluator, object, kind, path);
            }
            kind.split_once('/').filter(|(namespace, _)| namespace.contains('.'))?;
            let named = named(object, || name(evaluator.deployment, object, body, index));
            Some(template::read_resource(evaluator, &named, path))
        }
        _ if is_rule => {
            let name = name(evaluator.deployment, object, body, index);
            Some(made(evaluator, AUTOMATION_RULE, &name, Value::from(body.clone()), path))
        }
        _ => {
            let name = workflow_name(evaluator.deployment, object, body, index);
            Some(made(evaluator, WORKFLOW, &name, Value::from(workflow?), path))
        }
    }
}

fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    object.get_ignore_case(name).and_then(Value::as_str)
}

/// The properties of a workflow resource, if the object is a definition or holds one.
fn workflow(object: &Object) -> Option<Object> {
    let holds = |object: &Object, name: &str| matches!(object.get_ignore_case(name), Some(Value::Object(_)));
    let defines = |object: &Object| {
        let schema = text(object, "$schema").unwrap_or_default().to_lowercase();
        schema.contains("workflowdefinition.json") || (holds(object, "triggers") && holds(object, "actions"))
    };
    let mut properties = Object::new();
    match object.get_ignore_case("definition") {
        Some(Value::Object(definition)) if defines(definition) || holds(definition, "actions") => {
            properties = object.clone();
            // A file of a workspace of several workflows keeps its connections beside the definition.
            if let Some((_, connections)) = properties.remove_ignore_case("$connections") {
                properties.insert("parameters", Value::object([("$connections", connections)]));
            }
        }
        _ if defines(object) => {
            properties.insert("definition", object.clone());
        }
        _ => return None,
    }
    if properties.get_ignore_case("state").is_none() {
        properties.insert("state", "Enabled");
    }
    Some(properties)
}

/// The workflow that the record of a run holds.
fn recorded(run: &Object) -> Option<Object> {
    workflow(run.get_ignore_case("workflow")?.get_ignore_case("properties")?.as_object()?)
}

fn is_rule(object: &Object) -> bool {
    matches!(object.get_ignore_case("triggeringLogic"), Some(Value::Object(_)))
        && matches!(object.get_ignore_case("actions"), Some(Value::Array(_)))
}

/// The given name, else one made from the display name, else the deployment's.
fn name(deployment: &Deployment, object: &Object, properties: &Object, index: Option<usize>) -> String {
    let given =
        ["name", "automationRuleId"].iter().find_map(|key| text(object, key)).filter(|name| !name.is_empty());
    if let Some(given) = given {
        return given.to_owned();
    }
    match text(properties, "displayName") {
        Some(title) => Uuid::new_v5(&Uuid::NAMESPACE_OID, title.trim().to_lowercase().as_bytes()).to_string(),
        None => numbered(&deployment.deployment_name, index),
    }
}

fn workflow_name(
    deployment: &Deployment,
    object: &Object,
    properties: &Object,
    index: Option<usize>,
) -> String {
    // A display name may be a reference to a text elsewhere (`${…}`).
    let shown = text(properties, "displayName").filter(|name| !name.contains('$'));
    let given = shown.or_else(|| text(object, "name")).filter(|name| !name.is_empty());
    given.map_or_else(|| numbered(&deployment.deployment_name, index), |name| name.replace('/', "-"))
}

fn numbered(name: &str, index: Option<usize>) -> String {
    index.map_or_else(|| name.to_owned(), |index| format!("{name}-{}", index + 1))
}

fn named(object: &Object, name: impl FnOnce() -> String) -> Object {
    let mut named = object.clone();
    if text(object, "name").is_none() {
        named.insert("name", name());
    }
    named
}

/// A resource with the strings of the file as they are.
fn made(evaluator: &Evaluator<'_>, kind: &str, name: &str, properties: Value, path: &str) -> Vec<Resource> {
    let deployment = evaluator.deployment;
    let group = ResourceId::group(&deployment.subscription_id, &deployment.resource_group);
    let workspace = deployment.workspace.as_ref().filter(|_| kind == AUTOMATION_RULE);
    let scope = workspace
        .and_then(|workspace| {
            ResourceId::under(&group, "Microsoft.OperationalInsights/workspaces", workspace).ok()
        })
        .unwrap_or(group);
    match ResourceId::under(&scope, kind, name) {
        Ok(id) => {
            let location = (kind == WORKFLOW).then(|| deployment.location.clone());
            vec![Resource { location, ..plain(id, properties, path) }]
        }
        Err(error) => {
            evaluator.report(Fault::template(error.to_string()), path, None);
            Vec::new()
        }
    }
}

fn plain(id: ResourceId, properties: Value, path: &str) -> Resource {
    Resource {
        resource_type: Text::from(id.resource_type()),
        name: Text::new(id.name()),
        id,
        api_version: Text::default(),
        location: None,
        kind: None,
        tags: Object::new(),
        identity: Value::Null,
        properties,
        scope: None,
        depends_on: Vec::new(),
        etag: None,
        path: path.to_owned(),
        extras: Object::new(),
    }
}

/// A resource as Azure's API gives it. `None` if it is no resource of a provider (a run of a workflow, say).
fn literal(evaluator: &Evaluator<'_>, object: &Object, kind: &str, path: &str) -> Option<Vec<Resource>> {
    let word = |name: &str| text(object, name).map(Text::new);
    let id = word("id").unwrap_or_default();
    let id = match complete(&id, kind, evaluator.deployment) {
        Ok(id) => id,
        Err(error) => {
            if !kind.split('/').next().unwrap_or_default().contains('.') {
                return None;
            }
            evaluator.report(Fault::template(error), path, None);
            return Some(Vec::new());
        }
    };
    if !id.resource_type().eq_ignore_ascii_case(kind) {
        return None;
    }
    let properties = object.get_ignore_case("properties").cloned().unwrap_or_default();
    Some(vec![Resource {
        api_version: word("apiVersion").unwrap_or_default(),
        location: word("location"),
        kind: word("kind"),
        tags: object.get_ignore_case("tags").and_then(Value::as_object).cloned().unwrap_or_default(),
        identity: object.get_ignore_case("identity").cloned().unwrap_or_default(),
        etag: word("etag"),
        ..plain(id, properties, path)
    }])
}

/// The id of an API's answer; with placeholders where the subscription and group stood, those of the deployment.
fn complete(id: &str, kind: &str, deployment: &Deployment) -> Result<ResourceId, String> {
    let segments: Vec<&str> = id.split('/').collect();
    let filled = segments.iter().enumerate().map(|(at, segment)| {
        let before =
            at.checked_sub(1).and_then(|at| segments.get(at)).copied().unwrap_or_default().to_lowercase();
        match before.as_str() {
            "subscriptions" if is_placeholder(segment) => deployment.subscription_id.as_str(),
            "resourcegroups" if is_placeholder(segment) => deployment.resource_group.as_str(),
            _ => segment,
        }
    });
    let text = filled.collect::<Vec<_>>().join("/");
    text.parse().map_err(|error| format!("{error} (a resource of type `{kind}`)"))
}

/// `...`, `…`, `{name}`, `<name>`, `xxxx`: what people write where an id belongs.
fn is_placeholder(segment: &str) -> bool {
    let segment = segment.trim();
    segment.is_empty()
        || segment.chars().all(|c| matches!(c, '.' | '…' | '*' | '_'))
        || segment.chars().all(|c| matches!(c, 'x' | 'X' | '-'))
        || (segment.starts_with(['{', '<', '[']) && segment.ends_with(['}', '>', ']']))
}

/// The id of a playbook that is given in part.
///
/// What people print in documents, `/subscriptions/.../playbook-enrich`, or only `playbook-enrich`, becomes the id of a
/// `Microsoft.Logic/workflows` resource: the last segment is the name; subscription and resource group are taken from the
/// text where they are given, else from the deployment. `None` if the text names no playbook, or is a whole id already.
///
/// ```
/// use riposte_arm::{Deployment, complete_playbook_id};
/// let deployment = Deployment { subscription_id: "s1".into(), resource_group: "soc".into(), ..Deployment::default() };
/// let id = complete_playbook_id("/subscriptions/.../playbook-enrich", &deployment).unwrap();
/// assert_eq!(id.to_string(), "/subscriptions/s1/resourceGroups/soc/providers/Microsoft.Logic/workflows/playbook-enrich");
/// assert_eq!(complete_playbook_id(&id.to_string(), &deployment), None);
/// ```
pub fn complete_playbook_id(text: &str, deployment: &Deployment) -> Option<ResourceId> {
    let segments: Vec<&str> = text.trim().trim_matches('/').split('/').collect();
    let unfinished = segments.iter().any(|segment| is_placeholder(segment));
    let whole =
        text.parse::<ResourceId>().is_ok_and(|id| id.resource_group().is_some() && !id.provider().is_empty());
    if whole && !unfinished {
        return None;
    }
    let name = segments.last().filter(|name| !is_placeholder(name))?;
    let after = |word: &str| {
        let at = segments.iter().position(|segment| segment.eq_ignore_ascii_case(word))?;
        segments.get(at + 1).copied().filter(|next| !is_placeholder(next) && next != name)
    };
    let subscription = after("subscriptions").unwrap_or(&deployment.subscription_id);
    let group = after("resourceGroups").unwrap_or(&deployment.resource_group);
    ResourceId::under(&ResourceId::group(subscription, group), WORKFLOW, name).ok()
}

/// Completes the ids of the playbooks that an automation rule runs, with a warning for each.
pub fn complete_rule(evaluator: &Evaluator<'_>, resource: &mut Resource) {
    if !resource.is(AUTOMATION_RULE) {
        return;
    }
    let path = format!("{}.properties.actions", resource.path);
    let actions = resource.properties.as_object_mut().and_then(|properties| property(properties, "actions"));
    for (index, action) in actions.and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let configuration = action.as_object_mut().and_then(|action| property(action, "actionConfiguration"));
        let Some(configuration) = configuration.and_then(Value::as_object_mut) else { continue };
        let path = format!("{}.actionConfiguration", join_index(&path, index));
        let deployment = evaluator.deployment;
        let written = text(configuration, "logicAppResourceId").map(Text::new);
        if let Some(id) = written.as_ref().and_then(|written| complete_playbook_id(written, deployment)) {
            put(evaluator, configuration, "logicAppResourceId", id.to_string(), &path);
        }
        if written.is_some() && text(configuration, "tenantId").is_some_and(is_placeholder) {
            put(evaluator, configuration, "tenantId", deployment.tenant_id.to_string(), &path);
        }
    }
}

fn put(evaluator: &Evaluator<'_>, configuration: &mut Object, name: &str, value: String, path: &str) {
    let Some(slot) = property(configuration, name) else { return };
    let message = format!("`{name}` is given in part; it is taken for `{value}`");
    evaluator.tell(
        Diagnostic::warning("IdCompleted", message).at(format!("{path}.{name}")).help("write the whole id"),
    );
    *slot = Value::from(value);
}

/// A property for changing in place, without regard to case.
fn property<'o>(object: &'o mut Object, name: &str) -> Option<&'o mut Value> {
    let spelt = object.get_key_value_ignore_case(name)?.0.clone();
    object.get_mut(&spelt)
}
