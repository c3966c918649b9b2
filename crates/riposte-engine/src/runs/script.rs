//! Scripts of playbooks, on threads that may block. A script has no effect outside: after a crash it is simply run again.

use riposte_script::{Limits, ScriptError};
use riposte_value::{Text, Value};
use riposte_workflow::Outcome;
use tokio::sync::Semaphore;

/// How many scripts run at a time: each may use a processor for seconds, and its share of memory.
static PLACES: Semaphore = Semaphore::const_new(4);

/// Runs a script; what came of it is the call's outcome.
pub(super) async fn run(code: Text, context: Value) -> Outcome {
    // the semaphore is never closed
    let _place = PLACES.acquire().await;
    let run = move || riposte_script::run(&code, &context, &Limits::default());
    let result = tokio::task::spawn_blocking(run)
        .await
        .unwrap_or_else(|_| Err(ScriptError::Unavailable("it went down".to_owned())));
    match result {
        Ok(body) => Outcome::Response { status_code: 200, headers: riposte_value::Object::new(), body },
        Err(error) => Outcome::NoResponse {
            code: Text::new_static("InlineCodeScriptRuntimeFailure"),
            message: format!("The inline code action failed with the error '{error}'."),
        },
    }
}
