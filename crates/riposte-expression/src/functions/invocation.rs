//! What a function sees of its call, and the words of its errors.

use super::{Function, advice};
use crate::context::Context;
use crate::error::{Failure, Place};
use crate::limits::{Bound, Limits};
use crate::size;
use riposte_diagnostic::Span;
use riposte_value::{Object, Text, Value};
use std::cell::Cell;

/// What surrounds an evaluation, and how far it has come.
pub(crate) struct Environment<'a> {
    pub context: &'a dyn Context,
    pub limits: &'a Limits,
    /// The expression that was begun last, and the call. An evaluation ends at its first failure, so if it fails, it
    /// fails there; results then need not be opened on their way out to say where they come from.
    pub expression: Cell<Option<&'a Place>>,
    pub begun: Cell<Span>,
}

impl<'a> Environment<'a> {
    pub fn new(context: &'a dyn Context, limits: &'a Limits) -> Self {
        Self { context, limits, expression: Cell::new(None), begun: Cell::new(Span { start: 0, end: 0 }) }
    }
}

/// A call with its arguments evaluated.
pub(crate) struct Invocation<'e, 'a> {
    pub function: &'static Function,
    pub arguments: &'e [&'e Value],
    pub environment: &'e Environment<'a>,
}

static NULL: Value = Value::Null;

const ORDINALS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

impl Invocation<'_, '_> {
    /// The argument at an index; null if there is none, which the table's counts rule out.
    pub fn argument(&self, index: usize) -> &Value {
        self.arguments.get(index).copied().unwrap_or(&NULL)
    }

    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.arguments.iter().copied()
    }

    /// The argument at an index, if it was given and is not null.
    pub fn optional(&self, index: usize) -> Option<&Value> {
        self.arguments.get(index).copied().filter(|value| !value.is_null())
    }

    /// An error of this function: `The template language function 'X' <detail> Please see …`.
    pub fn fails(&self, detail: impl std::fmt::Display) -> Failure {
        let name = self.function.name;
        Failure::new(format!(
            "The template language function '{name}' {detail} Please see https://aka.ms/logicexpressions#{} for usage details.",
            name.to_ascii_lowercase()
        ))
    }

    /// An error about the kind of an argument: `expects its first parameter <wanted>. The provided value is of type …`.
    pub fn wrong(&self, index: usize, wanted: &str) -> Failure {
        self.wrong_at(&self.which(index), index, wanted)
    }

    /// As [`Self::wrong`], for functions whose messages call the parameter otherwise.
    pub fn wrong_at(&self, which: &str, index: usize, wanted: &str) -> Failure {
        let value = self.argument(index);
        let kind = value.kind();
        self.fails(format_args!("expects its {which} {wanted}. The provided value is of type '{kind}'."))
            .advised(advice::about(value, wanted))
    }

    fn which(&self, index: usize) -> String {
        if self.function.arguments_max == Some(1) {
            return "parameter".into();
        }
        format!("{} parameter", ORDINALS.get(index).copied().unwrap_or("last"))
    }

    pub fn string(&self, index: usize) -> Result<&str, Failure> {
        self.argument(index).as_str().ok_or_else(|| self.wrong(index, "to be of type string"))
    }

    pub fn optional_string(&self, index: usize) -> Result<Option<&str>, Failure> {
        self.optional(index).map(|_| self.string(index)).transpose()
    }

    /// An integer; a float that is whole will do.
    pub fn integer(&self, index: usize) -> Result<i64, Failure> {
        crate::number::whole(self.argument(index)).ok_or_else(|| self.wrong(index, "to be an integer"))
    }

    pub fn array(&self, index: usize, wanted: &str) -> Result<&[Value], Failure> {
        self.argument(index).as_array().ok_or_else(|| self.wrong(index, wanted))
    }

    pub fn object(&self, index: usize) -> Result<&Object, Failure> {
        self.argument(index).as_object().ok_or_else(|| self.wrong(index, "to be of type object"))
    }

    /// The error for a first argument that cannot be read as what the function makes.
    pub fn not_convertible(&self) -> Failure {
        Failure::new(format!(
            "The template language function '{}' was invoked with a parameter that is not valid. The value cannot be converted to the target type.",
            self.function.name
        ))
    }

    /// The error for a name, of an action or a variable, that is no text.
    pub fn not_a_name(&self) -> Failure {
        self.not_valid().help("the first argument is to be a name: text between single quotation marks")
    }

    /// The error of the functions of text that say no more than that.
    pub fn not_a_text(&self) -> Failure {
        self.not_valid().advised(advice::about(self.argument(0), "string"))
    }

    fn not_valid(&self) -> Failure {
        Failure::new(format!(
            "The provided parameters for template language function '{}' are not valid.",
            self.function.name
        ))
    }

    /// Text that was made, if it is not too long.
    pub fn text(&self, text: impl Into<Text> + AsRef<str>) -> Result<Value, Failure> {
        self.check_length(text.as_ref().len())?;
        Ok(Value::String(text.into()))
    }

    pub fn check_length(&self, bytes: usize) -> Result<(), Failure> {
        let max = self.environment.limits.text_bytes_max;
        if bytes <= max {
            return Ok(());
        }
        Err(self
            .fails(format_args!("would make a string that exceeds the limit of '{max}' characters."))
            .help(Bound::Text.advice()))
    }

    /// An array or object that was made, if it is within the bounds.
    pub fn made(&self, value: Value) -> Result<Value, Failure> {
        match size::check(&value, self.environment.limits) {
            Ok(()) => Ok(value),
            Err(why) => Err(self
                .fails(format_args!("would make a value that is too large. {why}"))
                .help(why.bound().advice())),
        }
    }

    pub fn check_items(&self, items: usize) -> Result<(), Failure> {
        let max = self.environment.limits.items_max;
        if items <= max {
            return Ok(());
        }
        Err(self
            .fails(format_args!("would make an array that exceeds the limit of '{max}' items."))
            .help(Bound::Items.advice()))
    }
}
