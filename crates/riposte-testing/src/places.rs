//! Where things lie: the repository, and the folder of shared cases that may lie beside it.

use std::path::{Path, PathBuf};

/// The root of the repository: the folder with the workspace's `Cargo.toml`.
pub fn repository_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The folder `shared` beside the repository, if it is there. It holds cases and real playbooks that are not part
/// of the repository; a test of them passes without it, and says so with [`skip`].
pub fn shared_dir() -> Option<PathBuf> {
    let folder = repository_root().parent()?.join("shared");
    folder.is_dir().then_some(folder)
}

/// A file or folder in [`shared_dir`], or `None` and one line `skipped: … absent`.
///
/// ```
/// let Some(file) = riposte_testing::shared("conformance/wdl_functions.json") else { return };
/// assert!(file.exists());
/// ```
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = shared_dir().map(|folder| folder.join(path)).filter(|path| path.exists());
    if found.is_none() {
        skip(&format!("../shared/{path} is absent"));
    }
    found
}

/// Says on standard output that a test, or a part of one, was left out, and why: `skipped: …`.
pub fn skip(reason: &str) {
    println!("skipped: {reason}");
}

/// Every file under the folder with that extension, sorted by path.
///
/// # Panics
/// If a folder cannot be read.
#[track_caller]
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match entries {
            Ok(entries) => {
                for path in entries.into_iter().map(|entry| entry.path()) {
                    if path.is_dir() {
                        open.push(path);
                    } else if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension)) {
                        files.push(path);
                    }
                }
            }
            Err(error) => crate::fail(&format!("{}: {error}", folder.display())),
        }
    }
    files.sort();
    files
}
