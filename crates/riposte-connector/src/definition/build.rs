//! Building a request: [`crate::build_request`].

use super::connection::{Connection, SERVICE_URL};
use super::parameter::{Collection, Encoding, Location};
use super::read::service_base;
use super::{ConnectorDefinition, Operation, UnlistedPaths, credentials};
use crate::call::Call;
use crate::content::{Encoded, encode_body, encode_form};
use crate::context::CallContext;
use crate::error::CallError;
use crate::http_action::{read_headers, read_method};
use crate::message::{OutgoingRequest, find_header, set_header};
use crate::path::{CalledPath, PathMatch};
use crate::policy::{self, Draft, Effect};
use crate::query::{decode_component, item_text, scalar_text, write_query};
use riposte_diagnostic::nearest;
use riposte_value::{Text, Value};
use url::Url;

pub(crate) fn build(
    definition: &ConnectorDefinition,
    connection: &Connection,
    inputs: &Value,
    context: &CallContext,
) -> Result<Call, CallError> {
    let method = read_method(inputs)?;
    let written = inputs.get_ignore_case("path").and_then(Value::as_str).unwrap_or_default().trim();
    if written.is_empty() {
        return Err(CallError::bad_request("the inputs name no `path`"));
    }
    let path = CalledPath::read(written)?;
    let queries = inputs.get_ignore_case("queries").unwrap_or(&Value::Null);
    let found = find(definition, &method, &path, queries);
    if found.is_none() && definition.unlisted_paths == UnlistedPaths::Refuse {
        return Err(not_found(definition, &method, &path, written));
    }
    let operation = found.as_ref().map(|(operation, _)| *operation);
    if let Some(why) = refusal(definition, operation) {
        return Err(CallError::new("OperationNotSupported", why)
            .help("call the vendor with an `Http` action instead"));
    }
    let mut draft = draft(definition, found, &path, method, inputs)?;
    let token = credentials::apply(definition, connection, &mut draft)?;
    let service_url = service_url(connection)?;
    for policy in policies(definition, operation) {
        // A connection that says where the vendor is needs none of what the host is otherwise made from.
        if service_url.is_none() || !matches!(policy.effect, Effect::SetHost { .. }) {
            policy::apply(policy, connection, &mut draft)?;
        }
    }
    draft.base = service_url.or(draft.base);
    finish(draft, operation, context).map(|request| Call::new(request, token))
}

/// The connection's own address of the vendor.
fn service_url(connection: &Connection) -> Result<Option<Text>, CallError> {
    let Some(url) = connection.value(SERVICE_URL) else { return Ok(None) };
    service_base(&url).map(Some).ok_or_else(|| {
        CallError::bad_request("`serviceUrl` of the connection is not an absolute `http` or `https` address")
            .help("write it as `https://host[:port][/base]`, without user, query or fragment")
    })
}

/// The operation that fits most literally.
fn find<'a>(
    definition: &'a ConnectorDefinition,
    method: &str,
    path: &CalledPath,
    queries: &Value,
) -> Option<(&'a Operation, PathMatch)> {
    let mut said = path.query.clone();
    for (name, value) in queries.as_object().into_iter().flatten() {
        said.push((name.clone(), Text::from(scalar_text(value))));
    }
    let mut best: Option<(&Operation, PathMatch)> = None;
    for operation in definition.operations.iter().filter(|operation| operation.method == method) {
        if let Some(fit) = operation.template.matches(path, &said)
            && best.as_ref().is_none_or(|(_, held)| fit.rank > held.rank)
        {
            best = Some((operation, fit));
        }
    }
    best
}

fn not_found(definition: &ConnectorDefinition, method: &str, path: &CalledPath, written: &str) -> CallError {
    let error = CallError::new(
        "OperationNotFound",
        format!("connector `{}` has no operation `{method} {written}`", definition.title),
    );
    let mut others: Vec<&str> = definition
        .operations
        .iter()
        .filter(|operation| operation.template.matches(path, &path.query).is_some())
        .map(|operation| operation.method.as_str())
        .collect();
    others.dedup();
    if !others.is_empty() {
        return error.help(format!("the path is there with {}", others.join(", ")));
    }
    match nearest(written, definition.operations.iter().map(|operation| operation.path.as_str())) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(
            "add the operation to the connector's definition, or call the vendor with an `Http` action",
        ),
    }
}

/// Policies for an operation; a call that no operation fits only meets those that are for all.
fn policies<'a>(
    definition: &'a ConnectorDefinition,
    operation: Option<&'a Operation>,
) -> impl Iterator<Item = &'a policy::Policy> {
    let id = operation.map_or("", |operation| operation.id.as_str());
    definition.policies.iter().filter(move |policy| policy.covers(id))
}

/// Why an operation cannot run here, if so.
pub(super) fn refusal(definition: &ConnectorDefinition, operation: Option<&Operation>) -> Option<String> {
    let id = operation.map_or("", |operation| operation.id.as_str());
    if definition.scripts.cover(id) {
        return Some(format!("operation `{id}` needs a script of the connector, which is not supported"));
    }
    policies(definition, operation).find_map(|policy| match &policy.effect {
        Effect::Unsupported(why) => Some(format!("operation `{id}` cannot run: {why}")),
        _ => None,
    })
}

