//! Simulations of the whole engine: random playbooks under a virtual clock, with a vendor that is slow, fails, calls
//! back early, late, twice or never, and a disk whose commits may fail, be lost to their callers, or be the last thing
//! that happens before the power goes. In the end nothing is lost or stuck, operations on incidents were done once,
//! calls were repeated with their key alone, history hangs together, and, where nothing depends on time, everything is
//! as if nothing had gone wrong.
//!
//! One thread, paused time and a store without threads make a seed repeat itself but for two things: `select!` draws
//! which of two events that are both there it takes first, and a transaction stops gathering jobs after 20 ms of real
//! time. Ids and the sealing of secrets are random, and nothing is decided by them.
//!
//! `RIPOSTE_SIM_SEEDS=n` runs so many seeds, `RIPOSTE_SIM_SEED=s` one alone.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod check;
mod generate;
mod history;
mod live;
mod peers;
mod world;

use check::Tally;
use live::{Plan, simulate};
use std::panic::{AssertUnwindSafe, catch_unwind};

const SEEDS: u64 = 800;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn random_playbooks_come_to_the_same_end_whatever_fails() {
    if std::env::var("RIPOSTE_TEST_STORE").is_ok() {
        println!("skipped: the simulated store is its own");
        return;
    }
    let one = variable("RIPOSTE_SIM_SEED");
    let seeds = one.map_or_else(|| 0..variable("RIPOSTE_SIM_SEEDS").unwrap_or(SEEDS), |one| one..one + 1);
    let (mut failed, mut tally) = (Vec::new(), Tally::default());
    let count = seeds.end - seeds.start;
    for seed in seeds {
        let compared = catch_unwind(AssertUnwindSafe(|| compare(seed)));
        if let Ok(counted) = compared {
            tally += counted;
        } else if let Err(panic) = compared {
            let why = panic.downcast_ref::<String>().cloned();
            let why = why.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            println!("seed {seed}: set RIPOSTE_SIM_SEED={seed} to run it alone");
            failed.push((seed, why.unwrap_or_default()));
        }
    }
    for (seed, why) in &failed {
        let why: String = why.chars().take(1_500).collect();
        println!("seed {seed}: {why}");
    }
    println!("{count} seeds: {tally:?}");
    let seeds: Vec<u64> = failed.iter().map(|(seed, _)| *seed).collect();
    assert!(seeds.is_empty(), "{} of {count} seeds failed: {seeds:?}", seeds.len());
}

/// Runs a seed without faults and with them; both hold what is promised, and come to the same.
fn compare(seed: u64) -> Tally {
    let (smooth, _) = simulate(Plan { seed, is_faulty: false });
    let (rough, tally) = simulate(Plan { seed, is_faulty: true });
    for (slot, told) in &rough {
        assert_eq!(Some(told), smooth.get(slot), "slot {slot} came to another end than without faults");
    }
    tally
}
