//! Automation rules.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.SecurityInsights/automationRules/read";
const WRITE: &str = "Microsoft.SecurityInsights/automationRules/write";
const DELETE: &str = "Microsoft.SecurityInsights/automationRules/delete";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/automationRules"), READ, "Lists automation rules.", |r| Box::pin(list(r))),
        Route::get(sentinel!("/automationRules/{rule}"), READ, "Gets an automation rule.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            sentinel!("/automationRules/{rule}"),
            WRITE,
            "Creates or replaces an automation rule.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(sentinel!("/automationRules/{rule}"), DELETE, "Deletes an automation rule.", |r| {
            Box::pin(delete(r))
        }),
        Route::get("/api/workspaces/{workspace}/automationRules", READ, "Lists automation rules.", |r| {
            Box::pin(list(r))
        }),
        Route::get(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            READ,
            "Gets an automation rule.",
            |r| Box::pin(get(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            WRITE,
            "Creates or replaces an automation rule.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            DELETE,
            "Deletes an automation rule.",
            |r| Box::pin(delete(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    request.page_of(request.engine.automation_rules(&workspace).await?, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.automation_rule(&workspace, request.variable("rule")?).await?))
}

/// What is merely unusual is accepted, and told in `Riposte-Warning`.
async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object_to_put()?;
    let workspace = request.workspace_for_write().await?;
    let name = request.variable("rule")?;
    let (written, remarks) =
        request.engine.put_automation_rule(&workspace, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let name = request.variable("rule")?;
    Ok(Answer::deleted(request.engine.delete_automation_rule(&workspace, name, request.caller()?).await?))
}