/// The request before credentials and policies.
fn draft(
    definition: &ConnectorDefinition,
    found: Option<(&Operation, PathMatch)>,
    path: &CalledPath,
    method: Text,
    inputs: &Value,
) -> Result<Draft, CallError> {
    let mut draft = Draft {
        method,
        base: definition.base.clone(),
        path: path.as_address(),
        query: path.query.clone(),
        headers: read_headers(inputs.get_ignore_case("headers"))?,
        body: inputs.get_ignore_case("body").cloned().unwrap_or_default(),
        path_parameters: Vec::new(),
        credential_headers: Vec::new(),
    };
    let operation = found.as_ref().map(|(operation, _)| *operation);
    add_queries(operation, inputs.get_ignore_case("queries"), &mut draft.query)?;
    if let Some((operation, fit)) = found {
        draft.path_parameters =
            fit.parameters.into_iter().map(|parameter| decode_twice(operation, parameter)).collect();
        if draft.path_parameters.iter().any(|(_, value)| matches!(value.as_str(), "." | "..")) {
            return Err(CallError::bad_request("a value in the `path` is `.` or `..`"));
        }
        let value = |name: &str| {
            let found = draft.path_parameters.iter().find(|(held, _)| held == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        draft.path = operation.template.fill(value);
        add_defaults(operation, &mut draft);
    }
    Ok(draft)
}

/// A value of the path was decoded once; one that playbooks encode twice is decoded again.
fn decode_twice(operation: &Operation, (name, value): (Text, Text)) -> (Text, Text) {
    let double = operation.parameters.iter().any(|parameter| {
        parameter.location == Location::Path
            && parameter.name == name
            && parameter.encoding == Encoding::Double
    });
    let value = if double { Text::from(decode_component(&value)) } else { value };
    (name, value)
}

fn add_queries(
    operation: Option<&Operation>,
    queries: Option<&Value>,
    out: &mut Vec<(Text, Text)>,
) -> Result<(), CallError> {
    let object = match queries {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(object)) => object,
        Some(other) => {
            return Err(CallError::bad_request(format!("`queries` must be an object, not {}", other.kind())));
        }
    };
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        let declared = operation.and_then(|operation| {
            operation.parameters.iter().find(|parameter| {
                parameter.location == Location::Query && parameter.name.eq_ignore_ascii_case(name)
            })
        });
        let collection = declared.map_or(Collection::Separated(","), |parameter| parameter.collection);
        match (value.as_array(), collection) {
            (Some(items), Collection::Multi) => {
                out.extend(items.iter().map(|item| (name.clone(), Text::from(item_text(item)))));
            }
            (Some(items), Collection::Separated(separator)) => {
                let texts: Vec<String> = items.iter().map(item_text).collect();
                out.push((name.clone(), Text::from(texts.join(separator))));
            }
            (None, _) => out.push((name.clone(), Text::from(scalar_text(value)))),
        }
    }
    Ok(())
}

/// Constants of the template's query, and internal parameters that the playbook does not know of.
fn add_defaults(operation: &Operation, draft: &mut Draft) {
    for (name, value) in operation.template.query() {
        policy::set_query(&mut draft.query, name, value.clone(), policy::Existing::Skip);
    }
    for parameter in &operation.parameters {
        let Some(default) = &parameter.default else { continue };
        let text = Text::from(scalar_text(default));
        match parameter.location {
            Location::Query => {
                policy::set_query(&mut draft.query, &parameter.name, text, policy::Existing::Skip);
            }
            Location::Header if find_header(&draft.headers, &parameter.name).is_none() => {
                set_header(&mut draft.headers, &parameter.name, text);
            }
            Location::Header | Location::Path | Location::Form => {}
        }
    }
    if let Some(defaults) = &operation.body_defaults {
        defaults.fill(&mut draft.body);
    }
}

/// The address put together and the body encoded.
fn finish(
    draft: Draft,
    operation: Option<&Operation>,
    context: &CallContext,
) -> Result<OutgoingRequest, CallError> {
    let base = draft.base.as_deref().ok_or_else(|| {
        CallError::bad_request("the connector's definition names no host")
            .help("give the connection a `serviceUrl`, or the definition a `host`")
    })?;
    let mut address = format!("{}{}", base.trim_end_matches('/'), draft.path);
    if !draft.query.is_empty() {
        address.push('?');
        address.push_str(&write_query(&draft.query));
    }
    let url = Url::parse(&address)
        .ok()
        .filter(|url| {
            matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty())
        })
        .ok_or_else(|| {
            CallError::bad_request("the connector's address is not an absolute `http` or `https` address")
        })?;
    let mut headers = draft.headers;
    let encoded = encode(&draft.body, operation, find_header(&headers, "Content-Type"))?;
    if let Some(content_type) = encoded.content_type {
        set_header(&mut headers, "Content-Type", content_type);
    }
    context.stamp(&mut headers);
    Ok(OutgoingRequest {
        method: draft.method,
        url: url.into(),
        headers,
        body: encoded.bytes,
        credential_headers: draft.credential_headers,
    })
}

/// A form where the operation takes nothing but a form and the body is a plain object; else by the body's own kind.
fn encode(
    body: &Value,
    operation: Option<&Operation>,
    content_type: Option<&str>,
) -> Result<Encoded, CallError> {
    let is_form = |text: &str| {
        text.split(';')
            .next()
            .is_some_and(|t| t.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    };
    let wants_form = match content_type {
        Some(content_type) => is_form(content_type),
        None => operation.is_some_and(|operation| {
            !operation.consumes.is_empty() && operation.consumes.iter().all(|media| is_form(media))
        }),
    };
    match body {
        Value::Object(fields) if wants_form && !fields.contains_key("$content-type") => {
            Ok(encode_form(fields))
        }
        _ => encode_body(body, content_type),
    }
}
