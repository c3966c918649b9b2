//! Contents of runs by their links: `/runs/{run}/…/contents/{content}`. Who has a link may read its content; the signature
//! in its query is the permission.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_engine::ContentRequest;

const REASON: &str = "the link is signed, good for one content, and expires";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::public("/runs/{run}/{content...}", REASON, "Gets a content of a run by its link.", |r| {
        Box::pin(get(r))
    })]
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let query = |name: &str| request.query.get(name).unwrap_or_default().to_owned();
    let asked = ContentRequest {
        run: request.variable("run")?.to_owned(),
        content: request.variable("content")?.to_owned(),
        permission: query("sp"),
        expires: query("se"),
        version: query("sv"),
        signature: query("sig"),
    };
    Ok(Answer::ok(request.engine.content(asked).await?))
}
