//! The functions of the language: one table, one file for each family.
//!
//! A row says what a function is called, how many arguments it takes, whether its value depends on more than those,
//! what it does, and how it is computed. Help, checks and completion read the row.

mod advice;
mod collection;
mod conversion;
mod counts;
mod data_uri;
mod date_time;
mod designer;
mod distinct;
mod invocation;
mod json;
mod logical;
mod math;
mod string;
mod uri;
mod workflow;
mod xml;

pub(crate) use counts::wrong_count;
pub(crate) use invocation::{Environment, Invocation};

use crate::error::Failure;
use riposte_value::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

/// A function of the language.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name as documented; calls may spell it in any case.
    pub name: &'static str,
    /// The family it belongs to.
    pub family: Family,
    /// Its parameters, in order, as one text: `timestamp, interval, timeUnit, [format]`.
    pub parameters: &'static str,
    /// The fewest arguments it takes.
    pub arguments_min: usize,
    /// The most arguments it takes; `None` if there is no bound.
    pub arguments_max: Option<usize>,
    /// What its value depends on beside its arguments.
    pub purity: Purity,
    /// What it does, in a sentence or two.
    pub documentation: &'static str,
    /// Calls with their results.
    pub examples: &'static [Example],
    pub(crate) body: Body,
}

/// A call with its result.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// A bare expression.
    pub expression: &'static str,
    /// Its value as JSON text.
    pub result: &'static str,
}

/// The family of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Text.
    String,
    /// Arrays, objects and text alike.
    Collection,
    /// Booleans and comparison.
    Logical,
    /// From one kind of value to another.
    Conversion,
    /// Numbers.
    Math,
    /// Timestamps and time zones.
    DateTime,
    /// The run: its actions, variables, parameters, trigger.
    Workflow,
    /// Parts of URIs.
    Uri,
    /// Objects and XML.
    Manipulation,
}

impl Family {
    /// The name, for help and manuals.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Collection => "collection",
            Self::Logical => "logical",
            Self::Conversion => "conversion",
            Self::Math => "math",
            Self::DateTime => "date and time",
            Self::Workflow => "workflow",
            Self::Uri => "URI",
            Self::Manipulation => "manipulation",
        }
    }
}

/// What the value of a function depends on beside its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purity {
    /// Nothing: a call with constant arguments is a constant.
    Pure,
    /// The run.
    Run,
    /// The time.
    Clock,
    /// Chance.
    Random,
}

/// How a function is computed.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// From the values of its arguments.
    Value(fn(&Invocation<'_, '_>) -> Result<Value, Failure>),
    /// As [`Self::Value`], and may hand out what the context or an argument lends.
    Lent(for<'a> fn(&Invocation<'_, 'a>) -> Result<Cow<'a, Value>, Failure>),
    /// `if`: one of two branches.
    If,
    /// `and`: up to the first false.
    And,
    /// `or`: up to the first true.
    Or,
    /// `coalesce`: up to the first that is not null.
    Coalesce,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value",
            Self::Lent(_) => "Lent",
            Self::If => "If",
            Self::And => "And",
            Self::Or => "Or",
            Self::Coalesce => "Coalesce",
        })
    }
}

type Compute = fn(&Invocation<'_, '_>) -> Result<Value, Failure>;

/// The parts of a row, chained so that the tables read well.
impl Function {
    const fn new(family: Family, name: &'static str, parameters: &'static str, body: Body) -> Self {
        Self {
            name,
            family,
            parameters,
            arguments_min: 0,
            arguments_max: Some(0),
            purity: Purity::Pure,
            documentation: "",
            examples: &[],
            body,
        }
    }

    const fn value(family: Family, name: &'static str, parameters: &'static str, compute: Compute) -> Self {
        Self::new(family, name, parameters, Body::Value(compute))
    }

    const fn takes(mut self, min: usize, max: usize) -> Self {
        self.arguments_min = min;
        self.arguments_max = Some(max);
        self
    }

    const fn takes_at_least(mut self, min: usize) -> Self {
        self.arguments_min = min;
        self.arguments_max = None;
        self
    }

    const fn depends_on(mut self, purity: Purity) -> Self {
        self.purity = purity;
        self
    }

    const fn says(mut self, documentation: &'static str, examples: &'static [Example]) -> Self {
        self.documentation = documentation;
        self.examples = examples;
        self
    }

    /// Whether it may be called with this many arguments.
    pub const fn accepts(&self, arguments: usize) -> bool {
        arguments >= self.arguments_min
            && match self.arguments_max {
                Some(max) => arguments <= max,
                None => true,
            }
    }
}

const fn example(expression: &'static str, result: &'static str) -> Example {
    Example { expression, result }
}

static TABLE: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let mut table: Vec<Function> = [
        string::FUNCTIONS,
        collection::FUNCTIONS,
        logical::FUNCTIONS,
        conversion::FUNCTIONS,
        data_uri::FUNCTIONS,
        math::FUNCTIONS,
        date_time::FUNCTIONS,
        workflow::FUNCTIONS,
        uri::FUNCTIONS,
        json::FUNCTIONS,
        xml::FUNCTIONS,
        designer::FUNCTIONS,
    ]
    .concat();
    table.sort_by_key(|function| function.name.to_ascii_lowercase());
    table
});

/// Every function, by name.
pub fn functions() -> &'static [Function] {
    &TABLE
}

/// The functions by the length of their names, which tells most of them apart without looking at the names.
static BY_LENGTH: LazyLock<Vec<Vec<&'static Function>>> = LazyLock::new(|| {
    let longest = TABLE.iter().map(|function| function.name.len()).max().unwrap_or(0);
    let of_length = |length| TABLE.iter().filter(move |function| function.name.len() == length).collect();
    (0..=longest).map(of_length).collect()
});

/// The function of this name, whatever the case.
pub fn function(name: &str) -> Option<&'static Function> {
    let alike = BY_LENGTH.get(name.len())?;
    alike.iter().find(|function| function.name.eq_ignore_ascii_case(name)).copied()
}

/// The error for a locale that means nothing here.
fn bad_locale(call: &Invocation<'_, '_>, locale: &str) -> crate::error::Failure {
    call.fails(format_args!(
        "was invoked with a locale that is not valid or has no associated locale: '{locale}'."
    ))
}
