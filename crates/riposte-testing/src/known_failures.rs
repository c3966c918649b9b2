//! The list of cases that fail today: it may only shrink.
//!
//! A file `known_failures.json` holds `{"about": "…", "cases": [{"case": ID, "reason": "…"}]}`. A case that fails and
//! is not listed fails the test; so does a listed one that passes (strike it off), and one that does not exist.

use crate::places::repository_root;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const FILE_NAME: &str = "known_failures.json";

/// A list of known failures. [`Cases`](crate::Cases) reads that of its folder by itself; a test of cases that lie
/// elsewhere keeps its list under `conformance/` and compares here.
#[derive(Debug, Default)]
pub struct KnownFailures {
    file: PathBuf,
    reasons: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(rename = "about", alias = "description")]
    _about: String,
    cases: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: String,
    reason: String,
}

impl KnownFailures {
    /// Reads a list, named from the root of the repository.
    ///
    /// # Panics
    /// If the file is not there or cannot be read as a list.
    #[track_caller]
    pub fn load(file: &str) -> Self {
        match Self::read(&repository_root().join(file)) {
            Ok(Some(list)) => list,
            Ok(None) => crate::fail(&format!("{file}: there is no such list")),
            Err(problem) => crate::fail(&problem),
        }
    }

    /// Reads a list; `None` if the file does not exist.
    pub(crate) fn read(file: &Path) -> Result<Option<Self>, String> {
        if !file.exists() {
            return Ok(None);
        }
        let wrong = |problem: String| format!("{}: {problem}", file.display());
        let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let list: List = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let mut reasons = BTreeMap::new();
        for Entry { case, reason } in list.cases {
            if reason.trim().is_empty() {
                return Err(wrong(format!("`{case}` has no reason")));
            }
            if reasons.insert(case.clone(), reason).is_some() {
                return Err(wrong(format!("`{case}` is listed twice")));
            }
        }
        Ok(Some(Self { file: file.to_owned(), reasons }))
    }

    /// How many are listed.
    pub fn count(&self) -> usize {
        self.reasons.len()
    }

    /// Compares what came of each case (its id and, if it failed, why) with the list: one line if all is as expected,
    /// else a report that names every case that is not.
    pub fn compare(&self, outcomes: &[(String, Result<(), String>)]) -> Result<String, String> {
        let mut report = String::new();
        let mut unlisted = 0;
        let mut left: BTreeSet<&str> = self.reasons.keys().map(String::as_str).collect();
        for (id, outcome) in outcomes {
            match (outcome, left.remove(id.as_str())) {
                (Ok(()), false) | (Err(_), true) => {}
                (Ok(()), true) => {
                    let _ = writeln!(report, "  {id}: passes now; strike it off {}", self.file.display());
                }
                (Err(problem), false) => {
                    unlisted += 1;
                    let _ = writeln!(report, "  {id}: {}", problem.trim_end().replace('\n', "\n    "));
                }
            }
        }
        for id in left {
            let _ = writeln!(report, "  {id}: stands in {}, but there is no such case", self.file.display());
        }
        let total = outcomes.len();
        if report.is_empty() {
            Ok(format!("{} of {total} cases pass, {} known to fail", total - self.count(), self.count()))
        } else {
            Err(format!("{unlisted} of {total} cases fail that should not\n{report}"))
        }
    }
}
