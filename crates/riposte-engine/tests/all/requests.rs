//! Request histories: a row for each request that went out, masked, and nothing of what is secure.

use crate::bed::Bed;
use crate::calls::ran;
use riposte_engine::ContentRequest;
use riposte_value::{Value, value};
use std::sync::atomic::{AtomicUsize, Ordering};

fn http(inputs: Value) -> Value {
    value!({ "type": "Http", "inputs": inputs })
}

/// The requests of an action, newest first.
async fn requests(bed: &Bed, run: &Value, action: &str, repetition: Option<&str>) -> Vec<Value> {
    let (playbook, name) = names(run);
    let page = bed.engine.run_requests(playbook, name, (action, repetition), None, 100).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

fn names(run: &Value) -> (&str, &str) {
    run.str_at(&["id"]).unwrap().split_once("/runs/").unwrap()
}

/// What a link leads to.
async fn content(bed: &Bed, link: &Value) -> Value {
    let uri = link.str_at(&["uri"]).unwrap();
    let (path, query) = uri.split_once('?').unwrap();
    let (run, content) = path.strip_prefix("/runs/").unwrap().split_once('/').unwrap();
    let part = |name: &str| {
        let text = query.split('&').find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap();
        text.replace("%2F", "/")
    };
    let asked = ContentRequest {
        run: run.into(),
        content: content.into(),
        permission: part("sp"),
        expires: part("se"),
        version: part("sv"),
        signature: part("sig"),
    };
    bed.engine.content(asked).await.unwrap()
}

#[tokio::test]
async fn each_try_is_a_row_with_its_answer() {
    let tries = AtomicUsize::new(0);
    let bed = Bed::with(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => (503, value!({ "busy": true })),
        _ => (200, value!({ "score": 7 })),
    })
    .await;
    let run = ran(
        &bed,
        value!({ "Ask": http(value!({
            "method": "POST", "uri": "https://intel.example/ip?q=1", "body": { "a": 1 },
            "headers": { "X-Api-Key": "key-of-mine", "X-Plain": "shown" },
            "authentication": { "type": "Basic", "username": "u", "password": "p" },
            "retryPolicy": { "type": "fixed", "count": 2, "interval": "PT1S" }
        })) }),
    )
    .await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    let rows = requests(&bed, &run, "ask", None).await;
    let codes: Vec<_> =
        rows.iter().map(|row| row.at(&["properties", "response", "statusCode"]).cloned()).collect();
    assert_eq!(codes, [Some(value!(200)), Some(value!(503))], "newest first");
    let sent = rows[0].at(&["properties", "request"]).unwrap();
    assert_eq!(sent.str_at(&["method"]), Some("POST"));
    assert_eq!(sent.str_at(&["uri"]), Some("https://intel.example/ip?q=1"));
    assert_eq!(sent.str_at(&["headers", "X-Plain"]), Some("shown"));
    assert_eq!(sent.str_at(&["headers", "X-Api-Key"]), Some("*sanitized*"));
    let headers = sent.get("headers").and_then(Value::as_object).unwrap();
    assert_eq!(headers.get_ignore_case("authorization"), Some(&value!("*sanitized*")));
    for (row, body) in rows.iter().zip([value!({ "score": 7 }), value!({ "busy": true })]) {
        let link = row.at(&["properties", "response", "bodyLink"]).unwrap();
        assert_eq!(content(&bed, link).await, body);
        let (playbook, name) = names(&run);
        let id = row.str_at(&["name"]).unwrap();
        let one = bed.engine.run_request(playbook, name, ("Ask", None), id).await.unwrap();
        assert_eq!(one.at(&["properties", "startTime"]), row.at(&["properties", "startTime"]));
    }
    let (playbook, name) = names(&run);
    let first = bed.engine.run_requests(playbook, name, ("Ask", None), None, 1).await.unwrap();
    let second = bed.engine.run_requests(playbook, name, ("Ask", None), first.next, 1).await.unwrap();
    assert_eq!(
        [&first.items[0], &second.items[0]].map(|row| row.get("name")),
        [rows[0].get("name"), rows[1].get("name")]
    );
}

#[tokio::test]
async fn repetitions_have_requests_of_their_own() {
    let bed = Bed::with(|request| (200, value!(request.url.as_str()))).await;
    let run = ran(
        &bed,
        value!({ "Each": { "type": "Foreach", "foreach": ["a", "b"], "actions": {
            "Ask": http(value!({ "method": "GET", "uri": "https://intel.example/@{items('Each')}" })) } } }),
    )
    .await;
    for (repetition, uri) in [("000000", "https://intel.example/a"), ("000001", "https://intel.example/b")] {
        let rows = requests(&bed, &run, "Ask", Some(repetition)).await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].str_at(&["properties", "request", "uri"]), Some(uri));
        let id = rows[0].str_at(&["id"]).unwrap();
        assert!(id.contains(&format!("/actions/Ask/repetitions/{repetition}/requestHistories/")), "{id}");
    }
    assert!(requests(&bed, &run, "Ask", None).await.is_empty());
}

#[tokio::test]
async fn what_is_secure_is_not_kept() {
    let bed = Bed::with(|_| (200, value!({ "word": "an-answered-secret" }))).await;
    let secured = |properties: Value| value!({ "secureData": { "properties": properties } });
    let inputs = value!({ "method": "GET", "uri": "https://intel.example/a-sent-secret" });
    let run = ran(
        &bed,
        value!({
            "In": { "type": "Http", "inputs": inputs.clone(), "runtimeConfiguration": secured(value!(["inputs"])) },
            "Out": { "type": "Http", "inputs": { "method": "GET", "uri": "https://intel.example/open" }, "runtimeConfiguration": secured(value!(["outputs"])) }
        }),
    )
    .await;
    let [row] = requests(&bed, &run, "In", None).await.try_into().unwrap();
    assert_eq!(row.at(&["properties", "request"]), Some(&value!({ "method": "GET" })));
    let [row] = requests(&bed, &run, "Out", None).await.try_into().unwrap();
    assert_eq!(row.at(&["properties", "response"]), Some(&value!({ "statusCode": 200 })));
    assert_eq!(row.str_at(&["properties", "request", "uri"]), Some("https://intel.example/open"));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_measured_and_not_kept() {
    let bed = Bed::with(|_| (200, value!("x".repeat(100_000)))).await;
    let run =
        ran(&bed, value!({ "Ask": http(value!({ "method": "GET", "uri": "https://intel.example/" })) }))
            .await;
    let [row] = requests(&bed, &run, "Ask", None).await.try_into().unwrap();
    assert_eq!(row.at(&["properties", "response", "bodyLink"]), Some(&value!({ "contentSize": 100_002 })));
}

#[tokio::test]
async fn a_request_that_was_given_up_says_so() {
    let bed = Bed::stuck(std::time::Duration::from_mins(1)).await;
    let ask = value!({ "type": "Http", "inputs": { "method": "GET", "uri": "https://intel.example/" }, "limit": { "timeout": "PT1S" } });
    let run = ran(&bed, value!({ "Ask": ask })).await;
    let [row] = requests(&bed, &run, "Ask", None).await.try_into().unwrap();
    assert_eq!(row.str_at(&["properties", "error", "code"]), Some("RequestAborted"));
    assert_eq!(row.at(&["properties", "response"]), None);
}
