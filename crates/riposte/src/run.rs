//! `riposte run`: runs of playbooks on a server.

use crate::client::{self, API_VERSION, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format, Style, paint, plain};
use crate::{table, timing, tree};
use clap::{Args, Subcommand};
use riposte_diagnostic::{Diagnostic, nearest};
use riposte_value::{Value, json};

/// See the runs of playbooks.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List runs, the newest first.
    #[command(after_help = "Example:\n  riposte run list --top 5")]
    List(List),
    /// Show a run as a tree: each action with status, code and duration.
    #[command(after_help = "Examples:
  riposte run show 08584…
  riposte run show 08584… --action Get_report")]
    Show(Show),
}

/// Arguments of `run list`.
#[derive(Debug, Args)]
pub struct List {
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 20)]
    top: usize,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `run show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The run's id.
    run: String,
    /// Show the inputs and outputs of this action.
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    match command {
        Command::List(arguments) => client::block_on(list(arguments)),
        Command::Show(arguments) => client::block_on(show(arguments)),
    }
}

async fn list(arguments: &List) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let runs = client.list(&format!("/api/runs?top={}", arguments.top.clamp(1, 1000)), arguments.top).await?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&Value::object([("value", Value::from(runs))]))),
        Format::Text => {
            let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
            table::print(&["RUN", "PLAYBOOK", "STATUS", "STARTED", "DURATION"], &rows, "no runs");
        }
    }
    Ok(Exit::Done)
}

fn row(run: &Value) -> Vec<String> {
    let text = |name: &str| run.at(&["properties"]).and_then(|p| p.str_at(&[name])).unwrap_or_default();
    vec![
        run.str_at(&["name"]).unwrap_or_default().to_owned(),
        playbook(run).to_owned(),
        text("status").to_owned(),
        timing::moment(text("startTime")),
        timing::between(text("startTime"), text("endTime")).unwrap_or_default(),
    ]
}

/// The playbook's name, from the run's id (`…/workflows/{name}/runs/{run}`).
fn playbook(run: &Value) -> &str {
    let mut segments = run.str_at(&["id"]).unwrap_or_default().split('/');
    segments.find(|segment| segment.eq_ignore_ascii_case("workflows"));
    segments.next().unwrap_or_default()
}

async fn show(arguments: &Show) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let run = client.get(&format!("/api/runs/{}", client::escape(&arguments.run))).await?;
    let actions = run.at(&["properties", "actions"]).and_then(Value::as_array).unwrap_or_default();
    if let Some(wanted) = &arguments.action {
        return show_action(actions, wanted, arguments.format);
    }
    match arguments.format {
        Format::Json => output::line(json::to_string(&run)),
        Format::Text => {
            let definition = definition(&client, &run).await;
            describe(&run);
            let colour = output::colours(&std::io::stdout());
            tree::lines(colour, actions, definition.as_ref()).into_iter().for_each(output::line);
        }
    }
    Ok(Exit::Done)
}

fn describe(run: &Value) {
    let colour = output::colours(&std::io::stdout());
    let text = |path: &[&str]| run.get("properties").and_then(|p| p.str_at(path)).unwrap_or_default();
    let status = text(&["status"]);
    let took = timing::between(text(&["startTime"]), text(&["endTime"]));
    let took = took.map_or_else(String::new, |took| format!(" in {took}"));
    let name = run.str_at(&["name"]).unwrap_or_default();
    let title = format!("{} run {name}", playbook(run));
    output::line(format_args!(
        "{}  {}{took}  {}",
        paint(colour, Style::Bold, &plain(&title)),
        paint(colour, tree::style(status), status),
        paint(colour, Style::Dim, &timing::moment(text(&["startTime"])))
    ));
    let error = text(&["error", "message"]);
    if !error.is_empty() {
        output::line(format_args!("{}: {}", text(&["error", "code"]), plain(error)));
    }
}

/// The definition by which the actions nest. Whoever may read runs but not playbooks sees the tree by loops alone.
async fn definition(client: &Client, run: &Value) -> Option<Value> {
    let id = run.str_at(&["id"])?;
    let end = id.to_lowercase().rfind("/runs/")?;
    let path = format!("{}?api-version={API_VERSION}", id.get(..end)?);
    let playbook = client.get(&path).await.ok()?;
    playbook.at(&["properties", "definition"]).cloned()
}

fn show_action(actions: &[Value], wanted: &str, format: Format) -> Outcome {
    let name = |action: &Value| action.str_at(&["name"]).unwrap_or_default().to_owned();
    let found: Vec<&Value> =
        actions.iter().filter(|action| name(action).eq_ignore_ascii_case(wanted)).collect();
    if found.is_empty() {
        let names: Vec<String> = actions.iter().map(name).collect();
        let unknown = Diagnostic::error("ActionNotFound", format!("the run has no action `{wanted}`"));
        return Err(Problem::failed(match nearest(wanted, names.iter().map(String::as_str)) {
            Some(near) => unknown.help(format!("did you mean `{near}`?")),
            None => unknown,
        }));
    }
    if format == Format::Json {
        output::line(json::to_string(&Value::object([("value", Value::array(found.into_iter().cloned()))])));
        return Ok(Exit::Done);
    }
    let colour = output::colours(&std::io::stdout());
    for action in found {
        output::line(tree::alone(colour, action));
        for part in ["inputs", "outputs"] {
            if let Some(value) = action.get(part) {
                output::line(format_args!(
                    "{}\n{}",
                    paint(colour, Style::Bold, part),
                    json::to_string_pretty(value)
                ));
            }
        }
    }
    Ok(Exit::Done)
}
