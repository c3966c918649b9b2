//! The results of tests, for people and for scripts.

use super::suite::Suite;
use crate::output::{self, Style, paint, plain};
use crate::playbook::diagnostic_to_value;
use crate::playbook::matcher::Mismatch;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value};
use std::path::Path;

/// How much of a value is shown to people.
const SHOWN_MAX: usize = 2000;

/// A test that ran.
#[derive(Debug)]
pub struct Tested {
    /// Its name.
    pub name: String,
    /// What was not as expected.
    pub failures: Vec<Failure>,
    /// How long the run took on its own clock; `None` if it did not run.
    pub took: Option<jiff::SignedDuration>,
}

/// Something that was not as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// `file:line:column`.
    pub place: String,
    /// The JSON path in the test file.
    pub path: String,
    line: Option<(u32, u32)>,
    /// What it is about, or what is wrong.
    pub what: String,
    /// What was expected, and what came.
    pub values: Option<(String, String)>,
}

impl Failure {
    /// A value that did not come as expected.
    pub fn of(suite: &Suite, mismatch: &Mismatch, secrets: &[String]) -> Self {
        let values = (hidden(&mismatch.expected, secrets), hidden(&mismatch.came, secrets));
        Self {
            values: Some(values),
            ..Self::of_mock(suite, &mismatch.path, &hidden(&mismatch.what, secrets))
        }
    }

    /// Something wrong that is no comparison.
    pub fn of_mock(suite: &Suite, path: &str, what: &str) -> Self {
        Self {
            place: suite.document.shown_place(path),
            path: path.to_owned(),
            line: suite.document.place(path),
            what: what.to_owned(),
            values: None,
        }
    }

    /// In one line.
    pub fn told(&self) -> String {
        match &self.values {
            Some((expected, came)) => format!("{}: expected {expected}, came {came}", self.what),
            None => self.what.clone(),
        }
    }

    fn shown(&self) -> Value {
        let mut shown = Object::new();
        shown.insert("message", self.told());
        shown.insert("path", self.path.as_str());
        if let Some((line, column)) = self.line {
            shown.insert("line", line);
            shown.insert("column", column);
        }
        if let Some((expected, came)) = &self.values {
            shown.insert("what", self.what.as_str());
            shown.insert("expected", expected.as_str());
            shown.insert("came", came.as_str());
        }
        Value::from(shown)
    }
}

/// The text without what is secret.
pub fn hidden(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
}

/// A file and what its tests came to.
#[derive(Debug)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its tests.
    pub tests: Vec<Tested>,
}

/// All results.
#[derive(Debug, Default)]
pub struct Verdicts {
    files: Vec<File>,
    unreadable: Vec<(String, Vec<Diagnostic>)>,
    diagnostics: Vec<Diagnostic>,
}

impl Verdicts {
    /// Adds the results of a file.
    pub fn add(&mut self, suite: &Suite, tests: Vec<Tested>) {
        self.files.push(File { name: suite.document.file.clone(), tests });
    }

    /// Adds a file that could not be read.
    pub fn unreadable(&mut self, file: &Path, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics.iter().cloned());
        self.unreadable.push((file.display().to_string(), diagnostics));
    }

    /// The files that were read.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The files that could not be read, and why.
    pub fn refused(&self) -> &[(String, Vec<Diagnostic>)] {
        &self.unreadable
    }

    /// What is wrong with files that could not be read.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Whether no test ran.
    pub fn is_empty(&self) -> bool {
        self.files.iter().all(|file| file.tests.is_empty())
    }

    /// Whether every file was read and every test passed.
    pub fn all_passed(&self) -> bool {
        self.unreadable.is_empty() && self.counts().1 == 0
    }

    /// How many passed, how many failed.
    fn counts(&self) -> (usize, usize) {
        let all = || self.files.iter().flat_map(|file| &file.tests);
        let failed = all().filter(|test| !test.failures.is_empty()).count();
        (all().count() - failed, failed)
    }

    /// As JSON.
    pub fn shown(&self) -> Value {
        let (passed, failed) = self.counts();
        let tests = self.files.iter().flat_map(|file| file.tests.iter().map(move |test| (file, test)));
        let tests = tests.map(|(file, test)| {
            let mut shown = Object::new();
            shown.insert("file", file.name.as_str());
            shown.insert("name", test.name.as_str());
            shown.insert("status", if test.failures.is_empty() { "passed" } else { "failed" });
            if let Some(took) = test.took {
                shown.insert("took", took.to_string());
            }
            shown.insert("failures", Value::array(test.failures.iter().map(Failure::shown)));
            Value::from(shown)
        });
        let unreadable = self.unreadable.iter().map(|(file, diagnostics)| {
            let diagnostics = diagnostics.iter().map(diagnostic_to_value);
            Value::object([("file", Value::text(file)), ("diagnostics", Value::array(diagnostics))])
        });
        Value::object([
            ("passed", Value::from(passed)),
            ("failed", Value::from(failed)),
            ("tests", Value::array(tests)),
            ("unreadable", Value::array(unreadable)),
        ])
    }

    /// For people.
    pub fn show(&self, filter: Option<&str>) {
        let colour = output::colours(&std::io::stdout());
        for file in self.files.iter().filter(|file| filter.is_none() || !file.tests.is_empty()) {
            output::line(paint(colour, Style::Bold, &plain(&file.name)));
            file.tests.iter().for_each(|test| show(colour, test));
        }
        for (file, _) in &self.unreadable {
            output::line(format_args!("{} {}", paint(colour, Style::Red, "faulty"), plain(file)));
        }
        let (passed, failed) = self.counts();
        let files = if self.unreadable.is_empty() {
            String::new()
        } else {
            format!(", {} files could not be read", self.unreadable.len())
        };
        output::line(format_args!("{passed} passed, {failed} failed{files}"));
    }
}

fn show(colour: bool, test: &Tested) {
    let (mark, style) = if test.failures.is_empty() { ("✓", Style::Green) } else { ("✗", Style::Red) };
    output::line(format_args!("  {} {}", paint(colour, style, mark), plain(&test.name)));
    for failure in &test.failures {
        output::line(format_args!("      {}", paint(colour, Style::Dim, &failure.place)));
        output::line(format_args!("        {}", plain(&failure.what)));
        if let Some((expected, came)) = &failure.values {
            let cut = |text: &str| output::cut(&plain(text), SHOWN_MAX);
            output::line(format_args!(
                "          {} {}",
                paint(colour, Style::Green, "expected"),
                cut(expected)
            ));
            output::line(format_args!("          {} {}", paint(colour, Style::Red, "came    "), cut(came)));
        }
    }
}
