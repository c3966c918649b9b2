//! Templates in templates.
//!
//! * `Microsoft.Resources/deployments` holds a template in `properties.template`. In the outer scope (the default) its
//!   expressions mean what they mean around it; in the inner scope it has parameters and variables of its own.
//! * Content templates of Sentinel solutions and template specs hold one in `properties.mainTemplate`. It is evaluated
//!   once with the resource around it (where `[[` becomes `[`), and then a second time, on its own, as when somebody
//!   creates the content from it.

use super::body::Made;
use super::declare::Given;
use super::{Placement, Planned, Product, Request, Target, check_depth, read, read_content, word};
use crate::Resource;
use crate::derived;
use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use crate::functions::text_of;
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Object, Value};

/// The types that carry a `mainTemplate`.
const CARRIERS: [&str; 3] = [
    "Microsoft.SecurityInsights/contentTemplates",
    "Microsoft.SecurityInsights/contentProductTemplates",
    "Microsoft.Resources/templateSpecs/versions",
];

/// The resources of the template that a content template carries; `None` if it carries none.
pub fn carried(
    evaluator: &Evaluator<'_>,
    planned: &Planned,
    body: &Object,
) -> Evaluated<Option<Vec<Resource>>> {
    if !CARRIERS.iter().any(|carrier| planned.id.is(carrier)) {
        return Ok(None);
    }
    let properties = body.get_key_value_ignore_case("properties");
    let main = properties.and_then(|(key, properties)| {
        let (inner, main) = properties.as_object()?.get_key_value_ignore_case("mainTemplate")?;
        Some((join_path(&join_path(&planned.path, key), inner), main.as_object()?.clone()))
    });
    let Some((path, main)) = main else { return Ok(None) };
    let name = planned.id.name().to_owned();
    let request = Request {
        template: &main,
        given: Given::Deployment,
        placement: planned.target.placement.clone(),
        name: &name,
        path: &path,
        depth: planned.target.depth + 1,
    };
    read(evaluator, request).map(|product| Some(product.resources))
}

/// A nested deployment: its resources, and its outputs for `reference()`.
pub fn deployment(evaluator: &Evaluator<'_>, planned: &Planned) -> Evaluated<Made> {
    let scope = &planned.scope;
    let placement = placement(evaluator, planned)?;
    let (key, properties) = planned
        .raw
        .get_key_value_ignore_case("properties")
        .and_then(|(key, value)| Some((key, value.as_object()?)))
        .ok_or_else(|| Fault::template("a deployment has no `properties`"))?;
    let path = join_path(&planned.path, key);
    let (inner, template) = match properties.get_key_value_ignore_case("template") {
        Some((inner, template)) => (inner, template),
        None if properties.get_ignore_case("templateLink").is_some() => {
            let message = "a linked template is not fetched; what it would deploy is left out";
            let help = "import the linked file by itself, or put its content under `properties.template`";
            evaluator.tell(Diagnostic::warning("LinkedTemplate", message).at(path).help(help));
            return Ok(made(evaluator, planned, Product::default()));
        }
        None => return Err(Fault::template("a deployment has no `template`")),
    };
    let path_of_template = join_path(&path, inner);
    let template =
        template.as_object().ok_or_else(|| Fault::template("the template of a deployment is no object"))?;
    let product = if is_inner(properties) {
        let values = given(evaluator, scope, properties, &path)?;
        let request = Request {
            template,
            given: Given::Values(&values),
            placement,
            name: planned.id.name(),
            path: &path_of_template,
            depth: planned.target.depth + 1,
        };
        read(evaluator, request)?
    } else {
        let depth = planned.target.depth + 1;
        check_depth(depth)?;
        if template
            .get_ignore_case("parameters")
            .and_then(Value::as_object)
            .is_some_and(|own| !own.is_empty())
        {
            let message = "parameters of this nested template mean those of the template around it";
            let help = "set `expressionEvaluationOptions.scope` to `inner` if it has its own";
            evaluator
                .tell(Diagnostic::warning("OuterScope", message).at(path_of_template.clone()).help(help));
        }
        read_content(evaluator, scope, &Target { placement, depth }, template, &path_of_template)
    };
    Ok(made(evaluator, planned, product))
}

fn made(evaluator: &Evaluator<'_>, planned: &Planned, product: Product) -> Made {
    let properties = Value::object([
        ("outputs", Value::from(product.outputs)),
        ("provisioningState", Value::from("Succeeded")),
    ]);
    let mut whole = Object::new();
    whole.insert("name", planned.id.name());
    whole.insert("properties", properties);
    let whole = derived::complete(&planned.id, &evaluator.deployment.tenant_id, whole);
    Made { resource: None, nested: product.resources, whole }
}

fn is_inner(properties: &Object) -> bool {
    let options = properties.get_ignore_case("expressionEvaluationOptions").and_then(Value::as_object);
    options
        .and_then(|options| word(options, "scope"))
        .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"))
}

/// Where the nested template goes: `subscriptionId` and `resourceGroup` of the deployment, else where it stands.
fn placement(evaluator: &Evaluator<'_>, planned: &Planned) -> Evaluated<Placement> {
    let mut placement = planned.target.placement.clone();
    let text = |name: &str| -> Evaluated<Option<_>> {
        let Some((key, written)) = planned.raw.get_key_value_ignore_case(name) else { return Ok(None) };
        let value = evaluator.value(&planned.scope, written, &join_path(&planned.path, key))?;
        Ok(Some(text_of(&value)).filter(|text| !text.is_empty()))
    };
    if let Some(subscription) = text("subscriptionId")? {
        placement.subscription_id = subscription;
    }
    if let Some(group) = text("resourceGroup")? {
        placement.resource_group = Some(group);
    }
    Ok(placement)
}

/// The values that a deployment gives its template: `{name: {value}}`, evaluated around it.
fn given(evaluator: &Evaluator<'_>, scope: &Scope, properties: &Object, path: &str) -> Evaluated<Object> {
    let Some((key, parameters)) = properties.get_key_value_ignore_case("parameters") else {
        return Ok(Object::new());
    };
    let evaluated = evaluator.value(scope, parameters, &join_path(path, key))?;
    let given = evaluated.as_object().into_iter().flatten();
    Ok(given
        .filter_map(|(name, value)| Some((name.clone(), value.get_ignore_case("value")?.clone())))
        .collect())
}
