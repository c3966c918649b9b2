//! Reading a file: which of the accepted forms it has, and what it gives.

use crate::bare;
use crate::deployment::Deployment;
use crate::duplicates;
use crate::expression::Evaluator;
use crate::resource::{Outcome, Resource};
use crate::template::{self, Product};
use riposte_diagnostic::{Diagnostic, has_errors, join_index};
use riposte_value::{Object, Value, json};
use std::collections::BTreeMap;

/// Reads the text of a file: an ARM template, a bare resource, a bare workflow definition or automation rule, or a list
/// of those. Never fails as a whole: what could be read is given beside every diagnostic.
///
/// JSON is read leniently (comments, trailing commas, a byte order mark, repeated names).
pub fn read(text: &str, deployment: &Deployment) -> Outcome {
    match json::parse_lenient(text) {
        Ok(value) => {
            let mut outcome = read_value(&value, deployment);
            outcome.diagnostics.splice(0..0, duplicates::warnings(text));
            outcome
        }
        Err(error) => {
            let code = if error.too_deep { "TemplateTooLarge" } else { "InvalidJson" };
            let diagnostic =
                Diagnostic::error(code, format!("the file is not JSON that can be read: {}", error.message))
                    .at_line(error.line, error.column)
                    .help("an ARM template or a workflow definition is a JSON file");
            Outcome { diagnostics: vec![diagnostic], ..Outcome::default() }
        }
    }
}

/// As [`read`], for JSON that has been parsed already.
pub fn read_value(value: &Value, deployment: &Deployment) -> Outcome {
    let evaluator = Evaluator::new(deployment);
    let mut product = Product::default();
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                read_one(&evaluator, item, &join_index("$", index), Some(index), &mut product);
            }
        }
        value => match value.get_ignore_case("value").filter(|_| is_list(value)).and_then(Value::as_array) {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    read_one(&evaluator, item, &join_index("$.value", index), Some(index), &mut product);
                }
            }
            None => read_one(&evaluator, value, "$", None, &mut product),
        },
    }
    for resource in &mut product.resources {
        bare::complete_rule(&evaluator, resource);
    }
    let resources = without_repeats(&evaluator, product.resources);
    let left_out = evaluator.left_out.get();
    let mut diagnostics = evaluator.into_diagnostics();
    if resources.is_empty() && left_out == 0 && !has_errors(&diagnostics) {
        diagnostics.push(nothing());
    }
    let Product { outputs, declared, .. } = product;
    Outcome { resources, outputs, diagnostics, declared_parameters: declared, left_out }
}

/// The answer of a list call: `{"value": […]}`, perhaps with a link to the next page.
fn is_list(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        object.keys().all(|name| name.eq_ignore_ascii_case("value") || name.eq_ignore_ascii_case("nextLink"))
    })
}

fn nothing() -> Diagnostic {
    Diagnostic::error("NothingToDeploy", "the file holds no playbook, no automation rule and no other resource")
        .at("$")
        .help("give an ARM template, a workflow definition (`definition`, or `triggers` and `actions`) or an automation rule")
}

fn read_one(
    evaluator: &Evaluator<'_>,
    value: &Value,
    path: &str,
    index: Option<usize>,
    product: &mut Product,
) {
    let Some(object) = value.as_object() else {
        return evaluator.tell(nothing().at(path));
    };
    if is_parameters_file(object) {
        let message = "this is a parameters file, not a template";
        let help = "give it with `--parameters FILE` beside the template";
        return evaluator.tell(Diagnostic::error("NothingToDeploy", message).at(path).help(help));
    }
    if is_template(object) {
        let read = template::read_main(evaluator, object, path);
        product.resources.extend(read.resources);
        product.outputs.extend(read.outputs);
        product.declared.extend(read.declared);
        return;
    }
    match bare::read(evaluator, object, path, index) {
        Some(resources) => product.resources.extend(resources),
        None => evaluator.tell(nothing().at(path)),
    }
}

fn schema(object: &Object) -> String {
    object.get_ignore_case("$schema").and_then(Value::as_str).unwrap_or_default().to_lowercase()
}

fn is_parameters_file(object: &Object) -> bool {
    schema(object).contains("deploymentparameters.json")
}

fn is_template(object: &Object) -> bool {
    let holds_resources =
        matches!(object.get_ignore_case("resources"), Some(Value::Array(_) | Value::Object(_)));
    schema(object).contains("deploymenttemplate.json")
        || (holds_resources && object.get_ignore_case("type").is_none())
}

/// Each id once: content templates of one solution often bring the same connection. The last one counts.
fn without_repeats(evaluator: &Evaluator<'_>, resources: Vec<Resource>) -> Vec<Resource> {
    let mut kept: Vec<Resource> = Vec::with_capacity(resources.len());
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for resource in resources {
        let place = places.get(resource.id.key()).copied();
        let Some(earlier) = place.and_then(|at| kept.get_mut(at)) else {
            places.insert(resource.id.key().to_owned(), kept.len());
            kept.push(resource);
            continue;
        };
        if earlier.properties != resource.properties {
            let message = format!(
                "resource `{}` comes from two templates that differ; the last one counts",
                resource.id
            );
            let diagnostic = Diagnostic::warning("DuplicateResource", message).at(resource.path.clone());
            evaluator.tell(diagnostic.help(format!("the first one is at `{}`", earlier.path)));
        }
        *earlier = resource;
    }
    kept
}
