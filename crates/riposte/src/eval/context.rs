//! What an expression may ask for, read from a file or taken from a line of a batch.

use crate::exit::Problem;
use crate::input;
use crate::output;
use riposte_diagnostic::{Diagnostic, nearest};
use riposte_expression::time::DateTime;
use riposte_expression::{MapContext, Ticks};
use riposte_value::{Object, Value};
use std::path::Path;

/// What a context may have that holds values by name.
pub const GROUPS: &[&str] =
    &["parameters", "variables", "actions", "items", "iterationIndexes", "result", "appSettings"];
/// What else it may have.
pub const SINGLES: &[&str] = &["trigger", "action", "item", "workflow", "callbackUrl", "utcNow"];

/// The context in a file; `-` is stdin. Warns on stderr of what no function would ever ask for.
pub fn read(path: &Path) -> Result<Value, Problem> {
    let values = input::value(path)?;
    let file = path.display().to_string();
    let (faults, doubts) = examine(&values);
    output::diagnose(&doubts.into_iter().map(|doubt| doubt.in_file(&file)).collect::<Vec<_>>());
    match faults {
        Some(fault) => Err(Problem::usage(fault.in_file(file))),
        None => Ok(values),
    }
}

/// Why values are no context, and what in them will never be asked for.
fn examine(values: &Value) -> (Option<Diagnostic>, Vec<Diagnostic>) {
    let Some(object) = values.as_object() else {
        let message = format!("a context is an object, not {}", noun(values));
        return (Some(Diagnostic::error("InvalidContext", message)), Vec::new());
    };
    if let Err(message) = time(values) {
        return (Some(Diagnostic::error("InvalidContext", message).at("$.utcNow")), Vec::new());
    }
    let mut doubts = Vec::new();
    for (name, value) in object.iter() {
        let known = || GROUPS.iter().chain(SINGLES).copied();
        if !known().any(|known| known == name.as_str()) {
            let message = format!("a context has no `{name}`");
            let help = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may have {}", known().collect::<Vec<_>>().join(", ")),
            };
            doubts.push(Diagnostic::warning("InvalidContext", message).help(help));
        } else if GROUPS.contains(&name.as_str()) && value.as_object().is_none() && !value.is_null() {
            let message = format!("`{name}` is an object of values by name, not {}", noun(value));
            doubts.push(Diagnostic::warning("InvalidContext", message).at(format!("$.{name}")));
        }
    }
    (None, doubts)
}

/// What a value is, with its article: `an array`.
pub fn noun(value: &Value) -> String {
    let kind = value.kind().as_str().to_lowercase();
    match kind.as_str() {
        "null" => kind,
        kind if kind.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {kind}"),
        kind => format!("a {kind}"),
    }
}

/// The time that the values give; `None` if they leave it to the clock.
fn time(values: &Value) -> Result<Option<Ticks>, String> {
    let text = match values.get("utcNow") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("`utcNow` is a timestamp, not {}", noun(other))),
    };
    match DateTime::parse(text) {
        Ok(time) => Ok(Some(time.ticks())),
        Err(_) => Err(format!("`utcNow` is no timestamp: `{text}`")),
    }
}

/// Makes contexts: the time is the clock's unless the values say otherwise, random numbers begin anew for each.
#[derive(Debug)]
pub struct Contexts {
    seed: u64,
}

impl Contexts {
    /// With a seed of the system's.
    pub fn new() -> Self {
        Self { seed: uuid::Uuid::new_v4().as_u64_pair().0 }
    }

    /// The context over values.
    pub fn of(&mut self, values: Option<&Value>) -> Result<MapContext, String> {
        let values = values.cloned().unwrap_or_else(|| Value::from(Object::new()));
        let time = time(&values)?;
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        Ok(MapContext::new(values).seeded(self.seed).at(time.unwrap_or_else(now)))
    }
}

fn now() -> Ticks {
    let hundreds = jiff::Timestamp::now().as_nanosecond() / 100;
    Ticks(Ticks::UNIX_EPOCH.0 + i64::try_from(hundreds).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn faults_and_doubts_of_a_context_are_told() {
        for (values, fault, doubt) in [
            (value!({}), "", ""),
            (value!({ "variables": { "a": 1 }, "utcNow": "2026-11-21T00:00:00Z", "item": 1 }), "", ""),
            (value!({ "variables": null, "utcNow": null }), "", ""),
            (value!([]), "a context is an object, not an array", ""),
            (value!("x"), "a context is an object, not a string", ""),
            (value!({ "utcNow": "yesterday" }), "`utcNow` is no timestamp: `yesterday`", ""),
            (value!({ "utcNow": 5 }), "`utcNow` is a timestamp, not an integer", ""),
            (value!({ "variable": {} }), "", "a context has no `variable`"),
            (value!({ "actions": [] }), "", "`actions` is an object of values by name, not an array"),
        ] {
            let (faults, doubts) = examine(&values);
            assert_eq!(faults.map(|fault| fault.message).unwrap_or_default(), fault);
            let doubts: Vec<_> = doubts.into_iter().map(|doubt| doubt.message).collect();
            assert_eq!(doubts.join("; "), doubt);
        }
    }
}
