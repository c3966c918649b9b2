//! Addresses of triggers. They carry their own permission: a signature over the playbook, the trigger and the expiry.

use crate::answer::Answer;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Variables};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use riposte_engine::Invocation;

const REASON: &str = "the address is signed with a key of the playbook";

/// What signs an address, and is not the trigger's matter.
const SIGNING: [&str; 5] = ["api-version", "sp", "sv", "se", "sig"];

/// Headers that belong to the connection, and are not an answer's to set.
const OF_CONNECTION: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::UPGRADE];

pub(super) fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    for method in [Method::POST, Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in [
            "/workflows/{workflow}/triggers/{trigger}/paths/invoke",
            "/workflows/{workflow}/triggers/{trigger}/paths/invoke/{relative...}",
            "/workflows/{workflow}/versions/{version}/triggers/{trigger}/paths/invoke",
            "/workflows/{workflow}/versions/{version}/triggers/{trigger}/paths/invoke/{relative...}",
        ] {
            let row = Route::public(path, REASON, "Starts a playbook by its trigger's address.", |r| {
                Box::pin(invoke(r))
            });
            let row = Route { method: method.clone(), address: Some(address), ..row };
            routes.push(row.large());
        }
    }
    routes
}

/// What an address says, without the rest of the request.
fn address(variables: &Variables, query: &Query) -> Invocation {
    let variable = |name: &str| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| value.clone())
    };
    let signing = |name: &str| query.get(name).unwrap_or_default().to_owned();
    Invocation {
        workflow: variable("workflow").unwrap_or_default(),
        version: variable("version"),
        trigger: variable("trigger").unwrap_or_default(),
        permission: signing("sp"),
        scheme: signing("sv"),
        expiry: signing("se"),
        signature: signing("sig"),
        relative_path: variable("relative").unwrap_or_default(),
        ..Invocation::default()
    }
}

async fn invoke(mut request: Request) -> Result<Answer, Refusal> {
    let is_signing = |name: &str| SIGNING.iter().any(|signing| signing.eq_ignore_ascii_case(name));
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let invocation = Invocation {
        method: request.method.to_string(),
        headers: request.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        queries: request
            .query
            .pairs()
            .filter(|(name, _)| !is_signing(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        body: std::mem::take(&mut request.body.bytes),
        ..address(&request.variables, &request.query)
    };
    let invoked = request.engine.invoke(invocation).await?;
    let status = StatusCode::from_u16(invoked.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut answer = Answer { bytes: Some(invoked.body), ..Answer::empty(status) };
    for (name, value) in invoked.headers {
        let header = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        if let Some(header) = header.filter(|(name, _)| !OF_CONNECTION.contains(name)) {
            answer.headers.push(header);
        }
    }
    Ok(answer)
}
