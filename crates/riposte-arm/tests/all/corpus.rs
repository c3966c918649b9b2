//! Real templates, published by others: every file is read without an error, with made-up values where it leaves
//! parameters open. What cannot be read stands in `conformance/arm/known_failures.json`, with its reason.

use riposte_arm::{Deployment, Outcome, read, sample_parameters};
use riposte_expression::Template;
use riposte_testing::{Cases, KnownFailures, files_below, shared};
use riposte_value::json;
use std::path::{Path, PathBuf};

#[test]
fn every_published_template_reads_without_an_error() {
    let Some(corpus) = shared("corpus") else { return };
    let files = json_files(&corpus, &["sentinel", "generic"]);
    let name = |file: &Path| file.strip_prefix(&corpus).unwrap().to_string_lossy().into_owned();
    let cases = files.into_iter().map(|file| (name(&file), file)).collect();
    let known = KnownFailures::load("conformance/arm/known_failures.json");
    Cases::of("corpus", cases, known).check(|file| {
        let outcome = read_with_samples(&text(file));
        let error = outcome.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        error.map_or(Ok(()), |error| Err(format!("{}: {error}", error.code)))
    });
}

#[test]
fn no_template_expression_is_left_in_what_comes_out() {
    let Some(corpus) = shared("corpus") else { return };
    let mut left = Vec::new();
    for file in json_files(&corpus, &["sentinel"]) {
        let source = text(&file);
        // An escaped bracket outside of a content template is meant to stay a bracket.
        let escapes = source.contains("\"[[") && !source.contains("mainTemplate");
        for resource in read_with_samples(&source).resources.into_iter().filter(|_| !escapes) {
            let properties = json::to_string(&resource.properties);
            let calls = [
                "\"[concat(",
                "\"[parameters(",
                "\"[variables(",
                "\"[resourceId(",
                "\"[resourceGroup(",
                "\"[subscription(",
            ];
            if let Some(call) = calls.iter().find(|call| properties.contains(**call)) {
                left.push(format!("{}: {}: {call}", file.display(), resource.id));
            }
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

/// Expressions of the workflow language that templates make (`[concat('@{…', …)]`, escaped brackets, content templates)
/// are seen only here.
#[test]
fn every_expression_that_comes_out_parses() {
    let Some(corpus) = shared("corpus") else { return };
    let (mut definitions, mut expressions, mut refused) = (0, 0, Vec::new());
    for file in json_files(&corpus, &["sentinel", "generic"]) {
        for resource in read_with_samples(&text(&file)).resources {
            let Some(definition) = resource.properties.get("definition") else { continue };
            definitions += 1;
            match Template::compile(definition) {
                Ok(template) => expressions += template.references().calls.len(),
                Err(errors) => refused.push(format!("{}: {}: {errors:?}", file.display(), resource.id)),
            }
        }
    }
    println!("{definitions} definitions, {expressions} calls of functions");
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(definitions > 590 && expressions > 10_000, "{definitions} definitions, {expressions} calls");
}

fn read_with_samples(text: &str) -> Outcome {
    let mut deployment = Deployment { workspace: Some("soc".into()), ..Deployment::default() };
    if let Ok(template) = json::parse_lenient(text) {
        deployment.parameters = sample_parameters(&template, &deployment);
    }
    read(text, &deployment)
}

#[expect(clippy::disallowed_methods, reason = "a test reads the files that it is about")]
pub fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Every `*.json` under the folders, folder by folder.
fn json_files(corpus: &Path, folders: &[&str]) -> Vec<PathBuf> {
    folders.iter().flat_map(|folder| files_below(&corpus.join(folder), "json")).collect()
}
