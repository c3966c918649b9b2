//! `riposte eval`: evaluates expressions by hand, or in batches for scripts.
//!
//! `riposte eval "add(1, 2)"` prints `3`.

mod batch;
mod faults;

use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format};
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_expression::{MapContext, Template, Ticks};
use riposte_value::{Object, Value, json};
use std::path::PathBuf;

/// Evaluate an expression of the workflow language.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte eval \"formatDateTime('2026-11-21T09:30:00Z', 'yyyy-MM-dd')\"
  riposte eval \"body('Get_report')?['score']\" --context context.json
  riposte eval \"@{toUpper('ip')}: 203.0.113.7\"
  printf '{\"id\":1,\"expr\":\"add(1,2)\"}\\n' | riposte eval --batch

The context is a JSON object with any of parameters, variables, actions,
trigger, item, items, iterationIndexes, result, workflow, action and utcNow:
  {\"actions\": {\"Get_report\": {\"outputs\": {\"body\": {\"score\": 87}}}}}")]
pub struct Arguments {
    /// The expression, bare (`add(1,2)`) or as it stands in a definition (`@add(1,2)`, `Hello @{…}`).
    #[arg(allow_negative_numbers = true, conflicts_with = "batch")]
    expression: Option<String>,
    /// A JSON file with what the expression may ask for; `-` is stdin.
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    /// Read JSON lines `{"id","expr" or "template","context"}` from stdin and answer each on stdout, in order.
    #[arg(long)]
    batch: bool,
    /// How the result is printed: text shows strings as they are, json is exact.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let context = arguments.context.as_deref().map(input::value).transpose()?;
    if let Some(context) = &context
        && context.as_object().is_none()
    {
        let message = format!("a context is an object, not {}", context.kind().as_str().to_lowercase());
        return Err(Problem::usage(Diagnostic::error("InvalidContext", message)));
    }
    if arguments.batch {
        return batch::run(context.as_ref());
    }
    let Some(expression) = &arguments.expression else {
        let missing = Diagnostic::error("MissingExpression", "an expression is missing")
            .help("riposte eval \"add(1, 2)\", or --batch to read JSON lines from stdin");
        return Err(Problem::usage(missing));
    };
    let result = compile(expression).and_then(|template| {
        template.evaluate(&context_of(context.as_ref())).map_err(|error| vec![faults::evaluation(&error)])
    });
    match result {
        Ok(value) => {
            output::line(shown(&value, arguments.format));
            Ok(Exit::Done)
        }
        Err(diagnostics) => Err(Problem::all(diagnostics)),
    }
}

/// A bare expression never contains `@` outside a literal, so a text that begins with it, or holds `@{`, is taken as
/// it would stand in a definition.
fn compile(text: &str) -> Result<Template, Vec<Diagnostic>> {
    let bare = Template::compile_expression(text);
    if bare.is_err() && (text.starts_with('@') || text.contains("@{")) {
        return Template::compile(&Value::text(text))
            .map_err(|errors| errors.iter().map(faults::compilation).collect());
    }
    bare.map_err(|error| vec![faults::parsing(&error)])
}

fn shown(value: &Value, format: Format) -> String {
    match (format, value) {
        (Format::Json, _) => json::to_string(value),
        (Format::Text, Value::String(text)) => text.to_string(),
        (Format::Text, _) => json::to_string_pretty(value),
    }
}

/// A context over values; the time is the clock's unless the values say otherwise.
fn context_of(values: Option<&Value>) -> MapContext {
    let values = values.cloned().unwrap_or_else(|| Value::from(Object::new()));
    let timeless = values.get("utcNow").is_none();
    let context = MapContext::new(values).seeded(uuid::Uuid::new_v4().as_u64_pair().0);
    if timeless { context.at(now()) } else { context }
}

fn now() -> Ticks {
    let hundreds = jiff::Timestamp::now().as_nanosecond() / 100;
    Ticks(Ticks::UNIX_EPOCH.0 + i64::try_from(hundreds).unwrap_or_default())
}
