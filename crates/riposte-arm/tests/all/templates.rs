//! Whole files, from the tables in `conformance/arm/templates` and `conformance/arm/forms`.

use crate::functions::deployment;
use riposte_arm::{Outcome, Resource, read, read_value};
use riposte_diagnostic::Diagnostic;
use riposte_testing::Cases;
use riposte_value::{Text, Value};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    text: Option<String>,
    template: Option<serde_json::Value>,
    #[serde(default)]
    deployment: Given,
    resources: Vec<Expected>,
    outputs: Option<serde_json::Value>,
    /// `None` for `null`: at least one error of the code `TemplateTooLarge`.
    #[serde(default = "none_told")]
    diagnostics: Option<Vec<Told>>,
    #[serde(default)]
    left_out: usize,
}

#[expect(clippy::unnecessary_wraps, reason = "the type of the field")]
fn none_told() -> Option<Vec<Told>> {
    Some(Vec::new())
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Given {
    name: Option<Text>,
    workspace: Option<Text>,
    #[serde(default)]
    parameters: serde_json::Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Expected {
    id: String,
    #[serde(rename = "type")]
    resource_type: Option<String>,
    location: Option<String>,
    properties: Option<serde_json::Value>,
    extras: Option<serde_json::Value>,
    depends_on: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    severity: String,
    code: String,
    path: Option<String>,
    message: Option<String>,
    help: Option<String>,
    line: Option<(u32, u32)>,
}

#[test]
fn templates_give_what_the_tables_say() {
    Cases::<Case>::load("conformance/arm/templates").check(check);
}

#[test]
fn other_forms_give_what_the_tables_say() {
    Cases::<Case>::load("conformance/arm/forms").check(check);
}

fn check(case: &Case) -> Result<(), String> {
    let outcome = outcome(case);
    let told = || outcome.diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let ids: Vec<String> = outcome.resources.iter().map(|resource| resource.id.to_string()).collect();
    let expected: Vec<&String> = case.resources.iter().map(|expected| &expected.id).collect();
    if ids.iter().collect::<Vec<_>>() != expected {
        return Err(format!("resources {ids:#?}, expected {expected:#?}\n{}", told()));
    }
    for (expected, resource) in case.resources.iter().zip(&outcome.resources) {
        check_resource(expected, resource)?;
    }
    if let Some(expected) = &case.outputs {
        same("outputs", &Value::from(outcome.outputs.clone()), expected)?;
    }
    if outcome.left_out != case.left_out {
        return Err(format!("{} resources left out, expected {}", outcome.left_out, case.left_out));
    }
    check_diagnostics(case, &outcome).map_err(|problem| format!("{problem}\n{}", told()))
}

fn outcome(case: &Case) -> Outcome {
    let mut deployment = deployment();
    if let Some(name) = &case.deployment.name {
        deployment.deployment_name = name.clone();
    }
    deployment.workspace.clone_from(&case.deployment.workspace);
    if let Value::Object(parameters) = Value::from(case.deployment.parameters.clone()) {
        deployment.parameters = (*parameters).clone();
    }
    match (&case.text, &case.template) {
        (Some(text), None) => read(text, &deployment),
        (None, Some(template)) => read_value(&Value::from(template.clone()), &deployment),
        _ => panic!("a case has either a text or a template"),
    }
}

fn check_resource(expected: &Expected, resource: &Resource) -> Result<(), String> {
    if let Some(kind) = expected.resource_type.as_ref().filter(|kind| **kind != resource.resource_type) {
        return Err(format!("type `{}`, expected `{kind}`", resource.resource_type));
    }
    if expected.location.is_some() && expected.location.as_deref() != resource.location.as_deref() {
        return Err(format!("location {:?}, expected {:?}", resource.location, expected.location));
    }
    if let Some(properties) = &expected.properties {
        same("properties", &resource.properties, properties)?;
    }
    if let Some(extras) = &expected.extras {
        same("extras", &Value::from(resource.extras.clone()), extras)?;
    }
    let depends_on: Vec<String> = resource.depends_on.iter().map(ToString::to_string).collect();
    match &expected.depends_on {
        Some(expected) if *expected != depends_on => {
            Err(format!("depends on {depends_on:?}, expected {expected:?}"))
        }
        _ => Ok(()),
    }
}

fn same(what: &str, found: &Value, expected: &serde_json::Value) -> Result<(), String> {
    let expected = Value::from(expected.clone());
    if *found == expected { Ok(()) } else { Err(format!("{what} {found}, expected {expected}")) }
}

fn check_diagnostics(case: &Case, outcome: &Outcome) -> Result<(), String> {
    let Some(expected) = &case.diagnostics else {
        let too_large = outcome.diagnostics.iter().any(|d| d.is_error() && d.code == "TemplateTooLarge");
        return if too_large { Ok(()) } else { Err("expected a `TemplateTooLarge`".into()) };
    };
    // Where nothing is wanted to come out, that nothing came out is no fault of its own.
    let wanted = expected.iter().any(|told| told.code == "NothingToDeploy");
    let found: Vec<&Diagnostic> = outcome
        .diagnostics
        .iter()
        .filter(|d| wanted || !case.resources.is_empty() || d.code != "NothingToDeploy")
        .collect();
    if found.len() != expected.len() {
        return Err(format!("{} diagnostics, expected {}", found.len(), expected.len()));
    }
    for (found, expected) in found.into_iter().zip(expected) {
        let fits = found.severity.as_str() == expected.severity
            && found.code == expected.code.as_str()
            && (expected.path.is_none() || expected.path == found.location.path)
            && (expected.line.is_none() || expected.line == found.location.line)
            && (expected.help.is_none() || expected.help == found.help)
            && expected.message.as_ref().is_none_or(|message| *message == found.message);
        if !fits {
            return Err(format!(
                "expected {} {} at {:?} {:?}: {:?} {:?}, found {:?}",
                expected.severity,
                expected.code,
                expected.path,
                expected.line,
                expected.message,
                expected.help,
                found.help
            ));
        }
    }
    Ok(())
}
