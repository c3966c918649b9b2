//! Tokens: made, looked up, ended.
//!
//! The store keeps hashes alone. A token of a service principal ends by itself, with its principal, and with a
//! revocation of all that the principal has; one that a person was given lasts until it is handed back.

use crate::Engine;
use crate::access::{Caller, Principal, PrincipalKind};
use crate::clock::{nanoseconds, new_guid};
use crate::document::{decode_some, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::service_principals::StoredPrincipal;
use jiff::Timestamp;
use riposte_store::Read;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a token of a service principal is good for. Azure's default is an hour.
const LIFETIME: Duration = Duration::from_hours(1);
/// How many tokens a service principal is given a minute.
const ISSUED_A_MINUTE_MAX: u32 = 300;

/// A token as the store keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredToken {
    id: String,
    name: String,
    kind: PrincipalKind,
    /// When a registered service principal got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
}

impl StoredToken {
    /// A token that does not end by itself.
    pub(crate) fn lasting(principal: &Principal) -> Self {
        let Principal { id, name, kind } = principal.clone();
        Self { id, name, kind, issued: None, expires: None }
    }

    /// The object id of who has it.
    pub(crate) fn principal_id(&self) -> &str {
        &self.id
    }

    /// What that principal is.
    pub(crate) fn principal_kind(&self) -> PrincipalKind {
        self.kind
    }

    fn is_good(&self, tx: &dyn Read, now: Timestamp) -> Result<bool> {
        if self.expires.is_some_and(|expires| expires <= now) {
            return Ok(false);
        }
        let Some(issued) = self.issued else { return Ok(true) };
        let principal = decode_some::<StoredPrincipal>("service principal", tx.service_principal(&self.id)?)?;
        Ok(principal.is_some_and(|principal| principal.takes_tokens_of(issued)))
    }
}

/// A token that was given to a program.
#[derive(Debug, Clone)]
pub struct Issued {
    /// Its text.
    pub token: String,
    /// When it was given.
    pub at: Timestamp,
    /// How many seconds it is good for.
    pub seconds: u64,
}

/// How many tokens each service principal got in the minute at hand.
#[derive(Default)]
pub(crate) struct IssueRate(Mutex<BTreeMap<String, (i64, u32)>>);

impl IssueRate {
    /// Counts one; whether it is one too many.
    fn is_exceeded(&self, principal: &str, now: Timestamp) -> bool {
        let minute = now.as_second().div_euclid(60);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(principal.to_owned()).or_insert((minute, 0));
        if count.0 != minute {
            *count = (minute, 0);
        }
        count.1 = count.1.saturating_add(1);
        count.1 > ISSUED_A_MINUTE_MAX
    }
}

impl Engine {
    /// Who a token stands for; nobody if it is none of ours, or none any more.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>> {
        Ok(self.good_token(token).await?.map(|stored| {
            let StoredToken { id, name, kind, .. } = stored;
            Caller::new(Principal { id, name, kind })
        }))
    }

    async fn good_token(&self, token: &str) -> Result<Option<StoredToken>> {
        let (hash, now) = (token_hash(token), self.shared.clock.now());
        self.shared
            .store
            .read(move |tx| {
                let good = || {
                    let Some(stored) = decode_some::<StoredToken>("token", tx.token(&hash)?)? else {
                        return Ok(None);
                    };
                    Ok(stored.is_good(tx, now)?.then_some(stored))
                };
                Ok(good())
            })
            .await?
    }

    /// Makes a token for a principal, who may do nothing before a role is assigned.
    pub async fn issue_token(&self, principal: &Principal) -> Result<String> {
        let token = new_secret("rip_");
        let (hash, doc) = (token_hash(&token), encode(&StoredToken::lasting(principal))?);
        self.shared.store.write(move |tx| tx.put_token(&hash, None, &doc)).await?;
        Ok(token)
    }

    /// Gives a program a token for its client id and secret; none if they do not belong together. A token of Riposte's
    /// may stand in the secret's place, under any client id, and is then the answer: who has it is signed in already.
    pub async fn sign_in_application(&self, client_id: &str, secret: &str) -> Result<Option<Issued>> {
        let at = self.shared.clock.now();
        let Some(principal) = self.principal_of_secret(client_id, secret, at).await? else {
            let Some(known) = self.good_token(secret).await? else { return Ok(None) };
            let left = known.expires.and_then(|end| u64::try_from(end.as_second() - at.as_second()).ok());
            let seconds = left.unwrap_or(u64::MAX).min(LIFETIME.as_secs());
            return Ok(Some(Issued { token: secret.to_owned(), at, seconds }));
        };
        if self.shared.issue_rate.is_exceeded(&principal.id, at) {
            let message = format!(
                "a service principal gets {ISSUED_A_MINUTE_MAX} tokens a minute; use one for its hour"
            );
            return Err(Error::new(ErrorKind::TooManyRequests, "TooManyTokens", message));
        }
        let expires = at.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let Principal { id, name, kind } = principal;
        let stored = StoredToken { id, name, kind, issued: Some(at), expires: Some(expires) };
        let token = new_secret("rip_");
        let (hash, doc) = (token_hash(&token), encode(&stored)?);
        self.shared
            .store
            .write(move |tx| {
                tx.delete_tokens_expired(nanoseconds(at))?;
                tx.put_token(&hash, Some(nanoseconds(expires)), &doc)
            })
            .await?;
        Ok(Some(Issued { token, at, seconds: LIFETIME.as_secs() }))
    }

    /// Ends a token; whether there was one.
    pub async fn end_token(&self, token: &str) -> Result<bool> {
        let hash = token_hash(token);
        Ok(self.shared.store.write(move |tx| tx.delete_token(&hash)).await?)
    }
}

/// A text that nobody can guess: 244 bits of the system's randomness.
pub(crate) fn new_secret(prefix: &str) -> String {
    format!("{prefix}{}{}", new_guid().replace('-', ""), new_guid().replace('-', ""))
}

/// Tokens are random, so that one round of a fast hash keeps them as safe as a slow one would.
pub(crate) fn token_hash(token: &str) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in sha2::Sha256::digest(token.as_bytes()) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_gets_so_many_tokens_a_minute() {
        let rate = IssueRate::default();
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for _ in 0..ISSUED_A_MINUTE_MAX {
            assert!(!rate.is_exceeded("a", at(60)));
        }
        assert!(rate.is_exceeded("a", at(119)));
        assert!(!rate.is_exceeded("b", at(119)));
        assert!(!rate.is_exceeded("a", at(120)));
    }
}
