//! Triggers of playbooks: what they wait for, their history, their addresses.

use super::{workflow, workflows};
use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::filter::RUN_FIELDS;
use crate::refusal::Refusal;
use crate::request::{ORDER_BY, Request};
use crate::route::Route;
use http::StatusCode;
use riposte_engine::{CallbackRequest, KeyType};
use riposte_value::Value;

const READ: &str = "Microsoft.Logic/workflows/triggers/read";
const READ_HISTORIES: &str = "Microsoft.Logic/workflows/triggers/histories/read";
const RUN: &str = "Microsoft.Logic/workflows/triggers/run/action";
const RESET: &str = "Microsoft.Logic/workflows/triggers/reset/action";
const SET_STATE: &str = "Microsoft.Logic/workflows/triggers/setState/action";
const LIST_URL: &str = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action";
const LIST_WORKFLOW_URL: &str = "Microsoft.Logic/workflows/listCallbackUrl/action";
const LIST_VERSION_URL: &str = "Microsoft.Logic/workflows/versions/triggers/listCallbackUrl/action";
const RESUBMIT: &str = "Microsoft.Logic/workflows/triggers/histories/resubmit/action";
const REGENERATE: &str = "Microsoft.Logic/workflows/regenerateAccessKey/action";
const VALIDATE: &str = "Microsoft.Logic/workflows/validate/action";
const VALIDATE_AT: &str = "Microsoft.Logic/locations/workflows/validate/action";

/// How many pages a filter may look through for one answer; the link then leads on.
const PAGES_SEARCHED_MAX: usize = 20;

pub(super) fn routes() -> Vec<Route> {
    [of_triggers(), addresses(), of_histories(), checks()].into_iter().flatten().collect()
}

fn of_triggers() -> Vec<Route> {
    vec![
        Route::get(workflow!("/triggers"), READ, "Lists a playbook's triggers.", |r| Box::pin(list(r))),
        Route::get(workflow!("/triggers/{trigger}"), READ, "Gets a trigger.", |r| Box::pin(get(r))),
        Route::get(
            workflow!("/triggers/{trigger}/schemas/json"),
            READ,
            "Gets the JSON schema of what a trigger takes.",
            |r| Box::pin(schema(r)),
        ),
        Route::post(workflow!("/triggers/{trigger}/run"), RUN, "Lets a trigger fire now.", |r| {
            Box::pin(run(r))
        }),
        Route::post(workflow!("/triggers/{trigger}/reset"), RESET, "Lets a trigger begin anew.", |r| {
            Box::pin(reset(r))
        }),
        Route::post(
            workflow!("/triggers/{trigger}/setState"),
            SET_STATE,
            "Gives a trigger the state of another one.",
            |r| Box::pin(set_state(r)),
        ),
    ]
}

fn addresses() -> Vec<Route> {
    vec![
        Route::post(
            workflow!("/triggers/{trigger}/listCallbackUrl"),
            LIST_URL,
            "Gets the address that starts a trigger.",
            |r| Box::pin(callback_url(r)),
        ),
        Route::post(
            workflow!("/listCallbackUrl"),
            LIST_WORKFLOW_URL,
            "Gets the address that starts a playbook's first trigger.",
            |r| Box::pin(callback_url(r)),
        ),
        Route::post(
            workflow!("/versions/{version}/triggers/{trigger}/listCallbackUrl"),
            LIST_VERSION_URL,
            "Gets the address that starts a trigger of a version.",
            |r| Box::pin(callback_url(r)),
        ),
        Route::post(
            workflow!("/regenerateAccessKey"),
            REGENERATE,
            "Makes one of the keys anew that addresses are signed with.",
            |r| Box::pin(regenerate(r)),
        ),
    ]
}

fn of_histories() -> Vec<Route> {
    vec![
        Route::get(
            workflow!("/triggers/{trigger}/histories"),
            READ_HISTORIES,
            "Lists a trigger's history, newest first.",
            |r| Box::pin(histories(r)),
        ),
        Route::get(
            workflow!("/triggers/{trigger}/histories/{history}"),
            READ_HISTORIES,
            "Gets an entry of a trigger's history.",
            |r| Box::pin(history(r)),
        ),
        Route::post(
            workflow!("/triggers/{trigger}/histories/{history}/resubmit"),
            RESUBMIT,
            "Starts a run with what another one was started with.",
            |r| Box::pin(resubmit(r)),
        ),
    ]
}

fn checks() -> Vec<Route> {
    vec![
        Route::post(workflow!("/validate"), VALIDATE, "Checks a playbook without saving it.", |r| {
            Box::pin(async move { validate(&r) })
        }),
        Route::post(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/locations/{location}/workflows/{workflow}/validate",
            VALIDATE_AT,
            "Checks a playbook without saving it.",
            |r| Box::pin(async move { validate(&r) }),
        ),
    ]
}

fn playbook(request: &Request) -> Result<String, Refusal> {
    request.resource_id(workflows::KIND, "workflow")
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    request.page_of_given(request.engine.triggers(&playbook(&request)?).await?, RESOURCE_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.trigger(&playbook(&request)?, request.variable("trigger")?).await?))
}

async fn schema(request: Request) -> Result<Answer, Refusal> {
    let trigger = request.variable("trigger")?;
    Ok(Answer::ok(request.engine.trigger_schema(&playbook(&request)?, trigger).await?))
}

