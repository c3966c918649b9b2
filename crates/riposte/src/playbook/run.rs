//! `riposte playbook run`: runs one playbook here and now, without a server.

use super::mock::{Auto, Mocks};
use super::play::{Journal, play_really, play_virtually};
use super::sample::World;
use super::source::{Source, Workflow};
use super::start::{Payload, Starter};
use super::vendors::{self, Vendors};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint, plain};
use crate::{timing, tree};
use clap::Args;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors, nearest};
use riposte_value::{Object, Value, json};
use riposte_workflow::{Program, RunStart, Status};
use std::path::PathBuf;

/// The id of a run without a server. It decides, with --seed, everything random, so that a run can be repeated.
pub const RUN_ID: &str = "08584000000000000000000000000CU00";

/// Run a playbook here and now, without a server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte playbook run azuredeploy.json --trigger auto --mock auto
  riposte playbook run playbook.json --trigger incident.json --mock mock.json
  riposte playbook run azuredeploy.json --trigger auto --connections keys.json

With --mock nothing leaves the process and delays take no time. `--mock auto`
answers every outside call with a plausible success. A mock file (JSON or YAML)
names answers by action, or by method and address (`*` stands for any text):
  {
    \"actions\": {
      \"Get_report\": {\"status\": 200, \"headers\": {}, \"body\": {\"score\": 87},
                     \"delay\": \"PT2S\"},
      \"Block\": [{\"status\": 429}, {\"status\": 201}]
    },
    \"calls\": [{\"method\": \"GET\", \"url\": \"https://vendor.example/ip/*\",
               \"answer\": {\"fault\": \"timeout\"}}],
    \"default\": \"auto\"
  }
A list is answered one after the other. Faults: timeout, refused, dns, reset.
`callback` is what an action that waits is called back with. `Get_report[1]` is
the second turn of a loop. A mock that nobody asks and a call that no mock
answers are warned of; `riposte playbook test` takes them for failures, and
`riposte playbook test --reference` describes the whole format.

Without --mock calls go out as RIPOSTE_EGRESS_ALLOW permits, with the values of
--connections:
  {\"virustotal\": {\"api_key\": \"…\"}}
The Sentinel connector always works on the run's own incident, which is shown
as the run left it.")]
pub struct Arguments {
    /// The playbook: an ARM template or a bare definition.
    file: PathBuf,
    /// A file with the trigger's payload, or `auto` for a sample.
    #[arg(long, value_name = "FILE|auto", default_value = "auto")]
    trigger: PathBuf,
    /// A mock file, or `auto`.
    #[arg(long, value_name = "FILE|auto")]
    mock: Option<PathBuf>,
    /// Values of connections, for calls that go out.
    #[arg(long, value_name = "FILE", conflicts_with = "mock")]
    connections: Option<PathBuf>,
    /// Which playbook, where the file has several.
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// A file of template parameters.
    #[arg(long = "parameters", value_name = "FILE")]
    parameters_file: Option<PathBuf>,
    /// When a run with mocks starts; now, unless said.
    #[arg(long, value_name = "TIME", requires = "mock")]
    at: Option<Timestamp>,
    /// What decides everything random in the run.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
    /// How the run is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let parameters = crate::import::parameters(&arguments.parameters, arguments.parameters_file.as_deref())?;
    let text = input::text(&arguments.file)?;
    let source = Source::read(&text, &arguments.file, &parameters);
    let shown = arguments.file.display().to_string();
    let mut diagnostics = source.diagnostics;
    for diagnostic in &mut diagnostics {
        diagnostic.location.file = Some(shown.clone());
    }
    if !source.readable {
        return Err(Problem { exit: Exit::Usage, diagnostics });
    }
    let workflow = chosen(&source.workflows, arguments.workflow.as_deref());
    let Ok((workflow, program)) = workflow else {
        let errors = has_errors(&diagnostics);
        return Err(if errors {
            Problem::all(diagnostics)
        } else {
            workflow.err().unwrap_or_else(|| Problem::all(diagnostics))
        });
    };
    output::diagnose(&diagnostics);
    Trial { arguments, workflow, program }.play(source.made_up)
}

/// The playbook of that name; the only one where no name is given.
pub fn chosen<'a>(
    workflows: &'a [Workflow],
    name: Option<&str>,
) -> Result<(&'a Workflow, &'a Program), Problem> {
    let refuse = |code: &'static str, message: &str| Diagnostic::error(code, message);
    let names: Vec<&str> = workflows.iter().map(Workflow::name).collect();
    let found = match (name, workflows) {
        (_, []) => return Err(Problem::failed(refuse("NoPlaybook", "the file holds no playbook"))),
        (None, [one]) => one,
        (None, _) => {
            let several = refuse("SeveralPlaybooks", "the file holds several playbooks");
            let help = format!("choose one with --workflow: {}", names.join(", "));
            return Err(Problem::usage(several.help(help)));
        }
        (Some(name), _) => {
            let found = workflows.iter().find(|workflow| workflow.name().eq_ignore_ascii_case(name));
            found.ok_or_else(|| {
                let unknown = refuse("NoPlaybook", &format!("the file holds no playbook `{name}`"));
                let near =
                    nearest(name, names.iter().copied()).map_or_else(|| names.join(", "), str::to_owned);
                Problem::usage(unknown.help(format!("it holds: {near}")))
            })?
        }
    };
    let program = found.program.as_ref();
    program
        .map(|program| (found, program))
        .ok_or_else(|| Problem::failed(refuse("InvalidPlaybook", "the playbook has errors")))
}

/// One run of one playbook.
struct Trial<'a> {
    arguments: &'a Arguments,
    workflow: &'a Workflow,
    program: &'a Program,
}

