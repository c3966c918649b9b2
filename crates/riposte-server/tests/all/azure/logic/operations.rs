//! Every row of the routing table under Microsoft.Logic/workflows, called once with what Azure's clients send: the status
//! that they take, and the properties that their models read. A row without a case fails.

use super::bed::{Bed, at, flow, slow};
use crate::client::Reply;
use crate::harness::{SUBSCRIPTION, playbook, playbook_id};
use riposte_server::{RouteSummary, route_summaries};
use riposte_value::{Value, value};
use std::collections::BTreeSet;

/// A call: the row's method and path below the workflow, and what to expect.
struct Case {
    method: &'static str,
    /// As the routing table writes it.
    path: &'static str,
    body: Option<Value>,
    status: u16,
    /// Paths to properties that must be in the answer; those of a list are looked for in its first item.
    has: &'static [&'static str],
}

const fn case(method: &'static str, path: &'static str, status: u16, has: &'static [&'static str]) -> Case {
    Case { method, path, body: None, status, has }
}

const WORKFLOW: &[&str] = &[
    "id",
    "name",
    "type",
    "location",
    "tags/a",
    "properties/provisioningState",
    "properties/createdTime",
    "properties/changedTime",
    "properties/state",
    "properties/version",
    "properties/definition/actions",
    "properties/parameters/who/value",
];
const RUN: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/waitEndTime",
    "properties/startTime",
    "properties/endTime",
    "properties/status",
    "properties/correlation/clientTrackingId",
    "properties/workflow/id",
    "properties/workflow/name",
    "properties/trigger/name",
    "properties/trigger/outputsLink/uri",
    "properties/trigger/startTime",
    "properties/trigger/status",
    "properties/trigger/trackingId",
];
const TRIGGER: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/provisioningState",
    "properties/createdTime",
    "properties/state",
    "properties/workflow/id",
];
const HISTORY: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/startTime",
    "properties/endTime",
    "properties/status",
    "properties/code",
    "properties/trackingId",
    "properties/correlation/clientTrackingId",
    "properties/outputsLink/contentSize",
    "properties/fired",
    "properties/run/id",
];
const ACTION: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/startTime",
    "properties/endTime",
    "properties/status",
    "properties/code",
    "properties/correlation/actionTrackingId",
    "properties/correlation/clientTrackingId",
];
const REPETITION: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/startTime",
    "properties/endTime",
    "properties/status",
    "properties/code",
    "properties/correlation/clientTrackingId",
    "properties/repetitionIndexes",
];
const REQUEST: &[&str] = &[
    "id",
    "name",
    "type",
    "properties/startTime",
    "properties/endTime",
    "properties/request/method",
    "properties/request/uri",
    "properties/request/headers",
];
const ADDRESS: &[&str] =
    &["value", "method", "basePath", "queries/api-version", "queries/sp", "queries/sv", "queries/sig"];

