//! Refused writes of rules, which SentinelAudit tells of as it tells of those that were carried out. Whoever has no valid
//! token leaves no row, and everybody together leaves so many in a minute at most: refused requests shall not fill the
//! store.

use crate::dispatch::Server;
use crate::refusal::Refusal;
use crate::route::{Permission, Route};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use riposte_engine::Caller;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// How many rows there are in a minute at most.
const ROWS_PER_MINUTE: u64 = 60;

/// How many bits of the packed number are the count.
const COUNT_BITS: u32 = 16;

/// How many rows there were in this minute.
pub(crate) struct Bound {
    since: Instant,
    /// The minute, and in its lowest bits the count.
    packed: AtomicU64,
}

impl Bound {
    pub(crate) fn new() -> Self {
        Self { since: Instant::now(), packed: AtomicU64::new(0) }
    }

    fn take(&self) -> bool {
        self.take_in(self.since.elapsed().as_secs() / 60)
    }

    fn take_in(&self, minute: u64) -> bool {
        let next = |packed: u64| {
            let (at, count) = (packed >> COUNT_BITS, packed & ((1 << COUNT_BITS) - 1));
            if at != minute {
                return Some((minute << COUNT_BITS) | 1);
            }
            (count < ROWS_PER_MINUTE).then(|| packed.saturating_add(1))
        };
        self.packed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

impl Server {
    /// Leaves a row for a write of a rule that was refused.
    pub(crate) async fn note_refusal(
        &self,
        route: &Route,
        caller: Option<&Caller>,
        path: &str,
        refusal: &Refusal,
    ) {
        let (Some(caller), Permission::Action(action)) = (caller, route.permission) else { return };
        let is_told =
            [StatusCode::BAD_REQUEST, StatusCode::FORBIDDEN, StatusCode::CONFLICT].contains(&refusal.status);
        let is_write = route.method == Method::PUT || route.method == Method::DELETE;
        if !is_told || !is_write || !riposte_engine::is_audited_if_refused(action) || !self.refusals.take() {
            return;
        }
        let id = percent_decode_str(path).decode_utf8_lossy();
        let envelope = refusal.envelope();
        let reason = envelope.str_at(&["error", "message"]).unwrap_or_default();
        if let Err(error) = self.engine.audit_refusal(caller, action, &id, reason).await {
            tracing::warn!(%error, "a refused write could not be noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_has_so_many_rows_and_the_next_one_begins_anew() {
        let bound = Bound::new();
        assert_eq!((0..100).filter(|_| bound.take_in(7)).count(), 60);
        assert_eq!((0..100).filter(|_| bound.take_in(8)).count(), 60);
    }
}
