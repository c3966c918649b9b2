//! Runs that wait: parked in the store, woken by time, callbacks and cancels, across restarts.

use crate::bed::{Bed, Place, playbook_id};
use riposte_engine::{Callback, ErrorKind};
use riposte_value::{Object, Value, value};
use std::path::PathBuf;
use std::time::Duration;

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("riposte-waiting-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn wait_for(count: u32, unit: &str) -> Value {
    value!({ "Wait": { "type": "Wait", "inputs": { "interval": { "count": count, "unit": unit } } } })
}

fn webhook(limit: Value) -> Value {
    value!({ "Ask": {
        "type": "HttpWebhook", "limit": limit,
        "inputs": {
            "subscribe": { "method": "POST", "uri": "https://vendor.example/ask", "body": { "to": "@{listCallbackUrl()}" } },
            "unsubscribe": { "method": "DELETE", "uri": "https://vendor.example/ask" }
        }
    } })
}

impl Bed {
    async fn started(&self, playbook: &str) -> String {
        let incident = self.alert("waits", "Low", value!([])).await;
        self.engine
            .run_playbook_on_incident(&self.ws, &incident, &playbook_id(playbook), &self.caller)
            .await
            .unwrap()
    }

    async fn status(&self, run: &str) -> String {
        let run = self.engine.run_anywhere(run).await.unwrap();
        run.str_at(&["properties", "status"]).unwrap().to_owned()
    }

