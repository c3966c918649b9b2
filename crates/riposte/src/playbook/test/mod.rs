//! `riposte playbook test`: runs the tests that lie beside playbooks.

mod judge;
mod junit;
mod report;
mod suite;
mod trial;

use self::report::{Failure, Tested, Verdicts};
use self::suite::{Suite, Test};
use self::trial::Trial;
use super::format;
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format};
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Run the tests that lie beside playbooks: mocked vendors, a virtual clock, expectations.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte playbook test playbooks/
  riposte playbook test block-ip.test.yaml --filter \"known address\"
  riposte playbook test . --junit results.xml

Folders are walked for *.test.yaml, *.test.yml and *.test.json. A test file:
  playbook: azuredeploy.json
  parameters: {ApiKey: not-a-real-key}
  tests:
    - name: a malicious address is tagged
      trigger:
        override: {body: {object: {properties: {severity: High}}}}
      mocks:
        actions:
          Get_report: {body: {score: 87}}
        calls:
          - {method: POST, url: https://fw.example/block/*, answer: {status: 201}}
      expect:
        status: Succeeded
        actions: {Block: Succeeded, Wait_a_day: Skipped}
        calls:
          - {url: https://fw.example/block/*, body: {ip: {$regex: \"^203[.]\"}}}
        incident: {labels: [blocked], comments: {$length: 1}}

Nothing leaves the process, and no time passes: a delay of 30 days is over at
once. A mock that nobody asks and a call that no mock answers are failures.
--reference prints the whole format, --schema its JSON schema, for editors.
Exit codes: 0 all tests passed, 1 one did not, 2 nothing could be read.")]
pub struct Arguments {
    /// Test files, and folders with them.
    #[arg(required_unless_present_any = ["reference", "schema"], value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Only tests whose name, or whose file's, contains this.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Also write the results as `JUnit` XML, for CI.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the reference of the format, in Markdown.
    #[arg(long, conflicts_with = "schema")]
    reference: bool,
    /// Print the JSON schema of the format.
    #[arg(long)]
    schema: bool,
}

/// What test files end in.
const ENDINGS: [&str; 3] = [".test.yaml", ".test.yml", ".test.json"];

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.reference {
        output::line(format::reference().trim_end());
        return Ok(Exit::Done);
    }
    if arguments.schema {
        output::line(json::to_string_pretty(&format::schema()));
        return Ok(Exit::Done);
    }
    let files = input::files(&arguments.paths, &ENDINGS)?;
    if files.is_empty() {
        return Err(Problem::usage(
            Diagnostic::error("NothingToTest", "the folders hold no test files")
                .help("a test file lies beside its playbook and ends in .test.yaml or .test.json"),
        ));
    }
    let mut verdicts = Verdicts::default();
    for file in &files {
        match Suite::read(file) {
            Ok(suite) => verdicts.add(&suite, tested(&suite, arguments.filter.as_deref())),
            Err(problem) => verdicts.unreadable(file, problem.diagnostics),
        }
    }
    if let Some(junit) = &arguments.junit {
        write(junit, &junit::document(&verdicts))?;
    }
    output::diagnose(verdicts.diagnostics());
    match arguments.format {
        Format::Json => output::line(json::to_string(&verdicts.shown())),
        Format::Text => verdicts.show(arguments.filter.as_deref()),
    }
    if verdicts.is_empty() {
        let nothing = arguments.filter.as_ref().filter(|_| verdicts.diagnostics().is_empty());
        return match nothing {
            Some(filter) => Err(Problem::usage(Diagnostic::error(
                "NothingToTest",
                format!("no test's name contains `{filter}`"),
            ))),
            None => Ok(Exit::Usage),
        };
    }
    Ok(if verdicts.all_passed() { Exit::Done } else { Exit::Failed })
}

fn write(file: &Path, text: &str) -> Result<(), Problem> {
    std::fs::write(file, text).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", file.display());
        Problem::usage(Diagnostic::error("UnwritableFile", message))
    })
}

/// Runs the tests of a file.
fn tested(suite: &Suite, filter: Option<&str>) -> Vec<Tested> {
    let chosen = |test: &&Test| {
        let contains =
            |text: &str| filter.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()));
        contains(&test.name) || contains(&suite.document.file)
    };
    let chosen: Vec<&Test> = suite.tests.iter().filter(chosen).collect();
    let mut shared = Shared::default();
    let mut results: Vec<Tested> = chosen.iter().map(|test| one(suite, test, &mut shared)).collect();
    // Mocks of the file have to serve one of its tests; that can only be said if all of them ran.
    if chosen.len() == suite.tests.len()
        && let Some(last) = results.last_mut()
    {
        last.failures.extend(shared.unused().map(|(path, what)| Failure::of_mock(suite, path, what)));
    }
    results
}

/// The mocks that stand for all tests of a file: those that served, and what is missing of the others.
#[derive(Debug, Default)]
struct Shared {
    served: BTreeSet<String>,
    unused: BTreeMap<String, String>,
}

impl Shared {
    fn unused(&self) -> impl Iterator<Item = (&str, &str)> {
        let open = self.unused.iter().filter(|(path, _)| !self.served.contains(*path));
        open.map(|(path, what)| (path.as_str(), what.as_str()))
    }
}

fn one(suite: &Suite, test: &Test, shared: &mut Shared) -> Tested {
    let trial = match Trial::run(suite, test) {
        Ok(trial) => trial,
        Err(refusal) => {
            let failure = Failure::of_mock(suite, &refusal.path, &refusal.message);
            return Tested { name: test.name.clone(), failures: vec![failure], took: None };
        }
    };
    let expect = test.value.get("expect").cloned().unwrap_or(Value::Null);
    let mismatches = judge::judge(&trial, &expect, &format!("{}.expect", test.path));
    let mut failures: Vec<Failure> =
        mismatches.into_iter().map(|mismatch| Failure::of(suite, &mismatch, &trial.secrets)).collect();
    for rule in trial.mocks.rules() {
        match (rule.unused(), rule.shared) {
            (Some(what), false) => failures.push(Failure::of_mock(suite, &rule.path, &what)),
            (Some(what), true) => drop(shared.unused.insert(rule.path.clone(), what)),
            (None, _) => drop(shared.served.insert(rule.path.clone())),
        }
    }
    for missing in trial.mocks.missed().iter().chain(trial.mocks.faults()) {
        let what = report::hidden(missing, &trial.secrets);
        let failure = Failure::of_mock(suite, &test.path, &what);
        if !failures.contains(&failure) {
            failures.push(failure);
        }
    }
    Tested { name: test.name.clone(), failures, took: Some(trial.took) }
}
