//! Export: what a workspace and its resource group hold, as ARM templates that import again, here or elsewhere.
//!
//! What is exported and imported comes out the same at the next export. Left out is what a place makes itself (times,
//! etags, versions), and what nobody may read again: the credentials of connections, and the values of secure
//! parameters, which the template asks for as parameters of its own.

mod file;

use crate::Engine;
use crate::access::Caller;
use crate::error::Result;
use crate::rules::TENANT_SCOPE;
use crate::workspaces::Workspace;
use file::ExportFile;
use riposte_diagnostic::Diagnostic;
use riposte_rules::AutomationRule;
use riposte_value::{Object, Value};

const READ_RULES: &str = "Microsoft.SecurityInsights/automationRules/read";

/// A kind of resource that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExportKind {
    /// Connections and custom connectors.
    Connections,
    /// Playbooks.
    Playbooks,
    /// Analytics rules.
    AnalyticsRules,
    /// Watchlists, with their rows.
    Watchlists,
    /// Automation rules.
    AutomationRules,
    /// Rules for several workspaces, which Azure does not know.
    AlertAutomationRules,
}

impl ExportKind {
    /// All of them, in the order in which they are exported: what others need comes first.
    pub const ALL: [Self; 6] = [
        Self::Connections,
        Self::Playbooks,
        Self::AnalyticsRules,
        Self::Watchlists,
        Self::AutomationRules,
        Self::AlertAutomationRules,
    ];

    /// The name in requests, and of the folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Playbooks => "playbooks",
            Self::AnalyticsRules => "analyticsRules",
            Self::Watchlists => "watchlists",
            Self::AutomationRules => "automationRules",
            Self::AlertAutomationRules => "alertAutomationRules",
        }
    }
}

/// What to export.
#[derive(Debug, Clone, Default)]
pub struct ExportRequest {
    /// Which kinds; all of them if it is empty.
    pub kinds: Vec<ExportKind>,
    /// Which resources, by name or display name without regard to case; all of them if it is empty.
    pub names: Vec<String>,
    /// The resource group of playbooks and connections; without it the workspace's.
    pub resource_group: Option<String>,
    /// Leave out what Azure does not know.
    pub strict: bool,
}

/// A resource as reading it shows it, with what makes it a file.
struct Shown {
    kind: ExportKind,
    resource: Value,
    /// What lies below it, and is written into the same file.
    children: Vec<Value>,
    diagnostics: Vec<Diagnostic>,
}

impl Engine {
    /// The templates of a workspace's rules and of its resource group's playbooks and connections: a file each,
    /// `{"files": [{"name", "template", "diagnostics"}], "diagnostics"}`. What the caller may not read is left out; what
    /// cannot be had as asked for is told in `diagnostics`.
    pub async fn export(&self, ws: &Workspace, request: &ExportRequest, caller: &Caller) -> Result<Value> {
        let reference = &ws.reference;
        let group = request.resource_group.as_deref().unwrap_or(&reference.resource_group);
        let scope = format!("/subscriptions/{}/resourceGroups/{group}", reference.subscription);
        let (mut files, mut left_out) = (Vec::new(), Vec::new());
        for shown in self.exported(ws, &scope, request, caller).await? {
            let home = match shown.kind {
                ExportKind::AnalyticsRules
                | ExportKind::Watchlists
                | ExportKind::AutomationRules
                | ExportKind::AlertAutomationRules => riposte_arm::Home::new(
                    &reference.subscription,
                    &reference.resource_group,
                    Some(&reference.name),
                ),
                ExportKind::Connections | ExportKind::Playbooks => {
                    let is_here = group.eq_ignore_ascii_case(&reference.resource_group);
                    let workspace = is_here.then_some(reference.name.as_str());
                    riposte_arm::Home::new(&reference.subscription, group, workspace)
                }
            };
            if shown.resource.is_null() {
                left_out.extend(shown.diagnostics);
            } else {
                files.push(file::write(&shown, &home)?);
            }
        }
        file::name_apart(&mut files);
        let files = files.into_iter().map(ExportFile::into_value);
        let left_out = serde_json::to_value(&left_out).map(Value::from).unwrap_or_default();
        Ok(Value::object([("files", Value::array(files)), ("diagnostics", left_out)]))
    }

