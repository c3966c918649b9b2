//! How long the next rule waits for the playbooks of the one before it, by a clock that is set by hand: Sentinel's
//! documented table, through the whole engine.

use crate::bed::{Bed, Hands, Place, modify, rule, run_playbook};
use riposte_engine::PlaybookWait;
use riposte_value::{Value, value};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// When everything begins.
const BEGAN: i64 = 1_780_000_000;

/// A bed whose clock stands still, with its clock.
async fn bed(wait: PlaybookWait, place: Place) -> (Bed, Arc<Hands>) {
    let clock = place.clock.clone().unwrap_or_else(|| Hands::at(BEGAN));
    let place = place.with_wait(wait).with_clock(Arc::clone(&clock));
    (Bed::over(place, |_| (200, value!({}))).await, clock)
}

/// A playbook that takes so many seconds; one that takes none is done at once.
async fn playbook(bed: &Bed, seconds: i64) -> String {
    let actions = match seconds {
        0 => value!({ "Say": { "type": "Compose", "inputs": 1 } }),
        _ => {
            value!({ "Wait": { "type": "Wait", "inputs": { "interval": { "count": seconds, "unit": "Second" } } } })
        }
    };
    bed.playbook(&format!("Takes{seconds}"), actions).await
}

/// A rule that starts playbooks which take so many seconds each.
async fn starting(bed: &Bed, name: &str, order: i64, takes: &[i64]) -> Value {
    let mut actions = Vec::new();
    for (place, seconds) in (1..).zip(takes) {
        actions.push(run_playbook(place, &playbook(bed, *seconds).await));
    }
    rule(name, order, &[], Value::array(actions))
}

async fn last(bed: &Bed, order: i64) {
    bed.rule("last", rule("Last", order, &[], value!([modify(1, value!({"severity": "High"}))]))).await;
}

/// How many seconds after the beginning entries of a kind came, each with the beginning of its summary.
async fn came(bed: &Bed, incident: &str, kind: &str) -> Vec<(String, i64)> {
    let page = bed.engine.timeline(&bed.ws, incident, None, 1000).await.unwrap();
    let of_kind = page.items.iter().filter(|entry| entry.str_at(&["kind"]) == Some(kind));
    let told = of_kind.map(|entry| {
        let time: jiff::Timestamp = entry.str_at(&["time"]).unwrap().parse().unwrap();
        let name = entry.str_at(&["summary"]).unwrap().split(' ').nth(1).unwrap().to_owned();
        (name, time.as_second() - BEGAN)
    });
    told.collect()
}

/// Has the engine do what it can at the time that it is: long enough for it to do what it must not do yet.
async fn linger() {
    tokio::time::sleep(Duration::from_millis(60)).await;
}

