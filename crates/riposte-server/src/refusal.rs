//! Errors on the wire: `{"error":{"code","message","details"?}}`, with Azure's codes and words where it has some.

use http::{HeaderName, HeaderValue, StatusCode, header};
use riposte_diagnostic::Diagnostic;
use riposte_engine::ErrorKind;
use riposte_value::Value;
use std::borrow::Cow;

/// How many seconds a client should wait before it asks again.
const RETRY_AFTER_SECONDS: &str = "1";

/// A request that is not answered as asked.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) details: Vec<Value>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The body cannot be read as JSON; Azure Resource Manager's words.
    pub(crate) fn unreadable_body(why: impl std::fmt::Display) -> Self {
        Self::bad_request(
            "InvalidRequestContent",
            format!("The request content was invalid and could not be deserialized: '{why}'."),
        )
    }

    /// No `Authorization` header; Azure Resource Manager's words.
    pub(crate) fn no_token() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        )
        .header(header::WWW_AUTHENTICATE, "Bearer")
    }

    /// A token that is not one of ours, or not any more; Azure Resource Manager's words.
    pub(crate) fn bad_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", "The access token is invalid.")
            .header(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
    }

    pub(crate) fn unknown_path(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", format!("there is nothing at `{}`", shortened(path)))
    }

    /// A name in the path that no resource can have.
    pub(crate) fn bad_name(rule: &str) -> Self {
        Self::bad_request("InvalidResourceName", format!("the path holds a name that none can have: {rule}"))
    }

    pub(crate) fn method_not_allowed(method: &http::Method, allow: &str) -> Self {
        let message = format!("`{method}` is not offered here; allowed: {allow}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).header(header::ALLOW, allow)
    }

    pub(crate) fn body_too_large(bytes_max: usize) -> Self {
        let message = format!("the request body is longer than {bytes_max} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", message)
            .header(header::CONNECTION, "close")
    }

    pub(crate) fn url_too_long(bytes_max: usize) -> Self {
        let message = format!("the path and query are longer than {bytes_max} bytes");
        Self::new(StatusCode::URI_TOO_LONG, "RequestUriTooLong", message)
    }

    pub(crate) fn headers_too_large(bytes_max: usize) -> Self {
        let message = format!("the request's headers are longer than {bytes_max} bytes");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "RequestHeaderFieldsTooLarge", message)
    }

    pub(crate) fn body_too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "the request body did not arrive in time")
            .header(header::CONNECTION, "close")
    }

    pub(crate) fn busy() -> Self {
        let message = "the server has as many requests in work as it takes at a time";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "ServerBusy", message)
            .header(header::RETRY_AFTER, RETRY_AFTER_SECONDS)
    }

    /// Something of our own went wrong. The cause goes to the log, not to the client.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "the server failed to answer; its log names the cause under this answer's `x-ms-request-id`",
        )
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// What to do about it, as an inner error.
    pub(crate) fn help(mut self, help: impl AsRef<str>) -> Self {
        self.details.push(Value::object([("code", Value::text("Help")), ("message", Value::text(help))]));
        self
    }

    /// The body: Azure's error envelope.
    pub(crate) fn envelope(&self) -> Value {
        let mut error = vec![("code", Value::text(&self.code)), ("message", Value::text(&self.message))];
        if !self.details.is_empty() {
            error.push(("details", Value::array(self.details.iter().cloned())));
        }
        Value::object([("error", Value::object(error))])
    }
}

impl From<riposte_engine::Error> for Refusal {
    fn from(error: riposte_engine::Error) -> Self {
        let status = match error.kind {
            ErrorKind::BadRequest => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Gone => StatusCode::GONE,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => return Self::internal(format_args!("{}: {}", error.code, error.message)),
        };
        let mut refusal = Self::new(status, error.code, error.message);
        refusal.details = error.diagnostics.iter().map(detail).collect();
        match error.kind {
            ErrorKind::Unavailable => refusal.header(header::RETRY_AFTER, RETRY_AFTER_SECONDS),
            ErrorKind::Unauthorized => refusal.header(header::WWW_AUTHENTICATE, "Bearer"),
            _ => refusal,
        }
    }
}

/// A diagnostic as an inner error: `target` is the JSON path.
fn detail(diagnostic: &Diagnostic) -> Value {
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message.push_str("; ");
        message.push_str(help);
    }
    let mut detail = vec![("code", Value::text(&diagnostic.code)), ("message", Value::text(message))];
    if let Some(path) = &diagnostic.location.path {
        detail.push(("target", Value::text(path)));
    }
    Value::object(detail)
}

/// The first characters of a path, for a message.
fn shortened(path: &str) -> String {
    const CHARACTERS_MAX: usize = 300;
    match path.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", path.get(..end).unwrap_or_default()),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn engine_error(kind: ErrorKind) -> Refusal {
        Refusal::from(riposte_engine::Error {
            kind,
            code: "Some".into(),
            message: "why".into(),
            diagnostics: vec![
                Diagnostic::error("Bad", "`x` is wrong").at("$.properties.x").help("write `y`"),
            ],
        })
    }

    #[test]
    fn an_engine_error_keeps_its_code_words_and_diagnostics() {
        let refusal = engine_error(ErrorKind::BadRequest);
        assert_eq!(refusal.status, 400);
        assert_eq!(
            refusal.envelope(),
            value!({"error": {"code": "Some", "message": "why", "details": [
                {"code": "Bad", "message": "`x` is wrong; write `y`", "target": "$.properties.x"}]}})
        );
    }

    #[test]
    fn what_may_be_tried_again_says_when() {
        let refusal = engine_error(ErrorKind::Unavailable);
        assert_eq!(refusal.status, 503);
        assert!(refusal.headers.iter().any(|(name, value)| name == header::RETRY_AFTER && value == "1"));
    }

    #[test]
    fn the_cause_of_a_failure_of_our_own_is_not_told() {
        let refusal = engine_error(ErrorKind::Internal);
        assert_eq!(refusal.status, 500);
        assert!(!refusal.envelope().to_string().contains("why"));
    }
}
