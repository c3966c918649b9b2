//! What works on one machine only does not belong in the tree: absolute paths of someone's home or work folder,
//! and addresses of package registries (each machine has its own; the ordinary clients know them).

use super::{Finding, Tree};
use anyhow::Result;

/// What must not stand in a file. Written in pieces, so that this file is not a finding of itself.
const PLACES: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/PLAN"),
    concat!("shared/", "facts"),
    concat!("shared/", "DESIGN"),
    concat!("shared/", "CONTRACT"),
    concat!(".lib", "rary/"),
    concat!("crates", ".io/api"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("registry.npm", "js.org"),
    concat!("files.python", "hosted.org"),
    concat!("pypi", ".org"),
    concat!("deb.deb", "ian.org"),
    concat!("proxy.gol", "ang.org"),
];

/// No text file names one of the places.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        for (at, line) in text.lines().enumerate() {
            for place in PLACES.iter().filter(|place| line.contains(**place)) {
                findings.push(Finding::new(path, at + 1, format!("names `{place}`, which is one machine's")));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found() {
        for place in PLACES {
            let text = format!("first\nsee {place}x\n");
            let found = check(&Tree::made_of(&[("a.md", &text)])).unwrap();
            assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2], "{place}");
        }
        assert_eq!(check(&Tree::made_of(&[("a.md", "a framework/part, ../shared/corpus")])).unwrap(), []);
    }
}