/// Waits until so many entries of a kind have come.
async fn until(bed: &Bed, incident: &str, kind: &str, count: usize) {
    let come = async {
        while came(bed, incident, kind).await.len() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let kept = tokio::time::timeout(Duration::from_secs(20), come).await;
    assert!(kept.is_ok(), "{count} times {kind} do not come");
}

fn set(clock: &Hands, after: i64) {
    clock.0.store(BEGAN + after, Ordering::Relaxed);
}

#[tokio::test]
async fn the_documented_table_holds_through_the_engine() {
    use PlaybookWait::{Completion, None as Not, Sentinel};
    // The server's policy, the rule's own, how long the playbooks take, and after how long the next rule begins.
    for (server, own, takes, begins) in [
        // Below a second: at once.
        (Sentinel, None, vec![0], 0),
        // Below two minutes: at the end, which is within ten seconds of it and within two minutes of the beginning.
        (Sentinel, None, vec![1], 1),
        (Sentinel, None, vec![30], 30),
        (Sentinel, None, vec![119], 119),
        // Two minutes and more: after two minutes, completed or not.
        (Sentinel, None, vec![120], 120),
        (Sentinel, None, vec![121], 120),
        (Sentinel, None, vec![3_600], 120),
        // Several playbooks of one rule: the longest counts.
        (Sentinel, None, vec![10, 45], 45),
        (Sentinel, None, vec![10, 900], 120),
        // The other policies, and a rule that has one of its own.
        (Completion, None, vec![300], 300),
        (Not, None, vec![300], 0),
        (Completion, Some("sentinel"), vec![300], 120),
        (Not, Some("sentinel"), vec![40], 40),
        (Sentinel, Some("completion"), vec![300], 300),
        (Sentinel, Some("none"), vec![300], 0),
    ] {
        let case = format!("{server:?} {own:?} {takes:?}");
        let (bed, clock) = bed(server, Place::anywhere()).await;
        let mut first = starting(&bed, "First", 1, &takes).await;
        if let Some(own) = own {
            first.as_object_mut().unwrap().insert("riposte", value!({ "playbookWait": own }));
        }
        bed.rule("first", first).await;
        last(&bed, 2).await;
        let incident = bed.alert("x", "Low", value!([])).await;
        until(&bed, &incident, "playbookTriggered", takes.len()).await;
        // The clock stands at each time at which something happens, and just before the next rule begins.
        let mut times: Vec<i64> =
            takes.iter().copied().chain([begins - 1, begins]).filter(|at| *at > 0).collect();
        times.sort_unstable();
        for at in times {
            linger().await;
            set(&clock, at);
            if at == begins {
                until(&bed, &incident, "ruleMatched", 2).await;
            }
        }
        until(&bed, &incident, "ruleMatched", 2).await;
        until(&bed, &incident, "playbookFinished", takes.len()).await;
        bed.settle().await;
        let rules = came(&bed, &incident, "ruleMatched").await;
        assert_eq!(rules, [("First".to_owned(), 0), ("Last".to_owned(), begins)], "{case}");
        let mut ended: Vec<i64> =
            came(&bed, &incident, "playbookFinished").await.iter().map(|(_, at)| *at).collect();
        ended.sort_unstable();
        assert_eq!(ended, takes, "{case}: the playbooks go on");
        bed.engine.shutdown().await;
    }
}

#[tokio::test]
async fn each_rule_has_two_minutes_of_its_own() {
    let (bed, clock) = bed(PlaybookWait::Sentinel, Place::anywhere()).await;
    for (name, order) in [("A", 1), ("B", 2)] {
        let properties = starting(&bed, name, order, &[500]).await;
        bed.rule(name, properties).await;
    }
    last(&bed, 3).await;
    let incident = bed.alert("x", "Low", value!([])).await;
    until(&bed, &incident, "playbookTriggered", 1).await;
    for (at, rules) in [(119, 1), (120, 2), (239, 2), (240, 3)] {
        linger().await;
        set(&clock, at);
        until(&bed, &incident, "ruleMatched", rules).await;
    }
    set(&clock, 2_000);
    bed.settle().await;
    let told: Vec<i64> = came(&bed, &incident, "ruleMatched").await.iter().map(|(_, at)| *at).collect();
    assert_eq!(told, [0, 120, 240]);
}

#[tokio::test]
async fn after_a_restart_the_rest_of_the_two_minutes_is_waited_for() {
    let folder = std::env::temp_dir().join(format!("riposte-rule-waits-{}", std::process::id()));
    let place = Place::lasting(&folder).with_clock(Hands::at(BEGAN));
    let (before, clock) = bed(PlaybookWait::Sentinel, place.clone()).await;
    let properties = starting(&before, "First", 1, &[500]).await;
    before.rule("first", properties).await;
    last(&before, 2).await;
    let incident = before.alert("x", "Low", value!([])).await;
    until(&before, &incident, "playbookTriggered", 1).await;
    set(&clock, 50);
    before.engine.shutdown().await;
    drop(before);
    let (after, clock) = bed(PlaybookWait::Sentinel, place).await;
    for at in [119, 120] {
        linger().await;
        set(&clock, at);
    }
    until(&after, &incident, "ruleMatched", 2).await;
    assert_eq!(came(&after, &incident, "ruleMatched").await[1], ("Last".to_owned(), 120));
    set(&clock, 500);
    after.settle().await;
    assert_eq!(came(&after, &incident, "playbookFinished").await, [("Takes500".to_owned(), 500)]);
    after.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}
