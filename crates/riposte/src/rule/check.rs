//! `riposte rule check`: reads automation rules, and says what they ask for and what is wrong with them.

use super::fares::Online;
use super::{in_words, read};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint, plain};
use clap::Args;
use riposte_arm::Resource;
use riposte_diagnostic::{Diagnostic, Severity};
use riposte_rules::{AutomationRule, FILE_RULES_MAX, Mode};
use riposte_value::{Object, Value, json};
use std::path::{Path, PathBuf};

/// Check automation rules: ARM templates, exported rules, or a rule's properties.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte rule check rule.json
  riposte rule check rules/ --format json
  riposte rule check --server
  riposte rule check --server escalate --grant

With --server the rules of a running server are checked: whether the playbooks
that they start are there, may be started, and begin with the right trigger;
each role assignment that is missing is named, and made with --grant.

With --format json there is one object a line for each file:
  {\"file\",\"ok\",\"rules\":[{\"name\",\"displayName\",\"order\",\"trigger\",
   \"mode\",\"conditions\",\"actions\"}],\"diagnostics\":[…]}")]
pub struct Arguments {
    /// Files, and folders with *.json; with --server, names of rules.
    #[arg(required_unless_present = "is_asked", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    online: Online,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.online.is_asked {
        return super::fares::run(&arguments.online, &arguments.files, arguments.format);
    }
    let parameters = crate::import::parameters(&arguments.parameters, None)?;
    let files = input::json_files(&arguments.files)?;
    if files.is_empty() {
        return Err(Problem::usage(Diagnostic::error("NothingToCheck", "the folders hold no *.json")));
    }
    let (mut readable, mut good) = (0, 0);
    let mut all: Vec<AutomationRule> = Vec::new();
    for file in &files {
        let (rules, mut diagnostics) = match read(file, &parameters) {
            Ok((source, rules)) => {
                readable += 1;
                (rules, source.diagnostics.into_iter().chain(of_azure(file, &source.rules)).collect())
            }
            Err(problem) => (Vec::new(), problem.diagnostics),
        };
        if rules.is_empty() && !riposte_diagnostic::has_errors(&diagnostics) {
            let none = Diagnostic::error("NothingToCheck", "the file holds no automation rule");
            diagnostics.push(none.in_file(file.display().to_string()));
        }
        let ok = !riposte_diagnostic::has_errors(&diagnostics);
        good += usize::from(ok);
        // those of several files are told of together, after them
        if files.len() == 1 {
            diagnostics.extend(in_file(file, riposte_rules::lint_set(&rules)));
        }
        match arguments.format {
            Format::Json => {
                let mut shown = Object::new();
                shown.insert("file", file.display().to_string());
                shown.insert("ok", ok);
                shown.insert("rules", Value::array(rules.iter().map(described)));
                shown.insert(
                    "diagnostics",
                    Value::array(diagnostics.iter().map(crate::playbook::diagnostic_to_value)),
                );
                output::line(json::to_string(&Value::from(shown)));
            }
            Format::Text => {
                rules.iter().for_each(show);
                output::diagnose(&diagnostics);
            }
        }
        all.extend(rules);
    }
    if files.len() > 1 {
        output::diagnose(&riposte_rules::lint_set(&all));
    }
    Ok(match (readable, good) {
        (0, _) => Exit::Usage,
        (_, good) if good == files.len() => Exit::Done,
        _ => Exit::Failed,
    })
}

/// What Azure would make of a file: how many rules it takes at once, and what it loses of them.
fn of_azure(file: &Path, rules: &[Resource]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    if rules.len() > FILE_RULES_MAX {
        let message =
            format!("Azure imports at most {FILE_RULES_MAX} rules from one file; these are {}", rules.len());
        told.push(Diagnostic::warning("AzureLimit", message));
    }
    for resource in rules {
        let (rule, _) = AutomationRule::from_arm(&resource.name, &resource.properties);
        let losses = rule.map(|rule| rule.to_strict_arm_properties(None).1).unwrap_or_default();
        told.extend(losses.into_iter().map(|mut loss| {
            loss.severity = Severity::Info;
            loss.message = format!("rule `{}` exported for Azure: {}", resource.name, loss.message);
            loss
        }));
    }
    in_file(file, told)
}

fn in_file(file: &Path, told: Vec<Diagnostic>) -> Vec<Diagnostic> {
    told.into_iter().map(|told| told.in_file(file.display().to_string())).collect()
}

/// `Incidents Created`
fn trigger(rule: &AutomationRule) -> String {
    format!("{} {}", rule.triggers_on.as_str(), rule.triggers_when.as_str())
}

fn described(rule: &AutomationRule) -> Value {
    let conditions = rule.all_conditions().map(|condition| Value::from(condition.in_words()));
    let actions = riposte_rules::plan(rule).into_iter().map(|planned| Value::from(in_words(&planned.action)));
    Value::object([
        ("name", Value::from(&rule.name)),
        ("displayName", Value::from(&rule.display_name)),
        ("order", Value::from(rule.order)),
        ("isEnabled", Value::from(rule.is_enabled)),
        ("trigger", Value::from(trigger(rule))),
        ("mode", Value::from(rule.mode)),
        ("conditions", Value::array(conditions)),
        ("actions", Value::array(actions)),
    ])
}

fn show(rule: &AutomationRule) {
    let colour = output::colours(&std::io::stdout());
    let off = match (rule.is_enabled, rule.mode) {
        (false, _) => ", turned off",
        (true, Mode::Observe) => ", only observes",
        (true, Mode::Enforce) => "",
    };
    let title = paint(colour, Style::Bold, &plain(&rule.display_name));
    output::line(format_args!("{title}  (order {}, {}{off})", rule.order, trigger(rule)));
    if rule.all_conditions().next().is_none() {
        output::line("  always");
    }
    for (place, condition) in rule.all_conditions().enumerate() {
        let word = if place == 0 { "if  " } else { "and " };
        output::line(format_args!("  {word} {}", plain(&condition.in_words())));
    }
    for planned in riposte_rules::plan(rule) {
        output::line(format_args!("  then {}", plain(&in_words(&planned.action))));
    }
}
