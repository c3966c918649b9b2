//! The built-in roles as ARM resources, `Microsoft.Authorization/roleDefinitions`.

use crate::Engine;
use crate::error::{Error, ErrorKind, Result};
use riposte_access::{BUILT_IN_ROLES, BuiltInRole, built_in_role};
use riposte_value::Value;

/// What refuses a role that is not there; Azure's code and words.
pub(crate) fn no_such_role(definition: &str) -> Error {
    let message = format!("The specified role definition with ID '{definition}' does not exist.");
    Error::new(ErrorKind::BadRequest, "RoleDefinitionDoesNotExist", message)
}

fn to_arm(role: &BuiltInRole, scope: &str) -> Value {
    let texts = |texts: &[&str]| Value::array(texts.iter().map(|text| Value::from(*text)));
    Value::object([
        ("id", Value::from(role.definition_id(subscription_of(scope)))),
        ("name", Value::from(role.id)),
        ("type", Value::from("Microsoft.Authorization/roleDefinitions")),
        (
            "properties",
            Value::object([
                ("roleName", Value::from(role.role_name)),
                ("type", Value::from("BuiltInRole")),
                ("description", Value::from(role.description)),
                ("assignableScopes", texts(&["/"])),
                (
                    "permissions",
                    Value::array([Value::object([
                        ("actions", texts(role.actions)),
                        ("notActions", texts(role.not_actions)),
                        ("dataActions", texts(&[])),
                        ("notDataActions", texts(&[])),
                    ])]),
                ),
            ]),
        ),
    ])
}

/// The subscription of a scope; empty for what lies above subscriptions.
fn subscription_of(scope: &str) -> &str {
    let mut segments = scope.trim_start_matches('/').split('/');
    match (segments.next(), segments.next()) {
        (Some(word), Some(subscription)) if word.eq_ignore_ascii_case("subscriptions") => subscription,
        _ => "",
    }
}

impl Engine {
    /// The roles that can be assigned at a scope.
    pub fn role_definitions(&self, scope: &str) -> Vec<Value> {
        BUILT_IN_ROLES.iter().map(|role| to_arm(role, scope)).collect()
    }

    /// The role of a GUID.
    pub fn role_definition(&self, scope: &str, id: &str) -> Result<Value> {
        let role = built_in_role(id).filter(|role| role.id.eq_ignore_ascii_case(id));
        let role = role.ok_or_else(|| Error { kind: ErrorKind::NotFound, ..no_such_role(id) })?;
        Ok(to_arm(role, scope))
    }
}

#[cfg(test)]
mod tests {
    use super::subscription_of;

    #[test]
    fn subscriptions_of_scopes() {
        for (scope, subscription) in
            [("/", ""), ("/subscriptions/s", "s"), ("/Subscriptions/s/resourceGroups/g", "s"), ("", "")]
        {
            assert_eq!(subscription_of(scope), subscription, "{scope}");
        }
    }
}
