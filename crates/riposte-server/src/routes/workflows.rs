//! Playbooks: `Microsoft.Logic/workflows`.

use super::workflow;
use crate::answer::Answer;
use crate::filter::WORKFLOW_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use http::StatusCode;
use riposte_engine::PlaybookState;

const READ: &str = "Microsoft.Logic/workflows/read";
const WRITE: &str = "Microsoft.Logic/workflows/write";
const DELETE: &str = "Microsoft.Logic/workflows/delete";
const ENABLE: &str = "Microsoft.Logic/workflows/enable/action";
const DISABLE: &str = "Microsoft.Logic/workflows/disable/action";

/// The resource type.
pub(super) const KIND: &str = "Microsoft.Logic/workflows";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/subscriptions/{subscription}/providers/Microsoft.Logic/workflows",
            READ,
            "Lists the playbooks of a subscription.",
            |r| Box::pin(list(r)),
        ),
        Route::get(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows",
            READ,
            "Lists the playbooks of a resource group.",
            |r| Box::pin(list(r)),
        ),
        Route::get(workflow!(""), READ, "Gets a playbook.", |r| Box::pin(get(r))),
        Route::put(workflow!(""), WRITE, "Creates or replaces a playbook.", |r| Box::pin(put(r))),
        Route::delete(workflow!(""), DELETE, "Deletes a playbook and cancels its runs.", |r| {
            Box::pin(delete(r))
        }),
        Route::post(workflow!("/enable"), ENABLE, "Lets a playbook run.", |r| {
            Box::pin(set_state(r, PlaybookState::Enabled))
        }),
        Route::post(workflow!("/disable"), DISABLE, "Lets a playbook run no more; what runs goes on.", |r| {
            Box::pin(set_state(r, PlaybookState::Disabled))
        }),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    request.page_of(request.engine.playbooks(&request.container()?).await?, WORKFLOW_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.playbook(&request.resource_id(KIND, "workflow")?).await?))
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let id = request.resource_id(KIND, "workflow")?;
    let (written, remarks) = request.engine.put_playbook(&id, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&remarks))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    let id = request.resource_id(KIND, "workflow")?;
    Ok(Answer::deleted(request.engine.delete_playbook(&id, request.caller()?).await?))
}

async fn set_state(request: Request, state: PlaybookState) -> Result<Answer, Refusal> {
    let id = request.resource_id(KIND, "workflow")?;
    request.engine.set_playbook_state(&id, state, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::OK))
}
