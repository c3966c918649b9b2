//! What a template declares: parameters with their values, variables, functions of its own.

use super::{Request, TemplateScope, copy, word};
use crate::expression::Evaluator;
use crate::fault::{Evaluated, Fault};
use crate::parameters::{ParameterDeclaration, ParameterKind, coerce};
use riposte_diagnostic::{join_index, join_path};
use riposte_value::{Object, Value};
use std::collections::BTreeSet;

/// Where values of parameters come from.
#[derive(Clone, Copy)]
pub enum Given<'r> {
    /// From the deployment: the command line and parameters files.
    Deployment,
    /// From the deployment resource around a nested template.
    Values(&'r Object),
}

/// The names of a template, and which parameters it declares (in lower case).
pub fn scope(evaluator: &Evaluator<'_>, request: &Request<'_>) -> (TemplateScope, BTreeSet<String>) {
    let version = word(request.template, "contentVersion").map_or("", |text| text.as_str());
    let mut names = TemplateScope::new(request.placement.clone(), request.name, version);
    let mut declared = BTreeSet::new();
    if let Some((word, parameters)) = request.template.get_key_value_ignore_case("parameters") {
        let path = join_path(request.path, word);
        match parameters.as_object() {
            Some(parameters) => {
                declare_parameters(evaluator, request, &names, parameters, &path, &mut declared);
            }
            None => evaluator.report(Fault::template("`parameters` is not an object"), &path, None),
        }
    }
    if let Some((word, functions)) = request.template.get_key_value_ignore_case("functions") {
        names.set_functions(functions.clone(), join_path(request.path, word));
    }
    if let Some((word, variables)) = request.template.get_key_value_ignore_case("variables") {
        let path = join_path(request.path, word);
        match variables.as_object() {
            Some(variables) => declare_variables(&names, variables, &path),
            None => evaluator.report(Fault::template("`variables` is not an object"), &path, None),
        }
    }
    (names, declared)
}

fn declare_parameters(
    evaluator: &Evaluator<'_>,
    request: &Request<'_>,
    names: &TemplateScope,
    parameters: &Object,
    path: &str,
    declared: &mut BTreeSet<String>,
) {
    for (name, value) in parameters {
        declared.insert(name.to_lowercase());
        let path = join_path(path, name);
        let declare = || -> Evaluated<()> {
            let declaration = ParameterDeclaration::read(name, value)?;
            if let Some(given) = given(evaluator, request, &declaration) {
                names.set_parameter(name, Some(coerce(&declaration, given)?));
                return Ok(());
            }
            let default = declaration.default.clone().ok_or_else(|| declaration.missing())?;
            names.set_parameter_default(declaration, default, join_path(&path, "defaultValue"));
            Ok(())
        };
        if evaluator.reported(declare(), &path).is_err() {
            names.set_parameter(name, None);
        }
    }
}

fn given(
    evaluator: &Evaluator<'_>,
    request: &Request<'_>,
    declaration: &ParameterDeclaration,
) -> Option<Value> {
    match request.given {
        Given::Values(values) => values.get_ignore_case(&declaration.name).cloned(),
        Given::Deployment => {
            let deployment = evaluator.deployment;
            let given = deployment.parameters.get_ignore_case(&declaration.name).cloned();
            given.or_else(|| {
                deployment.workspace.clone().filter(|_| wants_workspace(declaration)).map(Value::from)
            })
        }
    }
}

/// Solutions declare the workspace's name with an empty default that the portal fills in.
pub fn wants_workspace(declaration: &ParameterDeclaration) -> bool {
    let name = declaration.name.to_lowercase().replace(['-', '_'], "");
    declaration.kind == ParameterKind::String
        && (name == "workspace" || name == "workspacename")
        && declaration.default.as_ref().and_then(Value::as_str) == Some("")
}

fn declare_variables(names: &TemplateScope, variables: &Object, path: &str) {
    for (name, value) in variables {
        let path = join_path(path, name);
        match copy::property_loops(name, value) {
            None => names.set_variable(name, value.clone(), path),
            Some(loops) => loops.iter().enumerate().for_each(|(index, one)| {
                names.set_variable_loop(
                    copy::name(one).unwrap_or_default(),
                    one.clone(),
                    join_index(&path, index),
                );
            }),
        }
    }
}
