//! Reading one template: declarations, resources, order, outputs.

mod body;
pub mod copy;
mod declare;
mod nested;
mod order;
mod outputs;
mod plan;
mod scope;

pub use declare::wants_workspace;
pub use plan::Planned;
pub use scope::{Placement, TemplateScope};

use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use crate::limits::TEMPLATE_DEPTH_MAX;
use crate::{Deployment, Resource};
use declare::Given;
use riposte_diagnostic::join_path;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

/// What one template gives.
#[derive(Debug, Default)]
pub struct Product {
    pub resources: Vec<Resource>,
    pub outputs: Object,
    pub declared: BTreeSet<String>,
}

/// A template to read.
struct Request<'r> {
    template: &'r Object,
    given: Given<'r>,
    placement: Placement,
    name: &'r str,
    path: &'r str,
    depth: usize,
}

/// Reads the template of a file.
pub fn read_main(evaluator: &Evaluator<'_>, template: &Object, path: &str) -> Product {
    let schema = word(template, "$schema").map(|schema| schema.to_lowercase()).unwrap_or_default();
    let beyond =
        ["subscriptiondeploymenttemplate", "managementgroupdeploymenttemplate", "tenantdeploymenttemplate"];
    let mut placement = placement_of(evaluator.deployment);
    if beyond.iter().any(|kind| schema.contains(kind)) {
        placement.resource_group = None;
    }
    let name = &evaluator.deployment.deployment_name;
    let request = Request { template, given: Given::Deployment, placement, name, path, depth: 0 };
    let product = read(evaluator, request);
    evaluator.reported(product, path).unwrap_or_default()
}

/// Reads a resource that stands alone, as if in a template without parameters and variables.
pub fn read_resource(evaluator: &Evaluator<'_>, resource: &Object, path: &str) -> Vec<Resource> {
    let placement = placement_of(evaluator.deployment);
    let names = TemplateScope::new(placement.clone(), &evaluator.deployment.deployment_name, "");
    let scope = Scope::new(Rc::new(names));
    let target = Target { placement, depth: 0 };
    let mut planned = Vec::new();
    plan::single(evaluator, &scope, &target, resource, path, &mut planned);
    made(evaluator, &planned)
}

fn placement_of(deployment: &Deployment) -> Placement {
    Placement {
        subscription_id: deployment.subscription_id.clone(),
        resource_group: Some(deployment.resource_group.clone()),
    }
}

fn read(evaluator: &Evaluator<'_>, request: Request<'_>) -> Evaluated<Product> {
    check_depth(request.depth)?;
    let (names, declared) = declare::scope(evaluator, &request);
    let scope = Scope::new(Rc::new(names));
    scope.template.resolve_all(evaluator);
    let target = Target { placement: request.placement, depth: request.depth };
    let mut product = read_content(evaluator, &scope, &target, request.template, request.path);
    product.declared = declared;
    Ok(product)
}

fn check_depth(depth: usize) -> Evaluated<()> {
    if depth <= TEMPLATE_DEPTH_MAX {
        return Ok(());
    }
    Err(Fault::limit(format!("templates nest deeper than {TEMPLATE_DEPTH_MAX} levels")))
}

/// Where the resources of a template go, and how deep it lies in others.
#[derive(Clone)]
pub struct Target {
    pub placement: Placement,
    pub depth: usize,
}

/// Resources and outputs of a template whose names are known.
fn read_content(
    evaluator: &Evaluator<'_>,
    scope: &Scope,
    target: &Target,
    template: &Object,
    path: &str,
) -> Product {
    let mut planned = Vec::new();
    match template.get_key_value_ignore_case("resources") {
        Some((name, resources)) => {
            plan::resources(evaluator, scope, target, resources, &join_path(path, name), &mut planned);
        }
        None => evaluator.report(Fault::template("the template has no `resources`"), path, None),
    }
    plan::refuse_duplicates(evaluator, &planned);
    let mut product = Product { resources: made(evaluator, &planned), ..Product::default() };
    if let Some((name, outputs)) = template.get_key_value_ignore_case("outputs") {
        product.outputs = outputs::read(evaluator, scope, outputs, &join_path(path, name));
    }
    product
}

/// The evaluated resources in order. Those with faults, which have been told, are left out.
fn made(evaluator: &Evaluator<'_>, planned: &[Rc<Planned>]) -> Vec<Resource> {
    let mut resources = Vec::new();
    for (one, depends_on) in order::order(evaluator, planned) {
        let Ok(made) = one.made(evaluator) else { continue };
        resources.extend(made.nested.iter().cloned());
        if let Some(own) = &made.resource {
            resources.push(Resource { depends_on, ..own.clone() });
        }
    }
    resources
}

/// The text of a property of a resource or template, looked up without regard to case.
fn word<'o>(object: &'o Object, name: &str) -> Option<&'o Text> {
    match object.get_ignore_case(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
