//! The API document, made from the routing table.

use crate::route::{BodyLimit, Permission, Route, Scope, Table};
use http::Method;
use riposte_value::{Object, Value};

/// An OpenAPI 3.1 document of every row.
pub(crate) fn document(table: &Table, base_url: &str) -> Value {
    let mut paths = Object::new();
    for route in table.routes() {
        let mut operations = match paths.remove(route.path) {
            Some(Value::Object(operations)) => Object::clone(&operations),
            _ => Object::new(),
        };
        operations.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
        paths.insert(route.path, Value::from(operations));
    }
    let text = Value::text;
    Value::object([
        ("openapi", text("3.1.0")),
        (
            "info",
            Value::object([
                ("title", text("Riposte")),
                ("version", text(env!("CARGO_PKG_VERSION"))),
                (
                    "description",
                    text(
                        "Azure's REST paths for incidents, automation rules and playbooks, and Riposte's own under /api. Literal path segments match without regard to case.",
                    ),
                ),
            ]),
        ),
        ("servers", Value::array([Value::object([("url", text(base_url))])])),
        ("paths", Value::from(paths)),
        ("components", components()),
    ])
}

fn operation(route: &Route) -> Value {
    let mut operation = Object::new();
    operation.insert("summary", route.summary);
    operation.insert("description", permission(route));
    operation.insert("parameters", Value::array(parameters(route)));
    if [Method::PUT, Method::POST, Method::PATCH].contains(&route.method) {
        let schema = Value::object([("schema", Value::from(Object::new()))]);
        operation.insert(
            "requestBody",
            Value::object([("content", Value::object([("application/json", schema)]))]),
        );
    }
    let error = Value::object([("$ref", Value::text("#/components/responses/Error"))]);
    let done = Value::object([("description", Value::text("Done."))]);
    operation.insert("responses", Value::object([("2XX", done), ("default", error)]));
    let security = match route.permission {
        Permission::Public(_) => Value::array([]),
        _ => Value::array([Value::object([("bearer", Value::array([]))])]),
    };
    operation.insert("security", security);
    Value::from(operation)
}

/// What a caller must hold, in words.
fn permission(route: &Route) -> String {
    let needs = match (route.permission, route.scope) {
        (Permission::Public(reason), _) => format!("Public: {reason}."),
        (Permission::SignedIn(reason), _) => format!("Needs a valid token and no role: {reason}."),
        (Permission::Action(action), scope) => {
            let place = match scope {
                Scope::Path => "at the resource that the path begins with",
                Scope::Workspace => "at the workspace",
                Scope::Everything => "at `/`",
                Scope::Somewhere => "where the import goes, and its own action at each resource",
                Scope::Answer => "at the resource that is shown",
                Scope::EachItem => "at each resource that is listed; others are left out",
            };
            format!("Needs `{action}` {place}.")
        }
    };
    match route.body_limit {
        BodyLimit::Ordinary => needs,
        BodyLimit::Large => format!("{needs} Takes long bodies."),
        BodyLimit::Small => format!("{needs} Takes short bodies only."),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let parameter = |name: &str, place: &str| {
        Value::object([
            ("name", Value::text(name)),
            ("in", Value::text(place)),
            ("required", Value::Bool(true)),
            ("schema", Value::object([("type", Value::text("string"))])),
        ])
    };
    let names = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<Value> = names.map(|name| parameter(name, "path")).collect();
    if route.is_azure() {
        parameters.push(parameter("api-version", "query"));
    }
    parameters
}

fn components() -> Value {
    let text = Value::text;
    let string = || Value::object([("type", text("string"))]);
    let properties = Value::object([
        ("code", string()),
        ("message", string()),
        ("target", string()),
        ("details", Value::object([("type", text("array"))])),
    ]);
    let error = Value::object([("type", text("object")), ("properties", properties)]);
    let envelope =
        Value::object([("type", text("object")), ("properties", Value::object([("error", error)]))]);
    let content = Value::object([("application/json", Value::object([("schema", envelope)]))]);
    let response = Value::object([("description", text("Refused.")), ("content", content)]);
    let bearer = Value::object([("type", text("http")), ("scheme", text("bearer"))]);
    Value::object([
        ("responses", Value::object([("Error", response)])),
        ("securitySchemes", Value::object([("bearer", bearer)])),
    ])
}
