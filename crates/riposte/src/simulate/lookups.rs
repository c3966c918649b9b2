//! Idempotency keys: which calls are new look-ups and which are repetitions.

use super::Call;
use super::log::Entry;
use super::verdict::fnv1a;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// How many keys are remembered; the oldest is forgotten first.
const KEYS_MAX: usize = 100_000;

/// What a call was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Turn {
    /// A new look-up, which the vendor counts.
    LookUp,
    /// The same key with the same request: answered as before, not counted.
    Repetition,
    /// The same key with another request.
    Reused,
    /// Answered with an error before any look-up.
    Refused,
}

/// Keys that were seen, with the requests that they came with.
#[derive(Debug, Default)]
pub(super) struct LookUps {
    seen: BTreeMap<String, String>,
    order: VecDeque<String>,
}

impl LookUps {
    /// Goes on from a log.
    pub(super) fn resume(entries: &[Entry]) -> Self {
        let mut lookups = Self::default();
        for entry in entries.iter().filter(|entry| entry.turn == Turn::LookUp) {
            if let Some(key) = &entry.idempotency_key {
                lookups.insert(key, entry.fingerprint.clone());
            }
        }
        lookups
    }

    /// What a call is. One without a key is always new.
    pub(super) fn turn(&self, call: &Call) -> Turn {
        let held = call.idempotency_key.as_ref().and_then(|key| self.seen.get(key));
        match held {
            None => Turn::LookUp,
            Some(held) if *held == fingerprint(call) => Turn::Repetition,
            Some(_) => Turn::Reused,
        }
    }

    /// Remembers the key of a call that was answered.
    pub(super) fn remember(&mut self, call: &Call) {
        if let Some(key) = &call.idempotency_key {
            self.insert(key, fingerprint(call));
        }
    }

    fn insert(&mut self, key: &str, fingerprint: String) {
        if self.order.len() == KEYS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        if self.seen.insert(key.to_owned(), fingerprint).is_none() {
            self.order.push_back(key.to_owned());
        }
    }
}

/// Method, path, query and body in one.
pub(super) fn fingerprint(call: &Call) -> String {
    let text = format!("{} {} {:016x}", call.method, call.target, fnv1a(&call.body));
    format!("{:016x}", fnv1a(text.as_bytes()))
}
