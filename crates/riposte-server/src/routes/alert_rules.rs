//! Analytics rules, the playbooks attached to them, their templates, and the results of their queries.

use super::sentinel;
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_value::{Object, Value};

const READ: &str = "Microsoft.SecurityInsights/alertRules/read";
const WRITE: &str = "Microsoft.SecurityInsights/alertRules/write";
const DELETE: &str = "Microsoft.SecurityInsights/alertRules/delete";
const READ_ACTIONS: &str = "Microsoft.SecurityInsights/alertRules/actions/read";
const WRITE_ACTIONS: &str = "Microsoft.SecurityInsights/alertRules/actions/write";
const DELETE_ACTIONS: &str = "Microsoft.SecurityInsights/alertRules/actions/delete";
const READ_TEMPLATES: &str = "Microsoft.SecurityInsights/alertRuleTemplates/read";
const WRITE_ALERTS: &str = "Microsoft.SecurityInsights/alerts/write";

pub(super) fn routes() -> Vec<Route> {
    [rules(), actions(), templates(), results()].concat()
}

fn rules() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/alertRules"), READ, "Lists analytics rules.", |r| Box::pin(list(r))),
        Route::get(sentinel!("/alertRules/{rule}"), READ, "Gets an analytics rule.", |r| Box::pin(get(r))),
        Route::put(sentinel!("/alertRules/{rule}"), WRITE, "Creates or replaces an analytics rule.", |r| {
            Box::pin(put(r))
        }),
        Route::delete(
            sentinel!("/alertRules/{rule}"),
            DELETE,
            "Deletes an analytics rule with its actions.",
            |r| Box::pin(delete(r)),
        ),
        Route::get("/api/workspaces/{workspace}/alertRules", READ, "Lists analytics rules.", |r| {
            Box::pin(list(r))
        }),
        Route::get("/api/workspaces/{workspace}/alertRules/{rule}", READ, "Gets an analytics rule.", |r| {
            Box::pin(get(r))
        }),
        Route::put(
            "/api/workspaces/{workspace}/alertRules/{rule}",
            WRITE,
            "Creates or replaces an analytics rule.",
            |r| Box::pin(put(r)),
        ),
        Route::delete(
            "/api/workspaces/{workspace}/alertRules/{rule}",
            DELETE,
            "Deletes an analytics rule with its actions.",
            |r| Box::pin(delete(r)),
        ),
    ]
}

fn actions() -> Vec<Route> {
    vec![
        Route::get(
            sentinel!("/alertRules/{rule}/actions"),
            READ_ACTIONS,
            "Lists the playbooks attached to an analytics rule.",
            |r| Box::pin(list_actions(r)),
        ),
        Route::get(
            sentinel!("/alertRules/{rule}/actions/{action}"),
            READ_ACTIONS,
            "Gets a playbook attached to an analytics rule.",
            |r| Box::pin(get_action(r)),
        ),
        Route::put(
            sentinel!("/alertRules/{rule}/actions/{action}"),
            WRITE_ACTIONS,
            "Attaches a playbook to an analytics rule.",
            |r| Box::pin(put_action(r)),
        ),
        Route::delete(
            sentinel!("/alertRules/{rule}/actions/{action}"),
            DELETE_ACTIONS,
            "Detaches a playbook from an analytics rule.",
            |r| Box::pin(delete_action(r)),
        ),
    ]
}

fn templates() -> Vec<Route> {
    vec![
        Route::get(
            sentinel!("/alertRuleTemplates"),
            READ_TEMPLATES,
            "Lists the templates of analytics rules.",
            |r| Box::pin(list_templates(r)),
        ),
        Route::get(
            sentinel!("/alertRuleTemplates/{template}"),
            READ_TEMPLATES,
            "Gets a template of analytics rules.",
            |r| Box::pin(get_template(r)),
        ),
    ]
}

fn results() -> Vec<Route> {
    vec![
        Route::post(
            "/api/workspaces/{workspace}/alertRules/{rule}/results",
            WRITE_ALERTS,
            "Takes the rows that an analytics rule's query answered, and makes alerts of them.",
            |r| Box::pin(take_results(r)),
        )
        .large(),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    request.page_of(request.engine.analytics_rules(&workspace).await?, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.analytics_rule(&workspace, request.variable("rule")?).await?))
}

/// What is merely unusual is accepted, and told in `Riposte-Warning`.
async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let check = || riposte_engine::check_analytics_rule(request.variable("rule").unwrap_or_default(), &body);
    let workspace = request.workspace_for_write(check).await?;
    let name = request.variable("rule")?;
    let (written, remarks) =
        request.engine.put_analytics_rule(&workspace, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let name = request.variable("rule")?;
    Ok(Answer::deleted(request.engine.delete_analytics_rule(&workspace, name, request.caller()?).await?))
}

async fn list_actions(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let actions = request.engine.analytics_rule_actions(&workspace, request.variable("rule")?).await?;
    request.page_of(actions, RESOURCE_FIELDS)
}

async fn get_action(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (rule, name) = (request.variable("rule")?, request.variable("action")?);
    Ok(Answer::ok(request.engine.analytics_rule_action(&workspace, rule, name).await?))
}

async fn put_action(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let (rule, name) = (request.variable("rule")?, request.variable("action")?);
    let (written, remarks) =
        request.engine.put_analytics_rule_action(&workspace, rule, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete_action(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let (rule, name) = (request.variable("rule")?, request.variable("action")?);
    let removed =
        request.engine.delete_analytics_rule_action(&workspace, rule, name, request.caller()?).await?;
    Ok(Answer::deleted(removed))
}

async fn list_templates(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    request.page_of(request.engine.analytics_rule_templates(&workspace)?, RESOURCE_FIELDS)
}

async fn get_template(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let name = request.variable("template")?;
    Ok(Answer::ok(request.engine.analytics_rule_template(&workspace, name)?))
}

/// What became of each alert that the rows made, and until when the rule is silent if it is.
async fn take_results(request: Request) -> Result<Answer, Refusal> {
    let body = request.json()?;
    let workspace = request.workspace().await?;
    let rule = request.variable("rule")?;
    let results = request.engine.analytics_rule_results(&workspace, rule, &body, request.caller()?).await?;
    let mut answer = Object::new();
    answer.insert("value", Value::array(results.items));
    answer.insert("correlationId", results.correlation_id);
    if let Some(until) = results.suppressed_until {
        answer.insert("suppressedUntil", until.to_string());
    }
    Ok(Answer::ok(Value::from(answer)).warn(&results.diagnostics))
}
