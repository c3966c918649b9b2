//! Signed addresses of runs: of callbacks and, under a key of their own, of contents (`contents.rs`).
//!
//! A callback's is `{public_url}/callbacks/{run}/{command}?sp=%2Fcallback&se=UNIX&sv=1.0&sig=…`. The signature is
//! the HMAC-SHA256 over run, command and expiry, with a key that derives from the installation's. Nothing is kept of an
//! address: it is good as long as the run awaits the callback of its command and its time is not over.

use crate::error::{Error, ErrorKind, Result};
use crate::signature;
use jiff::Timestamp;
use riposte_store::SecretKey;
use riposte_workflow::{CallbackSigner, CommandId};
use std::sync::Arc;

const CALLBACKS: &str = "callback addresses";
const CONTENTS: &str = "content addresses";
/// The version of the scheme.
pub(super) const VERSION: &str = "1.0";

/// Signs and checks.
#[derive(Clone)]
pub(crate) struct AddressKey([u8; 32]);

/// The signed part of an address as it came.
pub(crate) struct Signature<'a> {
    pub(crate) expires: &'a str,
    pub(crate) version: &'a str,
    pub(crate) text: &'a str,
}

impl AddressKey {
    pub(crate) fn new(secret: &SecretKey) -> Result<Self> {
        Ok(Self(secret.derive(CALLBACKS)?))
    }

    /// The key for addresses of contents.
    pub(crate) fn of_contents(secret: &SecretKey) -> Result<Self> {
        Ok(Self(secret.derive(CONTENTS)?))
    }

    /// What signs the addresses of a run whose time is over at `end`.
    pub(super) fn signer(&self, run: &str, end: Timestamp) -> CallbackSigner {
        let (key, run) = (self.clone(), run.to_owned());
        CallbackSigner(Arc::new(move |command: &CommandId, limit| {
            // A whole second more: the time is cut to seconds.
            let expires = limit.map_or(end, |limit| limit.min(end)).as_second().saturating_add(1);
            let signature = key.sign(&run, command.as_str(), expires);
            format!("sp=%2Fcallback&se={expires}&sv={VERSION}&sig={signature}")
        }))
    }

    pub(super) fn sign(&self, run: &str, command: &str, expires: i64) -> String {
        signature::sign(&self.0, &message(run, command, expires))
    }

    /// Whether a signature is what [`Self::sign`] gives.
    pub(super) fn is_signed(&self, run: &str, command: &str, expires: i64, given: &str) -> bool {
        signature::is_signed(&self.0, &message(run, command, expires), given)
    }

    /// Refuses an address that was not made here, or whose time is over.
    pub(super) fn check(
        &self,
        run: &str,
        command: &str,
        given: &Signature<'_>,
        now: Timestamp,
    ) -> Result<()> {
        if given.text.is_empty() || given.expires.is_empty() {
            return Err(Error::new(
                ErrorKind::Unauthorized,
                "DirectApiAuthorizationRequired",
                "The request must carry the signature of the callback address: `se`, `sv` and `sig`.",
            ));
        }
        let signed = |expires: &i64| self.is_signed(run, command, *expires, given.text);
        match given.expires.parse().ok().filter(signed) {
            Some(expires) if given.version == VERSION => {
                if expires <= now.as_second() {
                    let why = "The time in which this callback address could be used is over.";
                    return Err(Error::new(ErrorKind::Gone, "CallbackExpired", why));
                }
                Ok(())
            }
            _ => Err(Error::new(
                ErrorKind::Forbidden,
                "AuthorizationFailed",
                "The signature of the callback address is not valid for this run and action.",
            )),
        }
    }
}

fn message(run: &str, command: &str, expires: i64) -> String {
    format!("{VERSION}\n{run}\n{command}\n{expires}")
}

#[cfg(test)]
mod tests {
    use super::{AddressKey, Signature};
    use crate::error::ErrorKind;
    use jiff::Timestamp;
    use riposte_value::Text;
    use riposte_workflow::CommandId;

    #[test]
    fn an_address_is_good_for_its_run_and_command_and_time() {
        let key = AddressKey([7; 32]);
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let signer = key.signer("r1", at("2026-12-01T00:00:00Z"));
        let query = (signer.0)(&CommandId(Text::new("Ask#1")), Some(at("2026-11-22T00:00:00Z")));
        let part = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)).unwrap();
        let (expires, signature) = (part("se="), part("sig="));
        assert_eq!(signature.len(), 43);
        let check = |run: &str, command: &str, expires: &str, signature: &str, now: &str| {
            key.check(run, command, &Signature { expires, version: "1.0", text: signature }, at(now))
                .map_err(|e| e.kind)
        };
        let now = "2026-11-21T00:00:00Z";
        assert_eq!(check("r1", "Ask#1", expires, signature, now), Ok(()));
        assert_eq!(check("r2", "Ask#1", expires, signature, now), Err(ErrorKind::Forbidden));
        assert_eq!(check("r1", "Ask#2", expires, signature, now), Err(ErrorKind::Forbidden));
        assert_eq!(check("r1", "Ask#1", "99999999999", signature, now), Err(ErrorKind::Forbidden));
        assert_eq!(check("r1", "Ask#1", expires, "x", now), Err(ErrorKind::Forbidden));
        assert_eq!(check("r1", "Ask#1", expires, "", now), Err(ErrorKind::Unauthorized));
        assert_eq!(check("r1", "Ask#1", expires, signature, "2026-11-22T00:00:01Z"), Err(ErrorKind::Gone));
        let unlimited = (signer.0)(&CommandId(Text::new("Ask#1")), None);
        assert!(
            unlimited.contains(&format!("se={}&", at("2026-12-01T00:00:01Z").as_second())),
            "{unlimited}"
        );
    }
}
