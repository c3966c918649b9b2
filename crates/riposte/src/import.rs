//! `riposte import`: ARM templates into a running server.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint, plain};
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value, json};
use std::path::{Path, PathBuf};

/// Import playbooks, connections and automation rules from ARM templates, unmodified.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte import playbooks/ --resource-group soc --workspace main
  riposte import azuredeploy.json --param PlaybookName=Enrich-IP --plan
  riposte import azuredeploy.json --parameters azuredeploy.parameters.json
  riposte import soc/ --prune --plan
  riposte import soc/ --prune --grant-automation

Folders are walked for *.json. Without a placement the server's default
workspace is taken. With --plan every change is told, value by value, and
nothing is done. With --prune the import is applied whole or not at all. Exit
code 1 says that a resource failed or was imported disabled; what is wrong with
it stands below it.")]
pub struct Arguments {
    /// Files and folders with ARM templates or bare definitions.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The subscription to import into.
    #[arg(long, value_name = "GUID")]
    subscription: Option<String>,
    /// The resource group to import into.
    #[arg(long, value_name = "NAME")]
    resource_group: Option<String>,
    /// The workspace of automation rules.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// A file of template parameters, as Azure's deployments take it.
    #[arg(long = "parameters", value_name = "FILE")]
    parameters_file: Option<PathBuf>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    plan: bool,
    /// Remove what no file holds: automation rules of the workspace, if a file holds one; playbooks of the resource
    /// group likewise.
    #[arg(long)]
    prune: bool,
    /// Let automation rules start the playbooks of the resource group.
    #[arg(long)]
    grant_automation: bool,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let request = request(arguments)?;
    let client = Client::new(&arguments.server)?;
    let answer = client::block_on(client.post("/api/import", &request))?;
    let resources = answer.get("resources").and_then(Value::as_array).unwrap_or_default();
    match arguments.format {
        Format::Json => output::line(json::to_string(&answer)),
        Format::Text => show(resources, arguments.plan),
    }
    let bad = |resource: &Value| matches!(resource.str_at(&["result"]), Some("disabled" | "failed"));
    Ok(if resources.iter().any(bad) { Exit::Failed } else { Exit::Done })
}

fn request(arguments: &Arguments) -> Result<Value, Problem> {
    let paths = input::json_files(&arguments.paths)?;
    if paths.is_empty() {
        return Err(Problem::usage(Diagnostic::error("NothingToImport", "the folders hold no *.json")));
    }
    let mut files = Vec::new();
    for path in &paths {
        let text = input::text(path)?;
        files.push(Value::object([
            ("name", Value::from(path.display().to_string())),
            ("text", Value::from(text)),
        ]));
    }
    let mut body = Object::new();
    body.insert("files", files);
    let placement = [
        ("subscription", &arguments.subscription),
        ("resourceGroup", &arguments.resource_group),
        ("workspace", &arguments.workspace),
    ];
    for (name, value) in placement {
        if let Some(value) = value {
            body.insert(name, value.as_str());
        }
    }
    body.insert("parameters", parameters(&arguments.parameters, arguments.parameters_file.as_deref())?);
    body.insert("plan", arguments.plan);
    body.insert("prune", arguments.prune);
    body.insert("grantAutomation", arguments.grant_automation);
    Ok(Value::from(body))
}

/// The parameters of the file, and over them those of the command line, which stay text: the reader makes of them what
/// the template asks for.
pub fn parameters(given: &[String], file: Option<&Path>) -> Result<Object, Problem> {
    let mut parameters = Object::new();
    if let Some(file) = file {
        let text = input::text(file)?;
        parameters = riposte_arm::read_parameters(&text).map_err(|diagnostics| {
            let shown = file.display().to_string();
            let diagnostics = diagnostics.into_iter().map(|diagnostic| diagnostic.in_file(&shown)).collect();
            Problem { exit: Exit::Usage, diagnostics }
        })?;
    }
    for text in given {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            let message = format!("`{text}` is no parameter");
            return Err(Problem::usage(
                Diagnostic::error("InvalidParameter", message).help("such as --param PlaybookName=Enrich-IP"),
            ));
        };
        parameters.remove_ignore_case(name.trim());
        parameters.insert(name.trim(), value);
    }
    Ok(parameters)
}

fn show(resources: &[Value], plan: bool) {
    let colour = output::colours(&std::io::stdout());
    if resources.is_empty() {
        output::note("the files hold nothing to import");
    }
    for resource in resources {
        let text = |name: &str| resource.str_at(&[name]).unwrap_or_default();
        let result = text("result");
        let style = match result {
            "created" | "updated" => Style::Green,
            "disabled" | "deleted" => Style::Yellow,
            "failed" => Style::Red,
            _ => Style::Dim,
        };
        let word = paint(colour, style, &format!("{result:<10}"));
        output::line(format_args!("{}{word} {}", if plan { "would be " } else { "" }, plain(text("id"))));
        for change in resource.get("changes").and_then(Value::as_array).unwrap_or_default() {
            output::line(format_args!("  {}", paint(colour, Style::Dim, &told_change(change))));
        }
        let diagnostics = resource.get("diagnostics").and_then(Value::as_array).unwrap_or_default();
        for diagnostic in diagnostics {
            output::line(format_args!("  {}", told(diagnostic)));
        }
    }
}

/// How much of a value is shown of a change, in characters.
const CHANGE_WIDTH: usize = 60;

/// `properties.order: 1 → 2`.
fn told_change(change: &Value) -> String {
    let side = |name: &str| match change.get(name) {
        None => "–".to_owned(),
        Some(value) => output::cut(&plain(&json::to_string(value)), CHANGE_WIDTH),
    };
    let path = plain(change.str_at(&["path"]).unwrap_or_default());
    format!("{path}: {} → {}", side("before"), side("after"))
}

/// A diagnostic as the server wrote it.
fn told(diagnostic: &Value) -> String {
    match serde_json::from_str::<Diagnostic>(&json::to_string(diagnostic)) {
        Ok(diagnostic) => diagnostic.to_string().replace('\n', "\n  "),
        Err(_) => plain(&json::to_string(diagnostic)),
    }
}
