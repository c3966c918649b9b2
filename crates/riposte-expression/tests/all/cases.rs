//! The project's own cases, data in `conformance/expression`, and the examples in the table of functions.

use crate::shared::{evaluate, parse, present, read, same};
use riposte_expression::{Family, functions};
use riposte_testing::{Cases, repository_root};
use riposte_value::{Object, Value};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What holds for all cases of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Beside {
    /// What the cases are evaluated in, unless they bring their own.
    context: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: Option<String>,
    /// A bare expression.
    expression: Option<String>,
    /// A string as it stands in a definition.
    template: Option<String>,
    context: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    result: Option<Value>,
    /// A part of the message.
    error: Option<String>,
    /// A part of what stands beside the message.
    help: Option<String>,
}

#[test]
fn own_cases() {
    let cases = Cases::<Case, Beside>::load("conformance/expression");
    assert!(cases.count() >= 150, "only {} cases", cases.count());
    cases.check_with(check);
}

fn check(case: &Case, beside: &Beside) -> Result<(), String> {
    let empty = Value::from(Object::new());
    let context = case.context.as_ref().or(beside.context.as_ref()).unwrap_or(&empty);
    let actual = evaluate(case.template.as_deref(), case.expression.as_deref(), context);
    match (&case.result, &case.error, &actual) {
        (Some(expected), None, Ok(actual))
            if same(expected, actual, false) && expected.kind() == actual.kind() =>
        {
            Ok(())
        }
        (None, Some(part), Err(failed))
            if failed.message.contains(part.as_str())
                && case.help.as_ref().is_none_or(|help| failed.help.contains(help.as_str())) =>
        {
            Ok(())
        }
        (expected, error, _) => {
            let text = case.expression.as_deref().or(case.template.as_deref()).unwrap_or_default();
            Err(format!(
                "{text}\nexpected {expected:?} {error:?}\ngot {actual:?}, wanted the help {:?}",
                case.help
            ))
        }
    }
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
            let actual = actual.unwrap_or_else(|error| panic!("{}: {error:?}", example.expression));
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

#[test]
fn the_dictionary_for_fuzzing_names_every_function() {
    let dictionary = read(&repository_root().join("fuzz/expression.dict"));
    let missing: Vec<_> = functions()
        .iter()
        .map(|f| format!("\"{}(\"", f.name))
        .filter(|line| !dictionary.contains(line))
        .collect();
    assert!(missing.is_empty(), "add to fuzz/expression.dict: {missing:#?}");
}
