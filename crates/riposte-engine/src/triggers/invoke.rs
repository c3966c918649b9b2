//! Calls of a trigger's address: the signature is checked, the request becomes an occurrence, and the caller is
//! answered at once or by the run's Response.

use super::access::permission;
use super::callers::WaitingCaller;
use super::fire::{FULL, Fired, Happening};
use super::keys::Signed;
use crate::Engine;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::{NotStartable, Playbook};
use crate::shared::Shared;
use crate::transaction::Transaction;
use jiff::{SignedDuration, Timestamp};
use riposte_connector::IncomingResponse;
use riposte_store::Read;
use riposte_value::{Object, Text, Value};
use riposte_workflow::trigger::{Occurrence, RequestContent, Starter};
use riposte_workflow::{ResponseToCaller, Trigger};
use std::sync::Arc;
use std::time::Duration;

/// How long a caller waits for a Response (documented).
const WAIT_MAX: Duration = Duration::from_mins(2);
const TRACKING_HEADER: &str = "x-ms-client-tracking-id";
const TRACKING_CHARACTERS_MAX: usize = 128;

/// A call of a trigger's address.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// What stands for the playbook in the address.
    pub workflow: String,
    /// The version in the address.
    pub version: Option<String>,
    /// The trigger in the address.
    pub trigger: String,
    /// `sp`, `sv`, `se` and `sig` of the query.
    pub permission: String,
    /// The version of the scheme.
    pub scheme: String,
    /// Seconds since 1970 UTC; empty without an expiry.
    pub expiry: String,
    /// The signature.
    pub signature: String,
    /// The method.
    pub method: String,
    /// What follows `…/paths/invoke/`, decoded.
    pub relative_path: String,
    /// The headers, in order.
    pub headers: Vec<(String, String)>,
    /// The query without what signs the address, decoded, in order.
    pub queries: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What a caller is answered.
#[derive(Debug, Clone, Default)]
pub struct Invoked {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What the transaction of an occurrence answers.
struct Begun {
    headers: Vec<(String, String)>,
    caller: Option<WaitingCaller>,
    status: u16,
}

fn refused(kind: ErrorKind, code: &str, message: impl Into<String>) -> Error {
    Error::new(kind, code, message)
}

impl Engine {
    /// Refuses an address that starts no playbook, as [`Engine::invoke`] does: who has no good signature does not get as
    /// far as sending a body, nor to the writer.
    pub async fn check_address(&self, address: Invocation) -> Result<()> {
        let (shared, now) = (Arc::clone(&self.shared), self.shared.clock.now());
        self.shared.store.read(move |tx| Ok(shared.allowed(tx, now, &address).map(drop))).await?
    }

    /// Starts a playbook by its trigger's address; waits for its Response if it has one.
    ///
    /// # Errors
    /// 401 for an address without a good signature, 403 for one that has expired, and what the trigger refuses.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Invoked> {
        let content = content(&invocation);
        let mut begun = self.shared.transact(move |t| t.invoked(&invocation, &content)).await?;
        let Some(mut caller) = begun.caller.take() else {
            return Ok(Invoked { status: begun.status, headers: begun.headers, body: Vec::new() });
        };
        match tokio::time::timeout(WAIT_MAX, caller.response()).await {
            Ok(Some(response)) => Ok(answered(&response, begun.headers)),
            Ok(None) => Ok(failure(
                502,
                "NoResponse",
                "The server did not receive a response from an upstream server.",
                begun.headers,
            )),
            Err(_) => Ok(failure(
                504,
                "GatewayTimeout",
                "The server did not receive a response from an upstream server within the time that callers wait.",
                begun.headers,
            )),
        }
    }
}

impl Transaction<'_> {
    fn invoked(&mut self, invocation: &Invocation, content: &RequestContent) -> Result<Begun> {
        let playbook = self.shared.allowed(&*self.tx, self.now, invocation)?;
        let program = Arc::clone(&playbook.program);
        let trigger = program
            .trigger(&invocation.trigger)
            .ok_or_else(|| super::access::trigger_not_found(&invocation.trigger))?;
        let occurrence = received(trigger, content)?;
        self.begin_for_caller(&playbook, trigger, occurrence, content)
    }
}

