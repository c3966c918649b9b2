//! The files of the repository, as a check sees them.

use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files that belong to the repository: tracked, or new and not ignored. Paths have slashes and start at the
/// root.
pub struct Tree {
    root: PathBuf,
    /// Text files with their text; the text of others is empty.
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads the repository at `root`.
    pub fn read(root: &Path) -> Result<Self> {
        let root = root.canonicalize().with_context(|| format!("no folder {}", root.display()))?;
        let paths = match listed_by_git(&root) {
            Some(paths) => paths,
            None => walked(&root)?,
        };
        let mut files = BTreeMap::new();
        for path in paths {
            // Listed but removed from the disk: gone with the next commit.
            let Ok(bytes) = fs::read(root.join(&path)) else { continue };
            files.insert(path, String::from_utf8(bytes).unwrap_or_default());
        }
        Ok(Self { root, files })
    }

    /// A tree that a test makes up.
    pub fn made_of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        Self { root: PathBuf::new(), files }
    }

    /// The folder that it was read from.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether there is such a file, or a folder with files in it.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.files.contains_key(path)
            || self.files.range(inside.clone()..).next().is_some_and(|(file, _)| file.starts_with(&inside))
    }

    /// All files with their text.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The files whose name ends so.
    pub fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(end))
    }
}

/// Whether a Rust file holds nothing but tests.
pub fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests")
}

/// The lines before the tests that a source file ends with; all lines if it has none.
pub fn lines_without_tests(text: &str) -> impl Iterator<Item = &str> {
    let mut lines = text.lines().peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        // `mod tests;` only names another file; a block runs to the end of this one.
        let block = line == "#[cfg(test)]" && lines.peek().is_some_and(|next| next.ends_with('{'));
        (!block).then_some(line)
    })
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut paths: Vec<String> =
        text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

/// Where there is no git (an unpacked archive), everything counts but what builds leave behind.
fn walked(root: &Path) -> Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_symlink() || matches!(&*name, ".git" | "target" | "node_modules" | "data") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(inside) = path.strip_prefix(root) {
                paths.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_its_tests() {
        for (text, left) in [
            ("a\nb", 2),
            ("a\n#[cfg(test)]\nmod tests {\n  x\n}", 1),
            ("a\n#[cfg(test)]\nmod tests;\nb", 4),
            ("a\n    #[cfg(test)]\n    fn only_here() {\n    }\nb", 5),
        ] {
            assert_eq!(lines_without_tests(text).count(), left, "{text}");
        }
    }

    #[test]
    fn folders_are_known_by_their_files() {
        let tree = Tree::made_of(&[("docs/a.md", ""), ("docs-old/b.md", "")]);
        for (path, there) in
            [("docs", true), ("docs/", true), ("docs/a.md", true), ("doc", false), ("docs/b.md", false)]
        {
            assert_eq!(tree.has(path), there, "{path}");
        }
    }

    #[test]
    fn walking_finds_what_git_lists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tree = Tree::read(root).unwrap();
        assert!(tree.has("src/tidy/tree.rs") || tree.has("xtask/src/tidy/tree.rs"));
        assert!(walked(root).unwrap().contains(&"src/tidy/tree.rs".to_owned()));
    }
}
