//! The playbooks that can be started by hand on something.

use crate::answer::Answer;
use crate::filter::RESOURCE_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{Route, Scope};
use riposte_engine::StartOn;

const READ: &str = "Microsoft.Logic/workflows/read";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/playbooks",
            READ,
            "Lists the playbooks with a Sentinel trigger that the caller may read; `trigger` (incident, alert, entity) \
             and `entityType` keep those that fit.",
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
        Some(other) => {
            let shown: String = other.chars().take(40).collect();
            return Err(Refusal::bad_request("BadRequest", format!("`trigger` is `{shown}`"))
                .help("give `incident`, `alert` or `entity`"));
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
