//! Each diagnostic code that Riposte prints is explained in `docs/errors/README.md` (a table row that begins with
//! the code), and nothing is explained there that does not exist. A code is found where it is written: as the first argument of one of
//! [`MAKERS`].

use super::tree::{is_test_file, lines_without_tests};
use super::{Finding, Tree};
use anyhow::Result;
use std::collections::BTreeMap;

const DOCUMENT: &str = "docs/errors/README.md";

/// What makes a diagnostic: the type itself, and what the readers put before it.
const MAKERS: &[&str] = &[
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "Diagnostic::info(",
    "Fault::new(",
    ".error(",
    ".fault(",
    ".warning(",
    ".warn_here(",
    "refuse(",
];

/// The codes in the sources and those of the document are the same.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let written = codes(tree);
    let document = tree.text(DOCUMENT).unwrap_or_default();
    let rows =
        document.lines().enumerate().filter_map(|(at, line)| Some((line.strip_prefix("| `")?, at + 1)));
    let explained: BTreeMap<&str, usize> =
        rows.filter_map(|(row, line)| Some((row.split_once("` |")?.0, line))).collect();
    let mut findings = Vec::new();
    for (code, (file, line)) in &written {
        if !explained.contains_key(code.as_str()) {
            findings.push(Finding::new(file, *line, format!("`{code}` is not explained in {DOCUMENT}")));
        }
    }
    for (code, line) in explained.iter().filter(|(code, _)| !written.contains_key(**code)) {
        findings.push(Finding::new(DOCUMENT, *line, format!("no code `{code}` is in the sources")));
    }
    Ok(findings)
}

/// Code → the first place that writes it.
fn codes(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    let mut codes = BTreeMap::new();
    for (path, text) in
        tree.ending(".rs").filter(|(path, _)| path.starts_with("crates/") && !is_test_file(path))
    {
        let code =
            lines_without_tests(text).map(|line| if line.trim_start().starts_with("//") { "" } else { line });
        let text = code.collect::<Vec<_>>().join("\n");
        for call in MAKERS {
            for (at, _) in text.match_indices(call) {
                let rest = text.get(at + call.len()..).unwrap_or_default().trim_start();
                let Some((code, _)) = rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
                    continue;
                };
                if !is_code(code) {
                    continue;
                }
                let line = text.get(..at).unwrap_or_default().lines().count().max(1);
                codes.entry(code.to_owned()).or_insert_with(|| (path.to_owned(), line));
            }
        }
    }
    codes
}

/// Whether a text is a code and no sentence: `UnknownActionType`.
fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_rows_are_compared_both_ways() {
        let source = "//! A head.\nfn f() {\n    Diagnostic::error(\n        \"Cyclic\", x);\n    Diagnostic::warning(\"Known\", y)\n    log.error(\"no code\")\n}\n";
        let documented = "/// Diagnostic::error(\"InAComment\", x)\n";
        let tree = Tree::made_of(&[
            ("crates/a/src/lib.rs", source),
            ("crates/a/src/b.rs", documented),
            ("crates/a/tests/all.rs", "Diagnostic::error(\"OnlyInATest\", x)"),
            (DOCUMENT, "# Errors\n\n| code | when |\n| --- | --- |\n| `Known` | x |\n| `Gone` | x |\n"),
        ]);
        let found: Vec<String> = check(&tree).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "crates/a/src/lib.rs:3: `Cyclic` is not explained in docs/errors/README.md",
                "docs/errors/README.md:6: no code `Gone` is in the sources",
            ]
        );
    }
}
