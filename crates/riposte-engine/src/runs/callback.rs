//! Callbacks: a request at the address that an action has handed out. It is on disk before it is answered, and each
//! address takes one: the first.

use super::address::Signature;
use super::mail::callback_letter;
use crate::Engine;
use crate::document::{decode, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use riposte_connector::IncomingResponse;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{CommandId, EventKind, State};

/// A request at a callback address.
pub struct Callback {
    /// The run's name.
    pub run: String,
    /// The command's id.
    pub command: String,
    /// `se`: until when the address is good.
    pub expires: String,
    /// `sv`: the version of the signature.
    pub version: String,
    /// `sig`.
    pub signature: String,
    /// The request's headers.
    pub headers: Vec<(String, String)>,
    /// The queries that do not belong to the signature.
    pub queries: Object,
    /// The request's body.
    pub body: Vec<u8>,
}

impl Engine {
    /// Takes a callback; it is on disk when this answers.
    pub async fn callback(&self, callback: Callback) -> Result<()> {
        let Callback { run, command, expires, version, signature, headers, queries, body } = callback;
        let given = Signature { expires: &expires, version: &version, text: &signature };
        self.shared.addresses.check(&run, &command, &given, self.shared.clock.now())?;
        let request = request_value(headers, queries, body);
        let event = EventKind::Callback { command: CommandId(Text::new(&command)), request: request.clone() };
        let name = run.clone();
        let taken = self.shared.transact(move |t| t.take_callback(&run, &command, &request)).await;
        match &taken {
            Ok(()) => self.shared.tell(&name, event),
            Err(error) if error.is_outcome_unknown() => self.shared.look_for_mail(&name),
            Err(_) => {}
        }
        taken
    }
}

/// `{headers, queries?, body?}`, the body as a value by its type, as that of an answer is read.
fn request_value(headers: Vec<(String, String)>, queries: Object, body: Vec<u8>) -> Value {
    let headers = headers.into_iter().map(|(name, value)| (Text::from(name), Text::from(value))).collect();
    let content = riposte_connector::read_response(&IncomingResponse { status: 200, headers, body });
    let mut request = Object::new();
    request.insert("headers", content.headers);
    if !queries.is_empty() {
        request.insert("queries", queries);
    }
    if let Some(body) = content.body {
        request.insert("body", body);
    }
    Value::from(request)
}

impl Transaction<'_> {
    fn take_callback(&mut self, run: &str, command: &str, request: &Value) -> Result<()> {
        let used = || {
            let why = "The action does not wait for this callback any more.";
            Error::new(ErrorKind::Gone, "CallbackUsed", why)
        };
        let row = self.tx.run(run)?.ok_or_else(|| {
            let why = format!("The workflow run '{run}' could not be found.");
            Error::new(ErrorKind::NotFound, "WorkflowRunNotFound", why)
        })?;
        let letter = callback_letter(command);
        if row.ended.is_some() || self.tx.inbox(run, &letter)?.is_some() {
            return Err(used());
        }
        let sealed = self.tx.run_state(run)?.ok_or_else(used)?;
        let opened = self.shared.secret.open(run, &sealed)?;
        let state: State = decode("run state", &String::from_utf8_lossy(&opened))?;
        let (program, _) =
            self.shared.load_version(&*self.tx, &row.resource, row.version)?.ok_or_else(used)?;
        if !state.awaits_callback(&program, &CommandId(Text::new(command))) {
            return Err(used());
        }
        Ok(self.tx.put_inbox(run, &letter, &encode(request)?)?)
    }
}
