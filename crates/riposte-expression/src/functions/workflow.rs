//! Functions that ask the run: its parameters, variables, actions, trigger, loops.

use super::{Body, Family, Function, Invocation, Purity};
use crate::content;
use crate::context::{Context, NameKind};
use crate::error::Failure;
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

/// The error for a name that nothing has.
fn unknown(call: &Invocation<'_, '_>, kind: NameKind, name: &str) -> Failure {
    let noun = kind.as_str();
    let names = call.environment.context.names(kind);
    let listed = names.iter().map(Text::as_str).collect::<Vec<_>>().join(", ");
    let detail = match kind {
        NameKind::Loop | NameKind::Until => "is not a scope that the expression is evaluated in",
        NameKind::Action | NameKind::Scope => "is not defined, or has not run yet",
        NameKind::Parameter | NameKind::Variable => "is not defined",
    };
    let failure = call
        .fails(format_args!("cannot be evaluated: the {noun} '{name}' {detail}, available are '{listed}'."));
    match nearest(name, names.iter().map(Text::as_str)) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure,
    }
}

fn not_here(call: &Invocation<'_, '_>) -> Failure {
    Failure::new(format!("The template function '{}' is not expected at this location.", call.function.name))
}

fn named<'a>(
    call: &Invocation<'_, 'a>,
    kind: NameKind,
    find: fn(&'a dyn Context, &str) -> Option<Cow<'a, Value>>,
) -> Lent<'a> {
    let name = call.string(0)?;
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

/// A property of outputs; an action without outputs, or whose outputs are no object, has none.
fn property<'a>(outputs: Cow<'a, Value>, name: &str) -> Cow<'a, Value> {
    match outputs {
        Cow::Borrowed(value) => Cow::Borrowed(value.get_ignore_case(name).unwrap_or(&NULL)),
        Cow::Owned(value) => Cow::Owned(value.get_ignore_case(name).cloned().unwrap_or_default()),
    }
}

fn body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    Ok(property(outputs(call)?, "body"))
}

fn trigger<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    call.environment.context.trigger().map(Cow::Owned).ok_or_else(|| not_here(call))
}

fn trigger_outputs<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    let context = call.environment.context;
    lend(context.trigger_outputs_ref(), || context.trigger_outputs()).ok_or_else(|| not_here(call))
}

fn trigger_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    Ok(property(trigger_outputs(call)?, "body"))
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

/// The values of a field of a form.
fn fields(call: &Invocation<'_, '_>, outputs: &Value, key: usize) -> Result<Vec<Value>, Failure> {
    let key = call.string(key)?;
    let body = outputs.get_ignore_case("body").unwrap_or(&NULL);
    if let Some(pairs) = body.get("$formdata").and_then(Value::as_array) {
        let of_key = |pair: &&Value| pair.str_at(&["key"]).is_some_and(|name| name.eq_ignore_ascii_case(key));
        return Ok(pairs.iter().filter(of_key).filter_map(|pair| pair.get("value").cloned()).collect());
    }
    if let Some(parts) = body.get("$multipart").and_then(Value::as_array) {
        let of_key = |part: &&Value| part_name(part).is_some_and(|name| name.eq_ignore_ascii_case(key));
        return Ok(parts.iter().filter(of_key).filter_map(|part| part.get("body").cloned()).collect());
    }
    let content_type = body
        .str_at(&["$content-type"])
        .or_else(|| outputs.get_ignore_case("headers")?.get_ignore_case("Content-Type")?.as_str())
        .unwrap_or_default();
    Err(call.fails(format_args!(
        "failed to retrieve formdata contents from outputs. The content type must be 'application/x-www-form-urlencoded' or 'multipart/form-data', the provided content type is '{content_type}'."
    )))
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
        return Err(call.fails(format_args!(
            "failed to retrieve formdata contents from outputs. There are more than one items matching the field name '{key}'."
        )));
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
        return Err(
            call.fails("failed to retrieve multipart contents from outputs: the content is not in parts.")
        );
    };
    let found = usize::try_from(wanted).ok().and_then(|wanted| parts.get(wanted));
    let part = found.ok_or_else(|| {
        call.fails(format_args!(
            "was invoked with the index '{wanted}', but there are '{}' parts.",
            parts.len()
        ))
    })?;
    Ok(part.get("body").cloned().unwrap_or_else(|| content::envelope(content::OCTET_STREAM, &[])))
}

fn multipart_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    part(call, outputs(call)?.as_ref(), 1).map(Cow::Owned)
}

fn trigger_multipart_body<'a>(call: &Invocation<'_, 'a>) -> Lent<'a> {
    part(call, trigger_outputs(call)?.as_ref(), 0).map(Cow::Owned)
}
