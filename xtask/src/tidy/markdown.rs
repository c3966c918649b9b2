//! Documents: one title each, and links into the repository that lead to a file, and to a heading in it where
//! they name one.

use super::{Finding, Tree};
use anyhow::Result;

/// Each `.md` file has one title, and its relative links lead somewhere.
#[expect(clippy::unnecessary_wraps, reason = "a row of the table of checks")]
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".md") {
        let titles = prose(text).filter(|(_, line)| line.starts_with("# ")).count();
        if titles != 1 {
            findings.push(Finding::new(path, 0, format!("has {titles} titles (`# …`); it needs one")));
        }
        for (line, text) in prose(text) {
            for target in links(text) {
                if let Some(problem) = follow(tree, path, target) {
                    findings.push(Finding::new(path, line, problem));
                }
            }
        }
    }
    Ok(findings)
}

/// The lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (!code && !fence).then_some((at + 1, line))
    })
}

/// What the links of a line point to, inline code left out.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let plain = line.split('`').step_by(2);
    // A link whose text is code (`[`a`](b)`) is cut in two by that; its target is in the second part all the same.
    plain
        .flat_map(|part| part.split("](").skip(1))
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
}

/// What is wrong with a link, if anything.
fn follow(tree: &Tree, from: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let file = if path.is_empty() { from.to_owned() } else { resolve(from, path)? };
    if !tree.has(&file) {
        return Some(format!("links to `{target}`, which is not there"));
    }
    let anchor = anchor?;
    let text = tree.text(&file)?;
    let known = prose(text).filter(|(_, line)| line.starts_with('#')).any(|(_, line)| slug(line) == anchor);
    (!known).then(|| format!("links to `{target}`, and `{file}` has no such heading"))
}

/// A path as seen from the file that names it; `None` if it leads out of the repository (a place that only a
/// running site has).
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The anchor of a heading: lower case, spaces as hyphens, punctuation dropped.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_followed() {
        let tree = |line: &str| {
            let text = format!("# A\n\n## Life of a run\n\n{line}\n");
            Tree::made_of(&[
                ("docs/a.md", &text),
                ("docs/b/c.md", "# C\n\n## What `x` does, and why\n"),
                ("LICENSE", ""),
            ])
        };
        for (line, findings) in [
            ("[c](b/c.md) and [all](b/) and [licence](../LICENSE)", 0),
            ("[c](b/c.md#what-x-does-and-why), [here](#life-of-a-run)", 0),
            ("[out](https://example.org/x#y) [mail](mailto:a@example.org)", 0),
            ("[`code`](b/c.md) and `[no](link.md)`", 0),
            ("```\n[no](link.md)\n# no title\n```", 0),
            ("[c](b/d.md) [d](c.md)", 2),
            ("[`code`](b/d.md)", 1),
            ("[c](b/c.md#why), [here](#a-run)", 2),
        ] {
            assert_eq!(check(&tree(line)).unwrap().len(), findings, "{line}");
        }
    }

    #[test]
    fn one_title() {
        for (text, findings) in [("# A\n", 0), ("A\n", 1), ("# A\n# B\n", 1), ("# A\n```sh\n# B\n```\n", 0)] {
            assert_eq!(check(&Tree::made_of(&[("a.md", text)])).unwrap().len(), findings, "{text}");
        }
    }
}
