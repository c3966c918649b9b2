//! Histories fit the runs: repetitions with their indexes, iterations with their statuses, pages without loss, cancelling
//! and resubmitting.

use super::bed::{Bed, at, slow};
use crate::harness::playbook;
use riposte_value::{Value, value};
use std::time::Duration;

fn indexes(item: &Value) -> Vec<(String, i64)> {
    let indexes = at(item, "properties/repetitionIndexes").and_then(Value::as_array).unwrap();
    let pair = |index: &Value| {
        (
            index.str_at(&["scopeName"]).unwrap().to_owned(),
            index.get("itemIndex").and_then(Value::as_i64).unwrap(),
        )
    };
    indexes.iter().map(pair).collect()
}

fn status(item: &Value) -> &str {
    item.str_at(&["properties", "status"]).unwrap()
}

#[tokio::test]
async fn repetitions_and_iterations_have_their_indexes_and_statuses() {
    let bed = Bed::new().await;
    let items = bed.of_run("/actions/Item/repetitions").await.items();
    let names: Vec<_> = items.iter().map(|item| item.str_at(&["name"]).unwrap()).collect();
    assert_eq!(names, ["000000", "000001"]);
    assert_eq!(indexes(&items[1]), [("Outer".to_owned(), 1)]);

    let deep = bed.of_run("/actions/Deep/repetitions").await.items();
    assert_eq!(deep.len(), 6);
    let last = bed.of_run("/actions/Deep/repetitions/000001-000002").await.json();
    assert_eq!(indexes(&last), [("Outer".to_owned(), 1), ("Inner".to_owned(), 2)]);

    // The second iteration broke.
    let iterations = bed.of_run("/actions/outer/scopeRepetitions").await.items();
    assert_eq!(iterations.iter().map(status).collect::<Vec<_>>(), ["Succeeded", "Failed"]);
    assert_eq!(indexes(&iterations[1]), [("Outer".to_owned(), 1)]);
    let failed = bed.of_run("/actions/Outer/scopeRepetitions?$filter=status%20eq%20'Failed'").await;
    assert_eq!(failed.names(), ["000001"]);
    let branches = bed.of_run("/actions/Even/scopeRepetitions").await.items();
    assert_eq!(branches.iter().map(status).collect::<Vec<_>>(), ["Succeeded", "Failed"]);
    let inner = bed.of_run("/actions/Inner/scopeRepetitions").await.names();
    assert_eq!(inner.len(), 6);
    assert_eq!(inner[5], "000001-000002");
    assert!(bed.of_run("/actions/Title/scopeRepetitions").await.items().is_empty());
    assert!(bed.of_run("/actions/Title/repetitions").await.items().is_empty());
}

#[tokio::test]
async fn actions_in_loops_stand_for_all_their_repetitions() {
    let bed = Bed::new().await;
    let mut names = bed.of_run("/actions").await.names();
    names.sort();
    let all =
        ["Answer", "Broken", "Call", "Caught", "Deep", "Even", "Hidden", "Inner", "Item", "Outer", "Title"];
    assert_eq!(names, all);
    let action = async |name: &str| bed.of_run(&format!("/actions/{name}")).await.json();
    let deep = action("Deep").await;
    assert_eq!(at(&deep, "properties/repetitionCount"), Some(&value!(6)));
    assert_eq!(at(&deep, "properties/outputsLink"), None);
    let broken = action("Broken").await;
    assert_eq!((status(&broken), at(&broken, "properties/repetitionCount")), ("Failed", Some(&value!(2))));
    let outer = action("Outer").await;
    assert_eq!((status(&outer), at(&outer, "properties/repetitionCount")), ("Failed", Some(&value!(2))));
    let call = action("Call").await;
    assert_eq!(call.str_at(&["properties", "error", "code"]), call.str_at(&["properties", "code"]));
    assert_eq!(status(&action("Caught").await), "Succeeded");
    let failed = bed.of_run("/actions?$filter=status%20eq%20'Failed'&$top=2").await;
    assert_eq!(failed.items().len(), 2);
    let pages = bed.pages(&format!("/runs/{}/actions?$top=4", bed.run)).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 3]);
}

