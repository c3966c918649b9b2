//! The case files under `conformance/`: each parses, and some test reads it. Data that no test reads looks like
//! a promise that is kept.

use super::tree::is_test_file;
use super::{Finding, Tree};
use anyhow::Result;
use serde::de::IgnoredAny;

const FOLDER: &str = "conformance/";

/// Each `conformance/**/*.json` parses and is named, itself or by its folder, in the text of a test.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let tests: Vec<&str> =
        tree.ending(".rs").filter(|(path, text)| has_tests(path, text)).map(|(_, text)| text).collect();
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".json").filter(|(path, _)| path.starts_with(FOLDER)) {
        if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
            findings.push(Finding::new(path, error.line(), format!("is not JSON: {error}")));
        }
        if !tests.iter().any(|text| names(text, path)) {
            findings.push(Finding::new(path, 0, "no test names this file or its folder"));
        }
    }
    Ok(findings)
}

fn has_tests(path: &str, text: &str) -> bool {
    is_test_file(path) || text.contains("#[cfg(test)]") || path.starts_with("fuzz/")
}

/// Whether a text holds the path of the file, or that of a folder that it is in, in quotes (`conformance` itself
/// says nothing).
fn names(text: &str, path: &str) -> bool {
    let mut place = path;
    while place.len() > FOLDER.len() {
        let found = text.match_indices(place).any(|(at, _)| {
            let after = text.get(at + place.len()..).unwrap_or_default();
            ["\"", "/\"", "/{"].iter().any(|end| after.starts_with(end))
        });
        if found {
            return true;
        }
        place = place.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unread_and_broken_files_are_found() {
        let tree = Tree::made_of(&[
            ("conformance/arm/a.json", "[]"),
            ("conformance/arm/b.json", "[1,]"),
            ("conformance/rules/c.json", "[]"),
            ("conformance/rules/d.json", "[]"),
            ("conformance/armada/e.json", "[]"),
            ("crates/arm/tests/all.rs", r#"load("conformance/arm") load("conformance/rules/c.json")"#),
            ("crates/arm/src/lib.rs", r#"load("conformance/rules/d.json")"#),
        ]);
        let found: Vec<String> = check(&tree).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "conformance/arm/b.json:1: is not JSON: expected value at line 1 column 4",
                "conformance/armada/e.json: no test names this file or its folder",
                "conformance/rules/d.json: no test names this file or its folder",
            ]
        );
    }
}
