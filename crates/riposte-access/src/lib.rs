//! Who may do what, where: principals, role definitions, role assignments, and the one check.
//!
//! The model is Azure's. A role definition names actions (`Microsoft.SecurityInsights/incidents/read`, with `*` for any
//! text) and takes some away again (`notActions`, which take away only what the same role gave); an assignment gives a
//! principal a role at a scope and everything beneath it. What no assignment allows is denied.
//!
//! ```
//! use riposte_access::{Assignment, Principal, check};
//!
//! let ana = Principal::user("0b1e1e5a-0000-4000-8000-00000000a17a");
//! let assignments = [Assignment::new(&ana.id, "Microsoft Sentinel Responder", "/subscriptions/s/resourceGroups/soc").unwrap()];
//! let workspace = "/subscriptions/S/resourcegroups/SOC/providers/Microsoft.OperationalInsights/workspaces/w";
//! assert!(check(&ana, "Microsoft.SecurityInsights/incidents/write", workspace, &assignments, &[]).is_allowed());
//! assert!(!check(&ana, "Microsoft.SecurityInsights/incidents/delete", workspace, &assignments, &[]).is_allowed());
//! ```

mod builtin;
mod check;
mod pattern;
mod scope;

pub use builtin::{BUILT_IN_ROLES, BuiltInRole, built_in_role};
pub use check::{Decision, Grant, check};
pub use pattern::action_matches;
pub use scope::{Scope, covers};

use serde::{Deserialize, Serialize};

/// The fixed principal id of the account that automation rules start playbooks with.
pub const SERVICE_ACCOUNT: &str = "5e9d1e11-0000-4000-8000-5ec0a7000001";

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PrincipalType {
    /// A person.
    User,
    /// A group.
    Group,
    /// A program.
    ServicePrincipal,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The object id.
    pub id: String,
    /// What it is.
    pub kind: PrincipalType,
    /// The object ids of the groups that it is in.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl Principal {
    /// A person in no group.
    pub fn user(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: PrincipalType::User, groups: Vec::new() }
    }

    /// A program in no group.
    pub fn service(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: PrincipalType::ServicePrincipal, groups: Vec::new() }
    }

    /// The account that automation rules start playbooks with.
    pub fn service_account() -> Self {
        Self::service(SERVICE_ACCOUNT)
    }

    /// Whether an assignment to this object id is an assignment to the principal.
    pub fn is(&self, id: &str) -> bool {
        std::iter::once(&self.id).chain(&self.groups).any(|own| own.eq_ignore_ascii_case(id))
    }
}

/// A role that an operator defined; the built-in ones are in [`BUILT_IN_ROLES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleDefinition {
    /// The GUID.
    pub name: String,
    /// What people call it.
    pub role_name: String,
    /// What it allows.
    #[serde(default)]
    pub actions: Vec<String>,
    /// What of that it does not allow.
    #[serde(default)]
    pub not_actions: Vec<String>,
}

/// A role given to a principal at a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assignment {
    /// The name (GUID); empty for one that is not stored.
    #[serde(default)]
    pub name: String,
    /// Whose.
    pub principal_id: String,
    /// The GUID of the role definition.
    pub role: String,
    /// Where, with everything beneath; `/` is everywhere.
    pub scope: String,
}

impl Assignment {
    /// An assignment of a built-in role, named by its name, its GUID or the ARM id of its definition.
    pub fn new(principal: &str, role: &str, scope: &str) -> Option<Self> {
        let role = built_in_role(role)?;
        Some(Self {
            name: String::new(),
            principal_id: principal.to_owned(),
            role: role.id.to_owned(),
            scope: scope.to_owned(),
        })
    }
}
