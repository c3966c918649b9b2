//! The `Http` action: `{method, uri, headers, queries, body, cookie, authentication}` to a request.
//!
//! Documented, and partly measured on the service: which headers are dropped and added, how bodies are encoded.
//!
//! ```
//! use riposte_connector::{Call, CallContext, http_action};
//! use riposte_value::value;
//!
//! let inputs = value!({
//!     "method": "post", "uri": "https://vendor.example/block", "body": { "ip": "203.0.113.7" },
//!     "authentication": { "type": "Raw", "value": "Token abc" },
//! });
//! let call = http_action::build(&inputs, &CallContext::new("key")).unwrap();
//! assert_eq!(call.request().method, "POST");
//! assert_eq!(call.request().header("content-type"), Some("application/json; charset=utf-8"));
//! assert_eq!(call.request().header("authorization"), Some("Token abc"));
//! ```

mod authentication;
mod headers;

pub(crate) use authentication::basic_header;
pub(crate) use headers::{check_header, read_headers};

use crate::call::Call;
use crate::content::encode_body;
use crate::context::CallContext;
use crate::error::CallError;
use crate::message::{OutgoingRequest, find_header, set_header};
use crate::query::{encode_component, scalar_text};
use riposte_value::{Text, Value};
use url::Url;

/// Builds the request of an `Http` action (or of the `subscribe` half of an `HttpWebhook`) from its evaluated inputs.
///
/// # Errors
/// `BadRequest` for a missing or relative `uri`, a method or header that HTTP does not allow, a body that cannot be
/// encoded; `InvalidAuthentication` for an `authentication` that lacks something or is of a kind not supported.
pub fn build(inputs: &Value, context: &CallContext) -> Result<Call, CallError> {
    let method = read_method(inputs)?;
    let url = read_url(inputs)?;
    let mut headers = read_headers(inputs.get_ignore_case("headers"))?;
    if let Some(cookie) = inputs.get_ignore_case("cookie").filter(|cookie| !cookie.is_null()) {
        let cookie = scalar_text(cookie);
        check_header("Cookie", &cookie)?;
        set_header(&mut headers, "Cookie", Text::from(cookie));
    }
    let body = inputs.get_ignore_case("body").unwrap_or(&Value::Null);
    let encoded = encode_body(body, find_header(&headers, "Content-Type"))?;
    if let Some(content_type) = encoded.content_type {
        set_header(&mut headers, "Content-Type", content_type);
    }
    context.stamp(&mut headers);
    context.stamp_workflow(&mut headers);
    let mut request =
        OutgoingRequest { method, url, headers, body: encoded.bytes, credential_headers: Vec::new() };
    let token = match inputs.get_ignore_case("authentication") {
        None | Some(Value::Null) => None,
        Some(authentication) => authentication::apply(authentication, &mut request)?,
    };
    Ok(Call::new(request, token))
}

/// The method in upper case.
pub(crate) fn read_method(inputs: &Value) -> Result<Text, CallError> {
    let method = inputs.get_ignore_case("method").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if method.is_empty() {
        return Err(CallError::bad_request("the inputs name no `method`"));
    }
    let token = method.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    if !token {
        return Err(CallError::bad_request(format!("`{method}` is not a method of HTTP")));
    }
    Ok(Text::from(method.to_ascii_uppercase()))
}

fn read_url(inputs: &Value) -> Result<String, CallError> {
    let uri = inputs.get_ignore_case("uri").and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let absolute = || {
        CallError::bad_request("the `uri` of the inputs is not an absolute `http` or `https` address")
            .help("it must begin with `https://` and a host name")
    };
    let mut url = Url::parse(uri).map_err(|_| absolute())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(absolute());
    }
    url.set_fragment(None);
    let pairs = read_queries(inputs.get_ignore_case("queries"))?;
    if !pairs.is_empty() {
        let before = url.query().filter(|query| !query.is_empty()).map(|query| format!("{query}&"));
        url.set_query(Some(&format!("{}{}", before.unwrap_or_default(), pairs.join("&"))));
    }
    Ok(url.into())
}

/// `queries` as `name=value` texts, encoded. `null` sends nothing; a list is joined with commas.
fn read_queries(queries: Option<&Value>) -> Result<Vec<String>, CallError> {
    match queries {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(queries)) => Ok(queries
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                format!("{}={}", encode_component(name), encode_component(&scalar_text(value)))
            })
            .collect()),
        Some(other) => {
            Err(CallError::bad_request(format!("`queries` must be an object, not {}", other.kind())))
        }
    }
}