impl Shared {
    /// The playbook that the address stands for, if the signature is good and the playbook can be started.
    fn allowed(&self, tx: &dyn Read, now: Timestamp, invocation: &Invocation) -> Result<Playbook> {
        let unauthorized = || {
            let why = "The request signature is missing or is not valid for this address.";
            refused(ErrorKind::Unauthorized, "AuthorizationFailed", why)
        };
        let key = tx.workflow_of_key(&invocation.workflow)?.ok_or_else(unauthorized)?;
        let keys = self.known_keys(tx, &key)?.ok_or_else(unauthorized)?;
        let version = match &invocation.version {
            Some(text) => Some(text.parse::<i64>().map_err(|_| unauthorized())?),
            None => None,
        };
        let signed = Signed {
            resource: &key,
            permission: &invocation.permission,
            version: &invocation.scheme,
            expiry: &invocation.expiry,
        };
        let allowed = permission(version, &invocation.trigger);
        if !keys.is_signature(&invocation.signature, &signed)
            || !allowed.eq_ignore_ascii_case(&invocation.permission)
        {
            return Err(unauthorized());
        }
        if !invocation.expiry.is_empty() {
            let expiry =
                invocation.expiry.parse().ok().and_then(|second| Timestamp::from_second(second).ok());
            if expiry.is_none_or(|expiry| expiry <= now) {
                let why = "The address has expired.";
                return Err(refused(ErrorKind::Forbidden, "AuthorizationFailed", why));
            }
        }
        let mut playbook = match self.startable(tx, &key)? {
            Ok(playbook) => playbook,
            Err(NotStartable::NotFound) => return Err(Error::resource_not_found(key.as_str())),
            Err(NotStartable::Disabled) => {
                let why = format!("The workflow '{}' is not enabled.", key.name());
                return Err(refused(ErrorKind::NotFound, "WorkflowTriggerIsNotEnabled", why));
            }
            Err(NotStartable::Invalid) => {
                let why = format!("The workflow '{}' cannot be run.", key.name());
                return Err(refused(ErrorKind::Conflict, "InvalidTemplate", why));
            }
        };
        if let Some(version) = version {
            let loaded = self.load_version(tx, &key, version)?;
            let (program, parameters) = loaded.ok_or_else(|| Error::resource_not_found(key.as_str()))?;
            (playbook.version, playbook.program, playbook.parameters) = (version, program, parameters);
        }
        Ok(playbook)
    }
}

impl Transaction<'_> {
    fn begin_for_caller(
        &mut self,
        playbook: &Playbook,
        trigger: &Trigger,
        occurrence: Occurrence,
        content: &RequestContent,
    ) -> Result<Begun> {
        let is_request = trigger.plan.starter == Some(Starter::Request);
        let waits = is_request && playbook.program.responds() && !trigger.plan.splits();
        let mut happening = Happening::of(trigger, occurrence);
        happening.tracking = content
            .headers
            .get_ignore_case(TRACKING_HEADER)
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty() && id.chars().count() <= TRACKING_CHARACTERS_MAX)
            .map(Text::new);
        happening.caller_waits_until = waits
            .then(|| self.now.checked_add(SignedDuration::try_from(WAIT_MAX).unwrap_or_default()).ok())
            .flatten();
        let runs = match self.fire(playbook, trigger, &happening)? {
            Fired::Runs(runs) => runs,
            Fired::Skipped => Vec::new(),
            Fired::Failed(failure) => {
                return Err(refused(ErrorKind::BadRequest, &failure.code, failure.message));
            }
            Fired::Full => {
                return Err(refused(ErrorKind::TooManyRequests, FULL, super::timer::full(playbook).message));
            }
        };
        let run = runs.first();
        let suppressed = trigger.plan.has_option("SuppressWorkflowHeadersOnResponse");
        let headers =
            if suppressed { Vec::new() } else { headers(playbook, run.map(String::as_str), &happening) };
        let caller = run.filter(|_| waits).map(|run| self.shared.callers.wait_for(run));
        Ok(Begun { headers, caller, status: if is_request { 202 } else { 200 } })
    }
}

