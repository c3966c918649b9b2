//! The documented limits of the service on what a definition may hold. Nothing of this stops a playbook from running
//! here, so each is a warning: the playbook could not be saved in Azure.

use super::ActionId;
use super::check::Check;
use crate::actions::Kind;
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_expression::EXPRESSION_CHARACTERS_MAX;
use riposte_value::{Object, Value};

const ACTIONS: usize = 500;
const TRIGGERS: usize = 10;
const PARAMETERS: usize = 50;
const OUTPUTS: usize = 10;
const VARIABLES: usize = 250;
const NESTING: usize = 8;
const CASES: usize = 25;
const NAME_CHARACTERS: usize = 80;
const DESCRIPTION_CHARACTERS: usize = 256;

/// Warns of what exceeds a limit.
pub(super) fn check(check: &mut Check<'_>, definition: &Object) {
    let members = |name: &str| definition.get_ignore_case(name).and_then(Value::as_object);
    let count = |name: &str| members(name).map_or(0, Object::len);
    for (what, number, most, path) in [
        ("actions", check.actions.len(), ACTIONS, "$.actions"),
        ("triggers", count("triggers"), TRIGGERS, "$.triggers"),
        ("parameters", count("parameters"), PARAMETERS, "$.parameters"),
        ("outputs", count("outputs"), OUTPUTS, "$.outputs"),
        ("variables", check.variables.len(), VARIABLES, "$.actions"),
    ] {
        if number > most {
            let message = format!("the definition has {number} {what}; Azure allows {most}");
            check.diagnostics.push(Diagnostic::warning("AzureLimit", message).at(path));
        }
    }
    for name in members("triggers").into_iter().flat_map(Object::keys) {
        long_name(&mut check.diagnostics, name, &join_path("$.triggers", name));
    }
    for id in 0..check.actions.len() {
        action(check, id);
    }
    for (name, value) in definition.iter().filter(|(_, value)| holds_long(value)) {
        long_expressions(&mut check.diagnostics, value, &join_path("$", name));
    }
}

fn action(check: &mut Check<'_>, id: ActionId) {
    let (Some(action), Some(path)) = (check.actions.get(id), check.paths.get(id)) else { return };
    let path = path.clone();
    let cases = action.blocks.len().saturating_sub(1);
    if matches!(action.kind, Kind::Switch(_)) && cases > CASES {
        let message = format!("the Switch has {cases} cases; Azure allows {CASES}");
        check.diagnostics.push(Diagnostic::warning("AzureLimit", message).at(join_path(&path, "cases")));
    }
    // told once for each branch that goes too deep
    if check.around(id).count() == NESTING {
        let message =
            format!("actions are nested more than {NESTING} levels deep, which Azure does not allow");
        check.diagnostics.push(Diagnostic::warning("AzureLimit", message).at(&*path));
    }
    let name = check.actions.get(id).map(|action| action.name.clone()).unwrap_or_default();
    long_name(&mut check.diagnostics, &name, &path);
}

fn long_name(told: &mut Vec<Diagnostic>, name: &str, path: &str) {
    let length = name.chars().count();
    if length > NAME_CHARACTERS {
        let message = format!("the name has {length} characters; Azure allows {NAME_CHARACTERS}");
        told.push(Diagnostic::warning("AzureLimit", message).at(path));
    }
}

/// Warns of a description that is too long.
pub(super) fn description(check: &mut Check<'_>, definition: &Object, path: &str) {
    let text = definition.get_ignore_case("description").and_then(Value::as_str).unwrap_or_default();
    let length = text.chars().count();
    if length > DESCRIPTION_CHARACTERS {
        let message =
            format!("the description has {length} characters; Azure allows {DESCRIPTION_CHARACTERS}");
        let path = join_path(path, "description");
        check.diagnostics.push(Diagnostic::warning("AzureLimit", message).at(path));
    }
}

/// Whether a whole expression in a value is too long. In text with expressions inside, none was seen that comes near.
fn holds_long(value: &Value) -> bool {
    match value {
        Value::String(text) => is_long(text),
        Value::Array(items) => items.iter().any(holds_long),
        Value::Object(object) => object.values().any(holds_long),
        _ => false,
    }
}

fn is_long(text: &str) -> bool {
    let whole = text.starts_with('@') && !text.starts_with("@@") && !text.starts_with("@{");
    // bytes first: they are counted already
    whole && text.len() > EXPRESSION_CHARACTERS_MAX && text.chars().count() > EXPRESSION_CHARACTERS_MAX
}

fn long_expressions(told: &mut Vec<Diagnostic>, value: &Value, path: &str) {
    match value {
        Value::String(text) if is_long(text) => {
            let length = text.chars().count();
            let message =
                format!("the expression has {length} characters; Azure allows {EXPRESSION_CHARACTERS_MAX}");
            told.push(Diagnostic::warning("AzureLimit", message).at(path));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| holds_long(item)) {
                long_expressions(told, item, &join_index(path, index));
            }
        }
        Value::Object(object) => {
            for (name, item) in object.iter().filter(|(_, item)| holds_long(item)) {
                long_expressions(told, item, &join_path(path, name));
            }
        }
        _ => {}
    }
}
