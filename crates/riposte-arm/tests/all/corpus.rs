//! Real templates, published by others: every file is read without an error, with made-up values where it leaves
//! parameters open. What cannot be read stands in `conformance/arm/known_failures.json`, with its reason.

use riposte_arm::{Deployment, Outcome, read, sample_parameters};
use riposte_testing::{repository_root, shared};
use riposte_value::json;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownFailures {
    #[serde(rename = "about")]
    _about: String,
    /// Path below the corpus → code of the first error, and why.
    files: BTreeMap<String, Reason>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    code: String,
    #[serde(rename = "reason")]
    _reason: String,
}

#[test]
fn every_published_template_reads_without_an_error() {
    let Some(corpus) = shared("corpus") else { return };
    let mut known = known_failures();
    let mut problems = Vec::new();
    let files = json_files(&[corpus.join("sentinel"), corpus.join("generic")]);
    assert!(!files.is_empty(), "the corpus holds no file");
    let mut workflows = 0;
    for file in &files {
        let name = file.strip_prefix(&corpus).unwrap().to_string_lossy().into_owned();
        let outcome = read_with_samples(&text(file));
        workflows += outcome.resources.iter().filter(|r| r.is("Microsoft.Logic/workflows")).count();
        let error = outcome.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
        match (error, known.files.remove(&name)) {
            (None, None) => {}
            (Some(error), Some(reason)) if error.code == reason.code.as_str() => {}
            (Some(error), _) => problems.push(format!("{name}: {error}")),
            (None, Some(_)) => problems.push(format!("{name}: reads now; strike it off the known failures")),
        }
    }
    problems.extend(
        known.files.keys().map(|name| format!("{name}: is a known failure, but there is no such file")),
    );
    assert!(problems.is_empty(), "{} of {} files:\n{}", problems.len(), files.len(), problems.join("\n"));
    println!("{} files give {workflows} workflows", files.len());
    assert!(workflows > 590, "only {workflows} workflows came out of {} files", files.len());
}

#[test]
fn no_template_expression_is_left_in_what_comes_out() {
    let Some(corpus) = shared("corpus") else { return };
    let mut left = Vec::new();
    for file in json_files(&[corpus.join("sentinel")]) {
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

fn read_with_samples(text: &str) -> Outcome {
    let mut deployment = Deployment { workspace: Some("soc".into()), ..Deployment::default() };
    if let Ok(template) = json::parse_lenient(text) {
        deployment.parameters = sample_parameters(&template, &deployment);
    }
    read(text, &deployment)
}

fn known_failures() -> KnownFailures {
    let path = repository_root().join("conformance/arm/known_failures.json");
    serde_json::from_str(&text(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "a test reads the files that it is about")]
pub fn text(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Every `*.json` under the folders, sorted.
pub fn json_files(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut open = folders.to_vec();
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
