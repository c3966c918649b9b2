//! What history may show of a call.

use crate::message::is_credential_header;
use riposte_value::{Object, Text, Value};

/// What stands in place of a secret, as the service writes it.
pub const SANITIZED: &str = "*sanitized*";

/// Properties of an `authentication` object that may be shown; everything else in it is masked.
const AUTHENTICATION_SHOWN: &[&str] = &[
    "type",
    "username",
    "tenant",
    "audience",
    "resource",
    "authority",
    "clientId",
    "credentialType",
    "identity",
];

/// Parts of header names that mark a header as a credential (`x-apikey`, `X-Auth-Token`, …).
const CREDENTIAL_NAME_PARTS: &[&str] = &[
    "api-key",
    "apikey",
    "api_key",
    "auth-token",
    "access-token",
    "subscription-key",
    "functions-key",
    "x-auth",
    "secret",
    "password",
];

/// The headers with the values of credentials masked. `credential_headers` are names beside the usual ones.
pub fn mask_headers(headers: &[(Text, Text)], credential_headers: &[Text]) -> Vec<(Text, Text)> {
    let held = |name: &str| credential_headers.iter().any(|held| held.eq_ignore_ascii_case(name));
    headers
        .iter()
        .map(|(name, value)| {
            let masked = names_credential(name) || held(name);
            (name.clone(), if masked { Text::new_static(SANITIZED) } else { value.clone() })
        })
        .collect()
}

/// An action's inputs as history shows them: secrets of `authentication` (also inside `subscribe` and `unsubscribe`),
/// `cookie`, and the values of credential headers masked.
///
/// ```
/// use riposte_value::value;
/// let inputs = value!({ "uri": "https://a.example", "authentication": { "type": "Basic", "username": "u", "password": "p" } });
/// assert_eq!(
///     riposte_connector::mask_inputs(&inputs).at(&["authentication", "password"]),
///     Some(&value!("*sanitized*"))
/// );
/// ```
pub fn mask_inputs(inputs: &Value) -> Value {
    mask_properties(inputs, |name, value| match name {
        // HttpWebhook nests whole requests, one level deep.
        "subscribe" | "unsubscribe" => mask_properties(value, mask_request_property),
        _ => mask_request_property(name, value),
    })
}

/// The object with each value replaced by what `mask` makes of its name (in lower case) and itself.
fn mask_properties(value: &Value, mask: impl Fn(&str, &Value) -> Value) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let masked = object.iter().map(|(name, value)| (name.clone(), mask(&name.to_ascii_lowercase(), value)));
    Value::from(masked.collect::<Object>())
}

fn mask_request_property(name: &str, value: &Value) -> Value {
    match name {
        "authentication" => mask_authentication(value),
        "headers" => mask_properties(value, |name, value| {
            if names_credential(name) { Value::from(SANITIZED) } else { value.clone() }
        }),
        "cookie" if !value.is_null() => Value::from(SANITIZED),
        _ => value.clone(),
    }
}

fn mask_authentication(authentication: &Value) -> Value {
    match authentication {
        Value::Null => Value::Null,
        Value::Object(_) => mask_properties(authentication, |name, value| {
            let shown = AUTHENTICATION_SHOWN.iter().any(|shown| name.eq_ignore_ascii_case(shown));
            if shown { value.clone() } else { Value::from(SANITIZED) }
        }),
        // Anything else is no authentication that could be told apart from a secret.
        _ => Value::from(SANITIZED),
    }
}

/// Whether a header's name says that it carries a credential.
fn names_credential(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_credential_header(name)
        || lower == "set-cookie"
        || lower.ends_with("-token")
        || CREDENTIAL_NAME_PARTS.iter().any(|part| lower.contains(part))
}
