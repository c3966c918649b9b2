//! The functions of the template language: one table a family, one row a function.
//!
//! Names are looked up without regard to case. A row's function gets evaluated arguments, or, where evaluation must
//! wait (`if`, `and`, lambdas, `reference`), the expressions.

mod arrays;
mod dates;
mod encoding;
mod lambdas;
mod logic;
mod numbers;
mod objects;
mod resources;
mod scopes;
mod texts;

use crate::expression::{Evaluator, Expression, Scope};
use crate::fault::{Evaluated, Fault};
use riposte_value::{Object, Text, Value, json, number};

/// One call of a function.
pub struct Call<'a> {
    pub evaluator: &'a Evaluator<'a>,
    pub scope: &'a Scope,
    pub name: &'static str,
    /// The name as the template spells it.
    pub written: &'a str,
}

/// What a function does.
#[derive(Clone, Copy)]
pub enum Body {
    /// Takes evaluated arguments.
    Plain(fn(&Call<'_>, &[Value]) -> Evaluated<Value>),
    /// Takes the expressions.
    Lazy(fn(&Call<'_>, &[Expression]) -> Evaluated<Value>),
}

/// One function.
pub struct Function {
    pub name: &'static str,
    pub min: usize,
    /// `None`: any number.
    pub max: Option<usize>,
    pub doc: &'static str,
    pub body: Body,
}

const FAMILIES: &[&[Function]] = &[
    texts::FUNCTIONS,
    encoding::FUNCTIONS,
    arrays::FUNCTIONS,
    lambdas::FUNCTIONS,
    objects::FUNCTIONS,
    numbers::FUNCTIONS,
    logic::FUNCTIONS,
    dates::FUNCTIONS,
    scopes::FUNCTIONS,
    resources::FUNCTIONS,
];

/// What the manual says of a template function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionInfo {
    /// The name as Azure spells it.
    pub name: &'static str,
    /// The least number of arguments.
    pub arguments_min: usize,
    /// The greatest number of arguments; `None` for any.
    pub arguments_max: Option<usize>,
    /// What it gives, in one sentence.
    pub doc: &'static str,
}

/// Every template function that is known, by family.
pub fn functions() -> impl Iterator<Item = FunctionInfo> {
    all().map(|f| FunctionInfo { name: f.name, arguments_min: f.min, arguments_max: f.max, doc: f.doc })
}

fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().flat_map(|family| family.iter())
}

/// The names of all functions.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|function| function.name)
}

/// The function of this name; `list…` functions are any name that starts so.
pub fn find(name: &str) -> Option<&'static Function> {
    let exact = all().find(|function| function.name.eq_ignore_ascii_case(name));
    exact.or_else(|| {
        let listing = name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("list")) && name.len() > 4;
        listing.then_some(&resources::LIST)
    })
}

impl Function {
    /// Refuses a wrong number of arguments.
    pub fn check_count(&self, count: usize) -> Evaluated<()> {
        if count >= self.min && self.max.is_none_or(|max| count <= max) {
            return Ok(());
        }
        let wanted = match self.max {
            Some(max) if max == self.min => format!("{max}"),
            Some(max) => format!("{} to {max}", self.min),
            None => format!("at least {}", self.min),
        };
        Err(Fault::expression(format!("`{}` takes {wanted} arguments, {count} were given", self.name)))
    }
}

impl Call<'_> {
    /// A fault about the argument at an index.
    fn wrong(&self, index: usize, wanted: &str, found: &Value) -> Fault {
        Fault::expression(format!(
            "argument {} of `{}` must be {wanted}, not a value of type `{}`",
            index + 1,
            self.name,
            found.kind()
        ))
    }

    fn refuse(&self, what: impl AsRef<str>) -> Fault {
        Fault::expression(format!("`{}` {}", self.name, what.as_ref()))
    }

    fn str<'v>(&self, arguments: &'v [Value], index: usize) -> Evaluated<&'v str> {
        let value = nth(arguments, index);
        value.as_str().ok_or_else(|| self.wrong(index, "a text", value))
    }

    fn optional_str<'v>(&self, arguments: &'v [Value], index: usize) -> Evaluated<Option<&'v str>> {
        if arguments.len() > index { self.str(arguments, index).map(Some) } else { Ok(None) }
    }

    fn int(&self, arguments: &[Value], index: usize) -> Evaluated<i64> {
        let value = nth(arguments, index);
        value.as_i64().ok_or_else(|| self.wrong(index, "a whole number", value))
    }

    fn array<'v>(&self, arguments: &'v [Value], index: usize) -> Evaluated<&'v [Value]> {
        let value = nth(arguments, index);
        value.as_array().ok_or_else(|| self.wrong(index, "an array", value))
    }

    fn object<'v>(&self, arguments: &'v [Value], index: usize) -> Evaluated<&'v Object> {
        let value = nth(arguments, index);
        value.as_object().ok_or_else(|| self.wrong(index, "an object", value))
    }

    fn bool(&self, arguments: &[Value], index: usize) -> Evaluated<bool> {
        let value = nth(arguments, index);
        value.as_bool().ok_or_else(|| self.wrong(index, "true or false", value))
    }

    /// The argument at an index, evaluated now.
    fn evaluate(&self, arguments: &[Expression], index: usize) -> Evaluated<Value> {
        match arguments.get(index) {
            Some(argument) => self.evaluator.argument(self.scope, argument),
            None => Ok(Value::Null),
        }
    }
}

/// The argument at an index; the count has been checked, so it is there.
fn nth(arguments: &[Value], index: usize) -> &Value {
    static NONE: Value = Value::Null;
    arguments.get(index).unwrap_or(&NONE)
}

/// A value as text: text as it is, booleans as `True` and `False`, arrays and objects as JSON.
pub fn text_of(value: &Value) -> Text {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => Text::default(),
        Value::Bool(true) => Text::new_static("True"),
        Value::Bool(false) => Text::new_static("False"),
        Value::Float(float) => Text::from(number::float_text(*float)),
        other => Text::from(json::to_string(other)),
    }
}

/// An index or length as a number of this machine; negative ones become zero.
fn size(number: i64) -> usize {
    usize::try_from(number.max(0)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_holds_no_name_twice() {
        let mut names: Vec<String> = super::names().map(str::to_lowercase).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(
            super::functions()
                .all(|f| !f.doc.is_empty() && f.arguments_max.is_none_or(|m| m >= f.arguments_min))
        );
    }
}
