//! The runner of table-driven cases.
//!
//! An area is a folder under `conformance/`. Each `*.json` file directly in it is either a list of cases or an
//! object `{"about": "…", "cases": […]}` (`description` will do for `about`), which may hold more that is meant for all
//! of its cases. A case is named by its property `name`, and where it has none by its position in the file, counted
//! from one; its id is `file/name` without the `.json`. Cases that lie elsewhere are handed to [`Cases::of`].
//!
//! What fails today stands in `known_failures.json` in the same folder, each with its reason; see [`KnownFailures`].
//!
//! One failing case does not hide another: all of them are run, and one report names every case that failed. With
//! `RIPOSTE_CASE` set, only the cases whose id contains its value are run, and what came of each is printed.

use crate::case_files::{Filed, Nothing, read_folder};
use crate::fail;
use crate::known_failures::{FILE_NAME, KnownFailures};
use crate::places::repository_root;
use serde::de::DeserializeOwned;
use std::any::Any;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;

/// The environment variable that chooses cases by a part of their id.
const ONLY: &str = "RIPOSTE_CASE";

/// The cases of one area. `B` is what a file may hold beside its cases; by default nothing.
#[derive(Debug)]
pub struct Cases<T, B = Nothing> {
    area: String,
    filed: Filed<T, B>,
    known_failures: KnownFailures,
}

impl<T: DeserializeOwned, B: DeserializeOwned> Cases<T, B> {
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
            Ok(cases) => Self { area: area.to_owned(), ..cases },
            Err(problem) => fail(&problem),
        }
    }

    /// Reads the cases in a folder. The error names the file and the line.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let filed = read_folder(folder)?;
        let known_failures = KnownFailures::read(&folder.join(FILE_NAME))?.unwrap_or_default();
        Ok(Self { area: folder.display().to_string(), filed, known_failures })
    }
}

impl<T> Cases<T> {
    /// Cases that lie elsewhere, with their ids. `area` is what the report calls them.
    ///
    /// # Panics
    /// If there is no case, or two share an id.
    #[track_caller]
    pub fn of(area: &str, cases: Vec<(String, T)>, known_failures: KnownFailures) -> Self {
        let mut ids = std::collections::BTreeSet::new();
        if let Some((twin, _)) = cases.iter().find(|(id, _)| !ids.insert(id.as_str())) {
            fail(&format!("{area}: two cases are named `{twin}`"));
        }
        if cases.is_empty() {
            fail(&format!("{area}: there is no case"));
        }
        let beside = Rc::new(Nothing {});
        let filed = cases.into_iter().map(|(id, case)| (id, case, Rc::clone(&beside))).collect();
        Self { area: area.to_owned(), filed, known_failures }
    }
}

impl<T, B> Cases<T, B> {
    /// The cases with their ids, in the order of file names and of the files.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.filed.iter().map(|(id, case, _)| (id.as_str(), case))
    }

    /// How many cases there are; never none.
    pub fn count(&self) -> usize {
        self.filed.len()
    }

    /// Runs every case; a case fails by returning an error or by panicking.
    ///
    /// # Panics
    /// With one report of all cases, if a case fails that is not listed in `known_failures.json`, or if the list
    /// names a case that passes or does not exist.
    #[track_caller]
    pub fn check(&self, run: impl Fn(&T) -> Result<(), String>) {
        self.check_with(|case, _| run(case));
    }

    /// As [`check`](Self::check), with what stands beside the cases of the file.
    ///
    /// # Panics
    /// As `check`.
    #[track_caller]
    pub fn check_with(&self, run: impl Fn(&T, &B) -> Result<(), String>) {
        match self.report(env::var(ONLY).ok().as_deref(), run) {
            Ok(line) => println!("{line}"),
            Err(report) => fail(&report),
        }
    }

    /// What [`check_with`](Self::check_with) would say of the cases whose id contains `only` (of all for `None`): one
    /// line if all is as expected, else the report.
    pub fn report(
        &self,
        only: Option<&str>,
        run: impl Fn(&T, &B) -> Result<(), String>,
    ) -> Result<String, String> {
        let outcome = |case: &T, beside: &B| {
            catch_unwind(AssertUnwindSafe(|| run(case, beside))).unwrap_or_else(|panic| Err(told_by(&*panic)))
        };
        let chosen = |id: &str| only.is_none_or(|part| id.contains(part));
        let cases = self.filed.iter().filter(|(id, ..)| chosen(id));
        let outcomes: Vec<_> = cases.map(|(id, case, beside)| (id.clone(), outcome(case, beside))).collect();
        if only.is_some() {
            for (id, outcome) in &outcomes {
                println!("{}: {id}: {}", self.area, outcome.as_ref().err().map_or("passes", String::as_str));
            }
        }
        let told = |text: String| format!("{}: {text}", self.area);
        self.known_failures.compare_those(&outcomes, chosen).map(told).map_err(told)
    }
}

fn told_by(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a message"))
}
