//! Access tokens for calls that need one: asked for through the egress gate, and kept as long as they can be used.

use crate::shared::{Shared, Table};
use jiff::{SignedDuration, Timestamp};
use riposte_connector::{Secret, TokenRequest};
use riposte_egress::CallOptions;
use riposte_value::Text;
use riposte_workflow::Outcome;
use std::collections::BTreeMap;

/// A token that ends within this time is not used any more.
const SPARE: SignedDuration = SignedDuration::from_mins(5);

/// The credentials that stand for the managed identity of playbooks.
#[derive(Clone)]
pub struct Identity {
    /// The token endpoint.
    pub token_url: String,
    /// The application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("token_url", &self.token_url)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Whether a playbook has an identity of its own: only then may it call in the name of the installation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identified {
    Yes,
    No,
}

/// Tokens by what they were asked for, and until when.
#[derive(Default)]
pub(crate) struct Tokens(Table<BTreeMap<[u8; 32], (Secret, Timestamp)>>);

impl Shared {
    /// A token for a call; what went wrong is the call's outcome.
    pub(crate) async fn token(&self, request: &TokenRequest, caller: Identified) -> Result<Secret, Outcome> {
        if matches!(request, TokenRequest::ManagedIdentity { .. }) && caller == Identified::No {
            return Err(no_response(
                "NotSupported",
                "the call needs a managed identity, and the playbook has none: set `identity` in its template",
            ));
        }
        let key = cache_key(request);
        let now = self.clock.now();
        let kept = self.tokens.0.read().get(&key).cloned();
        if let Some((token, until)) = kept
            && now + SPARE < until
        {
            return Ok(token);
        }
        let token = self.fetch_token(request).await?;
        let lifetime = SignedDuration::from_secs(i64::try_from(token.expires_in_s).unwrap_or(0));
        if let Ok(until) = now.checked_add(lifetime) {
            self.tokens.0.write().insert(key, (token.secret.clone(), until));
        }
        Ok(token.secret)
    }

    async fn fetch_token(&self, request: &TokenRequest) -> Result<riposte_connector::Token, Outcome> {
        let stand_in = self.stand_in(request)?;
        let request = stand_in.as_ref().unwrap_or(request);
        let Some(outgoing) = request.request() else {
            return Err(no_response("NotSupported", "this kind of token cannot be asked for"));
        };
        let response = self
            .egress
            .send(outgoing, CallOptions::default())
            .await
            .map_err(|error| no_response(error.code(), error.to_string()))?;
        request.read(&response).map_err(|error| no_response(&error.code, error.to_string()))
    }

    /// What is asked for in place of a managed identity's token.
    fn stand_in(&self, request: &TokenRequest) -> Result<Option<TokenRequest>, Outcome> {
        let TokenRequest::ManagedIdentity { audience, .. } = request else { return Ok(None) };
        let Some(identity) = &self.identity else {
            return Err(no_response(
                "NotSupported",
                "the call needs the playbook's managed identity, and no identity is configured that stands for it: \
                 set [identity] in the configuration",
            ));
        };
        Ok(Some(TokenRequest::ClientSecret {
            token_url: Text::new(&identity.token_url),
            client_id: Text::new(&identity.client_id),
            secret: Secret::new(identity.client_secret.as_str()),
            audience: audience.clone(),
        }))
    }
}

/// Tells requests for the same token from others. The secret counts: who has it wrong must not get the token of who
/// has it right.
fn cache_key(request: &TokenRequest) -> [u8; 32] {
    use sha2::Digest as _;
    let mut hash = sha2::Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.len().to_le_bytes());
        hash.update(part.as_bytes());
    };
    add(&request.cache_key());
    if let TokenRequest::ClientSecret { secret, .. } = request {
        add(secret.expose());
    }
    hash.finalize().into()
}

fn no_response(code: &str, message: impl Into<String>) -> Outcome {
    Outcome::NoResponse { code: Text::new(code), message: message.into() }
}
