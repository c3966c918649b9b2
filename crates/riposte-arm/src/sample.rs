//! Values for the parameters that a template leaves open, so that it can be checked without anyone giving them.

use crate::Deployment;
use crate::parameters::coerce;
use crate::parameters::{ParameterDeclaration, ParameterKind, parameter_declarations};
use crate::template::wants_workspace;
use riposte_value::{Object, Text, Value, json};

/// A value for each parameter without default: the first allowed one, else a plausible one by type and name. Templates
/// in content templates count too. Values that the deployment has already are not among them.
///
/// ```
/// use riposte_arm::{Deployment, sample_parameters};
/// use riposte_value::value;
/// let template = value!({ "parameters": {
///     "Tier": { "type": "string", "allowedValues": ["Low", "High"] },
///     "Port": { "type": "int", "minValue": 1024 },
///     "Name": { "type": "string", "defaultValue": "Enrich" },
/// } });
/// let sample = sample_parameters(&template, &Deployment::default());
/// assert_eq!(sample.get("Tier"), Some(&value!("Low")));
/// assert_eq!(sample.get("Port"), Some(&value!(1024)));
/// assert_eq!(sample.get("Name"), None);
/// ```
pub fn sample_parameters(template: &Value, deployment: &Deployment) -> Object {
    let mut sample = Object::new();
    let mut source = None;
    for declaration in open(template) {
        let name = &declaration.name;
        if deployment.parameters.get_ignore_case(name).is_some() || sample.get_ignore_case(name).is_some() {
            continue;
        }
        let value = match declaration.kind {
            ParameterKind::Object if declaration.allowed.is_none() => {
                Value::from(asked_of(name, source.get_or_insert_with(|| json::to_string(template))))
            }
            _ => value(&declaration, deployment),
        };
        sample.insert(name.clone(), value);
    }
    sample
}

/// The declarations that need a value, of the template and of those that it carries.
fn open(template: &Value) -> Vec<ParameterDeclaration> {
    let mut found: Vec<ParameterDeclaration> = parameter_declarations(template);
    let resources = match template.get_ignore_case("resources") {
        Some(Value::Array(items)) => items.to_vec(),
        Some(Value::Object(by_symbol)) => by_symbol.values().cloned().collect(),
        _ => Vec::new(),
    };
    for resource in &resources {
        let main = resource.get_ignore_case("properties").and_then(|own| own.get_ignore_case("mainTemplate"));
        if let Some(main) = main {
            found.extend(open(main));
        }
        if resource.get_ignore_case("resources").is_some() {
            let children = Value::object([(
                "resources",
                resource.get_ignore_case("resources").cloned().unwrap_or_default(),
            )]);
            found.extend(open(&children));
        }
    }
    found.retain(|declaration| match &declaration.default {
        None => true,
        Some(default) => {
            wants_workspace(declaration)
                || (is_plain(default) && coerce(declaration, default.clone()).is_err())
        }
    });
    found
}

/// Whether a default is no expression: only then can it be judged before evaluation.
fn is_plain(default: &Value) -> bool {
    default.as_str().is_none_or(|text| !text.starts_with('['))
}

/// An object with the properties that the template asks of a parameter: `parameters('name').property`.
fn asked_of(name: &str, source: &str) -> Object {
    let call = format!("parameters('{}').", name.to_lowercase());
    let lower = source.to_lowercase();
    let mut asked = Object::new();
    for (at, _) in lower.match_indices(&call) {
        // The same offsets hold in the source where lower case does not change lengths, as in all of ASCII.
        let rest = source.get(at + call.len()..).unwrap_or_default();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let property = rest.get(..end).unwrap_or_default();
        asked.insert(Text::new(property), format!("sample-{property}"));
    }
    asked
}

fn value(declaration: &ParameterDeclaration, deployment: &Deployment) -> Value {
    if let Some(first) = declaration.allowed.as_ref().and_then(|allowed| allowed.first()) {
        return if declaration.kind == ParameterKind::Array {
            Value::array([first.clone()])
        } else {
            first.clone()
        };
    }
    match declaration.kind {
        ParameterKind::String => Value::from(fitted(declaration, &text(declaration, deployment))),
        ParameterKind::Int => Value::Int(declaration.min_value.or(declaration.max_value).unwrap_or(1)),
        ParameterKind::Bool => Value::Bool(false),
        ParameterKind::Array => Value::array([Value::from("sample")]),
        ParameterKind::Object => Value::from(Object::new()),
    }
}

fn text(declaration: &ParameterDeclaration, deployment: &Deployment) -> String {
    let name = declaration.name.to_lowercase();
    let holds = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let group =
        format!("/subscriptions/{}/resourceGroups/{}", deployment.subscription_id, deployment.resource_group);
    if holds(&["subscription"]) {
        deployment.subscription_id.to_string()
    } else if holds(&["resourceid"]) {
        format!("{group}/providers/Microsoft.Logic/workflows/sample")
    } else if holds(&["tenant"]) {
        deployment.tenant_id.to_string()
    } else if holds(&["resourcegroup"]) {
        deployment.resource_group.to_string()
    } else if holds(&["location", "region"]) {
        deployment.location.to_string()
    } else if holds(&["workspaceid", "clientid", "objectid", "principalid", "appid", "guid"]) {
        "00000000-0000-0000-0000-0000000000aa".into()
    } else if holds(&["workspace"]) {
        deployment.workspace.as_deref().unwrap_or("workspace").to_owned()
    } else if holds(&["url", "uri", "endpoint", "link"]) {
        "https://sample.invalid".into()
    } else if holds(&["mail", "username", "upn", "recipient", "account"]) {
        "sample@example.com".into()
    } else {
        // Different for different parameters, since names of resources are made from them.
        let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
        format!("sample-{}", plain.collect::<String>())
    }
}

/// The text cut or lengthened to what the declaration wants.
fn fitted(declaration: &ParameterDeclaration, text: &str) -> String {
    let size = |length: i64| usize::try_from(length).unwrap_or(0).min(10_000);
    let most = declaration.max_length.map_or(usize::MAX, size);
    let least = declaration.min_length.map_or(0, size);
    let missing = least.saturating_sub(text.chars().count());
    text.chars().take(most).chain(std::iter::repeat_n('x', missing)).collect()
}
