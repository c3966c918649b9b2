//! Relations of an incident. Relating an alert or a bookmark adds it to the incident.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RELATION_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.SecurityInsights/incidents/relations/read";
const WRITE: &str = "Microsoft.SecurityInsights/incidents/relations/write";
const DELETE: &str = "Microsoft.SecurityInsights/incidents/relations/delete";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            sentinel!("/incidents/{incident}/relations"),
            READ,
            "Lists an incident's relations.",
            |r| Box::pin(list(r)),
        ),
        Route::get(sentinel!("/incidents/{incident}/relations/{relation}"), READ, "Gets a relation.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            sentinel!("/incidents/{incident}/relations/{relation}"),
            WRITE,
            "Creates or replaces a relation.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(
            sentinel!("/incidents/{incident}/relations/{relation}"),
            DELETE,
            "Deletes a relation.",
            |r| Box::pin(delete(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let items = request.engine.relations(&workspace, request.incident(&workspace).await?).await?;
    request.page_of(items, RELATION_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("relation")?);
    Ok(Answer::ok(request.engine.relation(&workspace, incident, name).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("relation")?);
    let (written, remarks) =
        request.engine.put_relation(&workspace, incident, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, name) = (request.incident(&workspace).await?, request.variable("relation")?);
    Ok(Answer::deleted(request.engine.delete_relation(&workspace, incident, name, request.caller()?).await?))
}
