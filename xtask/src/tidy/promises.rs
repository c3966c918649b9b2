//! A promise names the tests that hold it. In `RELIABILITY.md` and `SECURITY.md`, inline code of the form
//! `crate::test_name` is such a name, and the test must exist.

use super::{Finding, Tree};
use anyhow::Result;

const DOCUMENTS: &[&str] = &["RELIABILITY.md", "SECURITY.md"];

/// Each test that a promise names exists.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (document, text) in tree.files().filter(|(path, _)| DOCUMENTS.contains(path)) {
        for (at, line) in text.lines().enumerate() {
            for (package, test) in named_tests(line) {
                if !exists(tree, package, test) {
                    let message = format!("names the test `{package}::{test}`, which is not there");
                    findings.push(Finding::new(document, at + 1, message));
                }
            }
        }
    }
    Ok(findings)
}

/// The inline code of a line that has the form `crate::test_name`.
fn named_tests(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let code = line.split('`').skip(1).step_by(2);
    code.filter_map(|code| code.split_once("::")).filter(|(package, _)| package.starts_with("riposte"))
}

fn exists(tree: &Tree, package: &str, test: &str) -> bool {
    let folder = format!("crates/{package}/");
    let name = format!("fn {test}(");
    let is_there = |text: &str| is_test(text, &name) || (text.contains(&name) && is_in_suite(text, test));
    tree.ending(".rs").any(|(path, text)| path.starts_with(&folder) && is_there(text))
}

/// Whether the function is in the list of a suite that is run over each database: `over_both!(name, …)`.
fn is_in_suite(text: &str, name: &str) -> bool {
    let list = text.split_once("over_both!(").and_then(|(_, rest)| rest.split_once(");"));
    list.is_some_and(|(list, _)| list.split(',').any(|listed| listed.trim() == name))
}

/// Whether the text has a function of this name with a test attribute shortly before it.
fn is_test(text: &str, name: &str) -> bool {
    let Some((before, _)) = text.split_once(name) else { return false };
    before.lines().rev().take(4).any(|line| line.trim_start().starts_with("#[") && line.contains("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_are_named_exist() {
        let source = "#[test]\nfn is_kept() {}\n\n#[tokio::test(flavor = \"multi_thread\")]\nasync fn is_sent() {}\n\n\n\nfn helps() {}\n";
        let suite = "over_both!(\n    is_both,\n);\nasync fn is_both(place: Place) {}\nfn is_alone() {}\n";
        let text = "`riposte-store::is_kept` `riposte-store::is_sent`\n`riposte-store::gone` `riposte::is_kept`\n`riposte-store::helps` `std::x`\n\
                    `riposte-store::is_both`\n`riposte-store::is_alone`\n";
        let tree = Tree::made_of(&[
            ("crates/riposte-store/tests/all.rs", source),
            ("crates/riposte-store/tests/both.rs", suite),
            ("RELIABILITY.md", text),
        ]);
        let lines: Vec<usize> = check(&tree).unwrap().iter().map(|finding| finding.line).collect();
        assert_eq!(lines, [2, 2, 3, 5]);
    }
}
