//! Expression: the date and time actions of the designer, told apart by `kind`. Each is a function of the language
//! applied to the inputs.
//!
//! ```json
//! { "type": "Expression", "kind": "AddToTime",
//!   "inputs": { "baseTime": "@utcNow()", "interval": 1, "timeUnit": "Hour" } }
//! ```

use super::{Completion, Kind};
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::nearest;
use riposte_expression::Template;
use riposte_value::Value;

#[derive(Debug)]
pub(crate) struct Expression {
    inputs: Template,
    apply: Template,
}

/// The kinds: name, inputs that they need, expression over the inputs, and the same with a format.
const KINDS: &[(&str, &[&str], &str, &str)] = &[
    ("CurrentTime", &[], "utcNow()", "utcNow(item()['formatString'])"),
    (
        "AddToTime",
        &["baseTime", "interval", "timeUnit"],
        "addToTime(item()['baseTime'],item()['interval'],item()['timeUnit'])",
        "addToTime(item()['baseTime'],item()['interval'],item()['timeUnit'],item()['formatString'])",
    ),
    (
        "SubtractFromTime",
        &["baseTime", "interval", "timeUnit"],
        "subtractFromTime(item()['baseTime'],item()['interval'],item()['timeUnit'])",
        "subtractFromTime(item()['baseTime'],item()['interval'],item()['timeUnit'],item()['formatString'])",
    ),
    (
        "GetFutureTime",
        &["interval", "timeUnit"],
        "getFutureTime(item()['interval'],item()['timeUnit'])",
        "getFutureTime(item()['interval'],item()['timeUnit'],item()['formatString'])",
    ),
    (
        "GetPastTime",
        &["interval", "timeUnit"],
        "getPastTime(item()['interval'],item()['timeUnit'])",
        "getPastTime(item()['interval'],item()['timeUnit'],item()['formatString'])",
    ),
    (
        "ConvertTimeZone",
        &["baseTime", "sourceTimeZone", "destinationTimeZone"],
        "convertTimeZone(item()['baseTime'],item()['sourceTimeZone'],item()['destinationTimeZone'])",
        "convertTimeZone(item()['baseTime'],item()['sourceTimeZone'],item()['destinationTimeZone'],item()['formatString'])",
    ),
];

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let kind = reader.required("kind")?;
    let written = kind.as_str().unwrap_or_default();
    let Some((name, needed, plain, formatted)) = KINDS.iter().find(|row| row.0.eq_ignore_ascii_case(written))
    else {
        let names = KINDS.iter().map(|row| row.0);
        let message = match nearest(written, names) {
            Some(near) => format!("expression kind `{written}` is not known; did you mean `{near}`?"),
            None => format!("expression kind `{written}` is not known"),
        };
        let path = reader.path_of("kind");
        reader.error("UnknownKind", message, path);
        return None;
    };
    let none = Value::object::<&str>([]);
    let inputs =
        if needed.is_empty() { reader.property("inputs").unwrap_or(&none) } else { reader.inputs()? };
    let mut missing = false;
    for property in *needed {
        if inputs.get_ignore_case(property).is_none() {
            let message =
                format!("`{property}` is missing: an action of type `Expression`, kind `{name}`, needs it");
            let path = reader.path_of("inputs");
            reader.error("MissingProperty", message, path);
            missing = true;
        }
    }
    let path = reader.path_of("inputs");
    let has_format = inputs.get_ignore_case("formatString").is_some_and(|format| !format.is_null());
    let apply = Template::compile_expression(if has_format { formatted } else { plain }).ok()?;
    let inputs = reader.template(inputs, &path)?;
    (!missing).then_some(Kind::Expression(Expression { inputs, apply }))
}

impl Expression {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let inputs = machine.evaluate(here, &self.inputs)?;
        let mut scope = machine.scope(here);
        scope.item = Some(&inputs);
        let body = self.apply.evaluate(&scope).map_err(|error| machine.inputs_failure(here, &error))?;
        Ok(Completion::succeeded("OK").inputs(inputs).body(body))
    }
}
