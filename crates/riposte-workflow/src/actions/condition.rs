//! Conditions of If and Until: text with an expression, or a tree of functions.
//!
//! ```json
//! { "and": [ { "equals": ["@triggerBody()?['severity']", "High"] }, { "not": { "empty": ["@body('Hosts')"] } } ] }
//! ```
//!
//! All operands of the tree are evaluated, then the function is applied to them.

use crate::interpreter::Scope;
use crate::program::Reader;
use riposte_diagnostic::{join_index, join_path};
use riposte_expression::{EvaluationError, Template};
use riposte_value::{Object, Value};

/// How deep functions may nest in a condition.
const DEPTH_MAX: usize = 64;

/// A condition.
#[derive(Debug)]
pub(crate) enum Condition {
    Value(Template),
    Function {
        operands: Vec<Condition>,
        /// The function, applied to the items of `item()`.
        apply: Template,
    },
}

/// Reads a condition. In an Until it is evaluated after each turn of the loop.
pub(crate) fn read(
    reader: &mut Reader<'_, '_>,
    condition: &Value,
    path: &str,
    of_loop: bool,
) -> Option<Condition> {
    read_at(reader, condition, path, of_loop, 0)
}

fn read_at(
    reader: &mut Reader<'_, '_>,
    condition: &Value,
    path: &str,
    of_loop: bool,
    depth: usize,
) -> Option<Condition> {
    match condition {
        Value::Object(_) if depth >= DEPTH_MAX => {
            reader.error(
                "NestingTooDeep",
                format!("the condition nests more than {DEPTH_MAX} functions"),
                path,
            );
            None
        }
        Value::Object(tree) => match tree.iter().next() {
            Some(_) => read_functions(reader, tree, path, of_loop, depth),
            // nothing to hold against it: measured nowhere, and shipped in real playbooks
            None => Some(Condition::Value(Template::compile(&Value::Bool(true)).ok()?)),
        },
        other => leaf(reader, other, path, of_loop),
    }
}

fn leaf(reader: &mut Reader<'_, '_>, value: &Value, path: &str, of_loop: bool) -> Option<Condition> {
    let template = if of_loop { reader.loop_template(value, path) } else { reader.template(value, path) };
    template.map(Condition::Value)
}

/// One function, as a rule; several side by side must all hold.
fn read_functions(
    reader: &mut Reader<'_, '_>,
    tree: &Object,
    path: &str,
    of_loop: bool,
    depth: usize,
) -> Option<Condition> {
    let mut functions = Vec::with_capacity(tree.len());
    for (name, operands) in tree {
        functions.push(read_function(reader, name, operands, &join_path(path, name), of_loop, depth));
    }
    let mut functions: Vec<Condition> = functions.into_iter().collect::<Option<_>>()?;
    if functions.len() == 1 {
        return functions.pop();
    }
    let apply = application("and", functions.len())?;
    Some(Condition::Function { operands: functions, apply })
}

fn read_function(
    reader: &mut Reader<'_, '_>,
    name: &str,
    operands: &Value,
    path: &str,
    of_loop: bool,
    depth: usize,
) -> Option<Condition> {
    if riposte_expression::function(name).is_none() {
        reader.error("UnknownFunction", format!("function `{name}` is not known"), path);
        return None;
    }
    let logical = ["and", "or", "not"].iter().any(|logical| name.eq_ignore_ascii_case(logical));
    let read_operand = |reader: &mut Reader<'_, '_>, value: &Value, path: &str| {
        if logical {
            read_at(reader, value, path, of_loop, depth + 1)
        } else {
            operand(reader, value, path, of_loop, depth + 1)
        }
    };
    let operands: Vec<Option<Condition>> = match operands {
        Value::Array(items) => {
            let paths = (0..items.len()).map(|index| join_index(path, index));
            items.iter().zip(paths).map(|(item, path)| read_operand(reader, item, &path)).collect()
        }
        one => vec![read_operand(reader, one, path)],
    };
    let operands: Vec<Condition> = operands.into_iter().collect::<Option<_>>()?;
    if operands.is_empty() && logical {
        return leaf(reader, &Value::Bool(true), path, of_loop);
    }
    Some(Condition::Function { apply: application(name, operands.len())?, operands })
}

/// An operand of a comparison: a value, or a function again (`{"not": …}` in `equals`).
fn operand(
    reader: &mut Reader<'_, '_>,
    value: &Value,
    path: &str,
    of_loop: bool,
    depth: usize,
) -> Option<Condition> {
    let nested = value.as_object().filter(|object| {
        object.len() == 1 && object.keys().all(|name| riposte_expression::function(name).is_some())
    });
    match nested {
        Some(_) => read_at(reader, value, path, of_loop, depth),
        None => leaf(reader, value, path, of_loop),
    }
}

/// `equals(item()[0],item()[1])`
fn application(function: &str, operands: usize) -> Option<Template> {
    let arguments: Vec<String> = (0..operands).map(|index| format!("item()[{index}]")).collect();
    Template::compile_expression(&format!("{function}({})", arguments.join(","))).ok()
}

impl Condition {
    /// What the condition comes to; whether that is a boolean is for the caller to see.
    pub fn evaluate(&self, scope: &Scope<'_, '_>) -> Result<Value, EvaluationError> {
        match self {
            Self::Value(template) => template.evaluate(scope),
            Self::Function { operands, apply } => {
                let operands =
                    operands.iter().map(|operand| operand.evaluate(scope)).collect::<Result<Vec<_>, _>>()?;
                let operands = Value::from(operands);
                apply.evaluate(&Scope { item: Some(&operands), ..*scope })
            }
        }
    }
}