#[tokio::test]
async fn a_run_shows_its_actions_and_its_version_where_that_is_asked_for() {
    let bed = Bed::new().await;
    let run = bed.of_run("").await.json();
    assert_eq!(at(&run, "properties/actions"), None);
    assert_eq!(status(&run), "Failed", "a loop in it failed");
    assert_eq!(run.str_at(&["properties", "error", "code"]), Some("ActionFailed"));
    assert_eq!(at(&run, "properties/outputs/said/value"), Some(&value!("hello!")));
    let expanded = bed.of_run("?$expand=properties/actions,workflow/properties").await.json();
    assert_eq!(expanded.str_at(&["properties", "actions", "Title", "status"]), Some("Succeeded"));
    assert!(at(&expanded, "properties/workflow/properties/definition/actions/Title").is_some());
    bed.owner.get(&playbook("flow", &format!("/runs/{}?$expand=x", bed.run))).await.expect(400);
}

#[tokio::test]
async fn pages_of_runs_and_histories_neither_lose_nor_double() {
    let bed = Bed::new().await;
    let mut runs = vec![bed.run.clone()];
    for i in 0..6 {
        let run = bed.start("flow", &value!({ "title": i })).await;
        bed.server.engine.wait_for_run(&run).await;
        runs.push(run);
    }
    runs.reverse();
    for list in ["/runs", "/triggers/manual/histories"] {
        for top in [1, 3, 7, 50] {
            let pages = bed.pages(&format!("{list}?$top={top}")).await;
            assert!(pages.iter().all(|page| page.len() <= top), "{pages:?}");
            assert_eq!(pages.concat(), runs, "{list} by {top}");
        }
        let wanted = &runs[2];
        for filter in [
            format!("ClientTrackingId%20eq%20'{wanted}'"),
            format!("clientTrackingId%20eq%20'{wanted}'%20and%20startTime%20gt%202020-01-01T00:00:00Z"),
        ] {
            let pages = bed.pages(&format!("{list}?$top=2&$filter={filter}")).await;
            assert_eq!(pages.concat(), [wanted.as_str()], "{list} {filter}");
        }
        let none = bed.pages(&format!("{list}?$filter=Status%20eq%20'Cancelled'")).await.concat();
        assert!(none.is_empty(), "{list}: {none:?}");
    }
    assert_eq!(bed.pages("/runs?$top=2&$filter=Status%20eq%20'Failed'").await.concat(), runs);
}

#[tokio::test]
async fn cancelling_ends_what_waits_and_nothing_else() {
    let bed = Bed::new().await;
    bed.owner.put(&playbook("slow", ""), &slow()).await.expect(201);
    let run = bed.start("slow", &value!({})).await;
    let shown = async || bed.owner.get(&playbook("slow", &format!("/runs/{run}"))).await.expect(200).json();
    let before = shown().await;
    assert!(["Running", "Waiting"].contains(&status(&before)), "{before}");
    assert_eq!(at(&before, "properties/endTime"), None);
    let cancel = playbook("slow", &format!("/runs/{run}/cancel"));
    assert_eq!(bed.owner.post_nothing(&cancel).await.expect(200).body, "");
    let ended = tokio::time::timeout(Duration::from_mins(1), bed.server.engine.wait_for_run(&run)).await;
    assert!(ended.is_ok());
    let after = shown().await;
    assert_eq!(status(&after), "Cancelled");
    assert!(at(&after, "properties/endTime").is_some());
    let actions = bed.owner.get(&playbook("slow", &format!("/runs/{run}/actions"))).await.expect(200).items();
    let of = |name: &str| actions.iter().find(|action| action.str_at(&["name"]) == Some(name)).map(status);
    assert_eq!((of("Rest"), of("Later")), (Some("Cancelled"), Some("Skipped")));
    let again = bed.owner.post_nothing(&cancel).await.expect(409);
    assert_eq!(again.code(), "WorkflowRunCanNotBeCancelled");
    // The run of the other playbook is as it was, and not to be had under this one.
    bed.owner.post_nothing(&playbook("slow", &format!("/runs/{}/cancel", bed.run))).await.expect(404);
}

