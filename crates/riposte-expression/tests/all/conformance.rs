//! The vectors: documented examples, measured results, and what .NET computes.
//!
//! A vector that fails must stand in `conformance/expression/known_failures.json`, and one that stands there must fail:
//! the list may only shrink.

use crate::shared::{evaluate, parse, read, root, same, shared};
use riposte_value::Value;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A vector of either file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "fields that are named so that unknown ones are refused")]
struct Vector {
    /// The function; in `wdl_functions.json` it stands outside of the vector.
    name: Option<String>,
    expr: Option<String>,
    template: Option<String>,
    /// A text that is repeated to make a template of some length; checks of length are no part of the evaluator.
    template_repeat: Option<Value>,
    context: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    error: Option<Value>,
    source: String,
    /// How far off a number may be.
    approx: Option<Value>,
    #[serde(default)]
    disputed: bool,
    // What follows says where a vector comes from, and decides nothing.
    dispute_note: Option<Value>,
    locale_dependent: Option<Value>,
    doubtful: Option<Value>,
    derived_from: Option<Value>,
    basis: Option<Value>,
    note: Option<Value>,
    also: Option<Value>,
}

/// `null` that is written is a result, not an absence.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFailures {
    description: String,
    cases: Vec<KnownFailure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFailure {
    file: String,
    expression: String,
    reason: String,
}

impl Vector {
    fn text(&self) -> &str {
        self.expr.as_deref().or(self.template.as_deref()).unwrap_or_default()
    }

    /// What is wrong, if anything is.
    fn check(&self) -> Result<(), String> {
        let context = self.context.clone().unwrap_or(parse("{}"));
        let actual = evaluate(self.template.as_deref(), self.expr.as_deref(), &context);
        match (&self.result, &self.error, actual) {
            (Some(expected), None, Ok(actual)) if same(expected, &actual, self.approx.is_some()) => Ok(()),
            (Some(expected), None, Ok(actual)) => Err(format!("expected {expected}, got {actual}")),
            (Some(expected), None, Err(message)) => Err(format!("expected {expected}, failed: {message}")),
            (None, Some(error), Err(message)) => match error.as_str() {
                Some(part) if self.says_how_it_fails() && !part_of(part, &message) => {
                    Err(format!("expected the error `{part}`, got `{message}`"))
                }
                _ => Ok(()),
            },
            (None, Some(error), Ok(actual)) => Err(format!("expected the error {error}, got {actual}")),
            _ => panic!("{self:?} has a result or an error"),
        }
    }

    /// Only these vectors hold the service's own words.
    fn says_how_it_fails(&self) -> bool {
        self.source == "flowforger" && self.error.as_ref().and_then(Value::as_str) != Some("must fail")
    }
}

fn part_of(part: &str, message: &str) -> bool {
    message.contains(part.trim_end_matches('.'))
}

/// Runs the vectors of a file and returns those that fail.
fn run(file: &str, vectors: Vec<(String, Vector)>) -> Vec<(String, String)> {
    let mut families: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    let (mut disputed, mut other) = (0, 0);
    for (name, vector) in vectors {
        if vector.template_repeat.is_some() {
            other += 1;
            continue;
        }
        let outcome = vector.check();
        if vector.disputed {
            disputed += 1;
            println!("disputed: {} {}", vector.text(), outcome.err().unwrap_or_else(|| "agrees".into()));
            continue;
        }
        let counts = families.entry(name).or_default();
        counts.1 += 1;
        match outcome {
            Ok(()) => counts.0 += 1,
            Err(why) => failures.push((vector.text().to_owned(), why)),
        }
    }
    for (name, (passed, all)) in &families {
        println!("{file} {name}: {passed} of {all}");
    }
    let passed: usize = families.values().map(|(passed, _)| passed).sum();
    let all: usize = families.values().map(|(_, all)| all).sum();
    println!("{file}: {passed} of {all} pass; {disputed} disputed, {other} not of the evaluator");
    failures
}

fn compare_with_known(file: &str, failures: &[(String, String)]) {
    let known: KnownFailures =
        serde_json::from_str(&read(&root().join("conformance/expression/known_failures.json"))).unwrap();
    assert!(!known.description.is_empty() && known.cases.iter().all(|case| !case.reason.is_empty()));
    let known: BTreeSet<&str> =
        known.cases.iter().filter(|case| case.file == file).map(|case| case.expression.as_str()).collect();
    let failing: BTreeSet<&str> = failures.iter().map(|(expression, _)| expression.as_str()).collect();
    let new: Vec<_> =
        failures.iter().filter(|(expression, _)| !known.contains(expression.as_str())).collect();
    for (expression, why) in &new {
        println!("FAILS {expression}\n      {why}");
    }
    let fixed: Vec<_> = known.difference(&failing).collect();
    assert!(new.is_empty(), "{} vectors of {file} fail and are not known to", new.len());
    assert!(fixed.is_empty(), "these pass now, strike them off known_failures.json: {fixed:#?}");
}

#[test]
fn documented_and_measured_vectors() {
    #[derive(Deserialize)]
    struct Function {
        name: String,
        examples: Vec<Vector>,
    }
    let Some(path) = shared("conformance/wdl_functions.json") else { return };
    let functions: Vec<Function> = serde_json::from_str(&read(&path)).unwrap();
    let vectors = functions
        .into_iter()
        .flat_map(|function| function.examples.into_iter().map(move |vector| (function.name.clone(), vector)))
        .collect();
    compare_with_known("wdl_functions", &run("wdl_functions", vectors));
}

#[test]
fn dotnet_vectors() {
    let Some(path) = shared("conformance/dotnet_vectors.json") else { return };
    let vectors: Vec<Vector> = serde_json::from_str(&read(&path)).unwrap();
    let vectors =
        vectors.into_iter().map(|vector| (vector.name.clone().unwrap_or_default(), vector)).collect();
    compare_with_known("dotnet_vectors", &run("dotnet_vectors", vectors));
}
