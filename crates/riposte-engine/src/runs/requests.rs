//! Request history: what the calls of an action sent and what came back, a row for each request, retries, polls and
//! pieces included. A call writes into its run's log while it goes on; the rows are kept by the run's next commit.
//!
//! Credentials are masked as in records, and what the definition declares secure is not kept at all. Bodies that were
//! sent are the action's inputs; those that came back are kept up to a size.

use super::contents::{Content, Links, Place};
use super::history::{insert_some, resource, run_not_found};
use crate::clock::time_text;
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::{Engine, Page};
use jiff::Timestamp;
use riposte_connector::{IncomingResponse, OutgoingRequest, SANITIZED, mask_headers};
use riposte_store::ResourceKey;
use riposte_value::{Object, Text, Value, json};
use riposte_workflow::{Command, CommandKind, Hidden, Program};
use std::sync::{Arc, Mutex, PoisonError};

/// The longest body of an answer that is kept.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// The longest value of a header, and the longest address, that is kept.
const TEXT_CHARACTERS_MAX: usize = 4_096;
const KIND: &str = "Microsoft.Logic/workflows/runs/actions/requestHistories";
const KIND_OF_REPETITION: &str = "Microsoft.Logic/workflows/runs/actions/repetitions/requestHistories";

/// A request as it is kept.
#[derive(Debug)]
pub(super) struct KeptRequest {
    pub(super) action: Text,
    /// `000001-000000`; empty outside loops.
    pub(super) repetition: String,
    started: Timestamp,
    pub(super) doc: String,
}

/// The requests of a run's calls that are not kept yet.
#[derive(Clone, Default)]
pub(super) struct RequestLog(Arc<Mutex<Vec<KeptRequest>>>);

impl RequestLog {
    fn add(&self, request: KeptRequest) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }

    /// Takes out what has come together.
    fn take(&self) -> Vec<KeptRequest> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Gives requests their names: numbers that count down with time, each once in a run.
#[derive(Default)]
pub(super) struct RequestNames {
    last: Option<i128>,
}

impl RequestNames {
    fn next(&mut self, started: Timestamp) -> String {
        let left = crate::clock::ticks_left(started);
        let number = self.last.map_or(left, |last| left.min(last - 1));
        self.last = Some(number);
        format!("{number:020}")
    }

    /// What is in the log, with names.
    pub(super) fn take(&mut self, log: &RequestLog) -> Vec<(String, Arc<KeptRequest>)> {
        let mut taken = log.take();
        taken.sort_by_key(|request| request.started);
        taken.into_iter().map(|request| (self.next(request.started), Arc::new(request))).collect()
    }
}

/// Writes the requests of a command into a log.
pub(super) struct Recorder {
    log: RequestLog,
    action: Text,
    repetition: String,
    hidden: Hidden,
    /// Of a connector's operation: its path as the action gives it. What the connection adds is not shown.
    path: Option<String>,
}

impl Recorder {
    pub(super) fn new(log: RequestLog, program: &Program, command: &Command) -> Self {
        let path = match &command.kind {
            CommandKind::ApiConnection { inputs, .. } | CommandKind::ApiConnectionWebhook { inputs, .. } => {
                Some(inputs.get_ignore_case("path").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
            _ => None,
        };
        Self {
            log,
            action: command.action.clone(),
            repetition: super::actions::repetition_name(&command.repetition),
            hidden: program.hidden(&command.action),
            path,
        }
    }

    /// Notes that a request goes out now.
    pub(super) fn begin<'a>(&'a self, shared: &'a Shared, request: &OutgoingRequest) -> OpenRequest<'a> {
        let mut shown = Object::new();
        shown.insert("method", &request.method);
        if !self.hidden.inputs {
            shown.insert("uri", bounded(&self.address(&request.url)));
            shown.insert("headers", headers(&mask_headers(&request.headers, &request.credential_headers)));
        }
        OpenRequest { recorder: self, shared, started: shared.clock.now(), request: Some(shown) }
    }

    fn address(&self, url: &str) -> String {
        let Some(path) = &self.path else { return url.to_owned() };
        let origin_end = url.find("://").and_then(|at| {
            let host = at + 3;
            Some(url.get(host..)?.find(['/', '?', '#']).map_or(url.len(), |end| host + end))
        });
        let origin = origin_end.and_then(|end| url.get(..end)).unwrap_or_default();
        // A poll's path is the address that the service gave.
        let path = path.split(['?', '#']).next().unwrap_or_default();
        if path.contains("://") {
            path.to_owned()
        } else {
            format!("{origin}/{}", path.trim_start_matches('/'))
        }
    }
}

/// A request under way. One that is dropped was given up.
pub(super) struct OpenRequest<'a> {
    recorder: &'a Recorder,
    shared: &'a Shared,
    started: Timestamp,
    request: Option<Object>,
}

impl OpenRequest<'_> {
    /// An answer has come.
    pub(super) fn answered(mut self, response: &IncomingResponse) {
        let mut shown = Object::new();
        shown.insert("statusCode", response.status);
        if !self.recorder.hidden.outputs {
            shown.insert("headers", headers(&mask_headers(&response.headers, &[])));
            if !response.body.is_empty() {
                shown.insert("bodySize", response.body.len());
            }
            if response.body.len() <= BODY_BYTES_MAX {
                let content = riposte_connector::read_response(response);
                insert_some(&mut shown, "body", content.body);
            }
        }
        self.end("response", Value::from(shown));
    }

