//! The runner of table-driven cases.
//!
//! An area is a folder under `conformance/`. Each `*.json` file directly in it is either a list of cases or an
//! object `{"about": "…", "cases": […]}` (`description` will do for `about`). A case is named by its property `name`, and where it has none by its
//! position in the file, counted from one; its id is `file/name` without the `.json`.
//!
//! What fails today stands in `known_failures.json` in the same folder, each with its reason; see [`KnownFailures`].
//!
//! One failing case does not hide another: all of them are run, and one report names every case that failed.

use crate::fail;
use crate::known_failures::{FILE_NAME, KnownFailures};
use crate::places::repository_root;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// The cases of one area.
#[derive(Debug)]
pub struct Cases<T> {
    folder: PathBuf,
    with_ids: Vec<(String, T)>,
    known_failures: KnownFailures,
}

impl<T: DeserializeOwned> Cases<T> {
    /// Reads the cases of an area, named from the root of the repository (`conformance/expression`).
    ///
    /// `T` says what a case looks like and should refuse what it does not know
    /// (`#[serde(deny_unknown_fields)]`), so that a misspelt field cannot make a case pass.
    ///
    /// # Panics
    /// If a file cannot be read as cases, if two cases share an id, or if there is no case at all.
    #[track_caller]
    pub fn load(area: &str) -> Self {
        match Self::read(&repository_root().join(area)) {
            Ok(cases) => cases,
            Err(problem) => fail(&problem),
        }
    }

    /// Reads the cases in a folder. The error names the file and the line.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let mut cases = Vec::new();
        let mut ids = BTreeSet::new();
        for file in json_files(folder)? {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            for (name, case) in read_file::<T>(&file)? {
                let id = format!("{stem}/{name}");
                if !ids.insert(id.clone()) {
                    return Err(format!("{}: two cases are named `{name}`", file.display()));
                }
                cases.push((id, case));
            }
        }
        if cases.is_empty() {
            return Err(format!("{}: there is no case", folder.display()));
        }
        let known_failures = KnownFailures::read(&folder.join(FILE_NAME))?.unwrap_or_default();
        Ok(Self { folder: folder.to_owned(), with_ids: cases, known_failures })
    }
}

impl<T> Cases<T> {
    /// The cases with their ids, in the order of file names and of the files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.with_ids.iter().map(|(id, case)| (id.as_str(), case))
    }

    /// How many cases there are; never none.
    pub fn count(&self) -> usize {
        self.with_ids.len()
    }

    /// Runs every case; a case fails by returning an error or by panicking.
    ///
    /// # Panics
    /// With one report of all cases, if a case fails that is not listed in `known_failures.json`, or if the list
    /// names a case that passes or does not exist.
    #[track_caller]
    pub fn check(&self, run: impl Fn(&T) -> Result<(), String>) {
        match self.report(run) {
            Ok(line) => println!("{line}"),
            Err(report) => fail(&report),
        }
    }

    /// What [`check`](Self::check) would say: one line if all is as expected, else the report.
    pub fn report(&self, run: impl Fn(&T) -> Result<(), String>) -> Result<String, String> {
        let outcome =
            |case| catch_unwind(AssertUnwindSafe(|| run(case))).unwrap_or_else(|panic| Err(told_by(&*panic)));
        let outcomes: Vec<_> = self.with_ids.iter().map(|(id, case)| (id.clone(), outcome(case))).collect();
        let told = |text: String| format!("{}: {text}", self.folder.display());
        self.known_failures.compare(&outcomes).map(told).map_err(told)
    }
}

/// A file of cases: a list, or an object that says what they are about.
#[derive(Deserialize)]
#[serde(untagged)]
enum Shape {
    List(Vec<Name>),
    Object {
        #[serde(rename = "cases")]
        _cases: Vec<Name>,
    },
}

/// What the runner itself reads of a case.
#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Described<T> {
    #[serde(rename = "about", alias = "description", default)]
    _about: String,
    cases: Vec<T>,
}

/// Reads a file twice, once for the names and once as the caller's type: a list read by type keeps serde's line
/// and column, which a detour over a JSON value would lose.
fn read_file<T: DeserializeOwned>(file: &Path) -> Result<Vec<(String, T)>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let wrong = |error: serde_json::Error| format!("{}: {error}", file.display());
    let shape = serde_json::from_str::<Shape>(&text);
    let (names, cases): (Vec<Name>, Vec<T>) = match shape {
        Ok(Shape::List(names)) => (names, serde_json::from_str(&text).map_err(wrong)?),
        Ok(Shape::Object { _cases: names }) => {
            (names, serde_json::from_str::<Described<T>>(&text).map_err(wrong)?.cases)
        }
        Err(_) => {
            // Neither shape: a syntax error has a line of its own, anything else is told in words.
            serde_json::from_str::<serde::de::IgnoredAny>(&text).map_err(wrong)?;
            return Err(format!("{}: neither a list of cases nor an object with `cases`", file.display()));
        }
    };
    let names = names.into_iter().enumerate().map(|(at, n)| n.name.unwrap_or_else(|| (at + 1).to_string()));
    Ok(names.zip(cases).collect())
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let is_list = path.file_name().is_some_and(|name| name == FILE_NAME);
        if path.extension().is_some_and(|extension| extension == "json") && !is_list {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn told_by(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a message"))
}
