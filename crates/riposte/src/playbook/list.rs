//! `riposte playbook list`: the playbooks of a server, what starts them, and how they last fared.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome};
use crate::output::{self, Format};
use crate::{table, timing};
use clap::Args;
use riposte_value::{Value, json};

/// List the playbooks of a server: trigger, state, last run.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte playbook list
  riposte playbook list --json")]
pub struct Arguments {
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let all = client::block_on(client.list("/api/playbooks?trigger=any&top=1000", usize::MAX))?;
    if arguments.json || arguments.format == Format::Json {
        output::line(json::to_string(&Value::object([("value", Value::from(all))])));
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = all.iter().map(row).collect();
    table::print(
        &["PLAYBOOK", "RESOURCE GROUP", "TRIGGER", "STATE", "LAST RUN", "STARTED"],
        &rows,
        "no playbooks",
    );
    Ok(Exit::Done)
}

fn row(playbook: &Value) -> Vec<String> {
    let text = |path: &[&str]| playbook.str_at(path).unwrap_or_default().to_owned();
    let triggers = playbook.at(&["properties", "triggers"]).and_then(Value::as_array).unwrap_or_default();
    let kinds: Vec<String> = triggers.iter().map(trigger).collect();
    let mut segments = playbook.str_at(&["id"]).unwrap_or_default().split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case("resourceGroups"));
    vec![
        text(&["name"]),
        segments.next().unwrap_or_default().to_owned(),
        if kinds.is_empty() { "–".to_owned() } else { kinds.join(", ") },
        text(&["properties", "state"]),
        text(&["properties", "lastRun", "status"]),
        timing::moment(&text(&["properties", "lastRun", "startTime"])),
    ]
}

/// `incident`, `entity (Ip)`, `Recurrence`.
fn trigger(trigger: &Value) -> String {
    let kind = trigger.str_at(&["kind"]).unwrap_or_default();
    match trigger.str_at(&["entityType"]) {
        Some(entity) => format!("{kind} ({entity})"),
        None => kind.to_owned(),
    }
}
