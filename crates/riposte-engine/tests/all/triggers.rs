//! Triggers: schedules, requests with and without a Response, polls, subscriptions, bounds, history.

use crate::bed::{Bed, playbook_id};
use riposte_engine::{CallbackRequest, ErrorKind, Invocation, Invoked, KeyType, PlaybookState};
use riposte_value::{Value, json, value};
use std::time::Duration;

pub(crate) async fn save(bed: &Bed, name: &str, trigger: Value, actions: Value) -> String {
    let id = playbook_id(name);
    let body = value!({
        "location": "local",
        "properties": { "definition": { "triggers": { "T": trigger }, "actions": actions }, "parameters": {} }
    });
    let (_, told) = bed.engine.put_playbook(&id, &body, &bed.caller).await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    id
}

fn compose() -> Value {
    value!({ "A": { "type": "Compose", "inputs": "@triggerBody()" } })
}

pub(crate) fn slow() -> Value {
    value!({ "W": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } } } })
}

/// The call that the address of a trigger stands for.
pub(crate) async fn address(bed: &Bed, id: &str, asked: CallbackRequest) -> Invocation {
    let shown = bed.engine.trigger_callback_url(id, Some("T"), asked).await.unwrap();
    let query = |name: &str| shown.str_at(&["queries", name]).unwrap_or_default().to_owned();
    let base = shown.str_at(&["basePath"]).unwrap();
    Invocation {
        workflow: base.split("/workflows/").nth(1).unwrap().split('/').next().unwrap().to_owned(),
        trigger: "T".into(),
        permission: query("sp"),
        scheme: query("sv"),
        expiry: query("se"),
        signature: query("sig"),
        method: "POST".into(),
        headers: vec![("Content-Type".into(), "application/json".into())],
        body: br#"{"n":1}"#.to_vec(),
        ..Invocation::default()
    }
}

pub(crate) fn header<'i>(invoked: &'i Invoked, name: &str) -> Option<&'i str> {
    invoked.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

async fn histories(bed: &Bed, id: &str) -> Vec<Value> {
    bed.engine.trigger_histories(id, "t", None, 50).await.unwrap().items
}

/// Waits until something is so; the timer and its calls work beside the test.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..6_000 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: it does not come about");
}

async fn runs(bed: &Bed, id: &str) -> Vec<Value> {
    bed.engine.list_runs(id, None, 50, None).await.unwrap().items
}

#[tokio::test]
async fn a_schedule_begins_runs_and_stops_with_its_playbook() {
    let bed = Bed::new().await;
    let trigger = value!({ "type": "Recurrence", "recurrence": { "frequency": "Second", "interval": 1 } });
    let id = save(&bed, "Often", trigger, compose()).await;
    until("two runs", async || runs(&bed, &id).await.len() >= 2).await;
    let entry = histories(&bed, &id).await.remove(0);
    assert_eq!(entry.at(&["properties", "fired"]), Some(&value!(true)), "{entry}");
    let shown = bed.engine.trigger(&id, "t").await.unwrap();
    assert!(shown.str_at(&["properties", "nextExecutionTime"]).is_some(), "{shown}");
    bed.engine.set_playbook_state(&id, PlaybookState::Disabled, &bed.caller).await.unwrap();
    let before = runs(&bed, &id).await.len();
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    assert_eq!(runs(&bed, &id).await.len(), before);
    assert_eq!(bed.engine.trigger(&id, "T").await.unwrap().at(&["properties", "nextExecutionTime"]), None);
}

