//! API connections: `Microsoft.Web/connections`. What a connection holds in secrets is written and never read.

use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.Web/connections/read";
const WRITE: &str = "Microsoft.Web/connections/write";
const DELETE: &str = "Microsoft.Web/connections/delete";
const KIND: &str = "Microsoft.Web/connections";

macro_rules! connections {
    ($rest:literal) => {
        concat!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Web/connections",
            $rest
        )
    };
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/subscriptions/{subscription}/providers/Microsoft.Web/connections",
            READ,
            "Lists the connections of a subscription.",
            |r| Box::pin(list(r)),
        ),
        Route::get(connections!(""), READ, "Lists the connections of a resource group.", |r| {
            Box::pin(list(r))
        }),
        Route::get(connections!("/{connection}"), READ, "Gets a connection, without its secrets.", |r| {
            Box::pin(get(r))
        }),
        Route::put(connections!("/{connection}"), WRITE, "Creates or replaces a connection.", |r| {
            Box::pin(put(r))
        }),
        Route::delete(connections!("/{connection}"), DELETE, "Deletes a connection.", |r| {
            Box::pin(delete(r))
        }),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    request.page_of(request.engine.connections(&request.container()?).await?, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.connection(&request.resource_id(KIND, "connection")?).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let id = request.resource_id(KIND, "connection")?;
    Ok(Answer::written(request.engine.put_connection(&id, &body, request.caller()?).await?))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let id = request.resource_id(KIND, "connection")?;
    Ok(Answer::deleted(request.engine.delete_connection(&id, request.caller()?).await?))
}
