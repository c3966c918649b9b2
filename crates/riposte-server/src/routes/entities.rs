//! Entities of a workspace, and playbooks started on one by hand.

use super::manual::playbook_of;
use super::sentinel;
use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::Route;
use http::StatusCode;
use riposte_engine::Workspace;
use riposte_value::Value;

const READ: &str = "Microsoft.SecurityInsights/entities/read";
const RUN_PLAYBOOK: &str = "Microsoft.SecurityInsights/entities/runPlaybook/action";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(sentinel!("/entities"), READ, "Lists the entities that alerts have named.", |r| {
            Box::pin(list(r))
        }),
        Route::get(sentinel!("/entities/{entity}"), READ, "Gets an entity; alerts are entities too.", |r| {
            Box::pin(get(r))
        }),
        Route::post(
            sentinel!("/entities/{entity}/runPlaybook"),
            RUN_PLAYBOOK,
            "Starts a playbook on an entity or an alert.",
            |r| Box::pin(run_playbook(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/entities",
            READ,
            "Lists the entities that alerts have named.",
            |r| Box::pin(list(r)),
        ),
        Route::get("/api/workspaces/{workspace}/entities/{entity}", READ, "Gets an entity.", |r| {
            Box::pin(get(r))
        }),
        Route::post(
            "/api/workspaces/{workspace}/entities/{entity}/runPlaybook",
            RUN_PLAYBOOK,
            "Starts a playbook on an entity and names the run.",
            |r| Box::pin(run_playbook_named(r)),
        ),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let after = paging.after.unwrap_or_default();
    let page = request.engine.entities(&workspace, &after, paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    Ok(Answer::ok(request.engine.entity(&workspace, request.variable("entity")?).await?))
}

/// Azure answers 204 and nothing else.
async fn run_playbook(request: Request) -> Result<Answer, Refusal> {
    start(&request).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

async fn run_playbook_named(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(Value::object([("runId", Value::text(start(&request).await?))])))
}

async fn start(request: &Request) -> Result<String, Refusal> {
    let body = request.object()?;
    let playbook = playbook_of(request, &body)?;
    let workspace = request.workspace().await?;
    let incident = incident_of(&workspace, &body)?;
    if let Some(incident) = &incident {
        request.engine.check_incident_name(&workspace, incident).await?;
    }
    let entity = request.variable("entity")?;
    let caller = request.caller()?;
    Ok(request.engine.run_playbook_on(&workspace, entity, incident.as_deref(), &playbook, caller).await?)
}

/// The incident that the body names by its ARM id, if it names one; it must lie in the entity's workspace.
fn incident_of(workspace: &Workspace, body: &Value) -> Result<Option<String>, Refusal> {
    let id = match body.get_ignore_case("incidentArmId") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(id)) if id.trim().is_empty() => return Ok(None),
        Some(Value::String(id)) => id.trim().trim_end_matches('/'),
        Some(other) => {
            let message = format!("'incidentArmId' must be a text, not {}", other.kind());
            return Err(Refusal::bad_request("BadRequest", message));
        }
    };
    let of_workspace = workspace.reference.incident_id("");
    let name = id.get(of_workspace.len()..).filter(|name| !name.is_empty() && !name.contains('/'));
    let begins = id.get(..of_workspace.len()).is_some_and(|start| start.eq_ignore_ascii_case(&of_workspace));
    match name {
        Some(name) if begins => Ok(Some(name.to_owned())),
        _ => Err(Refusal::bad_request(
            "BadRequest",
            "'incidentArmId' is not the id of an incident in this workspace",
        )),
    }
}