    /// There was no answer.
    pub(super) fn failed(mut self, code: &str, message: &str) {
        self.no_answer(code, message);
    }

    fn no_answer(&mut self, code: &str, message: &str) {
        let mut error = Object::new();
        error.insert("code", code);
        if !self.recorder.hidden.inputs {
            error.insert("message", message);
        }
        self.end("error", Value::from(error));
    }

    fn end(&mut self, what: &'static str, value: Value) {
        let Some(request) = self.request.take() else { return };
        let doc = Value::object([
            ("startTime", Value::from(time_text(self.started))),
            ("endTime", Value::from(time_text(self.shared.clock.now()))),
            ("request", Value::from(request)),
            (what, value),
        ]);
        self.recorder.log.add(KeptRequest {
            action: self.recorder.action.clone(),
            repetition: self.recorder.repetition.clone(),
            started: self.started,
            doc: json::to_string(&doc),
        });
    }
}

impl Drop for OpenRequest<'_> {
    fn drop(&mut self) {
        self.no_answer("RequestAborted", "The request was given up before an answer came.");
    }
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Headers as an object; several of one name joined.
fn headers(headers: &[(Text, Text)]) -> Value {
    let mut joined = Object::with_capacity(headers.len());
    for (name, value) in headers {
        let held = joined.get_key_value_ignore_case(name).map(|(name, held)| (name.clone(), held.clone()));
        match held {
            Some((_, Value::String(held))) if held == SANITIZED => {}
            Some((name, Value::String(held))) => {
                joined.insert(name, bounded(&format!("{held},{value}")));
            }
            _ => {
                joined.insert(name.clone(), bounded(value));
            }
        }
    }
    Value::from(joined)
}

/// The body of the answer in a row.
pub(super) fn body(doc: &Value) -> Option<&Value> {
    doc.at(&["response", "body"])
}

/// A row as Azure shows it: the body of the answer stands behind a link, or is but measured if it is not kept.
fn properties(doc: &Value, place: &Place, links: &Links<'_>) -> Value {
    let mut shown = doc.clone();
    let response = shown.as_object_mut().and_then(|doc| doc.get_mut("response"));
    if let Some(response) = response.and_then(Value::as_object_mut) {
        let size = response.remove("bodySize");
        match (response.remove("body"), size) {
            (Some(body), _) => response.insert("bodyLink", links.link(place, &body)),
            (None, Some(size)) => response.insert("bodyLink", Value::object([("contentSize", size)])),
            (None, None) => None,
        };
    }
    shown
}

fn read(doc: &str) -> Result<Value> {
    json::parse(doc).map_err(|error| Error::internal(error.to_string()))
}

/// Whose requests are asked for.
struct Asked {
    playbook: String,
    run: String,
    /// As records spell it.
    action: String,
    repetition: Option<String>,
}

impl Asked {
    fn to_arm(&self, name: &str, doc: &Value, links: &Links<'_>) -> Value {
        let Self { playbook, run, action, repetition } = self;
        let (inside, kind) = match repetition {
            Some(repetition) => (format!("/repetitions/{repetition}"), KIND_OF_REPETITION),
            None => (String::new(), KIND),
        };
        let id = format!("{playbook}/runs/{run}/actions/{action}{inside}/requestHistories/{name}");
        let place = Place {
            action: Some(action.clone()),
            repetition: repetition.clone().unwrap_or_default(),
            request: Some(name.to_owned()),
            content: Content::ResponseBody,
        };
        resource(&id, name, kind, properties(doc, &place, links))
    }
}

