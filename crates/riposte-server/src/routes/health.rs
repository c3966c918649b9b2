//! Records: rows of the tables `SentinelHealth`, `SentinelAudit`, `SecurityIncident` and `SecurityAlert`.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::Route;
use jiff::Timestamp;
use riposte_engine::LogQuery;

const READ: &str = "Microsoft.OperationalInsights/workspaces/query/read";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/workspaces/{workspace}/health",
            READ,
            "Lists health records; `type`, `resource`, `since` and `top` narrow them.",
            |r| Box::pin(health(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/audit",
            READ,
            "Lists who changed which object; `type`, `resource`, `since` and `top` narrow them.",
            |r| Box::pin(audit(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/tables/{table}",
            READ,
            "Lists the latest rows of SecurityIncident, SecurityAlert, SentinelHealth or SentinelAudit.",
            |r| Box::pin(table(r)),
        ),
    ]
}

async fn health(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::list(request.engine.health(&workspace, query(&request)?).await?, None))
}

async fn audit(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::list(request.engine.audit(&workspace, query(&request)?).await?, None))
}

async fn table(request: Request) -> Result<Answer, Refusal> {
    let (workspace, query) = (request.workspace().await?, query(&request)?);
    let engine = &request.engine;
    let rows = match request.variable("table")?.to_ascii_lowercase().as_str() {
        "securityincident" => engine.security_incident(&workspace, query).await?,
        "securityalert" => engine.security_alert(&workspace, query).await?,
        "sentinelhealth" => engine.health(&workspace, query).await?,
        "sentinelaudit" => engine.audit(&workspace, query).await?,
        other => {
            let shown: String = other.chars().take(60).collect();
            let refusal = Refusal::bad_request("UnknownTable", format!("there is no table `{shown}` here"));
            return Err(
                refusal.help("the tables are SecurityIncident, SecurityAlert, SentinelHealth, SentinelAudit")
            );
        }
    };
    Ok(Answer::list(rows, None))
}

fn query(request: &Request) -> Result<LogQuery, Refusal> {
    let since = request.query.get_filled("since").map(time).transpose()?;
    let text = |name| request.query.get_filled(name).map(str::to_owned);
    Ok(LogQuery {
        resource_type: text("type"),
        resource: text("resource"),
        since,
        top: request.paging_without(&[FILTER, ORDER_BY])?.top,
    })
}

fn time(text: &str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(60).collect();
        Refusal::bad_request("InvalidSince", format!("`since` is `{shown}`"))
            .help("write a point in time as in `2024-01-31T08:00:00Z`")
    })
}