/// In this order: what changes the playbook comes last.
fn cases() -> Vec<Case> {
    let with = |case: Case, body: Value| Case { body: Some(body), ..case };
    vec![
        with(case("PUT", "", 200, WORKFLOW), flow()),
        case("PATCH", "", 200, WORKFLOW),
        case("GET", "", 200, WORKFLOW),
        with(case("POST", "/validate", 200, &[]), flow()),
        case("POST", "/listSwagger", 200, &["swagger", "info/title", "paths"]),
        with(
            case("POST", "/generateUpgradedDefinition", 200, &["$schema", "actions", "triggers"]),
            value!({ "targetSchemaVersion": "2016-06-01" }),
        ),
        with(case("POST", "/listCallbackUrl", 200, ADDRESS), value!({ "keyType": "Primary" })),
        case("POST", "/triggers/{trigger}/listCallbackUrl", 200, ADDRESS),
        case("POST", "/versions/{version}/triggers/{trigger}/listCallbackUrl", 200, ADDRESS),
        with(case("POST", "/regenerateAccessKey", 200, &[]), value!({ "keyType": "Primary" })),
        case("GET", "/versions", 200, WORKFLOW),
        case("GET", "/versions/{version}", 200, WORKFLOW),
        case("GET", "/triggers", 200, TRIGGER),
        case("GET", "/triggers/{trigger}", 200, TRIGGER),
        case("GET", "/triggers/{trigger}/schemas/json", 200, &["title", "content"]),
        case("GET", "/triggers/{trigger}/histories", 200, HISTORY),
        case("GET", "/triggers/{trigger}/histories/{history}", 200, HISTORY),
        case("GET", "/runs", 200, RUN),
        case("GET", "/runs/{run}", 200, RUN),
        case("GET", "/runs/{run}/operations/{operation}", 200, RUN),
        case("GET", "/runs/{run}/actions", 200, ACTION),
        case("GET", "/runs/{run}/actions/{action}", 200, ACTION),
        case("POST", "/runs/{run}/actions/{action}/listExpressionTraces", 200, &["inputs"]),
        case("GET", "/runs/{run}/actions/{action}/requestHistories", 200, REQUEST),
        case("GET", "/runs/{run}/actions/{action}/requestHistories/{history}", 200, REQUEST),
        case("GET", "/runs/{run}/actions/{action}/repetitions", 200, REPETITION),
        case("GET", "/runs/{run}/actions/{action}/repetitions/{repetition}", 200, REPETITION),
        case(
            "POST",
            "/runs/{run}/actions/{action}/repetitions/{repetition}/listExpressionTraces",
            200,
            &["inputs"],
        ),
        case("GET", "/runs/{run}/actions/{action}/repetitions/{repetition}/requestHistories", 200, &[]),
        case(
            "GET",
            "/runs/{run}/actions/{action}/repetitions/{repetition}/requestHistories/{history}",
            404,
            &["error/code", "error/message"],
        ),
        case("GET", "/runs/{run}/actions/{action}/scopeRepetitions", 200, REPETITION),
        case("GET", "/runs/{run}/actions/{action}/scopeRepetitions/{repetition}", 200, REPETITION),
        case("POST", "/runs/{run}/cancel", 409, &["error/code", "error/message"]),
        case("POST", "/runs/{run}/resume", 202, &[]),
        case("POST", "/triggers/{trigger}/histories/{history}/resubmit", 202, &[]),
        case("POST", "/triggers/{trigger}/run", 202, &[]),
        case("POST", "/triggers/{trigger}/reset", 200, &[]),
        with(
            case("POST", "/triggers/{trigger}/setState", 404, &["error/code"]),
            value!({ "source": { "id": "/x/triggers/none" } }),
        ),
        case("POST", "/disable", 200, &[]),
        case("POST", "/enable", 200, &[]),
        with(case("POST", "/move", 200, &[]), value!({ "id": "TARGET" })),
        case("DELETE", "", 204, &[]),
    ]
}

/// Values for the variables of a row's path: what there is in the bed, by what the row is about.
fn filled(bed: &Bed, path: &str, operation: &str, request: &str) -> String {
    let action = match path {
        path if path.contains("requestHistories") && !path.contains("/repetitions/") => "Call",
        path if path.contains("scopeRepetitions") => "Outer",
        path if path.contains("repetitions") => "Item",
        _ => "Title",
    };
    let history = if path.contains("requestHistories") { request } else { &bed.run };
    path.replace("{trigger}", "manual")
        .replace("{run}", &bed.run)
        .replace("{action}", action)
        .replace("{repetition}", "000000")
        .replace("{history}", history)
        .replace("{operation}", operation)
        .replace("{version}", "00000000000000000001")
}

async fn call(bed: &Bed, case: &Case, path: &str) -> Reply {
    let target = playbook_id("flow-moved");
    let body = case.body.as_ref().map_or(String::new(), |body| body.to_string().replace("TARGET", &target));
    bed.owner.send(case.method, &playbook("flow", path), &[], body.as_bytes()).await
}

