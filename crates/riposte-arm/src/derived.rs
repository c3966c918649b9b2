//! What a deployed resource would tell, made from what is known without deploying it.
//!
//! `reference()` finds a resource of the same file (evaluating it if need be), then one that the deployment says
//! exists. Identities are derived from ids, so that the same resource always has the same one. What nobody knows is
//! marked as [`unresolved`].

use crate::ResourceId;
use crate::expression::{Evaluator, Scope};
use crate::fault::Evaluated;
use crate::template::Planned;
use crate::unresolved;
use riposte_value::{Object, Text, Value};
use std::rc::Rc;
use uuid::Uuid;

/// The principal id of a resource's system-assigned identity: a GUID derived from the resource's id, the same at every
/// import.
pub fn managed_identity_principal(id: &ResourceId) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("identity:{}", id.key()).as_bytes()).to_string()
}

/// `reference(target)`, whole with `full`.
pub fn reference(evaluator: &Evaluator<'_>, scope: &Scope, target: &str, full: bool) -> Evaluated<Value> {
    let id = target.parse::<ResourceId>().ok();
    if let Some(planned) = find(evaluator, scope, target, id.as_ref()) {
        let whole = planned.whole(evaluator)?;
        return Ok(told(target, &whole, full));
    }
    if let Some(whole) = id.as_ref().and_then(|id| evaluator.deployment.existing.get(id.key())) {
        return Ok(told(target, whole, full));
    }
    let known =
        id.as_ref().map(|id| identity_of_type(id, &evaluator.deployment.tenant_id)).unwrap_or_default();
    Ok(unresolved::mark(&format!("reference/{}", short(target)), known))
}

fn told(target: &str, whole: &Value, full: bool) -> Value {
    let part = if full { Some(whole) } else { whole.get_ignore_case("properties") };
    let known = part.and_then(Value::as_object).cloned().unwrap_or_default();
    unresolved::mark(&format!("reference/{}", short(target)), known)
}

/// A planned resource by id, else by symbolic name or name, the template's own first.
fn find(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    target: &str,
    id: Option<&ResourceId>,
) -> Option<Rc<Planned>> {
    let all = evaluator.planned.borrow();
    if let Some(id) = id {
        return all.iter().rev().find(|planned| planned.id == *id).cloned();
    }
    let own = |planned: &&Rc<Planned>| Rc::ptr_eq(&planned.scope.template, &scope.template);
    let named = |planned: &&Rc<Planned>| planned.is_called(target);
    all.iter().filter(own).find(named).or_else(|| all.iter().find(named)).cloned()
}

/// The two last segments of an id: enough to recognise a resource.
fn short(target: &str) -> String {
    let segments: Vec<&str> = target.rsplit('/').take(2).collect();
    segments.into_iter().rev().collect::<Vec<_>>().join("/")
}

/// What a user-assigned identity tells of itself.
fn identity_of_type(id: &ResourceId, tenant: &str) -> Object {
    let mut known = Object::new();
    if id.is("Microsoft.ManagedIdentity/userAssignedIdentities") {
        let principal = managed_identity_principal(id);
        known.insert(
            "clientId",
            Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("client:{}", id.key()).as_bytes()).to_string(),
        );
        known.insert("principalId", principal);
        known.insert("tenantId", tenant);
    }
    known
}

/// A resource as `reference(…, 'Full')` gives it: what was evaluated, and what Azure adds.
pub fn complete(id: &ResourceId, tenant: &str, mut whole: Object) -> Value {
    if let Some(Value::Object(identity)) = whole.get_ignore_case("identity") {
        let kind = identity.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
        if kind.to_lowercase().contains("systemassigned") {
            let mut identity = (**identity).clone();
            identity.insert("principalId", managed_identity_principal(id));
            identity.insert("tenantId", tenant);
            whole.insert("identity", identity);
        }
    }
    let own = identity_of_type(id, tenant);
    if !own.is_empty() {
        let mut properties = whole.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        properties.extend(own);
        whole.insert("properties", properties);
    }
    whole.insert("resourceId", id.to_string());
    whole.insert("subscriptionId", id.subscription_id().map(Text::new));
    whole.insert("resourceGroupName", id.resource_group().map(Text::new));
    Value::from(whole)
}

/// `listKeys(target)`, `listCallbackUrl(target)`, …
pub fn list(evaluator: &Evaluator<'_>, function: &str, target: &str) -> Value {
    let word = function.to_lowercase();
    if let Some(known) = evaluator.deployment.listed.get(&format!("{word} {}", target.to_lowercase())) {
        return known.clone();
    }
    let origin = format!("{function}/{}", short(target));
    let known = match word.as_str() {
        "listcallbackurl" => callback_url(target),
        "listkeys" => keys(&origin),
        _ => return unresolved::mark(&origin, Object::new()),
    };
    evaluator.warn_here(
        "UnresolvedReference",
        format!("`{origin}` is only known once the resource is deployed; a stand-in is used"),
        "set the value by hand after the import, or write it into the template",
    );
    unresolved::mark(&origin, known)
}

/// An address of the form that a trigger's has, at a host that does not exist: templates take it apart.
fn callback_url(target: &str) -> Object {
    let trigger = target.rsplit('/').next().unwrap_or("manual");
    let workflow = Uuid::new_v5(&Uuid::NAMESPACE_URL, target.to_lowercase().as_bytes()).simple();
    let base = format!("https://unresolved.invalid:443/workflows/{workflow}/triggers/{trigger}/paths/invoke");
    let queries =
        [("api-version", "2016-10-01"), ("sp", "/triggers/run"), ("sv", "1.0"), ("sig", "unresolved")];
    let mut known = Object::new();
    known
        .insert("value", format!("{base}?api-version=2016-10-01&sp=%2Ftriggers%2Frun&sv=1.0&sig=unresolved"));
    known.insert("method", "POST");
    known.insert("basePath", base);
    known.insert("queries", Value::object(queries.map(|(name, text)| (name, Value::from(text)))));
    known
}

fn keys(origin: &str) -> Object {
    let stand_in = |part: &str| Value::from(format!("unresolved:{origin}/{part}"));
    let key = |name: &str| {
        Value::object([
            ("keyName", Value::text(name)),
            ("value", stand_in(name)),
            ("permissions", Value::from("FULL")),
        ])
    };
    let mut known = Object::new();
    known.insert("keys", Value::array([key("key1"), key("key2")]));
    let named = [
        "primarySharedKey",
        "secondarySharedKey",
        "primaryKey",
        "secondaryKey",
        "primaryConnectionString",
        "key1",
        "key2",
    ];
    known.extend(named.map(|name| (Text::new_static(name), stand_in(name))));
    known
}
