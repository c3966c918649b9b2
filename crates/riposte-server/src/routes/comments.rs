//! Comments on an incident.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::COMMENT_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.SecurityInsights/incidents/comments/read";
const WRITE: &str = "Microsoft.SecurityInsights/incidents/comments/write";
const DELETE: &str = "Microsoft.SecurityInsights/incidents/comments/delete";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/incidents/{incident}/comments"), READ, "Lists an incident's comments.", |r| {
            Box::pin(list(r))
        }),
        Route::get(sentinel!("/incidents/{incident}/comments/{comment}"), READ, "Gets a comment.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            sentinel!("/incidents/{incident}/comments/{comment}"),
            WRITE,
            "Creates or replaces a comment.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(
            sentinel!("/incidents/{incident}/comments/{comment}"),
            DELETE,
            "Deletes a comment.",
            |r| Box::pin(delete(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/comments",
            READ,
            "Lists an incident's comments.",
            |r| Box::pin(list(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/incidents/{incident}/comments/{comment}",
            WRITE,
            "Creates or replaces a comment.",
            |r| Box::pin(put(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let items = request.engine.keyed_comments(&workspace, request.incident(&workspace).await?).await?;
    request.page_of_keyed(items, COMMENT_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("comment")?);
    Ok(Answer::ok(request.engine.comment(&workspace, incident, name).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("comment")?);
    let (written, remarks) =
        request.engine.put_comment(&workspace, incident, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("comment")?);
    Ok(Answer::deleted(request.engine.delete_comment(&workspace, incident, name, request.caller()?).await?))
}
