//! `authentication` of an Http action, one row a kind.

use crate::error::CallError;
use crate::http_action::check_header;
use crate::message::OutgoingRequest;
use crate::query::scalar_text;
use crate::secret::Secret;
use crate::token::{TokenRequest, tenant_token_url};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use riposte_diagnostic::nearest;
use riposte_value::{Text, Value};

type Apply = fn(&Value, &mut OutgoingRequest) -> Result<Option<TokenRequest>, CallError>;

/// The kinds, as `type` names them.
const KINDS: &[(&str, Apply)] = &[
    ("None", |_, _| Ok(None)),
    ("Basic", basic),
    ("Raw", raw),
    ("ActiveDirectoryOAuth", active_directory),
    ("ManagedServiceIdentity", managed_identity),
    ("ClientCertificate", client_certificate),
];

/// Default audience of a managed identity (documented).
const DEFAULT_AUDIENCE: &str = "https://management.azure.com/";

/// Puts the credentials into the request, or says which token it needs.
pub(super) fn apply(
    authentication: &Value,
    request: &mut OutgoingRequest,
) -> Result<Option<TokenRequest>, CallError> {
    let Some(kind) = authentication.get_ignore_case("type").and_then(Value::as_str) else {
        return Err(invalid("`authentication` names no `type`"));
    };
    if let Some((_, apply)) = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind)) {
        return apply(authentication, request);
    }
    let error = invalid(format!("authentication type `{kind}` is not known"));
    Err(match nearest(kind, KINDS.iter().map(|(name, _)| *name)) {
        Some(name) => error.help(format!("did you mean `{name}`?")),
        None => error,
    })
}

fn basic(authentication: &Value, request: &mut OutgoingRequest) -> Result<Option<TokenRequest>, CallError> {
    let username = text(authentication, "username").unwrap_or_default();
    let password = text(authentication, "password").unwrap_or_default();
    if username.is_empty() && password.is_empty() {
        return Err(invalid("`Basic` authentication has neither `username` nor `password`"));
    }
    request.set_header("Authorization", basic_header(&username, &password));
    Ok(None)
}

/// `Basic` and the base64 of `user:password` in UTF-8.
pub(crate) fn basic_header(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

fn raw(authentication: &Value, request: &mut OutgoingRequest) -> Result<Option<TokenRequest>, CallError> {
    let value = required(authentication, "value", "Raw")?;
    check_header("Authorization", value.trim())?;
    request.set_header("Authorization", value.trim());
    Ok(None)
}

fn active_directory(
    authentication: &Value,
    _: &mut OutgoingRequest,
) -> Result<Option<TokenRequest>, CallError> {
    let kind = "ActiveDirectoryOAuth";
    if text(authentication, "credentialType")
        .is_some_and(|credential| credential.eq_ignore_ascii_case("Certificate"))
        || (authentication.get_ignore_case("pfx").is_some()
            && authentication.get_ignore_case("secret").is_none())
    {
        return Err(
            invalid("`ActiveDirectoryOAuth` with a certificate is not supported").help("use a client secret")
        );
    }
    let tenant = required(authentication, "tenant", kind)?;
    let audience = text(authentication, "audience").or_else(|| text(authentication, "resource"));
    Ok(Some(TokenRequest::ClientSecret {
        token_url: tenant_token_url(text(authentication, "authority").as_deref(), &tenant),
        client_id: Text::from(required(authentication, "clientId", kind)?),
        secret: Secret::new(required(authentication, "secret", kind)?),
        audience: Text::from(
            audience.ok_or_else(|| invalid(format!("`{kind}` authentication has no `audience`")))?,
        ),
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "a row of `KINDS`")]
fn managed_identity(
    authentication: &Value,
    _: &mut OutgoingRequest,
) -> Result<Option<TokenRequest>, CallError> {
    Ok(Some(TokenRequest::ManagedIdentity {
        audience: text(authentication, "audience").map_or(Text::new_static(DEFAULT_AUDIENCE), Text::from),
        identity: text(authentication, "identity").map(Text::from),
    }))
}

fn client_certificate(_: &Value, _: &mut OutgoingRequest) -> Result<Option<TokenRequest>, CallError> {
    Err(invalid("`ClientCertificate` authentication is not supported")
        .help("put a proxy that holds the certificate in front of the vendor"))
}

/// A property as text; `None` where it is missing or empty.
fn text(authentication: &Value, name: &str) -> Option<String> {
    authentication.get_ignore_case(name).map(scalar_text).filter(|text| !text.is_empty())
}

fn required(authentication: &Value, name: &str, kind: &str) -> Result<String, CallError> {
    text(authentication, name).ok_or_else(|| invalid(format!("`{kind}` authentication has no `{name}`")))
}

fn invalid(message: impl Into<String>) -> CallError {
    CallError::new("InvalidAuthentication", message)
}
