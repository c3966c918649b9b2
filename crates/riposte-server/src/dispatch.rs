//! From a request to its row's handler: limits, sign-in, look-up, permission, body; and back: the answer as bytes.
//!
//! The order matters. Who has no valid token learns nothing, not even whether a path exists. A body is read only for
//! callers who hold the row's permission.

use crate::answer::Answer;
use crate::base_url::base_url;
use crate::body::{self, Received};
use crate::options::Options;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::refused::Bound;
use crate::request::Request;
use crate::route::{BodyLimit, Found, Permission, Route, Scope, Table, scope_of_id};
use crate::serve::Peer;
use crate::{api_version, route};
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use riposte_engine::{Caller, Engine, ErrorKind, Precondition, Workspace};
use riposte_value::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tracing::Instrument;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const RETURN_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-return-client-request-id");

/// What all connections share.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) options: Options,
    pub(crate) table: Arc<Table>,
    /// The address that we listen on.
    pub(crate) local: SocketAddr,
    pub(crate) turns: Arc<Semaphore>,
    pub(crate) large_bodies: Arc<Semaphore>,
    /// Rows of refused writes.
    pub(crate) refusals: Bound,
}

/// A request whose caller may do what it asks.
struct Admitted<'a> {
    route: &'a Route,
    variables: route::Variables,
    query: Query,
    caller: Option<Caller>,
    workspace: Option<Workspace>,
}

/// The one handler behind every path.
pub(crate) async fn dispatch(State(server): State<Arc<Server>>, request: axum::extract::Request) -> Response {
    let id = Uuid::new_v4();
    let (parts, body) = request.into_parts();
    let echo = client_request_id(&parts.headers);
    // At the level of errors, so that the span is there whenever one is logged in it.
    let span = tracing::error_span!("request", %id, method = %parts.method, path = parts.uri.path());
    let answer = match server.answer(&parts, body).instrument(span).await {
        Ok(answer) => answer,
        Err(refusal) => {
            let body = refusal.envelope();
            Answer { status: refusal.status, body: Some(body), bytes: None, headers: refusal.headers }
        }
    };
    tracing::debug!(request = %id, method = %parts.method, path = parts.uri.path(), status = answer.status.as_u16());
    response(answer, id, echo)
}

impl Server {
    async fn answer(&self, parts: &Parts, body: Body) -> Result<Answer, Refusal> {
        let mut stream = body.into_data_stream();
        let limits = &self.options.limits;
        let admitted = match self.admit(parts).await {
            Ok(admitted) => admitted,
            Err(refusal) => {
                body::linger(stream);
                return Err(refusal);
            }
        };
        let bytes_max = match admitted.route.body_limit {
            BodyLimit::Ordinary => limits.body_bytes_max,
            BodyLimit::Large => limits.large_body_bytes_max,
            BodyLimit::Small => limits.body_bytes_max.min(body::SMALL_BYTES_MAX),
        };
        let received = match body::check_headers(&parts.headers, bytes_max) {
            Ok(()) => body::receive(&mut stream, bytes_max, limits, &self.large_bodies).await,
            Err(refusal) => Err(refusal),
        };
        match received {
            Ok(received) => self.handle(admitted, parts, received).await,
            Err(refusal) => {
                body::linger(stream);
                Err(refusal)
            }
        }
    }

