//! What a playbook is to others: its Request triggers as a Swagger document, its definition by another schema.

use crate::error::{Error, ErrorKind, Result};
use crate::{CallbackRequest, Engine};
use riposte_value::{Object, Text, Value};

/// The version of the definition's schema that there is; it is the last one.
const SCHEMA_VERSION: &str = "2016-06-01";
const SCHEMA: &str = "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#";

impl Engine {
    /// The Request triggers of a playbook as a Swagger document.
    pub async fn playbook_swagger(&self, id: &str) -> Result<Value> {
        let playbook = self.playbook(id).await?;
        let triggers = playbook.at(&["properties", "definition", "triggers"]).and_then(Value::as_object);
        let mut paths = Object::new();
        for (name, trigger) in triggers.into_iter().flatten() {
            let kind = trigger.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
            if !["Request", "Manual"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
                continue;
            }
            let asked = CallbackRequest { base_url: self.base_url.to_string(), ..CallbackRequest::default() };
            let address = self.trigger_callback_url(id, Some(name), asked).await?;
            let base = address.str_at(&["basePath"]).unwrap_or_default();
            let path = base.strip_prefix(&*self.base_url).unwrap_or(base);
            let relative = address.str_at(&["relativePath"]).unwrap_or_default();
            let method = address.str_at(&["method"]).unwrap_or("POST").to_lowercase();
            let operation = operation(name, trigger, &address);
            paths.insert(format!("{path}{relative}"), Value::object([(method, operation)]));
        }
        let (scheme, host) = self.base_url.split_once("://").unwrap_or(("http", &self.base_url));
        let version = playbook.str_at(&["properties", "version"]).unwrap_or_default();
        let name = playbook.str_at(&["name"]).unwrap_or_default();
        Ok(Value::object([
            ("swagger", Value::from("2.0")),
            ("info", Value::object([("title", Value::from(name)), ("version", Value::from(version))])),
            ("host", Value::from(host)),
            ("basePath", Value::from("/")),
            ("schemes", Value::array([Value::from(scheme)])),
            ("consumes", Value::array([Value::from("application/json")])),
            ("produces", Value::array([Value::from("application/json")])),
            ("paths", Value::from(paths)),
        ]))
    }

    /// The definition of a playbook by a version of the schema. There is one, and definitions are kept by it.
    pub async fn upgraded_definition(&self, id: &str, target: &str) -> Result<Value> {
        let playbook = self.playbook(id).await?;
        if target != SCHEMA_VERSION {
            let why = format!("`targetSchemaVersion` is `{target}`, and must be `{SCHEMA_VERSION}`");
            return Err(Error::new(ErrorKind::BadRequest, "InvalidTargetSchemaVersion", why));
        }
        let definition = playbook.at(&["properties", "definition"]).cloned().unwrap_or_default();
        let schema = definition.get_ignore_case("$schema").and_then(Value::as_str).unwrap_or(SCHEMA);
        if !schema.contains(SCHEMA_VERSION) {
            let why = format!("The definition is written by the schema '{schema}', which is not translated.");
            return Err(Error::new(ErrorKind::BadRequest, "WorkflowSchemaNotSupported", why));
        }
        let mut upgraded = Object::new();
        upgraded.insert("$schema", SCHEMA);
        for (name, value) in definition.as_object().into_iter().flatten() {
            if !name.eq_ignore_ascii_case("$schema") {
                upgraded.insert(name.clone(), value.clone());
            }
        }
        Ok(Value::from(upgraded))
    }
}

/// What can be asked at a trigger's address.
fn operation(name: &Text, trigger: &Value, address: &Value) -> Value {
    let inputs = trigger.get_ignore_case("inputs");
    let text = |name: &str| Value::from(name);
    let parameter = |name: &str, place: &str, default: Option<Value>| {
        let mut shown = Object::new();
        shown.insert("name", name);
        shown.insert("in", place);
        shown.insert("required", true);
        shown.insert("type", "string");
        if let Some(default) = default {
            shown.insert("default", default);
        }
        Value::from(shown)
    };
    let mut parameters = Vec::new();
    for query in ["api-version", "sp", "sv", "sig"] {
        // The signature is a secret: whoever may have it asks for the address.
        let default = address.at(&["queries", query]).filter(|_| query != "sig").cloned();
        parameters.push(parameter(query, "query", default));
    }
    let named = address.get("relativePathParameters").and_then(Value::as_array).unwrap_or_default();
    parameters.extend(named.iter().filter_map(Value::as_str).map(|name| parameter(name, "path", None)));
    if let Some(schema) = inputs.and_then(|inputs| inputs.get_ignore_case("schema")) {
        let required = Value::Bool(false);
        parameters.push(Value::object([
            ("name", text("body")),
            ("in", text("body")),
            ("required", required),
            ("schema", schema.clone()),
        ]));
    }
    let answer = Value::object([
        ("description", text("The answer of the workflow.")),
        ("schema", Value::object([("type", text("object"))])),
    ]);
    Value::object([
        ("summary", text("Starts the workflow.")),
        ("operationId", Value::from(format!("{name}-invoke"))),
        ("parameters", Value::array(parameters)),
        ("responses", Value::object([("default", answer)])),
    ])
}
