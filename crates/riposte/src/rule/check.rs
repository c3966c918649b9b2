//! `riposte rule check`: reads automation rules, and says what they ask for and what is wrong with them.

use super::fares::Online;
use super::{in_words, read, setting};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint, plain};
use clap::Args;
use jiff::Timestamp;
use riposte_arm::Resource;
use riposte_diagnostic::{Diagnostic, Severity};
use riposte_rules::{AutomationRule, FILE_RULES_MAX, Mode, WorkspaceScope};
use riposte_value::{Object, Text, Value, json};
use std::path::{Path, PathBuf};

/// Check automation rules: ARM templates, exported rules, or a rule's properties.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte rule check rule.json
  riposte rule check rules/ --format json
  riposte rule check --server
  riposte rule check --server escalate --grant

Exit code 1 says that a rule has errors, 0 that there are none; warnings and
remarks do not count. Of a folder, files without an automation rule are passed
over. What rules need beside them (watchlists, playbooks) is known to a server
alone; of watchlists it is checked here as well, where the files hold some or
--watchlists names some (as `rule test` reads them).

With --server the rules of a running server are checked: whether the playbooks
that they start are there, may be started, and begin with the right trigger,
and whether the watchlists are there that they ask. Each role assignment that
is missing is named, and made with --grant. Exit code 1 says that something is
missing.

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
    /// The watchlists that there are, by alias.
    #[arg(long, value_name = "FILE", conflicts_with = "is_asked")]
    watchlists: Option<PathBuf>,
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
    let mut known: Vec<Text> =
        arguments.watchlists.as_deref().map(setting::aliases).transpose()?.unwrap_or_default();
    let checked: Vec<Checked> =
        files.iter().map(|file| Checked::read(file, &parameters, &mut known)).collect();
    // A file that stands in a folder may be something else: a playbook, a watchlist.
    let is_named = |file: &PathBuf| arguments.files.contains(file);
    let (mut readable, mut good, mut all) = (0, 0, Vec::new());
    let mut told_of = Vec::new();
    for mut one in checked {
        if !one.holds_rules && !is_named(&one.file) {
            continue;
        }
        if !one.holds_rules && one.is_ok() {
            let none = Diagnostic::error("NothingToCheck", "the file holds no automation rule");
            one.diagnostics.push(none.in_file(one.file.display().to_string()));
        }
        readable += usize::from(one.is_readable);
        one.diagnostics.extend(in_file(&one.file, of_watchlists(&one.rules, &known)));
        // those of several files are told of together, after them
        if files.len() == 1 {
            one.diagnostics.extend(in_file(&one.file, riposte_rules::lint_set(&one.rules)));
        }
        good += usize::from(one.is_ok());
        one.print(arguments.format);
        told_of.push(one.file);
        all.extend(one.rules);
    }
    if told_of.is_empty() {
        let none = Diagnostic::error("NothingToCheck", "the folders hold no automation rule");
        return Err(Problem::failed(none));
    }
    if files.len() > 1 {
        output::diagnose(&riposte_rules::lint_set(&all));
    }
    if arguments.format == Format::Text {
        let (rules, wrong) = (all.len(), told_of.len() - good);
        let verdict =
            if wrong == 0 { "no errors".to_owned() } else { format!("{} with errors", files_of(wrong)) };
        output::note(format_args!("{rules} {} in {}: {verdict}", of(rules, "rule"), files_of(told_of.len())));
    }
    Ok(match (readable, good) {
        (0, _) => Exit::Usage,
        (_, good) if good == told_of.len() => Exit::Done,
        _ => Exit::Failed,
    })
}

/// `1 file`, `2 files`
fn files_of(count: usize) -> String {
    format!("{count} {}", of(count, "file"))
}

fn of(count: usize, what: &str) -> String {
    if count == 1 { what.to_owned() } else { format!("{what}s") }
}

/// What was read of a file.
struct Checked {
    file: PathBuf,
    is_readable: bool,
    /// Whether there is a rule in it, or might be: it cannot be read.
    holds_rules: bool,
    rules: Vec<AutomationRule>,
    diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Reads a file, and notes the watchlists that it holds.
    fn read(file: &Path, parameters: &Object, known: &mut Vec<Text>) -> Self {
        let file = file.to_owned();
        match read(&file, parameters) {
            Ok((source, rules)) => {
                known.extend(source.watchlists);
                let azure = of_azure(&file, &source.rules);
                // That there is no playbook either does not matter here.
                let own = source.diagnostics.into_iter().filter(|told| told.code != "NothingToCheck");
                let diagnostics = own.chain(azure).collect();
                Self { is_readable: true, holds_rules: !source.rules.is_empty(), rules, diagnostics, file }
            }
            Err(Problem { diagnostics, .. }) => {
                Self { is_readable: false, holds_rules: true, rules: Vec::new(), diagnostics, file }
            }
        }
    }

    fn is_ok(&self) -> bool {
        !riposte_diagnostic::has_errors(&self.diagnostics)
    }

    fn print(&self, format: Format) {
        match format {
            Format::Json => {
                let mut shown = Object::new();
                shown.insert("file", self.file.display().to_string());
                shown.insert("ok", self.is_ok());
                shown.insert("rules", Value::array(self.rules.iter().map(described)));
                shown.insert(
                    "diagnostics",
                    Value::array(self.diagnostics.iter().map(crate::playbook::diagnostic_to_value)),
                );
                output::line(json::to_string(&Value::from(shown)));
            }
            Format::Text => {
                self.rules.iter().for_each(show);
                output::diagnose(&self.diagnostics);
            }
        }
    }
}

/// The watchlists that rules ask: one that is not among the known ones is missing; where none is known, only a server can
/// say.
fn of_watchlists(rules: &[AutomationRule], known: &[Text]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for rule in rules {
        for asked in rule.asked_watchlists() {
            let alias = &asked.alias;
            if known.iter().any(|known| riposte_incident::same(known.trim(), alias.trim())) {
                continue;
            }
            let name = &rule.display_name;
            told.push(if known.is_empty() {
                let message = format!("rule `{name}` asks watchlist `{alias}`, which is not checked here");
                Diagnostic::info("WatchlistNotChecked", message)
                    .help("`riposte rule check --server` says whether it is there, or give --watchlists")
            } else {
                let message = format!("rule `{name}` asks watchlist `{alias}`, which is not there");
                Diagnostic::warning("WatchlistNotFound", message)
                    .help("add the watchlist, or correct `watchlistAlias`")
            });
        }
    }
    told
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
    let now = Timestamp::now();
    let mut off = match (rule.is_enabled, rule.mode) {
        (false, _) => ", turned off",
        (true, Mode::Observe) => ", only observes",
        (true, Mode::Enforce) => "",
    }
    .to_owned();
    match rule.expiration {
        Some(_) if rule.is_expired(now) => off.push_str(", expired"),
        Some(at) => off = format!("{off}, until {}", at.strftime("%Y-%m-%d %H:%M UTC")),
        None => {}
    }
    match &rule.workspaces {
        WorkspaceScope::Own => {}
        WorkspaceScope::All => off.push_str(", for all workspaces"),
        WorkspaceScope::Listed(names) => {
            let names: Vec<&str> = names.iter().map(Text::as_str).collect();
            off = format!("{off}, for workspaces {}", plain(&names.join(", ")));
        }
    }
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
