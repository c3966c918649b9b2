//! `apiProperties.json`: connection parameters, policies, scripts.

use super::{ConnectionParameter, ParameterKind};
use crate::policy::{Policy, read_policies};
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Text, Value};

/// The part of `apiProperties.json` that a call needs.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) connection_parameters: Vec<ConnectionParameter>,
    pub(super) policies: Vec<Policy>,
    pub(super) scripts: Scripts,
    pub(super) audience: Option<Text>,
}

/// Operations that run a C# script of the connector's own, which this engine does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Scripts {
    #[default]
    None,
    All,
    Operations(Vec<Text>),
}

impl Scripts {
    pub(super) fn cover(&self, operation_id: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Operations(names) => names.iter().any(|name| name.eq_ignore_ascii_case(operation_id)),
        }
    }
}

/// Reads the properties; the file wraps them in `properties`, an ARM resource's are given as they are or so wrapped.
pub(super) fn read(properties: Option<&Value>, diagnostics: &mut Vec<Diagnostic>) -> Properties {
    let Some(outer) = properties else { return Properties::default() };
    let (properties, path) = match outer.get_ignore_case("properties") {
        Some(inner @ Value::Object(_)) => (inner, "$.properties"),
        _ => (outer, "$"),
    };
    let mut read = Properties { scripts: read_scripts(properties), ..Properties::default() };
    if read.scripts != Scripts::None {
        diagnostics.push(
            Diagnostic::warning(
                "ScriptNotSupported",
                "the connector runs a script of its own, which is not supported",
            )
            .at(path)
            .help("the operations that the script is for will refuse to run; the others work"),
        );
    }
    if let Some(parameters) = properties.get_ignore_case("connectionParameters") {
        read_parameters(parameters, Necessity::AsDeclared, &mut read);
    }
    let sets =
        properties.get_ignore_case("connectionParameterSets").and_then(|sets| sets.get_ignore_case("values"));
    for set in sets.and_then(Value::as_array).unwrap_or_default() {
        if let Some(parameters) = set.get_ignore_case("parameters") {
            // One set of several is chosen, so that no single value is needed by all connections.
            read_parameters(parameters, Necessity::Optional, &mut read);
        }
    }
    if let Some(instances) = properties.get_ignore_case("policyTemplateInstances") {
        read.policies = read_policies(instances, &join_path(path, "policyTemplateInstances"), diagnostics);
    }
    read
}

fn read_scripts(properties: &Value) -> Scripts {
    let operations =
        properties.get_ignore_case("scriptOperations").and_then(Value::as_array).unwrap_or_default();
    let names: Vec<Text> = operations.iter().filter_map(|name| name.as_str().map(Text::new)).collect();
    match (names.is_empty(), properties.get_ignore_case("script").is_some_and(|script| !script.is_null())) {
        (false, _) => Scripts::Operations(names),
        (true, true) => Scripts::All,
        (true, false) => Scripts::None,
    }
}

/// Whether `constraints.required` counts.
#[derive(Clone, Copy)]
enum Necessity {
    AsDeclared,
    Optional,
}

fn read_parameters(parameters: &Value, necessity: Necessity, read: &mut Properties) {
    for (name, declaration) in parameters.as_object().into_iter().flatten() {
        if read.connection_parameters.iter().any(|held| held.name.eq_ignore_ascii_case(name)) {
            continue;
        }
        let kind = kind(declaration.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default());
        if let (ParameterKind::OAuth, None) = (kind, &read.audience) {
            read.audience = audience(declaration);
        }
        let constraints = declaration.get("uiDefinition").and_then(|ui| ui.get_ignore_case("constraints"));
        let required = matches!(necessity, Necessity::AsDeclared) && constraints.is_some_and(is_required);
        read.connection_parameters.push(ConnectionParameter {
            name: name.clone(),
            kind,
            required,
            display_name: Text::new(declaration.str_at(&["uiDefinition", "displayName"]).unwrap_or(name)),
        });
    }
}

fn kind(name: &str) -> ParameterKind {
    match name.to_ascii_lowercase().as_str() {
        "securestring" => ParameterKind::SecureString,
        "oauthsetting" => ParameterKind::OAuth,
        "gatewaysetting" => ParameterKind::Gateway,
        _ => ParameterKind::Plain,
    }
}

/// `true` and `"true"` both occur. A hidden one is filled by the portal, not by a person.
fn is_required(constraints: &Value) -> bool {
    let says = |name: &str| match constraints.get_ignore_case(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        _ => false,
    };
    says("required") && !says("hidden")
}

/// What the tokens of an OAuth setting are for.
fn audience(declaration: &Value) -> Option<Text> {
    let settings = declaration.get_ignore_case("oAuthSettings")?;
    let custom =
        settings.get_ignore_case("customParameters").and_then(|custom| custom.get_ignore_case("resourceUri"));
    let uri = custom.and_then(|uri| uri.get_ignore_case("value")).or_else(|| {
        settings
            .get_ignore_case("properties")
            .and_then(|own| own.get_ignore_case("AzureActiveDirectoryResourceId"))
    });
    uri.and_then(Value::as_str).filter(|uri| !uri.is_empty()).map(Text::new)
}
