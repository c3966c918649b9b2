//! Playbooks as resources: versions, parts of them given anew, another id, descriptions.

use super::bed::{Bed, at, flow, slow};
use crate::harness::{playbook, playbook_id};
use riposte_value::{Value, value};

/// The flow with another word in its action.
fn changed(word: &str) -> Value {
    let text = flow().to_string().replace("a-secret-word", word);
    riposte_value::json::parse(&text).unwrap()
}

#[tokio::test]
async fn versions_are_added_by_changes_and_kept_by_runs() {
    let bed = Bed::new().await;
    bed.owner.put(&playbook("flow", ""), &flow()).await.expect(200);
    assert_eq!(bed.get("/versions").await.items().len(), 1, "nothing changed");
    for word in ["second", "third"] {
        bed.owner.put(&playbook("flow", ""), &changed(word)).await.expect(200);
    }
    let versions = bed.pages("/versions?$top=2").await;
    let names = ["00000000000000000003", "00000000000000000002", "00000000000000000001"];
    assert_eq!(versions, [names[..2].to_vec(), names[2..].to_vec()]);
    assert_eq!(bed.get("").await.text(&["properties", "version"]), names[0]);
    let first = bed.get("/versions/00000000000000000001").await;
    assert_eq!(first.text(&["type"]), "Microsoft.Logic/workflows/versions");
    assert!(first.body.contains("a-secret-word"), "as it was");
    assert_eq!(bed.of_run("").await.text(&["properties", "workflow", "name"]), names[2]);
}

#[tokio::test]
async fn a_patch_replaces_what_it_gives() {
    let bed = Bed::new().await;
    let patch = async |body: &Value| {
        bed.owner.send("PATCH", &playbook("flow", ""), &[], body.to_string().as_bytes()).await
    };
    // Azure's client sends no body at all.
    let same = bed.owner.send("PATCH", &playbook("flow", ""), &[], b"").await.expect(200);
    assert_eq!(same.text(&["properties", "version"]), "00000000000000000001");
    let tagged = patch(&value!({ "tags": { "c": "d" } })).await.expect(200).json();
    assert_eq!(tagged.get("tags"), Some(&value!({ "c": "d" })));
    assert_eq!(at(&tagged, "properties/parameters/who/value"), Some(&value!("me")));
    let body = value!({ "properties": { "state": "Disabled", "parameters": { "who": { "value": "you" } } } });
    let disabled = patch(&body).await.expect(200);
    assert_eq!(disabled.text(&["properties", "state"]), "Disabled");
    assert_eq!(disabled.text(&["properties", "version"]), "00000000000000000002");
    assert_eq!(disabled.text(&["properties", "parameters", "who", "value"]), "you");
    assert_eq!(disabled.json().get("tags"), Some(&value!({ "c": "d" })));
    let none = bed.owner.send("PATCH", &playbook("none", ""), &[], b"{}").await.expect(404);
    assert_eq!(none.code(), "ResourceNotFound");
}

#[tokio::test]
async fn a_moved_playbook_runs_under_its_new_id_and_its_old_runs_stay() {
    let bed = Bed::new().await;
    let to = |name: &str| value!({ "id": playbook_id(name) });
    bed.owner.post(&playbook("flow", "/move"), &value!({ "id": "x" })).await.expect(400);
    bed.owner.put(&playbook("other", ""), &flow()).await.expect(201);
    bed.owner.post(&playbook("flow", "/move"), &to("other")).await.expect(409);
    bed.owner.post(&playbook("flow", "/move"), &to("moved")).await.expect(200);
    bed.owner.get(&playbook("flow", "")).await.expect(404);
    let moved = bed.owner.get(&playbook("moved", "")).await.expect(200);
    assert_eq!(moved.text(&["properties", "parameters", "who", "value"]), "me");
    assert_eq!(moved.text(&["properties", "state"]), "Enabled");
    bed.of_run("/actions/Title").await;
    let run = bed.start("moved", &value!({ "title": "again" })).await;
    bed.server.engine.wait_for_run(&run).await;
    assert_eq!(bed.owner.get(&playbook("moved", "/runs")).await.expect(200).names(), [run]);
    bed.owner.post(&playbook("flow", "/move"), &to("again")).await.expect(404);
}

