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
    let environment = Environment { context: &context, limits: Limits::FOLDING };
    let value = node.evaluate(&environment).map(Cow::into_owned);
    match value {
        Ok(value) => Node::Constant(value),
        Err(_) => node,
    }
}

fn shift(span: Span, offset: usize) -> Span {
    Span { start: span.start.saturating_sub(offset), end: span.end.saturating_sub(offset) }
}

impl Node {
    pub fn evaluate<'a>(&'a self, environment: &Environment<'a>) -> Result<Cow<'a, Value>, Failure> {
        match self {
            Self::Constant(value) => Ok(Cow::Borrowed(value)),
            Self::Call { function, arguments, span } => {
                call(function, arguments, environment).map_err(|failure| failure.at(*span))
            }
            Self::Lookup { call, .. } => match self.lent(environment) {
                Some(found) => Ok(Cow::Borrowed(found)),
                None => call.evaluate(environment),
            },
            Self::Path { base, steps, span } => match self.lent(environment) {
                Some(found) => Ok(Cow::Borrowed(found)),
                None => follow(base, steps, *span, environment),
            },
            Self::Fault(failure) => Err((**failure).clone()),
        }
    }

    /// The value, if it can be had by reference alone: nothing is computed and nothing can fail but the finding.
    fn lent<'a>(&'a self, environment: &Environment<'a>) -> Option<&'a Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Lookup { lend, name, .. } => lend(environment.context, name),
            Self::Path { base, steps, .. } => {
                steps.iter().try_fold(base.lent(environment)?, |value, step| step.take(value))
            }
            Self::Call { .. } | Self::Fault(_) => None,
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

fn follow<'a>(
    base: &'a Node,
    steps: &'a [Step],
    span: Span,
    environment: &Environment<'a>,
) -> Result<Cow<'a, Value>, Failure> {
    match base.evaluate(environment)? {
        Cow::Borrowed(start) => walk(start, steps, span, environment).map(Cow::Borrowed),
        Cow::Owned(start) => walk(&start, steps, span, environment).map(|found| Cow::Owned(found.clone())),
    }
}

fn call<'a>(
    function: &'static Function,
    nodes: &'a [Node],
    environment: &Environment<'a>,
) -> Result<Cow<'a, Value>, Failure> {
    match (function.body, nodes) {
        (Body::If, [condition, then, otherwise]) => {
            choose(function, [condition, then, otherwise], environment)
        }
        (Body::And, _) => all_or_any(function, nodes, environment, false),
        (Body::Or, _) => all_or_any(function, nodes, environment, true),
        (Body::Coalesce, _) => {
            for node in nodes {
                let value = node.evaluate(environment)?;
                if !value.is_null() {
                    return Ok(value);
                }
            }
            Ok(Cow::Borrowed(&NULL))
        }
        // The common counts keep their arguments on the stack.
        (_, []) => invoke(function, &[], environment),
        (_, [a]) => invoke(function, &[a.evaluate(environment)?], environment),
        (_, [a, b]) => invoke(function, &[a.evaluate(environment)?, b.evaluate(environment)?], environment),
        (_, [a, b, c]) => {
            let arguments =
                [a.evaluate(environment)?, b.evaluate(environment)?, c.evaluate(environment)?];
            invoke(function, &arguments, environment)
        }
        (_, [a, b, c, d]) => {
            let arguments = [
                a.evaluate(environment)?,
                b.evaluate(environment)?,
                c.evaluate(environment)?,
                d.evaluate(environment)?,
            ];
            invoke(function, &arguments, environment)
        }
        (_, many) => {
            let arguments: Vec<_> =
                many.iter().map(|node| node.evaluate(environment)).collect::<Result<_, _>>()?;
            invoke(function, &arguments, environment)
        }
    }
}

fn invoke<'a>(
    function: &'static Function,
    arguments: &[Cow<'a, Value>],
    environment: &Environment<'a>,
) -> Result<Cow<'a, Value>, Failure> {
    let invocation = Invocation { function, arguments, environment };
    match function.body {
        Body::Value(compute) => compute(&invocation).map(Cow::Owned),
        Body::Lent(compute) => compute(&invocation),
        Body::If | Body::And | Body::Or | Body::Coalesce => Ok(Cow::Borrowed(&NULL)),
    }
}

fn choose<'a>(
    function: &'static Function,
    [condition, then, otherwise]: [&'a Node; 3],
    environment: &Environment<'a>,
) -> Result<Cow<'a, Value>, Failure> {
    let condition = condition.evaluate(environment)?;
    match condition.as_bool() {
        Some(true) => then.evaluate(environment),
        Some(false) => otherwise.evaluate(environment),
        None => {
            let invocation = Invocation { function, arguments: &[condition], environment };
            Err(invocation.wrong(0, "to be of type boolean"))
        }
    }
}

/// `and` and `or`: evaluates up to the first argument that decides.
fn all_or_any<'a>(
    function: &'static Function,
    nodes: &'a [Node],
    environment: &Environment<'a>,
    decides: bool,
) -> Result<Cow<'a, Value>, Failure> {
    for node in nodes {
        let value = node.evaluate(environment)?;
        match value.as_bool() {
            Some(b) if b == decides => return Ok(Cow::Owned(Value::Bool(decides))),
            Some(_) => {}
            None => {
                let invocation = Invocation { function, arguments: &[], environment };
                let kind = value.kind();
                return Err(invocation.fails(format_args!(
                    "expects all of its parameters to be booleans. Found invalid parameter types: '{kind}'."
                )));
            }
        }
    }
    Ok(Cow::Owned(Value::Bool(!decides)))
}
