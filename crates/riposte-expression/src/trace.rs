//! Traces: what the expressions of a string come to, and the calls inside them, for people who ask why.
//!
//! A trace is made afterwards, from what is still known of a run. What cannot be known any more (the time, chance, values
//! that were not kept) has no value, nor has anything that depends on it.

use crate::ast::{Call, Expression, Key, Primary};
use crate::context::Context;
use crate::error::{EvaluationError, ParseError};
use crate::functions::{Purity, function};
use crate::parse::{NESTING_MAX, parse, parse_interpolated};
use crate::template::Template;
use riposte_value::Value;

/// An expression with what it comes to.
#[derive(Debug, Clone)]
pub struct Trace {
    /// The expression, without the `@`.
    pub text: String,
    /// Its value, or why it has none; absent where that cannot be known.
    pub outcome: Option<Result<Value, EvaluationError>>,
    /// The calls inside it.
    pub inner: Vec<Trace>,
}

/// Traces the expressions of a string, which may be one, hold some, or be plain text. `knows` tells whether the context
/// can answer a call that depends on the run.
///
/// ```
/// use riposte_expression::{MapContext, trace};
/// use riposte_value::value;
/// let context = MapContext::new(value!({ "parameters": { "n": 41 } }));
/// let knows = |call: &riposte_expression::ast::Call| call.name == "parameters";
/// let [trace] = trace("@add(parameters('n'), 1)", &context, &knows).unwrap().try_into().unwrap();
/// assert_eq!(trace.outcome.unwrap().unwrap(), value!(42));
/// assert_eq!(trace.inner[0].text, "parameters('n')");
/// ```
pub fn trace(
    text: &str,
    context: &dyn Context,
    knows: &dyn Fn(&Call) -> bool,
) -> Result<Vec<Trace>, ParseError> {
    let found = expressions(text)?;
    Ok(found.iter().map(|expression| traced(expression, context, knows)).collect())
}

fn expressions(text: &str) -> Result<Vec<Expression>, ParseError> {
    match text.strip_prefix('@') {
        Some(rest) if rest.starts_with('@') || rest.is_empty() => return Ok(Vec::new()),
        Some(rest) if !rest.starts_with('{') => return Ok(vec![parse(rest)?]),
        _ => {}
    }
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(mark) = text.get(at..).and_then(|rest| rest.find("@{")).map(|mark| at + mark) {
        at = mark + 2;
        // `@@{` is the text `@{`.
        if !text.get(..mark).unwrap_or_default().ends_with('@') {
            let (expression, end) = parse_interpolated(text, at, NESTING_MAX)?;
            found.push(expression);
            at = end;
        }
    }
    Ok(found)
}

fn traced(expression: &Expression, context: &dyn Context, knows: &dyn Fn(&Call) -> bool) -> Trace {
    let text = expression.to_string();
    let outcome = is_known(expression, knows).then(|| {
        let template = Template::compile_expression(&text).ok();
        template.map(|template| template.evaluate(context))
    });
    let inner = parts(expression).filter(|part| matches!(part.primary, Primary::Call(_)));
    let inner = inner.map(|part| traced(part, context, knows)).collect();
    Trace { outcome: outcome.flatten(), inner, text }
}

/// The expressions right inside one: arguments, and keys in brackets.
fn parts(expression: &Expression) -> impl Iterator<Item = &Expression> {
    let arguments = match &expression.primary {
        Primary::Call(call) => call.arguments.as_slice(),
        _ => &[],
    };
    let keys = expression.accesses.iter().filter_map(|access| match &access.key {
        Key::Index(key) => Some(&**key),
        Key::Name(_) => None,
    });
    arguments.iter().chain(keys)
}

fn is_known(expression: &Expression, knows: &dyn Fn(&Call) -> bool) -> bool {
    let itself = match &expression.primary {
        Primary::Call(call) => match function(&call.name).map(|function| function.purity) {
            Some(Purity::Run) => knows(call),
            Some(Purity::Clock | Purity::Random) => false,
            Some(Purity::Pure) | None => true,
        },
        _ => true,
    };
    itself && parts(expression).all(|part| is_known(part, knows))
}

#[cfg(test)]
mod tests {
    use super::trace;
    use crate::MapContext;
    use crate::ast::Call;
    use riposte_value::value;

    fn shown(text: &str) -> Vec<String> {
        let context = MapContext::new(value!({ "parameters": { "n": 1 }, "variables": { "v": 2 } }));
        let knows = |call: &Call| call.name.eq_ignore_ascii_case("parameters");
        let traces = trace(text, &context, &knows).unwrap();
        traces
            .iter()
            .map(|trace| match &trace.outcome {
                Some(Ok(value)) => format!("{} = {value}", trace.text),
                Some(Err(_)) => format!("{} fails", trace.text),
                None => format!("{} ?", trace.text),
            })
            .collect()
    }

    #[test]
    fn every_expression_of_a_string_and_no_text() {
        assert_eq!(shown("plain"), [""; 0]);
        assert_eq!(shown("@@add(1, 2)"), [""; 0]);
        assert_eq!(shown("@"), [""; 0]);
        assert_eq!(shown("@add(1, parameters('n'))"), ["add(1, parameters('n')) = 2"]);
        assert_eq!(
            shown("a @{parameters('n')} @@{no} b @{string(3)}"),
            ["parameters('n') = 1", "string(3) = \"3\""]
        );
        assert_eq!(shown("@int('x')"), ["int('x') fails"]);
    }

    #[test]
    fn what_depends_on_the_unknown_has_no_value() {
        for unknown in [
            "utcNow()",
            "guid()",
            "variables('v')",
            "add(1, variables('v'))",
            "createArray(1)[variables('v')]",
        ] {
            assert_eq!(shown(&format!("@{unknown}")), [format!("{unknown} ?")]);
        }
    }
}
