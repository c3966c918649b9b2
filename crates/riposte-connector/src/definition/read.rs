//! Reading a definition.

use super::{ConnectorDefinition, UnlistedPaths, credentials, operations, properties};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_value::{Text, Value};
use url::Url;

pub(super) fn read(
    swagger: &Value,
    properties: Option<&Value>,
) -> (Option<ConnectorDefinition>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    check_version(swagger, &mut diagnostics);
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let operations = operations::read(swagger, &mut diagnostics);
    let credentials = credentials::read(swagger, &mut diagnostics);
    let properties = properties::read(properties, &mut diagnostics);
    let unlisted_paths = read_unlisted_paths(swagger, &mut diagnostics);
    if has_errors(&diagnostics) {
        return (None, diagnostics);
    }
    let info = |name: &str| Text::new(swagger.str_at(&["info", name]).map(str::trim).unwrap_or_default());
    let definition = ConnectorDefinition {
        title: info("title"),
        description: info("description"),
        operations,
        connection_parameters: properties.connection_parameters,
        unlisted_paths,
        base: read_base(swagger),
        credentials,
        audience: properties.audience,
        policies: properties.policies,
        scripts: properties.scripts,
    };
    (Some(definition), diagnostics)
}

fn check_version(swagger: &Value, diagnostics: &mut Vec<Diagnostic>) {
    if swagger.as_object().is_none() {
        diagnostics.push(
            Diagnostic::error(
                "InvalidConnector",
                format!("a connector definition is an object, not {}", swagger.kind()),
            )
            .at("$"),
        );
        return;
    }
    if let Some(version) = swagger.get("openapi") {
        diagnostics.push(
            Diagnostic::error("InvalidConnector", format!("the definition is OpenAPI {version}"))
                .at("$.openapi")
                .help("custom connectors are written in OpenAPI 2.0 (`\"swagger\": \"2.0\"`)"),
        );
        return;
    }
    // The version occurs as text and as number, and is missing in some definitions that work.
    let version = swagger.get("swagger").map(crate::query::scalar_text).unwrap_or_default();
    if !matches!(version.as_str(), "" | "2.0" | "2") {
        diagnostics.push(
            Diagnostic::error("InvalidConnector", format!("the definition is Swagger `{version}`"))
                .at("$.swagger")
                .help("custom connectors are written in OpenAPI 2.0 (`\"swagger\": \"2.0\"`)"),
        );
    }
}

fn read_unlisted_paths(swagger: &Value, diagnostics: &mut Vec<Diagnostic>) -> UnlistedPaths {
    match swagger.get("x-riposte-unlisted-paths") {
        None => UnlistedPaths::Refuse,
        Some(value) if value.as_str() == Some("identity") => UnlistedPaths::Identity,
        Some(value) if value.as_str() == Some("refuse") => UnlistedPaths::Refuse,
        Some(value) => {
            diagnostics.push(
                Diagnostic::error("InvalidConnector", format!("`{value}` says nothing about unlisted paths"))
                    .at("$.x-riposte-unlisted-paths")
                    .help("`identity` passes them on to the vendor's host, `refuse` does not"),
            );
            UnlistedPaths::Refuse
        }
    }
}

/// `schemes`, `host` and `basePath`; https where it is offered. `None` where the host is no host (templates that ask for
/// it, ARM expressions that were never meant to be read).
fn read_base(swagger: &Value) -> Option<Text> {
    let schemes = swagger.get("schemes").and_then(Value::as_array).unwrap_or_default();
    let offers = |name: &str| schemes.iter().any(|scheme| scheme.as_str() == Some(name));
    let scheme = if offers("http") && !offers("https") { "http" } else { "https" };
    let host = swagger.get("host").and_then(Value::as_str)?.trim();
    // Some definitions write the host with a scheme.
    let host = host.strip_prefix("https://").or_else(|| host.strip_prefix("http://")).unwrap_or(host);
    let path = swagger.get("basePath").and_then(Value::as_str).unwrap_or_default().trim();
    let separator = if path.is_empty() || path.starts_with('/') { "" } else { "/" };
    service_base(&format!("{scheme}://{}{separator}{path}", host.trim_end_matches('/')))
}

/// An absolute `http` or `https` address without a slash at its end, if the text is one.
pub(super) fn service_base(text: &str) -> Option<Text> {
    let text = text.trim();
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let usable =
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    (plain && usable).then(|| Text::new(url.as_str().trim_end_matches('/')))
}
