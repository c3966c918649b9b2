//! What became of a file and of a run, and the group of its reason.

use crate::playbook::source::Source;
use riposte_diagnostic::{Diagnostic, Severity};
use riposte_value::{Object, Value};

/// Codes of what a playbook asks for and Riposte does not have yet.
const NOT_YET: [&str; 3] = ["UnsupportedActionType", "UnsupportedTriggerType", "TriggerNotServed"];
/// Codes with which the player gives a run up that does not end by itself.
const ENDLESS: [&str; 3] = ["RunStuck", "RunTooLong", "NotPlayed"];

/// A file as it was checked.
#[derive(Debug)]
pub struct Checked {
    /// Its name.
    pub file: String,
    /// Whether it could be read.
    pub readable: bool,
    /// How many workflows it holds.
    pub workflows: usize,
    /// How many automation rules it holds.
    pub rules: usize,
    /// What of it is not there yet: messages.
    pub missing: Vec<String>,
    /// What is wrong with it: code and message.
    pub errors: Vec<(String, String)>,
}

impl Checked {
    /// Of a file that was read.
    pub fn of(file: String, source: &Source) -> Self {
        let mut checked = Self::of_diagnostics(file, &source.diagnostics);
        checked.readable = source.readable;
        checked.workflows = source.workflows.len();
        checked.rules = source.rules.len();
        checked
    }

    /// Of a file that could not be read.
    pub fn unreadable(file: String, diagnostics: &[Diagnostic]) -> Self {
        Self::of_diagnostics(file, diagnostics)
    }

    fn of_diagnostics(file: String, diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics.iter().filter(|told| told.severity == Severity::Error);
        let (missing, errors): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            errors.partition(|told| NOT_YET.contains(&told.code.as_ref()));
        let mut missing: Vec<String> = missing.iter().map(|told| told.message.clone()).collect();
        missing.sort();
        missing.dedup();
        let errors = errors.iter().map(|told| (told.code.to_string(), told.message.clone())).collect();
        Self { file, readable: false, workflows: 0, rules: 0, missing, errors }
    }

    /// Whether nothing is wrong with it.
    pub fn is_ok(&self) -> bool {
        self.readable && self.missing.is_empty() && self.errors.is_empty()
    }
}

/// A workflow as it ran.
#[derive(Debug)]
pub struct Played {
    /// Its file.
    pub file: String,
    /// Its name.
    pub workflow: String,
    /// How it went.
    pub verdict: Verdict,
}

impl Played {
    /// Whether the run came to an end by itself, however it went.
    pub fn has_ended(&self) -> bool {
        !ENDLESS.contains(&self.verdict.group.code.as_str())
    }
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// `Succeeded`, `Failed`, `Cancelled`, ….
    pub status: String,
    /// Why it did not succeed.
    pub group: Group,
    /// The action that is the cause.
    pub action: String,
    /// What it said.
    pub message: String,
}

/// A kind of reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// What it comes to, in a sentence; empty if the run succeeded.
    pub reason: &'static str,
    /// The type of the action that is the cause.
    pub action_type: String,
    /// Its code.
    pub code: String,
}

impl Verdict {
    /// Of a run that did not end.
    pub fn stuck(code: &str, message: &str) -> Self {
        let group =
            Group { reason: "the run does not end", action_type: String::new(), code: code.to_owned() };
        Self { status: "Failed".to_owned(), group, action: String::new(), message: message.to_owned() }
    }

    /// Of a run as `playbook run --format json` shows it.
    pub fn of(run: &Value, definition: &Value) -> Self {
        let status = run.str_at(&["status"]).unwrap_or_default().to_owned();
        let code = run.str_at(&["error", "code"]).unwrap_or_default();
        let message = run.str_at(&["error", "message"]).unwrap_or_default();
        if status == "Succeeded" {
            return Self { status, group: Group::default(), action: String::new(), message: String::new() };
        }
        if ENDLESS.contains(&code) {
            return Self::stuck(code, message);
        }
        let Some((action, record)) = cause(run) else {
            let group = group_of(&Value::Null, code, definition);
            return Self { status, group, action: String::new(), message: message.to_owned() };
        };
        let told = record.str_at(&["error", "message"]).unwrap_or_default().to_owned();
        let code = record.str_at(&["code"]).unwrap_or_default();
        Self { status, group: group_of(&record, code, definition), action, message: told }
    }
}

/// The first action that failed by itself, not because of another.
fn cause(run: &Value) -> Option<(String, Value)> {
    let actions = run.get("actions").and_then(Value::as_object).into_iter().flat_map(Object::iter);
    for (name, entry) in actions {
        let turns = entry.get("repetitions").and_then(Value::as_array);
        let turns = turns.map_or_else(|| vec![entry.clone()], <[Value]>::to_vec);
        let own = |record: &Value| {
            let failed = ["Failed", "TimedOut"].contains(&record.str_at(&["status"]).unwrap_or_default());
            failed
                && !["ActionFailed", "ActionDependencyFailed"]
                    .contains(&record.str_at(&["code"]).unwrap_or_default())
        };
        if let Some(record) = turns.into_iter().find(own) {
            return Some((name.to_string(), record));
        }
    }
    None
}

fn group_of(record: &Value, code: &str, definition: &Value) -> Group {
    let action_type = record.str_at(&["type"]).unwrap_or_default().to_owned();
    let message = record.str_at(&["error", "message"]).unwrap_or_default();
    let reason = match action_type.as_str() {
        "" | "Terminate" => "the playbook ends itself with Terminate, as it is written to",
        "ParseJson" => "what was made up does not fit what ParseJson reads",
        "AppendToArrayVariable" if message.contains("of type 'Array' which cannot be appended") => {
            "the playbook appends a list to a list variable, which the service refuses too"
        }
        "ApiConnection" | "Http" | "ApiConnectionWebhook"
            if record.at(&["outputs", "statusCode"]).is_some() =>
        {
            "a call was refused: its inputs are made of made-up answers"
        }
        _ if message.contains("'appsetting' is not expected") => {
            "the playbook reads settings of a function app, which only workflows of the Standard plan have"
        }
        _ if message.contains("is not found") && !definition.is_null() => {
            "the definition asks for what it does not have"
        }
        _ => "an expression gets a made-up value that it cannot use",
    };
    Group { reason, action_type, code: code.to_owned() }
}
