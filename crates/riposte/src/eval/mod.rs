//! `riposte eval`: evaluates expressions by hand, or in batches for scripts.
//!
//! `riposte eval "add(1, 2)"` prints `3`; without an expression it asks for one after the other on a terminal
//! ([`repl`]), and reads one from stdin elsewhere.

mod batch;
mod bounds;
mod brief;
mod catalogue;
mod context;
mod evidence;
mod faults;
mod repl;

use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format};
use bounds::Bounds;
use clap::Args;
use context::Contexts;
use riposte_diagnostic::Diagnostic;
use riposte_expression::{Limits, MapContext, Template};
use riposte_value::{Value, json};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Evaluate expressions of the workflow language: one, a batch of them, or one after the other on a terminal.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte eval \"formatDateTime('2026-11-21T09:30:00Z', 'yyyy-MM-dd')\"
  riposte eval \"body('Get_report')?['score']\" --context context.json
  riposte eval \"@{toUpper('ip')}: 203.0.113.7\"
  echo \"addDays(utcNow(), -7)\" | riposte eval
  printf '{\"id\":1,\"expr\":\"add(1,2)\"}\\n' | riposte eval --batch
  riposte eval --functions
  riposte eval --context context.json        asks on a terminal: type :help

The context is a JSON object with any of parameters, variables, actions,
trigger, action, item, items, iterationIndexes, result, workflow, callbackUrl,
appSettings and utcNow:
  {\"actions\": {\"Get_report\": {\"outputs\": {\"body\": {\"score\": 87}}}},
   \"trigger\": {\"outputs\": {\"body\": {\"title\": \"Sign-in from Tor\"}}},
   \"variables\": {\"count\": 3}, \"utcNow\": \"2026-11-21T09:30:00Z\"}

A batch has a JSON object on each line; its answers come in the same order,
and a faulty line is answered by its error without ending the batch:
  {\"id\":1,\"expr\":\"add(1,2)\"}              {\"id\":1,\"result\":3}
  {\"id\":2,\"template\":{\"a\":\"@{1} of 2\"}}   {\"id\":2,\"result\":{\"a\":\"1 of 2\"}}
  {\"id\":3,\"expr\":\"ad(1,2)\"}    {\"id\":3,\"error\":{\"code\":…,\"message\":…}}

Quoting: put the whole expression between double quotes in a shell, and write
\\$ for a dollar sign; text in it stands between single quotes, '' for one.")]
pub struct Arguments {
    /// The expression, bare (`add(1,2)`) or as it stands in a definition (`@add(1,2)`, `Hello @{…}`); `-` is stdin.
    #[arg(allow_negative_numbers = true, conflicts_with = "batch")]
    expression: Option<String>,
    /// A JSON file with what the expression may ask for; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// Read JSON lines `{"id","expr" or "template","context"}` from stdin and answer each on stdout, in order.
    #[arg(long)]
    batch: bool,
    /// How the result is printed: text shows strings as they are, json is exact and on one line.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// List the functions of the language, with what they do; json adds examples and numbers of arguments.
    #[arg(long, conflicts_with_all = ["expression", "batch", "context"])]
    functions: bool,
    /// Keep no history of what is typed on a terminal.
    #[arg(long)]
    no_history: bool,
    #[command(flatten)]
    bounds: Bounds,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    if arguments.functions {
        output::line(catalogue::show(arguments.format));
        return Ok(Exit::Done);
    }
    let terminal = io::stdin().is_terminal();
    let context_from_stdin = arguments.context.as_deref() == Some(Path::new("-"));
    let reads_expression = !matches!(&arguments.expression, Some(text) if text != "-");
    if context_from_stdin && reads_expression {
        let missing =
            Diagnostic::error("MissingExpression", "stdin holds the context, so it cannot hold expressions")
                .help("give the expression as an argument, or the context as a file");
        return Err(Problem::usage(missing));
    }
    let values = arguments.context.as_deref().map(context::read).transpose()?;
    let limits = arguments.bounds.limits();
    if arguments.batch {
        return batch::run(values.as_ref(), limits);
    }
    let text = match &arguments.expression {
        Some(text) if text != "-" => text.clone(),
        None if terminal && io::stdout().is_terminal() => {
            return repl::run(values, limits, !arguments.no_history);
        }
        None if terminal => return Err(Problem::usage(missing())),
        _ => piped()?,
    };
    let context = Contexts::new().of(values.as_ref());
    let context = context.map_err(|why| Problem::usage(Diagnostic::error("InvalidContext", why)))?;
    match evaluate(&text, &context, limits) {
        Ok(value) => {
            output::line(shown(&value, arguments.format));
            Ok(Exit::Done)
        }
        Err(diagnostics) => Err(Problem::all(diagnostics)),
    }
}

/// The expression that stdin holds, all of it.
fn piped() -> Result<String, Problem> {
    let text = input::text(Path::new("-"))?;
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() { Err(Problem::usage(missing())) } else { Ok(text.to_owned()) }
}

fn missing() -> Diagnostic {
    Diagnostic::error("MissingExpression", "an expression is missing")
        .help("riposte eval \"add(1, 2)\", or --batch to read JSON lines from stdin")
}

/// The value of an expression, or why it has none.
fn evaluate(text: &str, context: &MapContext, limits: Limits) -> Result<Value, Vec<Diagnostic>> {
    compile(text, &limits)?
        .evaluate_within(context, limits)
        .map_err(|error| vec![faults::evaluation(&error, context, limits)])
}

/// A bare expression never contains `@` outside a literal, so a text that begins with it, or holds `@{`, is taken as
/// it would stand in a definition.
fn compile(text: &str, limits: &Limits) -> Result<Template, Vec<Diagnostic>> {
    let bare = Template::compile_expression_within(text, limits);
    if bare.is_err() && (text.starts_with('@') || text.contains("@{")) {
        return Template::compile_within(&Value::text(text), limits)
            .map_err(|errors| errors.iter().map(faults::compilation).collect());
    }
    bare.map_err(|error| vec![faults::parsing(&error)])
}

fn shown(value: &Value, format: Format) -> String {
    let text = match (format, value) {
        (Format::Json, _) => return json::to_string(value),
        (Format::Text, Value::String(text)) => text.to_string(),
        (Format::Text, _) => json::to_string_pretty(value),
    };
    // A file gets what is there; a terminal gets nothing that would move its cursor.
    if io::stdout().is_terminal() { repl::harmless(&text).into_owned() } else { text }
}
