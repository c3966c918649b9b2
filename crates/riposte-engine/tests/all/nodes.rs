//! Two nodes over one database of PostgreSQL: what one began, the other ends if it must, and everything happens once.

use crate::bed::{Bed, Place, modify, rule, run_playbook, sentinel};
use riposte_engine::{Config, Engine};
use riposte_value::{Value, value};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A lease that lapses within a test.
const SHORT: Duration = Duration::from_millis(600);
/// One that does not.
const LONG: Duration = Duration::from_mins(10);

/// Asks a vendor, then comments.
fn ask_and_say() -> Value {
    value!({
        "Vendor": { "type": "Http", "inputs": { "method": "GET", "uri": "https://vendor.example/ip" } },
        "Say": sentinel("post", "/Incidents/Comment", value!({
            "incidentArmId": "@triggerBody()?['object']?['id']", "message": "@{body('Vendor')?['verdict']}"
        }), value!({ "Vendor": ["Succeeded"] }))
    })
}

async fn set_up(bed: &Bed) {
    let id = bed.playbook("Ask", ask_and_say()).await;
    bed.rule("r", rule("Ask", 1, &[], value!([run_playbook(1, &id)]))).await;
}

/// The run of each incident has succeeded, and nothing of it happened twice.
async fn each_happened_once(bed: &Bed, names: &[String]) {
    let since = Instant::now();
    for name in names {
        while !bed.timeline_kinds(name).await.contains(&"playbookFinished".to_owned()) {
            assert!(since.elapsed() < Duration::from_mins(2), "the playbook of {name} does not finish");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let run = bed.run(name).await;
        assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
        assert_eq!(bed.engine.comments(&bed.ws, name).await.unwrap().len(), 1);
        let kinds = bed.timeline_kinds(name).await;
        for kind in
            ["incidentCreated", "ruleMatched", "playbookTriggered", "playbookFinished", "commentAdded"]
        {
            assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind} of {name}: {kinds:?}");
        }
    }
}

/// The keys with which a bed's vendor was called, and how often.
fn keys(bed: &Bed) -> BTreeMap<String, usize> {
    let mut keys = BTreeMap::new();
    for request in bed.vendor.asked.lock().unwrap().iter() {
        *keys.entry(request.header("Idempotency-Key").unwrap().to_owned()).or_default() += 1;
    }
    keys
}

/// A node in a thread and a runtime of its own, given a list of alerts to take in; it ends as a killed process does.
fn doomed(place: Place, alerts: usize) -> (Vec<String>, impl FnOnce()) {
    let (tell, told) = mpsc::channel();
    let (kill, killed) = mpsc::channel::<()>();
    let thread: JoinHandle<()> = std::thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let bed = runtime.block_on(async {
            let asked = AtomicUsize::new(0);
            // Some calls are answered, some never.
            let bed = Bed::over(place, move |_| {
                if asked.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
                    std::thread::sleep(Duration::from_millis(50));
                }
                (200, value!({ "verdict": "bad" }))
            })
            .await;
            let mut names = Vec::new();
            for number in 0..alerts {
                names.push(bed.alert(&format!("alert {number}"), "Low", value!([])).await);
            }
            tell.send(names).unwrap();
            bed
        });
        let _ = killed.recv();
        runtime.shutdown_background();
        drop(bed);
    });
    let names = told.recv().unwrap();
    (names, move || {
        drop(kill);
        thread.join().unwrap();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_node_had_in_hand_is_ended_by_another_exactly_once() {
    let Some(place) = Place::postgres() else { return };
    let living = Bed::over(place.with_node("living", SHORT), |_| (200, value!({ "verdict": "bad" }))).await;
    set_up(&living).await;
    let dying = place.with_node("dying", SHORT);
    let (names, kill) = tokio::task::spawn_blocking(move || doomed(dying, 12)).await.unwrap();
    tokio::task::spawn_blocking(kill).await.unwrap();
    each_happened_once(&living, &names).await;
    living.engine.shutdown().await;
}

/// A node stands still past its lease, in the middle of a call. Another takes the run over and ends it; when the slow
/// one goes on, nothing that it still holds is kept, and it takes part again as a new node.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_node_taken_for_dead_does_no_step_twice() {
    let Some(place) = Place::postgres() else { return };
    let other = Bed::over(place.with_node("other", SHORT), |_| (200, value!({ "verdict": "theirs" }))).await;
    set_up(&other).await;
    let (tell, told) = mpsc::channel();
    let slow_place = place.with_node("slow", SHORT);
    let slow = std::thread::spawn(move || {
        // One thread: while the vendor keeps it waiting, the lease is not renewed either.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stands_still = AtomicBool::new(true);
            let bed = Bed::over(slow_place, move |_| {
                if stands_still.swap(false, Ordering::SeqCst) {
                    std::thread::sleep(SHORT * 4);
                }
                (200, value!({ "verdict": "ours" }))
            })
            .await;
            let first = bed.alert("first", "Low", value!([])).await;
            bed.settle().await;
            let second = loop {
                // Until it has come back it takes nothing in.
                match bed.try_alert("second", "Low", value!([])).await {
                    Ok(name) => break name,
                    Err(error) => assert_eq!(error.code, "LostOwnership"),
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            };
            bed.settle().await;
            tell.send((vec![first, second], keys(&bed))).unwrap();
            bed.engine.shutdown().await;
        });
    });
    let (names, slow_keys) = tokio::task::spawn_blocking(move || told.recv().unwrap()).await.unwrap();
    tokio::task::spawn_blocking(move || slow.join().unwrap()).await.unwrap();
    each_happened_once(&other, &names).await;
    let comments = other.engine.comments(&other.ws, &names[0]).await.unwrap();
    let said = comments[0].str_at(&["properties", "message"]).unwrap().to_owned();
    assert!(said.contains("theirs"), "{said}: the outcome of the node that owned the run");
    let repeated: Vec<_> = keys(&other).into_keys().filter(|key| slow_keys.contains_key(key)).collect();
    assert_eq!(repeated.len(), 1, "the call was repeated once, with the key of the first");
    other.engine.shutdown().await;
}

