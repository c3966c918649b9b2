//! Nothing half done: reminders belong into issues, a stub into no branch, and an ignored test tests nothing.

use super::{Finding, Tree};
use anyhow::Result;

/// What marks unfinished work. Written in two pieces, so that this file is not a finding of itself.
const MARKS: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "a reminder; file an issue, or do it"),
    (concat!("FIX", "ME"), "a reminder; file an issue, or do it"),
    (concat!("XX", "X:"), "a reminder; file an issue, or do it"),
    (concat!("unimpl", "emented!("), "a stub; refuse with an error instead"),
    (concat!("to", "do!("), "a stub; refuse with an error instead"),
    (concat!("#[ig", "nore"), "an ignored test; make it run, or skip with a printed reason"),
    (concat!("dbg", "!("), "left over from looking"),
];

/// No file that people write holds one of the marks.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| is_written(path)) {
        for (at, line) in text.lines().enumerate() {
            for (mark, why) in MARKS.iter().filter(|(mark, _)| holds(line, mark)) {
                findings.push(Finding::new(path, at + 1, format!("`{mark}`: {why}")));
            }
        }
    }
    Ok(findings)
}

/// Case data and templates may hold any text; code, settings and documents may not.
fn is_written(path: &str) -> bool {
    let ends = [".rs", ".toml", ".md", ".sh", ".ts", ".tsx", ".js", ".sql", ".yml", "Makefile", ".ci/run"];
    ends.iter().any(|end| path.ends_with(end))
}

/// Whether the mark stands as a word of its own.
fn holds(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + mark.len()..).and_then(|text| text.chars().next());
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !word(before) && (!word(after) || !mark.ends_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_as_words() {
        let line = |text: &str| Tree::made_of(&[("src/a.rs", text)]);
        for mark in MARKS.iter().map(|(mark, _)| mark) {
            assert_eq!(check(&line(&format!("// {mark} x"))).unwrap().len(), 1, "{mark}");
            assert_eq!(check(&line(&format!("// un{mark} x"))).unwrap(), [], "{mark}");
        }
        assert_eq!(check(&line("#[test]\nfn tidy() {}")).unwrap(), []);
        assert_eq!(check(&Tree::made_of(&[("conformance/a.json", MARKS[0].0)])).unwrap(), []);
    }
}
