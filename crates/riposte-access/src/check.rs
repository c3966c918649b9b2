//! The check.

use crate::{Assignment, Principal, RoleDefinition, action_matches, built_in_role, covers};

/// What the check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'a> {
    /// Allowed.
    Allowed(Grant<'a>),
    /// Denied: no assignment allows it.
    Denied,
}

/// What allowed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant<'a> {
    /// The assignment.
    pub assignment: &'a Assignment,
    /// What its role is called.
    pub role_name: &'a str,
}

impl Decision<'_> {
    /// Whether it is allowed.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }
}

/// Whether a principal may do an action at a scope. `definitions` are the roles beside the built-in ones; an
/// assignment of a role that is not known allows nothing.
pub fn check<'a>(
    principal: &Principal,
    action: &str,
    scope: &str,
    assignments: &'a [Assignment],
    definitions: &'a [RoleDefinition],
) -> Decision<'a> {
    for assignment in assignments {
        if !principal.is(&assignment.principal_id) || !covers(&assignment.scope, scope) {
            continue;
        }
        if let Some(role_name) = allowing_role(&assignment.role, action, definitions) {
            return Decision::Allowed(Grant { assignment, role_name });
        }
    }
    Decision::Denied
}

/// The name of the role, if it is known and allows the action.
fn allowing_role<'a>(role: &str, action: &str, definitions: &'a [RoleDefinition]) -> Option<&'a str> {
    if let Some(role) = built_in_role(role) {
        let any = |patterns: &[&str]| patterns.iter().any(|pattern| action_matches(pattern, action));
        return (any(role.actions) && !any(role.not_actions)).then_some(role.role_name);
    }
    let id = role.trim_end_matches('/').rsplit('/').next().unwrap_or(role);
    let role = definitions.iter().find(|definition| definition.name.eq_ignore_ascii_case(id))?;
    let any = |patterns: &[String]| patterns.iter().any(|pattern| action_matches(pattern, action));
    (any(&role.actions) && !any(&role.not_actions)).then_some(role.role_name.as_str())
}
