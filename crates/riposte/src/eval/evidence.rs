//! The values that were there when an expression failed.
//!
//! Evaluation has no side effects, so the parts beside the one that failed are evaluated once more, with the same
//! context: what a path was taken from, or what a function was given.

use super::brief;
use riposte_diagnostic::Span;
use riposte_expression::ast::{Expression, Key, Primary};
use riposte_expression::{Context, EvaluationError, Limits, Template, parse};
use riposte_value::Value;

/// How many values are told.
const VALUES_MAX: usize = 3;
/// How long a value, and the expression before it, may be.
const VALUE_CHARACTERS: usize = 90;
const EXPRESSION_CHARACTERS: usize = 40;

/// Sentences such as `` `body('Get')` is null ``.
pub fn of(error: &EvaluationError, context: &dyn Context, limits: Limits) -> Vec<String> {
    let Ok(expression) = parse(&error.expression) else { return Vec::new() };
    let mut parts = Vec::new();
    culprits(&expression, error.span, &mut parts);
    let told = parts.iter().filter_map(|part| {
        // What a path comes to is told at its last step that leads somewhere.
        part.iter().rev().find_map(|span| {
            let text = error.expression.get(span.start..span.end)?.trim();
            let compiled = Template::compile_expression_within(text, &limits).ok()?;
            let value = compiled.evaluate_within(context, limits).ok()?;
            Some(sentence(text, &value))
        })
    });
    told.take(VALUES_MAX).collect()
}

fn sentence(text: &str, value: &Value) -> String {
    let value = brief::of(value, VALUE_CHARACTERS);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    if count <= EXPRESSION_CHARACTERS {
        return format!("`{text}` is {value}");
    }
    let end: String = text.chars().skip(count - EXPRESSION_CHARACTERS + 1).collect();
    format!("`…{end}` is {value}")
}

/// One part of an expression, as its spans from the shortest to the longest: the beginnings of a path.
type Part = Vec<Span>;

/// The parts whose values explain why the part at `span` has none.
fn culprits(expression: &Expression, span: Span, parts: &mut Vec<Part>) {
    let steps = &expression.accesses;
    // A path up to the step that failed: what the steps were taken from, and their keys.
    if let Some(end) = steps.iter().position(|access| access.span.end == span.end)
        && expression.span.start == span.start
    {
        let steps = steps.get(..=end).unwrap_or_default();
        parts.push(steps.iter().map(|step| Span { start: span.start, end: step.span.start }).collect());
        for step in steps {
            if let Key::Index(key) = &step.key {
                push_computed(key, parts);
            }
        }
        return;
    }
    if let Primary::Call(call) = &expression.primary {
        if call.span == span {
            return call.arguments.iter().for_each(|argument| push_computed(argument, parts));
        }
        for argument in call.arguments.iter().filter(|argument| within(span, argument)) {
            culprits(argument, span, parts);
        }
    }
    for step in steps {
        if let Key::Index(key) = &step.key
            && within(span, key)
        {
            culprits(key, span, parts);
        }
    }
}

fn within(span: Span, expression: &Expression) -> bool {
    expression.span.start <= span.start && span.end <= expression.span.end
}

/// Literals are there to be seen already.
fn push_computed(expression: &Expression, parts: &mut Vec<Part>) {
    if matches!(expression.primary, Primary::Call(_)) || !expression.accesses.is_empty() {
        parts.push(vec![expression.span]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_expression::MapContext;
    use riposte_value::value;

    #[test]
    fn the_values_around_a_failure_are_told() {
        let context = MapContext::new(value!({
            "variables": { "none": null, "list": [1, 2], "text": "abc", "key": "b" },
            "actions": { "Get": { "outputs": { "body": { "a": { "n": 1 } } } } }
        }));
        for (expression, expected) in [
            ("body('Get')['b']", &[r#"`body('Get')` is {"a": {"n": 1}}"#][..]),
            ("concat('x', body('Get')['a']['b']['c'])", &[r#"`body('Get')['a']` is {"n": 1}"#]),
            (
                "body('Get')[variables('key')]",
                &[r#"`body('Get')` is {"a": {"n": 1}}"#, r#"`variables('key')` is "b""#],
            ),
            ("variables('none')['x']", &["`variables('none')` is null"]),
            ("variables('list')[7]", &["`variables('list')` is [1, 2]"]),
            ("add(1, variables('text'))", &[r#"`variables('text')` is "abc""#]),
            ("add(1, int(variables('text')))", &[r#"`variables('text')` is "abc""#]),
            ("add(1, 'x')", &[]),
            ("body('Gone')", &[]),
        ] {
            let error = Template::compile_expression(expression).unwrap().evaluate(&context).unwrap_err();
            assert_eq!(of(&error, &context, Limits::default()), expected, "{expression}");
        }
    }
}
