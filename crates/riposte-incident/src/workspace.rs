//! The workspace that incidents lie in, and the ids of what lies in it.

use crate::json::object;
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// The provider's name as it stands in ids.
pub const PROVIDER: &str = "Microsoft.SecurityInsights";

/// A workspace: where it is and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceRef {
    /// The subscription's GUID.
    pub subscription: Text,
    /// The resource group's name.
    pub resource_group: Text,
    /// The workspace's name.
    pub name: Text,
    /// The workspace's GUID.
    pub id: Text,
    /// The tenant's GUID.
    pub tenant: Text,
}

impl WorkspaceRef {
    /// The ARM id.
    pub fn arm_id(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.OperationalInsights/workspaces/{}",
            self.subscription, self.resource_group, self.name
        )
    }

    /// Whether an ARM id lies in another workspace.
    pub fn is_elsewhere(&self, id: &str) -> bool {
        let mut segments = id.split('/');
        if !segments.any(|segment| segment.eq_ignore_ascii_case("workspaces")) {
            return false;
        }
        let rest: usize = segments.skip(1).map(|segment| segment.len() + 1).sum();
        let workspace = id.get(..id.len().saturating_sub(rest)).unwrap_or(id);
        !workspace.eq_ignore_ascii_case(&self.arm_id())
    }

    /// The ARM id of something of the provider in this workspace: `…/providers/Microsoft.SecurityInsights/{kind}/{name}`.
    pub fn resource_id(&self, kind: &str, name: &str) -> String {
        format!("{}/providers/{PROVIDER}/{kind}/{name}", self.arm_id())
    }

    /// The ARM id of an incident.
    pub fn incident_id(&self, name: &str) -> String {
        self.resource_id("Incidents", name)
    }

    /// The ARM id of an entity; alerts are entities too.
    pub fn entity_id(&self, name: &str) -> String {
        self.resource_id("Entities", name)
    }

    /// The ARM id of an analytics rule.
    pub fn alert_rule_id(&self, name: &str) -> String {
        self.resource_id("alertRules", name)
    }

    /// Where Azure's portal shows an incident.
    pub fn incident_url(&self, name: &str) -> String {
        format!(
            "https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident{}",
            self.incident_id(name)
        )
    }

    /// The `workspaceInfo` of trigger bodies.
    pub fn info(&self) -> Value {
        object([
            ("SubscriptionId", (&self.subscription).into()),
            ("ResourceGroupName", (&self.resource_group).into()),
            ("WorkspaceName", (&self.name).into()),
        ])
    }
}
