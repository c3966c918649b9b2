//! What of a file's resources is kept here, and in which order it is applied.

use crate::rules::TENANT_RULE_TYPE;
use riposte_arm::{Resource, ResourceId};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value};

/// Where an import goes.
#[derive(Debug, Clone)]
pub(super) struct Placement {
    pub(super) subscription: String,
    pub(super) resource_group: String,
    pub(super) workspace: String,
}

/// A kind of resource, in the order of application: what others need comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Workspace,
    Connection,
    Playbook,
    RoleAssignment,
    AnalyticsRule,
    AnalyticsRuleAction,
    Watchlist,
    AutomationRule,
    TenantRule,
    /// Not kept here.
    Other,
}

/// A resource to apply.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    pub(super) id: ResourceId,
    pub(super) kind: String,
    pub(super) group: Kind,
    pub(super) body: Value,
    pub(super) file: String,
    pub(super) path: String,
    pub(super) diagnostics: Vec<Diagnostic>,
}

fn group(id: &ResourceId) -> Kind {
    const GROUPS: [(&str, Kind); 10] = [
        ("Microsoft.OperationalInsights/workspaces", Kind::Workspace),
        ("Microsoft.Web/connections", Kind::Connection),
        ("Microsoft.Web/customApis", Kind::Connection),
        ("Microsoft.Logic/workflows", Kind::Playbook),
        ("Microsoft.Authorization/roleAssignments", Kind::RoleAssignment),
        ("Microsoft.SecurityInsights/alertRules", Kind::AnalyticsRule),
        ("Microsoft.SecurityInsights/alertRules/actions", Kind::AnalyticsRuleAction),
        ("Microsoft.SecurityInsights/watchlists", Kind::Watchlist),
        ("Microsoft.SecurityInsights/automationRules", Kind::AutomationRule),
        (TENANT_RULE_TYPE, Kind::TenantRule),
    ];
    GROUPS.iter().find(|(kind, _)| id.is(kind)).map_or(Kind::Other, |(_, group)| *group)
}

/// The resources of a file; its own diagnostics go with the resource that they point into, else with the first.
pub(super) fn of_file(file: &str, resources: Vec<Resource>, diagnostics: Vec<Diagnostic>) -> Vec<Planned> {
    let mut planned: Vec<Planned> =
        resources.into_iter().map(|resource| of_resource(file, resource)).collect();
    for diagnostic in diagnostics {
        let path = diagnostic.location.path.as_deref().unwrap_or_default();
        let at = planned.iter().position(|one| path.starts_with(&one.path) && one.path != "$").unwrap_or(0);
        if let Some(one) = planned.get_mut(at) {
            one.diagnostics.push(diagnostic);
        }
    }
    planned
}

fn of_resource(file: &str, resource: Resource) -> Planned {
    let mut body = Object::new();
    body.insert("name", &resource.name);
    // An etag in a template is that of where it was exported, and says nothing of what is here.
    for (name, value) in [("location", &resource.location), ("kind", &resource.kind)] {
        if let Some(value) = value {
            body.insert(name, value);
        }
    }
    if !resource.tags.is_empty() {
        body.insert("tags", resource.tags);
    }
    if !resource.identity.is_null() {
        body.insert("identity", resource.identity);
    }
    body.insert("properties", resource.properties);
    let group = group(&resource.id);
    Planned {
        kind: resource.id.resource_type(),
        id: resource.id,
        group,
        body: Value::from(body),
        file: file.to_owned(),
        path: resource.path,
        diagnostics: Vec::new(),
    }
}
