//! `riposte service-principal`: programs that sign in with a client id and a secret.
//!
//! A secret is printed once, on stdout, by the command that makes it; it is no argument, and nothing else shows it.

use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format, plain};
use crate::{table, timing};
use clap::{Args, Subcommand};
use riposte_diagnostic::{Diagnostic, nearest};
use riposte_value::{Object, Value, json};

/// The version that the authorization service is asked in.
const API_VERSION: &str = "2022-04-01";
const PATH: &str = "/api/servicePrincipals";

/// Register programs that sign in with a client id and a secret.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List service principals.
    #[command(after_help = "Example:\n  riposte service-principal list --format json")]
    List(List),
    /// Register a program, and print its secret, which is not shown again.
    #[command(after_help = "Examples:
  riposte service-principal create pipeline
  riposte service-principal create pipeline --role \"Logic App Contributor\" \\
      --role \"Microsoft Sentinel Contributor\" \\
      --scope /subscriptions/S/resourceGroups/soc")]
    Create(Create),
    /// Make another secret, and print it; with --remove-old the earlier ones end.
    #[command(after_help = "Examples:
  riposte service-principal rotate 0d5c…
  riposte service-principal rotate 0d5c… --remove-old")]
    Rotate(Rotate),
    /// Remove a program; its tokens end at once.
    #[command(after_help = "Example:\n  riposte service-principal remove 0d5c…")]
    Remove(Remove),
}

/// Arguments of `service-principal list`.
#[derive(Debug, Args)]
pub struct List {
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `service-principal create`.
#[derive(Debug, Args)]
pub struct Create {
    /// What people call it.
    name: String,
    /// A role to give it at the scope, by name or GUID; may be given several times.
    #[arg(long = "role", value_name = "ROLE", requires = "scope")]
    roles: Vec<String>,
    /// Where the roles hold: the ARM id of a resource group, a workspace, ….
    #[arg(long, value_name = "ID", requires = "roles")]
    scope: Option<String>,
    /// When the secret ends; a year from now unless given.
    #[arg(long, value_name = "TIME")]
    expires: Option<jiff::Timestamp>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `service-principal rotate`.
#[derive(Debug, Args)]
pub struct Rotate {
    /// The object id or the client id.
    id: String,
    /// Remove the secrets that it had before.
    #[arg(long)]
    remove_old: bool,
    /// When the secret ends; a year from now unless given.
    #[arg(long, value_name = "TIME")]
    expires: Option<jiff::Timestamp>,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    server: ServerArguments,
}

/// Arguments of `service-principal remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// The object id or the client id.
    id: String,
    #[command(flatten)]
    server: ServerArguments,
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    match command {
        Command::List(arguments) => client::block_on(list(arguments)),
        Command::Create(arguments) => client::block_on(create(arguments)),
        Command::Rotate(arguments) => client::block_on(rotate(arguments)),
        Command::Remove(arguments) => client::block_on(remove(arguments)),
    }
}

async fn list(arguments: &List) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let all = client.list(PATH, usize::MAX).await?;
    match arguments.format {
        Format::Json => output::line(json::to_string(&Value::object([("value", Value::from(all))]))),
        Format::Text => {
            let rows: Vec<Vec<String>> = all.iter().map(row).collect();
            table::print(
                &["ID", "CLIENT ID", "NAME", "SECRETS", "LAST ENDS"],
                &rows,
                "no service principals",
            );
        }
    }
    Ok(Exit::Done)
}

fn row(principal: &Value) -> Vec<String> {
    let text = |name: &str| principal.str_at(&[name]).unwrap_or_default().to_owned();
    let ends = secrets_of(principal).filter_map(|secret| secret.str_at(&["endDateTime"]));
    let (count, last) = (secrets_of(principal).count(), ends.max().map(timing::moment));
    vec![text("id"), text("appId"), text("displayName"), count.to_string(), last.unwrap_or_default()]
}

fn secrets_of(principal: &Value) -> impl Iterator<Item = &Value> {
    principal.get("passwordCredentials").and_then(Value::as_array).unwrap_or_default().iter()
}

