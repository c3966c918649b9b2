//! The survey as a page in Markdown, as text and as JSON.

use super::Survey;
use super::verdict::{Group, Played};
use crate::output;
use riposte_value::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How much of a message is shown.
const MESSAGE_MAX: usize = 160;

struct Counts {
    files: usize,
    good_files: usize,
    missing_files: usize,
    faulty_files: usize,
    workflows: usize,
    runs: usize,
    ended: usize,
    succeeded: usize,
}

fn counts(survey: &Survey) -> Counts {
    let files = &survey.files;
    Counts {
        files: files.len(),
        good_files: files.iter().filter(|file| file.is_ok()).count(),
        missing_files: files.iter().filter(|file| !file.missing.is_empty()).count(),
        faulty_files: files.iter().filter(|file| !file.readable || !file.errors.is_empty()).count(),
        workflows: files.iter().map(|file| file.workflows).sum(),
        runs: survey.runs.len(),
        ended: survey.runs.iter().filter(|run| run.has_ended()).count(),
        succeeded: survey.runs.iter().filter(|run| run.verdict.status == "Succeeded").count(),
    }
}

fn share(part: usize, whole: usize) -> String {
    let tenths = (part * 1000).checked_div(whole).unwrap_or_default();
    format!("{part} of {whole} ({}.{} %)", tenths / 10, tenths % 10)
}

fn reasons(survey: &Survey) -> Vec<(&Group, Vec<&Played>)> {
    let mut groups: BTreeMap<&Group, Vec<&Played>> = BTreeMap::new();
    for run in survey.runs.iter().filter(|run| run.verdict.status != "Succeeded") {
        groups.entry(&run.verdict.group).or_default().push(run);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(group, runs)| (std::cmp::Reverse(runs.len()), (*group).clone()));
    groups
}

/// What is not there yet, with the files that ask for it.
fn missing(survey: &Survey) -> Vec<(&str, Vec<&str>)> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in &survey.files {
        for what in &file.missing {
            groups.entry(what).or_default().push(&file.file);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(what, files)| (std::cmp::Reverse(files.len()), *what));
    groups
}

/// The page.
pub fn markdown(survey: &Survey) -> String {
    let mut out = String::new();
    summary(survey, &mut out);
    exceptions(survey, &mut out);
    for (title, counts) in [
        ("Triggers", &survey.triggers),
        ("Action types", &survey.action_types),
        ("Connectors", &survey.connectors),
    ] {
        let _ = write!(out, "\n## {title}\n\n| name | workflows |\n| --- | ---: |\n");
        let mut rows: Vec<_> = counts.iter().collect();
        rows.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        for (name, count) in rows {
            let _ = writeln!(out, "| {} | {count} |", escaped(name));
        }
    }
    out
}

fn summary(survey: &Survey, out: &mut String) {
    let counts = counts(survey);
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "| what | share |\n| --- | --- |\n| files that `playbook check` finds in order | {} |\n| files that ask for what is not there yet | {} |\n| files that are faulty | {} |\n| workflows that compile | {} |\n| of these, run to an end | {} |\n| of these, succeed with everything made up | {} |\n",
        share(counts.good_files, counts.files),
        share(counts.missing_files, counts.files),
        share(counts.faulty_files, counts.files),
        share(counts.runs, counts.workflows),
        share(counts.ended, counts.runs),
        share(counts.succeeded, counts.runs),
    );
}

