//! What is known to have gone wrong elsewhere, each as a test: a webhook answered with 200 whose run nobody finds, a
//! fan-out that waits for ever for one of its branches, an approval inside a branch that nobody waited for, and an
//! approval that was skipped and yet waited for. Workers that die or are slow are the business of `nodes.rs`.

use crate::generate::on_incident;
use crate::live::{HOST, address, callback, id_of, machine, owner, start};
use crate::world::World;
use riposte_engine::{Engine, Invocation};
use riposte_store::{Disk, Store};
use riposte_value::{Value, json, value};
use std::sync::Arc;
use std::time::Duration;

struct Bed {
    store: Store,
    world: Arc<World>,
    engine: Engine,
    call: Invocation,
}

/// A playbook of these actions, in an installation of its own.
async fn bed(disk: &Disk, actions: Value) -> Bed {
    let world = World::new(7, true, 0);
    world.begin_life();
    let store = Store::simulated(disk, Arc::clone(&world) as _);
    let engine = start(&store, &world, 7).await.unwrap();
    let (caller, _) = owner(&engine).await;
    let one = value!({ "concurrency": { "runs": 1 } });
    let trigger = value!({ "type": "Request", "kind": "Http", "runtimeConfiguration": one });
    let body = value!({ "location": "local", "properties": { "parameters": {}, "definition": {
        "contentVersion": "1.0.0.0", "triggers": { "T": trigger }, "actions": actions
    } } });
    let id = id_of("P");
    engine.put_playbook(&id, &body, &caller).await.unwrap();
    let call = Invocation { body: b"{}".to_vec(), ..address(&engine, &id).await };
    Bed { store, world, engine, call }
}

impl Bed {
    async fn begin(&self) -> String {
        let answer = self.engine.invoke(self.call.clone()).await.unwrap();
        assert_eq!(answer.status, 202);
        answer.headers.iter().find(|(name, _)| name == "x-ms-workflow-run-id").unwrap().1.clone()
    }

    async fn rests(&self) {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }

    fn urls(&self) -> Vec<String> {
        self.world.state().calls.values().flatten().map(|asked| asked.url.clone()).collect()
    }

    /// Calls the only address that was handed out.
    async fn approve(&self) {
        let body = self
            .world
            .state()
            .calls
            .values()
            .flatten()
            .find(|asked| asked.url.contains("/hook/"))
            .unwrap()
            .body
            .clone();
        let body = json::parse_bytes(&body).unwrap();
        self.engine.callback(callback(body.str_at(&["to"]).unwrap(), "yes")).await.unwrap();
    }
}

async fn status(engine: &Engine, run: &str) -> String {
    engine.run_anywhere(run).await.unwrap().str_at(&["properties", "status"]).unwrap().to_owned()
}

fn get(path: &str, after: &Value) -> Value {
    let uri = format!("https://vendor.example/{path}");
    value!({ "type": "Http", "inputs": { "method": "GET", "uri": uri }, "runAfter": after })
}

/// The power goes: what was in memory is lost. The machine is off for a while.
fn cut(life: tokio::runtime::Runtime, world: &World, off: Duration) {
    {
        let _entered = life.enter();
        world.end_life();
    }
    drop(life);
    world.skip(off);
}

/// The next life over a disk, until everything has come to its end.
fn go_on(disk: &Disk, world: &Arc<World>, check: impl AsyncFnOnce(&Engine)) {
    machine().block_on(async {
        world.begin_life();
        let store = Store::simulated(disk, Arc::clone(world) as _);
        let engine = start(&store, world, 7).await.unwrap();
        assert!(engine.settle(Duration::from_hours(3)).await, "it does not come to its end");
        check(&engine).await;
    });
}

fn approval(after: &Value) -> Value {
    let subscribe = value!({
        "method": "POST", "uri": "https://vendor.example/hook/ask", "body": { "to": "@{listCallbackUrl()}" }
    });
    value!({ "type": "HttpWebhook", "inputs": { "subscribe": subscribe }, "runAfter": after })
}

/// A request is answered; the power goes before anything else is done.
#[test]
fn a_request_that_was_acknowledged_has_its_run_when_the_power_goes_at_once() {
    let disk = Disk::new().unwrap();
    let life = machine();
    let (world, run) = life.block_on(async {
        let bed = bed(&disk, value!({ "Call": get("fine/1", &value!({})) })).await;
        (Arc::clone(&bed.world), bed.begin().await)
    });
    cut(life, &world, Duration::ZERO);
    assert!(world.state().calls.is_empty(), "nothing was done yet");
    go_on(&disk, &world, async |engine| assert_eq!(status(engine, &run).await, "Succeeded"));
    assert_eq!(world.state().calls.len(), 1);
}

fn approval_within_an_hour() -> Value {
    let mut ask = approval(&value!({}));
    ask.as_object_mut().unwrap().insert("limit", value!({ "timeout": "PT1H" }));
    value!({ "Ask": ask })
}

