//! Functions that ask the run: its parameters, variables, actions, trigger, loops.

use super::{Body, Family, Function, Invocation, Purity};
use crate::content;
use crate::context::{Context, NameKind};
use crate::error::Failure;
use crate::shown::listed;
use riposte_diagnostic::nearest;
use riposte_value::{Text, Value};
use std::borrow::Cow;

const FAMILY: Family = Family::Workflow;

type Lend = for<'a> fn(&Invocation<'_, 'a>) -> Result<Cow<'a, Value>, Failure>;

const fn row(name: &'static str, parameters: &'static str, lend: Lend) -> Function {
    Function::new(FAMILY, name, parameters, Body::Lent(lend)).depends_on(Purity::Run)
}

pub(super) const FUNCTIONS: &[Function] = &[
    row("action", "", action).says("The record of the action being evaluated.", &[]),
    row("actionBody", "actionName", body).takes(1, 1).says("As `body`, its older name.", &[]),
    row("actionOutputs", "actionName", outputs).takes(1, 1).says("As `outputs`, its older name.", &[]),
    row("actions", "actionName", actions)
        .takes(1, 1)
        .says("The record of an action: name, inputs, outputs, status, code, times.", &[]),
    row("appsetting", "name", app_setting)
        .takes(1, 1)
        .says("An application setting, where there are any.", &[]),
    row("body", "actionName", body).takes(1, 1).says("The body that an action put out.", &[]),
    row("formDataMultiValues", "actionName, key", form_data_multi_values)
        .takes(2, 2)
        .says("All values of a field of the form that an action received.", &[]),
    row("formDataValue", "actionName, key", form_data_value)
        .takes(2, 2)
        .says("The one value of a field of the form that an action received.", &[]),
    row("items", "loopName", items).takes(1, 1).says("The item of the Foreach of that name.", &[]),
    row("iterationIndexes", "loopName", iteration_indexes)
        .takes(1, 1)
        .says("The turn of the Until of that name, from 0.", &[]),
    row("listCallbackUrl", "", list_callback_url).says("The URL that calls the trigger or action back.", &[]),
    row("multipartBody", "actionName, index", multipart_body)
        .takes(2, 2)
        .says("The body of one part of what an action received in parts.", &[]),
    row("outputs", "actionName", outputs).takes(1, 1).says("The outputs of an action.", &[]),
    row("parameters", "parameterName", parameters).takes(1, 1).says("A parameter of the workflow.", &[]),
    row("result", "scopedActionName", result).takes(1, 1).says("The records of the actions in a scope.", &[]),
    row("trigger", "", trigger).says("The record of the trigger.", &[]),
    row("triggerBody", "", trigger_body).says("The body that the trigger put out.", &[]),
    row("triggerFormDataMultiValues", "key", trigger_form_data_multi_values)
        .takes(1, 1)
        .says("All values of a field of the form that the trigger received.", &[]),
    row("triggerFormDataValue", "key", trigger_form_data_value)
        .takes(1, 1)
        .says("The one value of a field of the form that the trigger received.", &[]),
    row("triggerMultipartBody", "index", trigger_multipart_body)
        .takes(1, 1)
        .says("The body of one part of what the trigger received in parts.", &[]),
    row("triggerOutputs", "", trigger_outputs).says("The outputs of the trigger.", &[]),
    row("triggers", "", trigger).says("As `trigger`, its name in trigger conditions.", &[]),
    row("variables", "variableName", variables).takes(1, 1).says("A variable.", &[]),
    row("workflow", "", workflow).says("The workflow and its run: id, name, type, location, tags, run.", &[]),
];

static NULL: Value = Value::Null;

type Lent<'a> = Result<Cow<'a, Value>, Failure>;

/// What the context lends, or else what it hands out.
fn lend(lent: Option<&Value>, owned: impl FnOnce() -> Option<Value>) -> Option<Cow<'_, Value>> {
    lent.map(Cow::Borrowed).or_else(|| owned().map(Cow::Owned))
}