#[tokio::test]
async fn a_request_is_answered_at_once_where_nothing_responds() {
    let bed = Bed::new().await;
    let id = save(&bed, "Ask", value!({ "type": "Request", "kind": "Http" }), compose()).await;
    let mut call = address(&bed, &id, CallbackRequest::default()).await;
    call.headers.push(("x-ms-client-tracking-id".into(), "case-7".into()));
    let invoked = bed.engine.invoke(call).await.unwrap();
    assert_eq!(invoked.status, 202);
    assert_eq!(header(&invoked, "x-ms-client-tracking-id"), Some("case-7"));
    bed.settle().await;
    let run = bed.engine.run_anywhere(header(&invoked, "x-ms-workflow-run-id").unwrap()).await.unwrap();
    assert_eq!(run.str_at(&["properties", "correlation", "clientTrackingId"]), Some("case-7"));
    assert_eq!(run.at(&["properties", "trigger", "outputs", "body"]), Some(&value!({ "n": 1 })));
    assert_eq!(histories(&bed, &id).await.len(), 1);
}

#[tokio::test]
async fn only_a_good_signature_opens() {
    let bed = Bed::new().await;
    let id = save(&bed, "Shut", value!({ "type": "Request" }), compose()).await;
    let good = address(&bed, &id, CallbackRequest::default()).await;
    let second =
        address(&bed, &id, CallbackRequest { key: KeyType::Secondary, ..CallbackRequest::default() }).await;
    let long_ago = CallbackRequest {
        not_after: Some("2020-01-01T00:00:00Z".parse().unwrap()),
        ..CallbackRequest::default()
    };
    let expired = address(&bed, &id, long_ago).await;
    for (what, call, kind) in [
        ("no signature", Invocation { signature: String::new(), ..good.clone() }, ErrorKind::Unauthorized),
        ("another trigger", Invocation { trigger: "U".into(), ..good.clone() }, ErrorKind::Unauthorized),
        (
            "another expiry",
            Invocation { expiry: "9999999999".into(), ..good.clone() },
            ErrorKind::Unauthorized,
        ),
        (
            "another permission",
            Invocation { permission: "/triggers/U/run".into(), ..good.clone() },
            ErrorKind::Unauthorized,
        ),
        (
            "another playbook",
            Invocation { workflow: "0".repeat(32), ..good.clone() },
            ErrorKind::Unauthorized,
        ),
        ("a version", Invocation { version: Some("1".into()), ..good.clone() }, ErrorKind::Unauthorized),
        ("too late", expired, ErrorKind::Forbidden),
    ] {
        assert_eq!(bed.engine.invoke(call).await.unwrap_err().kind, kind, "{what}");
    }
    assert!(runs(&bed, &id).await.is_empty());
    bed.engine.regenerate_access_key(&id, KeyType::Primary).await.unwrap();
    assert_eq!(bed.engine.invoke(good).await.unwrap_err().kind, ErrorKind::Unauthorized);
    assert_eq!(bed.engine.invoke(second).await.unwrap().status, 202);
    bed.engine.set_playbook_state(&id, PlaybookState::Disabled, &bed.caller).await.unwrap();
    let call = address(&bed, &id, CallbackRequest::default()).await;
    assert_eq!(bed.engine.invoke(call).await.unwrap_err().code, "WorkflowTriggerIsNotEnabled");
}

#[tokio::test]
async fn a_caller_gets_the_first_response_or_hears_that_there_is_none() {
    let bed = Bed::new().await;
    let respond = value!({
        "R": { "type": "Response", "inputs": { "statusCode": 201, "headers": { "X-Own": "1" }, "body": { "got": "@triggerBody()?['n']" } } },
        "W": { "type": "Wait", "inputs": { "interval": { "count": 1, "unit": "Hour" } }, "runAfter": { "R": ["Succeeded"] } }
    });
    let id = save(&bed, "Answers", value!({ "type": "Request" }), respond).await;
    let invoked = bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap();
    assert_eq!((invoked.status, header(&invoked, "x-own")), (201, Some("1")));
    assert_eq!(json::parse_bytes(&invoked.body).unwrap(), value!({ "got": 1 }));
    let never = value!({
        "Fail": { "type": "Compose", "inputs": "@int('x')" },
        "R": { "type": "Response", "inputs": {}, "runAfter": { "Fail": ["Succeeded"] } }
    });
    let id = save(&bed, "Silent", value!({ "type": "Request" }), never).await;
    let invoked = bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap();
    assert_eq!(invoked.status, 502);
    assert_eq!(json::parse_bytes(&invoked.body).unwrap().str_at(&["error", "code"]), Some("NoResponse"));
}