    /// Everything that is asked before the body is read.
    async fn admit(&self, parts: &Parts) -> Result<Admitted<'_>, Refusal> {
        check_lengths(parts, &self.options)?;
        let path = parts.uri.path();
        let found = self.table.find(&parts.method, path);
        let is_public =
            matches!(&found, Found::Route { route, .. } if matches!(route.permission, Permission::Public(_)));
        let caller = if is_public { None } else { Some(self.caller(parts).await?) };
        let (route, variables, scope) = match found {
            Found::Route { route, variables, scope } => (route, variables, scope),
            Found::OtherMethods(allow) => return Err(Refusal::method_not_allowed(&parts.method, &allow)),
            Found::BadName(rule) => return Err(Refusal::bad_name(rule)),
            Found::Nothing => return Err(Refusal::unknown_path(path)),
        };
        // What a name holds stands in the `id` as it is, and the `id` is an address: there a `%` would mean another name.
        let is_written = parts.method == Method::PUT && route.is_azure();
        if is_written && variables.iter().any(|(_, value)| value.contains('%')) {
            return Err(Refusal::bad_name("a name holds no `%`"));
        }
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        if route.is_azure() {
            api_version::check(&query)?;
        }
        if let Some(read) = route.address {
            self.engine.check_address(read(&variables, &query)).await?;
        }
        let mut admitted = Admitted { route, variables, query, caller, workspace: None };
        if let Err(refusal) = self.authorize(&mut admitted, scope).await {
            self.note_refusal(route, admitted.caller.as_ref(), path, &refusal).await;
            return Err(refusal);
        }
        Ok(admitted)
    }

    /// Who sends the request, by its bearer token.
    async fn caller(&self, parts: &Parts) -> Result<Caller, Refusal> {
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(Refusal::no_token());
        };
        let token = value.to_str().ok().and_then(bearer).ok_or_else(Refusal::bad_token)?;
        let caller = self.engine.authenticate(token).await?.ok_or_else(Refusal::bad_token)?;
        Ok(Caller { address: self.address_of(parts), ..caller })
    }

    /// Where a request comes from: the other end of the connection, or who a trusted proxy says reached it.
    fn address_of(&self, parts: &Parts) -> Option<String> {
        let forwarded = || {
            let values = parts.headers.get_all("x-forwarded-for").iter();
            let last = values.filter_map(|value| value.to_str().ok()).next_back()?;
            last.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        let told = if self.options.trust_forwarded_proto { forwarded() } else { None };
        let peer = || parts.extensions.get::<Peer>().map(|peer| peer.0);
        told.or_else(peer).map(|address| address.to_string())
    }

    /// Asks for the row's action where its scope can be told from the path. For the others the answer is looked at.
    async fn authorize(&self, admitted: &mut Admitted<'_>, path_scope: String) -> Result<(), Refusal> {
        let (Permission::Action(action), Some(caller)) = (admitted.route.permission, &admitted.caller) else {
            return Ok(());
        };
        let scope = match admitted.route.scope {
            Scope::Answer | Scope::EachItem => return Ok(()),
            Scope::Path => path_scope,
            Scope::Everything => "/".to_owned(),
            Scope::Somewhere => return Ok(self.engine.authorize_somewhere(caller, action)?),
            Scope::Workspace => {
                let name = admitted.variables.iter().find(|(name, _)| *name == "workspace");
                let name = name.map_or("", |(_, name)| name);
                admitted.workspace = Some(self.engine.workspace_for(caller, action, name).await?);
                return Ok(());
            }
        };
        Ok(self.engine.authorize(caller, action, &scope)?)
    }

    /// Lets the handler work, in a task of its own: what has begun is finished even when the client hangs up, and a
    /// panic ends the task, not the process.
    async fn handle(&self, admitted: Admitted<'_>, parts: &Parts, body: Received) -> Result<Answer, Refusal> {
        let turn =
            tokio::time::timeout(self.options.limits.turn_wait_max, Arc::clone(&self.turns).acquire_owned());
        let turn = turn.await.map_err(|_| Refusal::busy())?.map_err(Refusal::internal)?;
        let base_url = base_url(&parts.headers, &self.options, self.local);
        let request = Request {
            engine: self.engine.at(&base_url),
            caller: admitted.caller.clone().map(|caller| caller.on_condition(precondition(parts))),
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            variables: admitted.variables,
            query: admitted.query,
            base_url,
            body,
            workspace: admitted.workspace,
            table: Arc::clone(&self.table),
        };
        let handler = admitted.route.handler;
        let work = async move {
            let answer = handler(request).await;
            drop(turn);
            answer
        };
        let work = tokio::spawn(work.in_current_span());
        let answer = match work.await {
            Ok(Ok(answer)) => self.check_answer(admitted.route, admitted.caller.as_ref(), answer),
            Ok(Err(refusal)) => Err(refusal),
            Err(error) => Err(Refusal::internal(format_args!("the handler ended: {error}"))),
        };
        let (route, caller, path) = (admitted.route, admitted.caller.as_ref(), parts.uri.path());
        let answer = answer.map_err(|refusal| self.without_a_hint(route, caller, path, refusal));
        if let Err(refusal) = &answer {
            self.note_refusal(route, caller, path, refusal).await;
        }
        answer
    }

    /// Asks for the row's action at what the answer shows, where the row says so.
    fn check_answer(
        &self,
        route: &Route,
        caller: Option<&Caller>,
        mut answer: Answer,
    ) -> Result<Answer, Refusal> {
        let (Permission::Action(action), Some(caller)) = (route.permission, caller) else {
            return Ok(answer);
        };
        match route.scope {
            Scope::Path | Scope::Workspace | Scope::Everything | Scope::Somewhere => {}
            Scope::Answer => {
                let id = answer.body.as_ref().and_then(|body| body.str_at(&["id"])).unwrap_or("/");
                self.engine.authorize(caller, action, &scope_of_id(id))?;
            }
            Scope::EachItem => {
                let items = answer
                    .body
                    .as_mut()
                    .and_then(Value::as_object_mut)
                    .and_then(|body| body.get_mut("value"))
                    .and_then(Value::as_array_mut);
                if let Some(items) = items {
                    self.keep_allowed(items, caller, action)?;
                }
            }
        }
        Ok(answer)
    }

    /// Where the answer decides who may see it, "it is not there" and "you may not" must not be told apart by those who
    /// may not.
    fn without_a_hint(
        &self,
        route: &Route,
        caller: Option<&Caller>,
        path: &str,
        refusal: Refusal,
    ) -> Refusal {
        let (Permission::Action(action), Scope::Answer, Some(caller)) =
            (route.permission, route.scope, caller)
        else {
            return refusal;
        };
        let tells = matches!(refusal.status, http::StatusCode::NOT_FOUND | http::StatusCode::FORBIDDEN);
        if !tells || self.engine.authorize(caller, action, "/").is_ok() {
            return refusal;
        }
        riposte_engine::Error::forbidden(caller, action, path).into()
    }

    fn keep_allowed(&self, items: &mut Vec<Value>, caller: &Caller, action: &str) -> Result<(), Refusal> {
        let mut allowed: BTreeMap<String, bool> = BTreeMap::new();
        let mut kept = Vec::with_capacity(items.len());
        for item in items.drain(..) {
            let scope = scope_of_id(item.str_at(&["id"]).unwrap_or("/"));
            let may = if let Some(may) = allowed.get(&scope) {
                *may
            } else {
                let may = match self.engine.authorize(caller, action, &scope) {
                    Ok(()) => true,
                    Err(error) if error.kind == ErrorKind::Forbidden => false,
                    Err(error) => return Err(error.into()),
                };
                allowed.insert(scope, may);
                may
            };
            if may {
                kept.push(item);
            }
        }
        *items = kept;
        Ok(())
    }
}

