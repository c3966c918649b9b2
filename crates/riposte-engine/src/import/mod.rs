//! Import: ARM templates into resources. Each file is read whole; one that cannot be read changes nothing, and the
//! resources of all others are applied in one transaction. A playbook that cannot be run is kept, disabled, with its
//! diagnostics. An import that prunes is applied whole or not at all.

mod apply;
mod plan;
mod prune;

use crate::Engine;
use crate::access::Caller;
use crate::error::{Error, Result};
use crate::workspaces::Workspace;
use jiff::Timestamp;
use plan::{Placement, Planned};
use riposte_arm::{Deployment, read};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_value::{Difference, Object, Text, Value};
use std::collections::BTreeMap;

/// A file to import.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Its name, as the user gave it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What to import, and where to.
#[derive(Debug, Clone, Default)]
pub struct ImportRequest {
    /// The files.
    pub files: Vec<ImportFile>,
    /// The subscription; without it that of the server's default workspace.
    pub subscription: Option<String>,
    /// The resource group, likewise.
    pub resource_group: Option<String>,
    /// The workspace, likewise.
    pub workspace: Option<String>,
    /// Values of template parameters by name.
    pub parameters: Object,
    /// Only say what would happen.
    pub plan: bool,
    /// Make the workspace and the resource group what the files say: of each kind of which a file holds something (automation
    /// rules, analytics rules, watchlists, playbooks), remove what no file holds, and the actions of analytics rules too. All of it is applied or, if anything fails, nothing.
    pub prune: bool,
    /// Let the engine's service account run the playbooks of the resource group.
    pub grant_automation: bool,
}

/// What became of one resource.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) result: &'static str,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What changes of a resource that is there.
    pub(crate) changes: Vec<Difference>,
}

/// How many changes of one resource are told.
const CHANGES_MAX: usize = 500;

impl Imported {
    fn of_file(file: &ImportFile, diagnostics: Vec<Diagnostic>) -> Self {
        let (id, kind) = (file.name.clone(), "file".to_owned());
        Self { id, kind, result: "failed", diagnostics, changes: Vec::new() }
    }

    fn to_value(&self) -> Value {
        let diagnostics = serde_json::to_value(&self.diagnostics).map(Value::from).unwrap_or_default();
        let mut told = Object::new();
        told.insert("id", &self.id);
        told.insert("type", &self.kind);
        told.insert("result", self.result);
        told.insert("diagnostics", diagnostics);
        if !self.changes.is_empty() {
            told.insert("changes", Value::array(self.changes.iter().take(CHANGES_MAX).map(change_to_value)));
        }
        Value::from(told)
    }
}

/// `{path, before?, after?}`; what was or is not there has no member.
fn change_to_value(change: &Difference) -> Value {
    let mut told = Object::new();
    told.insert("path", &change.path);
    for (name, side) in [("before", &change.before), ("after", &change.after)] {
        if let Some(side) = side {
            told.insert(name, side.clone());
        }
    }
    Value::from(told)
}

impl Engine {
    /// Imports templates; what became of each resource: `{"resources": [{id, type, result, diagnostics}]}`.
    pub async fn import(&self, request: ImportRequest, caller: &Caller) -> Result<Value> {
        if request.files.is_empty() {
            return Err(Error::bad_request("there is no file to import"));
        }
        let workspaces = self.workspaces_to_import_into(caller).await?;
        let placement = placement(&request, &workspaces);
        self.may_import(&placement, caller)?;
        let existing: BTreeMap<String, Value> =
            workspaces.iter().map(|ws| (ws.reference.arm_id().to_lowercase(), ws.to_arm())).collect();
        let mut failed = Vec::new();
        let mut planned = Vec::new();
        let mut declared = std::collections::BTreeSet::new();
        for file in &request.files {
            let mut deployment = deployment(file, &request, &placement, self.shared.clock.now());
            deployment.existing.clone_from(&existing);
            let outcome = read(&file.text, &deployment);
            declared.extend(outcome.declared_parameters.iter().cloned());
            let diagnostics: Vec<Diagnostic> =
                outcome.diagnostics.into_iter().map(|d| d.in_file(&file.name)).collect();
            if has_errors(&diagnostics) {
                failed.push(Imported::of_file(file, diagnostics));
            } else {
                planned.extend(plan::of_file(&file.name, outcome.resources, diagnostics));
            }
        }
        refuse_doubles(&mut planned, &mut failed);
        warn_unused_parameters(&request, &declared, &mut planned);
        let applied = self.apply_import(planned, &placement, &request, !failed.is_empty(), caller).await?;
        let all = failed.iter().chain(&applied).map(Imported::to_value);
        Ok(Value::object([("resources", Value::array(all))]))
    }
}

