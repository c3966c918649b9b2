//! What a handler gives back: a status, a JSON body or none, and headers.

use crate::warning;
use http::{HeaderName, HeaderValue, StatusCode};
use riposte_diagnostic::Diagnostic;
use riposte_engine::Written;
use riposte_value::{Object, Value};

/// An answer before it becomes bytes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    /// A body that is not JSON of ours, as it goes out; its type is among the headers.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body: Some(body), bytes: None, headers: Vec::new() }
    }

    pub(crate) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, body: None, bytes: None, headers: Vec::new() }
    }

    /// `{"value":[…],"nextLink"?}`
    pub(crate) fn list(items: Vec<Value>, next_link: Option<String>) -> Self {
        let mut body = Object::new();
        body.insert("value", Value::array(items));
        if let Some(link) = next_link {
            body.insert("nextLink", Value::text(link));
        }
        Self::ok(Value::from(body))
    }

    /// A PUT: 201 for what is new, else 200.
    pub(crate) fn written(written: Written) -> Self {
        Self::new(if written.created { StatusCode::CREATED } else { StatusCode::OK }, written.resource)
    }

    /// A DELETE: 200 with `{}` for what is gone now, 204 for what was not there. One of Azure's clients reads the body
    /// of the 200, so there has to be one.
    pub(crate) fn deleted(was_there: bool) -> Self {
        if was_there { Self::ok(Value::from(Object::new())) } else { Self::empty(StatusCode::NO_CONTENT) }
    }

    /// Tells what was accepted but is remarkable, in `Riposte-Warning` headers.
    pub(crate) fn warn(mut self, diagnostics: &[Diagnostic]) -> Self {
        let values = warning::header_values(diagnostics);
        self.headers.extend(values.into_iter().map(|value| (warning::HEADER, value)));
        self
    }
}
