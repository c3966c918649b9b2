//! Variables: their types, and setting them.

use super::Completion;
use crate::ErrorBody;
use crate::interpreter::Machine;
use crate::program::Reader;
use riposte_diagnostic::nearest;
use riposte_value::{Kind, Object, Text, Value};

/// The type of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VariableType {
    String,
    Integer,
    Float,
    Boolean,
    Object,
    Array,
}

impl VariableType {
    const ALL: [(Self, &'static str); 6] = [
        (Self::String, "String"),
        (Self::Integer, "Integer"),
        (Self::Float, "Float"),
        (Self::Boolean, "Boolean"),
        (Self::Object, "Object"),
        (Self::Array, "Array"),
    ];

    /// The type of this name, whatever its case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| known.eq_ignore_ascii_case(name)).map(|(kind, _)| *kind)
    }

    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The value of a variable that is given none.
    pub fn initial(self) -> Value {
        match self {
            Self::String => Value::text(""),
            Self::Integer => Value::Int(0),
            Self::Float => Value::Float(0.0),
            Self::Boolean => Value::Bool(false),
            Self::Object => Value::Null,
            Self::Array => Value::array([]),
        }
    }

    /// The value as a variable of this type holds it; none if it holds no such value. An integer becomes a float
    /// where one is wanted; null is taken by every type.
    pub fn accept(self, value: Value) -> Result<Value, Kind> {
        match (self, value.kind()) {
            (_, Kind::Null)
            | (Self::String, Kind::String)
            | (Self::Integer, Kind::Integer)
            | (Self::Float, Kind::Float)
            | (Self::Boolean, Kind::Boolean)
            | (Self::Object, Kind::Object)
            | (Self::Array, Kind::Array) => Ok(value),
            (Self::Float, Kind::Integer) => Ok(value.as_f64().map_or(value, Value::Float)),
            (_, kind) => Err(kind),
        }
    }
}

/// Reads the name of the variable that an action changes.
pub(crate) fn read_name(reader: &mut Reader<'_, '_>, inputs: &Object) -> Option<Text> {
    let path = riposte_diagnostic::join_path(&reader.path_of("inputs"), "name");
    match inputs.get_ignore_case("name") {
        Some(Value::String(name)) => Some(name.clone()),
        Some(other) => {
            let message = format!("`name` must be text, and is of type `{}`", other.kind());
            reader.error("InvalidVariable", message, path);
            None
        }
        None => {
            let message = format!("`name` is missing: an action of type `{}` needs it", reader.type_name);
            let path = reader.path_of("inputs");
            reader.error("MissingProperty", message, path);
            None
        }
    }
}

/// A variable that an action changes: its name, and where it must be found once all actions are read.
#[derive(Debug)]
pub(crate) struct Target {
    pub name: Text,
}

impl Target {
    pub fn read(reader: &mut Reader<'_, '_>, inputs: &Object) -> Option<Self> {
        let name = read_name(reader, inputs)?;
        let path = riposte_diagnostic::join_path(&reader.path_of("inputs"), "name");
        reader.check.targets.push((name.clone(), path));
        reader.check.assignments.push((reader.id, name.clone()));
        Some(Self { name })
    }

    /// The number of the variable.
    pub fn find(&self, machine: &Machine<'_>) -> usize {
        machine.program.find_variable(&self.name).unwrap_or(usize::MAX)
    }

    pub fn type_in(&self, machine: &Machine<'_>) -> VariableType {
        machine
            .program
            .variables
            .get(self.find(machine))
            .map_or(VariableType::Object, |variable| variable.kind)
    }

    pub fn value<'m>(&self, machine: &'m mut Machine<'_>) -> &'m mut Value {
        let number = self.find(machine);
        let variables = &mut machine.state.variables;
        if variables.len() <= number {
            // only a state that belongs to another program has too few
            variables.push(None);
        }
        let last = variables.len().saturating_sub(1);
        match variables.get_mut(number.min(last)) {
            Some(value) => value.get_or_insert_default(),
            None => machine.state.scratch.get_or_insert_default(),
        }
    }

    /// Measured wording.
    pub fn wrong_type(&self, machine: &Machine<'_>, code: &'static str, found: Kind) -> Box<Completion> {
        let (name, wanted) = (&self.name, self.type_in(machine).as_str());
        let message = format!(
            "The variable '{name}' of type '{wanted}' cannot be initialized or updated with value of type '{found}'. The variable '{name}' only supports values of types '{wanted}'."
        );
        Box::new(Completion::failed("BadRequest", ErrorBody::new(code, message)))
    }
}

/// Notes variables that actions change and no action initializes.
pub(crate) fn check_targets(check: &mut crate::program::Check<'_>) {
    for (name, path) in std::mem::take(&mut check.targets) {
        if check.variable_names.find(&name).is_some() {
            continue;
        }
        let message = format!("variable `{name}` does not exist");
        let diagnostic = riposte_diagnostic::Diagnostic::error("UnknownVariable", message).at(path);
        let known = check.variable_names.all();
        check.diagnostics.push(match nearest(&name, known.iter().map(riposte_value::SmolStr::as_str)) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("an InitializeVariable action must declare it"),
        });
    }
}
