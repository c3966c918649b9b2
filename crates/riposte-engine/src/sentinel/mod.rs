//! The Sentinel connector, served by the engine itself: its operations change incidents in the same transaction that
//! keeps the action's outcome, so that each happens exactly once.
//!
//! Playbooks name an operation by method and path, as Logic Apps does; [`OPERATIONS`] says which is which. Several
//! families of paths are older forms of the same operations, and their segments stand in another order.

mod alerts;
mod comments;
mod entities;
mod incidents;
mod scope;
mod tasks;

use crate::error::{Error, ErrorKind, Result};
use crate::incidents::change::Cause;
use crate::transaction::Transaction;
use percent_encoding::percent_decode_str;
use riposte_diagnostic::nearest;
use riposte_incident::Actor;
use riposte_store::WorkspaceKey;
use riposte_value::{Object, Value, json};
use riposte_workflow::Outcome;

/// Who asks: a run of a playbook.
pub(crate) struct Requester<'r> {
    pub(crate) actor: Actor,
    /// The automation rules whose actions led to the run.
    pub(crate) chain: &'r [String],
    /// The workspace that the run was started for: the only one that it reaches.
    pub(crate) workspace: Option<WorkspaceKey>,
}

impl Requester<'_> {
    fn cause(&self) -> Cause {
        Cause { actor: self.actor.clone(), chain: self.chain.to_vec() }
    }
}

/// An operation's input.
pub(crate) struct Call<'c> {
    /// What stood at the placeholders of the path, decoded.
    segments: &'c [String],
    body: &'c Value,
}

impl Call<'_> {
    fn segment(&self, at: usize) -> &str {
        self.segments.get(at).map(String::as_str).unwrap_or_default()
    }
}