/// What is acknowledged on one node counts on the other at once, told of it or not.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_counts_on_every_node_when_it_is_acknowledged() {
    let Some(place) = Place::postgres() else { return };
    let a = Bed::over(place.with_node("a", LONG), |_| (200, value!({ "verdict": "bad" }))).await;
    let b = Bed::over(place.with_node("b", LONG), |_| (200, value!({}))).await;
    set_up(&b).await;
    let first = a.alert("first", "Low", value!([])).await;
    a.settle().await;
    each_happened_once(&a, std::slice::from_ref(&first)).await;
    for round in 0..5 {
        place.deafen();
        let severity = ["High", "Medium", "Informational"][round % 3];
        let raise = rule("Raise", 2, &[], value!([modify(1, value!({ "severity": severity }))]));
        b.rule("raise", raise).await;
        let name = a.alert(&format!("round {round}"), "Low", value!([])).await;
        a.settle().await;
        assert_eq!(a.incident(&name).await.str_at(&["properties", "severity"]), Some(severity));
    }
    assert!(b.engine.delete_automation_rule(&b.ws, "raise", &b.caller).await.unwrap());
    let last = a.alert("last", "Low", value!([])).await;
    a.settle().await;
    assert_eq!(a.incident(&last).await.str_at(&["properties", "severity"]), Some("Low"));
    for bed in [a, b] {
        bed.engine.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_can_be_cancelled_through_another_node() {
    let Some(place) = Place::postgres() else { return };
    let a = Bed::over(place.with_node("a", LONG), |_| (200, value!({}))).await;
    let b = Bed::over(place.with_node("b", LONG), |_| (200, value!({}))).await;
    let wait = value!({ "W": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } } } });
    let id = a.playbook("Wait", wait).await;
    a.rule("r", rule("Wait", 1, &[], value!([run_playbook(1, &id)]))).await;
    let name = a.alert("x", "Low", value!([])).await;
    let since = Instant::now();
    let run = loop {
        let runs = b.engine.incident_runs(&b.ws, &name).await.unwrap();
        if let Some(run) = runs.first().filter(|run| run.str_at(&["properties", "status"]) == Some("Waiting"))
        {
            break run.str_at(&["name"]).unwrap().to_owned();
        }
        assert!(since.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    b.engine.cancel_run(&id, &run, &b.caller).await.unwrap();
    a.settle().await;
    assert_eq!(b.run(&name).await.str_at(&["properties", "status"]), Some("Cancelled"));
    for bed in [a, b] {
        bed.engine.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_another_key_is_refused() {
    let Some(place) = Place::postgres() else { return };
    Bed::over(place.clone(), |_| (200, value!({}))).await.engine.shutdown().await;
    for (key, wanted) in [(Some("ff".repeat(32)), "another key"), (None, "RIPOSTE_SECRET_KEY")] {
        let config = Config { store: place.store.clone(), secret_key: key, ..Config::default() };
        let refused = Engine::open(config).await.err().unwrap();
        assert!(refused.code == "DataUnusable" && refused.message.contains(wanted), "{refused}");
    }
    let folder = std::env::temp_dir().join(format!("riposte-key-{}", std::process::id()));
    let config = Config { store: place.store.clone(), data: Some(folder.clone()), ..Config::default() };
    let refused = Engine::open(config).await.err().unwrap();
    assert!(refused.message.contains("is missing") && !folder.join("secret.key").exists(), "{refused}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// Nodes work beside each other on the same incidents, and one leaves in good order: what it had goes to the other at
/// once, long before its lease would lapse.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_hands_over_at_once() {
    let Some(place) = Place::postgres() else { return };
    let staying = Bed::over(place.with_node("staying", LONG), |_| (200, value!({ "verdict": "bad" }))).await;
    set_up(&staying).await;
    let silent = Arc::new(AtomicBool::new(true));
    let leaving = Bed::over(place.with_node("leaving", LONG), move |_| {
        while silent.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(300));
            silent.store(false, Ordering::Relaxed);
        }
        (503, value!({}))
    })
    .await;
    let mut names = Vec::new();
    for number in 0..6 {
        let bed = if number % 2 == 0 { &leaving } else { &staying };
        names.push(bed.alert(&format!("alert {number}"), "Low", value!([])).await);
    }
    leaving.engine.shutdown().await;
    each_happened_once(&staying, &names).await;
    staying.engine.shutdown().await;
}
