//! `riposte rule backtest`: rules tried on the incidents or alerts that a server has on record.

mod pages;

use super::{read, refuse_unusable};
use crate::client::{self, Client, ServerArguments};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format, Style, paint, plain};
use crate::workspace::WorkspaceArguments;
use crate::{table, timing};
use clap::Args;
use jiff::Timestamp;
use pages::Pages;
use riposte_value::{Object, Text, Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Try automation rules on the incidents or alerts on record, without changing anything.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte rule backtest rule.json
  riposte rule backtest rule.json --from 2026-11-01T00:00:00Z --format json

Tells which incidents of the window the rule would have matched and why, what
each action would have changed, which playbooks would have run, and where it
would have overridden a person's decision: marked `!`. A rule on alerts is
tried on alerts, one on updates on each change of an incident. Everything in
the window is tried; how far it has come is told on stderr when it takes long,
and of the matches the latest 1000 are listed. The rule need not be on the
server, and may be turned off. Nothing is changed. With --format json there is
one object a line for each rule. Exit code 1 says that no rule matched, 2 that
the file holds no usable rule.")]
pub struct Arguments {
    /// A file with automation rules.
    file: PathBuf,
    /// Where the window begins [default: a week before its end].
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    from: Option<Timestamp>,
    /// Where it ends [default: now].
    #[arg(long, value_name = "TIME", value_parser = point_in_time)]
    to: Option<Timestamp>,
    /// How many incidents or alerts the server looks at in one answer.
    #[arg(long, value_name = "COUNT", default_value_t = 2_000, hide = true)]
    at_a_time: u32,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    workspace: WorkspaceArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// A time, or a date alone.
fn point_in_time(text: &str) -> Result<Timestamp, String> {
    riposte_incident::parse_time(text)
        .ok_or_else(|| "write it as `2026-01-31T08:00:00Z`, or as a date alone".to_owned())
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    client::block_on(backtest(arguments))
}

async fn backtest(arguments: &Arguments) -> Outcome {
    let parameters = crate::import::parameters(&arguments.parameters, None)?;
    let (source, rules) = read(&arguments.file, &parameters)?;
    refuse_unusable(&arguments.file, &source, &rules, arguments.format)?;
    output::diagnose(&source.diagnostics);
    let client = Client::new(&arguments.server)?;
    let workspace = arguments.workspace.find(&client).await?;
    // The same window for every page and rule, however long it takes.
    let to = arguments.to.unwrap_or_else(Timestamp::now);
    let time = |time: Option<Timestamp>| Value::from(time.map(|time| time.to_string()));
    let mut matched = false;
    for rule in &rules {
        let body = Object::from_iter([
            (
                Text::new_static("rule"),
                Value::object([
                    ("name", Value::from(&rule.name)),
                    ("properties", rule.to_arm_properties(None)),
                ]),
            ),
            (Text::new_static("from"), time(arguments.from)),
            (Text::new_static("to"), time(Some(to))),
            (Text::new_static("top"), Value::from(arguments.at_a_time)),
        ]);
        let answer = whole(&client, &workspace.own("automationRules/backtest"), body).await?;
        matched |= answer.get("matched").and_then(Value::as_i64).unwrap_or(0) > 0;
        match arguments.format {
            Format::Json => output::line(json::to_string(&answer)),
            Format::Text => show(&answer),
        }
    }
    Ok(if matched { Exit::Done } else { Exit::Failed })
}

/// How long it may take before it is told how far it has come, and then each time.
const PATIENCE: Duration = Duration::from_secs(2);

/// The answer of all pages together.
async fn whole(client: &Client, path: &str, mut body: Object) -> Result<Value, Problem> {
    let mut pages = Pages::default();
    let mut told = Instant::now();
    loop {
        let page = client.post(path, &Value::from(body.clone())).await?;
        let rest = page.str_at(&["skipToken"]).map(str::to_owned);
        let back_to = page.str_at(&["lookedBackTo"]).map(timing::moment).unwrap_or_default();
        pages.add(&page);
        let Some(rest) = rest else { return Ok(pages.together()) };
        if told.elapsed() >= PATIENCE {
            told = Instant::now();
            let read = pages.sum("read");
            output::note(plain(&format!(
                "{read} looked at, back to {back_to}; {} matched",
                pages.sum("matched")
            )));
        }
        body.insert("skipToken", rest);
    }
}

fn show(answer: &Value) {
    let colour = output::colours(&std::io::stdout());
    let text = |name: &str| answer.str_at(&[name]).unwrap_or_default();
    let count = |name: &str| answer.get(name).and_then(Value::as_i64).unwrap_or(0);
    let title = paint(colour, Style::Bold, &plain(text("displayName")));
    let of_what = match (text("triggersOn"), text("triggersWhen")) {
        ("Alerts", _) => "alerts",
        (_, "Updated") => "changes of incidents",
        _ => "incidents",
    };
    let of_people = match count("overridden") {
        0 => "would have overridden no person's decision".to_owned(),
        1 => "would have overridden a person's decision once".to_owned(),
        times => format!("would have overridden persons' decisions {times} times"),
    };
    output::line(format_args!(
        "{title}  matched {} of {} {of_what}, {of_people}",
        count("matched"),
        count("evaluated")
    ));
    output::line(format_args!("{} to {}", timing::moment(text("from")), timing::moment(text("to"))));
    let list = |name: &str| answer.get(name).and_then(Value::as_array).unwrap_or_default().to_vec();
    let rows: Vec<Vec<String>> = list("matches").iter().map(row).collect();
    table::print(&["", "NUMBER", "TIME", "TITLE", "WHY", "WOULD"], &rows, "no matches");
    for one in &list("matches") {
        for decision in one.get("overrides").and_then(Value::as_array).unwrap_or_default() {
            output::line(format_args!("! {}", plain(&overridden(one, decision))));
        }
    }
    for playbook in &list("playbooks") {
        let id = playbook.str_at(&["id"]).unwrap_or_default();
        let runs = playbook.get("runs").and_then(Value::as_i64).unwrap_or(0);
        let why = playbook.str_at(&["wouldFail"]).map(|why| format!(": {why}")).unwrap_or_default();
        output::line(plain(&format!(
            "playbook {} would have been started {runs} times{why}",
            id.rsplit('/').next().unwrap_or_default()
        )));
    }
    for decided in &list("notMatchedBy") {
        let condition = decided.str_at(&["condition"]).unwrap_or_default();
        let times = decided.get("count").and_then(Value::as_i64).unwrap_or(0);
        output::line(plain(&format!("{times} not matched: {condition}")));
    }
    for told in list("basedOn").iter().filter_map(Value::as_str) {
        output::note(told);
    }
}

fn row(one: &Value) -> Vec<String> {
    let text = |name: &str| one.str_at(&[name]).unwrap_or_default();
    let actions = one.get("actions").and_then(Value::as_array).unwrap_or_default();
    let would: Vec<&str> = actions.iter().filter_map(|action| action.str_at(&["text"])).collect();
    let overrides = one.get("overrides").and_then(Value::as_array).unwrap_or_default();
    let number = one.get("incidentNumber").and_then(Value::as_i64);
    vec![
        if overrides.is_empty() { String::new() } else { "!".to_owned() },
        number.map_or_else(|| text("alert").to_owned(), |number| number.to_string()),
        timing::moment(text("time")),
        output::cut(text("title"), 40),
        output::cut(text("why"), 60),
        output::cut(&would.join("; "), 80),
    ]
}

/// `incident 7: severity would be High, ana set Low after`
fn overridden(one: &Value, decision: &Value) -> String {
    let text = |name: &str| decision.str_at(&[name]).unwrap_or_default();
    let shown = |name: &str| match decision.get(name) {
        Some(Value::String(text)) => text.to_string(),
        Some(Value::Null) | None => "none".to_owned(),
        Some(owner) => ["userPrincipalName", "email", "assignedTo", "objectId", "upn"]
            .iter()
            .find_map(|name| owner.str_at(&[*name]))
            .map_or_else(|| owner.to_string(), str::to_owned),
    };
    let number = one.get("incidentNumber").and_then(Value::as_i64).unwrap_or(0);
    format!(
        "incident {number}: {} would be {}; {} decided {} {} ({})",
        text("property"),
        shown("would"),
        text("person"),
        shown("decided"),
        text("when"),
        timing::moment(text("time"))
    )
}
