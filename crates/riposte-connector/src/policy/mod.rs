//! Policy templates of a custom connector: small rewritings of the request (documented, `policyTemplateInstances`).
//!
//! Supported: `setheader`, `setqueryparameter`, `setproperty`, `dynamichosturl`, `dynamicsubdomain`,
//! `routerequesttoendpoint`, each for the request. `updatenextlink` only matters to Azure's own gateway and is ignored.
//! Every other one makes the operations that it names refuse to run, and leaves the rest alone.

mod apply;
mod text;

pub(crate) use apply::{Draft, apply, set_query};

use riposte_diagnostic::{Diagnostic, join_index};
use riposte_value::{Text, Value};
use text::PolicyText;

/// How many names a path of properties may have.
const PROPERTY_PATH_MAX: usize = 32;

/// One policy, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The operations that it is for; empty means all.
    operations: Vec<Text>,
    pub(crate) effect: Effect,
}

/// What a policy does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    SetHeader {
        name: Text,
        value: PolicyText,
        existing: Existing,
    },
    SetQuery {
        name: Text,
        value: PolicyText,
        existing: Existing,
    },
    SetProperty {
        parent: Vec<Text>,
        property: Vec<Text>,
        value: PolicyText,
    },
    SetHost {
        url: PolicyText,
    },
    Route {
        path: PolicyText,
        method: Option<PolicyText>,
    },
    /// Nothing to do here.
    Ignored,
    /// Why operations under this policy cannot run.
    Unsupported(String),
}

/// What to do with a header or query parameter that the call has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Override,
    Skip,
    Append,
}

impl Policy {
    /// Whether the policy is for this operation.
    pub(crate) fn covers(&self, operation_id: &str) -> bool {
        self.operations.is_empty()
            || self.operations.iter().any(|name| name.eq_ignore_ascii_case(operation_id))
    }
}

/// Reads `policyTemplateInstances`; what cannot be honoured is kept as [`Effect::Unsupported`] and warned about.
pub(crate) fn read_policies(instances: &Value, path: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Policy> {
    let Some(items) = instances.as_array() else {
        if !instances.is_null() {
            diagnostics.push(
                Diagnostic::error("InvalidConnector", "`policyTemplateInstances` must be a list").at(path),
            );
        }
        return Vec::new();
    };
    let mut policies = Vec::with_capacity(items.len());
    for (index, instance) in items.iter().enumerate() {
        let policy = read_policy(instance);
        if let Effect::Unsupported(why) = &policy.effect {
            diagnostics.push(
                Diagnostic::warning("PolicyNotSupported", why.clone())
                    .at(join_index(path, index))
                    .help("the operations that it names will refuse to run; the others work"),
            );
        }
        policies.push(policy);
    }
    policies
}

fn read_policy(instance: &Value) -> Policy {
    let template = instance.get_ignore_case("templateId").and_then(Value::as_str).unwrap_or_default();
    let parameters = Parameters(instance.get_ignore_case("parameters").unwrap_or(&Value::Null));
    let operations = parameters
        .0
        .get_ignore_case("x-ms-apimTemplate-operationName")
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .filter_map(|name| name.as_str().map(Text::new))
        .collect();
    Policy { operations, effect: read_effect(template, &parameters).unwrap_or_else(Effect::Unsupported) }
}

fn read_effect(template: &str, parameters: &Parameters<'_>) -> Result<Effect, String> {
    let lower = template.to_ascii_lowercase();
    if lower == "updatenextlink" {
        return Ok(Effect::Ignored);
    }
    let section = parameters.0.get_ignore_case("x-ms-apimTemplate-policySection").and_then(Value::as_str);
    if section.is_some_and(|section| !section.eq_ignore_ascii_case("Request")) {
        return Err(format!("policy `{template}` on a response is not supported"));
    }
    match lower.as_str() {
        "setheader" => Ok(Effect::SetHeader {
            name: parameters.name(template)?,
            value: parameters.text(template, "value")?,
            existing: parameters.existing(template)?,
        }),
        "setqueryparameter" => Ok(Effect::SetQuery {
            name: Text::from(crate::query::decode_component(&parameters.name(template)?)),
            value: parameters.text(template, "value")?,
            existing: parameters.existing(template)?,
        }),
        "setproperty" => Ok(Effect::SetProperty {
            parent: parameters.body_path(template, "newPropertyParentPathTemplate")?,
            property: parameters.property_path(template, "newPropertySubPathTemplate")?,
            value: parameters.text(template, "propertyValuePathTemplate")?,
        }),
        "dynamichosturl" | "dynamicsubdomain" => {
            Ok(Effect::SetHost { url: parameters.text(template, "urlTemplate")? })
        }
        "routerequesttoendpoint" => Ok(Effect::Route {
            path: parameters.text(template, "newPath")?,
            method: match parameters.raw("httpMethod").and_then(Value::as_str) {
                None | Some("") => None,
                Some(_) => Some(parameters.text(template, "httpMethod")?),
            },
        }),
        _ => Err(format!("policy `{template}` is not supported")),
    }
}

/// The `parameters` of a policy.
struct Parameters<'a>(&'a Value);