fn check_lengths(parts: &Parts, options: &Options) -> Result<(), Refusal> {
    let limits = &options.limits;
    let url = parts.uri.path_and_query().map_or(0, |text| text.as_str().len());
    if url > limits.url_bytes_max {
        return Err(Refusal::url_too_long(limits.url_bytes_max));
    }
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > limits.header_bytes_max {
        return Err(Refusal::headers_too_large(limits.header_bytes_max));
    }
    Ok(())
}

/// The token of `Bearer TOKEN`.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// What a PUT or DELETE asks of the resource beforehand. A header that is no text names no etag that we gave, and is kept
/// so that it is refused as stale.
fn precondition(parts: &Parts) -> Precondition {
    if !matches!(parts.method, Method::PUT | Method::DELETE) {
        return Precondition::default();
    }
    let asked = |name: HeaderName| {
        let values: Vec<_> = parts.headers.get_all(name).iter().collect();
        let texts: Vec<_> = values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!texts.is_empty()).then(|| texts.join(","))
    };
    Precondition { if_match: asked(header::IF_MATCH), if_none_match: asked(header::IF_NONE_MATCH) }
}

/// The client's own id of the request, if it wants it back.
fn client_request_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get(RETURN_CLIENT_REQUEST_ID)?.to_str().ok()?;
    let id = headers.get(CLIENT_REQUEST_ID)?;
    (wanted.trim().eq_ignore_ascii_case("true") && id.len() <= 128 && id.to_str().is_ok()).then(|| id.clone())
}