/// The error for a name that nothing has. The sentences about parameters and variables are the service's at run time;
/// the other names it checks when a workflow is saved, so theirs are made after its.
fn unknown(call: &Invocation<'_, '_>, kind: NameKind, name: &str) -> Failure {
    let function = call.function.name;
    let cannot = "Template language expression cannot be evaluated:";
    let message = match kind {
        NameKind::Parameter => format!("The workflow parameter '{name}' is not found."),
        NameKind::Variable => format!("{cannot} the template variable '{name}' cannot be found."),
        NameKind::Action | NameKind::Scope => {
            format!("{cannot} the template action '{name}' cannot be found.")
        }
        NameKind::Loop => format!(
            "{cannot} action '{name}' must be a parent 'foreach' scope of the action to be referenced by '{function}'."
        ),
        NameKind::Until => format!(
            "{cannot} action '{name}' must be a parent 'until' scope of the action to be referenced by '{function}'."
        ),
    };
    let names = call.environment.context.names(kind);
    let noun = kind.as_str();
    let hint = match nearest(name, names.iter().map(Text::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("there is no {noun} here"),
        None => format!("available: {}", listed(names.iter().map(Text::as_str))),
    };
    Failure::new(message).help(hint)
}

fn not_here(call: &Invocation<'_, '_>) -> Failure {
    Failure::new(format!("The template function '{}' is not expected at this location.", call.function.name))
}

fn named<'a>(
    call: &Invocation<'_, 'a>,
    kind: NameKind,
    find: fn(&'a dyn Context, &str) -> Option<Cow<'a, Value>>,
) -> Lent<'a> {
    let name = call.argument(0).as_str().ok_or_else(|| call.not_a_name())?;
    find(call.environment.context, name).ok_or_else(|| unknown(call, kind, name))
}

fn parameters<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Parameter, |context, name| {
        lend(context.parameter_ref(name), || context.parameter(name))
    })
}

fn variables<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Variable, |context, name| {
        lend(context.variable_ref(name), || context.variable(name))
    })
}

fn actions<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Action, |context, name| lend(context.action_ref(name), || context.action(name)))
}

fn outputs<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Action, |context, name| {
        lend(context.action_outputs_ref(name), || context.action_outputs(name))
    })
}

fn items<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Loop, |context, name| lend(context.items_ref(name), || context.items(name)))
}

fn result<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Scope, |context, name| context.result(name).map(Cow::Owned))
}

fn iteration_indexes<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    named(call, NameKind::Until, |context, name| {
        context.iteration_index(name).map(|index| Cow::Owned(Value::Int(index)))
    })
}

/// The body among outputs. What puts out a value itself, such as Compose, has that for its body, unless it is an
/// object: of a response without content the body is null (measured on the service).
fn body_of(outputs: Cow<'_, Value>) -> Cow<'_, Value> {
    match outputs {
        Cow::Borrowed(Value::Object(object)) => {
            Cow::Borrowed(object.get_ignore_case("body").unwrap_or(&NULL))
        }
        Cow::Owned(Value::Object(object)) => {
            Cow::Owned(object.get_ignore_case("body").cloned().unwrap_or_default())
        }
        other => other,
    }
}

fn body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    outputs(call).map(body_of)
}

fn trigger<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.trigger().map(Cow::Owned).ok_or_else(|| not_here(call))
}

fn trigger_outputs<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    let context = call.environment.context;
    lend(context.trigger_outputs_ref(), || context.trigger_outputs()).ok_or_else(|| not_here(call))
}

fn trigger_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    trigger_outputs(call).map(body_of)
}

fn action<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.current_action().map(Cow::Owned).ok_or_else(|| not_here(call))
}

fn workflow<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.workflow().map(Cow::Owned).ok_or_else(|| not_here(call))
}

fn list_callback_url<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.callback_url().map(Cow::Owned).ok_or_else(|| not_here(call))
}

fn app_setting<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.app_setting(call.string(0)?).map(Cow::Owned).ok_or_else(|| not_here(call))
}

/// The error for outputs that hold no form or no parts.
fn not_retrieved(call: &Invocation<'_, '_>, what: &str, why: impl std::fmt::Display) -> Failure {
    let name = call.function.name;
    Failure::new(format!(
        "The template language function '{name}' failed to retrieve {what} contents from outputs. {why}"
    ))
}

