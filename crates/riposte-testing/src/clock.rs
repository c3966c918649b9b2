//! A clock that stands still until a test moves it.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A clock for tests. Clones share the time, so a test keeps one and hands another to what it tests.
///
/// ```
/// use riposte_testing::FakeClock;
/// use std::time::Duration;
///
/// let clock = FakeClock::default();
/// let engine_clock = clock.clone();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(engine_clock.now().to_string(), "2026-01-01T00:01:30Z");
/// ```
#[derive(Debug, Clone)]
pub struct FakeClock(Arc<Mutex<Timestamp>>);

/// 2026-01-01T00:00:00Z.
const START_SECONDS: i64 = 1_767_225_600;

impl FakeClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets it, backwards too: a clock in production can be set back.
    pub fn set(&self, to: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// Moves it on and returns the new time; it stops at the last moment that a timestamp can hold.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(Timestamp::MAX);
        *now
    }
}

/// Shows 2026-01-01T00:00:00Z.
impl Default for FakeClock {
    fn default() -> Self {
        Self::new(Timestamp::from_second(START_SECONDS).unwrap_or_default())
    }
}
