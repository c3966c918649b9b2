//! Calls of functions and of managed APIs. Their ids name a resource of Azure; where it really is, and its key, is told by
//! the configuration.
//!
//! ```
//! use riposte_connector::{CallContext, Secret, service_call::{Service, function}};
//! use riposte_value::value;
//!
//! let app = Service { url: "https://enrich.example".into(), key: Some(Secret::new("k")) };
//! let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/enrich/functions/Look_up";
//! let find = |name: &str| (name == "enrich").then(|| app.clone());
//! let call = function(id, &value!({ "body": { "ip": "192.0.2.7" } }), find, &CallContext::new("key")).unwrap();
//! assert_eq!(call.request().url, "https://enrich.example/api/Look_up");
//! assert_eq!((call.request().method.as_str(), call.request().header("x-functions-key")), ("POST", Some("k")));
//! ```

use crate::call::Call;
use crate::context::CallContext;
use crate::error::CallError;
use crate::http_action;
use crate::query::{encode_component, scalar_text};
use crate::secret::Secret;
use riposte_value::{Object, Text, Value};

/// A service that stands for a resource of Azure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// What its addresses begin with.
    pub url: Text,
    /// The key that it asks for.
    pub key: Option<Secret>,
}

/// What goes on to the request as it is.
const KEPT: [&str; 4] = ["headers", "queries", "body", "authentication"];

/// Builds the request of a Function action. `find` gives the function app of a name.
///
/// # Errors
/// `FunctionAppNotFound` where the configuration does not know the app; else as [`http_action::build`].
pub fn function(
    id: &str,
    inputs: &Value,
    find: impl Fn(&str) -> Option<Service>,
    context: &CallContext,
) -> Result<Call, CallError> {
    let (Some(app), Some(name)) = (segment(id, "sites"), segment(id, "functions")) else {
        return Err(CallError::bad_request(format!("`{id}` is not the id of a function"))
            .help("it ends in `/sites/APP/functions/NAME`"));
    };
    let service = find(app).ok_or_else(|| {
        CallError::new("FunctionAppNotFound", format!("function app `{app}` is not known here"))
            .help(format!("give its address and key in the configuration, under [function_apps.{app}]"))
    })?;
    let uri = format!("{}/api/{}", service.url.trim_end_matches('/'), encode_component(name));
    let call = http_action::build(&request(inputs, &uri, "POST"), context)?;
    Ok(with_key(call, "x-functions-key", service.key))
}

/// Builds the request of an `ApiManagement` action. `find` gives the service of a name `service/api`, or of a service.
///
/// # Errors
/// `ApiManagementNotFound` where the configuration does not know the service; `BadRequest` for a path whose parameters
/// are not all given; else as [`http_action::build`].
pub fn managed_api(
    id: &str,
    inputs: &Value,
    find: impl Fn(&str) -> Option<Service>,
    context: &CallContext,
) -> Result<Call, CallError> {
    let (Some(name), Some(api)) = (segment(id, "service"), segment(id, "apis")) else {
        return Err(CallError::bad_request(format!("`{id}` is not the id of a managed API"))
            .help("it ends in `/service/NAME/apis/API`"));
    };
    let service = find(&format!("{name}/{api}")).or_else(|| find(name)).ok_or_else(|| {
        CallError::new("ApiManagementNotFound", format!("API management service `{name}` is not known here"))
            .help(format!("give the address and key of the API in the configuration, under [api_management.\"{name}/{api}\"]"))
    })?;
    let uri = format!("{}{}", service.url.trim_end_matches('/'), path(inputs)?);
    let call = http_action::build(&request(inputs, &uri, "GET"), context)?;
    let own = inputs.get_ignore_case("subscriptionKey").and_then(Value::as_str).filter(|key| !key.is_empty());
    Ok(with_key(call, "Ocp-Apim-Subscription-Key", own.map(Secret::new).or(service.key)))
}

/// The segment of an id after one of this name.
fn segment<'a>(id: &'a str, before: &str) -> Option<&'a str> {
    let mut segments = id.split('/').skip_while(|segment| !segment.eq_ignore_ascii_case(before));
    segments.next()?;
    segments.next().filter(|segment| !segment.is_empty())
}

fn request(inputs: &Value, uri: &str, method: &str) -> Value {
    let mut request = Object::with_capacity(6);
    let given = inputs.get_ignore_case("method").and_then(Value::as_str).filter(|given| !given.is_empty());
    request.insert("method", given.unwrap_or(method));
    request.insert("uri", uri);
    for name in KEPT {
        if let Some(value) = inputs.get_ignore_case(name) {
            request.insert(Text::new_static(name), value.clone());
        }
    }
    Value::from(request)
}

/// The path of a managed API, its parameters filled in.
fn path(inputs: &Value) -> Result<String, CallError> {
    let template = inputs.get_ignore_case("pathTemplate");
    let text =
        template.and_then(|template| template.get_ignore_case("template")?.as_str()).unwrap_or_default();
    let parameters = template.and_then(|template| template.get_ignore_case("parameters"));
    let mut path = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        path.push('/');
    }
    let mut parts = text.split('{');
    path.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once('}').ok_or_else(|| {
            CallError::bad_request(format!("the path `{text}` opens a parameter that it does not close"))
        })?;
        let value = parameters.and_then(|parameters| parameters.get_ignore_case(name)).ok_or_else(|| {
            CallError::bad_request(format!("the path `{text}` has a parameter `{name}` that is not given"))
        })?;
        path.push_str(&encode_component(&scalar_text(value)));
        path.push_str(rest);
    }
    Ok(path)
}

/// A key goes along where the playbook has set none.
fn with_key(mut call: Call, header: &'static str, key: Option<Secret>) -> Call {
    let (Call::Ready(request) | Call::NeedsToken { request, .. }) = &mut call;
    if let Some(key) = key.filter(|_| request.header(header).is_none()) {
        request.set_header(header, key.expose());
    }
    request.credential_headers.push(Text::new_static(header));
    call
}
