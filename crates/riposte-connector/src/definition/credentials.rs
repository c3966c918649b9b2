//! `securityDefinitions`, and how a connection's values get into a call by convention (documented by the format's own
//! samples): `apiKey` takes `api_key`, `basic` takes `username` and `password`, `oauth2` takes `token`.

use super::connection::Connection;
use super::{ConnectorDefinition, ParameterKind};
use crate::error::CallError;
use crate::http_action::{basic_header, check_header};
use crate::message::set_header;
use crate::policy::{Draft, Effect, Existing, set_query};
use crate::secret::Secret;
use crate::token::{TokenRequest, tenant_token_url};
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Text, Value};

/// One way to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CredentialScheme {
    KeyInHeader(Text),
    KeyInQuery(Text),
    Basic,
    OAuth,
}

/// Reads `securityDefinitions`.
pub(super) fn read(swagger: &Value, diagnostics: &mut Vec<Diagnostic>) -> Vec<CredentialScheme> {
    let Some(definitions) = swagger.get("securityDefinitions").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut schemes = Vec::new();
    for (name, definition) in definitions {
        let text =
            |property: &str| definition.get_ignore_case(property).and_then(Value::as_str).unwrap_or_default();
        let key = Text::new(text("name"));
        let scheme = match (
            text("type").to_ascii_lowercase().as_str(),
            text("in").to_ascii_lowercase().as_str(),
        ) {
            ("apikey", "header") if !key.is_empty() => CredentialScheme::KeyInHeader(key),
            ("apikey", "query") if !key.is_empty() => CredentialScheme::KeyInQuery(key),
            ("basic", _) => CredentialScheme::Basic,
            ("oauth2", _) => CredentialScheme::OAuth,
            (kind, _) => {
                diagnostics.push(
                    Diagnostic::warning("SecurityNotSupported", format!("security definition of type `{kind}` is not usable"))
                        .at(join_path("$.securityDefinitions", name))
                        .help("an `apiKey` needs `name` and `in`: `header` or `query`; else use `basic` or `oauth2`"),
                );
                continue;
            }
        };
        if !schemes.contains(&scheme) {
            schemes.push(scheme);
        }
    }
    schemes
}

/// Puts the connection's credentials into the draft, or says which token is needed. The first scheme for which the
/// connection has values is used; without one, a value that is required is an error, and a call without any goes out
/// as it is.
pub(super) fn apply(
    definition: &ConnectorDefinition,
    connection: &Connection,
    draft: &mut Draft,
) -> Result<Option<TokenRequest>, CallError> {
    if let Some(identity) = &connection.managed_identity {
        let audience = identity.audience.clone().or_else(|| definition.audience.clone());
        let audience = audience.ok_or_else(|| {
            CallError::new(
                "InvalidAuthentication",
                "the connector's definition does not say what a token is for",
            )
            .help("give the connection an `audience`, or credentials of its own")
        })?;
        return Ok(Some(TokenRequest::ManagedIdentity { audience, identity: identity.identity.clone() }));
    }
    for scheme in &definition.credentials {
        match scheme {
            CredentialScheme::KeyInHeader(name) => {
                if let Some(key) = key(definition, connection, name) {
                    check_header(name, &key)?;
                    set_header(&mut draft.headers, name, Text::from(key));
                    draft.credential_headers.push(name.clone());
                    return Ok(None);
                }
            }
            CredentialScheme::KeyInQuery(name) => {
                if let Some(key) = key(definition, connection, name) {
                    set_query(&mut draft.query, name, Text::from(key), Existing::Override);
                    return Ok(None);
                }
            }
            CredentialScheme::Basic => {
                let (username, password) = (connection.value("username"), connection.value("password"));
                if username.is_some() || password.is_some() {
                    let header = basic_header(&username.unwrap_or_default(), &password.unwrap_or_default());
                    set_header(&mut draft.headers, "Authorization", Text::from(header));
                    return Ok(None);
                }
            }
            CredentialScheme::OAuth => {
                if let Some(token) = connection.value("token") {
                    check_header("Authorization", &token)?;
                    set_header(&mut draft.headers, "Authorization", Text::from(format!("Bearer {token}")));
                    return Ok(None);
                }
                if let Some(request) = client_credentials(definition, connection)? {
                    return Ok(Some(request));
                }
            }
        }
    }
    missing(definition, connection).map_or(Ok(None), Err)
}

/// The key: `api_key`, else the name of the header or query parameter itself, else the one secret that the definition
/// asks for and no policy uses.
fn key(definition: &ConnectorDefinition, connection: &Connection, name: &str) -> Option<String> {
    connection.value("api_key").or_else(|| connection.value(name)).or_else(|| {
        let mut secrets = definition.connection_parameters.iter().filter(|parameter| {
            parameter.kind == ParameterKind::SecureString && !used_by_policy(definition, &parameter.name)
        });
        match (secrets.next(), secrets.next()) {
            (Some(only), None) => connection.value(&only.name),
            _ => None,
        }
    })
}

fn used_by_policy(definition: &ConnectorDefinition, name: &str) -> bool {
    definition.policies.iter().any(|policy| match &policy.effect {
        Effect::SetHeader { value, .. }
        | Effect::SetQuery { value, .. }
        | Effect::SetProperty { value, .. } => value.uses_connection_parameter(name),
        Effect::SetHost { url } => url.uses_connection_parameter(name),
        Effect::Route { path, .. } => path.uses_connection_parameter(name),
        Effect::Ignored | Effect::Unsupported(_) => false,
    })
}

/// Microsoft's own names for a service principal in a connection: `token:clientId`, `token:clientSecret`,
/// `token:TenantId`, `token:resourceUri`.
fn client_credentials(
    definition: &ConnectorDefinition,
    connection: &Connection,
) -> Result<Option<TokenRequest>, CallError> {
    let (Some(client_id), Some(secret)) =
        (connection.value("token:clientId"), connection.value("token:clientSecret"))
    else {
        return Ok(None);
    };
    let tenant = connection.value("token:TenantId").ok_or_else(|| Connection::missing("token:TenantId"))?;
    let audience =
        connection.value("token:resourceUri").map(Text::from).or_else(|| definition.audience.clone());
    Ok(Some(TokenRequest::ClientSecret {
        token_url: tenant_token_url(connection.value("token:authority").as_deref(), &tenant),
        client_id: Text::from(client_id),
        secret: Secret::new(secret),
        audience: audience.ok_or_else(|| Connection::missing("token:resourceUri"))?,
    }))
}

/// The first required value that the connection lacks.
fn missing(definition: &ConnectorDefinition, connection: &Connection) -> Option<CallError> {
    definition
        .connection_parameters
        .iter()
        .filter(|parameter| parameter.required && parameter.kind != ParameterKind::Gateway)
        .find(|parameter| connection.value(&parameter.name).is_none())
        .map(|parameter| Connection::missing(&parameter.name))
}