#[tokio::test]
async fn a_move_leaves_no_run_waiting_for_its_turn() {
    let bed = Bed::new().await;
    let text = slow()
        .to_string()
        .replace(r#""kind":"Http""#, r#""kind":"Http","runtimeConfiguration":{"concurrency":{"runs":1}}"#);
    let limited = riposte_value::json::parse(&text).unwrap();
    bed.owner.put(&playbook("slow", ""), &limited).await.expect(201);
    let first = bed.start("slow", &value!({})).await;
    let second = bed.start("slow", &value!({})).await;
    let actions = async |run: &str| {
        bed.owner.get(&playbook("slow", &format!("/runs/{run}/actions"))).await.expect(200).names()
    };
    assert!(actions(&second).await.is_empty(), "it waits for the first");
    bed.owner.post(&playbook("slow", "/move"), &value!({ "id": playbook_id("fast") })).await.expect(200);
    for _ in 0..6_000 {
        if !actions(&second).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for run in [&first, &second] {
        assert_eq!(actions(run).await, ["Rest"]);
        bed.owner.post_nothing(&playbook("slow", &format!("/runs/{run}/cancel"))).await.expect(200);
    }
    let batch = value!({ "properties": { "definition": { "actions": {}, "triggers": { "b": {
        "type": "Batch", "inputs": { "mode": "Inline", "configurations": { "x": { "releaseCriteria": { "messageCount": 2 } } } } } } } } });
    bed.owner.put(&playbook("batched", ""), &batch).await.expect(201);
    bed.owner.post(&playbook("batched", "/move"), &value!({ "id": playbook_id("b2") })).await.expect(409);
}

#[tokio::test]
async fn descriptions_fit_the_playbook() {
    let bed = Bed::new().await;
    let swagger = bed.owner.post_nothing(&playbook("flow", "/listSwagger")).await.expect(200).json();
    let address =
        bed.owner.post_nothing(&playbook("flow", "/triggers/manual/listCallbackUrl")).await.expect(200);
    let path = bed.local(&address.text(&["basePath"]));
    let operation = swagger.at(&["paths", &path, "post"]).unwrap_or_else(|| panic!("{path} in {swagger}"));
    assert_eq!(operation.str_at(&["operationId"]), Some("manual-invoke"));
    let signature = address.text(&["queries", "sig"]);
    assert!(!swagger.to_string().contains(&signature), "a description is no permission");
    assert_eq!(swagger.str_at(&["host"]), Some(bed.server.address.to_string().as_str()));

    let upgrade = async |version: &str| {
        let body = value!({ "targetSchemaVersion": version });
        bed.owner.post(&playbook("flow", "/generateUpgradedDefinition"), &body).await
    };
    let upgraded = upgrade("2016-06-01").await.expect(200).json();
    assert_eq!(Some(&upgraded), at(&flow(), "properties/definition"));
    upgrade("1999-01-01").await.expect(400);
}

#[tokio::test]
async fn validation_tells_what_saving_would_and_saves_nothing() {
    let bed = Bed::new().await;
    let by_location =
        playbook("flow", "/validate").replace("/workflows/flow/", "/locations/westeurope/workflows/flow/");
    let bad = value!({ "properties": { "definition": { "actions": { "A": { "type": "Nonsense" } } } } });
    for path in [playbook("flow", "/validate"), by_location] {
        bed.owner.post(&path, &changed("new")).await.expect(200);
        let refused = bed.owner.post(&path, &bad).await.expect(400);
        assert!(!refused.code().is_empty());
    }
    assert_eq!(bed.get("/versions").await.items().len(), 1);
}
