//! Outputs: `{name: {type, value}}`, with conditions and loops.

use super::copy;
use crate::expression::{Evaluator, Scope};
use crate::fault::{Evaluated, Fault};
use riposte_diagnostic::join_path;
use riposte_value::{Object, Value};

/// The outputs that could be evaluated. Secure ones have a type and no value.
pub fn read(evaluator: &Evaluator<'_>, scope: &Scope, outputs: &Value, path: &str) -> Object {
    let mut made = Object::new();
    let Some(outputs) = outputs.as_object() else {
        evaluator.report(Fault::template("`outputs` is not an object"), path, None);
        return made;
    };
    for (name, output) in outputs {
        let path = join_path(path, name);
        let value = one(evaluator, scope, output, &path);
        if let Ok(Some(output)) = evaluator.reported(value, &path) {
            made.insert(name.clone(), output);
        }
    }
    made
}

fn one(evaluator: &Evaluator<'_>, scope: &Scope, output: &Value, path: &str) -> Evaluated<Option<Value>> {
    let object = output.as_object().ok_or_else(|| Fault::template("an output is not an object"))?;
    if let Some(condition) = object.get_ignore_case("condition") {
        let holds = evaluator.value(scope, condition, &join_path(path, "condition"))?;
        if holds.as_bool() == Some(false) {
            return Ok(None);
        }
    }
    let kind = object.get_ignore_case("type").and_then(Value::as_str).unwrap_or("string").to_lowercase();
    let mut made = Object::new();
    made.insert("type", kind.as_str());
    let value = match (object.get_ignore_case("copy"), object.get_ignore_case("value")) {
        (Some(looped), _) => {
            let path = join_path(path, "copy");
            let turns = copy::count(evaluator, scope, looped.get_ignore_case("count"), &path)?;
            let input = looped
                .get_ignore_case("input")
                .ok_or_else(|| Fault::template("a `copy` loop has no input"))?;
            copy::items(evaluator, scope, ("", turns), input, &path)?
        }
        (None, Some(value)) => evaluator.value(scope, value, &join_path(path, "value"))?,
        (None, None) => return Err(Fault::template("an output has no value")),
    };
    if !kind.starts_with("secure") {
        made.insert("value", value);
    }
    Ok(Some(Value::from(made)))
}