/// The request as the trigger sees it.
fn content(invocation: &Invocation) -> RequestContent {
    let joined = |pairs: &[(String, String)]| {
        let mut object = Object::new();
        for (name, value) in pairs {
            let held =
                object.get_key_value_ignore_case(name).map(|(name, value)| (name.clone(), value.clone()));
            match held {
                Some((name, before)) => {
                    let before = before.as_str().unwrap_or_default();
                    object.insert(name, format!("{before},{value}"));
                }
                None => {
                    object.insert(name, value);
                }
            }
        }
        object
    };
    let headers: Vec<_> =
        invocation.headers.iter().map(|(name, value)| (Text::new(name), Text::new(value))).collect();
    let incoming = IncomingResponse { status: 200, headers, body: invocation.body.clone() };
    RequestContent {
        method: Text::new(&invocation.method),
        relative_path: Text::new(&invocation.relative_path),
        headers: joined(&invocation.headers),
        queries: joined(&invocation.queries),
        body: riposte_connector::read_response(&incoming).body,
    }
}

/// What a request means to a trigger.
fn received(trigger: &Trigger, content: &RequestContent) -> Result<Occurrence> {
    Ok(match trigger.plan.starter {
        Some(Starter::Request) => trigger.receive(content).map_err(|failure| {
            let kind = match failure.code.as_str() {
                "TriggerRelativePathNotValid" => ErrorKind::NotFound,
                _ => ErrorKind::BadRequest,
            };
            refused(kind, &failure.code, failure.message)
        })?,
        Some(Starter::HttpWebhook | Starter::ConnectorWebhook) => {
            let mut outputs = Object::new();
            let mut headers = content.headers.clone();
            headers.remove_ignore_case("authorization");
            outputs.insert("headers", headers);
            outputs.insert("queries", content.queries.clone());
            if let Some(body) = content.body.clone() {
                outputs.insert("body", body);
            }
            Occurrence::with_outputs(Value::from(outputs))
        }
        Some(Starter::Sentinel) => {
            let body = content.body.clone().unwrap_or_default();
            Occurrence::with_outputs(Value::object([("body", body)]))
        }
        _ => {
            let why = format!("The trigger '{}' is not started by requests.", trigger.name);
            return Err(refused(ErrorKind::BadRequest, "TriggerNotInvokable", why));
        }
    })
}

/// What tells the caller of the run.
fn headers(playbook: &Playbook, run: Option<&str>, happening: &Happening) -> Vec<(String, String)> {
    let mut headers = vec![
        ("x-ms-workflow-id", playbook.id.clone()),
        ("x-ms-workflow-name", playbook.name().to_owned()),
        ("x-ms-workflow-version", format!("{:020}", playbook.version)),
        ("x-ms-workflow-system-id", playbook.resource.to_string()),
    ];
    if let Some(run) = run {
        let tracking = happening.tracking.as_ref().map_or_else(|| run.to_owned(), ToString::to_string);
        headers.extend([
            ("x-ms-workflow-run-id", run.to_owned()),
            ("x-ms-correlation-id", crate::clock::new_guid()),
            ("x-ms-client-tracking-id", tracking),
            ("x-ms-trigger-history-name", run.to_owned()),
            ("x-ms-tracking-id", crate::clock::new_guid()),
        ]);
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A Response action's answer, with the headers of the workflow behind its own.
fn answered(response: &ResponseToCaller, own: Vec<(String, String)>) -> Invoked {
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &response.headers {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.push((name.to_string(), text));
    }
    let given = response.headers.get_ignore_case("content-type").and_then(Value::as_str);
    let body = match &response.body {
        None => Vec::new(),
        Some(body) => match riposte_connector::encode_body(body, given) {
            Ok(encoded) => {
                if let (None, Some(content_type)) = (given, encoded.content_type) {
                    headers.push(("content-type".to_owned(), content_type.to_string()));
                }
                encoded.bytes
            }
            Err(error) => {
                let message = format!("The response's body cannot be written: {error}");
                return failure(502, "InvalidResponse", &message, own);
            }
        },
    };
    headers.extend(own);
    Invoked { status: response.status_code, headers, body }
}

fn failure(status: u16, code: &str, message: &str, mut headers: Vec<(String, String)>) -> Invoked {
    let error = Value::object([("code", Value::from(code)), ("message", Value::from(message))]);
    let body = riposte_value::json::to_string(&Value::object([("error", error)])).into_bytes();
    headers.push(("content-type".to_owned(), "application/json; charset=utf-8".to_owned()));
    Invoked { status, headers, body }
}
