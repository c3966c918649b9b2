//! `riposte workspace`: the workspaces of a server, and which of them a command means.

use crate::client::{self, API_VERSION, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format};
use crate::table;
use clap::{Args, Subcommand};
use riposte_diagnostic::{Diagnostic, nearest};
use riposte_value::{Value, json};

/// See the workspaces of a server.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the workspaces.
    #[command(after_help = "Example:\n  riposte workspace list --format json")]
    List(List),
}

/// Arguments of `workspace list`.
#[derive(Debug, Args)]
pub struct List {
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Which workspace a command is about.
#[derive(Debug, Args)]
pub struct WorkspaceArguments {
    /// The workspace, by name or GUID; not needed where there is only one.
    #[arg(long, value_name = "NAME", env = "RIPOSTE_WORKSPACE")]
    workspace: Option<String>,
}

/// A workspace of a server.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its GUID.
    pub guid: String,
}

impl Workspace {
    fn read(resource: &Value) -> Self {
        let text = |path: &[&str]| resource.str_at(path).unwrap_or_default().to_owned();
        Self { id: text(&["id"]), name: text(&["name"]), guid: text(&["properties", "customerId"]) }
    }

    /// The path of something in it that Azure has a path for, such as `incidents`.
    pub fn azure(&self, path: &str, query: &str) -> String {
        let more = if query.is_empty() { String::new() } else { format!("&{query}") };
        format!("{}/providers/Microsoft.SecurityInsights/{path}?api-version={API_VERSION}{more}", self.id)
    }

    /// The path of something in it that Azure has no path for, such as `alerts`.
    pub fn own(&self, path: &str) -> String {
        format!("/api/workspaces/{}/{path}", client::escape(&self.guid))
    }
}

impl WorkspaceArguments {
    /// Finds the workspace on the server.
    pub async fn find(&self, client: &Client) -> Result<Workspace, Problem> {
        let all = all(client).await?;
        let names = || all.iter().map(|workspace| workspace.name.as_str());
        let Some(wanted) = &self.workspace else { return only(&all) };
        let fits = |workspace: &&Workspace| {
            [&workspace.name, &workspace.guid, &workspace.id]
                .iter()
                .any(|held| held.eq_ignore_ascii_case(wanted))
        };
        let found: Vec<&Workspace> = all.iter().filter(fits).collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => {
                let unknown =
                    Diagnostic::error("WorkspaceNotFound", format!("there is no workspace `{wanted}`"));
                let near = nearest(wanted, names());
                Err(Problem::failed(match near {
                    Some(near) => unknown.help(format!("did you mean `{near}`?")),
                    None => unknown.help("`riposte workspace list` shows them"),
                }))
            }
            several => {
                let guids: Vec<&str> = several.iter().map(|workspace| workspace.guid.as_str()).collect();
                let message = format!("several workspaces are named `{wanted}`");
                Err(Problem::usage(
                    Diagnostic::error("AmbiguousWorkspace", message)
                        .help(format!("name it by its GUID: {}", guids.join(", "))),
                ))
            }
        }
    }
}

/// The only workspace there is.
fn only(all: &[Workspace]) -> Result<Workspace, Problem> {
    match all {
        [one] => Ok(one.clone()),
        [] => Err(Problem::failed(Diagnostic::error("NoWorkspace", "the server has no workspace yet").help(
            "import something into one: riposte import PATH --subscription S --resource-group G --workspace W",
        ))),
        _ => Err(Problem::usage(
            Diagnostic::error("AmbiguousWorkspace", "the server has several workspaces")
                .help(format!("name one with --workspace: {}", choices(all).join(", "))),
        )),
    }
}

/// By what each can be named: its name, and its GUID where others have that name too.
fn choices(all: &[Workspace]) -> Vec<String> {
    let named = |name: &str| all.iter().filter(|other| other.name.eq_ignore_ascii_case(name)).count();
    let choice = |workspace: &Workspace| match named(&workspace.name) {
        1 => workspace.name.clone(),
        _ => format!("{} ({})", workspace.guid, workspace.name),
    };
    all.iter().map(choice).collect()
}

async fn all(client: &Client) -> Result<Vec<Workspace>, Problem> {
    let list = client.list("/api/workspaces", usize::MAX).await?;
    Ok(list.iter().map(Workspace::read).collect())
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    let Command::List(arguments) = command;
    let client = Client::new(&arguments.server)?;
    let list = client::block_on(client.list("/api/workspaces", usize::MAX))?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&Value::object([("value", Value::from(list))]))),
        Format::Text => {
            let rows: Vec<Vec<String>> = list
                .iter()
                .map(Workspace::read)
                .map(|workspace| vec![workspace.name, workspace.guid, workspace.id])
                .collect();
            table::print(&["NAME", "GUID", "ID"], &rows, "no workspaces yet");
        }
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_names_repeat_the_guid_chooses() {
        let workspace = |name: &str, guid: &str| Workspace {
            id: format!("/w/{name}"),
            name: name.to_owned(),
            guid: guid.to_owned(),
        };
        let all = [workspace("w1", "g-1"), workspace("W1", "g-2"), workspace("w2", "g-3")];
        assert_eq!(choices(&all), ["g-1 (w1)", "g-2 (W1)", "w2"]);
        let help = only(&all).unwrap_err().diagnostics.remove(0).help;
        assert_eq!(help.as_deref(), Some("name one with --workspace: g-1 (w1), g-2 (W1), w2"));
    }
}
