//! What is inside runs: actions, repetitions, iterations of loops, the requests of calls, what expressions read.

use super::{workflow, workflows};
use crate::answer::Answer;
use crate::filter::RUN_FIELDS;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::Route;

const READ: &str = "Microsoft.Logic/workflows/runs/actions/read";
const READ_REPETITIONS: &str = "Microsoft.Logic/workflows/runs/actions/repetitions/read";
const READ_SCOPE_REPETITIONS: &str = "Microsoft.Logic/workflows/runs/actions/scopeRepetitions/read";
const READ_REQUESTS: &str = "Microsoft.Logic/workflows/runs/actions/requestHistories/read";
const READ_REQUESTS_OF_REPETITION: &str =
    "Microsoft.Logic/workflows/runs/actions/repetitions/requestHistories/read";
const TRACE: &str = "Microsoft.Logic/workflows/runs/actions/listExpressionTraces/action";
const TRACE_REPETITION: &str =
    "Microsoft.Logic/workflows/runs/actions/repetitions/listExpressionTraces/action";

/// The beginning of every path here, as a literal.
macro_rules! action {
    ($rest:literal) => {
        workflow!(concat!("/runs/{run}/actions", $rest))
    };
}

pub(super) fn routes() -> Vec<Route> {
    [of_actions(), of_repetitions()].concat()
}

fn of_actions() -> Vec<Route> {
    vec![
        Route::get(action!(""), READ, "Lists a run's actions.", |r| Box::pin(actions(r))),
        Route::get(action!("/{action}"), READ, "Gets an action of a run.", |r| Box::pin(action(r))),
        Route::post(
            action!("/{action}/listExpressionTraces"),
            TRACE,
            "Lists what the expressions in an action's inputs came to.",
            |r| Box::pin(traces(r)),
        ),
        Route::get(
            action!("/{action}/requestHistories"),
            READ_REQUESTS,
            "Lists the requests of an action, newest first.",
            |r| Box::pin(requests(r)),
        ),
        Route::get(
            action!("/{action}/requestHistories/{history}"),
            READ_REQUESTS,
            "Gets a request of an action.",
            |r| Box::pin(sent(r)),
        ),
        Route::get(
            action!("/{action}/scopeRepetitions"),
            READ_SCOPE_REPETITIONS,
            "Lists the iterations of a loop, or the repetitions of another scope in loops.",
            |r| Box::pin(scope_repetitions(r)),
        ),
        Route::get(
            action!("/{action}/scopeRepetitions/{repetition}"),
            READ_SCOPE_REPETITIONS,
            "Gets an iteration of a loop, or a repetition of another scope in loops.",
            |r| Box::pin(scope_repetition(r)),
        ),
    ]
}

fn of_repetitions() -> Vec<Route> {
    vec![
        Route::get(
            action!("/{action}/repetitions"),
            READ_REPETITIONS,
            "Lists an action's repetitions.",
            |r| Box::pin(repetitions(r)),
        ),
        Route::get(
            action!("/{action}/repetitions/{repetition}"),
            READ_REPETITIONS,
            "Gets a repetition of an action.",
            |r| Box::pin(repetition(r)),
        ),
        Route::post(
            action!("/{action}/repetitions/{repetition}/listExpressionTraces"),
            TRACE_REPETITION,
            "Lists what the expressions in the inputs of an action's repetition came to.",
            |r| Box::pin(traces(r)),
        ),
        Route::get(
            action!("/{action}/repetitions/{repetition}/requestHistories"),
            READ_REQUESTS_OF_REPETITION,
            "Lists the requests of an action's repetition, newest first.",
            |r| Box::pin(requests(r)),
        ),
        Route::get(
            action!("/{action}/repetitions/{repetition}/requestHistories/{history}"),
            READ_REQUESTS_OF_REPETITION,
            "Gets a request of an action's repetition.",
            |r| Box::pin(sent(r)),
        ),
    ]
}

fn playbook(request: &Request) -> Result<String, Refusal> {
    request.resource_id(workflows::KIND, "workflow")
}

/// The action in the path, and the repetition of it if there is one.
fn place(request: &Request) -> Result<(&str, Option<&str>), Refusal> {
    let repetition = request.has("repetition").then(|| request.variable("repetition")).transpose()?;
    Ok((request.variable("action")?, repetition))
}

async fn actions(request: Request) -> Result<Answer, Refusal> {
    let run = request.variable("run")?;
    request.page_of_given(request.engine.run_actions(&playbook(&request)?, run).await?, RUN_FIELDS)
}

async fn action(request: Request) -> Result<Answer, Refusal> {
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    Ok(Answer::ok(request.engine.run_action(&playbook(&request)?, run, action).await?))
}

async fn repetitions(request: Request) -> Result<Answer, Refusal> {
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    request
        .page_of_given(request.engine.run_repetitions(&playbook(&request)?, run, action).await?, RUN_FIELDS)
}

async fn repetition(request: Request) -> Result<Answer, Refusal> {
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    let name = request.variable("repetition")?;
    Ok(Answer::ok(request.engine.run_repetition(&playbook(&request)?, run, action, name).await?))
}

async fn scope_repetitions(request: Request) -> Result<Answer, Refusal> {
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    let all = request.engine.run_scope_repetitions(&playbook(&request)?, run, action).await?;
    request.page_of_given(all, RUN_FIELDS)
}

async fn scope_repetition(request: Request) -> Result<Answer, Refusal> {
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    let name = request.variable("repetition")?;
    Ok(Answer::ok(request.engine.run_scope_repetition(&playbook(&request)?, run, action, name).await?))
}

async fn requests(request: Request) -> Result<Answer, Refusal> {
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let (id, run) = (playbook(&request)?, request.variable("run")?);
    let page = request.engine.run_requests(&id, run, place(&request)?, paging.after, paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn sent(request: Request) -> Result<Answer, Refusal> {
    let (id, run) = (playbook(&request)?, request.variable("run")?);
    let name = request.variable("history")?;
    Ok(Answer::ok(request.engine.run_request(&id, run, place(&request)?, name).await?))
}

async fn traces(request: Request) -> Result<Answer, Refusal> {
    let (id, run) = (playbook(&request)?, request.variable("run")?);
    Ok(Answer::ok(request.engine.expression_traces(&id, run, place(&request)?).await?))
}
