//! The built-in roles, with Azure's names and GUIDs and those of their actions that mean something here.

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BuiltInRole {
    /// The GUID of its definition.
    pub id: &'static str,
    /// What people call it.
    pub role_name: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it allows.
    pub actions: &'static [&'static str],
    /// What of that it does not allow.
    pub not_actions: &'static [&'static str],
}

impl BuiltInRole {
    /// The ARM id of its definition, within a subscription or (with an empty one) the whole tenant.
    pub fn definition_id(&self, subscription: &str) -> String {
        let id = self.id;
        if subscription.is_empty() {
            format!("/providers/Microsoft.Authorization/roleDefinitions/{id}")
        } else {
            format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{id}")
        }
    }
}

/// The built-in role that a GUID, the ARM id of a definition or a name (`Owner`) names, without regard to case.
pub fn built_in_role(role: &str) -> Option<&'static BuiltInRole> {
    let id = role.trim().trim_end_matches('/').rsplit('/').next().unwrap_or(role);
    BUILT_IN_ROLES
        .iter()
        .find(|known| known.id.eq_ignore_ascii_case(id) || known.role_name.eq_ignore_ascii_case(role.trim()))
}

const CONFIDENTIAL_WATCHLISTS: &str = "Microsoft.SecurityInsights/ConfidentialWatchlists/*";

