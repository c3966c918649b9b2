//! Runs of playbooks, their actions and repetitions.

use super::{workflow, workflows};
use crate::answer::Answer;
use crate::filter::{RESOURCE_FIELDS, RUN_FIELDS};
use crate::paging::Paging;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use http::StatusCode;

const READ: &str = "Microsoft.Logic/workflows/runs/read";
const READ_ACTIONS: &str = "Microsoft.Logic/workflows/runs/actions/read";
const READ_REPETITIONS: &str = "Microsoft.Logic/workflows/runs/actions/repetitions/read";
const RUN: &str = "Microsoft.Logic/workflows/run/action";
const CANCEL: &str = "Microsoft.Logic/workflows/runs/cancel/action";

/// How many pages a filter may look through for one answer; the link then leads on.
const PAGES_SEARCHED_MAX: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(workflow!("/runs"), READ, "Lists a playbook's runs, newest first.", |r| Box::pin(list(r))),
        Route::get(workflow!("/runs/{run}"), READ, "Gets a run.", |r| Box::pin(get(r))),
        Route::post(workflow!("/runs/{run}/cancel"), CANCEL, "Cancels a run.", |r| Box::pin(cancel(r))),
        Route::post(
            workflow!("/runs/{run}/resume"),
            RUN,
            "Goes on with a run that did not succeed, from what failed; what succeeded is kept.",
            |r| Box::pin(resume(r)),
        ),
        Route::get(workflow!("/runs/{run}/actions"), READ_ACTIONS, "Lists a run's actions.", |r| {
            Box::pin(actions(r))
        }),
        Route::get(
            workflow!("/runs/{run}/actions/{action}"),
            READ_ACTIONS,
            "Gets an action of a run.",
            |r| Box::pin(action(r)),
        ),
        Route::get(
            workflow!("/runs/{run}/actions/{action}/repetitions"),
            READ_REPETITIONS,
            "Lists an action's repetitions.",
            |r| Box::pin(repetitions(r)),
        ),
        Route::get(
            workflow!("/runs/{run}/actions/{action}/repetitions/{repetition}"),
            READ_REPETITIONS,
            "Gets a repetition of an action.",
            |r| Box::pin(repetition(r)),
        ),
        Route::get("/api/runs", READ, "Lists the runs of all playbooks, newest first.", |r| {
            Box::pin(recent(r))
        })
        .at(Scope::EachItem),
        Route::get("/api/runs/{run}", READ, "Gets a run with every action in full.", |r| {
            Box::pin(anywhere(r))
        })
        .at(Scope::Answer),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    let paging = Paging::read(&request.query)?;
    let filter = request.filter(RUN_FIELDS)?;
    // The store looks up a state by itself.
    let status = filter.as_ref().and_then(|filter| filter.only_equals("status")).map(str::to_owned);
    let mut after = paging.skip_token.clone();
    for _ in 0..PAGES_SEARCHED_MAX {
        let page = request.engine.list_runs(&playbook, after, paging.top, status.clone()).await?;
        let mut items = page.items;
        if let Some(filter) = &filter {
            items.retain(|run| filter.passes(run));
        }
        after = page.next;
        if !items.is_empty() {
            return Ok(Answer::list(items, request.next_link(after)));
        }
        if after.is_none() {
            break;
        }
    }
    // A playbook that does not exist has no runs either, but is not found.
    request.engine.playbook(&playbook).await?;
    Ok(Answer::list(Vec::new(), request.next_link(after)))
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    Ok(Answer::ok(request.engine.run(&playbook, request.variable("run")?).await?))
}

async fn cancel(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    request.engine.cancel_run(&playbook, request.variable("run")?, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn resume(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    request.engine.resume_run(&playbook, request.variable("run")?, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn actions(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    request.page_of(request.engine.run_actions(&playbook, request.variable("run")?).await?, RUN_FIELDS)
}

async fn action(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    Ok(Answer::ok(request.engine.run_action(&playbook, run, action).await?))
}

async fn repetitions(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    request.page_of(request.engine.run_repetitions(&playbook, run, action).await?, RESOURCE_FIELDS)
}

async fn repetition(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    let (run, action) = (request.variable("run")?, request.variable("action")?);
    let name = request.variable("repetition")?;
    let all = request.engine.run_repetitions(&playbook, run, action).await?;
    let found = all.into_iter().find(|repetition| repetition.str_at(&["name"]) == Some(name));
    found.map(Answer::ok).ok_or_else(|| Refusal::unknown_path(&request.path))
}

async fn recent(request: Request) -> Result<Answer, Refusal> {
    let paging = Paging::read(&request.query)?;
    let page = request.engine.recent_runs(paging.skip_token, paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn anywhere(request: Request) -> Result<Answer, Refusal> {
    let run = request.variable("run")?;
    Ok(Answer::ok(match request.query.get_filled("attempt").map(str::parse) {
        None => request.engine.run_anywhere(run).await?,
        Some(attempt) => {
            let attempt = attempt.map_err(|_| {
                Refusal::new(StatusCode::BAD_REQUEST, "InvalidAttempt", "`attempt` is a number, from 1")
            })?;
            request.engine.run_attempt(run, attempt).await?
        }
    }))
}