/// What an operation answers: the body of a 200.
type Perform = fn(&mut Transaction<'_>, &Requester<'_>, &Call<'_>) -> Result<Value>;

/// How an operation is carried out.
#[derive(Clone, Copy)]
enum Kind {
    /// It looks at its input only.
    Pure(fn(&Value) -> Value),
    /// It reads or changes incidents.
    Incidents(Perform),
}

/// Method, path, and what it does. A placeholder stands for one segment, empty ones included.
const OPERATIONS: &[(&str, &str, Kind)] = &[
    ("post", "/incidents/comment", Kind::Incidents(comments::add)),
    ("put", "/comment/{}/{}/{}/{}/{}", Kind::Incidents(comments::add_v2)),
    ("put", "/comment/{}/{}/{}/{}/{}/{}", Kind::Incidents(comments::add_v1)),
    ("put", "/incidents", Kind::Incidents(incidents::update)),
    ("post", "/incidents", Kind::Incidents(incidents::get)),
    (
        "put",
        "/incidents/subscriptions/{}/resourcegroups/{}/workspaces/{}",
        Kind::Incidents(incidents::create),
    ),
    ("put", "/case/{}/{}/{}/{}/{}/status/{}", Kind::Incidents(incidents::set_status)),
    ("put", "/case/{}/{}/{}/{}/{}/severity/{}", Kind::Incidents(incidents::set_severity)),
    ("put", "/case/{}/{}/{}/{}/{}/addlabels", Kind::Incidents(incidents::add_labels)),
    ("put", "/case/{}/{}/{}/{}/{}/title", Kind::Incidents(incidents::set_title)),
    ("post", "/incidents/createtask", Kind::Incidents(tasks::create)),
    ("post", "/incidents/completetask", Kind::Incidents(tasks::complete)),
    (
        "get",
        "/incidents/subscriptions/{}/resourcegroups/{}/workspaces/{}/alerts/{}",
        Kind::Incidents(alerts::incident_of_alert),
    ),
    ("get", "/cases/{}/{}/{}/{}", Kind::Incidents(alerts::case_of_alert)),
    ("post", "/incidents/relation/create", Kind::Incidents(alerts::relate)),
    ("post", "/incidents/relation/delete", Kind::Incidents(alerts::unrelate)),
    ("post", "/entities/ip", Kind::Pure(entities::ips)),
    ("post", "/entities/host", Kind::Pure(entities::hosts)),
    ("post", "/entities/account", Kind::Pure(entities::accounts)),
    ("post", "/entities/url", Kind::Pure(entities::urls)),
    ("post", "/entities/filehash", Kind::Pure(entities::file_hashes)),
    ("post", "/entities/dnsresolution", Kind::Pure(entities::dns_resolutions)),
];

/// A call of the Sentinel connector by an action.
#[derive(Clone)]
pub(crate) struct Operation {
    found: std::result::Result<Kind, String>,
    segments: Vec<String>,
    body: Value,
}

impl Operation {
    /// Reads an action's evaluated inputs.
    pub(crate) fn read(inputs: &Value) -> Self {
        let text = |name: &str| inputs.get_ignore_case(name).and_then(Value::as_str).unwrap_or_default();
        let method = text("method").to_lowercase();
        let path = text("path");
        let body = match inputs.get_ignore_case("body") {
            // Some playbooks hand their JSON over as text.
            Some(Value::String(text)) => json::parse(text).unwrap_or_else(|_| Value::String(text.clone())),
            Some(body) => body.clone(),
            None => Value::Null,
        };
        let matched = OPERATIONS
            .iter()
            .filter(|(wanted, _, _)| *wanted == method)
            .find_map(|(_, pattern, kind)| Some((*kind, match_path(pattern, path)?)));
        match matched {
            Some((kind, segments)) => Self { found: Ok(kind), segments, body },
            None => Self { found: Err(unknown(&method, path)), segments: Vec::new(), body },
        }
    }

    /// The outcome, if it depends on nothing but the input.
    pub(crate) fn pure_outcome(&self) -> Option<Outcome> {
        match &self.found {
            Ok(Kind::Pure(run)) => Some(answer(200, run(&self.body))),
            Ok(Kind::Incidents(_)) => None,
            Err(message) => Some(answer(404, error_body("OperationNotFound", message))),
        }
    }

    /// Carries it out in a transaction. What the input is to blame for becomes the outcome; only a failure of the
    /// engine itself is an error.
    pub(crate) fn perform(&self, t: &mut Transaction<'_>, requester: &Requester<'_>) -> Result<Outcome> {
        let Ok(Kind::Incidents(run)) = &self.found else {
            return Ok(self.pure_outcome().unwrap_or_else(|| answer(500, Value::Null)));
        };
        let call = Call { segments: &self.segments, body: &self.body };
        match run(t, requester, &call) {
            Ok(body) => Ok(answer(200, body)),
            Err(error) => {
                let status = match error.kind {
                    ErrorKind::BadRequest | ErrorKind::TooLarge => 400,
                    ErrorKind::Unauthorized | ErrorKind::Forbidden => 403,
                    ErrorKind::NotFound | ErrorKind::Gone => 404,
                    ErrorKind::Conflict => 409,
                    ErrorKind::PreconditionFailed => 412,
                    ErrorKind::TooManyRequests | ErrorKind::Unavailable | ErrorKind::Internal => {
                        return Err(error);
                    }
                };
                Ok(answer(status, error_body(&error.code, &error.message)))
            }
        }
    }
}

fn answer(status_code: u16, body: Value) -> Outcome {
    let headers =
        Object::from_iter([("Content-Type".into(), Value::from("application/json; charset=utf-8"))]);
    Outcome::Response { status_code, headers, body: Some(body) }
}

fn error_body(code: &str, message: &str) -> Value {
    Value::object([(
        "error",
        Value::object([("code", Value::from(code)), ("message", Value::from(message))]),
    )])
}

fn unknown(method: &str, path: &str) -> String {
    let asked = format!("{method} {path}");
    let known: Vec<String> = OPERATIONS.iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    match nearest(&asked, known.iter().map(String::as_str)) {
        Some(near) => format!("The Sentinel connector has no operation `{asked}`: did you mean `{near}`?"),
        None => format!("The Sentinel connector has no operation `{asked}`."),
    }
}

/// What stands at the placeholders of a pattern, if the path fits it.
fn match_path(pattern: &str, path: &str) -> Option<Vec<String>> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut wanted = pattern.split('/').skip(1);
    let mut given = path.trim_start_matches('/').split('/');
    let mut found = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (None, Some("")) if given.clone().next().is_none() => return Some(found),
            (Some("{}"), Some(segment)) => {
                found.push(percent_decode_str(segment).decode_utf8_lossy().into_owned());
            }
            (Some(literal), Some(segment)) if literal.eq_ignore_ascii_case(segment) => {}
            _ => return None,
        }
    }
}

/// A body's member that must be text.
fn required<'b>(body: &'b Value, name: &str) -> Result<&'b str> {
    match body.get_ignore_case(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Error::bad_request(format!("the body has no text `{name}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::{OPERATIONS, match_path};

    #[test]
    fn paths_are_matched_whatever_their_case_and_empty_segments() {
        for (pattern, path, found) in [
            ("/incidents/comment", "/Incidents/Comment", Some(vec![])),
            ("/incidents/comment", "/incidents/comment/", Some(vec![])),
            ("/cases/{}/{}/{}/{}", "/Cases/a%2Fb/s//g", Some(vec!["a/b", "s", "", "g"])),
            ("/cases/{}/{}/{}/{}", "/Cases/a/s/g", None),
            ("/entities/ip", "/entities/host", None),
        ] {
            let found =
                found.map(|found: Vec<&str>| found.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(match_path(pattern, path), found, "{path}");
        }
    }

    #[test]
    fn the_table_is_in_lower_case_and_without_doubles() {
        for (i, (method, path, _)) in OPERATIONS.iter().enumerate() {
            assert_eq!((method.to_lowercase(), path.to_lowercase()), ((*method).into(), (*path).into()));
            assert!(!OPERATIONS[..i].iter().any(|(m, p, _)| m == method && p == path), "{method} {path}");
        }
    }
}
