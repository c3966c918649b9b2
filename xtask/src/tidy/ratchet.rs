//! Lists of exceptions that may only shrink.
//!
//! A line is the thing and its size: `crates/a/src/b.rs 812`. What is listed may not grow; when it shrinks the
//! number must be lowered (`cargo run -p xtask -- ratchet` does so), and when it is within the limit it must be
//! struck off. Lines that begin with `#` say why.

use super::{Finding, Tree, size};
use anyhow::Result;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

/// Compares measured sizes with a limit and a list of exceptions.
pub fn compare(
    tree: &Tree,
    list: &str,
    limit: usize,
    measured: &BTreeMap<String, (Finding, usize)>,
) -> Vec<Finding> {
    let listed = read(tree, list);
    let mut findings = Vec::new();
    for (thing, (place, lines)) in measured.iter().filter(|(_, (_, lines))| *lines > limit) {
        match listed.get(thing.as_str()) {
            None => findings
                .push(Finding { message: format!("{} ({lines} lines)", place.message), ..place.clone() }),
            Some((_, most)) if lines > most => findings.push(Finding {
                message: format!("{} (it has grown from {most} to {lines} lines)", place.message),
                ..place.clone()
            }),
            Some((line, most)) if lines < most => {
                findings.push(Finding::new(list, *line, format!("{thing}: lower {most} to {lines}")));
            }
            Some(_) => {}
        }
    }
    for (thing, (line, _)) in &listed {
        if measured.get(*thing).is_none_or(|(_, lines)| *lines <= limit) {
            findings.push(Finding::new(
                list,
                *line,
                format!("{thing}: no longer an exception; strike it off"),
            ));
        }
    }
    findings
}

/// Lowers and strikes off what has shrunk, in both lists; never adds or raises. Returns what it did.
pub fn tighten(tree: &Tree) -> Result<Vec<String>> {
    let mut told = Vec::new();
    for (list, limit, measured) in [
        (size::FILES, size::FILE_LINES_MAX, size::measure_files(tree)),
        (size::FUNCTIONS, size::FUNCTION_LINES_MAX, size::measure_functions(tree)),
    ] {
        let Some(text) = tree.text(list) else { continue };
        let (new, changes) = tightened(text, limit, &measured);
        if !changes.is_empty() {
            fs::write(tree.root().join(list), new)?;
        }
        told.extend(changes);
    }
    Ok(told)
}

fn tightened(
    text: &str,
    limit: usize,
    measured: &BTreeMap<String, (Finding, usize)>,
) -> (String, Vec<String>) {
    let mut new = String::new();
    let mut changes = Vec::new();
    for line in text.lines() {
        let Some((thing, most)) = entry(line) else {
            let _ = writeln!(new, "{line}");
            continue;
        };
        match measured.get(thing).map(|(_, lines)| *lines).filter(|lines| *lines > limit) {
            None => changes.push(format!("{thing}: struck off")),
            Some(lines) => {
                let _ = writeln!(new, "{thing} {}", lines.min(most));
                if lines < most {
                    changes.push(format!("{thing}: {most} → {lines}"));
                }
            }
        }
    }
    (new, changes)
}

fn read<'a>(tree: &'a Tree, list: &str) -> BTreeMap<&'a str, (usize, usize)> {
    let lines = tree.text(list).unwrap_or_default().lines().enumerate();
    lines.filter_map(|(at, line)| entry(line).map(|(thing, most)| (thing, (at + 1, most)))).collect()
}

fn entry(line: &str) -> Option<(&str, usize)> {
    let (thing, most) = line.trim().rsplit_once(' ')?;
    (!line.starts_with('#')).then_some(())?;
    Some((thing, most.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(sizes: &[(&str, usize)]) -> BTreeMap<String, (Finding, usize)> {
        let one = |(thing, lines): &(&str, usize)| {
            ((*thing).to_owned(), (Finding::new(thing, 0, "too long"), *lines))
        };
        sizes.iter().map(one).collect()
    }

    #[test]
    fn sizes_are_held_against_limit_and_list() {
        for (listed, lines, told) in [
            ("", 10, None),
            ("", 11, Some("a: too long (11 lines)")),
            ("a 11", 11, None),
            ("a 11", 12, Some("a: too long (it has grown from 11 to 12 lines)")),
            ("# why\na 12", 11, Some("list:2: a: lower 12 to 11")),
            ("a 11", 10, Some("list:1: a: no longer an exception; strike it off")),
            ("gone 11", 10, Some("list:1: gone: no longer an exception; strike it off")),
        ] {
            let tree = Tree::made_of(&[("list", listed)]);
            let findings = compare(&tree, "list", 10, &measured(&[("a", lines)]));
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            assert_eq!(findings, Vec::from_iter(told), "{listed} {lines}");
        }
    }

    #[test]
    fn tightening_never_raises() {
        let list = "# why\na 20\nb 20\nc 20\ngone 20\n";
        let (new, changes) = tightened(list, 10, &measured(&[("a", 15), ("b", 9), ("c", 30)]));
        assert_eq!(new, "# why\na 15\nc 20\n");
        assert_eq!(changes, ["a: 20 → 15", "b: struck off", "gone: struck off"]);
    }
}