/// An approval is acknowledged; the power goes before the run has seen it, and comes back when its time is over.
#[test]
fn an_approval_that_came_in_time_counts_though_the_power_was_off_at_its_deadline() {
    let disk = Disk::new().unwrap();
    let life = machine();
    let (world, run) = life.block_on(async {
        let bed = bed(&disk, approval_within_an_hour()).await;
        let run = bed.begin().await;
        bed.rests().await;
        bed.approve().await;
        (Arc::clone(&bed.world), run)
    });
    cut(life, &world, Duration::from_hours(2));
    go_on(&disk, &world, async |engine| assert_eq!(status(engine, &run).await, "Succeeded"));
}

/// An approval comes in the last second, and its commit takes until after the deadline.
#[test]
fn an_approval_whose_commit_outlasts_the_deadline_counts() {
    machine().block_on(async {
        let bed = bed(&Disk::new().unwrap(), approval_within_an_hour()).await;
        let run = bed.begin().await;
        bed.rests().await;
        let began = bed.engine.run_anywhere(&run).await.unwrap();
        let began: jiff::Timestamp = began.str_at(&["properties", "startTime"]).unwrap().parse().unwrap();
        let passed = bed.world.time().duration_since(began).unsigned_abs();
        tokio::time::sleep(Duration::from_secs(3_599).saturating_sub(passed)).await;
        bed.world.slow_down(Duration::from_secs(5));
        bed.approve().await;
        bed.world.slow_down(Duration::from_millis(1));
        bed.rests().await;
        assert_eq!(status(&bed.engine, &run).await, "Succeeded");
    });
}

/// Of two operations the first leads to the end of the run: the other is done or called cancelled, not both.
#[test]
fn an_operation_is_not_done_that_history_calls_cancelled() {
    let say = |text: &str| {
        let body = value!({ "incidentArmId": "@triggerBody()?['object']?['id']", "message": text });
        value!({ "type": "ApiConnection", "inputs": {
            "host": { "connection": { "name": HOST } }, "method": "post", "path": "/Incidents/Comment", "body": body
        } })
    };
    let end = value!({ "type": "Terminate", "inputs": { "runStatus": "Failed" }, "runAfter": { "One": ["Succeeded"] } });
    let actions = value!({ "One": say("one"), "Two": say("two"), "End": end });
    // Within the commit, and beside it.
    for seed in [7, 8] {
        machine().block_on(async {
            let world = World::new(seed, true, 0);
            world.begin_life();
            let store = Store::simulated(&Disk::new().unwrap(), Arc::clone(&world) as _);
            let engine = start(&store, &world, seed).await.unwrap();
            let (caller, ws) = owner(&engine).await;
            engine.put_playbook(&id_of("P"), &on_incident(&actions), &caller).await.unwrap();
            let alert = value!({
                "SystemAlertId": "a", "DisplayName": "a", "AlertSeverity": "Low", "Entities": [],
                "TimeGenerated": "2026-03-01T08:00:00Z"
            });
            let taken = engine.ingest_alerts(&ws, &alert, &caller).await.unwrap();
            let incident =
                taken.items[0].str_at(&["incident", "id"]).unwrap().rsplit('/').next().unwrap().to_owned();
            let run = engine.run_playbook_on_incident(&ws, &incident, &id_of("P"), &caller).await.unwrap();
            tokio::time::sleep(Duration::from_mins(1)).await;
            let actions = engine.run_actions(&id_of("P"), &run).await.unwrap();
            let done = |action: &&Value| {
                action.str_at(&["properties", "status"]) == Some("Succeeded")
                    && action.str_at(&["name"]) != Some("End")
            };
            let told = actions.iter().filter(done).count();
            let found = engine.comments(&ws, &incident).await.unwrap().len();
            assert_eq!(found, told, "{actions:?}");
        });
    }
}

