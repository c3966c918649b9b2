//! From a definition to a program.

use super::check::{Check, Place};
use super::{Action, Block, Output, Parameter, Program, Trigger, limits, placement, references};
use riposte_diagnostic::{Diagnostic, has_errors, join_path, nearest};
use riposte_expression::ast::{Expression, Key, Primary};
use riposte_value::{Object, Text, Value};

/// Reads and checks a workflow definition (the value of `properties.definition`).
///
/// Every fault is reported, with a JSON path rooted at `$`. There is a program if none of them is an error.
///
/// ```
/// use riposte_value::value;
/// let (program, diagnostics) = riposte_workflow::compile(&value!({
///     "triggers": { "manual": { "type": "Request", "kind": "Http" } },
///     "actions": { "Greet": { "type": "Compose", "inputs": "Hello @{triggerBody()?['name']}" } }
/// }));
/// assert!(diagnostics.is_empty());
/// assert_eq!(program.unwrap().action_count(), 1);
/// ```
pub fn compile(definition: &Value) -> (Option<Program>, Vec<Diagnostic>) {
    let Some(definition) = definition.as_object() else {
        let message =
            format!("a workflow definition must be an object, and is of type `{}`", definition.kind());
        return (None, vec![Diagnostic::error("InvalidDefinition", message).at("$")]);
    };
    let mut check = Check { parameters: parameters(definition), ..Check::default() };
    check.static_results = definition.get_ignore_case("staticResults").and_then(Value::as_object);
    let triggers = triggers(&mut check, definition);
    read_actions(&mut check, definition);
    let mut outputs = outputs(&mut check, definition);
    connectors(&mut check, definition.get_ignore_case("actions"));
    let secured_trigger = triggers.iter().any(|trigger| trigger.secures("outputs"));
    crate::actions::check_targets(&mut check);
    references::resolve(&mut check, secured_trigger);
    for output in &mut outputs {
        output.secure |= check.secret_sites.contains(&output_path(&output.name));
    }
    limits::check(&mut check, definition);
    placement::check(&mut check, &triggers);
    if has_errors(&check.diagnostics) {
        return (None, check.diagnostics);
    }
    let program = Program {
        triggers,
        parameters: check.parameters,
        connectors: check.connectors,
        actions: check.actions,
        blocks: check.blocks,
        variables: check.variables,
        outputs,
        names: check.names,
        variable_names: check.variable_names,
        no_action: Action::nothing(),
        no_block: Block::default(),
    };
    (Some(program), check.diagnostics)
}

fn parameters(definition: &Object) -> Vec<Parameter> {
    let declared = definition.get_ignore_case("parameters").and_then(Value::as_object);
    declared
        .into_iter()
        .flatten()
        .map(|(name, parameter)| Parameter {
            name: name.clone(),
            parameter_type: Text::from(
                parameter
                    .get_ignore_case("type")
                    .and_then(Value::as_str)
                    .unwrap_or("object")
                    .to_ascii_lowercase(),
            ),
            default: parameter.get_ignore_case("defaultValue").cloned(),
        })
        .collect()
}

fn triggers(check: &mut Check<'_>, definition: &Object) -> Vec<Trigger> {
    let triggers = match definition.get_ignore_case("triggers") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Object(triggers)) => triggers,
        Some(other) => {
            let message = format!("`triggers` must be an object, and is of type `{}`", other.kind());
            check.diagnostics.push(Diagnostic::error("InvalidTriggers", message).at("$.triggers"));
            return Vec::new();
        }
    };
    let mut found = Vec::with_capacity(triggers.len());
    for (name, trigger) in triggers.iter() {
        let path = join_path("$.triggers", name);
        match trigger.as_object() {
            Some(object) if object.get_ignore_case("type").is_some_and(|kind| kind.as_str().is_some()) => {
                if let Some(inputs) = object.get_ignore_case("inputs") {
                    let path = join_path(&path, "inputs");
                    check.template(inputs, &path, Place { per_item: true, ..Place::default() });
                    connector(check, inputs);
                }
                found.push(Trigger::read(name, object, &path, &mut check.diagnostics));
            }
            Some(_) => {
                let message = format!("`type` is missing: trigger `{name}` needs it");
                check.diagnostics.push(Diagnostic::error("MissingProperty", message).at(path));
            }
            None => {
                let message =
                    format!("trigger `{name}` must be an object, and is of type `{}`", trigger.kind());
                check.diagnostics.push(Diagnostic::error("InvalidTrigger", message).at(path));
            }
        }
    }
    found
}

