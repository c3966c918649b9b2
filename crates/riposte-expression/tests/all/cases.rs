//! The project's own cases, data in `conformance/expression`, and the examples in the table of functions.

use crate::shared::{evaluate, parse, read, root, same};
use riposte_expression::{Family, functions};
use riposte_value::{Object, Value};
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    /// What the cases are evaluated in, unless they bring their own.
    #[serde(default)]
    context: Option<Value>,
    cases: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// A bare expression.
    expression: Option<String>,
    /// A string as it stands in a definition.
    template: Option<String>,
    context: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    /// A part of the message.
    error: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[test]
fn own_cases() {
    let mut count = 0;
    let mut failures = Vec::new();
    let mut files: Vec<_> = std::fs::read_dir(root().join("conformance/expression"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "known_failures.json"))
        .collect();
    files.sort();
    for path in files {
        let file: File =
            serde_json::from_str(&read(&path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(!file.description.is_empty());
        let empty = Value::from(Object::new());
        for case in &file.cases {
            count += 1;
            let context = case.context.as_ref().or(file.context.as_ref()).unwrap_or(&empty);
            let actual = evaluate(case.template.as_deref(), case.expression.as_deref(), context);
            let text = case.expression.as_deref().or(case.template.as_deref()).unwrap();
            match (&case.result, &case.error, &actual) {
                (Some(expected), None, Ok(actual))
                    if same(expected, actual, false) && expected.kind() == actual.kind() => {}
                (None, Some(part), Err(message)) if message.contains(part.as_str()) => {}
                _ => failures
                    .push(format!("{text}\n  expected {:?} {:?}\n  got {actual:?}", case.result, case.error)),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases fail:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= 150, "only {count} cases");
}

#[test]
fn examples_of_functions() {
    for function in functions() {
        assert!(!function.documentation.is_empty(), "{} says nothing", function.name);
        let asks_the_run = function.family == Family::Workflow;
        let asks = asks_the_run || function.purity != riposte_expression::Purity::Pure;
        assert!(asks || !function.examples.is_empty(), "{} has no example", function.name);
        for example in function.examples {
            let actual = evaluate(None, Some(example.expression), &Value::from(Object::new()));
            let actual = actual.unwrap_or_else(|error| panic!("{}: {error}", example.expression));
            assert!(same(&parse(example.result), &actual, false), "{} gives {actual}", example.expression);
        }
    }
}

#[test]
fn table_is_well_formed() {
    let names: BTreeSet<String> =
        functions().iter().map(|function| function.name.to_ascii_lowercase()).collect();
    assert_eq!(names.len(), functions().len(), "a name stands twice");
    for function in functions() {
        assert!(function.arguments_max.is_none_or(|max| max >= function.arguments_min), "{}", function.name);
        let found = riposte_expression::function(&function.name.to_ascii_uppercase()).map(|found| found.name);
        assert_eq!(found, Some(function.name));
    }
}
