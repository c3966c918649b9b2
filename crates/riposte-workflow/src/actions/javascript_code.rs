//! `JavaScriptCode`: runs a script and gives what it returns.
//!
//! The script sees `workflowContext.actions` with the records of the actions that it names or that
//! `explicitDependencies` lists, `.trigger` and `.workflow`. Which actions it names is read from its text
//! (`workflowContext.actions.Name`, `workflowContext.actions['Name']`), so that their records are kept and a name that
//! does not exist is told when the definition is checked. The script itself is run by whoever carries commands out.
//!
//! ```json
//! { "type": "JavaScriptCode", "inputs": { "code": "return workflowContext.trigger.outputs.body.n + 1;",
//!   "explicitDependencies": { "actions": ["Get_it"], "includeTrigger": true } } }
//! ```

use super::{Completion, Kind, Started};
use crate::CommandKind;
use crate::interpreter::{Machine, Request, RetryPolicy};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Object, Text, Value};

#[derive(Debug)]
pub(crate) struct JavaScriptCode {
    inputs: Template,
    /// `workflowContext`.
    context: Template,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let object = reader.inputs_object()?;
    let code = reader.required_input(object, "code")?;
    let path = reader.path_of("inputs");
    let Some(code) = code.as_str() else {
        let message = format!("`code` must be text, and is of type `{}`", code.kind());
        reader.error("InvalidInputs", message, join_path(&path, "code"));
        return None;
    };
    let inputs = reader.inputs()?;
    let context = context(code, object.get_ignore_case("explicitDependencies"));
    let inputs = reader.template(inputs, &path);
    let context = reader.template(&context, &join_path(&path, "code"))?;
    Some(Kind::JavaScriptCode(JavaScriptCode { inputs: inputs?, context }))
}

/// `workflowContext` as a template.
fn context(code: &str, explicit: Option<&Value>) -> Value {
    let listed = explicit
        .and_then(|explicit| explicit.get_ignore_case("actions")?.as_array())
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let named = named_actions(code);
    let mut actions = Object::new();
    for name in listed.chain(named) {
        actions.insert(Text::new(name), format!("@actions('{}')", name.replace('\'', "''")));
    }
    let wants_trigger = explicit
        .and_then(|explicit| explicit.get_ignore_case("includeTrigger")?.as_bool())
        .unwrap_or_default();
    let mut context = Object::with_capacity(3);
    context.insert("actions", Value::from(actions));
    if wants_trigger || code.contains("workflowContext.trigger") || code.contains("workflowContext[") {
        context.insert("trigger", Value::text("@trigger()"));
    }
    context.insert("workflow", Value::text("@workflow()"));
    Value::from(context)
}

/// What every JavaScript object has, and no action is meant by.
const MEMBERS: [&str; 4] = ["hasOwnProperty", "toString", "valueOf", "propertyIsEnumerable"];

/// The names after `workflowContext.actions`, in dots or in brackets with quotes.
fn named_actions(code: &str) -> impl Iterator<Item = &str> {
    code.split("workflowContext.actions").skip(1).filter_map(|rest| {
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('?').unwrap_or(rest);
        let bracketed = rest.strip_prefix("[").or_else(|| rest.strip_prefix(".["));
        if let Some(inner) = bracketed {
            let inner = inner.trim_start();
            let quote = inner.chars().next().filter(|quote| matches!(quote, '\'' | '"' | '`'))?;
            return inner.strip_prefix(quote)?.split(quote).next();
        }
        let name = rest.strip_prefix('.')?.trim_start();
        let is_outside = |letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '$'));
        name.split(is_outside).next().filter(|name| !name.is_empty() && !MEMBERS.contains(name))
    })
}

impl JavaScriptCode {
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        let inputs = machine.evaluate(here, &self.inputs)?;
        let context = machine.evaluate(here, &self.context)?;
        let Some(code) = inputs.get_ignore_case("code").and_then(Value::as_str).map(Text::new) else {
            return Err(machine.invalid_inputs(here, "The property 'code' must be a string."));
        };
        let kind = CommandKind::Script { code, context };
        let request = Request { kind, shown: inputs, policy: RetryPolicy::Never, farewell: None };
        machine.call(here, request)?;
        Ok(Started::Waiting)
    }
}

impl Completion {
    /// What a script returned; without a body where it returned nothing.
    pub fn of_script(body: Option<Value>) -> Self {
        let mut outputs = Object::new();
        if let Some(body) = body {
            outputs.insert("body", body);
        }
        Self::succeeded("OK").outputs(Value::from(outputs))
    }
}

#[cfg(test)]
mod tests {
    use super::named_actions;

    #[test]
    fn names_in_code() {
        for (code, wanted) in [
            ("return workflowContext.actions.Get_it.outputs", vec!["Get_it"]),
            ("workflowContext.actions['A b'].x + workflowContext.actions [ \"C\" ]", vec!["A b", "C"]),
            ("workflowContext.actions?.D; workflowContext.actions.E2;", vec!["D", "E2"]),
            ("workflowContext.actions[name]", vec![]),
            ("for (var a in workflowContext.actions) {} workflowContext.actions.hasOwnProperty('x')", vec![]),
            ("workflowContext.trigger.outputs", vec![]),
        ] {
            assert_eq!(named_actions(code).collect::<Vec<_>>(), wanted, "{code}");
        }
    }
}
