//! Tasks of an incident.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.SecurityInsights/incidents/tasks/read";
const WRITE: &str = "Microsoft.SecurityInsights/incidents/tasks/write";
const DELETE: &str = "Microsoft.SecurityInsights/incidents/tasks/delete";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/incidents/{incident}/tasks"), READ, "Lists an incident's tasks.", |r| {
            Box::pin(list(r))
        }),
        Route::get(sentinel!("/incidents/{incident}/tasks/{task}"), READ, "Gets a task.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            sentinel!("/incidents/{incident}/tasks/{task}"),
            WRITE,
            "Creates or replaces a task.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(sentinel!("/incidents/{incident}/tasks/{task}"), DELETE, "Deletes a task.", |r| {
            Box::pin(delete(r))
        }),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/tasks",
            READ,
            "Lists an incident's tasks.",
            |r| Box::pin(list(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/incidents/{incident}/tasks/{task}",
            WRITE,
            "Creates or replaces a task.",
            |r| Box::pin(put(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let items = request.engine.keyed_tasks(&workspace, request.incident(&workspace).await?).await?;
    request.page_of_keyed(items, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("task")?);
    Ok(Answer::ok(request.engine.task(&workspace, incident, name).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("task")?);
    let (written, remarks) =
        request.engine.put_task(&workspace, incident, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("task")?);
    Ok(Answer::deleted(request.engine.delete_task(&workspace, incident, name, request.caller()?).await?))
}
