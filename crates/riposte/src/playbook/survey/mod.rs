//! `riposte playbook survey`: how much of a folder of playbooks is understood and runs to an end.
//!
//! Each workflow is checked, and played once with everything made up (`--mock auto --trigger auto`). What does not
//! succeed is told with its reason, and reasons are grouped.

mod page;
mod verdict;

use self::verdict::{Checked, Played, Verdict};
use super::mock::Auto;
use super::play::play_virtually;
use super::run::RUN_ID;
use super::sample::World;
use super::source::{Source, Workflow};
use super::start::{Payload, Starter};
use super::vendors;
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format};
use clap::Args;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// When every run of a survey starts, so that two surveys are alike.
const START: &str = "2026-11-21T10:00:00Z";

/// Survey a folder of playbooks: which are understood, which run to an end, and why the others do not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte playbook survey playbooks/
  riposte playbook survey playbooks/ --root playbooks --markdown > compatibility.md

Every workflow is run with a made-up trigger and made-up answers; nothing
leaves the process. A run that fails although the playbook is sound may have
got an answer that it has no use for: write a test with mocks for it.
Exit codes: 0 every workflow is understood and runs to an end, 1 one does not,
2 nothing could be read.")]
pub struct Arguments {
    /// Files, and folders with *.json.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder that names of files are shown from.
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// Print a page in Markdown.
    #[arg(long, conflicts_with = "format")]
    markdown: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What a survey found.
#[derive(Debug, Default)]
pub struct Survey {
    /// Files, as they were checked.
    pub files: Vec<Checked>,
    /// Workflows that compile, as they ran.
    pub runs: Vec<Played>,
    /// How many workflows use an action type.
    pub action_types: BTreeMap<String, usize>,
    /// How many workflows use a connector.
    pub connectors: BTreeMap<String, usize>,
    /// How many workflows begin with a trigger.
    pub triggers: BTreeMap<String, usize>,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let files = input::json_files(&arguments.paths)?;
    if files.is_empty() {
        return Err(Problem::usage(Diagnostic::error("NothingToCheck", "the folders hold no *.json")));
    }
    let root = arguments.root.as_deref().unwrap_or(Path::new(""));
    let mut survey = Survey::default();
    for file in &files {
        survey.add(file, root);
    }
    match arguments.format {
        _ if arguments.markdown => output::line(page::markdown(&survey).trim_end()),
        Format::Json => output::line(json::to_string(&page::shown(&survey))),
        Format::Text => output::line(page::text(&survey).trim_end()),
    }
    let good = survey.files.iter().all(Checked::is_ok) && survey.runs.iter().all(Played::has_ended);
    let readable = survey.files.iter().any(|file| file.readable);
    Ok(if good {
        Exit::Done
    } else if readable {
        Exit::Failed
    } else {
        Exit::Usage
    })
}

impl Survey {
    fn add(&mut self, file: &Path, root: &Path) {
        let name = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let source = match input::text(file) {
            Ok(text) => Source::read(&text, file, &Object::new()),
            Err(problem) => {
                self.files.push(Checked::unreadable(name, &problem.diagnostics));
                return;
            }
        };
        for workflow in &source.workflows {
            let Some(program) = &workflow.program else { continue };
            let types: std::collections::BTreeSet<&str> =
                program.action_types().map(|(_, kind)| kind).collect();
            for kind in types {
                add(&mut self.action_types, kind);
            }
            program.connectors().iter().for_each(|key| add(&mut self.connectors, connector(key)));
            add(&mut self.triggers, &workflow.trigger().unwrap_or_else(|| "none".to_owned()));
            self.runs.push(Played {
                file: name.clone(),
                workflow: workflow.name().to_owned(),
                verdict: play(workflow),
            });
        }
        self.files.push(Checked::of(name, &source));
    }
}

fn add(counts: &mut BTreeMap<String, usize>, name: &str) {
    *counts.entry(name.to_owned()).or_default() += 1;
}

/// The managed API behind a key of `$connections`: `azuresentinel_1` is `azuresentinel`.
fn connector(key: &str) -> &str {
    let bare = key.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches(['-', '_']);
    if bare.is_empty() { key } else { bare }
}

/// Plays a workflow with everything made up.
fn play(workflow: &Workflow) -> Verdict {
    let at: Timestamp = START.parse().unwrap_or_default();
    let (Some(program), Ok(mut world)) = (&workflow.program, World::sample(at)) else {
        return Verdict::stuck("NotPlayed", "the workflow does not compile");
    };
    let starter = Starter { workflow, program, run_id: RUN_ID, at };
    let (start, _) = starter.start(Payload::Auto, &mut world);
    let connections = start.parameters.get("$connections").cloned().unwrap_or(Value::Null);
    let mut auto = Auto::new(workflow, world, vendors::apis(&connections));
    let journal = play_virtually(program, start, at, 1, &mut auto);
    Verdict::of(&Value::from(journal.shown()), workflow.definition())
}
