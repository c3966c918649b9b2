//! Runs a second at a load, and latency at a rate.

use crate::setting::{Setting, id};
use riposte_value::value;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(4);

/// So many at a time, each begun when one has ended.
pub async fn saturated(setting: &Setting, what: &str, in_flight: usize) {
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let setting = setting.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut last = String::new();
            while began.elapsed() < MEASURE {
                let started = Instant::now();
                last = setting.run("five").await;
                latencies.push(started.elapsed());
            }
            setting.assert_succeeded(&last).await;
            latencies
        });
    }
    let latencies = workers.join_all().await.concat();
    report(what, in_flight, latencies, began.elapsed());
}

/// As [`saturated`], each on an incident of its own with a comment on it. Making the incident is not counted.
pub async fn with_comment(setting: &Setting, in_flight: usize) {
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..in_flight {
        let Setting { engine, caller, workspace } = setting.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut making = Duration::ZERO;
            let body = value!({"properties": {"title": "bench", "severity": "Low", "status": "New"}});
            while began.elapsed() < MEASURE {
                let making_began = Instant::now();
                let name = uuid::Uuid::new_v4().to_string();
                engine.put_incident(&workspace, &name, &body, &caller).await.expect("an incident is made");
                making += making_began.elapsed();
                let started = Instant::now();
                let run = engine
                    .run_playbook_on_incident(&workspace, &name, &id("five-actions"), &caller)
                    .await
                    .expect("the playbook starts");
                engine.wait_for_run(&run).await;
                latencies.push(started.elapsed());
            }
            (latencies, making)
        });
    }
    let (mut latencies, mut making) = (Vec::new(), Duration::ZERO);
    for (more, time) in workers.join_all().await {
        latencies.extend(more);
        making += time;
    }
    let workers = u32::try_from(in_flight).expect("few workers");
    report("with a comment", in_flight, latencies, began.elapsed().saturating_sub(making / workers));
}

fn report(what: &str, in_flight: usize, mut latencies: Vec<Duration>, took: Duration) {
    let count = u32::try_from(latencies.len()).expect("few runs");
    let [p50, p99] = percentiles(&mut latencies);
    let rate = f64::from(count) / took.as_secs_f64();
    println!(
        "{what}, {in_flight:>3} in flight: {rate:>6.0} runs a second (p50 {p50:.1} ms, p99 {p99:.1} ms, {count} runs)"
    );
}

/// Begins so many runs a second, however long they take: from the trigger to the end on disk.
pub async fn steady(setting: &Setting, rate: u32) {
    let mut pace = tokio::time::interval(Duration::from_secs(1) / rate);
    let mut runs = JoinSet::new();
    for _ in 0..rate * 5 {
        pace.tick().await;
        let (setting, started) = (setting.clone(), Instant::now());
        runs.spawn(async move {
            setting.run("five").await;
            started.elapsed()
        });
    }
    let mut latencies = runs.join_all().await;
    let [p50, p99] = percentiles(&mut latencies);
    println!("five actions, {rate} a second: p50 {p50:.1} ms, p99 {p99:.1} ms from trigger to finish");
}

/// The middle and the hundredth from the top, in milliseconds.
fn percentiles(latencies: &mut [Duration]) -> [f64; 2] {
    latencies.sort();
    let last = latencies.len() - 1;
    [50, 99].map(|share| latencies[(latencies.len() * share / 100).min(last)].as_secs_f64() * 1e3)
}
