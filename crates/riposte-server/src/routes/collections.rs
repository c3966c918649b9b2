//! What a workspace keeps by name: bookmarks, watchlists and their items, data connectors, onboarding states. All of
//! them are listed, read, written and removed in one way.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_engine::{Collection, ItemPlace, Workspace, check_item};
use riposte_value::Value;

/// The rows of a collection. Actions are `$action/read`, `$action/write`, `$action/delete`.
macro_rules! collection {
    ($collection:expr, $path:literal, $action:literal, $one:literal, $many:literal) => {
        [
            Route::get(
                sentinel!($path),
                concat!("Microsoft.SecurityInsights/", $action, "/read"),
                concat!("Lists ", $many, "."),
                |r| Box::pin(list(r, $collection)),
            ),
            Route::get(
                concat!(sentinel!($path), "/{name}"),
                concat!("Microsoft.SecurityInsights/", $action, "/read"),
                concat!("Gets ", $one, "."),
                |r| Box::pin(get(r, $collection)),
            ),
            Route::put(
                concat!(sentinel!($path), "/{name}"),
                concat!("Microsoft.SecurityInsights/", $action, "/write"),
                concat!("Creates or replaces ", $one, "."),
                |r| Box::pin(put(r, $collection)),
            ),
            Route::delete(
                concat!(sentinel!($path), "/{name}"),
                concat!("Microsoft.SecurityInsights/", $action, "/delete"),
                concat!("Deletes ", $one, "."),
                |r| Box::pin(delete(r, $collection)),
            ),
        ]
    };
}

pub(super) fn routes() -> Vec<Route> {
    [
        collection!(Collection::Bookmarks, "/bookmarks", "bookmarks", "a bookmark", "bookmarks"),
        collection!(Collection::Watchlists, "/watchlists", "watchlists", "a watchlist", "watchlists"),
        collection!(
            Collection::WatchlistItems,
            "/watchlists/{parent}/watchlistItems",
            "watchlists",
            "an item of a watchlist",
            "the items of a watchlist"
        ),
        collection!(
            Collection::DataConnectors,
            "/dataConnectors",
            "dataConnectors",
            "a data connector",
            "data connectors"
        ),
        collection!(
            Collection::OnboardingStates,
            "/onboardingStates",
            "onboardingStates",
            "an onboarding state",
            "onboarding states"
        ),
        collection!(
            Collection::ThreatIndicators,
            "/threatIntelligence/main/indicators",
            "threatIntelligence/indicators",
            "an indicator of threat intelligence",
            "indicators of threat intelligence"
        ),
    ]
    .concat()
}

/// How many items are read at a time where a filter chooses among them.
const READ_AT_A_TIME: usize = 500;

/// By name, so that a page is read without those before it and, where a filter chooses, without those after it; what is
/// ordered otherwise is read as a whole.
pub(super) async fn list(request: Request, collection: Collection) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let parent = parent(&request)?;
    let engine = &request.engine;
    if request.query.get_filled("$orderby").is_some() {
        let all = engine.items(&workspace, collection, parent, "", usize::MAX - 1).await?;
        return request.page_of(all.items, RESOURCE_FIELDS);
    }
    let Some(filter) = request.filter(RESOURCE_FIELDS)? else {
        let paging = request.paging()?;
        let after = paging.after.unwrap_or_default();
        let page = engine.items(&workspace, collection, parent, &after, paging.top).await?;
        return Ok(Answer::list(page.items, request.next_link(page.next)));
    };
    filtered(&request, &workspace, collection, |item| filter.passes(item)).await
}

/// The items that pass a filter, read as far as the page needs. The token of the next page is the name of the last one.
async fn filtered(
    request: &Request,
    workspace: &Workspace,
    collection: Collection,
    passes: impl Fn(&Value) -> bool,
) -> Result<Answer, Refusal> {
    let paging = request.paging()?;
    let mut after = paging.after.unwrap_or_default();
    let mut found = Vec::new();
    loop {
        let page =
            request.engine.items(workspace, collection, parent(request)?, &after, READ_AT_A_TIME).await?;
        found.extend(page.items.into_iter().filter(&passes));
        // One more than the page holds says that there is another page.
        let Some(next) = page.next.filter(|_| found.len() <= paging.top) else { break };
        after = next;
    }
    let more = found.len() > paging.top;
    found.truncate(paging.top);
    let last = found.last().filter(|_| more).and_then(|item| item.str_at(&["name"])).map(str::to_owned);
    Ok(Answer::list(found, request.next_link(last)))
}

async fn get(request: Request, collection: Collection) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.item(&workspace, &place(&request, collection)?).await?))
}

async fn put(request: Request, collection: Collection) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let place = place(&request, collection)?;
    // What lies below something that is not there is refused, and makes no workspace.
    let workspace = match collection {
        Collection::WatchlistItems => request.workspace().await?,
        _ => request.workspace_for_write(|| check_item(collection, &body)).await?,
    };
    Ok(Answer::written(request.engine.put_item(&workspace, &place, &body, request.caller()?).await?))
}

async fn delete(request: Request, collection: Collection) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let place = place(&request, collection)?;
    let was_there = request.engine.delete_item(&workspace, &place, request.caller()?).await?;
    // One of Azure's clients takes 202 and 204 alone for a watchlist's end, and 200 or 204 for all others'.
    if collection == Collection::Watchlists {
        return Ok(Answer::empty(http::StatusCode::NO_CONTENT));
    }
    Ok(Answer::deleted(was_there))
}

fn parent(request: &Request) -> Result<&str, Refusal> {
    if request.has("parent") { request.variable("parent") } else { Ok("") }
}

fn place(request: &Request, collection: Collection) -> Result<ItemPlace, Refusal> {
    Ok(ItemPlace {
        collection,
        parent: parent(request)?.to_owned(),
        name: request.variable("name")?.to_owned(),
    })
}
