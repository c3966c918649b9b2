//! How long files and functions may be. Tests may be as long as their tables.
//!
//! A function is measured by indentation: it ends at the first closing brace that stands as far in as its `fn`.
//! That holds for what rustfmt has formatted, which is everything here.

use super::tree::{is_test_file, lines_without_tests};
use super::{Finding, Tree, ratchet};
use anyhow::Result;
use std::collections::BTreeMap;

/// The most lines of a source file, its tests not counted.
pub const FILE_LINES_MAX: usize = 800;
/// The most lines of a function, from `fn` to the closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;
/// The files that are longer still.
pub const FILES: &str = "xtask/ratchet/long-files.txt";
/// The functions that are longer still.
pub const FUNCTIONS: &str = "xtask/ratchet/long-functions.txt";

/// No source file is longer than [`FILE_LINES_MAX`].
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn files(tree: &Tree) -> Result<Vec<Finding>> {
    Ok(ratchet::compare(tree, FILES, FILE_LINES_MAX, &measure_files(tree)))
}

/// No function is longer than [`FUNCTION_LINES_MAX`].
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn functions(tree: &Tree) -> Result<Vec<Finding>> {
    Ok(ratchet::compare(tree, FUNCTIONS, FUNCTION_LINES_MAX, &measure_functions(tree)))
}

pub fn measure_files(tree: &Tree) -> BTreeMap<String, (Finding, usize)> {
    let mut measured = BTreeMap::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| !is_test_file(path)) {
        let finding = Finding::new(path, 0, format!("more than {FILE_LINES_MAX} lines; one idea, one file"));
        measured.insert(path.to_owned(), (finding, lines_without_tests(text).count()));
    }
    measured
}

pub fn measure_functions(tree: &Tree) -> BTreeMap<String, (Finding, usize)> {
    let mut measured: BTreeMap<String, (Finding, usize)> = BTreeMap::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| !is_test_file(path)) {
        for (line, name, lines) in functions_of(text) {
            let message = format!("`{name}` has more than {FUNCTION_LINES_MAX} lines; divide it");
            let thing = format!("{path} {name}");
            // Two functions of one name in a file (in two types): the longer one counts.
            if measured.get(&thing).is_none_or(|(_, most)| lines > *most) {
                measured.insert(thing, (Finding::new(path, line, message), lines));
            }
        }
    }
    measured
}

/// Line, name and length of each function with a body.
fn functions_of(text: &str) -> Vec<(usize, &str, usize)> {
    let lines: Vec<&str> = lines_without_tests(text).collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line.trim_start()) else { continue };
        let indent = line.len() - line.trim_start().len();
        let after = lines.iter().skip(at).take_while(|line| !ends_function(line, indent)).count();
        let last = lines.get(at + after).copied().unwrap_or_default();
        if last.trim_end().ends_with('}') {
            found.push((at + 1, name, after + 1));
        }
    }
    found
}

/// Whether a function that is indented so far ends with this line: with its brace, or without a body.
fn ends_function(line: &str, indent: usize) -> bool {
    let text = line.trim_start();
    let level = line.len() - text.len() == indent;
    level
        && (text.starts_with('}')
            || text.ends_with(';')
            || (function_name(text).is_some() && text.ends_with('}')))
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line;
    if let Some(after) = rest.strip_prefix("pub") {
        rest = match after.strip_prefix('(') {
            Some(scope) => scope.split_once(')')?.1,
            None => after,
        };
    }
    rest = rest.trim_start();
    for qualifier in ["const ", "async ", "unsafe ", "extern \"C\" "] {
        rest = rest.strip_prefix(qualifier).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(|c: char| !c.is_alphanumeric() && c != '_').next().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let text = "\
impl A {
    pub(crate) const fn one() -> u8 { 1 }

    pub async fn two(
        a: u8,
    ) -> u8
    where
        u8: Copy,
    {
        if a > 1 {
        }
        a
    }
}
trait B {
    fn three();
    fn four(
        a: u8,
    ) -> u8;
}
fn five() {
}
// fn six() {
const SEVEN: u8 = 7;
";
        assert_eq!(functions_of(text), [(2, "one", 1), (4, "two", 10), (21, "five", 2)]);
    }

    #[test]
    fn long_ones_are_found() {
        let long = format!("fn long() {{\n{}}}\n", "    x();\n".repeat(FUNCTION_LINES_MAX - 1));
        let fits = format!("fn fits() {{\n{}}}\n", "    x();\n".repeat(FUNCTION_LINES_MAX - 2));
        let tree = Tree::made_of(&[("src/a.rs", &long), ("src/b.rs", &fits), ("tests/c.rs", &long)]);
        let told: Vec<String> = functions(&tree).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(told, ["src/a.rs:1: `long` has more than 70 lines; divide it (71 lines)"]);
    }

    #[test]
    fn long_files_are_found() {
        let long = "x\n".repeat(FILE_LINES_MAX + 1);
        let tested = format!("x\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        let tree = Tree::made_of(&[("src/a.rs", &long), ("src/b.rs", &tested), ("src/a/tests.rs", &long)]);
        assert_eq!(files(&tree).unwrap().iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), ["src/a.rs"]);
    }
}
