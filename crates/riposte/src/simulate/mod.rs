//! A simulated threat-intelligence vendor, for demonstrations and tests.
//!
//! It speaks the shapes of `VirusTotal`'s API version 3: reports on IP addresses, domains, URLs and files. What it says is
//! made from the indicator alone, so that the same question always has the same answer (see [`verdict`]). It wants a
//! header `x-apikey`, honours `Idempotency-Key` (the same key with the same request is answered again without a new
//! look-up), writes each call down before it answers, and can be made slow or faulty.
//!
//! Beside the vendor's paths:
//! * `GET /__log`: every call as a JSON line.
//! * `PUT /__faults?latencyMs=…&failEvery=…&throttleEvery=…&retryAfter=…`: changes the faults; what is not named is off.

mod answer;
mod faults;
mod log;
mod lookups;
mod report;
mod verdict;

pub use faults::Faults;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::any;
use log::{CallLog, Entry};
use lookups::{LookUps, Turn};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The largest request body that is read: a file sent for analysis.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How the vendor behaves.
#[derive(Debug, Clone, Default)]
pub struct SimulateOptions {
    /// The only key that is accepted; without one any key is.
    pub api_key: Option<String>,
    /// Where calls are written down, one JSON object a line, appended. Keys that the file holds already count as seen.
    pub log_file: Option<PathBuf>,
    /// How the vendor fails.
    pub faults: Faults,
}

/// Serves until the listener breaks.
///
/// # Errors
/// The log file cannot be opened or read, or the listener breaks.
pub async fn serve(listener: tokio::net::TcpListener, options: SimulateOptions) -> io::Result<()> {
    let vendor = Arc::new(Vendor::open(options)?);
    let router = Router::new().fallback(any(move |request: Request| handle(Arc::clone(&vendor), request)));
    axum::serve(listener, router).await
}

/// The vendor's state.
struct Vendor {
    api_key: Option<String>,
    state: Mutex<State>,
}

struct State {
    log: CallLog,
    lookups: LookUps,
    faults: Faults,
    /// Calls that could have failed, for counting every nth.
    calls: u64,
}

/// What is known of a request before it is answered.
struct Call {
    method: String,
    /// Path and query.
    target: String,
    api_key: Option<String>,
    idempotency_key: Option<String>,
    content_type: Option<String>,
    body: Vec<u8>,
}

/// An answer: status, body, and `Retry-After` in seconds.
struct Answer {
    status: u16,
    content_type: &'static str,
    body: String,
    retry_after_s: Option<u32>,
}

impl Answer {
    fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            content_type: "application/json; charset=utf-8",
            body: body.to_string(),
            retry_after_s: None,
        }
    }

    /// An error in the vendor's shape.
    fn error(status: u16, code: &str, message: &str) -> Self {
        Self::json(status, &serde_json::json!({ "error": { "code": code, "message": message } }))
    }
}

async fn handle(vendor: Arc<Vendor>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return respond(Answer::error(413, "PayloadTooLargeError", "The request is too large"));
    };
    let call = Call {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map_or_else(|| head.uri.path().to_owned(), ToString::to_string),
        api_key: text("x-apikey"),
        idempotency_key: text("idempotency-key"),
        content_type: text("content-type"),
        body: body.to_vec(),
    };
    let (answer, latency) = vendor.answer(&call);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    respond(answer)
}

impl Vendor {
    fn open(options: SimulateOptions) -> io::Result<Self> {
        let (log, before) = CallLog::open(options.log_file.as_deref())?;
        let state = State { log, lookups: LookUps::resume(&before), faults: options.faults, calls: 0 };
        Ok(Self { api_key: options.api_key, state: Mutex::new(state) })
    }

    /// The state; a panic elsewhere cannot have left it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a call and writes it down first: a caller that dies waiting has called nevertheless.
    fn answer(&self, call: &Call) -> (Answer, std::time::Duration) {
        let mut state = self.state();
        let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
        match (call.method.as_str(), path) {
            ("GET", "/__log") => {
                let answer = Answer {
                    status: 200,
                    content_type: "application/x-ndjson",
                    body: state.log.lines(),
                    retry_after_s: None,
                };
                return (answer, std::time::Duration::ZERO);
            }
            ("PUT", "/__faults") => {
                let answer = match Faults::read(query) {
                    Ok(faults) => {
                        state.faults = faults;
                        Answer::json(200, &serde_json::json!({ "faults": faults.to_string() }))
                    }
                    Err(why) => Answer::error(400, "InvalidArgumentError", &why),
                };
                return (answer, std::time::Duration::ZERO);
            }
            _ => {}
        }
        let (answer, turn) = self.decide(&mut state, call, path);
        let written = state.log.append(&Entry::new(call, answer.status, turn));
        let latency = state.faults.latency;
        match written {
            Ok(()) => (answer, latency),
            Err(error) => (Answer::error(500, "LogError", &error.to_string()), latency),
        }
    }

    /// The answer, and what the call's idempotency key made of it.
    fn decide(&self, state: &mut State, call: &Call, path: &str) -> (Answer, Turn) {
        if let Some(refusal) = self.check_key(call) {
            return (refusal, Turn::Refused);
        }
        let turn = state.lookups.turn(call);
        if turn == Turn::Reused {
            let message = "The idempotency key belongs to another request";
            return (Answer::error(422, "IdempotencyKeyReusedError", message), turn);
        }
        let answer = answer::answer(call, path);
        // What was answered once is answered again, whatever fails meanwhile.
        if turn == Turn::Repetition {
            return (answer, turn);
        }
        state.calls += 1;
        if let Some(fault) = state.faults.strike(state.calls) {
            return (fault, Turn::Refused);
        }
        if answer.status >= 400 {
            return (answer, Turn::Refused);
        }
        state.lookups.remember(call);
        (answer, turn)
    }

    fn check_key(&self, call: &Call) -> Option<Answer> {
        match (&call.api_key, &self.api_key) {
            (None, _) => {
                Some(Answer::error(401, "AuthenticationRequiredError", "X-Apikey header is missing"))
            }
            (Some(given), Some(wanted)) if given != wanted => {
                Some(Answer::error(401, "WrongCredentialsError", "Wrong API key"))
            }
            (Some(given), _) if given.is_empty() => {
                Some(Answer::error(401, "WrongCredentialsError", "Wrong API key"))
            }
            _ => None,
        }
    }
}

fn respond(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(seconds) = answer.retry_after_s {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests;
