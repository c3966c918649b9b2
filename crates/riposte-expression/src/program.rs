//! The compiled form of an expression, and its evaluation.
//!
//! Compiling looks functions up, lays literals out as values and computes what is constant. A constant call that fails
//! stays a call, so that it fails when it is reached, as the service does: an unknown function in a branch that is not
//! taken does no harm.

use crate::ast::{Access, Call, Expression, Key, Primary};
use crate::error::Failure;
use crate::functions::{self, Body, Environment, Function, Invocation, Purity};
use crate::limits::Limits;
use crate::map_context::MapContext;
use riposte_diagnostic::{Span, nearest};
use riposte_value::{Kind, Object, Text, Value};
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
    Path {
        base: Box<Self>,
        steps: Box<[Step]>,
        span: Span,
    },
    /// Fails when it is reached.
    Fault(Box<Failure>),
}

#[derive(Debug, Clone)]
pub(crate) struct Step {
    safe: bool,
    key: StepKey,
    span: Span,
}

#[derive(Debug, Clone)]
enum StepKey {
    Name(Text),
    Computed(Node),
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
            .all(|step| matches!(step.key, StepKey::Name(_) | StepKey::Computed(Node::Constant(_))));
    let node = Node::Path { base: Box::new(base), steps, span };
    if constant { fold(node) } else { node }
}

fn compile_step(access: &Access, offset: usize) -> Step {
    let key = match &access.key {
        Key::Name(name) => StepKey::Name(name.clone()),
        Key::Index(key) => match compile(key, offset) {
            Node::Constant(Value::String(name)) => StepKey::Name(name),
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
    let node = Node::Call { function, arguments, span };
    if constant { fold(node) } else { node }
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
            Self::Path { base, steps, span } => match base.evaluate(environment)? {
                Cow::Borrowed(start) => walk(start, steps, *span, environment).map(Cow::Borrowed),
                Cow::Owned(start) => {
                    walk(&start, steps, *span, environment).map(|found| Cow::Owned(found.clone()))
                }
            },
            Self::Fault(failure) => Err((**failure).clone()),
        }
    }

    /// Whether the value comes straight out of the context, so that it need not be checked again.
    pub fn is_lookup(&self) -> bool {
        match self {
            Self::Call { function, .. } => function.purity == Purity::Run,
            Self::Path { base, .. } => base.is_lookup(),
            Self::Constant(_) | Self::Fault(_) => true,
        }
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

/// Takes the steps, by reference all the way.
fn walk<'v, 'a>(
    start: &'v Value,
    steps: &'a [Step],
    span: Span,
    environment: &Environment<'a>,
) -> Result<&'v Value, Failure>
where
    'a: 'v,
{
    steps.iter().try_fold(start, |value, step| match &step.key {
        StepKey::Name(name) => select_name(value, name, step.safe).map_err(|why| step.failure(why, span)),
        StepKey::Computed(node) => {
            let key = node.evaluate(environment)?;
            select(value, &key, step.safe).map_err(|why| step.failure(why, span))
        }
    })
}

/// Why a step leads nowhere: the sentence after "cannot be evaluated because", and a hint.
struct Blocked {
    reason: String,
    help: Option<String>,
}

impl Step {
    /// A failure that spans the path up to this step. [`crate::template`] puts the text of the path in the place of
    /// the mark, as only it has the text.
    fn failure(&self, why: Blocked, path: Span) -> Failure {
        let failure = Failure::new(format!("{PATH_MARK}{}", why.reason));
        let failure = match why.help {
            Some(help) => failure.help(help),
            None => failure,
        };
        Failure { span: Some(Span { start: path.start, end: path.end.max(self.span.end) }), ..failure }
    }
}

/// Stands for `The template language expression '…' cannot be evaluated because` until the text is known.
pub(crate) const PATH_MARK: char = '\u{0}';

fn select<'v>(value: &'v Value, key: &Value, safe: bool) -> Result<&'v Value, Blocked> {
    match key {
        Value::String(name) => select_name(value, name, safe),
        Value::Int(index) => select_index(value, *index, safe),
        Value::Null if safe && value.is_null() => Ok(&NULL),
        other => match crate::number::whole(other) {
            Some(index) => select_index(value, index, safe),
            None => Err(Blocked {
                reason: format!("the key of type '{}' cannot select a property or an element.", other.kind()),
                help: None,
            }),
        },
    }
}

fn select_name<'v>(value: &'v Value, name: &str, safe: bool) -> Result<&'v Value, Blocked> {
    match value {
        Value::Object(object) => {
            match object.get_ignore_case(name).or_else(|| select_slashed(object, name)) {
                Some(found) => Ok(found),
                None if safe => Ok(&NULL),
                None => Err(missing(object, name)),
            }
        }
        Value::Null if safe => Ok(&NULL),
        Value::Array(_) => Err(Blocked {
            reason: format!(
                "property '{name}' cannot be selected. Array elements can only be selected using an integer index."
            ),
            help: None,
        }),
        other => Err(not_selectable(name, other)),
    }
}

fn select_index(value: &Value, index: i64, safe: bool) -> Result<&Value, Blocked> {
    match value {
        Value::Array(items) => match usize::try_from(index).ok().and_then(|index| items.get(index)) {
            Some(found) => Ok(found),
            None if safe && index >= 0 => Ok(&NULL),
            None => {
                let bounds = match items.len() {
                    0 => "the array is empty".to_owned(),
                    length => format!("array index '{index}' is outside bounds (0, {}) of array", length - 1),
                };
                Err(Blocked { reason: format!("{bounds}."), help: None })
            }
        },
        Value::Null if safe => Ok(&NULL),
        Value::Object(_) => Err(Blocked {
            reason: format!(
                "property '{index}' cannot be selected. Object properties can only be selected using a property name."
            ),
            help: None,
        }),
        other => Err(not_selectable(&index.to_string(), other)),
    }
}

/// A name with slashes that no property has, such as `body/value`, is a path through nested objects (the aliased
/// outputs of Power Automate; measured on the service).
fn select_slashed<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    let (first, rest) = name.split_once('/')?;
    rest.split('/').try_fold(object.get_ignore_case(first)?, |value, part| value.get_ignore_case(part))
}

fn missing(object: &Object, name: &str) -> Blocked {
    let available = object.keys().map(Text::as_str).collect::<Vec<_>>().join(", ");
    let help = match nearest(name, object.keys().map(Text::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write `?['{name}']` if it may be absent"),
    };
    Blocked {
        reason: format!("property '{name}' doesn't exist, available properties are '{available}'."),
        help: Some(help),
    }
}

fn not_selectable(name: &str, value: &Value) -> Blocked {
    let kind = value.kind();
    let help = (kind == Kind::Null).then(|| format!("write `?['{name}']` if the value may be null"));
    Blocked {
        reason: format!(
            "property '{name}' cannot be selected. Property selection is not supported on values of type '{kind}'."
        ),
        help,
    }
}
