//! `riposte rule`: automation rules, in files and on a server.

mod backtest;
mod check;
mod fares;
mod setting;
mod test;

use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::playbook::Source;
use clap::Subcommand;
use riposte_rules::{ActionKind, AutomationRule};
use riposte_value::Object;
use std::path::Path;

/// Check and try automation rules.
#[derive(Debug, Subcommand)]
pub enum Command {
    Backtest(backtest::Arguments),
    Check(check::Arguments),
    Test(test::Arguments),
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Backtest(arguments) => backtest::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Test(arguments) => test::run(arguments),
    }
}

/// Reads the rules in a file.
fn read(file: &Path, parameters: &Object) -> Result<(Source, Vec<AutomationRule>), Problem> {
    let text = input::text(file)?;
    let mut source = Source::read(&text, file, parameters);
    let shown = file.display().to_string();
    source.diagnostics.iter_mut().for_each(|diagnostic| diagnostic.location.file = Some(shown.clone()));
    if !source.readable {
        return Err(Problem { exit: Exit::Usage, diagnostics: source.diagnostics });
    }
    let rules =
        source.rules.iter().filter_map(|rule| AutomationRule::from_arm(&rule.name, &rule.properties).0);
    let mut rules: Vec<AutomationRule> = rules.collect();
    riposte_rules::order(&mut rules);
    Ok((source, rules))
}

/// What an action does, in words.
fn in_words(action: &ActionKind) -> String {
    match action {
        ActionKind::ModifyProperties(patch) => {
            format!("set {}", riposte_incident::modify_properties_to_arm(patch))
        }
        ActionKind::RunPlaybook { logic_app_resource_id, .. } => {
            format!("run playbook {}", logic_app_resource_id.rsplit('/').next().unwrap_or_default())
        }
        ActionKind::AddIncidentTask { title, .. } => format!("add task `{title}`"),
        ActionKind::UpdateAlert(patch) => format!("set on the alert {}", patch.to_value()),
    }
}