    async fn reaches(&self, run: &str, status: &str) {
        for _ in 0..6_000 {
            if self.status(run).await == status {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the run is {} and does not become {status}", self.status(run).await);
    }

    async fn parks(&self, runs: usize) {
        for _ in 0..6_000 {
            if self.engine.counts() == (0, runs) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("under way and parked: {:?}", self.engine.counts());
    }

    fn asked(&self, method: &str) -> Vec<riposte_connector::OutgoingRequest> {
        self.vendor.asked.lock().unwrap().iter().filter(|request| request.method == method).cloned().collect()
    }

    /// The address that the vendor was handed.
    fn address(&self) -> Callback {
        let body = String::from_utf8(self.asked("POST").last().unwrap().body.clone()).unwrap();
        let body: Value = riposte_value::json::parse_bytes(body.as_bytes()).unwrap();
        let address = body.str_at(&["to"]).unwrap();
        let (path, query) = address.split_once('?').unwrap();
        let (run, command) = path.strip_prefix("/callbacks/").unwrap().split_once('/').unwrap();
        let part = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
        Callback {
            run: run.to_owned(),
            command: command.replace("%23", "#"),
            expires: part("se="),
            version: part("sv="),
            signature: part("sig="),
            headers: vec![("Content-Type".into(), "application/json".into())],
            queries: Object::new(),
            body: br#"{"verdict":"go"}"#.to_vec(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_leaves_the_memory_and_its_time_wakes_it() {
    let bed = Bed::new().await;
    bed.playbook("Short", wait_for(1, "Second")).await;
    let run = bed.started("Short").await;
    bed.parks(1).await;
    assert_eq!(bed.status(&run).await, "Waiting");
    bed.settle().await;
    assert_eq!(bed.status(&run).await, "Succeeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_run_is_found_after_a_restart_and_can_be_cancelled() {
    let folder = folder("restart");
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    bed.playbook("Long", wait_for(30, "Day")).await;
    bed.playbook("Short", wait_for(2, "Second")).await;
    let (long, short) = (bed.started("Long").await, bed.started("Short").await);
    bed.parks(2).await;
    bed.engine.shutdown().await;
    drop(bed);
    let bed = Bed::over(place, |_| (200, value!({}))).await;
    bed.reaches(&short, "Succeeded").await;
    assert_eq!(bed.engine.counts(), (0, 1));
    bed.engine.cancel_run(&playbook_id("Long"), &long, &bed.caller).await.unwrap();
    bed.reaches(&long, "Cancelled").await;
    bed.parks(0).await;
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_finishes_a_parked_run_once_even_across_a_restart() {
    let folder = folder("callback");
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (202, value!({}))).await;
    bed.playbook("Ask", webhook(value!({ "timeout": "P3D" }))).await;
    let run = bed.started("Ask").await;
    bed.parks(1).await;
    assert_eq!(bed.status(&run).await, "Waiting");
    let address = || bed.address();
    let kind = |callback: Callback| async { bed.engine.callback(callback).await.unwrap_err().kind };
    assert_eq!(kind(Callback { signature: "x".into(), ..address() }).await, ErrorKind::Forbidden);
    assert_eq!(kind(Callback { signature: String::new(), ..address() }).await, ErrorKind::Unauthorized);
    assert_eq!(kind(Callback { command: "Other#1".into(), ..address() }).await, ErrorKind::Forbidden);
    let callback = bed.address();
    let late = bed.address();
    bed.engine.shutdown().await;
    drop(bed);
    let bed = Bed::over(place, |_| (202, value!({}))).await;
    bed.parks(1).await;
    bed.engine.callback(callback).await.unwrap();
    assert_eq!(bed.engine.callback(late).await.unwrap_err().kind, ErrorKind::Gone);
    bed.settle().await;
    let run = bed.engine.run_anywhere(&run).await.unwrap();
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    assert!(run.to_string().contains(r#""verdict":"go""#), "{run}");
    assert!(bed.asked("DELETE").is_empty(), "after a callback nothing is to be unsubscribed");
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_whose_time_is_over_or_whose_run_is_cancelled_is_ended() {
    let bed = Bed::with(|_| (202, value!({}))).await;
    bed.playbook("Brief", webhook(value!({ "timeout": "PT1S" }))).await;
    let run = bed.started("Brief").await;
    bed.settle().await;
    assert_eq!(bed.status(&run).await, "TimedOut");
    assert_eq!(bed.asked("DELETE").len(), 1);
    bed.playbook("Ask", webhook(Value::Null)).await;
    let run = bed.started("Ask").await;
    bed.parks(1).await;
    bed.engine.cancel_run(&playbook_id("Ask"), &run, &bed.caller).await.unwrap();
    bed.reaches(&run, "Cancelled").await;
    for _ in 0..6_000 {
        if bed.asked("DELETE").len() == 2 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the subscription of a cancelled run is not ended");
}

/// A vendor that never answers holds up neither a cancel nor the end of a run's time.
#[tokio::test(flavor = "multi_thread")]
async fn no_call_holds_up_a_cancel_or_the_end_of_time() {
    let bed = Bed::stuck(Duration::from_mins(10)).await;
    let call = value!({ "Call": { "type": "Http", "inputs": { "method": "GET", "uri": "https://vendor.example/x" } } });
    bed.playbook("Call", call.clone()).await;
    let run = bed.started("Call").await;
    bed.reaches(&run, "Running").await;
    let began = std::time::Instant::now();
    bed.engine.cancel_run(&playbook_id("Call"), &run, &bed.caller).await.unwrap();
    bed.reaches(&run, "Cancelled").await;
    assert!(began.elapsed() < Duration::from_mins(1));
    let bed = Bed::stuck(Duration::from_secs(1)).await;
    bed.playbook("Call", call).await;
    bed.playbook("Long", wait_for(30, "Day")).await;
    let (calls, waits) = (bed.started("Call").await, bed.started("Long").await);
    bed.reaches(&calls, "TimedOut").await;
    bed.reaches(&waits, "TimedOut").await;
}

/// Many parked runs: what they cost in memory, and how long a start takes. `RIPOSTE_PARKED_RUNS=100000` for the promise.
#[tokio::test(flavor = "multi_thread")]
async fn many_parked_runs_start_fast_and_fit() {
    let asked: Option<usize> = std::env::var("RIPOSTE_PARKED_RUNS").ok().and_then(|text| text.parse().ok());
    let runs = asked.unwrap_or(300);
    let folder = folder("many");
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    bed.playbook("Long", wait_for(30, "Day")).await;
    let incident = bed.alert("waits", "Low", value!([])).await;
    let begin = || bed.engine.run_playbook_on_incident(&bed.ws, &incident, &PLAYBOOK, &bed.caller);
    let mut left = runs;
    while left > 0 {
        let some = left.min(256);
        for begun in futures_util::future::join_all((0..some).map(|_| begin())).await {
            begun.unwrap();
        }
        left -= some;
    }
    bed.parks(runs).await;
    bed.engine.shutdown().await;
    drop(bed);
    let (before, began) = (resident_bytes(), std::time::Instant::now());
    let bed = Bed::over(place, |_| (200, value!({}))).await;
    let took = began.elapsed();
    assert_eq!(bed.engine.counts(), (0, runs));
    let grown = resident_bytes().saturating_sub(before);
    println!("{runs} parked runs: started in {took:?}, {grown} bytes more, {} a run", grown / runs);
    // What a busy machine takes for a few says nothing.
    assert!(asked.is_none() || took < Duration::from_secs(5), "{took:?}");
    assert!(grown < 200 << 20, "{grown}");
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

static PLAYBOOK: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| playbook_id("Long"));

fn resident_bytes() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or_default() * 4096
}

/// What succeeded is not done again, what failed is, with a key of its own; history shows both attempts.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_resumed_from_what_failed() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let broken = Arc::new(AtomicBool::new(true));
    let answers = Arc::clone(&broken);
    let folder = folder("resume");
    let bed = Bed::over(Place::lasting(&folder), move |request| {
        let fails = request.url.ends_with("/block/2") && answers.load(Ordering::Relaxed);
        (if fails { 403 } else { 200 }, value!({ "asked": request.url.clone() }))
    })
    .await;
    let call = |path: &str, after: Value| value!({ "type": "Http", "runAfter": after, "inputs": { "method": "GET", "uri": format!("https://vendor.example/{path}") } });
    bed.playbook("Block", value!({
        "First": call("first", value!({})),
        "Each": { "type": "Foreach", "foreach": [1, 2, 3], "runAfter": { "First": ["Succeeded"] },
                  "actions": { "Block": call("block/@{item()}", value!({})), "Then": call("then/@{item()}", value!({ "Block": ["Succeeded"] })) } },
        "Last": call("last?@{body('First')?['asked']}", value!({ "Each": ["Succeeded"] }))
    })).await;
    let run = bed.started("Block").await;
    bed.settle().await;
    assert_eq!(bed.status(&run).await, "Failed");
    broken.store(false, Ordering::Relaxed);
    bed.vendor.asked.lock().unwrap().clear();
    bed.engine.resume_run(&playbook_id("Block"), &run, &bed.caller).await.unwrap();
    bed.settle().await;
    let now = bed.engine.run_anywhere(&run).await.unwrap();
    assert_eq!(now.str_at(&["properties", "status"]), Some("Succeeded"), "{now}");
    let asked = bed.asked("GET");
    let urls: Vec<&str> =
        asked.iter().map(|request| request.url.strip_prefix("https://vendor.example/").unwrap()).collect();
    assert_eq!(urls[..2], ["block/2", "then/2"], "{urls:?}");
    assert!(urls[2].starts_with("last?https"), "{urls:?}");
    assert_eq!(urls.len(), 3, "{urls:?}");
    assert!(asked[0].header("Idempotency-Key").unwrap().ends_with("/Block@1~2#1"));
    let before = bed.engine.run_attempt(&run, 1).await.unwrap();
    assert_eq!(before.str_at(&["properties", "status"]), Some("Failed"));
    assert!(now.to_string().contains("earlierAttempts"));
    let again = bed.engine.resume_run(&playbook_id("Block"), &run, &bed.caller).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::Conflict, "what has succeeded is not resumed");
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_resubmitted_with_what_its_trigger_gave() {
    let bed = Bed::new().await;
    bed.playbook("Say", value!({ "Say": { "type": "Compose", "inputs": "@triggerBody()?['object']?['properties']?['title']" } })).await;
    let first = bed.started("Say").await;
    bed.settle().await;
    let id = playbook_id("Say");
    let again = bed.engine.resubmit(&id, "incident", &first, &bed.caller).await.unwrap();
    assert_ne!(again, first);
    bed.settle().await;
    let run = bed.engine.run_anywhere(&again).await.unwrap();
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    assert_eq!(run.str_at(&["properties", "trigger", "originHistoryName"]), Some(first.as_str()));
    assert!(run.to_string().contains(r#""outputs":"waits""#), "{run}");
    for (trigger, history) in [("Other", first.as_str()), ("Incident", "none")] {
        assert_eq!(
            bed.engine.resubmit(&id, trigger, history, &bed.caller).await.unwrap_err().kind,
            ErrorKind::NotFound
        );
    }
}