fn response(answer: Answer, id: Uuid, echo: Option<HeaderValue>) -> Response {
    let bytes = answer.body.as_ref().map(json::to_string);
    let has_body = bytes.is_some();
    let body = match (bytes, answer.bytes) {
        (Some(json), _) => Body::from(json),
        (None, Some(bytes)) => Body::from(bytes),
        (None, None) => Body::empty(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    if has_body {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(echo) = echo {
        headers.insert(CLIENT_REQUEST_ID, echo);
    }
    for (name, value) in answer.headers {
        headers.append(name, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Limits;
    use crate::route::Handler;
    use riposte_engine::Config;
    use std::time::Duration;

    /// A server whose one row is `GET /probe`, open to all.
    async fn server(limits: Limits, handler: Handler) -> Arc<Server> {
        let local = SocketAddr::from(([127, 0, 0, 1], 1));
        let route = Route::public("/probe", "it is a test", "Tests.", handler);
        Arc::new(Server {
            engine: Engine::open(Config::default()).await.unwrap(),
            table: Arc::new(Table::new(vec![route])),
            local,
            turns: Arc::new(Semaphore::new(limits.requests_max)),
            large_bodies: Arc::new(Semaphore::new(limits.large_bodies_max)),
            refusals: Bound::new(),
            options: Options { limits, ..Options::new(local) },
        })
    }

    async fn ask(server: &Arc<Server>) -> Response {
        let request = axum::extract::Request::builder().uri("/probe").body(Body::empty()).unwrap();
        dispatch(State(Arc::clone(server)), request).await
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_ends_nothing() {
        let server = server(Limits::default(), |_| Box::pin(async { panic!("a fault of a handler") })).await;
        for _ in 0..2 {
            let response = ask(&server).await;
            assert_eq!(response.status(), 500);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body = json::parse_bytes(&body).unwrap();
            assert_eq!(body.str_at(&["error", "code"]), Some("InternalServerError"));
            assert!(!body.to_string().contains("a fault of a handler"));
        }
    }

    #[tokio::test]
    async fn more_requests_than_turns_wait_and_are_then_told_to_come_back() {
        let limits =
            Limits { requests_max: 1, turn_wait_max: Duration::from_millis(50), ..Limits::default() };
        let server = server(limits, |_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(500)).await;
                Ok(Answer::empty(http::StatusCode::OK))
            })
        })
        .await;
        let (first, second) = tokio::join!(ask(&server), ask(&server));
        assert_eq!(first.status(), 200);
        assert_eq!(second.status(), 503);
        assert_eq!(second.headers().get(header::RETRY_AFTER).unwrap(), "1");
        assert_eq!(ask(&server).await.status(), 200);
    }

    #[test]
    fn tokens() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for bad in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_clients_id_is_given_back_when_asked() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v)))
                .collect::<HeaderMap>()
        };
        let asked = headers(&[("x-ms-client-request-id", "a-1"), ("x-ms-return-client-request-id", "True")]);
        assert_eq!(client_request_id(&asked).unwrap(), "a-1");
        assert_eq!(client_request_id(&headers(&[("x-ms-client-request-id", "a-1")])), None);
    }
}
