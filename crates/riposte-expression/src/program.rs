//! The compiled form of an expression, and its evaluation.
//!
//! Compiling looks functions up, lays literals out as values and computes what is constant. A constant call that fails
//! stays a call, so that it fails when it is reached, as the service does: an unknown function in a branch that is not
//! taken does no harm.

use crate::ast::{Access, Call, Expression, Key, Primary};
use crate::error::Failure;
use crate::functions::{self, Body, Environment, Function, Invocation, Purity};
use crate::lent::{Lend, lend_of};
use crate::limits::Limits;
use crate::map_context::MapContext;
use crate::path::{Step, StepKey, walk};
use riposte_diagnostic::{Span, nearest};
use riposte_value::{Text, Value};
use std::borrow::Cow;

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Constant(Value),
    Call {
        function: &'static Function,
        arguments: Box<[Self]>,
        span: Span,
    },
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

static NULL: Value = Value::Null;

/// Compiles an expression whose text begins at `offset`; spans count from there.
pub(crate) fn compile(expression: &Expression, offset: usize) -> Node {
    let span = shift(expression.span, offset);
    let base = match &expression.primary {
        Primary::Null => Node::Constant(Value::Null),
        Primary::Bool(b) => Node::Constant(Value::Bool(*b)),
        Primary::Int(i) => Node::Constant(Value::Int(*i)),
        Primary::Float(f) => Node::Constant(Value::Float(*f)),
        Primary::String(text) => Node::Constant(Value::String(text.clone())),
        Primary::Call(call) => compile_call(call, offset),
    };
    if expression.accesses.is_empty() {
        return base;
    }
    let steps: Box<[Step]> = expression.accesses.iter().map(|access| compile_step(access, offset)).collect();
    let constant = matches!(base, Node::Constant(_))
        && steps
            .iter()
            .all(|step| !matches!(&step.key, StepKey::Computed(node) if !matches!(node, Node::Constant(_))));
    let node = Node::Path { base: Box::new(base), steps, span };
    if constant { fold(node) } else { node }
}

fn compile_step(access: &Access, offset: usize) -> Step {
    let key = match &access.key {
        Key::Name(name) => StepKey::Name(name.clone()),
        Key::Index(key) => match compile(key, offset) {
            Node::Constant(Value::String(name)) => StepKey::Name(name),
            Node::Constant(Value::Int(index)) => StepKey::Index(index),
            node => StepKey::Computed(node),
        },
    };
    Step { safe: access.safe, key, span: shift(access.span, offset) }
}

fn compile_call(call: &Call, offset: usize) -> Node {
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
        let failure = functions::wrong_count(function, call.arguments.len());
        return Node::Fault(Box::new(failure.at(span)));
    }
    let arguments: Box<[Node]> = call.arguments.iter().map(|argument| compile(argument, offset)).collect();
    let constant =
        function.purity == Purity::Pure && arguments.iter().all(|node| matches!(node, Node::Constant(_)));
    let name = match arguments.as_ref() {
        [] => Some(Text::default()),
        [Node::Constant(Value::String(name))] => Some(name.clone()),
        _ => None,
    };
    let node = Node::Call { function, arguments, span };
    match (lend_of(function), name) {
        (Some(lend), Some(name)) => Node::Lookup { lend, name, call: Box::new(node) },
        _ if constant => fold(node),
        _ => node,
    }
}

/// Computes a constant; what fails, or becomes too large, is left to the evaluation.
fn fold(node: Node) -> Node {
    let context = MapContext::default();
    let environment = Environment::new(&context, &Limits::FOLDING);
    match node.evaluate(&environment) {
        Ok(value) => Node::Constant(value),
        Err(_) => node,
    }
}

fn shift(span: Span, offset: usize) -> Span {
    Span { start: span.start.saturating_sub(offset), end: span.end.saturating_sub(offset) }
}

/// Binds an argument by reference: to what was lent, or to what is made on the spot. A value is made where it stays: to
/// move one that was just written takes some 4 ns, as long as the rest of a call, as its bytes are read in other pieces
/// than they were written in and have to arrive first.
macro_rules! argument {
    ($made:ident, $value:ident = $lent:expr, $node:expr, $environment:expr) => {
        let lent = $lent;
        let $made = match lent {
            Some(_) => Ok(Value::Null),
            None => $node.compute($environment),
        };
        let $value = match (lent, &$made) {
            (Some(value), _) | (None, Ok(value)) => value,
            (None, Err(_)) => return $made,
        };
    };
}

impl Node {
    pub fn evaluate<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        match self.lent(environment) {
            Some(value) => Ok(value.clone()),
            None => self.compute(environment),
        }
    }

    /// The value, if it can be had by reference alone: nothing is computed, and what cannot be found is left to
    /// [`Self::compute`], which says why.
    #[inline]
    pub fn lent<'a>(&'a self, environment: &Environment<'a>) -> Option<&'a Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Lookup { lend, name, .. } => lend(environment.context, name),
            Self::Path { base, steps, .. } => {
                steps.iter().try_fold(base.lent(environment)?, |value, step| step.take(value))
            }
            Self::Call { function, arguments, .. } if matches!(function.body, Body::Coalesce) => {
                lent_first(arguments, environment)
            }
            Self::Call { .. } | Self::Fault(_) => None,
        }
    }

    /// The value of what cannot be lent.
    pub fn compute<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Call { function, arguments, span } => call(function, arguments, *span, environment),
            Self::Lookup { call, .. } => call.compute(environment),
            Self::Path { base, steps, span } => {
                argument!(made, start = base.lent(environment), base, environment);
                walk(start, steps, *span, environment).cloned()
            }
            Self::Fault(failure) => Err((**failure).clone()),
        }
    }

    /// Whether the value comes straight out of the context, so that it need not be checked again.
    pub fn is_lookup(&self) -> bool {
        match self {
            Self::Call { function, .. } => function.purity == Purity::Run,
            Self::Path { base, .. } => base.is_lookup(),
            Self::Constant(_) | Self::Lookup { .. } | Self::Fault(_) => true,
        }
    }
}

