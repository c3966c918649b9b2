//! Role assignments, at every scope: everything, a subscription, a resource group, a resource.

use crate::answer::Answer;
use crate::filter::ROLE_ASSIGNMENT_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use riposte_value::Value;

const READ: &str = "Microsoft.Authorization/roleAssignments/read";
const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";

macro_rules! at {
    ($scope:literal) => {
        [
            Route::get(
                concat!($scope, "/providers/Microsoft.Authorization/roleAssignments"),
                READ,
                "Lists role assignments.",
                |r| Box::pin(list(r)),
            ),
            Route::get(
                concat!($scope, "/providers/Microsoft.Authorization/roleAssignments/{assignment}"),
                READ,
                "Gets a role assignment.",
                |r| Box::pin(get(r)),
            ),
            Route::put(
                concat!($scope, "/providers/Microsoft.Authorization/roleAssignments/{assignment}"),
                WRITE,
                "Creates a role assignment.",
                |r| Box::pin(put(r)),
            ),
            Route::delete(
                concat!($scope, "/providers/Microsoft.Authorization/roleAssignments/{assignment}"),
                DELETE,
                "Deletes a role assignment.",
                |r| Box::pin(delete(r)),
            ),
        ]
    };
}

pub(super) fn routes() -> Vec<Route> {
    [
        at!(""),
        at!("/subscriptions/{subscription}"),
        at!("/subscriptions/{subscription}/resourceGroups/{group}"),
        at!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{namespace}/{kind}/{resource}"),
    ]
    .concat()
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    let items = request.engine.role_assignments(&scope(&request)?).await?;
    // Azure's own function for "at this scope and above"; the whole of what is listed here anyway.
    if request.query.get_filled("$filter").is_some_and(|filter| filter.eq_ignore_ascii_case("atScope()")) {
        return Ok(Answer::list(items, None));
    }
    request.page_of(items, ROLE_ASSIGNMENT_FIELDS)
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    let id = id(&request)?;
    let all = request.engine.role_assignments(&scope(&request)?).await?;
    let is_it = |item: &Value| item.str_at(&["id"]).is_some_and(|other| other.eq_ignore_ascii_case(&id));
    let found = all.into_iter().find(is_it).map(Answer::ok);
    found.ok_or_else(|| riposte_engine::Error::resource_not_found(&id).into())
}

async fn put(request: Request) -> Result<Answer, Refusal> {
    let body = request.object()?;
    let (written, told) =
        request.engine.put_role_assignment(&id(&request)?, &body, request.caller()?).await?;
    Ok(Answer::written(written).warn(&told))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::deleted(request.engine.delete_role_assignment(&id(&request)?, request.caller()?).await?))
}

/// The scope in the path; `/` for everything.
pub(super) fn scope(request: &Request) -> Result<String, Refusal> {
    if !request.has("subscription") {
        return Ok("/".to_owned());
    }
    let container = request.container()?;
    if !request.has("resource") {
        return Ok(container);
    }
    let (namespace, kind) = (request.variable("namespace")?, request.variable("kind")?);
    Ok(format!("{container}/providers/{namespace}/{kind}/{}", request.variable("resource")?))
}

fn id(request: &Request) -> Result<String, Refusal> {
    let scope = scope(request)?;
    let name = request.variable("assignment")?;
    Ok(format!("{}/providers/Microsoft.Authorization/roleAssignments/{name}", scope.trim_end_matches('/')))
}
