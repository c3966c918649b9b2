//! Carrying policies out on a request that is being built.

use super::text::{PolicyPiece, PolicyText};
use super::{Effect, Existing, Policy};
use crate::definition::connection::Connection;
use crate::error::CallError;
use crate::http_action::check_header;
use crate::message::{find_header, set_header};
use crate::query::{encode_address, encode_component, read_query, scalar_text};
use riposte_value::{Object, Text, Value};

/// A request on its way through the policies.
pub(crate) struct Draft {
    pub(crate) method: Text,
    /// Scheme, host, port and base path.
    pub(crate) base: Option<Text>,
    /// The encoded path after the base.
    pub(crate) path: String,
    pub(crate) query: Vec<(Text, Text)>,
    pub(crate) headers: Vec<(Text, Text)>,
    pub(crate) body: Value,
    /// Values of the path's parameters, decoded.
    pub(crate) path_parameters: Vec<(Text, Text)>,
    pub(crate) credential_headers: Vec<Text>,
}

/// Carries a policy out.
pub(crate) fn apply(policy: &Policy, connection: &Connection, draft: &mut Draft) -> Result<(), CallError> {
    match &policy.effect {
        Effect::Ignored => Ok(()),
        Effect::Unsupported(why) => Err(CallError::new("OperationNotSupported", why.clone())),
        Effect::SetHeader { name, value, existing } => {
            let text = evaluate(value, connection, draft, Encode::No)?;
            check_header(name, &text)?;
            if value.holds_connection_parameter() {
                draft.credential_headers.push(name.clone());
            }
            set_header_by(draft, name, text, *existing);
            Ok(())
        }
        Effect::SetQuery { name, value, existing } => {
            let text = Text::from(evaluate(value, connection, draft, Encode::No)?);
            set_query(&mut draft.query, name, text, *existing);
            Ok(())
        }
        Effect::SetProperty { parent, property, value } => {
            let value = evaluate_value(value, connection, draft)?;
            let path: Vec<&Text> = parent.iter().chain(property).collect();
            set_property(&mut draft.body, &path, value)
        }
        Effect::SetHost { url } => {
            let url = evaluate(url, connection, draft, Encode::No)?;
            let (base, query) = url.split_once('?').unwrap_or((&url, ""));
            draft.query.extend(read_query(query));
            draft.base = Some(Text::from(with_scheme(base)));
            Ok(())
        }
        Effect::Route { path, method } => route(path, method.as_ref(), connection, draft),
    }
}

fn route(
    path: &PolicyText,
    method: Option<&PolicyText>,
    connection: &Connection,
    draft: &mut Draft,
) -> Result<(), CallError> {
    let address = evaluate(path, connection, draft, Encode::Parameters)?;
    if let Some(method) = method {
        draft.method = Text::from(evaluate(method, connection, draft, Encode::No)?.to_ascii_uppercase());
    }
    let (path, query) = address.split_once('?').unwrap_or((&address, ""));
    for (name, value) in read_query(query) {
        set_query(&mut draft.query, &name, value, Existing::Override);
    }
    draft.path = format!("/{}", encode_address(path.strip_prefix('/').unwrap_or(path)));
    Ok(())
}

impl PolicyText {
    /// Whether this value of the connection is used.
    pub(crate) fn uses_connection_parameter(&self, name: &str) -> bool {
        self.pieces.iter().any(
            |piece| matches!(piece, PolicyPiece::ConnectionParameter(held, _) if held.eq_ignore_ascii_case(name)),
        )
    }

    /// Whether a value of the connection flows into the text, so that it may be a secret.
    fn holds_connection_parameter(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, PolicyPiece::ConnectionParameter(..) | PolicyPiece::Header(..)))
    }
}

/// Whether values put into a text are percent-encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encode {
    No,
    Parameters,
}

fn evaluate(
    text: &PolicyText,
    connection: &Connection,
    draft: &Draft,
    encode: Encode,
) -> Result<String, CallError> {
    let mut out = String::new();
    for piece in &text.pieces {
        if let PolicyPiece::Literal(literal) = piece {
            out.push_str(literal);
            continue;
        }
        let value = scalar_text(&evaluate_piece(piece, connection, draft)?);
        match encode {
            Encode::Parameters => out.push_str(&encode_component(&value)),
            Encode::No => out.push_str(&value),
        }
    }
    Ok(out)
}

