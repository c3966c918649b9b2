//! `riposte rule check --server`: how the rules of a server fare: what is missing for them to do what they say, and what
//! puts it right.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome};
use crate::output::{self, Format, Style, paint, plain};
use crate::workspace::WorkspaceArguments;
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_rules::RULES_MAX;
use riposte_value::{Value, json};
use std::path::PathBuf;

/// Where the rules are that are checked.
#[derive(Debug, Args)]
pub struct Online {
    /// Check rules of a server instead: those of the given names, or all.
    #[arg(long = "server")]
    pub is_asked: bool,
    /// Make the role assignments that are missing.
    #[arg(long, requires = "is_asked")]
    grant: bool,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(online: &Online, names: &[PathBuf], format: Format) -> Outcome {
    client::block_on(check(online, names, format))
}

async fn check(online: &Online, names: &[PathBuf], format: Format) -> Outcome {
    let client = Client::new(&online.server)?;
    let workspace = online.workspace.find(&client).await?;
    let mut rules: Vec<String> = names.iter().map(|name| name.display().to_string()).collect();
    let all = client.list(&workspace.own("automationRules"), usize::MAX).await?;
    let name_of = |rule: &Value| rule.str_at(&["name"]).map(str::to_owned);
    if rules.is_empty() {
        rules = all.iter().filter_map(name_of).collect();
    } else {
        // People know a rule by its display name.
        for wanted in &mut rules {
            let called = |rule: &&Value| {
                let own = rule.str_at(&["properties", "displayName"]);
                own.is_some_and(|own| own.eq_ignore_ascii_case(wanted))
            };
            let has_name = all.iter().filter_map(name_of).any(|name| name.eq_ignore_ascii_case(wanted));
            if let (false, Some(name)) = (has_name, all.iter().find(called).and_then(name_of)) {
                *wanted = name;
            }
        }
    }
    let path = |rule: &str| workspace.own(&format!("automationRules/{}/check", client::escape(rule)));
    let mut all_well = true;
    for rule in &rules {
        let mut checked = client.get(&path(rule)).await?;
        if online.grant {
            let mut granted = false;
            for (path, body) in missing(&checked) {
                client.put(&path, &body).await?;
                granted = true;
            }
            if granted {
                checked = client.get(&path(rule)).await?;
            }
        }
        all_well &= problems(&checked).is_empty();
        match format {
            Format::Json => output::line(json::to_string(&checked)),
            Format::Text => show(&checked),
        }
    }
    if all.len() > RULES_MAX {
        let message =
            format!("Azure takes at most {RULES_MAX} rules in a workspace; this one has {}", all.len());
        output::diagnose(&[Diagnostic::warning("AzureLimit", message)]);
    }
    if rules.is_empty() {
        output::note("no rules");
    }
    Ok(if all_well { Exit::Done } else { Exit::Failed })
}

fn problems(checked: &Value) -> Vec<Value> {
    checked.at(&["health", "problems"]).and_then(Value::as_array).unwrap_or_default().to_vec()
}

/// The calls that make the role assignments that are missing.
fn missing(checked: &Value) -> Vec<(String, Value)> {
    let problems = problems(checked);
    let requests = problems.iter().filter_map(|problem| problem.at(&["missingAssignment", "request"]));
    let mut calls: Vec<(String, Value)> = requests
        .filter_map(|request| Some((request.str_at(&["path"])?.to_owned(), request.get("body")?.clone())))
        .collect();
    calls.dedup_by(|a, b| a.0 == b.0);
    calls
}

fn show(checked: &Value) {
    let colour = output::colours(&std::io::stdout());
    let text = |path: &[&str]| checked.str_at(path).unwrap_or_default();
    let title = paint(colour, Style::Bold, &plain(text(&["displayName"])));
    let name = text(&["id"]).rsplit('/').next().unwrap_or_default();
    output::line(format_args!("{title} ({})  {}", plain(name), plain(text(&["health", "status"]))));
    for problem in problems(checked) {
        let of = |name: &str| problem.str_at(&[name]).unwrap_or_default().to_owned();
        output::line(plain(&format!("  {}: {}", of("path"), of("message"))));
        if let Some(assignment) = problem.get("missingAssignment") {
            let of = |path: &[&str]| assignment.str_at(path).unwrap_or_default();
            output::line(plain(&format!(
                "    missing: role {} ({}) on {} for {}",
                of(&["roleName"]),
                of(&["roleDefinitionId"]),
                of(&["scope"]),
                of(&["principalId"])
            )));
            output::line(plain(&format!(
                "    grant it: {}, or PUT {}",
                of(&["command"]),
                of(&["request", "path"])
            )));
        } else {
            output::line(plain(&format!("    {}", of("help"))));
        }
    }
    if let Some(last) = checked.at(&["health", "lastRun"]) {
        let of = |name: &str| last.str_at(&[name]).unwrap_or_default();
        output::line(plain(&format!("  last run {}: {} {}", of("time"), of("status"), of("description"))));
    }
}
