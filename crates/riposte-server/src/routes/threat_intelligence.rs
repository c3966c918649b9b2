//! Indicators of threat intelligence beyond reading and writing them one by one: made under a name of the server's,
//! searched, counted, tagged.

use super::sentinel;
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_value::Value;

const WRITE: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/write";
const METRICS: &str = "Microsoft.SecurityInsights/threatIntelligence/metrics/read";
const QUERY: &str = "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action";
const APPEND_TAGS: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/appendTags/action";
const REPLACE_TAGS: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/replaceTags/action";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            sentinel!("/threatIntelligence/main/createIndicator"),
            WRITE,
            "Creates an indicator under a new name.",
            |r| Box::pin(create(r)),
        ),
        Route::post(
            sentinel!("/threatIntelligence/main/queryIndicators"),
            QUERY,
            "Searches indicators.",
            |r| Box::pin(query(r)),
        ),
        Route::get(sentinel!("/threatIntelligence/main/metrics"), METRICS, "Counts indicators.", |r| {
            Box::pin(metrics(r))
        }),
        Route::post(
            sentinel!("/threatIntelligence/main/indicators/{name}/appendTags"),
            APPEND_TAGS,
            "Adds tags to an indicator.",
            |r| Box::pin(tag(r, false)),
        ),
        Route::post(
            sentinel!("/threatIntelligence/main/indicators/{name}/replaceTags"),
            REPLACE_TAGS,
            "Replaces the tags of an indicator.",
            |r| Box::pin(tag(r, true)),
        ),
    ]
}

async fn create(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace_for_write().await?;
    Ok(Answer::written(request.engine.create_indicator(&workspace, &body, request.caller()?).await?))
}

/// The next page is asked for by the body's `skipToken`, or at the address that `nextLink` names.
async fn query(request: Request) -> Result<Answer, Refusal> {
    let mut body = request.object()?;
    if let (Some(token), Some(object)) = (request.query.get_filled("$skipToken"), body.as_object_mut()) {
        object.insert("skipToken", token);
    }
    let workspace = request.workspace().await?;
    let page = request.engine.query_indicators(&workspace, &body).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn metrics(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.indicator_metrics(&workspace).await?))
}

/// The tags stand in the body, or among its `properties` where the whole indicator is sent.
async fn tag(request: Request, replaces: bool) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let name = "threatIntelligenceTags";
    let nested = body.get_ignore_case("properties").and_then(|properties| properties.get_ignore_case(name));
    let tags = body.get_ignore_case(name).or(nested).cloned().unwrap_or_default();
    if !matches!(tags, Value::Array(_)) {
        return Err(Refusal::bad_request("BadRequest", format!("`{name}` must be a list of texts")));
    }
    let workspace = request.workspace().await?;
    let indicator = request.variable("name")?;
    let tagged =
        request.engine.tag_indicator(&workspace, indicator, &tags, replaces, request.caller()?).await?;
    Ok(Answer::ok(tagged))
}
