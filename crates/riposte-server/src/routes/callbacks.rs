//! Addresses that actions hand out to be called back: `/callbacks/{run}/{command}`. Who has one may use it; the signature
//! in its query is the permission.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use http::{Method, StatusCode};
use riposte_engine::Callback;

const PATH: &str = "/callbacks/{run}/{command}";
const REASON: &str = "the address is signed, and good for one command of one run";

pub(super) fn routes() -> Vec<Route> {
    // POST alone: what looks at links on its own, in mails and chats, must not answer for a person.
    let summary = "Finishes an action that waits for a callback.";
    vec![Route { method: Method::POST, ..Route::public(PATH, REASON, summary, |r| Box::pin(take(r))) }]
}

async fn take(request: Request) -> Result<Answer, Refusal> {
    let query = |name: &str| request.query.get(name).unwrap_or_default().to_owned();
    let callback = Callback {
        run: request.variable("run")?.to_owned(),
        command: request.variable("command")?.to_owned(),
        expires: query("se"),
        version: query("sv"),
        signature: query("sig"),
        headers: headers(&request),
        queries: request.query.others(&["sp", "se", "sv", "sig", "api-version"]),
        body: request.body.bytes.clone(),
    };
    request.engine.callback(callback).await?;
    Ok(Answer::empty(StatusCode::OK))
}

/// The headers that the action's outputs show: a token that came along is nobody's business.
fn headers(request: &Request) -> Vec<(String, String)> {
    let shown = request.headers.iter().filter(|(name, _)| **name != http::header::AUTHORIZATION);
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    shown.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