fn read_actions<'d>(check: &mut Check<'d>, definition: &'d Object) {
    let actions = definition.get_key_value_ignore_case("actions");
    if actions.is_none() {
        let diagnostic =
            Diagnostic::error("MissingProperty", "`actions` is missing: a definition needs it").at("$");
        let near = nearest("actions", definition.keys().map(riposte_value::SmolStr::as_str));
        check.diagnostics.push(match near {
            Some(near) => diagnostic.help(format!("`{near}` stands there")),
            None => diagnostic.help("a workflow definition has `triggers` and `actions`"),
        });
    }
    check.block(actions.map(|(_, actions)| actions), "$.actions", None, 0);
}

fn outputs(check: &mut Check<'_>, definition: &Object) -> Vec<Output> {
    let declared = definition.get_ignore_case("outputs").and_then(Value::as_object);
    let mut outputs = Vec::new();
    for (name, output) in declared.into_iter().flatten() {
        let Some(value) = output.get_ignore_case("value") else {
            let message = format!("`value` is missing: output `{name}` needs it");
            let path = join_path("$.outputs", name);
            check.diagnostics.push(Diagnostic::error("MissingProperty", message).at(path));
            continue;
        };
        let kind = output.get_ignore_case("type").and_then(Value::as_str).unwrap_or("Object");
        if let Some(value) = check.template(value, &output_path(name), Place::default()) {
            let secure =
                ["SecureString", "SecureObject"].iter().any(|there| there.eq_ignore_ascii_case(kind));
            outputs.push(Output { name: name.clone(), kind: Text::new(kind), value, secure });
        }
    }
    outputs
}

/// Where the value of an output stands.
fn output_path(name: &str) -> String {
    join_path(&join_path("$.outputs", name), "value")
}

/// Notes the connectors of all actions, at all depths, in the order of the definition.
fn connectors(check: &mut Check<'_>, actions: Option<&Value>) {
    for action in actions.and_then(Value::as_object).into_iter().flat_map(Object::values) {
        if let Some(inputs) = action.get_ignore_case("inputs") {
            connector(check, inputs);
        }
        connectors(check, action.get_ignore_case("actions"));
        connectors(
            check,
            action.get_ignore_case("else").and_then(|branch| branch.get_ignore_case("actions")),
        );
        connectors(
            check,
            action.get_ignore_case("default").and_then(|branch| branch.get_ignore_case("actions")),
        );
        let cases = action.get_ignore_case("cases").and_then(Value::as_object);
        for case in cases.into_iter().flat_map(Object::values) {
            connectors(check, case.get_ignore_case("actions"));
        }
    }
}

/// Notes the key in `host.connection.name`: `@parameters('$connections')['azuresentinel']['connectionId']`.
fn connector(check: &mut Check<'_>, inputs: &Value) {
    let key = inputs
        .get_ignore_case("host")
        .and_then(|host| host.get_ignore_case("connection")?.get_ignore_case("name")?.as_str())
        .and_then(connection_key);
    if let Some(key) = key.filter(|key| !check.connectors.contains(key)) {
        check.connectors.push(key);
    }
}

fn connection_key(name: &str) -> Option<Text> {
    let bare =
        name.strip_prefix("@{").and_then(|rest| rest.strip_suffix('}')).or_else(|| name.strip_prefix('@'))?;
    let expression = riposte_expression::parse(bare).ok()?;
    let Primary::Call(call) = &expression.primary else { return None };
    let argument = call.arguments.first().and_then(literal)?;
    if !(call.name.eq_ignore_ascii_case("parameters") && argument.eq_ignore_ascii_case("$connections")) {
        return None;
    }
    match &expression.accesses.first()?.key {
        Key::Name(name) => Some(name.clone()),
        Key::Index(index) => literal(index),
    }
}

fn literal(expression: &Expression) -> Option<Text> {
    match (&expression.primary, expression.accesses.as_slice()) {
        (Primary::String(text), []) => Some(text.clone()),
        _ => None,
    }
}
