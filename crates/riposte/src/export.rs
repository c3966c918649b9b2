//! `riposte export`: what a server holds, as ARM templates.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, plain};
use crate::workspace::WorkspaceArguments;
use clap::{Args, ValueEnum};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value, json};
use std::path::{Component, Path, PathBuf};

/// Export rules, watchlists, playbooks and connections as ARM templates that import again, here or elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte export soc/ --workspace main
  riposte export escalate.json --kind automation-rules --name \"Escalate admins\"
  riposte export --kind playbooks > playbooks.json

A folder gets a file for each resource, to be kept under version control and
imported with `riposte import soc/ --prune --plan`. A path that ends in .json,
or none, gets one template with all of them. The templates name no
subscription, resource group or workspace, so that they can be deployed
elsewhere, to Azure too. Credentials and secure parameters are never exported.")]
pub struct Arguments {
    /// A folder, or a file that ends in .json; without it the template is printed.
    #[arg(value_name = "PATH")]
    to: Option<PathBuf>,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    /// The resource group of playbooks and connections; without it the workspace's.
    #[arg(long, value_name = "NAME")]
    resource_group: Option<String>,
    /// Which kinds of resources; all without it.
    #[arg(long = "kind", value_enum, value_name = "KIND")]
    kinds: Vec<Kind>,
    /// Which resources, by name or display name; all without it.
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Leave out what Azure does not know.
    #[arg(long)]
    strict: bool,
    /// How it is told what was written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// A kind of resource.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    AutomationRules,
    AlertAutomationRules,
    AnalyticsRules,
    Watchlists,
    Playbooks,
    Connections,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::AutomationRules => "automationRules",
            Self::AlertAutomationRules => "alertAutomationRules",
            Self::AnalyticsRules => "analyticsRules",
            Self::Watchlists => "watchlists",
            Self::Playbooks => "playbooks",
            Self::Connections => "connections",
        }
    }
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let answer = client::block_on(async {
        let workspace = arguments.workspace.find(&client).await?;
        client.get(&workspace.own(&format!("export?{}", query(arguments)))).await
    })?;
    let files = answer.get("files").and_then(Value::as_array).unwrap_or_default();
    for diagnostic in answer.get("diagnostics").and_then(Value::as_array).unwrap_or_default() {
        if let Ok(diagnostic) = serde_json::from_str::<Diagnostic>(&json::to_string(diagnostic)) {
            output::diagnose(&[diagnostic]);
        }
    }
    if files.is_empty() {
        let message = "there is nothing to export";
        return Err(Problem::failed(Diagnostic::error("NothingToExport", message)));
    }
    for file in files {
        for diagnostic in file.get("diagnostics").and_then(Value::as_array).unwrap_or_default() {
            if let Ok(diagnostic) = serde_json::from_str::<Diagnostic>(&json::to_string(diagnostic)) {
                output::diagnose(&[diagnostic.in_file(plain(name_of(file)))]);
            }
        }
    }
    match &arguments.to {
        None => output::line(json::to_string_pretty(&together(files))),
        Some(path) if path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")) => {
            write(path, &together(files))?;
            tell(arguments.format, std::slice::from_ref(path));
        }
        Some(folder) => {
            let mut written = Vec::new();
            for file in files {
                let path = folder.join(below(name_of(file))?);
                write(&path, file.get("template").unwrap_or(&Value::Null))?;
                written.push(path);
            }
            if arguments.kinds.is_empty() && arguments.names.is_empty() {
                see_to_others(folder, &written, files)?;
            }
            tell(arguments.format, &written);
        }
    }
    Ok(Exit::Done)
}

fn query(arguments: &Arguments) -> String {
    let mut pairs = Vec::new();
    pairs.extend(arguments.kinds.iter().map(|kind| format!("kind={}", kind.as_str())));
    pairs.extend(arguments.names.iter().map(|name| format!("name={}", client::escape(name))));
    if let Some(group) = &arguments.resource_group {
        pairs.push(format!("resourceGroup={}", client::escape(group)));
    }
    if arguments.strict {
        pairs.push("strict=true".to_owned());
    }
    pairs.join("&")
}

fn name_of(file: &Value) -> &str {
    file.str_at(&["name"]).unwrap_or_default()
}

/// The path of a file below the folder. A server does not get to write elsewhere.
fn below(name: &str) -> Result<&Path, Problem> {
    let path = Path::new(name);
    if !name.is_empty() && path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    let message = format!("the server names a file `{}`", plain(name));
    Err(Problem::failed(Diagnostic::error("UnexpectedAnswer", message)))
}

/// All templates as one.
fn together(files: &[Value]) -> Value {
    let templates = || files.iter().filter_map(|file| file.get("template"));
    let mut whole = templates().next().and_then(Value::as_object).cloned().unwrap_or_default();
    let mut parameters = Object::new();
    for declared in templates().filter_map(|template| template.get("parameters")).filter_map(Value::as_object)
    {
        parameters.extend(declared.clone());
    }
    let resources =
        templates().filter_map(|template| template.get("resources")).filter_map(Value::as_array).flatten();
    let resources = Value::array(resources.cloned());
    if !parameters.is_empty() {
        whole.insert("parameters", parameters);
    }
    whole.insert("resources", resources);
    Value::from(whole)
}

fn write(path: &Path, template: &Value) -> Result<(), Problem> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let made = parent.map_or(Ok(()), std::fs::create_dir_all);
    let text = format!("{}\n", json::to_string_pretty(template));
    made.and_then(|()| std::fs::write(path, text)).map_err(|error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        Problem::usage(Diagnostic::error("UnwritableFile", message))
    })
}

/// Files of an earlier export that this one did not write: of a resource that has another file now they are removed, and
/// of one that the server does not hold they are told of.
fn see_to_others(folder: &Path, written: &[PathBuf], files: &[Value]) -> Result<(), Problem> {
    let first = |template: &Value| {
        let resource = template.get("resources").and_then(|list| list.item(0)).cloned().unwrap_or_default();
        (resource.str_at(&["type"]).map(str::to_lowercase), resource.str_at(&["name"]).map(str::to_lowercase))
    };
    let held: Vec<_> = files.iter().filter_map(|file| file.get("template")).map(first).collect();
    let folders: Vec<PathBuf> = Kind::value_variants()
        .iter()
        .map(|kind| folder.join(kind.as_str()))
        .filter(|path| path.is_dir())
        .collect();
    for path in input::json_files(&folders)? {
        if written.contains(&path) {
            continue;
        }
        let other = input::value(&path).map(|template| first(&template)).unwrap_or_default();
        if other.1.is_some() && held.contains(&other) {
            std::fs::remove_file(&path).map_err(|error| {
                let message = format!("cannot remove `{}`: {error}", path.display());
                Problem::usage(Diagnostic::error("UnwritableFile", message))
            })?;
            output::note(format_args!("removed {}: its resource has another file now", path.display()));
        } else {
            output::note(format_args!("{} is of nothing that the server holds", path.display()));
        }
    }
    Ok(())
}

fn tell(format: Format, written: &[PathBuf]) {
    match format {
        Format::Text => {
            for path in written {
                output::line(path.display());
            }
        }
        Format::Json => {
            let files = written.iter().map(|path| Value::from(path.display().to_string()));
            output::line(json::to_string(&Value::object([("files", Value::array(files))])));
        }
    }
}
