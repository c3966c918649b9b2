//! Stops and restarts in the middle of the work: nothing acknowledged is lost, nothing is done twice.

use crate::bed::{Bed, Place, rule, run_playbook, sentinel};
use riposte_value::value;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An orderly stop while a vendor is slow to answer, again and again at other moments; after the last start every
/// incident has its comment exactly once, and repeated calls went out with the key of the first.
#[tokio::test(flavor = "multi_thread")]
async fn stops_at_any_moment_lose_and_double_nothing() {
    let folder = std::env::temp_dir().join(format!("riposte-recovery-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let place = Place::lasting(&folder);
    let mut keys = Vec::new();
    let mut names = Vec::new();
    let slow = Arc::new(AtomicBool::new(true));
    for round in 0..12_u64 {
        let answers = Arc::clone(&slow);
        let bed = Bed::over(place.clone(), move |_| {
            if answers.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(3));
            }
            (200, value!({ "verdict": "bad" }))
        })
        .await;
        if round == 0 {
            let id = bed
                .playbook("Ask", value!({
                    "Vendor": { "type": "Http", "inputs": { "method": "GET", "uri": "https://vendor.example/ip" } },
                    "Say": sentinel("post", "/Incidents/Comment", value!({
                        "incidentArmId": "@triggerBody()?['object']?['id']",
                        "message": "@{body('Vendor')?['verdict']}"
                    }), value!({"Vendor": ["Succeeded"]}))
                }))
                .await;
            bed.rule("r", rule("Ask", 1, &[], value!([run_playbook(1, &id)]))).await;
        }
        if round == 11 {
            slow.store(false, Ordering::Relaxed);
            bed.settle().await;
            check(&bed, &names).await;
        } else {
            for _ in 0..3 {
                names.push(bed.alert(&format!("round {round}"), "Low", value!([])).await);
            }
            tokio::time::sleep(Duration::from_millis(round * 2)).await;
        }
        // A call may go out until the stop is complete.
        bed.engine.shutdown().await;
        keys.extend(
            bed.vendor.asked.lock().unwrap().iter().map(|r| r.header("Idempotency-Key").unwrap().to_owned()),
        );
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), names.len(), "a call that is repeated carries the key of the first");
    let _ = std::fs::remove_dir_all(folder);
}

async fn check(bed: &Bed, names: &[String]) {
    for name in names {
        let run = bed.run(name).await;
        assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
        let comments = bed.engine.comments(&bed.ws, name).await.unwrap();
        assert_eq!(comments.len(), 1, "exactly one comment");
        let kinds = bed.timeline_kinds(name).await;
        for kind in ["incidentCreated", "ruleMatched", "playbookTriggered", "playbookFinished"] {
            assert_eq!(kinds.iter().filter(|k| *k == kind).count(), 1, "{kind}: {kinds:?}");
        }
    }
}
