//! Where asynchronous work runs.

use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use tokio::runtime::{Builder, Runtime};

/// The stack of a worker: values and expressions nest as deep as their limits allow.
const STACK_BYTES: usize = 8 * 1024 * 1024;

/// A runtime on all cores, for the server.
pub fn all_cores() -> Result<Runtime, Problem> {
    built(Builder::new_multi_thread().thread_stack_size(STACK_BYTES))
}

/// Runs what talks to a server, on this thread.
pub fn block_on<T>(work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
    built(&mut Builder::new_current_thread())?.block_on(work)
}

fn built(builder: &mut Builder) -> Result<Runtime, Problem> {
    let unavailable = |error: std::io::Error| {
        Problem::failed(Diagnostic::error("RuntimeUnavailable", format!("the process cannot work: {error}")))
    };
    builder.enable_all().build().map_err(unavailable)
}
