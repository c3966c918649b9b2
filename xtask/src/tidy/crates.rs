//! Who may know whom: the crate table of ARCHITECTURE.md is the law, and this compares the manifests with it.
//!
//! A row is `| crate | kind | one job | uses |`. The kind is `pure` (values in, values out), `shell` or
//! `development`; `uses` names crates without the prefix `riposte-`, or is `–`.

use super::metadata::Metadata;
use super::{Finding, Tree};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = "ARCHITECTURE.md";
const FENCE: &str = "clippy.toml";

/// What a pure crate must not be built from: runtimes, sockets, databases.
const IMPURE: &[&str] = &[
    "async-std",
    "axum",
    "hyper",
    "libsqlite3-sys",
    "mio",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tokio",
];

/// What each pure crate's fence must name.
const FENCED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::env::var",
    "std::fs::read",
    "std::fs::File::open",
    "std::process::Command::new",
    "std::thread::spawn",
    "std::collections::HashMap",
    "std::collections::HashSet",
];

/// The table says which crate uses which, exactly as the manifests do.
pub fn table(tree: &Tree) -> Result<Vec<Finding>> {
    let rows = rows(tree)?;
    Ok(compare(&rows, &Metadata::of(tree)?))
}

/// No pure crate is built from something that does input or output.
pub fn pure(tree: &Tree) -> Result<Vec<Finding>> {
    let rows = rows(tree)?;
    let metadata = Metadata::of(tree)?;
    Ok(impurities(&rows, &metadata))
}

/// Each pure crate has a fence, and it names what it must.
pub fn fences(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for row in rows(tree)?.iter().filter(|row| row.kind == Kind::Pure) {
        let file = format!("crates/{}/{FENCE}", row.name);
        let Some(text) = tree.text(&file) else {
            findings.push(Finding::new(&file, 0, "a pure crate needs one; copy that of `riposte-value`"));
            continue;
        };
        for name in FENCED.iter().filter(|name| !text.contains(&format!("\"{name}\""))) {
            findings.push(Finding::new(&file, 0, format!("does not disallow `{name}`")));
        }
    }
    Ok(findings)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pure,
    Shell,
    Development,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    line: usize,
    name: String,
    kind: Kind,
    uses: BTreeSet<String>,
}

fn rows(tree: &Tree) -> Result<Vec<Row>> {
    let text = tree.text(DOCUMENT).with_context(|| format!("there is no {DOCUMENT}"))?;
    let mut rows = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            ["crate", "kind", _, "uses"] => inside = true,
            [name, kind, _, uses] if inside => {
                if let Some(row) = row(at + 1, name, kind, uses) {
                    rows.push(row);
                } else if !name.starts_with("--") {
                    anyhow::bail!(
                        "{DOCUMENT}:{}: the kind `{kind}` is not pure, shell or development",
                        at + 1
                    );
                }
            }
            _ => inside = false,
        }
    }
    anyhow::ensure!(!rows.is_empty(), "{DOCUMENT}: no table `| crate | kind | … | uses |`");
    Ok(rows)
}

fn row(line: usize, name: &str, kind: &str, uses: &str) -> Option<Row> {
    let kind = match kind {
        "pure" => Kind::Pure,
        "shell" => Kind::Shell,
        "development" => Kind::Development,
        _ => return None,
    };
    let uses = uses.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "–"));
    let uses = uses.map(|name| format!("riposte-{}", name.trim_matches('`'))).collect();
    Some(Row { line, name: name.trim_matches('`').to_owned(), kind, uses })
}

fn compare(rows: &[Row], metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    let told: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.name.as_str(), row)).collect();
    for (name, uses) in &metadata.members {
        let Some(row) = told.get(name.as_str()) else {
            findings.push(Finding::new(DOCUMENT, 0, format!("crate `{name}` is not in the table")));
            continue;
        };
        for used in uses.difference(&row.uses) {
            findings.push(Finding::new(
                DOCUMENT,
                row.line,
                format!("`{name}` uses `{used}`, and the table says no"),
            ));
        }
        for unused in row.uses.difference(uses) {
            findings.push(Finding::new(
                DOCUMENT,
                row.line,
                format!("the table lets `{name}` use `{unused}`, which it does not; strike it out"),
            ));
        }
    }
    for row in rows.iter().filter(|row| !metadata.members.contains_key(&row.name)) {
        findings.push(Finding::new(DOCUMENT, row.line, format!("there is no crate `{}`", row.name)));
    }
    findings
}