async fn run(request: Request) -> Result<Answer, Refusal> {
    let body = Some(request.json()?).filter(|body| !body.is_null());
    let (id, trigger) = (playbook(&request)?, request.variable("trigger")?);
    let run = request.engine.run_trigger(&id, trigger, body, request.caller()?).await?;
    let mut answer = Answer::empty(StatusCode::ACCEPTED);
    let Some(run) = run else { return Ok(answer) };
    let shown = request.engine.run(&id, &run).await?;
    let operation = shown.str_at(&["properties", "trigger", "trackingId"]).unwrap_or_default();
    let version = request.query.get("api-version").unwrap_or_default();
    let location =
        format!("{}{id}/runs/{run}/operations/{operation}?api-version={version}", request.base_url);
    for (name, value) in [("location", location), ("x-ms-workflow-run-id", run)] {
        if let Ok(value) = http::HeaderValue::try_from(value) {
            answer.headers.push((http::HeaderName::from_static(name), value));
        }
    }
    Ok(answer)
}

async fn reset(request: Request) -> Result<Answer, Refusal> {
    request.engine.reset_trigger(&playbook(&request)?, request.variable("trigger")?).await?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn set_state(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let source = body.get_ignore_case("source").and_then(|source| source.get_ignore_case("id")?.as_str());
    let source = source.ok_or_else(|| {
        Refusal::bad_request("InvalidRequestContent", "`source.id` is missing: the id of a trigger is needed")
    })?;
    let (id, trigger) = (playbook(&request)?, request.variable("trigger")?);
    request.engine.set_trigger_state(&id, trigger, source, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::OK))
}

/// `Primary` or `Secondary`, whatever the case; the first where nothing is said.
fn key_type(body: &Value) -> Result<KeyType, Refusal> {
    match body.get_ignore_case("keyType").and_then(Value::as_str) {
        None | Some("" | "NotSpecified") => Ok(KeyType::Primary),
        Some(key) if key.eq_ignore_ascii_case("Primary") => Ok(KeyType::Primary),
        Some(key) if key.eq_ignore_ascii_case("Secondary") => Ok(KeyType::Secondary),
        Some(key) => Err(Refusal::bad_request(
            "InvalidRequestContent",
            format!("`keyType` must be `Primary` or `Secondary`, and is `{key}`"),
        )),
    }
}

async fn callback_url(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let not_after = match body.get_ignore_case("notAfter").and_then(Value::as_str) {
        None => None,
        Some(text) => Some(text.parse::<jiff::Timestamp>().map_err(|_| {
            Refusal::bad_request("InvalidRequestContent", format!("`notAfter` is no date and time: `{text}`"))
        })?),
    };
    let version = if request.has("version") {
        let text = request.variable("version")?;
        let number = text.parse::<i64>();
        Some(number.map_err(|_| Refusal::unknown_path(&request.path))?)
    } else {
        None
    };
    let asked =
        CallbackRequest { key: key_type(&body)?, not_after, version, base_url: request.base_url.clone() };
    let trigger = request.has("trigger").then(|| request.variable("trigger")).transpose()?;
    Ok(Answer::ok(request.engine.trigger_callback_url(&playbook(&request)?, trigger, asked).await?))
}

async fn regenerate(request: Request) -> Result<Answer, Refusal> {
    let key = key_type(&request.object()?)?;
    request.engine.regenerate_access_key(&playbook(&request)?, key).await?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn histories(request: Request) -> Result<Answer, Refusal> {
    let paging = request.paging_without(&[ORDER_BY])?;
    let filter = request.filter(RUN_FIELDS)?;
    let (id, trigger) = (playbook(&request)?, request.variable("trigger")?);
    let mut after = paging.after;
    // A filter may leave nothing of a page; the next one is looked at then, a bounded number of times.
    for _ in 0..PAGES_SEARCHED_MAX {
        let page = request.engine.trigger_histories(&id, trigger, after, paging.top).await?;
        let mut items = page.items;
        if let Some(filter) = &filter {
            items.retain(|entry| filter.passes(entry));
        }
        after = page.next;
        if !items.is_empty() || after.is_none() {
            return Ok(Answer::list(items, request.next_link(after)));
        }
    }
    Ok(Answer::list(Vec::new(), request.next_link(after)))
}

async fn history(request: Request) -> Result<Answer, Refusal> {
    let (trigger, history) = (request.variable("trigger")?, request.variable("history")?);
    Ok(Answer::ok(request.engine.trigger_history(&playbook(&request)?, trigger, history).await?))
}

async fn resubmit(request: Request) -> Result<Answer, Refusal> {
    let (trigger, history) = (request.variable("trigger")?, request.variable("history")?);
    let id = playbook(&request)?;
    let run = request.engine.resubmit(&id, trigger, history, request.caller()?).await?;
    let mut answer = Answer::empty(StatusCode::ACCEPTED);
    if let Ok(run) = http::HeaderValue::from_str(&run)
        && !run.is_empty()
    {
        answer.headers.push((http::HeaderName::from_static("x-ms-workflow-run-id"), run));
    }
    Ok(answer)
}

fn validate(request: &Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let remarks = request.engine.validate_playbook(&playbook(request)?, &body, request.caller()?)?;
    Ok(Answer::empty(StatusCode::OK).warn(&remarks))
}