#[tokio::test]
async fn runs_beyond_the_bound_wait_and_beyond_that_are_refused() {
    let bed = Bed::new().await;
    let bounded = value!({ "type": "Request", "runtimeConfiguration": { "concurrency": { "runs": 1, "maximumWaitingRuns": 1 } } });
    let id = save(&bed, "Narrow", bounded, slow()).await;
    let call = address(&bed, &id, CallbackRequest::default()).await;
    let first = bed.engine.invoke(call.clone()).await.unwrap();
    let second = bed.engine.invoke(call.clone()).await.unwrap();
    let waiting = header(&second, "x-ms-workflow-run-id").unwrap();
    let status = async |run: &str| {
        let run = bed.engine.run_anywhere(run).await.unwrap();
        run.str_at(&["properties", "status"]).unwrap().to_owned()
    };
    assert_eq!(status(waiting).await, "Waiting");
    let refused = bed.engine.invoke(call.clone()).await.unwrap_err();
    assert_eq!(
        (refused.kind, refused.code.as_str()),
        (ErrorKind::TooManyRequests, "WorkflowMaximumWaitingRunCountExceeded")
    );
    assert_eq!(runs(&bed, &id).await.len(), 2);
    // One that is cancelled while it waits makes room, and never begins.
    bed.engine.cancel_run(&id, waiting, &bed.caller).await.unwrap();
    until("it has ended", async || status(waiting).await == "Cancelled").await;
    let third = bed.engine.invoke(call).await.unwrap();
    let third = header(&third, "x-ms-workflow-run-id").unwrap();
    assert_eq!(status(third).await, "Waiting");
    let actions = bed.engine.run_actions(&id, third).await.unwrap();
    assert!(actions.is_empty(), "{actions:?}");
    bed.engine.cancel_run(&id, header(&first, "x-ms-workflow-run-id").unwrap(), &bed.caller).await.unwrap();
    until("its turn", async || bed.engine.run_actions(&id, third).await.unwrap().len() == 1).await;
    let single =
        save(&bed, "Single", value!({ "type": "Request", "operationOptions": "SingleInstance" }), slow())
            .await;
    let call = address(&bed, &single, CallbackRequest::default()).await;
    bed.engine.invoke(call.clone()).await.unwrap();
    assert_eq!(bed.engine.invoke(call).await.unwrap_err().kind, ErrorKind::TooManyRequests);
}

