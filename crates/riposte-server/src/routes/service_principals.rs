//! Service principals: programs that sign in with a client id and a secret. Who may register one, and make secrets for
//! it, may also assign roles: each of these rows asks for rights on authorization itself.

use crate::answer::Answer;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use http::{Method, StatusCode};

const READ: &str = "Microsoft.Authorization/servicePrincipals/read";
const WRITE: &str = "Microsoft.Authorization/servicePrincipals/write";
const DELETE: &str = "Microsoft.Authorization/servicePrincipals/delete";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/servicePrincipals", READ, "Lists service principals.", |r| Box::pin(list(r))),
        Route::post(
            "/api/servicePrincipals",
            WRITE,
            "Registers a program; the answer holds its secret, which is not shown again.",
            |r| Box::pin(create(r)),
        ),
        Route::get("/api/servicePrincipals/{principal}", READ, "Gets a service principal.", |r| {
            Box::pin(get(r))
        }),
        Route::delete(
            "/api/servicePrincipals/{principal}",
            DELETE,
            "Removes a service principal, which ends its tokens.",
            |r| Box::pin(delete(r)),
        ),
        Route::post(
            "/api/servicePrincipals/{principal}/secrets",
            WRITE,
            "Makes another secret; its text is not shown again.",
            |r| Box::pin(add_secret(r)),
        ),
        Route::delete("/api/servicePrincipals/{principal}/secrets/{key}", DELETE, "Removes a secret.", |r| {
            Box::pin(delete_secret(r))
        }),
        Route::post(
            "/api/servicePrincipals/{principal}/revokeTokens",
            WRITE,
            "Ends all tokens of a service principal.",
            |r| Box::pin(revoke(r)),
        ),
        Route {
            method: Method::DELETE,
            ..Route::signed_in(
                "/api/token",
                "a caller may end the token that it came with",
                "Ends the token of this request.",
                |r| Box::pin(end_token(r)),
            )
        },
    ]
}

async fn list(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::list(request.engine.service_principals().await?, None))
}

async fn get(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::ok(request.engine.service_principal(request.variable("principal")?).await?))
}

async fn create(request: Request) -> Result<Answer, Refusal> {
    let made = request.engine.create_service_principal(&request.object()?, request.caller()?).await?;
    Ok(Answer::new(StatusCode::CREATED, made))
}

async fn delete(request: Request) -> Result<Answer, Refusal> {
    Ok(Answer::deleted(
        request.engine.delete_service_principal(request.variable("principal")?, request.caller()?).await?,
    ))
}

async fn add_secret(request: Request) -> Result<Answer, Refusal> {
    let made = request
        .engine
        .add_secret(request.variable("principal")?, &request.object()?, request.caller()?)
        .await?;
    Ok(Answer::new(StatusCode::CREATED, made))
}

async fn delete_secret(request: Request) -> Result<Answer, Refusal> {
    let (principal, key) = (request.variable("principal")?, request.variable("key")?);
    Ok(Answer::deleted(request.engine.delete_secret(principal, key, request.caller()?).await?))
}

async fn revoke(request: Request) -> Result<Answer, Refusal> {
    request.engine.revoke_tokens(request.variable("principal")?, request.caller()?).await?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

async fn end_token(request: Request) -> Result<Answer, Refusal> {
    let value = request.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(crate::dispatch::bearer).ok_or_else(Refusal::no_token)?;
    Ok(Answer::deleted(request.engine.end_token(token).await?))
}
