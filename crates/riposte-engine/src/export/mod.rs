//! Export: what a workspace and its resource group hold, as ARM templates that import again, here or elsewhere.
//!
//! What is exported and imported comes out the same at the next export. Left out is what a place makes itself (times,
//! etags, versions), and what nobody may read again: the credentials of connections, and the values of secure
//! parameters, which the template asks for as parameters of its own.

mod file;

use crate::Engine;
use crate::access::Caller;
use crate::error::Result;
use crate::workspaces::Workspace;
use file::ExportFile;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value};

/// A kind of resource that can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExportKind {
    /// Connections and custom connectors.
    Connections,
    /// Playbooks.
    Playbooks,
    /// Automation rules.
    AutomationRules,
}

impl ExportKind {
    /// All of them, in the order in which they are exported: what others need comes first.
    pub const ALL: [Self; 3] = [Self::Connections, Self::Playbooks, Self::AutomationRules];

    /// The name in requests, and of the folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connections => "connections",
            Self::Playbooks => "playbooks",
            Self::AutomationRules => "automationRules",
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
    diagnostics: Vec<Diagnostic>,
}

impl Engine {
    /// The templates of a workspace's automation rules and of its resource group's playbooks and connections: a file
    /// each, `{"files": [{"name", "template", "diagnostics"}]}`. What the caller may not read is left out.
    pub async fn export(&self, ws: &Workspace, request: &ExportRequest, caller: &Caller) -> Result<Value> {
        let reference = &ws.reference;
        let group = request.resource_group.as_deref().unwrap_or(&reference.resource_group);
        let scope = format!("/subscriptions/{}/resourceGroups/{group}", reference.subscription);
        let mut files = Vec::new();
        for shown in self.exported(ws, &scope, request, caller).await? {
            let home = match shown.kind {
                ExportKind::AutomationRules => riposte_arm::Home::new(
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
            files.push(file::write(&shown, &home)?);
        }
        file::name_apart(&mut files);
        let files = files.into_iter().map(ExportFile::into_value);
        Ok(Value::object([("files", Value::array(files))]))
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
            let (resources, action) = match kind {
                ExportKind::Connections => (self.connections(scope).await?, "Microsoft.Web/connections/read"),
                ExportKind::Playbooks => (self.playbooks(scope).await?, "Microsoft.Logic/workflows/read"),
                ExportKind::AutomationRules => (
                    self.automation_rules_as_written(ws).await?,
                    "Microsoft.SecurityInsights/automationRules/read",
                ),
            };
            for resource in resources {
                let id = resource.str_at(&["id"]).unwrap_or_default();
                if self.authorize(caller, action, id).is_ok() && is_wanted(&resource, &request.names) {
                    all.push(Shown { kind, resource, diagnostics: Vec::new() });
                }
            }
        }
        Ok(all)
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
