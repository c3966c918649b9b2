//! The list of cases that fail today: it may only shrink.
//!
//! A file `known_failures.json` holds `{"about": "…", "cases": [{"case": ID, "reason": "…", "says": "…"}]}`. A case that
//! fails and is not listed fails the test; so does a listed one that passes (strike it off), one that does not exist, and
//! one that fails otherwise than `says` has it (a part of what the failure says; it may be left out).

use crate::places::repository_root;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const FILE_NAME: &str = "known_failures.json";

/// A list of known failures. [`Cases`](crate::Cases) reads that of its folder by itself; a test of cases that lie
/// elsewhere keeps its list under `conformance/` and hands it to [`Cases::of`](crate::Cases::of).
#[derive(Debug, Default)]
pub struct KnownFailures {
    file: PathBuf,
    listed: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(rename = "about", alias = "description")]
    _about: String,
    cases: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    case: String,
    reason: String,
    says: Option<String>,
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
        let mut listed = BTreeMap::new();
        for entry in list.cases {
            if entry.reason.trim().is_empty() {
                return Err(wrong(format!("`{}` has no reason", entry.case)));
            }
            if let Some(twin) = listed.insert(entry.case.clone(), entry) {
                return Err(wrong(format!("`{}` is listed twice", twin.case)));
            }
        }
        Ok(Some(Self { file: file.to_owned(), listed }))
    }

    /// Compares what came of the chosen cases (id and, if it failed, why) with what is listed of them: one line if all is
    /// as expected, else a report that names every case that is not.
    pub(crate) fn compare_those(
        &self,
        outcomes: &[(String, Result<(), String>)],
        chosen: impl Fn(&str) -> bool,
    ) -> Result<String, String> {
        let mut report = String::new();
        let mut unlisted = 0;
        let mut left: BTreeMap<&str, &Entry> =
            self.listed.iter().map(|(id, entry)| (id.as_str(), entry)).filter(|(id, _)| chosen(id)).collect();
        let known = left.len();
        for (id, outcome) in outcomes {
            let told = match (outcome, left.remove(id.as_str())) {
                (Ok(()), None) => continue,
                (Ok(()), Some(_)) => format!("passes now; strike it off {}", self.file.display()),
                (Err(problem), Some(Entry { says, .. })) => match says {
                    Some(part) if !problem.contains(part.as_str()) => {
                        format!("is known to fail saying `{part}`, but says: {problem}")
                    }
                    _ => continue,
                },
                (Err(problem), None) => {
                    unlisted += 1;
                    problem.trim_end().replace('\n', "\n    ")
                }
            };
            let _ = writeln!(report, "  {id}: {told}");
        }
        for id in left.keys() {
            let _ = writeln!(report, "  {id}: stands in {}, but there is no such case", self.file.display());
        }
        let total = outcomes.len();
        if report.is_empty() {
            Ok(format!("{} of {total} cases pass, {known} known to fail", total - known))
        } else {
            Err(format!("{unlisted} of {total} cases fail that should not\n{report}"))
        }
    }
}
