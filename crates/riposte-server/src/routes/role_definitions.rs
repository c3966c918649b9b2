//! Role definitions: the built-in roles, at every scope that assignments are made at.

use super::role_assignments::scope;
use crate::answer::Answer;
use crate::filter::ROLE_DEFINITION_FIELDS;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;

const READ: &str = "Microsoft.Authorization/roleDefinitions/read";

macro_rules! at {
    ($scope:literal) => {
        [
            Route::get(
                concat!($scope, "/providers/Microsoft.Authorization/roleDefinitions"),
                READ,
                "Lists the roles that can be assigned.",
                |r| Box::pin(async move { list(&r) }),
            ),
            Route::get(
                concat!($scope, "/providers/Microsoft.Authorization/roleDefinitions/{definition}"),
                READ,
                "Gets a role.",
                |r| Box::pin(async move { get(&r) }),
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

fn list(request: &Request) -> Result<Answer, Refusal> {
    let items = request.engine.role_definitions(&scope(request)?);
    // Azure's own functions for where roles are assignable: the built-in ones are everywhere.
    let is_function = |filter: &str| {
        ["atScope()", "atScopeAndBelow()"].iter().any(|function| filter.trim().eq_ignore_ascii_case(function))
    };
    if request.query.get_filled("$filter").is_some_and(is_function) {
        return Ok(Answer::list(items, None));
    }
    request.page_of(items, ROLE_DEFINITION_FIELDS)
}

fn get(request: &Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.role_definition(&scope(request)?, request.variable("definition")?)?))
}
