//! Every expression in the definitions that others have published parses, and names functions that exist.

use crate::shared::{read, shared};
use riposte_expression::{Template, function};
use riposte_value::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Counts {
    files: usize,
    definitions: usize,
    expressions: usize,
    calls: usize,
    /// The message and one place, by the text that does not compile.
    refused: BTreeMap<String, String>,
    unknown: BTreeMap<String, usize>,
}

#[test]
fn published_expressions_parse() {
    let Some(path) = shared("corpus") else { return };
    let mut counts = Counts::default();
    for folder in ["sentinel", "generic"] {
        for file in json_files(&path.join(folder)) {
            // What is no JSON is no definition; the reader of templates has its own test.
            if let Ok(document) = json::parse_lenient(&read(&file)) {
                counts.files += 1;
                definitions(&document, &file, &mut counts);
            }
        }
    }
    let Counts { files, definitions, expressions, calls, refused, unknown } = counts;
    println!("{files} files, {definitions} definitions, {expressions} expressions, {calls} calls");
    println!("unknown functions: {unknown:?}");
    for (text, why) in &refused {
        println!("refused: {text}\n         {why}");
    }
    assert!(definitions > 100 && expressions > 1_000, "the corpus was not walked");
    assert!(refused.is_empty(), "{} texts do not compile", refused.len());
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Walks to the workflow definitions in a document.
fn definitions(value: &Value, file: &Path, counts: &mut Counts) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| definitions(item, file, counts)),
        Value::Object(object) => {
            for (name, item) in object.iter() {
                if name == "definition" && (item.get("actions").is_some() || item.get("triggers").is_some()) {
                    counts.definitions += 1;
                    strings(item, file, counts);
                } else {
                    definitions(item, file, counts);
                }
            }
        }
        _ => {}
    }
}

fn strings(value: &Value, file: &Path, counts: &mut Counts) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| strings(item, file, counts)),
        Value::Object(object) => object.values().for_each(|item| strings(item, file, counts)),
        // `[…]` is an expression of the template around the definition
        Value::String(text) if !text.starts_with('[') && (text.starts_with('@') || text.contains("@{")) => {
            counts.expressions += 1;
            match Template::compile(value) {
                Ok(template) => {
                    for call in &template.references().calls {
                        counts.calls += 1;
                        if function(&call.function).is_none() {
                            *counts.unknown.entry(call.function.to_string()).or_default() += 1;
                        }
                    }
                }
                Err(errors) => {
                    let why = format!("{} ({})", errors.first().unwrap(), file.display());
                    counts.refused.insert(text.to_string(), why);
                }
            }
        }
        _ => {}
    }
}
