//! Definitions that others published compile without a false error.

use riposte_testing::{Cases, KnownFailures, files_below, shared};
use riposte_value::{Object, Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// What is said of all definitions together.
#[derive(Default)]
struct Counts {
    can_run: usize,
    connectors: BTreeMap<String, usize>,
    unsupported: BTreeMap<String, usize>,
    warnings: BTreeMap<String, usize>,
}

#[test]
fn corpus() {
    let Some(root) = shared("corpus") else { return };
    let mut definitions = Vec::new();
    for file in files_below(&root, "json") {
        let bytes = std::fs::read(&file).unwrap();
        let Ok(document) = json::parse_bytes_lenient(&bytes) else { continue };
        let mut found = Vec::new();
        find(&document, &mut found);
        let name = file.strip_prefix(&root).unwrap().display();
        definitions.extend(found.into_iter().enumerate().map(|(at, found)| (format!("{name}#{at}"), found)));
    }
    assert!(definitions.len() > 500);
    let counts = RefCell::new(Counts::default());
    let known = KnownFailures::load("conformance/workflow/known_failures/corpus.json");
    Cases::of("corpus", definitions, known).check(|definition| check(definition, &mut counts.borrow_mut()));
    let Counts { can_run, connectors, unsupported, warnings } = counts.into_inner();
    println!("{can_run} can run, {} connector keys", connectors.len());
    println!("not supported: {unsupported:#?}");
    println!("warnings: {warnings:#?}");
}

fn check(definition: &Value, counts: &mut Counts) -> Result<(), String> {
    let (program, diagnostics) = riposte_workflow::compile(&opaque(definition));
    let mut faults = Vec::new();
    for diagnostic in &diagnostics {
        if diagnostic.code == "UnsupportedActionType" {
            *counts.unsupported.entry(diagnostic.message.clone()).or_default() += 1;
        } else if diagnostic.is_error() {
            faults.push(format!("{} {} {:?}", diagnostic.code, diagnostic.message, diagnostic.location.path));
        } else {
            *counts.warnings.entry(diagnostic.code.to_string()).or_default() += 1;
        }
    }
    if let Some(program) = &program {
        counts.can_run += 1;
        for key in program.connectors() {
            *counts.connectors.entry(key.to_string()).or_default() += 1;
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// The definitions anywhere in a document.
fn find(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(object) => {
            if is_definition(object) {
                found.push(value.clone());
                return;
            }
            object.values().for_each(|inner| find(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| find(inner, found)),
        _ => {}
    }
}

fn is_definition(object: &Object) -> bool {
    let is_object = |name: &str| object.get(name).is_some_and(|value| value.as_object().is_some());
    let schema = object.get("$schema").and_then(Value::as_str).unwrap_or_default();
    is_object("actions") && (is_object("triggers") && schema.to_lowercase().contains("workflowdefinition"))
}

/// What ARM would evaluate is taken as text; what it makes a recurrence of, as a day.
fn opaque(value: &Value) -> Value {
    let of_arm =
        |value: &Value| value.as_str().is_some_and(|text| text.starts_with('[') && text.ends_with(']'));
    match value {
        Value::Object(object) if object.get("frequency").is_some() => {
            let day = object.iter().filter_map(|(name, inner)| match name.as_str() {
                "frequency" if of_arm(inner) => Some((name.clone(), Value::text("Day"))),
                "interval" if of_arm(inner) => Some((name.clone(), Value::from(1))),
                _ if of_arm(inner) => None,
                _ => Some((name.clone(), inner.clone())),
            });
            Value::from(day.collect::<Object>())
        }
        Value::String(text) if text.starts_with('[') && text.ends_with(']') => Value::text("opaque"),
        Value::Array(items) => Value::array(items.iter().map(opaque)),
        Value::Object(object) => {
            Value::from(object.iter().map(|(name, inner)| (name.clone(), opaque(inner))).collect::<Object>())
        }
        other => other.clone(),
    }
}
