//! The vectors: documented examples, measured results, and what .NET computes.
//!
//! A vector that fails must stand in the list of its file in `conformance/expression/known_failures`, and one that stands
//! there must fail: the lists may only shrink.

use crate::shared::{Failed, evaluate, parse, present, read, same};
use riposte_testing::{Cases, KnownFailures, shared};
use riposte_value::Value;
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::BTreeMap;

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
            (Some(expected), None, Err(Failed { message, .. })) => {
                Err(format!("expected {expected}, failed: {message}"))
            }
            (None, Some(error), Err(Failed { message, .. })) => match error.as_str() {
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

/// Runs the vectors of a file, each named by its family, and says how many of each family pass.
fn run(file: &str, vectors: impl Iterator<Item = (String, Vector)>) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let (mut cases, mut disputed, mut other) = (Vec::new(), 0, 0);
    for (family, vector) in vectors {
        let at = seen.entry(family.clone()).or_default();
        *at += 1;
        if vector.template_repeat.is_some() {
            other += 1;
        } else if vector.disputed {
            disputed += 1;
            let agrees = vector.check().err().unwrap_or_else(|| "agrees".into());
            println!("disputed: {} {agrees}", vector.text());
        } else {
            cases.push((format!("{family}/{at}"), (family, vector)));
        }
    }
    let known = KnownFailures::load(&format!("conformance/expression/known_failures/{file}.json"));
    let families: RefCell<BTreeMap<String, (usize, usize)>> = RefCell::default();
    Cases::of(file, cases, known).check(|(family, vector)| {
        let outcome = vector.check().map_err(|why| format!("{}\n{why}", vector.text()));
        let mut families = families.borrow_mut();
        let counts = families.entry(family.clone()).or_default();
        *counts = (counts.0 + usize::from(outcome.is_ok()), counts.1 + 1);
        outcome
    });
    for (name, (passed, all)) in families.take() {
        println!("{file} {name}: {passed} of {all}");
    }
    println!("{file}: {disputed} disputed, {other} not of the evaluator");
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
    let vectors = functions.into_iter().flat_map(|function| {
        function.examples.into_iter().map(move |vector| (function.name.clone(), vector))
    });
    run("wdl_functions", vectors);
}

#[test]
fn dotnet_vectors() {
    let Some(path) = shared("conformance/dotnet_vectors.json") else { return };
    let vectors: Vec<Vector> = serde_json::from_str(&read(&path)).unwrap();
    run(
        "dotnet_vectors",
        vectors.into_iter().map(|vector| (vector.name.clone().unwrap_or_default(), vector)),
    );
}