impl Trial<'_> {
    fn play(&self, made_up: Object) -> Outcome {
        let at = self.arguments.at.unwrap_or_else(Timestamp::now);
        let mut world = World::sample(at).map_err(Problem::all)?;
        let payload = match self.arguments.trigger.to_str() {
            Some("auto") => Payload::Auto,
            _ => Payload::Given(input::value(&self.arguments.trigger)?),
        };
        let starter = Starter { workflow: self.workflow, program: self.program, run_id: RUN_ID, at };
        let (start, mut made) = starter.start(payload, &mut world);
        if !made_up.is_empty() {
            made.insert("templateParameters", made_up);
        }
        let connections = start.parameters.get("$connections").cloned().unwrap_or_default();
        let mut auto = Auto::new(self.workflow, world, vendors::apis(&connections));
        let journal = match &self.arguments.mock {
            Some(file) if file.as_os_str() == "auto" => {
                play_virtually(self.program, start, at, self.arguments.seed, &mut auto)
            }
            Some(file) => {
                let (mut mocks, document) = Mocks::read(file, auto)?;
                let journal = play_virtually(self.program, start, at, self.arguments.seed, &mut mocks);
                output::diagnose(&mocks.warnings(&document));
                auto = mocks.into_auto();
                journal
            }
            None => self.play_really(start, &connections, &mut auto)?,
        };
        if !auto.made().is_empty() {
            made.insert("answers", auto.made().to_vec());
        }
        match self.arguments.format {
            Format::Json => output::line(json::to_string(&self.shown(&journal, made, &auto))),
            Format::Text => self.show(&journal, &made, &auto),
        }
        Ok(if journal.status() == Status::Succeeded { Exit::Done } else { Exit::Failed })
    }

    fn play_really(&self, start: RunStart, connections: &Value, auto: &mut Auto) -> Result<Journal, Problem> {
        let run_id = uuid::Uuid::new_v4().to_string();
        let vendors =
            Vendors::new(self.arguments.connections.as_deref(), vendors::apis(connections), &run_id)?;
        let seed = self.arguments.seed;
        Ok(crate::runtime::all_cores()?.block_on(play_really(self.program, start, seed, vendors, auto)))
    }

    fn shown(&self, journal: &Journal, made: Object, auto: &Auto) -> Value {
        let mut shown = Object::new();
        shown.insert("playbook", self.workflow.name());
        shown.extend(journal.shown());
        shown.insert("incident", auto.world().context().to_arm());
        shown.insert("made", made);
        Value::from(shown)
    }

    fn show(&self, journal: &Journal, made: &Object, auto: &Auto) {
        let colour = output::colours(&std::io::stdout());
        for (name, value) in made {
            output::line(paint(colour, Style::Dim, &format!("made up: {name}")));
            match value {
                Value::Array(items) => items.iter().for_each(|item| output::line(json::to_string(item))),
                _ => output::line(json::to_string(value)),
            }
        }
        let records = journal.records();
        let status = journal.status();
        let took = span(&records).map_or_else(String::new, |took| format!(" in {took}"));
        output::line(format_args!(
            "{}  {}{took}",
            paint(colour, Style::Bold, self.workflow.name()),
            paint(colour, tree::style(status.as_str()), status.as_str())
        ));
        if let Some(error) = journal.error() {
            output::line(format_args!("{}: {}", error.code, plain(&error.message)));
        }
        tree::lines(colour, &records, Some(self.workflow.definition())).into_iter().for_each(output::line);
        show_calls(colour, journal.calls());
        show_incident(colour, auto.world());
    }
}

/// From the first start to the last end.
fn span(records: &[Value]) -> Option<String> {
    let times = |name: &'static str| {
        records.iter().filter_map(move |record| record.str_at(&[name])?.parse::<Timestamp>().ok())
    };
    Some(timing::duration(times("startTime").min()?, times("endTime").max()?))
}

fn show_calls(colour: bool, calls: &[Value]) {
    if !calls.is_empty() {
        output::line(format_args!("\n{}", paint(colour, Style::Bold, "Calls")));
    }
    for call in calls {
        let text = |path: &[&str]| plain(call.str_at(path).unwrap_or_default());
        let address = format!("{}{}", text(&["url"]), text(&["path"]));
        let status =
            call.at(&["answer", "status"]).map_or_else(|| text(&["answer", "code"]), ToString::to_string);
        let by = paint(colour, Style::Dim, &format!("({})", text(&["answeredBy"])));
        output::line(format_args!(
            "  {}: {} {address} → {status} {by}",
            text(&["action"]),
            text(&["method"])
        ));
    }
}

fn show_incident(colour: bool, world: &World) {
    if world.comments.is_empty() && world.tasks.is_empty() && world.incident.revision == 1 {
        return;
    }
    let incident = &world.incident;
    output::line(format_args!("\n{}", paint(colour, Style::Bold, "Incident after the run")));
    output::line(format_args!(
        "  {} {}, {}",
        incident.severity.as_str(),
        incident.status.as_str(),
        plain(&incident.title)
    ));
    let labels: Vec<&str> = incident.labels.iter().map(|label| label.name.as_str()).collect();
    if !labels.is_empty() {
        output::line(format_args!("  labels: {}", plain(&labels.join(", "))));
    }
    for comment in &world.comments {
        for line in crate::html::text(&comment.message).lines() {
            output::line(format_args!("  comment: {}", plain(line)));
        }
    }
    for task in &world.tasks {
        output::line(format_args!("  task: {} ({})", plain(&task.title), task.status.as_str()));
    }
}