async fn create(arguments: &Create) -> Outcome {
    let client = Client::new(&arguments.server)?;
    // What is not there is told before anything is made.
    let scope = arguments.scope.as_deref().unwrap_or_default().trim_end_matches('/');
    let mut roles = Vec::with_capacity(arguments.roles.len());
    if !arguments.roles.is_empty() {
        let path =
            format!("{scope}/providers/Microsoft.Authorization/roleDefinitions?api-version={API_VERSION}");
        let known = client.list(&path, usize::MAX).await?;
        for wanted in &arguments.roles {
            roles.push(role_of(&known, wanted)?);
        }
    }
    let mut body = wanted(arguments.expires);
    body.insert("displayName", arguments.name.as_str());
    let made = client.post(PATH, &Value::from(body)).await?;
    // First, so that the secret is not lost where a role is refused.
    show_secret(&made, arguments.format);
    for role in roles {
        let name = uuid::Uuid::new_v4();
        let path = format!(
            "{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?api-version={API_VERSION}"
        );
        let properties = Value::object([
            ("principalId", Value::from(made.str_at(&["id"]).unwrap_or_default())),
            ("principalType", Value::from("ServicePrincipal")),
            ("roleDefinitionId", Value::from(role)),
        ]);
        client.put(&path, &Value::object([("properties", properties)])).await?;
    }
    Ok(Exit::Done)
}

/// The id of the role of a name or GUID.
fn role_of(known: &[Value], wanted: &str) -> Result<String, Problem> {
    let name = |role: &Value| role.str_at(&["properties", "roleName"]).unwrap_or_default().to_owned();
    let is_it = |role: &&Value| {
        name(role).eq_ignore_ascii_case(wanted)
            || role.str_at(&["name"]).is_some_and(|guid| guid.eq_ignore_ascii_case(wanted))
    };
    if let Some(role) = known.iter().find(is_it) {
        return Ok(role.str_at(&["id"]).unwrap_or_default().to_owned());
    }
    let names: Vec<String> = known.iter().map(name).collect();
    let unknown = Diagnostic::error("RoleNotFound", format!("there is no role `{wanted}`"));
    Err(Problem::usage(match nearest(wanted, names.iter().map(String::as_str)) {
        Some(near) => unknown.help(format!("did you mean `{near}`?")),
        None => unknown.help(format!("the roles are {}", names.join(", "))),
    }))
}

async fn rotate(arguments: &Rotate) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let path = format!("{PATH}/{}", client::escape(&arguments.id));
    let before = client.get(&path).await?;
    let made = client.post(&format!("{path}/secrets"), &Value::from(wanted(arguments.expires))).await?;
    // First, so that the program is not locked out where a removal fails.
    let mut shown = Object::new();
    for name in ["id", "appId", "displayName"] {
        shown.insert(name, before.get(name).cloned().unwrap_or_default());
    }
    for name in ["secretKeyId", "secretText", "endDateTime"] {
        shown.insert(name, made.get(name).cloned().unwrap_or_default());
    }
    show_secret(&Value::from(shown), arguments.format);
    let old: Vec<&str> = secrets_of(&before).filter_map(|secret| secret.str_at(&["keyId"])).collect();
    if !arguments.remove_old {
        if !old.is_empty() {
            let count = old.len();
            output::note(format_args!("earlier secrets still count: {count}; --remove-old removes them"));
        }
        return Ok(Exit::Done);
    }
    for key in old {
        client.delete(&format!("{path}/secrets/{}", client::escape(key))).await?;
    }
    Ok(Exit::Done)
}

async fn remove(arguments: &Remove) -> Outcome {
    let client = Client::new(&arguments.server)?;
    let path = format!("{PATH}/{}", client::escape(&arguments.id));
    // What is not there is told.
    let known = client.get(&path).await?;
    client.delete(&path).await?;
    output::note(format_args!("removed {}", plain(known.str_at(&["displayName"]).unwrap_or_default())));
    Ok(Exit::Done)
}

/// What a body asks of a new secret.
fn wanted(expires: Option<jiff::Timestamp>) -> Object {
    let mut body = Object::new();
    if let Some(expires) = expires {
        body.insert("endDateTime", expires.to_string());
    }
    body
}

/// Prints what was made, the secret with it: the only time that it is shown.
fn show_secret(made: &Value, format: Format) {
    if format == Format::Json {
        return output::line(json::to_string(made));
    }
    let lines =
        [("name", "displayName"), ("object id", "id"), ("client id", "appId"), ("secret", "secretText")];
    for (label, name) in lines {
        output::line(format_args!("{label:<12} {}", plain(made.str_at(&[name]).unwrap_or_default())));
    }
    output::note("the secret is not shown again");
}
