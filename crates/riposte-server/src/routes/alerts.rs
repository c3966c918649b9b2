//! Alerts: coming in, shown, and playbooks started on one by hand.

use super::manual::playbook_of;
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::Route;
use http::StatusCode;
use riposte_value::{Object, Value};

const READ: &str = "Microsoft.SecurityInsights/alerts/read";
const WRITE: &str = "Microsoft.SecurityInsights/alerts/write";
/// Alerts are entities.
const RUN_PLAYBOOK: &str = "Microsoft.SecurityInsights/entities/runPlaybook/action";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/api/workspaces/{workspace}/alerts",
            WRITE,
            "Takes one alert, a list, or `{\"value\":[…]}`, in the SecurityAlert table's or Graph's shape.",
            |r| Box::pin(ingest(r)),
        )
        .large(),
        Route::get(
            "/api/workspaces/{workspace}/alerts",
            READ,
            "Lists alerts, the latest to come first.",
            |r| Box::pin(list(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/alerts/{alert}",
            READ,
            "Gets an alert with the incident that it came into.",
            |r| Box::pin(get(r)),
        ),
        Route::post(
            "/api/workspaces/{workspace}/alerts/{alert}/runPlaybook",
            RUN_PLAYBOOK,
            "Starts a playbook on an alert and names the run.",
            |r| Box::pin(run_playbook(r)),
        ),
    ]
}

/// 200 if every alert is on disk, 207 if some were rejected, 400 if all were; in every case what became of each.
async fn ingest(request: Request) -> Result<Answer, Refusal> {
    let body = request.json()?;
    if !matches!(body, Value::Object(_) | Value::Array(_)) {
        return Err(Refusal::unreadable_body(format_args!(
            "an alert or a list is expected, not {}",
            body.kind()
        )));
    }
    let workspace = request.workspace().await?;
    let ingested = request.engine.ingest_alerts(&workspace, &body, request.caller()?).await?;
    let count = ingested.items.len();
    let status = match ingested.rejected {
        0 => StatusCode::OK,
        rejected if rejected == count => StatusCode::BAD_REQUEST,
        _ => StatusCode::MULTI_STATUS,
    };
    let mut body = Object::new();
    if status == StatusCode::BAD_REQUEST {
        let first = ingested.items.first().and_then(|item| item.str_at(&["error", "message"]));
        let first = first.unwrap_or_default();
        let message = match count {
            1 => format!("the alert was rejected: {first}"),
            count => format!("all {count} alerts were rejected, the first for {first}"),
        };
        let refusal = Refusal::bad_request("AlertsRejected", message).help("`value` says of each alert why");
        body.extend(refusal.envelope().as_object().cloned().unwrap_or_default());
    }
    body.insert("value", Value::array(ingested.items));
    Ok(Answer::new(status, Value::from(body)))
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let page = request.engine.alerts(&workspace, paging.after.as_deref(), paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.alert(&workspace, request.variable("alert")?).await?))
}

async fn run_playbook(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let playbook = playbook_of(&request, &body)?;
    let workspace = request.workspace().await?;
    let alert = request.variable("alert")?;
    let run = request.engine.run_playbook_on_alert(&workspace, alert, &playbook, request.caller()?).await?;
    Ok(Answer::ok(Value::object([("runId", Value::text(run))])))
}