#[tokio::test]
async fn resubmitting_starts_a_run_with_what_the_other_one_was_given() {
    let bed = Bed::new().await;
    let path = playbook("flow", &format!("/triggers/manual/histories/{}/resubmit", bed.run));
    bed.owner.post_nothing(&path).await.expect(202);
    let runs = bed.get("/runs").await.names();
    assert_eq!(runs.len(), 2);
    let new = runs.iter().find(|name| **name != bed.run).unwrap();
    bed.server.engine.wait_for_run(new).await;
    let outputs = bed.get(&format!("/runs/{new}")).await.json();
    assert_eq!(at(&outputs, "properties/outputs/said/value"), Some(&value!("hello!")));
    assert_ne!(
        outputs.str_at(&["properties", "trigger", "trackingId"]),
        bed.of_run("").await.json().str_at(&["properties", "trigger", "trackingId"])
    );
    let none = playbook("flow", "/triggers/manual/histories/none/resubmit");
    assert_eq!(bed.owner.post_nothing(&none).await.expect(404).code(), "WorkflowTriggerHistoryNotFound");
}

#[tokio::test]
async fn a_started_trigger_says_where_its_run_is() {
    let bed = Bed::new().await;
    let reply = bed
        .owner
        .post(&playbook("flow", "/triggers/manual/run"), &value!({ "title": "t" }))
        .await
        .expect(202);
    let location = bed.local(reply.header("location").unwrap());
    let run = bed.owner.get(&location).await.expect(200);
    assert_eq!(run.text(&["name"]), reply.header("x-ms-workflow-run-id").unwrap());
}

#[tokio::test]
async fn a_refused_call_is_in_the_requests_of_its_action() {
    let bed = Bed::new().await;
    let requests = bed.of_run("/actions/Call/requestHistories").await;
    let [request] = requests.items().try_into().unwrap();
    assert_eq!(request.str_at(&["properties", "request", "uri"]), Some("http://127.0.0.1:9/x"));
    assert_eq!(request.str_at(&["properties", "request", "method"]), Some("GET"));
    assert_eq!(at(&request, "properties/response"), None);
    let action = bed.of_run("/actions/Call").await.json();
    assert_eq!(
        request.str_at(&["properties", "error", "code"]),
        action.str_at(&["properties", "error", "code"])
    );
    assert!(bed.of_run("/actions/Title/requestHistories").await.items().is_empty());
}

#[tokio::test]
async fn traces_tell_what_expressions_came_to() {
    let bed = Bed::new().await;
    let traces = async |rest: &str| {
        let path = playbook("flow", &format!("/runs/{}/actions/{rest}/listExpressionTraces", bed.run));
        let shown = bed.owner.post_nothing(&path).await.expect(200).json();
        shown.get("inputs").and_then(Value::as_array).unwrap().to_vec()
    };
    let whole = value!([{
        "path": "$.inputs", "text": "concat(triggerBody()?['title'], '!')", "value": "hello!",
        "subexpressions": [{ "text": "triggerBody()?['title']", "value": "hello", "subexpressions": [] }]
    }]);
    assert_eq!(Value::array(traces("Title").await), whole);
    let [item] = traces("Item/repetitions/000001").await.try_into().unwrap();
    assert_eq!(
        (item.str_at(&["text"]), item.str_at(&["value"])),
        (Some("string(items('Outer'))"), Some("20"))
    );
    let [broken] = traces("Broken/repetitions/000001").await.try_into().unwrap();
    assert_eq!(broken.str_at(&["error", "code"]), Some("InvalidTemplate"));
    assert!(traces("Item").await.is_empty(), "each repetition is asked for its own");
}
