//! Rounds of one thing, and what they come to.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

pub const ROUND: Duration = Duration::from_millis(12);

/// The nanoseconds of processor time that one call takes, over a round.
pub fn round<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut calls = 0_u32;
    let start = Instant::now();
    let before = on_processor(start);
    loop {
        for _ in 0..50 {
            black_box(call());
        }
        calls += 50;
        if start.elapsed() >= ROUND {
            return on_processor(start).saturating_sub(before).as_secs_f64() * 1e9 / f64::from(calls);
        }
    }
}

/// The time that this thread has been on a processor; without Linux's figure, the time since a start. The figure is
/// brought up to date by yielding; else it is as old as the last tick, by up to four milliseconds.
fn on_processor(start: Instant) -> Duration {
    std::thread::yield_now();
    let figures = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = figures.and_then(|figures| figures.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// What the rounds gave.
#[derive(Default)]
pub struct Figure(Vec<f64>);

impl Figure {
    pub fn add(&mut self, nanoseconds: f64) {
        self.0.push(nanoseconds);
        self.0.sort_by(f64::total_cmp);
    }

    pub fn median(&self) -> f64 {
        self.0.get(self.0.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// The median, and the fastest in brackets.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.first() {
            Some(fastest) => write!(f, "{:.0} ({fastest:.0})", self.median()),
            None => Ok(()),
        }
    }
}
