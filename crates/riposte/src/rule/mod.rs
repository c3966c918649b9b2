//! `riposte rule`: automation rules, in files and on a server.

mod backtest;
mod check;
mod fares;
mod setting;
mod test;

use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format};
use crate::playbook::Source;
use clap::Subcommand;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_rules::{ActionKind, AutomationRule};
use riposte_value::{Object, Text, Value, json};
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

/// Refuses a file that holds no rule, or one that cannot be used: that is unreadable input, and not a rule that does not
/// match. With `--format json` the diagnostics are an object on standard output as well.
fn refuse_unusable(
    file: &Path,
    source: &Source,
    rules: &[AutomationRule],
    format: Format,
) -> Result<(), Problem> {
    let mut diagnostics = source.diagnostics.clone();
    if rules.is_empty() && !has_errors(&diagnostics) {
        let none = Diagnostic::error("NothingToTest", "the file holds no automation rule");
        diagnostics.push(none.in_file(file.display().to_string()));
    }
    if !has_errors(&diagnostics) {
        return Ok(());
    }
    if format == Format::Json {
        let told = Value::array(diagnostics.iter().map(crate::playbook::diagnostic_to_value));
        let shown = Value::object([("rules", Value::array([])), ("diagnostics", told)]);
        output::line(json::to_string(&shown));
    }
    Err(Problem { exit: Exit::Usage, diagnostics })
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
            let set = riposte_incident::modify_properties_to_arm(patch);
            let changes: Vec<String> =
                set.as_object().into_iter().flatten().flat_map(change_in_words).collect();
            if changes.is_empty() { "change nothing".to_owned() } else { changes.join("; ") }
        }
        ActionKind::RunPlaybook { logic_app_resource_id, .. } => {
            format!("run playbook {}", logic_app_resource_id.rsplit('/').next().unwrap_or_default())
        }
        ActionKind::AddIncidentTask { title, .. } => format!("add task `{title}`"),
        ActionKind::UpdateAlert(patch) => {
            let set = patch.to_value();
            let changes = set.as_object().into_iter().flatten().flat_map(change_in_words);
            format!("on the alert, {}", changes.collect::<Vec<_>>().join("; "))
        }
    }
}

/// `set severity to High`, `set owner to ana@contoso.com`, `add tag vip`
fn change_in_words((name, value): (&Text, &Value)) -> Vec<String> {
    let one_of = |value: &Value, names: &[&str]| {
        names
            .iter()
            .find_map(|name| value.str_at(&[*name]).filter(|text| !text.is_empty()).map(str::to_owned))
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(labels) => labels
            .iter()
            .filter_map(|label| one_of(label, &["labelName"]))
            .map(|tag| format!("add tag {tag}"))
            .collect(),
        Value::String(text) if text.is_empty() => vec![format!("take {name} away")],
        Value::String(text) => vec![format!("set {name} to {text}")],
        other => {
            let known = ["userPrincipalName", "email", "assignedTo", "objectId"];
            vec![format!("set {name} to {}", one_of(other, &known).unwrap_or_else(|| other.to_string()))]
        }
    }
}