/// A run that cannot go on is ended, and what waited for its place begins.
#[test]
fn a_run_that_cannot_be_read_any_more_lets_the_next_begin() {
    let disk = Disk::new().unwrap();
    let life = machine();
    let (world, run) = life.block_on(async {
        let wait = value!({ "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } } });
        let bed = bed(&disk, value!({ "Wait": wait })).await;
        let run = bed.begin().await;
        let next = bed.engine.invoke(bed.call.clone()).await.unwrap();
        let (_, next) = next.headers.iter().find(|(name, _)| name == "x-ms-workflow-run-id").unwrap();
        assert_eq!(status(&bed.engine, next).await, "Waiting");
        bed.rests().await;
        let id = run.clone();
        bed.store.write(move |tx| tx.put_run_state(&id, "Running", b"not a state", None)).await.unwrap();
        (Arc::clone(&bed.world), run)
    });
    cut(life, &world, Duration::ZERO);
    go_on(&disk, &world, async |engine| {
        assert_eq!(status(engine, &run).await, "Failed");
        let runs = engine.list_runs(&id_of("P"), None, 10, None).await.unwrap().items;
        let ends: Vec<&str> = runs.iter().map(|run| run.str_at(&["properties", "status"]).unwrap()).collect();
        assert_eq!(ends, ["Succeeded", "Failed"]);
    });
}

/// Of two hundred branches some never hear from the vendor, some fail, some wait.
#[test]
fn a_fan_out_with_branches_that_hear_nothing_comes_to_its_end() {
    machine().block_on(async {
        let uri = "https://vendor.example/@{if(equals(mod(item(), 7), 0), 'never', 'h')}/@{item()}";
        let ask = value!({
            "type": "Http", "limit": { "timeout": "PT2M" },
            "inputs": { "method": "GET", "uri": uri, "retryPolicy": { "type": "fixed", "count": 1, "interval": "PT5S" } }
        });
        let wait = value!({
            "type": "Wait", "inputs": { "interval": { "count": 40, "unit": "Second" } },
            "runAfter": { "Ask": ["Failed", "TimedOut"] }
        });
        let each = value!({ "type": "Foreach", "foreach": "@range(0, 200)", "actions": { "Ask": ask, "Wait": wait } });
        let last = value!({ "type": "Compose", "inputs": 1, "runAfter": { "Each": ["Succeeded", "Failed", "TimedOut"] } });
        let bed = bed(&Disk::new().unwrap(), value!({ "Each": each, "Last": last })).await;
        let run = bed.begin().await;
        assert!(bed.engine.settle(Duration::from_hours(2)).await, "it hangs");
        assert_eq!(status(&bed.engine, &run).await, "Succeeded");
        let asked = bed.engine.run_repetitions(&id_of("P"), &run, "Ask").await.unwrap();
        assert_eq!(asked.len(), 200);
        let lost = asked.iter().filter(|one| one.str_at(&["properties", "status"]) == Some("TimedOut")).count();
        assert_eq!(lost, 29);
    });
}

/// What follows the branch is not done before the approval, wherever it stands.
#[test]
fn an_approval_in_a_branch_is_waited_for() {
    let none = value!({});
    let inside = value!({ "Approve": approval(&none) });
    let places = [
        value!({ "type": "If", "expression": { "equals": [1, 1] }, "actions": inside }),
        value!({ "type": "If", "expression": { "equals": [1, 2] }, "actions": {}, "else": { "actions": inside } }),
        value!({ "type": "Switch", "expression": "a", "cases": { "C": { "case": "a", "actions": inside } } }),
        value!({ "type": "Scope", "actions": inside }),
        value!({ "type": "Foreach", "foreach": [1], "actions": inside }),
        value!({ "type": "Until", "expression": "@true", "limit": { "count": 1, "timeout": "P1D" }, "actions": inside }),
    ];
    for place in places {
        machine().block_on(async {
            let block = get("fine/block", &value!({ "Place": ["Succeeded"] }));
            let bed = bed(&Disk::new().unwrap(), value!({ "Place": place, "Block": block })).await;
            let run = bed.begin().await;
            bed.rests().await;
            assert_eq!(status(&bed.engine, &run).await, "Waiting", "{place}");
            assert_eq!(bed.urls(), ["https://vendor.example/hook/ask"], "{place}");
            bed.approve().await;
            bed.rests().await;
            assert_eq!(status(&bed.engine, &run).await, "Succeeded", "{place}");
            assert!(bed.urls().iter().any(|url| url.ends_with("/fine/block")), "{place}");
        });
    }
}

/// An approval that does not come about is neither asked for nor waited for.
#[test]
fn an_approval_that_is_skipped_parks_nothing() {
    let none = value!({});
    let inside = value!({ "Approve": approval(&none) });
    let bad = value!({ "type": "Compose", "inputs": "@int('x')" });
    let places = [
        value!({ "Place": { "type": "If", "expression": { "equals": [1, 2] }, "actions": inside } }),
        value!({ "Place": { "type": "Switch", "expression": "b", "cases": { "C": { "case": "a", "actions": inside } } } }),
        value!({ "Place": { "type": "Foreach", "foreach": [], "actions": inside } }),
        value!({ "Bad": bad, "Place": approval(&value!({ "Bad": ["Succeeded"] })) }),
        value!({ "Bad": bad, "Place": { "type": "Scope", "actions": inside, "runAfter": { "Bad": ["Succeeded"] } } }),
    ];
    for mut actions in places {
        machine().block_on(async {
            let block = get("fine/block", &value!({ "Place": ["Succeeded", "Skipped"] }));
            actions.as_object_mut().unwrap().insert("Block", block);
            let bed = bed(&Disk::new().unwrap(), actions.clone()).await;
            let run = bed.begin().await;
            assert!(bed.engine.settle(Duration::from_mins(1)).await, "it waits: {actions}");
            assert_eq!(status(&bed.engine, &run).await, "Succeeded", "{actions}");
            assert_eq!(bed.urls(), ["https://vendor.example/fine/block"], "{actions}");
        });
    }
}
