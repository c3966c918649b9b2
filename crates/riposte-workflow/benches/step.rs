//! The interpreter by itself: a run of five actions, and a loop, without store and without vendors.
#![expect(clippy::expect_used, reason = "a bench fails by panicking")]

use divan::{Bencher, black_box};
use riposte_value::{Value, value};
use riposte_workflow::{Event, EventKind, Program, RunStart, State, compile, step};

fn main() {
    divan::main();
}

fn program(actions: &Value) -> Program {
    let definition = value!({
        "triggers": { "manual": { "type": "Request", "kind": "Http" } }, "actions": actions
    });
    compile(&definition).0.expect("the definition compiles")
}

fn after(name: &str) -> Value {
    value!({ name: ["Succeeded"] })
}

fn run(bencher: Bencher<'_, '_>, program: &Program) {
    let outputs = value!({ "body": { "title": "Sign-in" } });
    let at = jiff::Timestamp::UNIX_EPOCH;
    let start = RunStart::of_trigger("r1", "manual", outputs, at);
    bencher.bench_local(|| {
        let event = Event { at, seed: 1, kind: EventKind::Started(Box::new(start.clone())) };
        let stepped = step(black_box(program), State::default(), event);
        assert!(stepped.finished.is_some());
        stepped
    });
}

#[divan::bench]
fn five_actions(bencher: Bencher<'_, '_>) {
    let facts =
        value!({ "title": "@triggerBody()?['title']", "shout": "@{toUpper(triggerBody()?['title'])}!" });
    run(
        bencher,
        &program(&value!({
            "Note": { "type": "InitializeVariable", "inputs": { "variables": [{ "name": "note", "type": "string" }] } },
            "Facts": { "type": "Compose", "runAfter": after("Note"), "inputs": facts },
            "Parsed": { "type": "ParseJson", "runAfter": after("Facts"), "inputs": {
                "content": "@outputs('Facts')", "schema": { "type": "object" }
            } },
            "Set": { "type": "SetVariable", "runAfter": after("Parsed"), "inputs": {
                "name": "note", "value": "@{body('Parsed')?['title']}"
            } },
            "Last": { "type": "Compose", "runAfter": after("Set"), "inputs": "@variables('note')" }
        })),
    );
}

#[divan::bench]
fn loop_of_a_thousand(bencher: Bencher<'_, '_>) {
    run(
        bencher,
        &program(&value!({
            "Each": { "type": "Foreach", "foreach": "@range(0, 1000)", "actions": {
                "Double": { "type": "Compose", "inputs": "@mul(item(), 2)" }
            } }
        })),
    );
}
