//! Workspaces.

use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use riposte_engine::{Workspace, Written};

const READ: &str = "Microsoft.OperationalInsights/workspaces/read";
const WRITE: &str = "Microsoft.OperationalInsights/workspaces/write";
const DELETE: &str = "Microsoft.OperationalInsights/workspaces/delete";

macro_rules! workspaces {
    ($rest:literal) => {
        concat!(
            "/subscriptions/{subscription}/resourceGroups/{group}",
            "/providers/Microsoft.OperationalInsights/workspaces",
            $rest
        )
    };
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/subscriptions/{subscription}/providers/Microsoft.OperationalInsights/workspaces",
            READ,
            "Lists the workspaces of a subscription.",
            |r| Box::pin(list(r)),
        ),
        Route::get(workspaces!(""), READ, "Lists the workspaces of a resource group.", |r| Box::pin(list(r))),
        Route::get(workspaces!("/{workspace}"), READ, "Gets a workspace.", |r| Box::pin(get(r))),
        Route::put(workspaces!("/{workspace}"), WRITE, "Makes a workspace.", |r| Box::pin(put(r))),
        Route::delete(workspaces!("/{workspace}"), DELETE, "Removes an empty workspace.", |r| {
            Box::pin(delete(r))
        }),
        Route::get("/api/workspaces", READ, "Lists the workspaces that the caller may read.", |r| {
            Box::pin(all(r))
        })
        .at(Scope::EachItem),
        Route::get("/api/workspaces/{workspace}", READ, "Gets a workspace by name or GUID.", |r| {
            Box::pin(get(r))
        })
        .at(Scope::Workspace),
        Route::get(
            "/api/workspaces/{workspace}/settings",
            "Microsoft.SecurityInsights/settings/read",
            "Gets a workspace's settings.",
            |r| Box::pin(settings(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/settings",
            "Microsoft.SecurityInsights/settings/write",
            "Sets `incidentsFromUngovernedAlerts`: whether an alert that no rule governs becomes an incident of its own.",
            |r| Box::pin(put_settings(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let subscription = request.variable("subscription")?;
    let group = if request.has("group") { Some(request.variable("group")?) } else { None };
    let lies_here = |workspace: &Workspace| {
        let reference = &workspace.reference;
        reference.subscription.eq_ignore_ascii_case(subscription)
            && group.is_none_or(|group| reference.resource_group.eq_ignore_ascii_case(group))
    };
    let workspaces = request.engine.workspaces().await?;
    request
        .page_of(workspaces.iter().filter(|w| lies_here(w)).map(Workspace::to_arm).collect(), RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.workspace().await?.to_arm()))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let (subscription, group) = (request.variable("subscription")?, request.variable("group")?);
    let name = request.variable("workspace")?;
    let (created, resource) =
        request.engine.put_workspace(subscription, group, name, &body, request.caller()?).await?;
    Ok(Answer::written(Written { created, resource }))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let (subscription, group) = (request.variable("subscription")?, request.variable("group")?);
    let name = request.variable("workspace")?;
    Ok(Answer::deleted(request.engine.delete_workspace(subscription, group, name, request.caller()?).await?))
}

async fn settings(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.workspace().await?.settings.to_value()))
}

async fn put_settings(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let written = request.engine.put_workspace_settings(&workspace, &body, request.caller()?).await?;
    Ok(Answer::ok(written))
}

async fn all(request: Request) -> Result<Answer, Refusal> {
    let workspaces = request.engine.workspaces().await?;
    Ok(Answer::list(workspaces.iter().map(Workspace::to_arm).collect(), None))
}