/// A text that is one expression keeps the kind of its value.
fn evaluate_value(text: &PolicyText, connection: &Connection, draft: &Draft) -> Result<Value, CallError> {
    match text.pieces.as_slice() {
        [piece] => evaluate_piece(piece, connection, draft),
        _ => evaluate(text, connection, draft, Encode::No).map(Value::from),
    }
}

fn evaluate_piece(piece: &PolicyPiece, connection: &Connection, draft: &Draft) -> Result<Value, CallError> {
    let or_default = |found: Option<Value>, default: &Option<Text>| {
        found.or_else(|| default.as_ref().map(Value::from)).unwrap_or_else(|| Value::from(""))
    };
    Ok(match piece {
        PolicyPiece::Literal(text) => Value::from(text),
        PolicyPiece::ConnectionParameter(name, default) => match (connection.value(name), default) {
            (Some(value), _) => Value::from(value),
            (None, Some(default)) => Value::from(default),
            (None, None) => return Err(Connection::missing(name)),
        },
        PolicyPiece::Header(name, default) => {
            or_default(find_header(&draft.headers, name).map(Value::from), default)
        }
        PolicyPiece::Query(name, default) => {
            let found = draft.query.iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
            or_default(found.map(|(_, value)| Value::from(value)), default)
        }
        PolicyPiece::Body(path) => {
            path.iter().try_fold(&draft.body, |value, name| value.get(name)).cloned().unwrap_or_default()
        }
        PolicyPiece::PathParameter(name) => {
            let found = draft.path_parameters.iter().find(|(held, _)| held.eq_ignore_ascii_case(name));
            found.map(|(_, value)| Value::from(value)).ok_or_else(|| {
                CallError::new(
                    "OperationNotSupported",
                    format!("a policy uses `{{{name}}}`, which the path does not have"),
                )
            })?
        }
        PolicyPiece::OriginalMethod => Value::from(&draft.method),
    })
}

fn set_header_by(draft: &mut Draft, name: &str, value: String, existing: Existing) {
    let before = find_header(&draft.headers, name).map(str::to_owned);
    match (existing, before) {
        (Existing::Skip, Some(_)) => {}
        (Existing::Append, Some(before)) => {
            set_header(&mut draft.headers, name, Text::from(format!("{before},{value}")));
        }
        _ => set_header(&mut draft.headers, name, Text::from(value)),
    }
}

/// Sets a query parameter by what is to happen where there is one.
pub(crate) fn set_query(query: &mut Vec<(Text, Text)>, name: &str, value: Text, existing: Existing) {
    let held = query.iter().any(|(held, _)| held.eq_ignore_ascii_case(name));
    match existing {
        Existing::Skip if held => return,
        Existing::Override => query.retain(|(held, _)| !held.eq_ignore_ascii_case(name)),
        Existing::Skip | Existing::Append => {}
    }
    query.push((Text::new(name), value));
}

/// Sets a property of the body, making the objects on the way.
fn set_property(body: &mut Value, path: &[&Text], value: Value) -> Result<(), CallError> {
    let [name, rest @ ..] = path else {
        *body = value;
        return Ok(());
    };
    if body.is_null() {
        *body = Value::from(Object::new());
    }
    let kind = body.kind();
    let object = body.as_object_mut().ok_or_else(|| {
        CallError::bad_request(format!(
            "a policy sets property `{name}` of the body, which is no object but {kind}"
        ))
    })?;
    if rest.is_empty() {
        object.insert((*name).clone(), value);
        return Ok(());
    }
    if !object.contains_key(name) {
        object.insert((*name).clone(), Object::new());
    }
    object.get_mut(name).map_or(Ok(()), |inner| set_property(inner, rest, value))
}

/// A host without a scheme is meant as `https`.
fn with_scheme(base: &str) -> String {
    if base.contains("://") { base.to_owned() } else { format!("https://{base}") }
}
