//! The evaluation of a compiled expression.
//!
//! Values are lent wherever they can be: by constants, by the context, by paths into either. What has to be made is made
//! where it stays.

use crate::error::Failure;
use crate::functions::{Body, Environment, Function, Invocation, Purity};
use crate::path::walk;
use crate::program::Node;
use crate::scratch;
use riposte_diagnostic::Span;
use riposte_value::Value;
use std::borrow::Cow;

static NULL: Value = Value::Null;

/// Binds an argument by reference: to what was lent, or to what is made on the spot. A value is made where it stays: to
/// move one that was just written waits until its bytes have arrived, as they are read in other pieces than they were
/// written in. In the profile such moves were a third to a half of the time of the functions that made them.
macro_rules! argument {
    ($made:ident, $value:ident = $lent:expr, $node:expr, $environment:expr) => {
        let lent = $lent;
        let $made = match lent {
            Some(_) => Ok(Value::Null),
            None => $node.compute($environment),
        };
        let ((Some($value), _) | (None, Ok($value))) = (lent, &$made) else { return $made };
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
    /// [`Self::compute`], which says why. Inline, as most nodes are constants, calls or look-ups and need no more than
    /// to be told apart.
    #[inline]
    pub fn lent<'a>(&'a self, environment: &Environment<'a>) -> Option<&'a Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Lookup { lend, name, .. } => lend(environment.context, name),
            Self::Path { .. } | Self::Coalesce(_) => self.lent_by_steps(environment),
            Self::Call { .. } | Self::If { .. } | Self::Test { .. } | Self::Fault(_) => None,
        }
    }

    fn lent_by_steps<'a>(&'a self, environment: &Environment<'a>) -> Option<&'a Value> {
        match self {
            Self::Path { base, steps, .. } => {
                steps.iter().try_fold(base.lent(environment)?, |value, step| step.take(value))
            }
            Self::Coalesce(nodes) => {
                for node in nodes {
                    let value = node.lent(environment)?;
                    if !value.is_null() {
                        return Some(value);
                    }
                }
                Some(&NULL)
            }
            _ => None,
        }
    }

    /// The value of what cannot be lent.
    pub fn compute<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Call { function, arguments, span } => call(function, arguments, *span, environment),
            Self::If { function, parts, span } => {
                let [condition, then, otherwise] = &**parts;
                let wrong = |value: &Value| {
                    let invocation = Invocation { function, arguments: &[value], environment };
                    invocation.wrong(0, "to be of type boolean").at(*span)
                };
                let chosen = if condition.truth(environment, wrong)? { then } else { otherwise };
                chosen.evaluate(environment)
            }
            Self::Test { function, decides, arguments, span } => {
                Ok(Value::Bool(test(function, *decides, arguments, *span, environment)?))
            }
            Self::Coalesce(nodes) => coalesce(nodes, environment),
            Self::Lookup { call, .. } => call.compute(environment),
            Self::Path { base, steps, span } => {
                argument!(made, start = base.lent(environment), base, environment);
                walk(start, steps, *span, environment).cloned()
            }
            Self::Fault(failure) => Err((**failure).clone()),
        }
    }

    /// The boolean that a condition comes to, or the error that `wrong` makes of another value.
    fn truth<'a>(
        &'a self,
        environment: &Environment<'a>,
        wrong: impl FnOnce(&Value) -> Failure,
    ) -> Result<bool, Failure> {
        if let Self::Test { function, decides, arguments, span } = self {
            return test(function, *decides, arguments, *span, environment);
        }
        let made = match self.lent(environment) {
            Some(value) => return value.as_bool().ok_or_else(|| wrong(value)),
            None => self.compute(environment),
        };
        match made {
            Ok(Value::Bool(b)) => Ok(b),
            Ok(value) => Err(wrong(&value)),
            Err(failure) => Err(failure),
        }
    }

    /// Whether the value comes straight out of the context, so that it need not be checked again.
    pub fn is_lookup(&self) -> bool {
        match self {
            Self::Call { function, .. } => function.purity == Purity::Run,
            Self::Path { base, .. } => base.is_lookup(),
            Self::Constant(_) | Self::Lookup { .. } | Self::Fault(_) => true,
            Self::If { .. } | Self::Test { .. } | Self::Coalesce(_) => false,
        }
    }
}

/// `and` and `or`: evaluates up to the first argument that decides.
fn test<'a>(
    function: &'static Function,
    decides: bool,
    arguments: &'a [Node],
    span: Span,
    environment: &Environment<'a>,
) -> Result<bool, Failure> {
    let wrong = |value: &Value| {
        let invocation = Invocation { function, arguments: &[], environment };
        let kind = value.kind();
        let failure = invocation.fails(format_args!(
            "expects all of its parameters to be booleans. Found invalid parameter types: '{kind}'."
        ));
        failure.at(span)
    };
    for node in arguments {
        if node.truth(environment, wrong)? == decides {
            return Ok(decides);
        }
    }
    Ok(!decides)
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

fn call<'a>(
    function: &'static Function,
    nodes: &'a [Node],
    span: Span,
    environment: &Environment<'a>,
) -> Result<Value, Failure> {
    let invoke = |arguments: &[&Value]| invoke(function, arguments, span, environment);
    match nodes {
        // The common counts keep their arguments on the stack; those that are lent need not be dropped.
        [] => invoke(&[]),
        [a] => match a.lent(environment) {
            Some(a) => invoke(&[a]),
            None => {
                argument!(made_a, a = None, a, environment);
                let result = invoke(&[a]);
                scratch::done_with(made_a);
                result
            }
        },
        [a, b] => match [a, b].map(|node| node.lent(environment)) {
            [Some(a), Some(b)] => invoke(&[a, b]),
            lent => {
                let [lent_a, lent_b] = lent;
                argument!(made_a, a = lent_a, a, environment);
                argument!(made_b, b = lent_b, b, environment);
                let result = invoke(&[a, b]);
                scratch::done_with(made_a);
                result
            }
        },
        [a, b, c] => match [a, b, c].map(|node| node.lent(environment)) {
            [Some(a), Some(b), Some(c)] => invoke(&[a, b, c]),
            lent => {
                let [lent_a, lent_b, lent_c] = lent;
                argument!(made_a, a = lent_a, a, environment);
                argument!(made_b, b = lent_b, b, environment);
                argument!(made_c, c = lent_c, c, environment);
                invoke(&[a, b, c])
            }
        },
        [a, b, c, d] => match [a, b, c, d].map(|node| node.lent(environment)) {
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
        many => {
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
