//! What the test modules have in common: evaluation, comparison.

use riposte_expression::{MapContext, Template};
use riposte_value::{Value, json};
use std::path::Path;

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What an error says, and what stands beside it.
#[derive(Debug)]
pub struct Failed {
    pub message: String,
    pub help: String,
}

/// What an evaluation gives: a value, or what the error says.
pub fn evaluate(template: Option<&str>, expression: Option<&str>, context: &Value) -> Result<Value, Failed> {
    let unhelped = |message| Failed { message, help: String::new() };
    let template = match (template, expression) {
        (Some(template), _) => Template::compile(&Value::from(template)).map_err(|errors| {
            unhelped(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })?,
        (None, Some(expression)) => {
            Template::compile_expression(expression).map_err(|error| unhelped(error.to_string()))?
        }
        (None, None) => panic!("a case has an expression or a template"),
    };
    template.evaluate(&MapContext::new(context.clone())).map_err(|error| {
        let help = error.help.as_deref().unwrap_or_default().to_owned();
        Failed { message: error.message, help }
    })
}

/// Whether a value is what was expected: numbers by value, objects in any order.
pub fn same(expected: &Value, actual: &Value, approximately: bool) -> bool {
    match (expected, actual) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b, approximately))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b, approximately)))
        }
        (Value::Int(a), Value::Int(b)) => a == b,
        _ => match (expected.as_f64(), actual.as_f64()) {
            (Some(a), Some(b)) if approximately => (a - b).abs() <= a.abs() * 1e-9,
            (Some(a), Some(b)) => a.to_bits() == b.to_bits() || (a == 0.0 && b == 0.0),
            _ => expected == actual,
        },
    }
}

/// Reads JSON that is known to be well-formed.
pub fn parse(text: &str) -> Value {
    json::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// `null` that is written is a result, not an absence.
pub fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    serde::Deserialize::deserialize(deserializer).map(Some)
}
