//! `riposte health`: how rules and playbooks fared, as Sentinel's health table records it.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome};
use crate::output::{self, Format};
use crate::workspace::WorkspaceArguments;
use crate::{table, timing};
use clap::{Args, Subcommand};
use riposte_value::{Value, json};

/// See how rules and playbooks fared.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List health records, the newest first: what rules did, and which playbooks were triggered.
    #[command(after_help = "Examples:
  riposte health list
  riposte health list --type \"Automation rule\" --since 2026-11-21T00:00:00Z

For a playbook, Success means that it was triggered. How its run ended is in
`riposte run list`.")]
    List(List),
}

/// Arguments of `health list`.
#[derive(Debug, Args)]
pub struct List {
    /// Records of this type of resource (`Automation rule`, `Playbook`).
    #[arg(long = "type", value_name = "TYPE")]
    resource_type: Option<String>,
    /// Records of the resource of this name.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Records since this time.
    #[arg(long, value_name = "TIME")]
    since: Option<jiff::Timestamp>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50)]
    top: usize,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    let Command::List(arguments) = command;
    client::block_on(list(arguments))
}

async fn list(arguments: &List) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let workspace = arguments.workspace.find(&client).await?;
    let mut query = format!("top={}", arguments.top);
    let since = arguments.since.map(|since| since.to_string());
    for (name, value) in
        [("type", &arguments.resource_type), ("resource", &arguments.resource), ("since", &since)]
    {
        if let Some(value) = value {
            query.extend(["&", name, "=", &client::escape(value)]);
        }
    }
    let records = client.list(&workspace.own(&format!("health?{query}")), arguments.top).await?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&Value::object([("value", Value::from(records))]))),
        Format::Text => {
            let rows: Vec<Vec<String>> = records.iter().map(row).collect();
            table::print(&["TIME", "STATUS", "TYPE", "RESOURCE", "DESCRIPTION"], &rows, "no records");
        }
    }
    Ok(Exit::Done)
}

fn row(record: &Value) -> Vec<String> {
    let text = |name: &str| record.get_ignore_case(name).and_then(Value::as_str).unwrap_or_default();
    vec![
        timing::moment(text("TimeGenerated")),
        text("Status").to_owned(),
        text("SentinelResourceType").to_owned(),
        text("SentinelResourceName").to_owned(),
        output::cut(text("Description"), 120),
    ]
}