fn exceptions(survey: &Survey, out: &mut String) {
    out.push_str("\n## Not there yet\n\n");
    for (what, files) in missing(survey) {
        let _ = writeln!(out, "* {}: {} files", escaped(what), files.len());
        for file in files {
            let _ = writeln!(out, "  * `{file}`");
        }
    }
    out.push_str("\n## Faulty files\n\n");
    for file in survey.files.iter().filter(|file| !file.readable || !file.errors.is_empty()) {
        let told: Vec<String> =
            file.errors.iter().map(|(code, message)| format!("{message} [{code}]")).collect();
        let told = output::cut(&told.join("; "), 2 * MESSAGE_MAX);
        let _ = writeln!(out, "* `{}`: {}", file.file, escaped(&told));
    }
    out.push_str("\n## Runs that do not succeed\n");
    for (group, runs) in reasons(survey) {
        let of = if group.action_type.is_empty() {
            String::new()
        } else {
            format!(" ({}, {})", group.action_type, group.code)
        };
        let _ = write!(out, "\n### {} {}{of}\n\n", runs.len(), group.reason);
        for run in runs {
            let message = output::cut(&output::plain(&run.verdict.message), MESSAGE_MAX);
            let action = &run.verdict.action;
            let action = if action.is_empty() { run.verdict.status.clone() } else { format!("`{action}`") };
            let _ = writeln!(
                out,
                "* `{}`, {}: {action}: {}",
                run.file,
                escaped(&run.workflow),
                escaped(&message)
            );
        }
    }
}

/// Prose whose signs are no markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '<' | '>' | '[' | ']' | '*' | '_' | '#') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// For people.
pub fn text(survey: &Survey) -> String {
    let counts = counts(survey);
    let mut out = String::new();
    let _ = writeln!(out, "files in order       {}", share(counts.good_files, counts.files));
    let _ = writeln!(out, "workflows compiled   {}", share(counts.runs, counts.workflows));
    let _ = writeln!(out, "runs that end        {}", share(counts.ended, counts.runs));
    let _ = writeln!(out, "runs that succeed    {}", share(counts.succeeded, counts.runs));
    for (what, files) in missing(survey) {
        let _ = writeln!(out, "not there yet: {what}: {} files", files.len());
    }
    for file in survey.files.iter().filter(|file| !file.readable || !file.errors.is_empty()) {
        let told: Vec<&str> = file.errors.iter().map(|(_, message)| message.as_str()).collect();
        let _ = writeln!(out, "faulty: {}: {}", file.file, told.join("; "));
    }
    for (group, runs) in reasons(survey) {
        let _ = writeln!(out, "{} runs: {} {} {}", runs.len(), group.reason, group.action_type, group.code);
        for run in runs {
            let message = output::cut(&output::plain(&run.verdict.message), MESSAGE_MAX);
            let _ = writeln!(out, "    {} {}: {}: {message}", run.file, run.workflow, run.verdict.action);
        }
    }
    out
}

/// For scripts.
pub fn shown(survey: &Survey) -> Value {
    let counts = counts(survey);
    let files = survey.files.iter().map(|file| {
        let errors = file.errors.iter().map(|(code, message)| {
            Value::object([("code", Value::text(code)), ("message", Value::text(message))])
        });
        Value::object([
            ("file", Value::text(&file.file)),
            ("ok", Value::from(file.is_ok())),
            ("workflows", Value::from(file.workflows)),
            ("automationRules", Value::from(file.rules)),
            ("notThereYet", Value::array(file.missing.iter().map(Value::text))),
            ("errors", Value::array(errors)),
        ])
    });
    let runs = survey.runs.iter().map(|run| {
        Value::object([
            ("file", Value::text(&run.file)),
            ("workflow", Value::text(&run.workflow)),
            ("status", Value::text(&run.verdict.status)),
            ("ended", Value::from(run.has_ended())),
            ("reason", Value::text(run.verdict.group.reason)),
            ("actionType", Value::text(&run.verdict.group.action_type)),
            ("code", Value::text(&run.verdict.group.code)),
            ("action", Value::text(&run.verdict.action)),
            ("message", Value::text(&run.verdict.message)),
        ])
    });
    let counted = |counts: &BTreeMap<String, usize>| {
        Value::object(counts.iter().map(|(name, count)| (name, Value::from(*count))))
    };
    Value::object([
        ("checked", Value::from(counts.files)),
        ("inOrder", Value::from(counts.good_files)),
        ("workflows", Value::from(counts.workflows)),
        ("runs", Value::from(counts.runs)),
        ("ended", Value::from(counts.ended)),
        ("succeeded", Value::from(counts.succeeded)),
        ("files", Value::array(files)),
        ("results", Value::array(runs)),
        ("triggers", counted(&survey.triggers)),
        ("actionTypes", counted(&survey.action_types)),
        ("connectors", counted(&survey.connectors)),
    ])
}
