//! The compiled form of an expression; [`crate::evaluate`] runs it.
//!
//! Compiling looks functions up, lays literals out as values and computes what is constant. A constant call that fails
//! stays a call, so that it fails when it is reached, as the service does: an unknown function in a branch that is not
//! taken does no harm.

use crate::ast::{Access, Call, Expression, Key, Primary};
use crate::error::Failure;
use crate::functions::{self, Body, Environment, Function, Purity};
use crate::lent::{Lend, lend_of};
use crate::limits::Limits;
use crate::map_context::MapContext;
use crate::path::{Property, Step, StepKey};
use crate::size::{self, Extent};
use crate::time::Ticks;
use riposte_diagnostic::{Span, nearest};
use riposte_value::{Text, Value};
use std::cell::Cell;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Constant(Value),
    Call {
        function: &'static Function,
        arguments: Box<[Self]>,
        span: Span,
    },
    /// `if`: one of two branches.
    If {
        function: &'static Function,
        parts: Box<[Self; 3]>,
        span: Span,
    },
    /// `and` and `or`: up to the first that decides.
    Test {
        function: &'static Function,
        decides: bool,
        arguments: Box<[Self]>,
        span: Span,
    },
    /// `coalesce`: up to the first that is not null.
    Coalesce(Box<[Self]>),
    /// A call that the context may answer by lending.
    Lookup {
        lend: Lend,
        name: Text,
        call: Box<Self>,
    },
    Path {
        base: Box<Self>,
        steps: Box<[Step]>,
        span: Span,
    },
    /// Fails when it is reached.
    Fault(Box<Failure>),
}

/// What may be computed while compiling.
#[derive(Debug)]
pub(crate) struct Folding {
    limits: Limits,
    /// How much more may be kept.
    left: Cell<usize>,
}

impl Folding {
    /// Constants that whoever compiles within `limits` may have.
    pub fn within(limits: &Limits) -> Self {
        Self { limits: limits.folding(), left: Cell::new(FOLDED_BYTES_MAX) }
    }

    /// Whether a constant is within the bounds and there is room for it, which then is taken.
    fn keeps(&self, value: &Value) -> bool {
        if size::check(value, &self.limits).is_err() {
            return false;
        }
        let left = self.left.get().checked_sub(Extent::of(value).length);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// How large all constants of one template together may be, as [`Extent`] measures them: a few letters, such as
/// `range(0,1000)`, make a large one, and a definition may have them thousands of times.
const FOLDED_BYTES_MAX: usize = 64 * 1024;

/// Compiles an expression whose text begins at `offset`; spans count from there.
pub(crate) fn compile(expression: &Expression, offset: usize, folding: &Folding) -> Node {
    let span = shift(expression.span, offset);
    let base = match &expression.primary {
        Primary::Null => Node::Constant(Value::Null),
        Primary::Bool(b) => Node::Constant(Value::Bool(*b)),
        Primary::Int(i) => Node::Constant(Value::Int(*i)),
        Primary::Float(f) => Node::Constant(Value::Float(*f)),
        Primary::String(text) => Node::Constant(Value::String(text.clone())),
        Primary::Call(call) => compile_call(call, offset, folding),
    };
    if expression.accesses.is_empty() {
        return base;
    }
    let steps: Box<[Step]> =
        expression.accesses.iter().map(|access| compile_step(access, offset, folding)).collect();
    let constant = matches!(base, Node::Constant(_))
        && steps
            .iter()
            .all(|step| !matches!(&step.key, StepKey::Computed(node) if !matches!(node, Node::Constant(_))));
    let node = Node::Path { base: Box::new(base), steps, span };
    if constant { fold(node, folding) } else { node }
}

fn compile_step(access: &Access, offset: usize, folding: &Folding) -> Step {
    let key = match &access.key {
        Key::Name(name) => StepKey::Name(Property::new(name.clone())),
        Key::Index(key) => match compile(key, offset, folding) {
            Node::Constant(Value::String(name)) => StepKey::Name(Property::new(name)),
            Node::Constant(Value::Int(index)) => StepKey::Index(index),
            node => StepKey::Computed(node),
        },
    };
    Step { safe: access.safe, key, span: shift(access.span, offset) }
}

fn compile_call(call: &Call, offset: usize, folding: &Folding) -> Node {
    let span = shift(call.span, offset);
    let Some(function) = functions::function(&call.name) else {
        let failure =
            Failure::new(format!("The template function '{}' is not defined or not valid.", call.name));
        let names = functions::functions().iter().map(|function| function.name);
        let failure = match nearest(&call.name, names) {
            Some(near) => failure.help(format!("did you mean `{near}`?")),
            None => failure,
        };
        return Node::Fault(Box::new(failure.at(span)));
    };
    if !function.accepts(call.arguments.len()) {
        let failure = functions::wrong_count(function, &call.name, call.arguments.len());
        return Node::Fault(Box::new(failure.at(span)));
    }
    let arguments: Box<[Node]> =
        call.arguments.iter().map(|argument| compile(argument, offset, folding)).collect();
    let constant =
        function.purity == Purity::Pure && arguments.iter().all(|node| matches!(node, Node::Constant(_)));
    let name = match arguments.as_ref() {
        [] => Some(Text::default()),
        [Node::Constant(Value::String(name))] => Some(name.clone()),
        _ => None,
    };
    let node = node_of(function, arguments, span);
    match (lend_of(function), name) {
        (Some(lend), Some(name)) => Node::Lookup { lend, name, call: Box::new(node) },
        _ if constant => fold(node, folding),
        _ => node,
    }
}

/// The functions that do not need all their arguments have nodes of their own.
fn node_of(function: &'static Function, arguments: Box<[Node]>, span: Span) -> Node {
    match function.body {
        Body::If => match Box::<[Node; 3]>::try_from(arguments) {
            Ok(parts) => Node::If { function, parts, span },
            Err(arguments) => Node::Call { function, arguments, span },
        },
        Body::And => Node::Test { function, decides: false, arguments, span },
        Body::Or => Node::Test { function, decides: true, arguments, span },
        Body::Coalesce => Node::Coalesce(arguments),
        Body::Value(_) | Body::Lent(_) => Node::Call { function, arguments, span },
    }
}

/// Computes a constant; what fails, or becomes too large, is left to the evaluation.
fn fold(node: Node, folding: &Folding) -> Node {
    // What depends on the time through its arguments (a timestamp without a date) is no constant.
    let context = MapContext::default().at(Ticks::UNKNOWN);
    let environment = Environment::new(&context, &folding.limits);
    match node.evaluate(&environment) {
        Ok(value) if folding.keeps(&value) => Node::Constant(value),
        _ => node,
    }
}

fn shift(span: Span, offset: usize) -> Span {
    Span { start: span.start.saturating_sub(offset), end: span.end.saturating_sub(offset) }
}