    async fn exported(
        &self,
        ws: &Workspace,
        scope: &str,
        request: &ExportRequest,
        caller: &Caller,
    ) -> Result<Vec<Shown>> {
        let mut all = Vec::new();
        for kind in ExportKind::ALL {
            if !request.kinds.is_empty() && !request.kinds.contains(&kind) {
                continue;
            }
            let plain = |resources: Vec<Value>| resources.into_iter().map(|one| (one, Vec::new())).collect();
            let (resources, action): (Vec<(Value, Vec<Diagnostic>)>, _) = match kind {
                ExportKind::Connections => {
                    (plain(self.connections(scope).await?), "Microsoft.Web/connections/read")
                }
                ExportKind::Playbooks => {
                    (plain(self.playbooks(scope).await?), "Microsoft.Logic/workflows/read")
                }
                ExportKind::AnalyticsRules => {
                    (plain(self.analytics_rules(ws).await?), "Microsoft.SecurityInsights/alertRules/read")
                }
                ExportKind::Watchlists => {
                    (self.watchlists_as_written(ws).await?, "Microsoft.SecurityInsights/watchlists/read")
                }
                ExportKind::AutomationRules => {
                    (plain(self.automation_rules_as_written(ws).await?), READ_RULES)
                }
                ExportKind::AlertAutomationRules => {
                    (plain(self.alert_automation_rules_as_written(ws).await?), READ_RULES)
                }
            };
            for (resource, told) in resources {
                let id = resource.str_at(&["id"]).unwrap_or_default();
                let at = if kind == ExportKind::AlertAutomationRules { TENANT_SCOPE } else { id };
                if self.authorize(caller, action, at).is_err() || !is_wanted(&resource, &request.names) {
                    continue;
                }
                let (resource, diagnostics) = match kind {
                    ExportKind::AutomationRules if request.strict => strictly(resource),
                    ExportKind::AlertAutomationRules => for_several(resource, request.strict),
                    _ => (resource, told),
                };
                let children = match (kind, resource.str_at(&["name"])) {
                    (ExportKind::AnalyticsRules, Some(name)) => self.analytics_rule_actions(ws, name).await?,
                    _ => Vec::new(),
                };
                all.push(Shown { kind, resource, children, diagnostics });
            }
        }
        Ok(all)
    }
}

/// A rule for several workspaces, marked as what Azure does not know; null where that is to be left out.
fn for_several(resource: Value, strict: bool) -> (Value, Vec<Diagnostic>) {
    let name = resource.str_at(&["properties", "displayName"]).unwrap_or_default();
    let message = format!("rule `{name}` is for several workspaces, which Azure does not know");
    if strict {
        let told = Diagnostic::warning("ExtensionLeftOut", format!("{message}; it is left out"));
        return (Value::Null, vec![told]);
    }
    let help = "export with `--strict` what is to be deployed to Azure";
    let told = Diagnostic::info("RiposteOnly", format!("{message}; it is imported by Riposte alone"));
    (resource, vec![told.help(help)])
}

/// A rule without what Azure does not know, and what that changes; null if it cannot be had so.
fn strictly(mut resource: Value) -> (Value, Vec<Diagnostic>) {
    let name = resource.str_at(&["name"]).unwrap_or_default().to_owned();
    let properties = resource.get("properties").cloned().unwrap_or_default();
    let (rule, told) = AutomationRule::from_arm(&name, &properties);
    let Some(rule) = rule else { return (Value::Null, told) };
    let (strict, told) = rule.to_strict_arm_properties(None);
    match (strict, resource.as_object_mut()) {
        (Some(strict), Some(object)) => {
            object.insert("properties", strict);
            (resource, told)
        }
        _ => (Value::Null, told),
    }
}

fn is_wanted(resource: &Value, names: &[String]) -> bool {
    let own = [resource.str_at(&["name"]), resource.str_at(&["properties", "displayName"])];
    names.is_empty()
        || names.iter().any(|name| own.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(name)))
}

/// The members of an object that are kept, in their order.
fn keep(object: &Value, members: &[&str]) -> Object {
    let known = object.as_object().into_iter().flatten();
    known
        .filter(|(name, _)| members.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
