//! Definitions that others published compile without a false error.

use super::harness::{judge, shared};
use riposte_value::{Object, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[test]
fn corpus() {
    let Some(root) = shared("corpus") else {
        println!("skipped: the corpus of the shared folder is absent");
        return;
    };
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let (mut definitions, mut clean, mut connectors) = (0, 0, BTreeMap::<String, usize>::new());
    let mut unsupported = BTreeMap::<String, usize>::new();
    let mut warnings = BTreeMap::<String, usize>::new();
    let mut failures = Vec::new();
    for file in files {
        let Some(document) =
            std::fs::read(&file).ok().and_then(|bytes| json::parse_bytes_lenient(&bytes).ok())
        else {
            continue;
        };
        let mut found = Vec::new();
        find(&document, &mut found);
        for (index, definition) in found.iter().enumerate() {
            definitions += 1;
            let (program, diagnostics) = riposte_workflow::compile(&opaque(definition));
            let name = format!("{}#{index}", file.strip_prefix(&root).unwrap().display());
            let mut faults = Vec::new();
            for diagnostic in &diagnostics {
                if diagnostic.code == "UnsupportedActionType" {
                    *unsupported.entry(diagnostic.message.clone()).or_default() += 1;
                } else if diagnostic.is_error() {
                    faults.push(format!(
                        "{} {} {:?}",
                        diagnostic.code, diagnostic.message, diagnostic.location.path
                    ));
                } else {
                    *warnings.entry(diagnostic.code.to_string()).or_default() += 1;
                }
            }
            if let Some(program) = &program {
                clean += 1;
                for key in program.connectors() {
                    *connectors.entry(key.to_string()).or_default() += 1;
                }
            }
            if !faults.is_empty() {
                failures.push((name, faults.join("\n    ")));
            }
        }
    }
    println!("{definitions} definitions, {clean} can run, {} connector keys", connectors.len());
    println!("not supported: {unsupported:#?}");
    println!("warnings: {warnings:#?}");
    assert!(definitions > 500);
    judge("corpus", &failures);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
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

/// What ARM would evaluate is taken as text.
fn opaque(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('[') && text.ends_with(']') => Value::text("opaque"),
        Value::Array(items) => Value::array(items.iter().map(opaque)),
        Value::Object(object) => {
            Value::from(object.iter().map(|(name, inner)| (name.clone(), opaque(inner))).collect::<Object>())
        }
        other => other.clone(),
    }
}
