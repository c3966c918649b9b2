//! Time, ids and randomness: the only place in the engine that asks the system for them.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

/// Ticks of 100 ns from year 1 to 1970, as .NET counts them.
const TICKS_TO_1970: i64 = 621_355_968_000_000_000;

/// Where the engine takes time and randomness from.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Random bits.
    fn random(&self) -> u64;
    /// Waits until it is this time.
    fn until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let left = Duration::try_from(at.duration_since(self.now())).unwrap_or(Duration::ZERO);
        tokio::time::sleep(left).boxed()
    }
}

/// The system's clock and randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> u64 {
        // A version 4 UUID is 122 bits of the system's randomness; the hasher's keys are random for each process.
        let (high, low) = uuid::Uuid::new_v4().as_u64_pair();
        let mut hasher = std::collections::hash_map::RandomState::new().build_hasher();
        hasher.write_u64(high);
        hasher.write_u64(low);
        hasher.finish()
    }
}

/// A time as nanoseconds since 1970, for the store.
pub(crate) fn nanoseconds(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(i64::MAX)
}

/// A time from the store.
pub(crate) fn from_nanoseconds(at: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(at)).unwrap_or(Timestamp::MAX)
}

/// A time as Azure writes it, with seven digits of the second.
pub(crate) fn time_text(at: Timestamp) -> String {
    let seconds = at.strftime("%Y-%m-%dT%H:%M:%S");
    format!("{seconds}.{:07}Z", at.subsec_nanosecond().rem_euclid(1_000_000_000) / 100)
}

/// A number that counts down with time: the ticks of 100 ns that are left of those that .NET's numbers could count.
pub(crate) fn ticks_left(at: Timestamp) -> i128 {
    i128::from(i64::MAX) - (at.as_nanosecond() / 100 + i128::from(TICKS_TO_1970))
}

/// The name of a run that starts now: 29 digits that count down with time, so that the order of text shows the
/// latest first, `CU`, and two digits. Source: names of real runs; the formula is not published.
pub(crate) fn run_name(at: Timestamp, random: u64) -> String {
    let left = ticks_left(at);
    format!("{left:020}{:09}CU{:02}", random % 1_000_000_000, (random >> 32) % 100)
}

/// A new GUID.
pub(crate) fn new_guid() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::{run_name, time_text};
    use jiff::Timestamp;

    #[test]
    fn later_runs_come_first() {
        let early: Timestamp = "2018-08-14T10:29:52.0438035Z".parse().unwrap();
        let late: Timestamp = "2018-08-14T10:29:52.0438036Z".parse().unwrap();
        assert!(run_name(late, 0) < run_name(early, 0));
        let name = run_name(early, 207_998_657);
        assert_eq!(name.len(), 33);
        assert!(name.starts_with("0858667"), "{name}: the shape of real names");
    }

    #[test]
    fn times_have_seven_digits() {
        let at: Timestamp = "2026-11-21T12:00:00.123456789Z".parse().unwrap();
        assert_eq!(time_text(at), "2026-11-21T12:00:00.1234567Z");
    }
}