fn check(case: &Case, reply: &Reply) {
    let what = format!("{} {}: {} {}", case.method, case.path, reply.status, reply.body);
    assert_eq!(reply.status, case.status, "{what}");
    if case.has.is_empty() {
        return;
    }
    let body = reply.json();
    let first = body
        .get("value")
        .and_then(Value::as_array)
        .map(|items| items.first().unwrap_or_else(|| panic!("{what}")));
    let shown = first.unwrap_or(&body);
    for path in case.has {
        let found = at(shown, path).unwrap_or_else(|| panic!("no {path} in {what}"));
        assert!(!found.is_null() && found.as_str() != Some(""), "{path} in {what}");
        let is_time = path.ends_with("Time");
        assert!(!is_time || found.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{path} in {what}");
    }
    if let Some(id) = shown.str_at(&["id"]) {
        assert!(id.to_lowercase().starts_with(&playbook_id("flow").to_lowercase()), "{what}");
        assert!(id.ends_with(shown.str_at(&["name"]).unwrap()), "{what}");
    }
}

const BASE: &str =
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{workflow}";

#[tokio::test]
async fn every_operation_answers_as_azures_clients_read_it() {
    let bed = Bed::new().await;
    let operation = bed.of_run("").await.text(&["properties", "trigger", "trackingId"]);
    let request = bed.of_run("/actions/Call/requestHistories").await.names().remove(0);
    let mut called = BTreeSet::new();
    for case in cases() {
        let path = filled(&bed, case.path, &operation, &request);
        let reply = call(&bed, &case, &path).await;
        check(&case, &reply);
        called.insert((case.method.to_owned(), case.path.to_owned()));
    }
    let is_of_workflow =
        |route: &RouteSummary| Some((route.method.clone(), route.path.strip_prefix(BASE)?.to_owned()));
    let rows: BTreeSet<(String, String)> = route_summaries().iter().filter_map(is_of_workflow).collect();
    assert_eq!(called, rows, "each row has a case, and each case a row");
}

#[tokio::test]
async fn lists_of_playbooks_are_paged_and_filtered() {
    let bed = Bed::new().await;
    bed.owner.put(&playbook("slow", ""), &slow()).await.expect(201);
    bed.owner.post_nothing(&playbook("slow", "/disable")).await.expect(200);
    let group =
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.Logic/workflows");
    let subscription = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Logic/workflows");
    for list in [group, subscription] {
        let get = async |query: &str| bed.owner.get(&format!("{list}?api-version=2019-05-01{query}")).await;
        assert_eq!(get("").await.expect(200).names(), ["flow", "slow"]);
        let first = get("&$top=1").await.expect(200);
        assert_eq!(first.names(), ["flow"]);
        let next = bed.local(&first.text(&["nextLink"]));
        let last = bed.owner.get(&next).await.expect(200);
        assert_eq!(last.names(), ["slow"]);
        assert_eq!(last.json().get("nextLink"), None);
        for (filter, names) in [
            ("State%20eq%20'Enabled'", vec!["flow"]),
            ("Trigger%20eq%20'request'", vec!["flow", "slow"]),
            ("Trigger%20eq%20'Recurrence'", vec![]),
            ("Trigger%20ne%20'Recurrence'%20and%20State%20eq%20'Disabled'", vec!["slow"]),
            ("ReferencedResourceId%20eq%20'/subscriptions/none'", vec![]),
        ] {
            assert_eq!(get(&format!("&$filter={filter}")).await.expect(200).names(), names, "{filter}");
        }
        get("&$filter=Nothing%20eq%20'x'").await.expect(400);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_told_by_azures_codes() {
    let bed = Bed::new().await;
    let run = &bed.run;
    for (rest, code) in [
        ("/runs/none".to_owned(), "WorkflowRunNotFound"),
        ("/runs/none/actions".to_owned(), "WorkflowRunNotFound"),
        (format!("/runs/{run}/actions/None"), "WorkflowRunActionNotFound"),
        (format!("/runs/{run}/actions/None/repetitions"), "WorkflowRunActionNotFound"),
        (format!("/runs/{run}/actions/None/requestHistories"), "WorkflowRunActionNotFound"),
        (format!("/runs/{run}/actions/Item/repetitions/999999"), "WorkflowRunActionRepetitionNotFound"),
        (format!("/runs/{run}/actions/Outer/scopeRepetitions/999999"), "WorkflowRunActionRepetitionNotFound"),
        (format!("/runs/{run}/operations/none"), "WorkflowRunOperationNotFound"),
        ("/triggers/none".to_owned(), "WorkflowTriggerNotFound"),
        ("/triggers/none/histories".to_owned(), "WorkflowTriggerNotFound"),
        ("/triggers/manual/histories/none".to_owned(), "WorkflowTriggerHistoryNotFound"),
        ("/versions/00000000000000000099".to_owned(), "WorkflowVersionNotFound"),
        ("/versions/x".to_owned(), "WorkflowVersionNotFound"),
    ] {
        let reply = bed.owner.get(&playbook("flow", &rest)).await.expect(404);
        assert_eq!(reply.code(), code, "{rest}");
    }
    // A run is found under its own playbook only.
    bed.owner.put(&playbook("slow", ""), &slow()).await.expect(201);
    bed.owner.get(&playbook("slow", &format!("/runs/{run}"))).await.expect(404);
    bed.owner.get(&playbook("slow", &format!("/runs/{run}/actions/Call/requestHistories"))).await.expect(404);
    let accounts = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Logic/integrationAccounts?api-version=2019-05-01"
    );
    bed.owner.get(&accounts).await.expect(404);
}
