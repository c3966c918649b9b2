//! Health records: rows of the `SentinelHealth` table.

use crate::answer::Answer;
use crate::paging::Paging;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use jiff::Timestamp;
use riposte_engine::HealthQuery;

const READ: &str = "Microsoft.OperationalInsights/workspaces/query/read";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(
        "/api/workspaces/{workspace}/health",
        READ,
        "Lists health records; `type`, `resource`, `since` and `top` narrow them.",
        |r| Box::pin(list(r)),
    )]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let since = request.query.get_filled("since").map(time).transpose()?;
    let text = |name| request.query.get_filled(name).map(str::to_owned);
    let query = HealthQuery {
        resource_type: text("type"),
        resource: text("resource"),
        since,
        top: Paging::read(&request.query)?.top,
    };
    Ok(Answer::list(request.engine.health(&workspace, query).await?, None))
}

fn time(text: &str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        Refusal::bad_request("InvalidSince", format!("`since` is `{shown}`"))
            .help("write a point in time as in `2024-01-31T08:00:00Z`")
    })
}
