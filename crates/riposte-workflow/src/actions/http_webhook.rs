//! `HttpWebhook`: asks a service to call back, and is done when it does.
//!
//! The request of `subscribe` hands out a callback address (`@listCallbackUrl()`); an answer from 400 on fails the action.
//! The callback's request becomes the outputs. If time is over or the run is stopped before that, `unsubscribe` is sent
//! once; nobody waits for its answer. After a callback it is not sent (documented).
//!
//! ```json
//! { "type": "HttpWebhook", "inputs": {
//!     "subscribe": { "method": "POST", "uri": "https://approvals.example/ask", "body": { "answer_to": "@{listCallbackUrl()}" } },
//!     "unsubscribe": { "method": "DELETE", "uri": "https://approvals.example/ask" } },
//!   "limit": { "timeout": "P3D" } }
//! ```

use super::http::{check_request, take_policy};
use super::sanitize::sanitized;
use super::{Completion, Kind, Started};
use crate::CommandKind;
use crate::interpreter::{Machine, Request};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Object, Value};

#[derive(Debug)]
pub(crate) struct HttpWebhook {
    inputs: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let object = reader.inputs_object()?;
    let subscribe = reader.required_input(object, "subscribe")?;
    let path = reader.path_of("inputs");
    let mut whole = request_given(reader, subscribe, &join_path(&path, "subscribe"));
    if let Some(unsubscribe) = unsubscribe(object) {
        whole &= request_given(reader, unsubscribe, &join_path(&path, "unsubscribe"));
    }
    let inputs = reader.inputs()?;
    let inputs = reader.template(inputs, &path)?;
    whole.then_some(Kind::HttpWebhook(HttpWebhook { inputs }))
}

/// The part that ends a subscription; an empty one means that there is nothing to end.
fn unsubscribe(inputs: &Object) -> Option<&Value> {
    inputs
        .get_ignore_case("unsubscribe")
        .filter(|part| !part.is_null() && part.as_object().is_none_or(|part| !part.is_empty()))
}

/// Whether a part names a method and an address, or is an expression that may come to such.
fn request_given(reader: &mut Reader<'_, '_>, part: &Value, path: &str) -> bool {
    let Some(object) = part.as_object() else { return part.as_str().is_some() };
    let missing = ["method", "uri"].into_iter().filter(|name| object.get_ignore_case(name).is_none());
    let mut whole = true;
    for name in missing {
        let message = format!("`{name}` is missing: a request of `HttpWebhook` needs it");
        reader.error("MissingProperty", message, path);
        whole = false;
    }
    whole
}

impl HttpWebhook {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let inputs = machine.evaluate_with_callback(here, &self.inputs)?;
        let part = |name: &str| inputs.get_ignore_case(name).cloned().unwrap_or_default();
        let mut subscribe = part("subscribe");
        check_request(machine, here, &subscribe)?;
        let mut farewell = inputs.as_object().and_then(unsubscribe).cloned();
        if let Some(unsubscribe) = &mut farewell {
            check_request(machine, here, unsubscribe)?;
            take_policy(unsubscribe);
        }
        let shown = shown(&inputs);
        let policy = take_policy(&mut subscribe);
        let kind = CommandKind::HttpWebhook { inputs: subscribe };
        machine.call(here, Request { kind, shown, policy, farewell })?;
        Ok(Started::Waiting)
    }
}

/// The inputs with the secrets of both requests hidden.
fn shown(inputs: &Value) -> Value {
    let parts = inputs.as_object().into_iter().flatten();
    let shown: Object = parts.map(|(name, part)| (name.clone(), sanitized(part))).collect();
    Value::from(shown)
}
