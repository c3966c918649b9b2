//! Alerts coming in.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use http::StatusCode;
use riposte_value::{Object, Value};

const WRITE: &str = "Microsoft.SecurityInsights/alerts/write";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post(
            "/api/workspaces/{workspace}/alerts",
            WRITE,
            "Takes one alert, a list, or `{\"value\":[…]}`, in the SecurityAlert table's or Graph's shape.",
            |r| Box::pin(ingest(r)),
        )
        .large(),
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
        let message = match count {
            1 => "the alert was rejected".to_owned(),
            count => format!("all {count} alerts were rejected"),
        };
        let refusal = Refusal::bad_request("AlertsRejected", message).help("`value` says of each alert why");
        body.extend(refusal.envelope().as_object().cloned().unwrap_or_default());
    }
    body.insert("value", Value::array(ingested.items));
    Ok(Answer::new(status, Value::from(body)))
}
