//! Indicators of threat intelligence beyond reading and writing them one by one: made under a name of the server's,
//! searched, counted, tagged.

use super::sentinel;
use crate::answer::Answer;
use crate::paging::{mark, not_of_this_list, opened, sealed};
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use riposte_engine::{Collection, check_item};
use riposte_value::{Value, json};

const WRITE: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/write";
const METRICS: &str = "Microsoft.SecurityInsights/threatIntelligence/metrics/read";
const QUERY: &str = "Microsoft.SecurityInsights/threatIntelligence/queryIndicators/action";
const APPEND_TAGS: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/appendTags/action";
const REPLACE_TAGS: &str = "Microsoft.SecurityInsights/threatIntelligence/indicators/replaceTags/action";

const SKIP_TOKEN: &str = "$skipToken";

/// The longest token: with the path before it, it fits into an address.
const TOKEN_BYTES_MAX: usize = 12_000;

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
        // Azure's clients follow `nextLink` by GET, whatever the first page was asked for by.
        Route::get(
            sentinel!("/threatIntelligence/main/queryIndicators"),
            QUERY,
            "Gets another page of a search for indicators.",
            |r| Box::pin(next_page(r)),
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
    let workspace = request.workspace_for_write(|| check_item(Collection::ThreatIndicators, &body)).await?;
    Ok(Answer::written(request.engine.create_indicator(&workspace, &body, request.caller()?).await?))
}

/// The next page is asked for at the address that `nextLink` names, or by the body's `skipToken`. A token that holds
/// criteria goes on with the search that it comes from.
async fn query(request: Request) -> Result<Answer, Refusal> {
    let mut body = request.object()?;
    let in_body = || body.get_ignore_case("skipToken").and_then(Value::as_str);
    let token = request.query.get_filled(SKIP_TOKEN).or_else(in_body).map(|token| token.trim().to_owned());
    if let Some(token) = token {
        match criteria_in(&token) {
            Some(criteria) => body = criteria,
            None => {
                let after = opened(&token, &search_of(&body)).ok_or_else(|| not_of_this_list(&token))?;
                start_at(&mut body, &after);
            }
        }
    }
    found(&request, body).await
}

/// A page after the first: all that is searched for stands in the token.
async fn next_page(request: Request) -> Result<Answer, Refusal> {
    let criteria = request.query.get_filled(SKIP_TOKEN).and_then(criteria_in).ok_or_else(|| {
        Refusal::bad_request("BadRequest", format!("`{SKIP_TOKEN}` does not hold what to search for"))
            .help("follow `nextLink`; criteria that are too long for it are sent by POST, with the token")
    })?;
    found(&request, criteria).await
}

async fn found(request: &Request, mut criteria: Value) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let page = request.engine.query_indicators(&workspace, &criteria).await?;
    let token = page.next.map(|next| token_of(&mut criteria, &next));
    Ok(Answer::list(page.items, request.link_with(token)))
}

/// What asks for the next page: the criteria with the key of the indicator before it, or that key alone if they are too
/// long for an address.
fn token_of(criteria: &mut Value, next: &str) -> String {
    start_at(criteria, next);
    let token = BASE64_URL_SAFE_NO_PAD.encode(json::to_string(criteria));
    if token.len() > TOKEN_BYTES_MAX { sealed(next, &search_of(criteria)) } else { token }
}

/// The mark of a search: of its criteria without its place.
fn search_of(criteria: &Value) -> String {
    let mut criteria = criteria.clone();
    if let Some(criteria) = criteria.as_object_mut() {
        criteria.remove_ignore_case("skipToken");
    }
    mark(&["search", &json::to_string(&criteria)])
}

fn criteria_in(token: &str) -> Option<Value> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    json::parse_bytes(&bytes).ok().filter(|criteria| matches!(criteria, Value::Object(_)))
}

fn start_at(criteria: &mut Value, token: &str) {
    if let Some(criteria) = criteria.as_object_mut() {
        criteria.insert("skipToken", token);
    }
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
