//! The playbooks that can be started by hand on something.

use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use riposte_engine::StartOn;
use riposte_value::Value;

const READ_RUNS: &str = "Microsoft.Logic/workflows/runs/read";
const READ: &str = "Microsoft.Logic/workflows/read";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/playbooks",
            READ,
            "Lists the playbooks with a Sentinel trigger that the caller may read; `trigger` (incident, alert, entity) \
             and `entityType` keep those that fit, `trigger=any` lists all with their triggers and last runs.",
            |r| Box::pin(list(r)),
        )
        .at(Scope::EachItem),
        Route::get(
            "/api/workspaces/{workspace}/playbooks",
            READ,
            "As `/api/playbooks`: playbooks of all workspaces can be started in each.",
            |r| Box::pin(list(r)),
        )
        .at(Scope::EachItem),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let entity = request.query.get_filled("entityType").map(str::to_owned);
    let on = match request.query.get_filled("trigger").map(str::to_ascii_lowercase).as_deref() {
        None if entity.is_some() => Some(StartOn::Entity(entity)),
        None => None,
        Some("incident") => Some(StartOn::Incident),
        Some("alert") => Some(StartOn::Alert),
        Some("entity") => Some(StartOn::Entity(entity)),
        Some("any") => return glance(&request).await,
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(Refusal::bad_request("BadRequest", format!("`trigger` is `{shown}`"))
                .help("give `incident`, `alert`, `entity` or `any`"));
        }
    };
    // What the caller may not read is left out before pages are made: a page must not tell of it.
    let caller = request.caller()?;
    let mut playbooks = request.engine.startable_playbooks(on).await?;
    playbooks.retain(|playbook| {
        let id = playbook.str_at(&["id"]).unwrap_or_default();
        request.engine.authorize(caller, READ, id).is_ok()
    });
    request.page_of(playbooks, RESOURCE_FIELDS)
}

/// All playbooks that the caller may read; their last runs for who may read runs.
async fn glance(request: &Request) -> Result<Answer, Refusal> {
    let (caller, engine) = (request.caller()?, &request.engine);
    let mut shown = Vec::new();
    for mut playbook in engine.playbooks_at_a_glance().await? {
        let id = playbook.str_at(&["id"]).unwrap_or_default().to_owned();
        if engine.authorize(caller, READ, &id).is_err() {
            continue;
        }
        let properties = playbook.as_object_mut().and_then(|one| one.get_mut("properties"));
        if engine.authorize(caller, READ_RUNS, &id).is_err()
            && let Some(properties) = properties.and_then(Value::as_object_mut)
        {
            properties.remove("lastRun");
        }
        shown.push(playbook);
    }
    request.page_of(shown, RESOURCE_FIELDS)
}
