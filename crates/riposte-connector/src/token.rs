//! Access tokens: how one is asked for, and how the answer is read.

use crate::content::encode_form;
use crate::error::CallError;
use crate::message::{IncomingResponse, OutgoingRequest};
use crate::response::read_response;
use crate::secret::Secret;
use riposte_value::{Object, Text, Value};

/// How to get the access token that a call needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenRequest {
    /// OAuth2 client credentials with a secret.
    ClientSecret {
        /// The token endpoint.
        token_url: Text,
        /// The application.
        client_id: Text,
        /// Its secret.
        secret: Secret,
        /// What the token is for: `resource`.
        audience: Text,
    },
    /// The identity of this installation, which its configuration maps to real credentials.
    ManagedIdentity {
        /// What the token is for.
        audience: Text,
        /// A user-assigned identity; `None` is the system-assigned one.
        identity: Option<Text>,
    },
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The token itself.
    pub secret: Secret,
    /// For how many seconds it can be used; 0 where the answer did not say.
    pub expires_in_s: u64,
}

impl TokenRequest {
    /// Tells requests for the same token from others, without its secret: a key for a cache of tokens.
    pub fn cache_key(&self) -> String {
        match self {
            Self::ClientSecret { token_url, client_id, audience, .. } => {
                format!("client {token_url} {client_id} {audience}")
            }
            Self::ManagedIdentity { audience, identity } => {
                format!("identity {} {audience}", identity.as_deref().unwrap_or_default())
            }
        }
    }

    /// The request to the token endpoint; `None` for a managed identity, which the shell resolves.
    pub fn request(&self) -> Option<OutgoingRequest> {
        let Self::ClientSecret { token_url, client_id, secret, audience } = self else { return None };
        let mut fields = Object::new();
        fields.insert("grant_type", "client_credentials");
        fields.insert("client_id", client_id);
        fields.insert("client_secret", secret.expose());
        fields.insert("resource", audience);
        let body = encode_form(&fields);
        Some(OutgoingRequest {
            method: Text::new_static("POST"),
            url: token_url.to_string(),
            headers: vec![
                (Text::new_static("Content-Type"), body.content_type.unwrap_or_default()),
                (Text::new_static("Accept"), Text::new_static("application/json")),
            ],
            body: body.bytes,
            credential_headers: Vec::new(),
        })
    }

    /// Reads the token endpoint's answer.
    ///
    /// # Errors
    /// `AuthorizationFailed` with the endpoint's own error code where it gave one.
    pub fn read(&self, response: &IncomingResponse) -> Result<Token, CallError> {
        let body = read_response(response).body.unwrap_or_default();
        if let (200..=299, Some(token)) = (response.status, body.str_at(&["access_token"])) {
            return Ok(Token { secret: Secret::new(token), expires_in_s: seconds(body.get("expires_in")) });
        }
        // The description may repeat what was sent; the code never does.
        let code = body.str_at(&["error"]).unwrap_or("no error code");
        Err(CallError::new(
            "AuthorizationFailed",
            format!("the token endpoint answered {} ({code})", response.status),
        )
        .help("check tenant, client id and secret"))
    }
}

/// Some endpoints write the number as text.
fn seconds(value: Option<&Value>) -> u64 {
    match value {
        Some(Value::Int(seconds)) => u64::try_from(*seconds).unwrap_or(0),
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    }
}

/// The v1 token endpoint of a tenant, as `ActiveDirectoryOAuth` uses it.
pub(crate) fn tenant_token_url(authority: Option<&str>, tenant: &str) -> Text {
    let authority = authority.filter(|text| !text.is_empty()).unwrap_or("https://login.microsoftonline.com/");
    Text::from(format!(
        "{}/{}/oauth2/token",
        authority.trim_end_matches('/'),
        crate::query::encode_component(tenant)
    ))
}
