//! Credentials in what a writer sends: left out, by the names of the members that hold them.

use riposte_value::{Object, Value};

/// Members that hold credentials wherever they stand: lower case, without `_` and `-`.
const NAMES: &[&str] = &[
    "accesstoken",
    "apikey",
    "authorizationcode",
    "clientsecret",
    "connectionstring",
    "password",
    "privatekey",
    "refreshtoken",
    "sastoken",
    "secret",
    "sharedkey",
    "token",
];

/// What the names of members inside `auth` end in that hold credentials: `jwtToken`, `adminPassword`.
const ENDS_IN_AUTH: &[&str] = &["apikey", "password", "privatekey", "secret", "sharedkey", "token"];

/// The object without the members that hold credentials, at any depth.
pub(super) fn without_credentials(object: &Object) -> Object {
    members(object, false)
}

fn members(object: &Object, in_auth: bool) -> Object {
    let mut kept = Object::with_capacity(object.len());
    for (name, value) in object {
        let plain = plain(name);
        if !is_credential(&plain, in_auth) {
            kept.insert(name.clone(), value_of(value, in_auth || plain == "auth"));
        }
    }
    kept
}

fn value_of(value: &Value, in_auth: bool) -> Value {
    match value {
        Value::Object(object) => Value::from(members(object, in_auth)),
        Value::Array(items) => Value::array(items.iter().map(|item| value_of(item, in_auth))),
        other => other.clone(),
    }
}

fn is_credential(plain: &str, in_auth: bool) -> bool {
    NAMES.contains(&plain) || (in_auth && ENDS_IN_AUTH.iter().any(|end| plain.ends_with(end)))
}

/// The name as the lists write it: vendors write `client_secret` and `Api-Key`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-')).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn credentials_are_left_out_at_any_depth() {
        for (given, kept) in [
            (value!({"clientId": "c", "clientSecret": "s"}), value!({"clientId": "c"})),
            (value!({"APIKEY": "s", "api_key": "s", "Api-Key": "s"}), value!({})),
            (
                value!({"apiKeyName": "X-Key", "tokenEndpoint": "https://t"}),
                value!({"apiKeyName": "X-Key", "tokenEndpoint": "https://t"}),
            ),
            (
                value!({"auth": {"type": "Basic", "UserName": "u", "Password": "s"}}),
                value!({"auth": {"type": "Basic", "UserName": "u"}}),
            ),
            (
                value!({"auth": {"request": [{"jwtToken": "s", "scope": "a"}]}, "jwtToken": "name"}),
                value!({"auth": {"request": [{"scope": "a"}]}, "jwtToken": "name"}),
            ),
            (value!({"a": [{"b": {"connectionString": {"c": "s"}}}, 1]}), value!({"a": [{"b": {}}, 1]})),
        ] {
            let object = given.as_object().unwrap();
            assert_eq!(Value::from(without_credentials(object)), kept, "{given}");
        }
        for name in [
            "clientSecret",
            "password",
            "apiKey",
            "privateKey",
            "token",
            "accessToken",
            "refreshToken",
            "sharedKey",
            "secret",
            "connectionString",
            "sasToken",
        ] {
            for name in [name.to_owned(), name.to_uppercase()] {
                let mut object = Object::new();
                object.insert(name.as_str(), "s");
                assert!(without_credentials(&object).is_empty(), "{name}");
            }
        }
    }
}
