//! `InitializeVariable`: declares variables and gives them their first values.
//!
//! ```json
//! { "type": "InitializeVariable", "inputs": { "variables": [ { "name": "hosts", "type": "array", "value": [] } ] } }
//! ```
//!
//! Without a value, or with null: `""`, 0, 0.0, false, null (object), `[]`.

use super::variable::{Target, VariableType};
use super::{Completion, Kind};
use crate::interpreter::{Machine, Run};
use crate::program::{Reader, Variable};
use crate::state::Here;
use riposte_diagnostic::{join_index, join_path, nearest};
use riposte_expression::Template;
use riposte_value::{Object, Value};

#[derive(Debug)]
pub(crate) struct InitializeVariable {
    variables: Vec<Declared>,
}

#[derive(Debug)]
struct Declared {
    target: Target,
    /// The type as written, for history.
    type_name: riposte_value::Text,
    value: Option<Template>,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let list = reader.required_input(inputs, "variables")?;
    let path = join_path(&reader.path_of("inputs"), "variables");
    let Some(list) = list.as_array() else {
        let message = format!("`variables` must be an array, and is of type `{}`", list.kind());
        reader.error("InvalidInputs", message, path);
        return None;
    };
    let declared: Vec<Option<Declared>> = list
        .iter()
        .enumerate()
        .map(|(index, item)| declare(reader, item, &join_index(&path, index)))
        .collect();
    let variables = declared.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Kind::InitializeVariable(InitializeVariable { variables }))
}

fn declare(reader: &mut Reader<'_, '_>, item: &Value, path: &str) -> Option<Declared> {
    let name = if let Some(Value::String(name)) = item.get_ignore_case("name") {
        name.clone()
    } else {
        reader.error("MissingProperty", "`name` is missing: every variable needs it", path);
        return None;
    };
    let written = item.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
    let kind = VariableType::parse(written);
    if kind.is_none() {
        let names = ["String", "Integer", "Float", "Boolean", "Object", "Array"];
        let message = match nearest(written, names) {
            Some(near) => format!("variable type `{written}` is not known; did you mean `{near}`?"),
            None => format!("variable type `{written}` is not known; the types are `{}`", names.join("`, `")),
        };
        reader.error("UnknownVariableType", message, join_path(path, "type"));
    }
    // declared even with a faulty type, so that its users are not reported too
    let variable = Variable { name: name.clone(), kind: kind.unwrap_or(VariableType::Object) };
    reader.check.declare(variable, path);
    reader.check.assignments.push((reader.id, name.clone()));
    let value_path = join_path(path, "value");
    let value = match item.get_ignore_case("value") {
        None => None,
        Some(value) => Some(reader.template(value, &value_path)?),
    };
    kind?;
    Some(Declared { target: Target { name }, type_name: written.into(), value })
}

impl InitializeVariable {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let mut shown = Vec::with_capacity(self.variables.len());
        for variable in &self.variables {
            let given = match &variable.value {
                Some(template) => machine.evaluate(here, template)?,
                None => Value::Null,
            };
            let kind = variable.target.type_in(machine);
            let value = if given.is_null() { kind.initial() } else { given };
            let value = kind.accept(value).map_err(|found| {
                variable.target.wrong_type(machine, "InvalidVariableInitialization", found)
            })?;
            *variable.target.value(machine) = value.clone();
            let mut entry = Object::with_capacity(3);
            entry.insert("name", &variable.target.name);
            entry.insert("type", &variable.type_name);
            entry.insert("value", value);
            shown.push(Value::from(entry));
        }
        let body = shown.first().cloned().unwrap_or_default();
        let inputs = Value::object([("variables", Value::from(shown))]);
        Ok(Completion::succeeded("NotSpecified").inputs(inputs).body(body))
    }
}