#[tokio::test]
async fn a_poll_splits_what_it_finds() {
    let bed = Bed::with(|request| {
        assert_eq!(request.url, "https://vendor.example/alerts");
        (200, value!({ "value": [{ "id": 1 }, { "id": 2 }] }))
    })
    .await;
    let trigger = value!({
        "type": "Http", "inputs": { "method": "GET", "uri": "https://vendor.example/alerts" },
        "recurrence": { "frequency": "Hour", "interval": 1 }, "splitOn": "@triggerBody()?['value']"
    });
    let id = save(&bed, "Poll", trigger, compose()).await;
    until("two runs", async || runs(&bed, &id).await.len() == 2).await;
    assert_eq!(bed.vendor.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_poll_that_finds_nothing_is_in_history() {
    let bed = Bed::with(|_| (202, value!({}))).await;
    let trigger = value!({
        "type": "Http", "inputs": { "method": "GET", "uri": "https://vendor.example/alerts" },
        "recurrence": { "frequency": "Hour", "interval": 1 }
    });
    let id = save(&bed, "Nothing", trigger, compose()).await;
    until("the entry", async || histories(&bed, &id).await.len() == 1).await;
    let entry = histories(&bed, &id).await.remove(0);
    assert_eq!(entry.str_at(&["properties", "status"]), Some("Skipped"));
    let name = entry.str_at(&["name"]).unwrap();
    assert_eq!(bed.engine.trigger_history(&id, "T", name).await.unwrap(), entry);
    assert!(bed.engine.resubmit(&id, "T", name, &bed.caller).await.is_err(), "it began no run");
}

#[tokio::test]
async fn a_subscription_is_made_and_given_up() {
    let bed = Bed::new().await;
    let hook = |path: &str| value!({ "method": "POST", "uri": format!("https://vendor.example/{path}"), "body": { "url": "@listCallbackUrl()" } });
    let trigger =
        value!({ "type": "HttpWebhook", "inputs": { "subscribe": hook("on"), "unsubscribe": hook("off") } });
    let id = save(&bed, "Hook", trigger, compose()).await;
    let asked = |path: &str| {
        let asked = bed.vendor.asked.lock().unwrap();
        asked
            .iter()
            .find(|request| request.url.ends_with(path))
            .map(|request| String::from_utf8(request.body.clone()).unwrap())
    };
    until("the subscription", async || asked("/on").is_some()).await;
    assert!(asked("/on").unwrap().contains("/triggers/T/paths/invoke?"), "{:?}", asked("/on"));
    let invoked = bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap();
    assert_eq!(invoked.status, 200);
    until("the run", async || runs(&bed, &id).await.len() == 1).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    bed.engine.delete_playbook(&id, &bed.caller).await.unwrap();
    until("the farewell", async || asked("/off").is_some()).await;
}

/// Who is subscribed while nobody wants it any more is told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_is_made_too_late_is_given_up() {
    let begun = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let begins = std::sync::Arc::clone(&begun);
    let bed = Bed::with(move |request| {
        if request.url.ends_with("/on") {
            begins.store(true, std::sync::atomic::Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(400));
        }
        (200, value!({}))
    })
    .await;
    let hook = |path: &str| value!({ "method": "POST", "uri": format!("https://vendor.example/{path}") });
    let trigger =
        value!({ "type": "HttpWebhook", "inputs": { "subscribe": hook("on"), "unsubscribe": hook("off") } });
    let id = save(&bed, "Hook", trigger, compose()).await;
    let asked = |path: &str| {
        let asked = bed.vendor.asked.lock().unwrap();
        asked.iter().filter(|request| request.url.ends_with(path)).count()
    };
    until("the subscription is being made", async || begun.load(std::sync::atomic::Ordering::SeqCst)).await;
    bed.engine.delete_playbook(&id, &bed.caller).await.unwrap();
    until("the farewell", async || asked("/off") == 1).await;
}

#[tokio::test]
async fn failures_of_a_trigger_are_told_and_kept() {
    let bed = Bed::new().await;
    let id =
        save(&bed, "Split", value!({ "type": "Request", "splitOn": "@triggerBody()?['value']" }), compose())
            .await;
    let refused = bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap_err();
    assert_eq!(refused.code, "InvalidTemplate");
    assert!(refused.message.contains("is of type 'Null'. The result must be a valid array."), "{refused}");
}

#[tokio::test]
async fn a_run_can_be_submitted_again() {
    let bed = Bed::new().await;
    let id = save(&bed, "Again", value!({ "type": "Request" }), compose()).await;
    bed.engine.invoke(address(&bed, &id, CallbackRequest::default()).await).await.unwrap();
    let name = histories(&bed, &id).await[0].str_at(&["name"]).unwrap().to_owned();
    let run = bed.engine.resubmit(&id, "T", &name, &bed.caller).await.unwrap();
    bed.settle().await;
    let run = bed.engine.run_anywhere(&run).await.unwrap();
    assert_eq!(run.at(&["properties", "trigger", "outputs", "body"]), Some(&value!({ "n": 1 })));
}
