//! Requests that Azure's own clients sent, replayed in their order: whatever is offered answers with a documented
//! status, and nothing fails.

use crate::azure::make_playbook;
use crate::client::Reply;
use crate::harness::{OWNER_TOKEN, Server, playbook};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use riposte_value::{Value, json};
use std::collections::BTreeSet;

/// What the clients ask for and the server does not offer yet. This list may only shrink.
const NOT_THERE_YET: &[&str] = &["POST /dataCollectionRules", "POST /v1", "POST /workspaces"];

#[tokio::test]
async fn requests_of_azures_clients() {
    let Some(file) = riposte_testing::shared("conformance/sdk_requests.jsonl") else { return };
    let server = Server::start().await;
    let owner = server.owner();
    make_playbook(&owner).await;
    let text = std::fs::read_to_string(file).unwrap();
    let mut absent = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut replayed = 0;
    for line in text.lines() {
        let request = json::parse(line).unwrap();
        let (method, target) = (request.str_at(&["method"]).unwrap(), target(&request));
        let body = match request.get("body") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(raw)) => raw.to_string(),
            Some(body) => body.to_string(),
        };
        let headers = headers(&request);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let reply = server.anonymous().send(method, &target, &headers, body.as_bytes()).await;
        if is_absent(&reply) {
            absent.insert(name_of(method, &target));
            continue;
        }
        replayed += 1;
        if !allowed(method, &target).contains(&reply.status) {
            wrong.push(format!("{method} {target}: {} {}", reply.status, reply.body));
        }
    }
    println!("replayed {replayed} requests; not there yet: {absent:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(replayed > 100, "{replayed}");
    let known: BTreeSet<String> = NOT_THERE_YET.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(absent, known, "the list of what is not there yet is exact");
    owner.get(&playbook("pb2", "")).await.expect(200);
}

/// Whether the server has no such path or method, as against no such resource.
fn is_absent(reply: &Reply) -> bool {
    match reply.status {
        404 => reply.message().starts_with("there is nothing at"),
        405 => true,
        _ => false,
    }
}

fn target(request: &Value) -> String {
    let query = request.get("query").and_then(Value::as_object);
    let pairs: Vec<String> = query
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            let value = value.as_str().unwrap_or_default();
            format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        })
        .collect();
    format!("{}?{}", request.str_at(&["path"]).unwrap(), pairs.join("&"))
}

/// As recorded, with a token of ours, and without what the client here sets itself.
fn headers(request: &Value) -> Vec<(String, String)> {
    let recorded = request.get("headers").and_then(Value::as_object).unwrap();
    let own = ["host", "connection", "content-length", "authorization", "transfer-encoding"];
    recorded
        .iter()
        .filter(|(name, _)| !own.contains(&name.to_lowercase().as_str()))
        .map(|(name, value)| (name.to_string(), value.as_str().unwrap_or_default().to_owned()))
        .chain([("Authorization".to_owned(), format!("Bearer {OWNER_TOKEN}"))])
        .collect()
}

/// The statuses that the recorded request leads to here: those that its client takes, but for what names things of the
/// recording's own server.
fn allowed(method: &str, target: &str) -> &'static [u16] {
    let path = target.split('?').next().unwrap();
    match method {
        // The recorded entity, the playbook of the recorded manual start, the recorded run, and a rule asked for in
        // vain do not exist. One client names an incident that lies nowhere.
        "POST" if path.contains("/entities/") => &[400, 404],
        "POST" if path.ends_with("/runPlaybook") => &[400],
        "POST" if path.contains("/runs/") || path.contains("/histories/") => &[404],
        // The definition that the JavaScript client puts has no triggers.
        "POST" if path.contains("/workflows/jswf/triggers/") => &[404],
        "POST" if path.ends_with("/triggers/manual/run") => &[202],
        // The recorded skip tokens are of the recording's server.
        "GET" if target.contains("skipToken=") => &[400],
        "GET" if path.contains("/runs/") || path.ends_with("/nope") => &[404],
        // The recorded relation names a bookmark that does not exist.
        "PUT" if path.contains("/relations/") => &[404],
        // Recorded etags are of the recording's server: stale here, unless the incident is new.
        "PUT" if path.ends_with("/incidents/00000000-0000-0000-0000-000000000006") => &[201, 409],
        "PUT" if path.ends_with("/incidents/215b4659-6db4-4906-9247-7c0f5733aab6") => &[201, 409],
        "PUT" => &[200, 201],
        "DELETE" => &[200, 204],
        _ => &[200],
    }
}

/// A path without its names: what is not offered, for people.
fn name_of(method: &str, target: &str) -> String {
    let path = target.split('?').next().unwrap();
    let rest = path
        .split_once("/providers/Microsoft.SecurityInsights/")
        .or_else(|| path.split_once("/providers/Microsoft.Logic/workflows/"));
    let Some((before, rest)) = rest else {
        return format!("{method} /{}", path.split('/').nth(1).unwrap_or_default());
    };
    let parts: Vec<&str> = rest.split('/').collect();
    let is_logic = !before.contains("OperationalInsights") || path.contains("/Microsoft.Logic/");
    let name = match parts.as_slice() {
        [_, "runs", _, "actions", _, part, ..] if is_logic => format!("runs/actions/{part}"),
        [_, "runs", _, part, ..] if is_logic => format!("runs/{part}"),
        [_, part, ..] if is_logic => (*part).to_owned(),
        ["entities", _, part] => format!("entities/{part}"),
        [kind, ..] => (*kind).to_owned(),
        [] => String::new(),
    };
    format!("{method} {name}")
}
