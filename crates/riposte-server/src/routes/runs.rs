//! Runs of playbooks. What is inside them is in `run_actions.rs`.

use super::{workflow, workflows};
use crate::answer::Answer;
use crate::filter::RUN_FIELDS;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::{Route, Scope};
use http::StatusCode;
use riposte_engine::RunExpansion;

const READ: &str = "Microsoft.Logic/workflows/runs/read";
const READ_OPERATIONS: &str = "Microsoft.Logic/workflows/runs/operations/read";
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
        Route::get(
            workflow!("/runs/{run}/operations/{operation}"),
            READ_OPERATIONS,
            "Gets the run that an operation began.",
            |r| Box::pin(operation(r)),
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
    let paging = request.paging_without(&[ORDER_BY])?;
    let filter = request.filter(RUN_FIELDS)?;
    // The store looks up a state by itself.
    let status = filter.as_ref().and_then(|filter| filter.only_equals("status")).map(str::to_owned);
    let mut after = paging.after.clone();
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
    let expansion = expansion(request.query.get_filled("$expand"))?;
    Ok(Answer::ok(request.engine.run_with(&playbook, request.variable("run")?, expansion).await?))
}

/// `$expand`, as the portal sends it.
fn expansion(text: Option<&str>) -> Result<RunExpansion, Refusal> {
    let mut expansion = RunExpansion::default();
    for part in text.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.to_lowercase().as_str() {
            "properties/actions" => expansion.actions = true,
            "workflow/properties" | "properties/workflow" => expansion.workflow = true,
            _ => {
                let refusal =
                    Refusal::bad_request("InvalidExpand", "`$expand` names what a run does not have");
                return Err(refusal.help("`properties/actions` and `workflow/properties` can be expanded"));
            }
        }
    }
    Ok(expansion)
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

async fn operation(request: Request) -> Result<Answer, Refusal> {
    let playbook = request.resource_id(workflows::KIND, "workflow")?;
    let (run, operation) = (request.variable("run")?, request.variable("operation")?);
    Ok(Answer::ok(request.engine.run_operation(&playbook, run, operation).await?))
}

async fn recent(request: Request) -> Result<Answer, Refusal> {
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let page = request.engine.recent_runs(paging.after, paging.top).await?;
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
