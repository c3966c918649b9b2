//! How long the next rule waits for the playbooks that a rule has started.
//!
//! Sentinel's table: a playbook that ends within a second lets the next rule begin at once; one that ends within two
//! minutes lets it begin when two minutes are over or ten seconds after its end, whichever comes first; one that takes
//! longer is not waited for beyond the two minutes. Here the next rule begins as soon as the playbook has ended, which
//! is within each of these bounds. Source: "Playbook actions" in the documentation of automation rules.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long an automation rule waits for the playbooks that it has started before the next rule's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlaybookWait {
    /// As Sentinel documents: until they complete, two minutes at the most.
    #[default]
    Sentinel,
    /// Until they complete.
    Completion,
    /// Not at all.
    None,
}

impl From<riposte_rules::PlaybookWait> for PlaybookWait {
    fn from(wait: riposte_rules::PlaybookWait) -> Self {
        match wait {
            riposte_rules::PlaybookWait::Sentinel => Self::Sentinel,
            riposte_rules::PlaybookWait::Completion => Self::Completion,
            riposte_rules::PlaybookWait::None => Self::None,
        }
    }
}

/// How long a rule waits for its playbooks under [`PlaybookWait::Sentinel`], as documented.
const SENTINEL_WAIT: SignedDuration = SignedDuration::from_mins(2);

/// Whether the next rule has its turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// It has.
    Now,
    /// When the playbooks have ended, and at this time at the latest.
    Later(Option<Timestamp>),
}

/// Whether the next rule has its turn at `now`, when playbooks began at `since` and have or have not all ended.
pub(crate) fn turn(policy: PlaybookWait, since: Timestamp, now: Timestamp, ended: bool) -> Turn {
    if ended {
        return Turn::Now;
    }
    match policy {
        PlaybookWait::None => Turn::Now,
        PlaybookWait::Completion => Turn::Later(None),
        PlaybookWait::Sentinel => {
            // A clock that was set back must not lengthen the wait.
            let until = since.checked_add(SENTINEL_WAIT).unwrap_or(Timestamp::MAX);
            if now >= until || now < since { Turn::Now } else { Turn::Later(Some(until)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PlaybookWait, Turn, turn};
    use jiff::{SignedDuration, Timestamp};

    const BEGAN: Timestamp = Timestamp::UNIX_EPOCH;

    fn after(milliseconds: i64) -> Timestamp {
        BEGAN.checked_add(SignedDuration::from_millis(milliseconds)).unwrap()
    }

    /// When the next rule begins, for a playbook that takes so many milliseconds: a clock that ticks every 50 is asked at
    /// each tick.
    fn begins(policy: PlaybookWait, takes: Option<i64>) -> Option<i64> {
        (0..8000).map(|tick| tick * 50).find(|at| {
            let ended = takes.is_some_and(|takes| takes <= *at);
            turn(policy, BEGAN, after(*at), ended) == Turn::Now
        })
    }

    #[test]
    fn the_documented_table_holds() {
        use PlaybookWait::{Completion, None as Not, Sentinel};
        // How many milliseconds the playbook takes (none: it never ends), and between which the next rule must begin.
        for (policy, takes, from, to) in [
            (Sentinel, Some(0), 0, 0),
            (Sentinel, Some(800), 800, 850),
            (Sentinel, Some(30_000), 30_000, 40_000),
            (Sentinel, Some(119_000), 119_000, 120_000),
            (Sentinel, Some(120_000), 120_000, 120_000),
            (Sentinel, Some(121_000), 120_000, 120_000),
            (Sentinel, Some(3_600_000), 120_000, 120_000),
            (Sentinel, None, 120_000, 120_000),
            (Completion, Some(500), 500, 550),
            (Completion, Some(300_000), 300_000, 300_050),
            (Not, Some(300_000), 0, 0),
            (Not, None, 0, 0),
        ] {
            let begun = begins(policy, takes).unwrap();
            assert!((from..=to).contains(&begun), "{policy:?} {takes:?}: {begun}");
        }
        assert_eq!(begins(Completion, None), None, "what never ends is waited for");
    }

    #[test]
    fn it_is_told_when_the_wait_ends() {
        let wait = turn(PlaybookWait::Sentinel, BEGAN, after(50_000), false);
        assert_eq!(wait, Turn::Later(Some(after(120_000))), "after a restart the rest is waited for");
        assert_eq!(turn(PlaybookWait::Completion, BEGAN, after(50_000), false), Turn::Later(None));
        assert_eq!(turn(PlaybookWait::Sentinel, BEGAN, after(-50_000), false), Turn::Now);
    }
}