impl<'a> Parameters<'a> {
    fn raw(&self, name: &str) -> Option<&'a Value> {
        self.0.get_ignore_case(&format!("x-ms-apimTemplateParameter.{name}"))
    }

    fn text(&self, template: &str, name: &str) -> Result<PolicyText, String> {
        let value = self.raw(name).ok_or_else(|| format!("policy `{template}` has no `{name}`"))?;
        PolicyText::read(&crate::query::scalar_text(value))
            .map_err(|why| format!("policy `{template}`: {why}"))
    }

    fn name(&self, template: &str) -> Result<Text, String> {
        let name = self.raw("name").and_then(Value::as_str).unwrap_or_default().trim();
        if name.is_empty() { Err(format!("policy `{template}` has no `name`")) } else { Ok(Text::new(name)) }
    }

    /// Without the parameter, what exists is overridden.
    fn existing(&self, template: &str) -> Result<Existing, String> {
        match self
            .raw("existsAction")
            .and_then(Value::as_str)
            .unwrap_or("override")
            .to_ascii_lowercase()
            .as_str()
        {
            "override" => Ok(Existing::Override),
            "skip" => Ok(Existing::Skip),
            "append" => Ok(Existing::Append),
            other => Err(format!("policy `{template}` has the unknown `existsAction` `{other}`")),
        }
    }

    /// `@body()` or `@body().a.b`.
    fn body_path(&self, template: &str, name: &str) -> Result<Vec<Text>, String> {
        let text = self.raw(name).and_then(Value::as_str).unwrap_or_default().trim();
        let rest = text
            .strip_prefix("@body()")
            .ok_or_else(|| format!("policy `{template}`: `{text}` as `{name}` is not supported"))?;
        split_properties(rest)
            .ok_or_else(|| format!("policy `{template}`: `{text}` as `{name}` is not supported"))
    }

    fn property_path(&self, template: &str, name: &str) -> Result<Vec<Text>, String> {
        let text = self.raw(name).and_then(Value::as_str).unwrap_or_default().trim();
        split_properties(text)
            .filter(|path| !path.is_empty())
            .ok_or_else(|| format!("policy `{template}`: `{text}` as `{name}` is not supported"))
    }
}

/// `.a.b` or `a.b` as names; `None` for what is no plain path of properties.
fn split_properties(text: &str) -> Option<Vec<Text>> {
    let text = text.strip_prefix('.').unwrap_or(text);
    if text.is_empty() {
        return Some(Vec::new());
    }
    let plain = |name: &str| !name.is_empty() && !name.contains(['[', ']', '(', ')', '@', '\'', '*']);
    let names: Option<Vec<Text>> = text.split('.').map(|name| plain(name).then(|| Text::new(name))).collect();
    names.filter(|names| names.len() <= PROPERTY_PATH_MAX)
}
