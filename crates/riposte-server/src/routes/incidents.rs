//! Incidents, and what is read of one: alerts, entities, bookmarks; playbooks started on one by hand.

use super::manual::playbook_of;
use super::sentinel;
use crate::answer::Answer;
use crate::filter::{Filter, INCIDENT_FIELDS};
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use http::StatusCode;
use riposte_engine::{IncidentBounds, IncidentStatus, ListQuery, OrderBy, Severity};
use riposte_value::Value;

const READ: &str = "Microsoft.SecurityInsights/incidents/read";
const WRITE: &str = "Microsoft.SecurityInsights/incidents/write";
const DELETE: &str = "Microsoft.SecurityInsights/incidents/delete";
const RUN_PLAYBOOK: &str = "Microsoft.SecurityInsights/incidents/runPlaybook/action";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/incidents"), READ, "Lists incidents.", |r| Box::pin(list(r))),
        Route::get(sentinel!("/incidents/{incident}"), READ, "Gets an incident.", |r| Box::pin(get(r))),
        Route::put(sentinel!("/incidents/{incident}"), WRITE, "Creates or replaces an incident.", |r| {
            Box::pin(put(r))
        }),
        Route::delete(sentinel!("/incidents/{incident}"), DELETE, "Deletes an incident.", |r| {
            Box::pin(delete(r))
        }),
        Route::post(sentinel!("/incidents/{incident}/alerts"), READ, "Lists an incident's alerts.", |r| {
            Box::pin(alerts(r))
        }),
        Route::post(
            sentinel!("/incidents/{incident}/entities"),
            READ,
            "Lists an incident's entities.",
            |r| Box::pin(entities(r)),
        ),
        Route::post(
            sentinel!("/incidents/{incident}/bookmarks"),
            READ,
            "Lists an incident's bookmarks.",
            |r| Box::pin(bookmarks(r)),
        ),
        Route::post(
            sentinel!("/incidents/{incident}/runPlaybook"),
            RUN_PLAYBOOK,
            "Starts a playbook on an incident.",
            |r| Box::pin(run_playbook(r)),
        ),
        Route::get("/api/workspaces/{workspace}/incidents", READ, "Lists incidents.", |r| Box::pin(list(r))),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}",
            READ,
            "Gets an incident by GUID or number.",
            |r| Box::pin(get(r)),
        ),
        Route::put(
            "/api/workspaces/{workspace}/incidents/{incident}",
            WRITE,
            "Creates or replaces an incident.",
            |r| Box::pin(put_numbered(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/alerts",
            READ,
            "Lists an incident's alerts.",
            |r| Box::pin(alerts(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/entities",
            READ,
            "Lists an incident's entities.",
            |r| Box::pin(entities(r)),
        ),
        Route::post(
            "/api/workspaces/{workspace}/incidents/{incident}/runPlaybook",
            RUN_PLAYBOOK,
            "Starts a playbook on an incident and names the run.",
            |r| Box::pin(run_playbook_named(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let paging = request.paging()?;
    let filter = request.filter(INCIDENT_FIELDS)?;
    let mut orders = request.order_by(INCIDENT_FIELDS)?.into_iter().map(|order| OrderBy {
        path: order.field.path.iter().map(|name| (*name).to_owned()).collect(),
        descending: order.descending,
        then: Vec::new(),
    });
    let order_by = orders.next().map(|first| OrderBy { then: orders.collect(), ..first });
    let query = ListQuery {
        bounds: filter.as_ref().map(bounds).unwrap_or_default(),
        narrowing: filter.as_ref().map(Filter::narrowing).unwrap_or_default(),
        filter: filter.map(|filter| -> riposte_engine::Filter {
            Box::new(move |incident: &Value| filter.passes(incident))
        }),
        order_by,
        top: paging.top,
        skip_token: paging.after,
    };
    let page = request.engine.list_incidents(&workspace, query).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

/// What a filter says of all incidents that pass it.
fn bounds(filter: &Filter) -> IncidentBounds {
    let mut states = Vec::new();
    for status in IncidentStatus::ALL {
        for severity in Severity::ALL {
            let known = Value::object([(
                "properties",
                Value::object([
                    ("status", Value::from(status.as_str())),
                    ("severity", Value::from(severity.as_str())),
                ]),
            )]);
            if filter.may_pass(&known, &["properties/status", "properties/severity"]) {
                states.push((*status, *severity));
            }
        }
    }
    // What an id ends with is the name.
    let name = filter.name("name").or_else(|| {
        let id = filter.name("id")?;
        Some(id.rsplit('/').next().unwrap_or_default().to_owned())
    });
    IncidentBounds {
        states: Some(states),
        created: filter.times("properties/createdTimeUtc"),
        modified: filter.times("properties/lastModifiedTimeUtc"),
        numbers: filter.numbers("properties/incidentNumber"),
        name,
        texts: filter.texts(),
    }
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.incident(&workspace, request.incident(&workspace).await?).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace_for_write(|| riposte_engine::check_new_incident(&body)).await?;
    let name = request.variable("incident")?;
    let written = request.engine.put_incident(&workspace, name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&riposte_engine::incident_remarks(&body)))
}

/// On Riposte's own path a number means the incident with that number, which must exist: Azure's path would make one of
/// that name.
async fn put_numbered(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let workspace = request.workspace().await?;
    let mut name = request.variable("incident")?.to_owned();
    if name.bytes().all(|b| b.is_ascii_digit()) {
        let incident = request.engine.incident(&workspace, &name).await?;
        incident.str_at(&["name"]).unwrap_or_default().clone_into(&mut name);
    }
    let written = request.engine.put_incident(&workspace, &name, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&riposte_engine::incident_remarks(&body)))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let name = request.variable("incident")?;
    Ok(Answer::deleted(request.engine.delete_incident(&workspace, name, request.caller()?).await?))
}

async fn alerts(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.incident_alerts(&workspace, request.incident(&workspace).await?).await?))
}

async fn entities(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.incident_entities(&workspace, request.incident(&workspace).await?).await?))
}

async fn bookmarks(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.incident_bookmarks(&workspace, request.incident(&workspace).await?).await?))
}

/// Azure answers 204 and nothing else.
async fn run_playbook(request: Request) -> Result<Answer, Refusal> {
    start(&request).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

async fn run_playbook_named(request: Request) -> Result<Answer, Refusal> {
    let run = start(&request).await?;
    Ok(Answer::ok(Value::object([("runId", Value::text(run))])))
}

/// Who starts a playbook by hand needs a role on the incident, which the row asks for, and one on the playbook.
async fn start(request: &Request) -> Result<String, Refusal> {
    let body = request.object()?;
    let playbook = playbook_of(request, &body)?;
    let workspace = request.workspace().await?;
    let incident = request.incident(&workspace).await?;
    Ok(request.engine.run_playbook_on_incident(&workspace, incident, &playbook, request.caller()?).await?)
}
