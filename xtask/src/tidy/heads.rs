//! Each source file begins with a `//!` head that says what it is about. Files that hold a module's unit tests
//! are about that module, and need none.

use super::{Finding, Tree};
use anyhow::Result;

/// Each `.rs` file has its head.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let files = tree.ending(".rs").filter(|(path, _)| !is_unit_test(path));
    let headless = files.filter(|(_, text)| !text.starts_with("//! "));
    Ok(headless
        .map(|(path, _)| Finding::new(path, 1, "begins without a `//!` head that says what it is about"))
        .collect())
}

fn is_unit_test(path: &str) -> bool {
    path.contains("/src/") && (path.ends_with("/tests.rs") || path.contains("/tests/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_head_is_found() {
        let tree = Tree::made_of(&[
            ("crates/a/src/lib.rs", "//! What it is about.\n"),
            ("crates/a/src/b.rs", "use x;\n"),
            ("crates/a/src/c.rs", "//!\n"),
            ("crates/a/src/d/tests.rs", "use super::*;\n"),
            ("crates/a/tests/all.rs", "use a;\n"),
        ]);
        let found: Vec<String> = check(&tree).unwrap().into_iter().map(|finding| finding.file).collect();
        assert_eq!(found, ["crates/a/src/b.rs", "crates/a/src/c.rs", "crates/a/tests/all.rs"]);
    }
}
