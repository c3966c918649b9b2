//! A response as an action's outputs.

use crate::content::read_content;
use crate::message::IncomingResponse;
use riposte_value::{Object, Text, Value};

/// A response read: what an Http or connector action puts into its outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseContent {
    /// The status code.
    pub status_code: u16,
    /// The headers; values of a name that came more than once joined with a comma.
    pub headers: Object,
    /// The body by its content type; `None` where there was none.
    pub body: Option<Value>,
}

impl ResponseContent {
    /// `{statusCode, headers, body}`; without a body there is no such property.
    pub fn outputs(&self) -> Value {
        let mut outputs = Object::with_capacity(3);
        outputs.insert("statusCode", self.status_code);
        outputs.insert("headers", self.headers.clone());
        if let Some(body) = &self.body {
            outputs.insert("body", body.clone());
        }
        Value::from(outputs)
    }
}

/// Reads a response: JSON becomes a value, text a string, everything else an envelope `{"$content-type","$content"}`,
/// forms with `$formdata` and multipart bodies with `$multipart` beside it.
pub fn read_response(response: &IncomingResponse) -> ResponseContent {
    let body =
        (!response.body.is_empty()).then(|| read_content(response.header("content-type"), &response.body));
    ResponseContent { status_code: response.status, headers: join_headers(&response.headers), body }
}

/// Headers as an object; the first spelling of a name stands.
pub(crate) fn join_headers(headers: &[(Text, Text)]) -> Object {
    let mut joined = Object::with_capacity(headers.len());
    for (name, value) in headers {
        let held = joined.get_key_value_ignore_case(name).map(|(held, value)| (held.clone(), value.clone()));
        match held {
            Some((held, Value::String(before))) => {
                joined.insert(held, format!("{before},{value}"));
            }
            _ => {
                joined.insert(name.clone(), value);
            }
        }
    }
    joined
}
