//! What history shows of the inputs of outside calls: secrets read `*sanitized*`. Measured on the service for the
//! properties of `authentication`; the `Authorization` header is hidden likewise.

use riposte_value::{Object, Value};

/// What stands for a secret.
pub(crate) const MASK: &str = "*sanitized*";
/// The secret properties of the authentication kinds (Basic, `ClientCertificate`, `ActiveDirectoryOAuth`, Raw), and the
/// names that other kinds use.
const SECRETS: &[&str] = &[
    "password",
    "secret",
    "clientSecret",
    "pfx",
    "value",
    "key",
    "apiKey",
    "token",
    "certificate",
    "privateKey",
];
const SECRET_HEADERS: &[&str] =
    &["Authorization", "Ocp-Apim-Subscription-Key", "Proxy-Authorization", "x-functions-key"];

/// The inputs with their secrets hidden.
pub(crate) fn sanitized(inputs: &Value) -> Value {
    let mut shown = inputs.clone();
    if let Some(object) = shown.as_object_mut() {
        hide(object, "authentication", SECRETS);
        hide(object, "headers", SECRET_HEADERS);
        if let Some(name) = object.get_key_value_ignore_case("subscriptionKey").map(|(name, _)| name.clone())
        {
            object.insert(name, Value::text(MASK));
        }
    }
    shown
}

fn hide(inputs: &mut Object, property: &str, secrets: &[&str]) {
    let Some(name) = inputs.get_key_value_ignore_case(property).map(|(name, _)| name.clone()) else { return };
    let Some(group) = inputs.get_mut(&name) else { return };
    // text here is a secret as a whole: an expression that came to `Bearer …`
    if property == "authentication" && group.as_str().is_some() {
        *group = Value::text(MASK);
        return;
    }
    let is_secret = |name: &str| secrets.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    if !group.as_object().is_some_and(|group| group.keys().any(|name| is_secret(name))) {
        return;
    }
    if let Some(group) = group.as_object_mut() {
        group
            .iter_mut()
            .filter(|(name, _)| is_secret(name))
            .for_each(|(_, value)| *value = Value::text(MASK));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn secrets_are_hidden_and_nothing_else() {
        let inputs = value!({
            "uri": "https://example.com",
            "headers": { "authorization": "Bearer x", "Accept": "a" },
            "authentication": { "type": "Basic", "username": "u", "Password": "p" }
        });
        let shown = value!({
            "uri": "https://example.com",
            "headers": { "authorization": "*sanitized*", "Accept": "a" },
            "authentication": { "type": "Basic", "username": "u", "Password": "*sanitized*" }
        });
        assert_eq!(sanitized(&inputs), shown);
    }
}