fn impurities(rows: &[Row], metadata: &Metadata) -> Vec<Finding> {
    let mut findings = Vec::new();
    for row in rows.iter().filter(|row| row.kind == Kind::Pure) {
        let ways = metadata.built_from(&row.name);
        for way in IMPURE.iter().filter_map(|name| ways.get(*name)) {
            let manifest = format!("crates/{}/Cargo.toml", row.name);
            findings.push(Finding::new(&manifest, 0, format!("a pure crate is built from {way}")));
        }
        for used in &row.uses {
            if rows.iter().any(|other| other.name == *used && other.kind != Kind::Pure) {
                findings.push(Finding::new(
                    DOCUMENT,
                    row.line,
                    format!("`{}` is pure and uses `{used}`", row.name),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = "\
# Map
| crate | kind | one job | uses |
| --- | --- | --- | --- |
| `riposte-value` | pure | values | – |
| `riposte-rules` | pure | rules | `value`, gone |
| `riposte-egress` | shell | sockets | value |

| crate | other |
";

    /// `riposte-rules` uses egress (not allowed), not `gone`; tokio is reached over egress; a dev-dependency is not.
    fn metadata() -> Metadata {
        let node = |id: &str, deps: &[(&str, Option<&str>)]| {
            let deps: Vec<_> = deps
                .iter()
                .map(|(pkg, kind)| json!({ "pkg": pkg, "dep_kinds": [{ "kind": kind }] }))
                .collect();
            json!({ "id": id, "deps": deps })
        };
        let names = ["riposte-value", "riposte-rules", "riposte-egress", "riposte-new", "tokio", "axum"];
        let packages: Vec<_> = names.iter().map(|name| json!({ "id": name, "name": name })).collect();
        let nodes = [
            node("riposte-value", &[]),
            node(
                "riposte-rules",
                &[("riposte-value", None), ("riposte-egress", None), ("axum", Some("dev"))],
            ),
            node("riposte-egress", &[("riposte-value", None), ("tokio", None)]),
            node("riposte-new", &[]),
            node("tokio", &[]),
            node("axum", &[]),
        ];
        let members = ["riposte-value", "riposte-rules", "riposte-egress", "riposte-new"];
        let metadata =
            json!({ "packages": packages, "resolve": { "nodes": nodes }, "workspace_members": members });
        Metadata::read(&metadata).unwrap()
    }

    #[test]
    fn the_table_and_the_manifests_are_compared_both_ways() {
        let rows = rows(&Tree::made_of(&[(DOCUMENT, TABLE)])).unwrap();
        assert_eq!(rows.len(), 3);
        let told: Vec<String> = compare(&rows, &metadata()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "ARCHITECTURE.md: crate `riposte-new` is not in the table",
                "ARCHITECTURE.md:5: `riposte-rules` uses `riposte-egress`, and the table says no",
                "ARCHITECTURE.md:5: the table lets `riposte-rules` use `riposte-gone`, which it does not; strike it out",
            ]
        );
    }

    #[test]
    fn a_pure_crate_that_reaches_a_runtime_is_told_how() {
        let rows = rows(&Tree::made_of(&[(DOCUMENT, TABLE)])).unwrap();
        let told: Vec<String> = impurities(&rows, &metadata()).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "crates/riposte-rules/Cargo.toml: a pure crate is built from riposte-rules → riposte-egress → tokio"
            ]
        );
    }

    #[test]
    fn a_missing_or_weakened_fence_is_found() {
        let fence = FENCED.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join("\n");
        let weak = fence.replace("std::env::var", "std::env::other");
        let tree = |rules: &str| {
            let whole = ("crates/riposte-value/clippy.toml", fence.as_str());
            Tree::made_of(&[(DOCUMENT, TABLE), whole, ("crates/riposte-rules/clippy.toml", rules)])
        };
        assert_eq!(fences(&tree(&fence)).unwrap(), []);
        assert_eq!(fences(&tree(&weak)).unwrap().len(), 1);
        let none = Tree::made_of(&[(DOCUMENT, TABLE)]);
        assert_eq!(fences(&none).unwrap().len(), 2);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let text = TABLE.replace("| pure | rules", "| clean | rules");
        assert!(rows(&Tree::made_of(&[(DOCUMENT, &text)])).is_err());
        assert!(rows(&Tree::made_of(&[(DOCUMENT, "# Map\n")])).is_err());
    }
}
