//! Automation rules.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use jiff::Timestamp;
use riposte_engine::Backtest;
use riposte_value::Value;

const READ: &str = "Microsoft.SecurityInsights/automationRules/read";
const WRITE: &str = "Microsoft.SecurityInsights/automationRules/write";
const INCIDENTS: &str = "Microsoft.SecurityInsights/incidents/read";
const DELETE: &str = "Microsoft.SecurityInsights/automationRules/delete";

const ALL: &str = "/api/alertAutomationRules";
const ONE: &str = "/api/alertAutomationRules/{rule}";

pub(super) fn routes() -> Vec<Route> {
    [azure_routes(), own_routes()].concat()
}

fn azure_routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/automationRules"), READ, "Lists automation rules.", |r| Box::pin(list(r))),
        Route::get(sentinel!("/automationRules/{rule}"), READ, "Gets an automation rule.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            sentinel!("/automationRules/{rule}"),
            WRITE,
            "Creates or replaces an automation rule.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(sentinel!("/automationRules/{rule}"), DELETE, "Deletes an automation rule.", |r| {
            Box::pin(delete(r))
        }),
        Route::get("/api/workspaces/{workspace}/automationRules", READ, "Lists automation rules.", |r| {
            Box::pin(list(r))
        }),
        Route::get(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            READ,
            "Gets an automation rule.",
            |r| Box::pin(get(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            WRITE,
            "Creates or replaces an automation rule.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(
            "/api/workspaces/{workspace}/automationRules/{rule}",
            DELETE,
            "Deletes an automation rule.",
            |r| Box::pin(delete(r)),
        ),
    ]
}

/// What Azure has no path for.
fn own_routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/workspaces/{workspace}/automationRules/{rule}/check",
            READ,
            "Tells whether a rule can do what it says, and names what is missing.",
            |r| Box::pin(check(r)),
        ),
        Route::post(
            "/api/workspaces/{workspace}/automationRules/backtest",
            INCIDENTS,
            "Tries a rule on the incidents or alerts on record; `rule`, `from`, `to`, `top`, `skipToken` in the body.",
            |r| Box::pin(backtest(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/evaluations",
            INCIDENTS,
            "Lists the rules that did not match an incident, with the condition that decided; `rule` narrows them.",
            |r| Box::pin(evaluations(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/alerts/{alert}/evaluations",
            INCIDENTS,
            "Lists the rules that did not match an alert, with the condition that decided; `rule` narrows them.",
            |r| Box::pin(alert_evaluations(r)),
        ),
        Route::get(ALL, READ, "Lists the alert rules that hold for several workspaces.", |r| {
            Box::pin(wide_list(r))
        })
        .at(Scope::Everything),
        Route::get(ONE, READ, "Gets an alert rule that holds for several workspaces.", |r| {
            Box::pin(wide_get(r))
        })
        .at(Scope::Everything),
        Route::put(
            ONE,
            WRITE,
            "Creates or replaces an alert rule for the workspaces in `properties.riposte.workspaces`; without it, for all.",
            |r| Box::pin(wide_put(r)),
        )
        .at(Scope::Everything),
        Route::delete(ONE, DELETE, "Deletes an alert rule that holds for several workspaces.", |r| {
            Box::pin(wide_delete(r))
        })
        .at(Scope::Everything),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    request.page_of(request.engine.automation_rules(&workspace).await?, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.automation_rule(&workspace, request.variable("rule")?).await?))
}

/// What is merely unusual is accepted, and told in `Riposte-Warning`.
async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let check = || riposte_engine::check_automation_rule(request.variable("rule").unwrap_or_default(), &body);
    let workspace = request.workspace_for_write(check).await?;
    let name = request.variable("rule")?;
    let (written, remarks) =
        request.engine.put_automation_rule(&workspace, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let name = request.variable("rule")?;
    Ok(Answer::deleted(request.engine.delete_automation_rule(&workspace, name, request.caller()?).await?))
}

async fn check(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.check_automation_rule(&workspace, request.variable("rule")?).await?))
}

async fn evaluations(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (incident, rule) = (request.variable("incident")?, request.query.get("rule"));
    Ok(Answer::list(request.engine.incident_evaluations(&workspace, incident, rule).await?, None))
}

async fn alert_evaluations(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (alert, rule) = (request.variable("alert")?, request.query.get("rule"));
    Ok(Answer::list(request.engine.alert_evaluations(&workspace, alert, rule).await?, None))
}

async fn wide_list(request: Request) -> Result<Answer, Refusal> {
    request.page_of(request.engine.alert_automation_rules().await?, RESOURCE_FIELDS)
}

async fn wide_get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.alert_automation_rule(request.variable("rule")?).await?))
}

async fn wide_put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let name = request.variable("rule")?;
    let (written, remarks) = request.engine.put_alert_automation_rule(name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn wide_delete(request: Request) -> Result<Answer, Refusal> {
    let name = request.variable("rule")?;
    Ok(Answer::deleted(request.engine.delete_alert_automation_rule(name, request.caller()?).await?))
}

async fn backtest(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let missing =
        || Refusal::bad_request("BadRequest", "the body needs a `rule`: its resource, or its properties");
    let rule = body.get_ignore_case("rule").cloned().ok_or_else(missing)?;
    let asked = Backtest {
        rule,
        from: time(&body, "from")?,
        to: time(&body, "to")?,
        top: top(&body)?,
        skip_token: skip_token(&body)?,
    };
    Ok(Answer::ok(request.engine.backtest(&workspace, asked).await?))
}

/// How many are looked at in one answer, if the body says it.
fn top(body: &Value) -> Result<Option<usize>, Refusal> {
    match body.get_ignore_case("top") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64().and_then(|top| usize::try_from(top).ok()) {
            Some(top) => Ok(Some(top)),
            None => Err(Refusal::bad_request("BadRequest", "`top` is no number of incidents or alerts")),
        },
    }
}

fn skip_token(body: &Value) -> Result<Option<String>, Refusal> {
    match body.get_ignore_case("skipToken") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(token)) => Ok(Some(token.to_string())),
        Some(_) => Err(Refusal::bad_request("BadRequest", "`skipToken` is not a text")),
    }
}

/// A point in time of a body, if it has one.
fn time(body: &Value, name: &'static str) -> Result<Option<Timestamp>, Refusal> {
    match body.get_ignore_case(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_str().and_then(riposte_engine::parse_time) {
            Some(time) => Ok(Some(time)),
            None => Err(Refusal::bad_request("BadRequest", format!("`{name}` is no point in time"))),
        },
    }
}
