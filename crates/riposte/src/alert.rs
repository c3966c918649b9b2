//! `riposte alert`: hands alerts to a running server.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome};
use crate::output::{self, Format, plain};
use crate::workspace::WorkspaceArguments;
use clap::{Args, Subcommand};
use riposte_value::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

/// Hand alerts in.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hand in one alert or a list; each becomes, or joins, an incident.
    #[command(after_help = "Examples:
  riposte alert create alert.json
  riposte alert create - <<'END'
  {\"SystemAlertId\": \"a-1\", \"AlertName\": \"Sign-in from a known bad address\",
   \"AlertSeverity\": \"Medium\",
   \"Entities\": [{\"$id\": \"1\", \"Type\": \"ip\", \"Address\": \"203.0.113.7\"}]}
  END")]
    Create(Create),
}

/// Arguments of `alert create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Alerts in the shape of the `SecurityAlert` table or of Graph's alerts v2; `-` is stdin.
    file: PathBuf,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    let Command::Create(arguments) = command;
    client::block_on(create(arguments))
}

async fn create(arguments: &Create) -> Outcome {
    let alerts = crate::input::value(&arguments.file)?;
    let client = Client::new(&arguments.server)?;
    let workspace = arguments.workspace.find(&client).await?;
    let answer = client.post(&workspace.own("alerts"), &alerts).await?;
    let items = answer.get("value").and_then(Value::as_array).unwrap_or_default();
    let rejected = items.iter().filter(|item| item.str_at(&["status"]) == Some("rejected")).count();
    match arguments.format {
        Format::Json => output::line(json::to_string(&answer)),
        Format::Text => items.iter().for_each(|item| output::line(told(item))),
    }
    Ok(if rejected == 0 { Exit::Done } else { Exit::Failed })
}

fn told(item: &Value) -> String {
    let text = |path: &[&str]| plain(item.str_at(path).unwrap_or_default());
    let incident = item.at(&["incident", "incidentNumber"]);
    let to = incident.map_or_else(String::new, |number| format!(" in incident {number}"));
    // Writing to a String cannot fail.
    let mut line = format!("alert {} {}{to}", text(&["systemAlertId"]), text(&["status"]));
    let Some(error) = item.get("error") else { return line };
    let faults = error.get("details").and_then(Value::as_array).unwrap_or_default();
    if faults.is_empty() {
        let _ = write!(line, ": {} [{}]", text(&["error", "message"]), text(&["error", "code"]));
    }
    // All that is wrong with it, each with its place in the file.
    for fault in faults {
        let part = |name| plain(fault.str_at(&[name]).unwrap_or_default());
        let _ = write!(line, "\n  {}: {} [{}]", part("target"), part("message"), part("code"));
    }
    line
}