impl Engine {
    /// The workspaces that the caller may read: where an import goes must not tell of others.
    async fn workspaces_to_import_into(&self, caller: &Caller) -> Result<Vec<Workspace>> {
        let mut workspaces = self.workspaces().await?;
        let read = "Microsoft.OperationalInsights/workspaces/read";
        workspaces.retain(|ws| self.authorize(caller, read, &ws.reference.arm_id()).is_ok());
        Ok(workspaces)
    }

    /// Refuses who may deploy neither to the resource group nor to the workspace. Each resource is asked about by itself.
    fn may_import(&self, placement: &Placement, caller: &Caller) -> Result<()> {
        let Placement { subscription, resource_group, workspace } = placement;
        let group = format!("/subscriptions/{subscription}/resourceGroups/{resource_group}");
        let of_group = self.authorize(caller, DEPLOY, &group);
        let ws = crate::workspaces::arm_id(subscription, resource_group, workspace);
        if self.authorize(caller, DEPLOY, &ws).is_ok() { Ok(()) } else { of_group }
    }
}

/// What deploying a template needs in Azure.
const DEPLOY: &str = "Microsoft.Resources/deployments/write";

/// Where to: into the one workspace that fits what is asked for (a name or a GUID, a resource group), else as asked, else
/// where the server's oldest workspace is, else the defaults.
fn placement(request: &ImportRequest, workspaces: &[Workspace]) -> Placement {
    let is = |given: &Option<String>, own: &[&Text]| {
        given.as_ref().is_none_or(|given| own.iter().any(|own| own.eq_ignore_ascii_case(given)))
    };
    let fits = |ws: &&Workspace| {
        let own = &ws.reference;
        is(&request.workspace, &[&own.name, &own.id])
            && is(&request.resource_group, &[&own.resource_group])
            && is(&request.subscription, &[&own.subscription])
    };
    let is_asked = request.workspace.is_some() || request.resource_group.is_some();
    let mut fitting = workspaces.iter().filter(fits);
    if let (true, Some(only), None) = (is_asked, fitting.next(), fitting.next()) {
        let own = &only.reference;
        return Placement {
            subscription: own.subscription.to_string(),
            resource_group: own.resource_group.to_string(),
            workspace: own.name.to_string(),
        };
    }
    let known = workspaces.first().map(|ws| &ws.reference);
    let pick = |given: &Option<String>, known: Option<&Text>, default: &str| {
        given.clone().or_else(|| known.map(Text::to_string)).unwrap_or_else(|| default.to_owned())
    };
    let defaults = Deployment::default();
    Placement {
        subscription: pick(&request.subscription, known.map(|k| &k.subscription), &defaults.subscription_id),
        resource_group: pick(
            &request.resource_group,
            known.map(|k| &k.resource_group),
            &defaults.resource_group,
        ),
        workspace: pick(&request.workspace, known.map(|k| &k.name), "riposte"),
    }
}

fn deployment(
    file: &ImportFile,
    request: &ImportRequest,
    placement: &Placement,
    now: Timestamp,
) -> Deployment {
    let stem = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or("playbook");
    Deployment {
        subscription_id: Text::new(&placement.subscription),
        tenant_id: Text::new_static(crate::workspaces::TENANT),
        resource_group: Text::new(&placement.resource_group),
        deployment_name: Text::new(stem),
        parameters: request.parameters.clone(),
        workspace: Some(Text::new(&placement.workspace)),
        timestamp: now,
        ..Deployment::default()
    }
}

/// The same resource twice in one import is somebody's mistake: neither is taken.
fn refuse_doubles(planned: &mut Vec<Planned>, failed: &mut Vec<Imported>) {
    let mut counts = std::collections::BTreeMap::new();
    for one in planned.iter() {
        *counts.entry(one.id.key().to_owned()).or_insert(0) += 1;
    }
    let doubled = |one: &Planned| counts.get(one.id.key()).is_some_and(|count| *count > 1);
    for one in planned.iter().filter(|one| doubled(one)) {
        let diagnostic = Diagnostic::error(
            "DuplicateResource",
            format!("resource `{}` stands in this import more than once", one.id),
        )
        .in_file(&one.file)
        .at(&one.path)
        .help("give each resource a name of its own, or import the files one after the other");
        failed.push(Imported {
            id: one.id.to_string(),
            kind: one.kind.clone(),
            result: "failed",
            diagnostics: vec![diagnostic],
            changes: Vec::new(),
        });
    }
    planned.retain(|one| !doubled(one));
}

/// A given parameter that no file declares is a slip of the pen, as a rule.
fn warn_unused_parameters(
    request: &ImportRequest,
    declared: &std::collections::BTreeSet<String>,
    planned: &mut [Planned],
) {
    let Some(first) = planned.first_mut() else { return };
    for name in request.parameters.keys().filter(|name| !declared.contains(&name.to_lowercase())) {
        let mut diagnostic =
            Diagnostic::warning("UnusedParameter", format!("no file declares the parameter `{name}`"));
        if let Some(near) = riposte_diagnostic::nearest(name, declared.iter().map(String::as_str)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        first.diagnostics.push(diagnostic);
    }
}
