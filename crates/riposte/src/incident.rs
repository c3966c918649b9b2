//! `riposte incident`: incidents of a running server.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format, Style, paint, plain};
use crate::workspace::{Workspace, WorkspaceArguments};
use crate::{table, timeline, timing};
use clap::{Args, Subcommand};
use riposte_value::{Object, Value, json};
use std::path::PathBuf;

/// See and create incidents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List incidents, the newest first.
    #[command(after_help = "Examples:
  riposte incident list
  riposte incident list --filter \"properties/severity eq 'High'\" --top 10")]
    List(List),
    /// Show an incident and its timeline.
    #[command(after_help = "Examples:
  riposte incident show 1
  riposte incident show 1 --format json")]
    Show(Show),
    /// Create an incident; automation rules answer it.
    #[command(after_help = "Examples:
  riposte incident create --title \"Sign-in from a bad address\" --severity Low
  riposte incident create --file incident.json

The file holds {\"properties\": {\"title\": …, \"severity\": …, \"status\": \"New\"}}.")]
    Create(Create),
}

/// Arguments of `incident list`.
#[derive(Debug, Args)]
pub struct List {
    /// Which, as Azure's `$filter` says it.
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    #[arg(long, value_enum, default_value_t)]
    /// How it is printed.
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `incident show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The incident's number or GUID.
    incident: String,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `incident create`.
#[derive(Debug, Args)]
pub struct Create {
    /// The title.
    #[arg(long, required_unless_present = "file")]
    title: Option<String>,
    /// High, Medium, Low or Informational.
    #[arg(long, default_value = "Medium")]
    severity: String,
    /// The description.
    #[arg(long)]
    description: Option<String>,
    /// A label; may be given several times.
    #[arg(long = "label", value_name = "LABEL")]
    labels: Vec<String>,
    /// The incident as Azure's API takes it, instead; `-` is stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "description", "labels"])]
    file: Option<PathBuf>,
    /// How the new incident is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    match command {
        Command::List(arguments) => client::block_on(list(arguments)),
        Command::Show(arguments) => client::block_on(show(arguments)),
        Command::Create(arguments) => client::block_on(create(arguments)),
    }
}

async fn list(arguments: &List) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let workspace = arguments.workspace.find(&client).await?;
    let page = arguments.top.clamp(1, 1000);
    let mut query = format!("$orderby={}&$top={page}", client::escape("properties/incidentNumber desc"));
    if let Some(filter) = &arguments.filter {
        query.push_str("&$filter=");
        query.push_str(&client::escape(filter));
    }
    let incidents = client.list(&workspace.azure("incidents", &query), arguments.top).await?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&Value::object([("value", Value::from(incidents))]))),
        Format::Text => {
            let rows: Vec<Vec<String>> = incidents.iter().map(row).collect();
            table::print(&["NO", "SEVERITY", "STATUS", "CREATED", "OWNER", "TITLE"], &rows, "no incidents");
        }
    }
    Ok(Exit::Done)
}

fn row(incident: &Value) -> Vec<String> {
    let text = |path: &[&str]| incident.at(&["properties"]).and_then(|p| p.str_at(path)).unwrap_or_default();
    vec![
        number(incident),
        text(&["severity"]).to_owned(),
        text(&["status"]).to_owned(),
        timing::moment(text(&["createdTimeUtc"])),
        text(&["owner", "assignedTo"]).to_owned(),
        text(&["title"]).to_owned(),
    ]
}

/// An incident's number as text.
pub fn number(incident: &Value) -> String {
    incident.at(&["properties", "incidentNumber"]).map_or_else(String::new, ToString::to_string)
}

async fn show(arguments: &Show) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let workspace = arguments.workspace.find(&client).await?;
    let path = format!("incidents/{}", client::escape(&arguments.incident));
    let incident = client.get(&workspace.own(&path)).await?;
    let events = client.list(&workspace.own(&format!("{path}/timeline")), usize::MAX).await?;
    match arguments.format {
        Format::Json => {
            let mut shown = incident.as_object().cloned().unwrap_or_default();
            shown.insert("timeline", events);
            output::line(json::to_string(&Value::from(shown)));
        }
        Format::Text => {
            let nothing = Value::from(Object::new());
            // Azure's paths know no numbers.
            let name = incident.str_at(&["name"]).unwrap_or_default();
            let path = format!("incidents/{}", client::escape(name));
            let entities = client.post(&workspace.azure(&format!("{path}/entities"), ""), &nothing).await?;
            let comments = client.get(&workspace.azure(&format!("{path}/comments"), "")).await?;
            describe(&incident, &entities, &comments);
            let colour = output::colours(&std::io::stdout());
            output::line(format_args!("\n{}", paint(colour, Style::Bold, "Timeline")));
            for event in &events {
                output::line(timeline::line(colour, event));
            }
        }
    }
    Ok(Exit::Done)
}

/// Prints what an incident is.
fn describe(incident: &Value, entities: &Value, comments: &Value) {
    let colour = output::colours(&std::io::stdout());
    let text = |path: &[&str]| incident.get("properties").and_then(|p| p.str_at(path)).unwrap_or_default();
    let title = format!("Incident {}: {}", number(incident), plain(text(&["title"])));
    output::line(paint(colour, Style::Bold, &title));
    let labels = incident.at(&["properties", "labels"]).and_then(Value::as_array).unwrap_or_default();
    let labels: Vec<&str> = labels.iter().filter_map(|label| label.str_at(&["labelName"])).collect();
    let closed = [text(&["classification"]), text(&["classificationReason"])].join(" ");
    let entities = entities.get("entities").and_then(Value::as_array).unwrap_or_default();
    let entities: Vec<String> = entities.iter().map(entity).collect();
    let fields = [
        ("severity", text(&["severity"]).to_owned()),
        ("status", format!("{} {}", text(&["status"]), closed.trim())),
        ("owner", text(&["owner", "assignedTo"]).to_owned()),
        ("created", timing::moment(text(&["createdTimeUtc"]))),
        ("labels", labels.join(", ")),
        ("entities", entities.join(", ")),
        ("description", text(&["description"]).to_owned()),
        ("id", incident.str_at(&["name"]).unwrap_or_default().to_owned()),
    ];
    for (name, value) in fields.iter().filter(|(_, value)| !value.trim().is_empty()) {
        output::line(format_args!(
            "  {} {}",
            paint(colour, Style::Dim, &format!("{name:<12}")),
            plain(value.trim())
        ));
    }
    let comments = comments.get("value").and_then(Value::as_array).unwrap_or_default();
    if !comments.is_empty() {
        output::line(format_args!("\n{}", paint(colour, Style::Bold, "Comments")));
    }
    for comment in comments {
        let text = |path: &[&str]| comment.get("properties").and_then(|p| p.str_at(path)).unwrap_or_default();
        let by =
            format!("{}  {}", timing::moment(text(&["createdTimeUtc"])), plain(text(&["author", "name"])));
        output::line(format_args!("  {}", paint(colour, Style::Dim, &by)));
        for line in crate::html::text(text(&["message"])).lines() {
            output::line(format_args!("    {}", plain(line)));
        }
    }
}

fn entity(entity: &Value) -> String {
    let kind = entity.str_at(&["kind"]).unwrap_or_default();
    let name = entity
        .str_at(&["properties", "friendlyName"])
        .or_else(|| entity.str_at(&["name"]))
        .unwrap_or_default();
    format!("{kind} {name}")
}

async fn create(arguments: &Create) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let body = match &arguments.file {
        Some(file) => crate::input::value(file)?,
        None => body(arguments),
    };
    let workspace = arguments.workspace.find(&client).await?;
    let incident = put(&client, &workspace, &body).await?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&incident)),
        Format::Text => output::line(format_args!("incident {} created", number(&incident))),
    }
    Ok(Exit::Done)
}

fn body(arguments: &Create) -> Value {
    let mut properties = Object::new();
    properties.insert("title", arguments.title.as_deref().unwrap_or_default());
    properties.insert("severity", arguments.severity.as_str());
    properties.insert("status", "New");
    if let Some(description) = &arguments.description {
        properties.insert("description", description.as_str());
    }
    if !arguments.labels.is_empty() {
        let label = |label: &String| Value::object([("labelName", Value::from(label))]);
        properties.insert("labels", Value::array(arguments.labels.iter().map(label)));
    }
    Value::object([("properties", Value::from(properties))])
}

/// Creates an incident under a new GUID.
async fn put(client: &Client, workspace: &Workspace, body: &Value) -> Result<Value, Problem> {
    let name = uuid::Uuid::new_v4();
    client.put(&workspace.azure(&format!("incidents/{name}"), ""), body).await
}