/// The media type of the body, by the headers, or else by its envelope.
fn content_type(outputs: &Value) -> &str {
    let header = || outputs.get_ignore_case("headers")?.get_ignore_case("Content-Type")?.as_str();
    let envelope = || outputs.get_ignore_case("body")?.str_at(&["$content-type"]);
    header().or_else(envelope).unwrap_or("<null>")
}

/// The values of a field of a form: those whose name is the same, or else those whose name differs by case.
fn fields(call: &Invocation<'_, '_>, outputs: &Value, key: usize) -> Result<Vec<Value>, Failure> {
    let key = call.string(key)?;
    let body = outputs.get_ignore_case("body").unwrap_or(&NULL);
    let named: Vec<(&str, &Value)> = if let Some(pairs) = body.get("$formdata").and_then(Value::as_array) {
        pairs.iter().filter_map(|pair| Some((pair.str_at(&["key"])?, pair.get("value")?))).collect()
    } else if let Some(parts) = body.get("$multipart").and_then(Value::as_array) {
        parts.iter().filter_map(|part| Some((part_name(part)?, part.get("body")?))).collect()
    } else {
        return Err(not_retrieved(
            call,
            "formdata",
            format_args!(
                "The output content is not a valid form data content. Supported form data content types are 'multipart/form-data' and 'application/x-www-form-urlencoded' and the provided content type is '{}'.",
                content_type(outputs)
            ),
        ));
    };
    let of = |same: fn(&str, &str) -> bool| -> Vec<Value> {
        named.iter().filter(|(name, _)| same(name, key)).map(|(_, value)| (*value).clone()).collect()
    };
    let found = of(|a, b| a == b);
    Ok(if found.is_empty() { of(str::eq_ignore_ascii_case) } else { found })
}

/// The name of a part: the `name` of its content disposition.
fn part_name(part: &Value) -> Option<&str> {
    let disposition = part.get("headers")?.get_ignore_case("Content-Disposition")?.as_str()?;
    disposition.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("name").then(|| value.trim().trim_matches('"'))
    })
}

fn one_field(call: &Invocation<'_, '_>, outputs: &Value, key: usize) -> Result<Value, Failure> {
    let mut found = fields(call, outputs, key)?;
    if found.len() > 1 {
        let key = call.string(key)?;
        let why = format_args!("There are more than one items matching the field name '{key}'.");
        return Err(not_retrieved(call, "formdata", why).help("`…MultiValues` gives all of them"));
    }
    Ok(found.pop().unwrap_or_default())
}

fn form_data_value<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    one_field(call, outputs(call)?.as_ref(), 1).map(Cow::Owned)
}

fn form_data_multi_values<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    fields(call, outputs(call)?.as_ref(), 1).map(|found| Cow::Owned(Value::from(found)))
}

fn trigger_form_data_value<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    one_field(call, trigger_outputs(call)?.as_ref(), 0).map(Cow::Owned)
}

fn trigger_form_data_multi_values<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    fields(call, trigger_outputs(call)?.as_ref(), 0).map(|found| Cow::Owned(Value::from(found)))
}

/// The body of one part.
fn part(call: &Invocation<'_, '_>, outputs: &Value, index: usize) -> Result<Value, Failure> {
    let wanted = call.integer(index)?;
    let parts =
        outputs.get_ignore_case("body").and_then(|body| body.get("$multipart")).and_then(Value::as_array);
    let Some(parts) = parts else {
        return Err(not_retrieved(
            call,
            "multipart",
            format_args!(
                "The supported multipart content type is 'multipart/*' and the provided content type is '{}'.",
                content_type(outputs)
            ),
        ));
    };
    let found = usize::try_from(wanted).ok().and_then(|wanted| parts.get(wanted));
    let part = found.ok_or_else(|| {
        not_retrieved(
            call,
            "multipart",
            format_args!(
                "The index value '{wanted}' exceeds the number of multipart contents '{}' in the outputs.",
                parts.len()
            ),
        )
    })?;
    Ok(part.get("body").cloned().unwrap_or_else(|| content::envelope(content::OCTET_STREAM, &[])))
}

fn multipart_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    part(call, outputs(call)?.as_ref(), 1).map(Cow::Owned)
}

fn trigger_multipart_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    part(call, trigger_outputs(call)?.as_ref(), 0).map(Cow::Owned)
}
