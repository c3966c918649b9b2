//! What one action more costs a durable run.

use crate::setting::{Setting, sequence as compose_actions};
use riposte_value::value;
use std::time::{Duration, Instant};

const RUNS: u32 = 200;

/// Runs one at a time of so many Compose actions; the time of an action is the difference to a run of one.
pub async fn sequence(setting: &Setting, count: u32) {
    setting.playbook("one", compose_actions(1)).await;
    setting.playbook("many", compose_actions(count as usize)).await;
    let one = time(setting, "one", RUNS).await;
    let many = time(setting, "many", RUNS).await;
    println!(
        "{count} actions in sequence: {:.1} µs an action ({:.2} ms a run, {:.2} ms with one action)",
        many.saturating_sub(one).as_secs_f64() * 1e6 / f64::from(count - 1),
        many.as_secs_f64() * 1e3,
        one.as_secs_f64() * 1e3,
    );
}

/// A loop of so many turns with one Compose in it.
pub async fn turns(setting: &Setting, count: u32) {
    let each = value!({ "Each": { "type": "Foreach", "foreach": format!("@range(0, {count})"),
        "actions": { "Turn": { "type": "Compose", "inputs": "@item()" } } } });
    setting.playbook("each", each).await;
    let took = time(setting, "each", 5).await;
    println!(
        "Foreach of {count} items: {:.1} µs an action ({:.0} ms a run)",
        took.as_secs_f64() * 1e6 / f64::from(count),
        took.as_secs_f64() * 1e3,
    );
}

/// The middle time of some runs, one after the other.
async fn time(setting: &Setting, name: &str, runs: u32) -> Duration {
    setting.assert_succeeded(&setting.run(name).await).await;
    let mut times = Vec::new();
    for _ in 0..runs {
        let began = Instant::now();
        setting.run(name).await;
        times.push(began.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}
