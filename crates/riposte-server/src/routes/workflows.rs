//! Playbooks: `Microsoft.Logic/workflows`.

use super::workflow;
use crate::answer::Answer;
use crate::filter::WORKFLOW_FIELDS;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::Route;
use http::StatusCode;
use riposte_engine::{Keyed, PlaybookState};
use riposte_value::Value;

const READ: &str = "Microsoft.Logic/workflows/read";
const WRITE: &str = "Microsoft.Logic/workflows/write";
const DELETE: &str = "Microsoft.Logic/workflows/delete";
const ENABLE: &str = "Microsoft.Logic/workflows/enable/action";
const DISABLE: &str = "Microsoft.Logic/workflows/disable/action";
const SWAGGER: &str = "Microsoft.Logic/workflows/listSwagger/action";
const UPGRADE: &str = "Microsoft.Logic/workflows/generateUpgradedDefinition/action";
const MOVE: &str = "Microsoft.Logic/workflows/move/action";
const READ_VERSIONS: &str = "Microsoft.Logic/workflows/versions/read";

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
        Route::patch(workflow!(""), WRITE, "Replaces parts of a playbook.", |r| Box::pin(patch(r))),
        Route::delete(workflow!(""), DELETE, "Deletes a playbook and cancels its runs.", |r| {
            Box::pin(delete(r))
        }),
        Route::post(workflow!("/enable"), ENABLE, "Lets a playbook run.", |r| {
            Box::pin(set_state(r, PlaybookState::Enabled))
        }),
        Route::post(workflow!("/disable"), DISABLE, "Lets a playbook run no more; what runs goes on.", |r| {
            Box::pin(set_state(r, PlaybookState::Disabled))
        }),
        Route::post(
            workflow!("/listSwagger"),
            SWAGGER,
            "Describes a playbook's Request triggers as Swagger.",
            |r| Box::pin(swagger(r)),
        ),
        Route::post(
            workflow!("/generateUpgradedDefinition"),
            UPGRADE,
            "Gives a playbook's definition by a version of the schema.",
            |r| Box::pin(upgraded(r)),
        ),
        Route::post(
            workflow!("/move"),
            MOVE,
            "Gives a playbook another id; its runs stay under the old one.",
            |r| Box::pin(move_to(r)),
        ),
        Route::get(
            workflow!("/versions"),
            READ_VERSIONS,
            "Lists a playbook's versions, newest first.",
            |r| Box::pin(versions(r)),
        ),
        Route::get(workflow!("/versions/{version}"), READ_VERSIONS, "Gets a version of a playbook.", |r| {
            Box::pin(version(r))
        }),
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let mut playbooks = request.engine.playbooks(&request.container()?).await?;
    if let Some(filter) = request.filter(WORKFLOW_FIELDS)? {
        playbooks.retain(|playbook| filter.passes(&searched(playbook)));
    }
    let keyed = playbooks.into_iter().map(|item| Keyed { key: Vec::new(), item });
    request.ordered_page_of(keyed.collect(), WORKFLOW_FIELDS)
}

/// A playbook with what else it can be searched by: names and types of its triggers, ids that it refers to.
fn searched(playbook: &Value) -> Value {
    let definition = playbook.at(&["properties", "definition"]);
    let triggers = definition.and_then(|definition| definition.get_ignore_case("triggers")?.as_object());
    let names = triggers.into_iter().flatten().flat_map(|(name, trigger)| {
        let kind = trigger.get_ignore_case("type").cloned();
        [Some(Value::from(name)), kind].into_iter().flatten()
    });
    let names: Vec<Value> = names.collect();
    let mut references = Vec::new();
    collect_ids(definition, &mut references);
    collect_ids(playbook.at(&["properties", "parameters"]), &mut references);
    let mut searched = playbook.clone();
    if let Some(object) = searched.as_object_mut() {
        object.insert("$triggers", Value::array(names));
        object.insert("$references", Value::array(references));
    }
    searched
}

/// Ids of resources anywhere in a value.
fn collect_ids(value: Option<&Value>, ids: &mut Vec<Value>) {
    match value {
        Some(Value::String(text)) if text.starts_with("/subscriptions/") => {
            ids.push(Value::String(text.clone()));
        }
        Some(Value::Array(items)) => items.iter().for_each(|item| collect_ids(Some(item), ids)),
        Some(Value::Object(object)) => object.values().for_each(|item| collect_ids(Some(item), ids)),
        _ => {}
    }
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

async fn patch(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let id = request.resource_id(KIND, "workflow")?;
    let (written, remarks) = request.engine.patch_playbook(&id, &body, request.caller()?).await?;
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

async fn swagger(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.playbook_swagger(&request.resource_id(KIND, "workflow")?).await?))
}

async fn upgraded(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let target = body.get_ignore_case("targetSchemaVersion").and_then(Value::as_str).unwrap_or_default();
    let id = request.resource_id(KIND, "workflow")?;
    Ok(Answer::ok(request.engine.upgraded_definition(&id, target).await?))
}

async fn move_to(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let target = body.get_ignore_case("id").and_then(Value::as_str).unwrap_or_default();
    let id = request.resource_id(KIND, "workflow")?;
    request.engine.move_playbook(&id, target, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::OK))
}

async fn versions(request: Request) -> Result<Answer, Refusal> {
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let id = request.resource_id(KIND, "workflow")?;
    let page = request.engine.playbook_versions(&id, paging.after, paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

async fn version(request: Request) -> Result<Answer, Refusal> {
    let id = request.resource_id(KIND, "workflow")?;
    Ok(Answer::ok(request.engine.playbook_version(&id, request.variable("version")?).await?))
}
