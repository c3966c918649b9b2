//! Playbook runs a second, all durable with full synchronisation, beside what the disk can do.
//!
//! A run is five actions: two variables, a Compose, a `ParseJson`, and a comment through the Sentinel connector. Each
//! is started on an incident of its own, as a person would start it, and is counted when its end is on disk.

#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a bench fails by panicking")]

use riposte_engine::{Caller, Config, Engine, ImportFile, ImportRequest, Principal, PrincipalKind};
use riposte_testing::Postgres;
use riposte_value::value;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TEMPLATE: &str = include_str!("five-actions.json");
const PLAYBOOK: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/bench/providers/Microsoft.Logic/workflows/five-actions";
/// How long each figure is measured.
const MEASURE: Duration = Duration::from_secs(4);

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the folder for the bench can be made");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    println!("disk: {:.0} synchronised 4 KiB appends a second", fsync_rate(&folder));
    runtime.block_on(async {
        let data = Some(folder.join("data"));
        measure_all("SQLite", Config { data, ..Config::default() }).await;
        if let Some(server) = Postgres::durable() {
            let store = Some(server.database());
            measure_all("PostgreSQL", Config { data: Some(folder.join("key")), store, ..Config::default() })
                .await;
        }
    });
    println!("disk: {:.0} synchronised 4 KiB appends a second (again, after)", fsync_rate(&folder));
    // The folder is scratch; what cannot be removed is left.
    let _ = std::fs::remove_dir_all(&folder);
}

/// What a log that is synchronised after each record could reach.
fn fsync_rate(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("fsync")).expect("a file can be made");
    let block = [7_u8; 4096];
    let began = Instant::now();
    let mut count = 0_u32;
    while began.elapsed() < Duration::from_secs(1) {
        file.write_all(&block).and_then(|()| file.sync_data()).expect("the disk takes data");
        count += 1;
    }
    f64::from(count) / began.elapsed().as_secs_f64()
}

async fn measure_all(store: &str, config: Config) {
    println!("over {store}:");
    let (engine, caller) = set_up(config).await;
    for in_flight in [1, 16, 256] {
        measure(&engine, &caller, in_flight).await;
    }
    engine.shutdown().await;
}

async fn set_up(config: Config) -> (Engine, Caller) {
    let engine = Engine::open(config).await.expect("the engine opens");
    let token =
        engine.ensure_owner_token(None).await.expect("a token can be made").expect("this is the first start");
    let caller = engine.authenticate(&token).await.expect("tokens can be read").expect("the owner is known");
    assert_eq!(caller.principal.kind, PrincipalKind::User);
    let _: &Principal = &caller.principal;
    let request = ImportRequest {
        files: vec![ImportFile { name: "five-actions.json".into(), text: TEMPLATE.into() }],
        resource_group: Some("bench".into()),
        grant_automation: true,
        ..ImportRequest::default()
    };
    let imported = engine.import(request, &caller).await.expect("the template is imported");
    assert!(!imported.to_string().contains("\"failed\""), "{imported}");
    assert!(!imported.to_string().contains("\"disabled\""), "{imported}");
    (engine, caller)
}

async fn measure(engine: &Engine, caller: &Caller, in_flight: usize) {
    let ws = engine
        .workspace_or_create("00000000-0000-0000-0000-000000000001", "bench", "bench")
        .await
        .expect("a workspace can be made");
    let began = Instant::now();
    let done = Arc::new(AtomicUsize::new(0));
    let mut workers = tokio::task::JoinSet::new();
    let mut setting_up = Duration::ZERO;
    for worker in 0..in_flight {
        let (engine, caller, ws, done) = (engine.clone(), caller.clone(), ws.clone(), Arc::clone(&done));
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut making = Duration::ZERO;
            let body = value!({"properties": {"title": "bench", "severity": "Low", "status": "New"}});
            while began.elapsed() < MEASURE {
                let making_began = Instant::now();
                let name = uuid::Uuid::new_v4().to_string();
                engine.put_incident(&ws, &name, &body, &caller).await.expect("an incident can be made");
                making += making_began.elapsed();
                let started = Instant::now();
                let run = engine
                    .run_playbook_on_incident(&ws, &name, PLAYBOOK, &caller)
                    .await
                    .expect("the playbook starts");
                engine.wait_for_run(&run).await;
                latencies.push(started.elapsed());
                if done.fetch_add(1, Ordering::Relaxed) == 0 && worker == 0 {
                    let shown = engine.run_anywhere(&run).await.expect("the run is there");
                    assert_eq!(shown.str_at(&["properties", "status"]), Some("Succeeded"), "{shown}");
                }
            }
            (latencies, making)
        });
    }
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        let (more, making) = worker.expect("a worker ends");
        latencies.extend(more);
        setting_up += making;
    }
    // Making the incidents is not counted: each worker's time is less what it spent on that.
    let workers = u32::try_from(in_flight).expect("few workers");
    let counted = began.elapsed().saturating_sub(setting_up / workers);
    latencies.sort();
    let at = |share: usize| latencies[(latencies.len() * share / 100).min(latencies.len() - 1)];
    let count = u32::try_from(latencies.len()).expect("few runs");
    println!(
        "playbook runs, {in_flight:>3} in flight: {:>6.0} a second (p50 {:.1} ms, p99 {:.1} ms, {count} runs)",
        f64::from(count) / counted.as_secs_f64(),
        at(50).as_secs_f64() * 1e3,
        at(99).as_secs_f64() * 1e3,
    );
}
