//! Every expression in the files that others have published parses, and names functions that exist.
//!
//! Documents are walked whole, names of properties too; that the walk misses nothing is held against a count of the
//! string literals in the plain text. What a template makes (`"[concat('@{', …)]"`) is looked at in the tests of the crate
//! that reads templates.

use crate::shared::read;
use riposte_expression::{Template, function};
use riposte_testing::{files_below, shared};
use riposte_value::{Value, json};
use std::collections::BTreeMap;

#[derive(Default)]
struct Counts {
    /// Texts with an expression in them, as they were met.
    texts: usize,
    whole: usize,
    interpolated: usize,
    /// White space after the `@`, or around it.
    spaced: usize,
    lines: usize,
    names: usize,
    /// Expressions of the template around the definition.
    of_templates: usize,
    calls: usize,
    /// The message and one place, by the text that does not compile.
    refused: BTreeMap<String, String>,
    unknown: BTreeMap<String, usize>,
}

/// How the texts of the corpus start that look like an expression and are none: a parameter of a template, cut off in the
/// middle, and an object of PowerShell as text. Neither stands in a definition.
const NO_EXPRESSIONS: &[&str] =
    &["/subscriptions/@{encodeURIComponent(variables('sentinel-sub'))}", "@{workbookKey=FortigateWorkbook;"];

#[test]
fn published_expressions_parse() {
    let Some(path) = shared("corpus") else { return };
    let mut counts = Counts::default();
    let files = ["sentinel", "generic"].map(|folder| files_below(&path.join(folder), "json")).concat();
    let mut missed = Vec::new();
    for file in &files {
        let text = read(file);
        let place = file.display().to_string();
        let before = counts.texts;
        match json::parse_lenient(&text) {
            Ok(document) => walk(&document, &place, &mut counts),
            Err(error) => missed.push(format!("{place}: {error}")),
        }
        let (walked, plain) = (counts.texts - before, literals(&text));
        if walked != plain {
            missed.push(format!("{place}: {walked} texts walked, {plain} in the plain text"));
        }
    }
    let Counts { texts, whole, interpolated, spaced, lines, names, of_templates, calls, refused, unknown } =
        counts;
    println!(
        "{} files, {texts} texts: {whole} whole, {interpolated} interpolated, {of_templates} of templates; of them \
         {spaced} with white space about the `@`, {lines} of several lines, {names} names; {calls} calls",
        files.len()
    );
    println!("unknown functions: {unknown:?}");
    for (text, why) in &refused {
        println!("refused: {text}\n         {why}");
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    assert!(whole > 9_000 && interpolated > 4_000 && spaced >= 30 && lines > 400 && names > 100);
    assert_eq!(refused.len(), NO_EXPRESSIONS.len(), "texts that do not compile");
    assert!(refused.keys().zip(NO_EXPRESSIONS).all(|(text, start)| text.starts_with(start)));
}

/// Whether the text has an expression in it, of whatever kind; an escaped `@@` counts.
fn is_expression(text: &str) -> bool {
    text.trim_start().starts_with('@') || text.contains("@{")
}

/// How many string literals of a JSON text are expressions.
fn literals(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let inner = rest.get(start + 1..).unwrap_or_default();
        let mut escaped = false;
        let end = inner.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let (literal, after) = end.map_or((inner, ""), |end| (&inner[..end], &inner[end + 1..]));
        let unescaped = json::parse_lenient(&format!("\"{literal}\"")).unwrap_or_default();
        count += usize::from(unescaped.as_str().is_some_and(is_expression));
        rest = after;
    }
    count
}

fn walk(value: &Value, place: &str, counts: &mut Counts) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, place, counts)),
        Value::Object(object) => {
            for (name, item) in object.iter() {
                if is_expression(name) {
                    counts.names += 1;
                    compile(&Value::String(name.clone()), name, place, counts);
                }
                walk(item, place, counts);
            }
        }
        Value::String(text) if is_expression(text) => compile(value, text, place, counts),
        _ => {}
    }
}

fn compile(value: &Value, text: &str, place: &str, counts: &mut Counts) {
    counts.texts += 1;
    if text.starts_with('[') && text.ends_with(']') {
        counts.of_templates += 1;
        return;
    }
    let start = text.trim_start();
    let spaced = start.len() < text.len() || start[1..].starts_with(char::is_whitespace);
    counts.spaced += usize::from(start.starts_with('@') && spaced);
    counts.lines += usize::from(text.contains('\n'));
    if text.starts_with('@') && !text.starts_with("@{") {
        counts.whole += 1;
    } else {
        counts.interpolated += 1;
    }
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
            counts.refused.insert(text.to_owned(), format!("{} ({place})", errors.first().unwrap()));
        }
    }
}
