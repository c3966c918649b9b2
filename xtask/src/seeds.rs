//! Seeds for fuzzing, taken from the cases: a fuzzer that starts from real input gets further than one that starts
//! from nothing. Written to `fuzz/corpus/TARGET/`, which is not kept.

use crate::tidy::Tree;
use anyhow::Result;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Longer texts teach a fuzzer little and slow it down.
const BYTES_MAX: usize = 16_384;
/// The most seeds of a target: enough to show every feature, few enough to read in a second.
const SEEDS_MAX: usize = 4_000;

/// A seed made from a value, if the value has the shape for it.
type Seed = fn(&Value) -> Option<String>;

/// What a fuzz target takes, told by shape.
const TARGETS: &[(&str, Seed)] = &[
    ("arm", |value| has(value, &["resources"]).then(|| value.to_string())),
    ("expression", expression),
    ("json", |value| (value.is_object() || value.is_array()).then(|| value.to_string())),
    ("workflow", |value| has(value, &["actions"]).then(|| value.to_string())),
];

/// Writes the seeds and says how many there are for each target.
pub fn write(tree: &Tree) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (target, seeds) in seeds(tree) {
        let folder = tree.root().join("fuzz/corpus").join(target);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("seed-{at:05}")), seed)?;
        }
        told.push(format!("{target}: {} seeds", seeds.len()));
    }
    Ok(told)
}

/// The case files, examples and templates of the repository, and the cases and playbooks beside it where they are.
fn sources(tree: &Tree) -> Vec<Value> {
    let own = tree.ending(".json").filter(|(path, _)| {
        ["conformance/", "examples/", "templates/"].iter().any(|folder| path.starts_with(folder))
    });
    let mut sources: Vec<Value> = own.filter_map(|(_, text)| serde_json::from_str(text).ok()).collect();
    let mut folders = vec![tree.root().join("../shared/conformance"), tree.root().join("../shared/corpus")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { sources.extend(read(&path)) }
        }
    }
    sources
}

fn read(path: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

fn seeds(tree: &Tree) -> impl Iterator<Item = (&'static str, BTreeSet<String>)> {
    let sources = sources(tree);
    TARGETS.iter().map(move |(target, of)| {
        let mut seeds = BTreeSet::new();
        for source in &sources {
            collect(source, *of, &mut seeds);
        }
        let each = seeds.len() / SEEDS_MAX + 1;
        (*target, seeds.into_iter().step_by(each).collect())
    })
}

fn collect(value: &Value, of: Seed, seeds: &mut BTreeSet<String>) {
    seeds.extend(of(value).filter(|seed| seed.len() <= BYTES_MAX));
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, of, seeds)),
        Value::Object(properties) => {
            for (name, value) in properties {
                // A case gives its expression bare.
                if let ("expr" | "expression", Value::String(text)) = (name.as_str(), value) {
                    seeds.extend(of(&Value::String(format!("@{text}"))));
                }
                collect(value, of, seeds);
            }
        }
        _ => {}
    }
}

fn has(value: &Value, names: &[&str]) -> bool {
    names.iter().all(|name| value.get(name).is_some())
}

/// The bare expression of a text such as `@concat('a', 'b')`; a text with an expression in the middle as it stands.
fn expression(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let Some(text) = text.strip_prefix('@') else {
        return text.contains("@{").then(|| text.to_owned());
    };
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    (!text.starts_with('@')).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_told_by_shape() {
        let case = r#"{"name":"a","template":{"resources":[{"properties":{"definition":
            {"triggers":{},"actions":{"C":{"inputs":"@{add(1,2)}","other":"@@no","plain":"no","middle":"a @{b()}"}}}}}]},"expr":"sub(1,2)"}"#;
        let tree = Tree::made_of(&[("conformance/arm/a.json", case), ("other/b.json", r#"{"expr":"no"}"#)]);
        let of = |wanted: &str| {
            let found = seeds(&tree).find(|(target, _)| *target == wanted);
            found.map(|(_, seeds)| seeds).unwrap_or_default()
        };
        assert_eq!(of("expression").into_iter().collect::<Vec<_>>(), ["a @{b()}", "add(1,2)", "sub(1,2)"]);
        assert_eq!((of("arm").len(), of("workflow").len()), (1, 1));
        assert!(of("arm").iter().all(|seed| seed.starts_with(r#"{"resources":["#)));
        assert_eq!(of("json").len(), 9);
    }
}