/// The first value that is not null, if all up to it can be lent.
fn lent_first<'a>(nodes: &'a [Node], environment: &Environment<'a>) -> Option<&'a Value> {
    for node in nodes {
        let value = node.lent(environment)?;
        if !value.is_null() {
            return Some(value);
        }
    }
    Some(&NULL)
}

fn call<'a>(
    function: &'static Function,
    nodes: &'a [Node],
    span: Span,
    environment: &Environment<'a>,
) -> Result<Value, Failure> {
    let invoke = |arguments: &[&Value]| invoke(function, arguments, span, environment);
    match (function.body, nodes) {
        (Body::If, [condition, then, otherwise]) => {
            choose(function, [condition, then, otherwise], span, environment)
        }
        (Body::And, _) => all_or_any(function, nodes, span, environment, false),
        (Body::Or, _) => all_or_any(function, nodes, span, environment, true),
        (Body::Coalesce, _) => coalesce(nodes, environment),
        // The common counts keep their arguments on the stack; those that are lent need not be dropped.
        (_, []) => invoke(&[]),
        (_, [a]) => match a.lent(environment) {
            Some(a) => invoke(&[a]),
            None => {
                argument!(made_a, a = None, a, environment);
                invoke(&[a])
            }
        },
        (_, [a, b]) => match [a, b].map(|node| node.lent(environment)) {
            [Some(a), Some(b)] => invoke(&[a, b]),
            lent => {
                let [lent_a, lent_b] = lent;
                argument!(made_a, a = lent_a, a, environment);
                argument!(made_b, b = lent_b, b, environment);
                invoke(&[a, b])
            }
        },
        (_, [a, b, c]) => match [a, b, c].map(|node| node.lent(environment)) {
            [Some(a), Some(b), Some(c)] => invoke(&[a, b, c]),
            lent => {
                let [lent_a, lent_b, lent_c] = lent;
                argument!(made_a, a = lent_a, a, environment);
                argument!(made_b, b = lent_b, b, environment);
                argument!(made_c, c = lent_c, c, environment);
                invoke(&[a, b, c])
            }
        },
        (_, [a, b, c, d]) => match [a, b, c, d].map(|node| node.lent(environment)) {
            [Some(a), Some(b), Some(c), Some(d)] => invoke(&[a, b, c, d]),
            lent => {
                let [lent_a, lent_b, lent_c, lent_d] = lent;
                argument!(made_a, a = lent_a, a, environment);
                argument!(made_b, b = lent_b, b, environment);
                argument!(made_c, c = lent_c, c, environment);
                argument!(made_d, d = lent_d, d, environment);
                invoke(&[a, b, c, d])
            }
        },
        (_, many) => {
            let values: Vec<Value> =
                many.iter().map(|node| node.evaluate(environment)).collect::<Result<_, _>>()?;
            invoke(&values.iter().collect::<Vec<_>>())
        }
    }
}

fn invoke(
    function: &'static Function,
    arguments: &[&Value],
    span: Span,
    environment: &Environment<'_>,
) -> Result<Value, Failure> {
    environment.begun.set(span);
    let invocation = Invocation { function, arguments, environment };
    match function.body {
        Body::Value(compute) => compute(&invocation),
        Body::Lent(compute) => compute(&invocation).map(Cow::into_owned),
        Body::If | Body::And | Body::Or | Body::Coalesce => Ok(Value::Null),
    }
}

fn coalesce<'a>(nodes: &'a [Node], environment: &Environment<'a>) -> Result<Value, Failure> {
    for node in nodes {
        let value = node.evaluate(environment)?;
        if !value.is_null() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

fn choose<'a>(
    function: &'static Function,
    [condition, then, otherwise]: [&'a Node; 3],
    span: Span,
    environment: &Environment<'a>,
) -> Result<Value, Failure> {
    argument!(made, condition = condition.lent(environment), condition, environment);
    match condition.as_bool() {
        Some(true) => then.evaluate(environment),
        Some(false) => otherwise.evaluate(environment),
        None => {
            let invocation = Invocation { function, arguments: &[condition], environment };
            Err(invocation.wrong(0, "to be of type boolean").at(span))
        }
    }
}

/// `and` and `or`: evaluates up to the first argument that decides.
fn all_or_any<'a>(
    function: &'static Function,
    nodes: &'a [Node],
    span: Span,
    environment: &Environment<'a>,
    decides: bool,
) -> Result<Value, Failure> {
    for node in nodes {
        argument!(made, value = node.lent(environment), node, environment);
        match value.as_bool() {
            Some(b) if b == decides => return Ok(Value::Bool(decides)),
            Some(_) => {}
            None => {
                let invocation = Invocation { function, arguments: &[], environment };
                let kind = value.kind();
                let failure = invocation.fails(format_args!(
                    "expects all of its parameters to be booleans. Found invalid parameter types: '{kind}'."
                ));
                return Err(failure.at(span));
            }
        }
    }
    Ok(Value::Bool(!decides))
}