/// Every built-in role.
pub static BUILT_IN_ROLES: &[BuiltInRole] = &[
    BuiltInRole {
        id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        role_name: "Owner",
        description: "everything, giving roles included",
        actions: &["*"],
        not_actions: &[],
    },
    BuiltInRole {
        id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        role_name: "Contributor",
        description: "everything but giving roles",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
    },
    BuiltInRole {
        id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        role_name: "Reader",
        description: "reads everything",
        actions: &["*/read"],
        not_actions: &[],
    },
    BuiltInRole {
        id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        role_name: "User Access Administrator",
        description: "reads everything and gives roles",
        actions: &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        not_actions: &[],
    },
    BuiltInRole {
        id: "8d289c81-5878-46d4-8554-54e1e3d8b5cb",
        role_name: "Microsoft Sentinel Reader",
        description: "reads incidents, rules and data",
        actions: &[
            "Microsoft.SecurityInsights/*/read",
            "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
            "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
            "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action",
            "Microsoft.OperationalInsights/workspaces/analytics/query/action",
            "Microsoft.OperationalInsights/workspaces/*/read",
            "Microsoft.OperationalInsights/workspaces/read",
            "Microsoft.Insights/workbooks/read",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &[CONFIDENTIAL_WATCHLISTS],
    },
    BuiltInRole {
        id: "3e150937-b8fe-4cfb-8069-0eaf05ecd056",
        role_name: "Microsoft Sentinel Responder",
        description: "works on incidents and writes automation rules",
        actions: &[
            "Microsoft.SecurityInsights/*/read",
            "Microsoft.SecurityInsights/dataConnectorsCheckRequirements/action",
            "Microsoft.SecurityInsights/automationRules/*",
            "Microsoft.SecurityInsights/cases/*",
            "Microsoft.SecurityInsights/incidents/*",
            "Microsoft.SecurityInsights/entities/runPlaybook/action",
            "Microsoft.SecurityInsights/threatIntelligence/indicators/appendTags/action",
            "Microsoft.SecurityInsights/threatIntelligence/indicators/query/action",
            "Microsoft.SecurityInsights/threatIntelligence/indicators/replaceTags/action",
            "Microsoft.SecurityInsights/threatIntelligence/bulkTag/action",
            "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action",
            "Microsoft.OperationalInsights/workspaces/analytics/query/action",
            "Microsoft.OperationalInsights/workspaces/*/read",
            "Microsoft.OperationalInsights/workspaces/read",
            "Microsoft.Insights/workbooks/read",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &[
            "Microsoft.SecurityInsights/cases/*/Delete",
            "Microsoft.SecurityInsights/cases/Delete",
            "Microsoft.SecurityInsights/incidents/*/Delete",
            // the role names only the line above; that deleting the incident itself needs Contributor is documented
            "Microsoft.SecurityInsights/incidents/Delete",
            CONFIDENTIAL_WATCHLISTS,
        ],
    },
    BuiltInRole {
        id: "ab8e14d6-4a74-4a29-9ba8-549422addade",
        role_name: "Microsoft Sentinel Contributor",
        description: "manages everything of Microsoft.SecurityInsights",
        actions: &[
            "Microsoft.SecurityInsights/*",
            "Microsoft.OperationalInsights/workspaces/analytics/query/action",
            "Microsoft.OperationalInsights/workspaces/*/read",
            "Microsoft.OperationalInsights/workspaces/read",
            "Microsoft.OperationalInsights/workspaces/savedSearches/*",
            "Microsoft.Insights/workbooks/*",
            "Microsoft.Authorization/*/read",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
        ],
        not_actions: &[CONFIDENTIAL_WATCHLISTS],
    },
    BuiltInRole {
        id: "51d6186e-6489-4900-b93f-92e23144cca5",
        role_name: "Microsoft Sentinel Playbook Operator",
        description: "lists playbooks and starts them by hand",
        actions: &[
            "Microsoft.Logic/workflows/read",
            "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
            "Microsoft.Web/sites/read",
            "Microsoft.Web/sites/hostruntime/webhooks/api/workflows/triggers/listCallbackUrl/action",
        ],
        not_actions: &[],
    },
    BuiltInRole {
        id: "f4c81013-99ee-4d62-a7ee-b3f1f648599a",
        role_name: "Microsoft Sentinel Automation Contributor",
        description: "lets automation rules start playbooks; for the service account",
        actions: &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Logic/workflows/triggers/read",
            "Microsoft.Logic/workflows/triggers/listCallbackUrl/action",
            "Microsoft.Logic/workflows/runs/read",
            "Microsoft.Web/sites/hostruntime/webhooks/api/workflows/triggers/read",
            "Microsoft.Web/sites/hostruntime/webhooks/api/workflows/triggers/listCallbackUrl/action",
            "Microsoft.Web/sites/hostruntime/webhooks/api/workflows/runs/read",
        ],
        not_actions: &[],
    },
    BuiltInRole {
        id: "87a39d53-fc1b-424a-814c-f7e04687dc9e",
        role_name: "Logic App Contributor",
        description: "manages playbooks and connections",
        actions: &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Insights/diagnosticSettings/*",
            "Microsoft.Insights/logdefinitions/*",
            "Microsoft.Insights/metricDefinitions/*",
            "Microsoft.Logic/*",
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/subscriptions/operationresults/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Storage/storageAccounts/listkeys/action",
            "Microsoft.Storage/storageAccounts/read",
            "Microsoft.Web/connectionGateways/*",
            "Microsoft.Web/connections/*",
            "Microsoft.Web/customApis/*",
        ],
        not_actions: &[],
    },
    BuiltInRole {
        id: "515c2055-d9d4-4321-b1b9-bd0c9a0f79fe",
        role_name: "Logic App Operator",
        description: "reads playbooks, turns them on and off",
        actions: &[
            "Microsoft.Authorization/*/read",
            "Microsoft.Logic/*/read",
            "Microsoft.Logic/workflows/disable/action",
            "Microsoft.Logic/workflows/enable/action",
            "Microsoft.Logic/workflows/validate/action",
            "Microsoft.Resources/deployments/operations/read",
            "Microsoft.Resources/subscriptions/operationresults/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Web/connectionGateways/*/read",
            "Microsoft.Web/connections/*/read",
            "Microsoft.Web/customApis/*/read",
        ],
        not_actions: &[],
    },
];
