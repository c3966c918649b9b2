//! `riposte playbook check`: reads playbooks as an import would, and says what is wrong with them.

use super::{Source, Workflow};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint};
use clap::Args;
use riposte_diagnostic::{Diagnostic, Severity};
use riposte_value::{Object, Value, json};
use std::path::{Path, PathBuf};

/// Check playbooks and automation rules: ARM templates or bare definitions.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte playbook check azuredeploy.json
  riposte playbook check playbooks/ --format json

Folders are walked for *.json. With --format json there is one object a line
for each file:
  {\"file\",\"ok\",\"workflows\":[{\"name\",\"trigger\",\"actions\",\"connectors\"}],
   \"automationRules\",\"diagnostics\":[…]}
Template parameters without a value get a plausible one. Exit codes: 0 nothing
is wrong, 1 something is, 2 nothing could be read.")]
pub struct Arguments {
    /// Files, and folders with *.json.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// A file of template parameters.
    #[arg(long = "parameters", value_name = "FILE")]
    parameters_file: Option<PathBuf>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let parameters = crate::import::parameters(&arguments.parameters, arguments.parameters_file.as_deref())?;
    let files = input::json_files(&arguments.paths)?;
    if files.is_empty() {
        return Err(Problem::usage(Diagnostic::error("NothingToCheck", "the folders hold no *.json")));
    }
    let (mut readable, mut good) = (0, 0);
    for file in &files {
        let source = read(file, &parameters);
        readable += usize::from(source.readable);
        good += usize::from(source.is_ok());
        match arguments.format {
            Format::Json => output::line(json::to_string(&shown(file, &source))),
            Format::Text => show(file, source),
        }
    }
    if arguments.format == Format::Text && files.len() > 1 {
        output::line(format_args!("{good} of {} files are in order", files.len()));
    }
    Ok(match (readable, good) {
        (0, _) => Exit::Usage,
        (_, good) if good == files.len() => Exit::Done,
        _ => Exit::Failed,
    })
}

fn read(file: &Path, parameters: &Object) -> Source {
    match input::text(file) {
        Ok(text) => Source::read(&text, file, parameters),
        Err(mut problem) => {
            problem.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.location.file = None);
            Source {
                readable: false,
                workflows: Vec::new(),
                rules: Vec::new(),
                watchlists: Vec::new(),
                made_up: Object::new(),
                diagnostics: problem.diagnostics,
            }
        }
    }
}

fn shown(file: &Path, source: &Source) -> Value {
    let mut shown = Object::new();
    shown.insert("file", file.display().to_string());
    shown.insert("ok", source.is_ok());
    shown.insert("workflows", Value::array(source.workflows.iter().map(workflow)));
    shown.insert("automationRules", source.rules.len());
    shown.insert("diagnostics", Value::array(source.diagnostics.iter().map(diagnostic)));
    Value::from(shown)
}

fn workflow(workflow: &Workflow) -> Value {
    let connectors = workflow.program.as_ref().map(|program| program.connectors().iter().map(Value::from));
    Value::object([
        ("name", Value::text(workflow.name())),
        ("trigger", Value::from(workflow.trigger())),
        (
            "actions",
            Value::from(workflow.program.as_ref().map_or(0, riposte_workflow::Program::action_count)),
        ),
        ("connectors", Value::array(connectors.into_iter().flatten())),
    ])
}

/// `{"severity","code","path","message"}`, and what else is known of the place.
pub fn diagnostic(diagnostic: &Diagnostic) -> Value {
    let mut shown = Object::new();
    shown.insert("severity", diagnostic.severity.as_str());
    shown.insert("code", diagnostic.code.as_ref());
    shown.insert("path", diagnostic.location.path.as_deref().unwrap_or("$"));
    shown.insert("message", diagnostic.message.as_str());
    if let Some((line, column)) = diagnostic.location.line {
        shown.insert("line", line);
        shown.insert("column", column);
    }
    if let Some(source) = &diagnostic.location.source {
        shown.insert("source", source.as_str());
    }
    if let Some(span) = diagnostic.location.span {
        shown.insert(
            "span",
            Value::object([("start", Value::from(span.start)), ("end", Value::from(span.end))]),
        );
    }
    if let Some(help) = &diagnostic.help {
        shown.insert("help", help.as_str());
    }
    Value::from(shown)
}

fn show(file: &Path, source: Source) {
    let colour = output::colours(&std::io::stdout());
    let word =
        if source.is_ok() { paint(colour, Style::Green, "ok") } else { paint(colour, Style::Red, "faulty") };
    output::line(format_args!("{word} {}", file.display()));
    for workflow in &source.workflows {
        let Some(program) = &workflow.program else { continue };
        let connectors: Vec<&str> = program.connectors().iter().map(AsRef::as_ref).collect();
        output::line(format_args!(
            "   playbook {}: {} trigger, {} actions{}{}",
            workflow.name(),
            workflow.trigger().unwrap_or_else(|| "no".to_owned()),
            program.action_count(),
            if connectors.is_empty() { "" } else { ", connectors " },
            connectors.join(", ")
        ));
    }
    if !source.rules.is_empty() {
        output::line(format_args!("   automation rules: {}", source.rules.len()));
    }
    let shown = file.display().to_string();
    let mut diagnostics: Vec<Diagnostic> =
        source.diagnostics.into_iter().map(|diagnostic| diagnostic.in_file(&shown)).collect();
    diagnostics.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity == Severity::Error));
    output::diagnose(&diagnostics);
}
