//! Writing resources as a template that reads back the same.

use crate::{Resource, ResourceId};
use riposte_value::{Object, Value};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// A template with these resources and no parameters. Strings that would be taken for expressions are escaped.
///
/// An extension resource of a workspace is written with the workspace's id as `scope`.
pub fn write(resources: &[Resource]) -> Value {
    template(Object::new(), resources, &escape)
}

/// A template whose texts are put as `put` does.
pub(crate) fn template(parameters: Object, resources: &[Resource], put: &dyn Fn(&str) -> String) -> Value {
    let mut template = Object::new();
    template.insert("$schema", SCHEMA);
    template.insert("contentVersion", "1.0.0.0");
    if !parameters.is_empty() {
        template.insert("parameters", parameters);
    }
    template.insert("resources", Value::array(resources.iter().map(|one| resource(one, put))));
    Value::from(template)
}

fn resource(resource: &Resource, text: &dyn Fn(&str) -> String) -> Value {
    let mut object = Object::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            object.insert(name, each_text(&value, text));
        }
    };
    put("type", Value::from(&resource.resource_type));
    put("apiVersion", Value::from(&resource.api_version));
    put("name", Value::from(resource.id.full_name()));
    put("location", resource.location.clone().map_or(Value::Null, Value::from));
    put("kind", resource.kind.clone().map_or(Value::Null, Value::from));
    if resource.id.is_extension() {
        put(
            "scope",
            resource.id.scope().as_ref().map_or(Value::Null, |scope| Value::from(scope.to_string())),
        );
    }
    if !resource.tags.is_empty() {
        put("tags", Value::from(resource.tags.clone()));
    }
    put("identity", resource.identity.clone());
    for (name, value) in &resource.extras {
        put(name, value.clone());
    }
    if !resource.depends_on.is_empty() {
        let ids: Vec<String> = resource.depends_on.iter().map(ResourceId::to_string).collect();
        put("dependsOn", Value::array(ids.into_iter().map(Value::from)));
    }
    put("properties", resource.properties.clone());
    Value::from(object)
}

/// A value with every text in it, and every name that would be taken for an expression, put as `text` does.
fn each_text(value: &Value, text: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(own) => Value::from(text(own)),
        Value::Array(items) => Value::array(items.iter().map(|item| each_text(item, text))),
        Value::Object(object) => {
            Value::object(object.iter().map(|(name, value)| (escape(name), each_text(value, text))))
        }
        other => other.clone(),
    }
}

/// A `[` in front of every text that reading would take for an expression or an escape.
pub(crate) fn escape(text: &str) -> String {
    if text.starts_with('[') && text.ends_with(']') && text.len() > 1 {
        format!("[{text}")
    } else {
        text.to_owned()
    }
}
