//! Scripts of a run without a server: they have no effect outside, so that they run even where everything else is mocked.

use super::play::Answer;
use riposte_script::Limits;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Command, CommandKind, Outcome};
use std::time::Duration;

/// What a script comes to; blocks for as long as it runs.
pub fn run(code: &str, context: &Value) -> Outcome {
    match riposte_script::run(code, context, &Limits::default()) {
        Ok(body) => Outcome::Response { status_code: 200, headers: Object::new(), body },
        Err(error) => failed(&error.to_string()),
    }
}

/// The outcome of a script that failed.
pub fn failed(why: &str) -> Outcome {
    Outcome::NoResponse {
        code: Text::new_static("InlineCodeScriptRuntimeFailure"),
        message: format!("The inline code action failed with the error '{why}'."),
    }
}

/// The answer to a command that is a script.
pub fn answer(command: &Command) -> Option<Answer> {
    let CommandKind::Script { code, context } = &command.kind else { return None };
    let outcome = run(code, context);
    Some(Answer { after: Duration::ZERO, outcome, callback: None, source: "the script".to_owned() })
}
