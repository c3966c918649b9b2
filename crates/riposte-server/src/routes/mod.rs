//! The one routing table: what every group of routes contributes.
//!
//! A new route is a row in its group's `routes()`; a new group is a file and a line in [`table`]. The row names the
//! Azure action that it needs, and the tests then call it without a token and with one that holds no role.

mod alert_rules;
mod alerts;
mod automation_rules;
mod callbacks;
mod collections;
mod comments;
mod connections;
mod contents;
mod entities;
mod export;
mod health;
mod import;
mod incidents;
mod invoke;
mod manual;
mod metadata;
mod playbooks;
mod relations;
mod role_assignments;
mod role_definitions;
mod run_actions;
mod runs;
mod service_principals;
mod sign_in;
mod tasks;
mod threat_intelligence;
mod timeline;
mod triggers;
mod workflows;
mod workspaces;

use crate::route::{Permission, Route};

/// The beginning of every Sentinel path, as a literal.
macro_rules! sentinel {
    ($rest:literal) => {
        concat!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights",
            "/workspaces/{workspace}/providers/Microsoft.SecurityInsights",
            $rest
        )
    };
}

/// The beginning of every path of a workflow, as a literal.
macro_rules! workflow {
    ($rest:expr) => {
        concat!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{workflow}",
            $rest
        )
    };
}

pub(crate) use {sentinel, workflow};

/// Every row.
pub(crate) fn table() -> Vec<Route> {
    [
        metadata::routes(),
        workspaces::routes(),
        incidents::routes(),
        comments::routes(),
        tasks::routes(),
        relations::routes(),
        alerts::routes(),
        timeline::routes(),
        health::routes(),
        alert_rules::routes(),
        automation_rules::routes(),
        collections::routes(),
        threat_intelligence::routes(),
        entities::routes(),
        playbooks::routes(),
        workflows::routes(),
        triggers::routes(),
        invoke::routes(),
        runs::routes(),
        run_actions::routes(),
        contents::routes(),
        callbacks::routes(),
        connections::routes(),
        role_assignments::routes(),
        role_definitions::routes(),
        import::routes(),
        export::routes(),
        service_principals::routes(),
        sign_in::routes(),
    ]
    .concat()
}

/// A row as others may see it: documentation and tests enumerate the table by this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteSummary {
    /// `GET`, `PUT`, …
    pub method: String,
    /// The path, variables in braces.
    pub path: &'static str,
    /// The Azure action that it needs; `None` where no role is asked for.
    pub action: Option<&'static str>,
    /// Whether it answers without a token.
    pub public: bool,
    /// Whether a caller without the action is answered, with a list of nothing.
    pub filtered: bool,
    /// What it does, in a line.
    pub summary: &'static str,
}

/// Every row of the routing table, in order.
pub fn route_summaries() -> Vec<RouteSummary> {
    table().iter().map(summary).collect()
}

fn summary(route: &Route) -> RouteSummary {
    let action = match route.permission {
        Permission::Action(action) => Some(action),
        Permission::SignedIn(_) | Permission::Public(_) => None,
    };
    RouteSummary {
        method: route.method.to_string(),
        path: route.path,
        action,
        public: matches!(route.permission, Permission::Public(_)),
        filtered: route.scope == crate::route::Scope::EachItem,
        summary: route.summary,
    }
}

#[cfg(test)]
mod tests;