impl Engine {
    /// A page of the requests of an action, or of a repetition of it, newest first, after the one named `after`.
    pub async fn run_requests(
        &self,
        playbook: &str,
        run: &str,
        (action, repetition): (&str, Option<&str>),
        after: Option<String>,
        top: usize,
    ) -> Result<Page> {
        let asked = self.asked(playbook, run, action, repetition).await?;
        let top = top.clamp(1, 1000);
        let (id, action) = (asked.run.clone(), asked.action.clone());
        let (inside, after) = (asked.repetition.clone().unwrap_or_default(), after.unwrap_or_default());
        let rows = self.shared.store.read(move |tx| tx.run_requests(&id, &action, &inside, &after, top + 1));
        let mut rows = rows.await?;
        let more = rows.len() > top;
        rows.truncate(top);
        let next = rows.last().filter(|_| more).map(|(name, _)| name.clone());
        let links = self.links(run);
        let items = rows.iter().map(|(name, doc)| Ok(asked.to_arm(name, &read(doc)?, &links)));
        Ok(Page { items: items.collect::<Result<_>>()?, next })
    }

    /// A request of an action, or of a repetition of it.
    pub async fn run_request(
        &self,
        playbook: &str,
        run: &str,
        (action, repetition): (&str, Option<&str>),
        name: &str,
    ) -> Result<Value> {
        let asked = self.asked(playbook, run, action, repetition).await?;
        let inside = asked.repetition.as_deref().unwrap_or_default();
        let doc = self.request_doc(run, &asked.action, inside, name).await?.ok_or_else(|| {
            let why = format!(
                "The request history '{name}' of the workflow run action '{action}' could not be found."
            );
            Error::new(crate::ErrorKind::NotFound, "WorkflowRunActionRequestHistoryNotFound", why)
        })?;
        Ok(asked.to_arm(name, &doc, &self.links(run)))
    }

    /// A request's row.
    pub(super) async fn request_doc(
        &self,
        run: &str,
        action: &str,
        repetition: &str,
        name: &str,
    ) -> Result<Option<Value>> {
        let (run, action) = (run.to_owned(), action.to_owned());
        let (repetition, name) = (repetition.to_owned(), name.to_owned());
        let row = self.shared.store.read(move |tx| tx.run_request(&run, &action, &repetition, &name)).await?;
        row.map(|doc| read(&doc)).transpose()
    }

    /// The action, which must be in the run.
    async fn asked(
        &self,
        playbook: &str,
        run: &str,
        action: &str,
        repetition: Option<&str>,
    ) -> Result<Asked> {
        let history = self.history(Some(playbook), run).await?;
        if history.row.resource != ResourceKey::new(playbook) {
            return Err(run_not_found(run));
        }
        let record = history.record_at(action, repetition)?;
        Ok(Asked {
            playbook: history.beginning.playbook_id.clone(),
            run: run.to_owned(),
            action: record.name.to_string(),
            repetition: repetition.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Recorder, RequestLog, RequestNames};
    use riposte_workflow::Hidden;

    #[test]
    fn names_count_down_even_in_one_instant() {
        let mut names = RequestNames::default();
        let at = "2026-11-21T12:00:00Z".parse().unwrap();
        let (first, second) = (names.next(at), names.next(at));
        assert!(second < first, "{second} {first}");
        assert_eq!(first.len(), 20);
        assert!(names.next("2026-11-21T12:00:01Z".parse().unwrap()) < second);
    }

    #[test]
    fn what_a_connection_adds_to_an_address_is_not_shown() {
        let recorder = |path: Option<&str>| Recorder {
            log: RequestLog::default(),
            action: "A".into(),
            repetition: String::new(),
            hidden: Hidden::default(),
            path: path.map(str::to_owned),
        };
        let url = "https://v.example:8443/bot123/send?key=secret";
        for (path, shown) in [
            (None, url),
            (Some("/send"), "https://v.example:8443/send"),
            (Some("/send?x=1"), "https://v.example:8443/send"),
            (Some("https://v.example/op/7?sig=s"), "https://v.example/op/7"),
        ] {
            assert_eq!(recorder(path).address(url), shown, "{path:?}");
        }
    }
}
